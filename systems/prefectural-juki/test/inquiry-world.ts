import { inquireRegister, loadOtherPrefectures, type OtherPrefecturePerson } from '@musubi/contracts/juki/inquiry.ts';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { nationalRegister } from '@musubi/contracts/juki/national-client.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import {
  type Chain,
  type ChainOptions,
  clerk,
  type Member,
  startChain,
} from '@musubi/national-juki/test/chain-world.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { InquiryDeps } from '../service/inquiry.ts';
import { assignOperator, type NewTask, permitTask, registerRecipient, registerTask } from '../service/tasks.ts';

/* The register chain with recipients beside it: 水道局 asks by its own system, operators ask at terminals. */

export const manager = clerk('tokyo', 'S-201');
export const secondManager = clerk('tokyo', 'S-202');
export const operator = clerk('tokyo', 'S-301');
export const suido = 'suido/register-inquirer';
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;

export interface RecordLine {
  readonly result: string;
  readonly refusal: string | null;
  readonly items: string[];
  readonly withheld: string[];
  readonly recipient: string;
  readonly ground: string;
  readonly document: string;
  readonly key_kind: string;
  readonly hit_count: number | null;
  readonly person_id: string | null;
  readonly asker: string;
  readonly operator_id: string;
  readonly terminal_id: string | null;
  readonly method: string;
  readonly source: string;
  readonly event_id: string;
}

export interface InquiryWorld extends AsyncDisposable {
  readonly chain: Chain;
  readonly tokyo: Member;
  readonly deps: InquiryDeps;
  person(change?: Partial<LoadedPerson>): Promise<LoadedPerson>;
  elsewhere(change?: Partial<OtherPrefecturePerson>): Promise<OtherPrefecturePerson>;
  /** Registered, permitted by another, and given to the operator. */
  task(
    change?: Partial<NewTask> & { readonly peer?: string | null; readonly permitted?: boolean },
  ): Promise<{ taskId: string; code: string }>;
  ask(inquiry: Partial<RequestOf<typeof inquireRegister>>, by?: string): ReturnType<typeof askFor>;
  /** As `ask`, with members that the contract does not know. */
  askForged(inquiry: object): ReturnType<typeof askFor>;
  records(document: string): Promise<RecordLine[]>;
  /** Bodies of the prefecture's log. */
  events(): Promise<{ readonly event_id: string; readonly body: string }[]>;
}

const askFor = async (
  world: { readonly chain: Chain; readonly by: string },
  body: RequestOf<typeof inquireRegister>,
) => {
  const { client } = await world.chain.outsider(world.by);
  return client.call(inquireRegister, 'tokyo/prefectural-juki', {}, body);
};

let tasks = 0;

export async function startInquiryWorld(today?: string, options?: ChainOptions): Promise<InquiryWorld> {
  const chain = await startChain(today, options);
  const tokyo = chain.member('tokyo/prefectural-juki');
  const register = chain.member('meguro/resident-register');
  const deps: InquiryDeps = { ...(tokyo.deps as Deps), national: nationalRegister(tokyo.host, 'jlis/national-juki') };
  const recipients = new Map<string, string>();
  return {
    chain,
    tokyo,
    deps,
    async person(change = {}) {
      const person: LoadedPerson = {
        individualNumber: makeIndividualNumber(systemRandom).digits(),
        residentRecordCode: makeResidentRecordCode(systemRandom),
        name: '髙橋　花子',
        nameKana: 'タカハシ　ハナコ',
        birthDate: '1980-04-01',
        sex: 'female',
        address: '東京都目黒区上目黒二丁目19番15号',
        postalCode: null,
        household: 'h',
        relationship: '世帯主',
        becameResidentOn: '2015-04-01',
        ...change,
      };
      const chunk = { loadId: register.newId(), chunk: 0, persons: [person] };
      if (unwrap(await loadTown(register.deps, conductor, chunk)).accepted !== 1) throw new Error('not loaded');
      await chain.pump();
      return person;
    },
    async elsewhere(change = {}) {
      const person: OtherPrefecturePerson = {
        individualNumber: makeIndividualNumber(systemRandom).digits(),
        residentRecordCode: makeResidentRecordCode(systemRandom),
        name: '難波　太郎',
        birthDate: '1975-02-03',
        sex: 'male',
        address: '大阪府大阪市北区中之島一丁目3番20号',
        municipalityCode: '271276',
        changedOn: '2019-04-01',
        ...change,
      };
      const { client } = await chain.outsider('town/conductor');
      const body = { reportedBy: 'osaka/prefectural-juki', persons: [person] };
      unwrap(await client.call(loadOtherPrefectures, 'jlis/national-juki', {}, body));
      return person;
    },
    async task({ peer = suido, permitted = true, ...change } = {}) {
      const key = peer ?? 'terminal';
      let recipientId = change.recipientId ?? recipients.get(key);
      if (recipientId === undefined) {
        const name = peer === null ? '主税局課税部' : peer === suido ? '水道局' : peer;
        const kind = peer === null ? 'department' : 'agency';
        const recipient = { kind, name, peer, validFrom: '2015-06-01' } as const;
        ({ recipientId } = unwrap(await registerRecipient(deps, manager, recipient)));
        recipients.set(key, recipientId);
      }
      const task: NewTask = {
        code: `TASK-${++tasks}`,
        name: '料金の減免',
        groundKind: peer === null ? 'schedule-5' : 'schedule-6',
        groundText: '4の項',
        items: ['name', 'birthDate', 'sex', 'address'],
        numberGround: null,
        codeGround: null,
        includesRemoved: false,
        includesOtherPrefectures: false,
        isEmigrantWork: false,
        validFrom: '2016-01-01',
        validUntil: null,
        notificationDocument: '7水総第1号',
        ...change,
        recipientId,
      };
      const { taskId } = unwrap(await registerTask(deps, manager, task));
      if (permitted) unwrap(await permitTask(deps, secondManager, { taskId, decision: 'approved' }));
      const held = { taskId, staffId: 'S-301', validFrom: '2016-01-01', validUntil: '2099-12-31' };
      unwrap(await assignOperator(deps, manager, held));
      return { taskId, code: task.code };
    },
    ask: (inquiry, by = suido) =>
      askFor(
        { chain, by },
        {
          inquiryId: deps.newId(),
          task: 'NONE',
          document: '受付1',
          operator: 'W-7',
          key: { kind: 'four-items' },
          ...inquiry,
        },
      ),
    async askForged(inquiry) {
      const { client } = await chain.outsider(suido);
      const open = { ...inquireRegister, request: z.record(z.string(), z.unknown()) };
      return client.call(open, 'tokyo/prefectural-juki', {}, { inquiryId: deps.newId(), operator: 'W-7', ...inquiry });
    },
    events: () => tokyo.t.owner<{ event_id: string; body: string }>('select event_id, body from audit.intake_event'),
    records: (document) =>
      tokyo.t.owner<RecordLine & object>(
        'select * from prefectural_juki.provision_record where document = $1 order by provided_at, provision_id',
        [document],
      ),
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

export const fourItemsOf = (person: Pick<LoadedPerson, 'name' | 'birthDate' | 'address' | 'sex'>) =>
  ({
    kind: 'four-items',
    name: person.name,
    birthDate: person.birthDate,
    address: person.address,
    sex: person.sex,
  }) as const;
