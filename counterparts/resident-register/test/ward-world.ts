import assert from 'node:assert/strict';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { type Chain, clerk, type Member, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { obtainCodes } from '../clients/code-assignment.ts';
import type { Deps } from '../deps.ts';
import type { Items } from '../domain/changes.ts';
import type { ObtainCodes } from '../jobs/loops.ts';
import { type FiledChange, fileChange } from '../service/file-change.ts';
import { loadTown } from '../service/load-town.ts';
import { decidePending } from '../service/pending-changes.ts';
import type { ResidentRow } from '../store/residents.ts';

/* Meguro's register within the whole chain, with people in it. */

export const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
export const tanaka: Actor = clerk('meguro', 'S-101');
export const supervisor: Actor = clerk('meguro', 'S-201');
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;

export interface Ward extends AsyncDisposable {
  readonly chain: Chain;
  readonly meguro: Member;
  readonly tokyo: Member;
  readonly deps: Deps;
  /** Enters people by the first load and delivers it; the same household word puts them into one household. */
  load(...persons: readonly Partial<LoadedPerson>[]): Promise<readonly LoadedPerson[]>;
  now(code: string): Promise<ResidentRow>;
  atTokyo(code: string): Promise<Record<string, unknown> | undefined>;
  inCountry(code: string): Promise<Record<string, unknown> | undefined>;
  /** Files a change on the record as it stands. */
  file(
    code: string,
    reason: FiledChange['reason'],
    set?: Partial<Items>,
    more?: Partial<FiledChange> & { readonly requestKey?: string; readonly actor?: Actor },
  ): ReturnType<typeof fileChange>;
}

export async function startWard(today = '2026-06-01'): Promise<Ward> {
  const chain = await startChain(today);
  const meguro = chain.member('meguro/resident-register');
  const tokyo = chain.member('tokyo/prefectural-juki');
  const random = seededRandom('ward-world');
  const deps = meguro.deps as Deps;
  let made = 0;
  const one = async (m: Member, query: string, code: string) =>
    (await m.t.owner<Record<string, unknown>>(query, [code]))[0];
  const now = async (code: string): Promise<ResidentRow> => {
    const [row] = await meguro.t.owner<{ r: ResidentRow }>(
      'select to_jsonb(r) as r from resident_register.resident r where resident_record_code = $1',
      [code],
    );
    if (!row) throw new Error('nobody has this code');
    return row.r;
  };
  return {
    chain,
    meguro,
    tokyo,
    deps,
    now,
    async load(...persons) {
      const loaded = persons.map((more): LoadedPerson => {
        const i = made++;
        return {
          individualNumber: makeIndividualNumber(random).digits(),
          residentRecordCode: makeResidentRecordCode(random),
          name: '鈴木　一郎',
          nameKana: 'スズキ　イチロウ',
          birthDate: `19${50 + (i % 50)}-0${1 + (i % 9)}-1${i % 9}`,
          sex: 'male',
          address: `東京都目黒区上目黒一丁目${i + 1}番1号`,
          postalCode: '1530051',
          household: `house-${i}`,
          relationship: '世帯主',
          becameResidentOn: '2015-04-01',
          ...more,
        };
      });
      const done = unwrap(await loadTown(deps, conductor, { loadId: deps.newId(), chunk: 0, persons: loaded }));
      if (done.rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(done.rejected)}`);
      await chain.pump();
      return loaded;
    },
    atTokyo: (code) =>
      one(
        tokyo,
        'select *, birth_date::text as birth_date from prefectural_juki.identification where resident_record_code = $1',
        code,
      ),
    inCountry: (code) =>
      one(
        chain.member('jlis/national-juki'),
        'select * from national_juki.record where resident_record_code = $1',
        code,
      ),
    async file(code, reason, set = {}, { actor = tanaka, ...more } = {}) {
      const row = await now(code);
      return fileChange(deps, actor, {
        personId: row.person_id,
        version: row.sequence,
        reason,
        changedOn: '2026-05-20',
        filedOn: '2026-06-01',
        set,
        document: '届書 第1号',
        identityCheck: 'card',
        ...more,
      });
    },
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

/** What a test of changes does again and again: codes from the national server, the second person's decision, and nothing that went wrong. */
export function stepsOf({ deps, chain, meguro }: Ward) {
  const obtain: ObtainCodes = (requestId, about) =>
    obtainCodes(meguro.host, 'meguro/municipal-juki', {
      requestId,
      municipalityCode: '131105',
      ground: about?.ground ?? 'birth',
      ...(about?.residentRecordCode ? { residentRecordCode: about.residentRecordCode } : {}),
    });
  return {
    obtain,
    pendingOf(filed: Awaited<ReturnType<Ward['file']>>): string {
      const value = unwrap(filed);
      assert.equal(value.kind, 'waiting');
      return value.kind === 'waiting' ? value.pendingId : '';
    },
    approve: (pendingId: string, actor = supervisor) =>
      decidePending(deps, actor, { pendingId, decision: 'approve', reason: '' }),
    quiet(): void {
      assert.deepEqual(chain.errors, []);
      assert.deepEqual(chain.alarms.splice(0), []);
    },
  };
}
