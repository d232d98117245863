import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PersonChange, personLoad } from '@musubi/contracts/platform/persons.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { applyPersonLoad } from '../service/persons/apply-person-load.ts';
import { findPersons, readPerson } from '../service/persons/read-person.ts';
import { anIntake, arrive, changeOf, clerk, type IntakeTest, people } from './an-intake.ts';

const platform: Actor = { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'test' };
let number = 0;
async function load(i: IntakeTest, persons: readonly PersonChange[]) {
  const message = personLoad.parse({ loadId: i.deps.newId(), persons });
  const applied = unwrap(
    await applyPersonLoad(i.deps, platform, {
      message,
      messageId: i.deps.newId(),
      sender: 'meguro/common-platform',
      family: 'platform.person-load',
      number: ++number,
      digest: new Uint8Array(32),
      bytes: 1,
    }),
  );
  assert.equal(applied.added + applied.changed + applied.repeated + applied.rejected, persons.length);
  return applied;
}
const none = { added: 0, changed: 0, repeated: 0, rejected: 0 };
const all = people(200, 'persons of a load');
const count = async (i: IntakeTest, table: string): Promise<number> =>
  (await i.t.owner<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n;

test('RTX-F1.1 初期移行の200人は一つの電文で登録され、一人ずつの通知と同じに見つかる', async () => {
  await using i = await anIntake();
  assert.deepEqual(
    await load(
      i,
      all.map((who) => changeOf(i.deps, who)),
    ),
    { ...none, added: 200 },
  );
  const [someone] = all;
  const addresseeNumber = `${1_000_000 + someone!.no}`;
  const { persons } = unwrap(await findPersons(i.deps, clerk, { addresseeNumber }));
  const read = unwrap(await readPerson(i.deps, clerk, { personId: persons[0]!.personId, fiscalYear: 2026 }));
  assert.deepEqual([read.current.name, read.current.address, read.states.length], [someone!.name, someone!.address, 1]);
  const holding = await i.t.owner<{ n: number }>('select count(*)::int as n from vault.number where held');
  assert.equal(holding[0]!.n, 200);
  // What follows is a second version.
  const moved = changeOf(i.deps, someone!, { address: '東京都目黒区八雲1-1-1' }, '2025-10-01');
  assert.equal(unwrap(await arrive(i.deps, moved))?.version, 2);
});

test('RTX-F1.2 同じ一括の電文は二度効かず、二つ同時でも一人は一人', async () => {
  await using i = await anIntake();
  const persons = all.slice(0, 20).map((who) => changeOf(i.deps, who));
  const both = await Promise.all([load(i, persons), load(i, persons)]);
  assert.deepEqual([both[0].added + both[1].added, both[0].repeated + both[1].repeated], [20, 20]);
  assert.deepEqual(await load(i, persons), { ...none, repeated: 20 });
  assert.deepEqual([await count(i, 'resident_tax.person'), await count(i, 'resident_tax.person_state')], [20, 20]);
});

test('design 4.0: who would be refused alone is set aside alone; accepted and rejected add up', async () => {
  await using i = await anIntake();
  const [a, b, c, d] = all.map((who) => changeOf(i.deps, who)) as [
    PersonChange,
    PersonChange,
    PersonChange,
    PersonChange,
  ];
  unwrap(await arrive(i.deps, a));
  const wrong = { ...b, individualNumber: '123456789012' };
  const taken = { ...c, addresseeNumber: a.addresseeNumber };
  const later = changeOf(i.deps, all[0]!, { address: '東京都目黒区八雲1-1-1' }, '2025-10-01');
  const message = [wrong, taken, d, later];
  assert.deepEqual(await load(i, message), { added: 1, changed: 1, repeated: 0, rejected: 2 });
  const set = await i.t.owner('select row_no, change_id, word from resident_tax.load_rejection order by row_no');
  assert.deepEqual(set, [
    { row_no: 0, change_id: wrong.changeId, word: 'wrong-individual-number' },
    { row_no: 1, change_id: taken.changeId, word: 'addressee-number-held' },
  ]);
  assert.deepEqual(await load(i, message), { ...none, repeated: 4 });
  assert.equal(await count(i, 'resident_tax.load_rejection'), 2);
  assert.deepEqual(await load(i, [b, c]), { ...none, added: 2 });
});

test('INC-54 一つの個人番号を持つ二人は、一括の電文でもそのまま残り、件数が記録される', async () => {
  await using i = await anIntake();
  const [a, b] = all as [(typeof all)[number], (typeof all)[number]];
  const persons = [changeOf(i.deps, a), changeOf(i.deps, { ...b, number: a.number })];
  assert.deepEqual(await load(i, persons), { ...none, added: 2 });
  const [event] = await i.t.owner<{ n: string }>(
    `select body::jsonb -> 'detail' ->> 'numberHeldByOthers' as n from audit.intake_event where body like '%"load.applied"%'`,
  );
  assert.equal(event!.n, '1');
});
