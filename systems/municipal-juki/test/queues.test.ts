import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { type Chain, clerk, startChain } from '@musubi/national-juki/test/chain-world.ts';
import { recordMovedWithin } from '@musubi/resident-register/service/change-resident.ts';
import { recordMovedIn } from '@musubi/resident-register/service/enter-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import type { Deps } from '../deps.ts';
import { readQueues, resendUndelivered } from '../service/queues.ts';

const chain: Chain = await startChain();
after(() => chain[Symbol.asyncDispose]());
const register = chain.member('meguro/resident-register');
const mcs = chain.member('meguro/municipal-juki');
const random = seededRandom('municipal-queues');
const origin = 'http://mcs.localhost';
const person: LoadedPerson = {
  individualNumber: makeIndividualNumber(random).digits(),
  residentRecordCode: makeResidentRecordCode(random),
  name: '並木　通',
  nameKana: 'ナミキ　トオル',
  birthDate: '1980-12-31',
  sex: 'male',
  address: '東京都目黒区上目黒二丁目1番1号',
  postalCode: null,
  household: 'h',
  relationship: '世帯主',
  becameResidentOn: '2015-04-01',
};
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
unwrap(await loadTown(register.deps, conductor, { loadId: register.newId(), chunk: 0, persons: [person] }));
await chain.pump();

const get = async (path: string) => (await mcs.instance.pages!.fetch(new Request(origin + path))).text();

test('MCS-F1 003 シナリオ8 都のサーバに届かない間、待ちと遅れが画面に出て、直れば順に送られて待ちがなくなる', async () => {
  const [row] = await register.t.owner<{ person_id: string; sequence: number }>(
    'select person_id, sequence from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  for (const [i, step] of ['一丁目', '二丁目'].entries())
    unwrap(
      await recordMovedWithin(register.deps, clerk('meguro'), {
        personId: row!.person_id,
        version: row!.sequence + i,
        changedOn: Temporal.PlainDate.from('2026-05-30'),
        filedOn: Temporal.PlainDate.from('2026-06-01'),
        address: `東京都目黒区八雲${step}1番1号`,
        postalCode: null,
      }),
    );
  await register.relay('meguro/municipal-juki', 'juki.resident-change');
  const { wire } = mcs;
  mcs.wire = { send: async () => ({ kind: 'unreachable', because: 'connection-refused' }) as never };
  const queues = unwrap(await readQueues(mcs.deps, clerk('meguro'), {}));
  const waiting = queues.find((q) => q.receiver === 'tokyo/prefectural-juki' && q.family === 'juki.resident-change');
  assert.equal(waiting?.waiting, 2);
  assert.ok(waiting!.oldestAt !== undefined && waiting!.lagSeconds >= 0);
  const page = await get('/queues');
  assert.match(page, /tokyo\/prefectural-juki/);
  assert.ok(!page.includes(person.name) && !page.includes(person.residentRecordCode));
  mcs.wire = wire;
  await chain.pump();
  const after = unwrap(await readQueues(mcs.deps, clerk('meguro'), {}));
  assert.deepEqual(
    after.map((q) => q.waiting),
    after.map(() => 0),
  );
  assert.deepEqual(chain.errors, []);
});

test('MCS-F5 拒まれた通知は番号と規則とともに未達の一覧に載り、相手側が直った後に同じ内容で再送され、二度は再送できない', async () => {
  const mcsOther = chain.member('setagaya/municipal-juki');
  unwrap(
    await recordMovedIn(chain.member('setagaya/resident-register').deps, clerk('setagaya'), {
      changedOn: Temporal.PlainDate.from('2026-05-31'),
      filedOn: Temporal.PlainDate.from('2026-06-01'),
      residentRecordCode: person.residentRecordCode,
      individualNumber: person.individualNumber,
      name: person.name,
      nameKana: person.nameKana,
      birthDate: Temporal.PlainDate.from(person.birthDate),
      sex: 'male',
      address: '東京都世田谷区世田谷四丁目21番27号',
      postalCode: null,
      relationship: '世帯主',
    }),
  );
  await chain.pump();
  chain.alarms.splice(0);
  const fetched = await mcsOther.instance.pages!.fetch(new Request(`${origin}/queues`));
  const text = await fetched.text();
  assert.match(text, /L-01/);
  const [, messageId] = /action="\/queues\/([0-9a-f-]{36})"/.exec(text) ?? [];
  assert.ok(messageId);
  const token = /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const send = () =>
    mcsOther.instance.pages!.fetch(
      new Request(`${origin}/queues/${messageId}`, {
        method: 'POST',
        headers: { origin, 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams({ _token: token, what: 'resend' }),
      }),
    );
  const first = await send();
  assert.deepEqual([first.status, first.headers.get('location')], [303, '/queues']);
  await chain.pump();
  const sent = await mcsOther.t.owner<{ state: string; word: string }>(
    `select state, word from streams.outgoing where replaces = $1`,
    [messageId],
  );
  assert.deepEqual(sent, [{ state: 'refused', word: 'L-01' }]);
  const deps = { ...(mcsOther.deps as Deps), payloads: { open: async () => new Uint8Array(), put: async () => '' } };
  const again = await resendUndelivered(deps, clerk('setagaya'), { messageId });
  assert.deepEqual(again, err('already-resolved'));
});
