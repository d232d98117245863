import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { findPersons, readPerson } from '../service/persons/read-person.ts';
import { anIntake, arrive, changeOf, clerk, people, register, type Someone } from './an-intake.ts';

const [hanako, jiro] = people(2, 'persons') as [Someone, Someone];

test('RTX-F1.1 RTX-F1.5 住民記録の異動は履歴に残り、賦課期日の住所と世帯が後からも分かる', async () => {
  await using i = await anIntake();
  const ids = await register(i.deps, [hanako]);
  const personId = ids.get(hanako.no)!;
  unwrap(
    await arrive(
      i.deps,
      changeOf(i.deps, hanako, { address: '東京都目黒区八雲1-1-1', householdNumber: '77' }, '2026-01-15'),
    ),
  );
  unwrap(await arrive(i.deps, changeOf(i.deps, hanako, { status: 'removed', removedOn: '2026-03-01' }, '2026-03-01')));
  const read = unwrap(await readPerson(i.deps, clerk, { personId, fiscalYear: 2026 }));
  assert.equal(read.current.status, 'removed');
  assert.equal(read.states.length, 3);
  assert.deepEqual([read.levyDate.resident, read.levyDate.state?.address], [true, hanako.address]);
  const next = unwrap(await readPerson(i.deps, clerk, { personId, fiscalYear: 2027 }));
  assert.equal(next.levyDate.resident, false);
});

test('RTX-F1.2 同じ異動は二度効かず、遅れて届いた古い異動は今の状態を変えない', async () => {
  await using i = await anIntake();
  const ids = await register(i.deps, [hanako]);
  const personId = ids.get(hanako.no)!;
  const moved = changeOf(i.deps, hanako, { address: '東京都目黒区八雲1-1-1' }, '2025-10-01');
  unwrap(await arrive(i.deps, moved));
  unwrap(await arrive(i.deps, moved));
  unwrap(await arrive(i.deps, changeOf(i.deps, hanako, { address: '東京都目黒区碑文谷2-2-2' }, '2024-05-01')));
  const { states, current } = unwrap(await readPerson(i.deps, clerk, { personId, fiscalYear: 2026 }));
  assert.equal(states.length, 3);
  assert.equal(current.address, '東京都目黒区八雲1-1-1');
});

test('個人番号が変わった人は前の番号では見つからず、誤った番号の通知は受け付けない', async () => {
  await using i = await anIntake();
  const ids = await register(i.deps, [hanako]);
  const changed = changeOf(i.deps, { ...hanako, number: jiro.number }, {}, '2025-10-01');
  unwrap(await arrive(i.deps, changed));
  const owner = `person:${ids.get(hanako.no)}`;
  const holding = await i.t.owner<{ n: number }>(
    `select count(*)::int as n from vault.history('${owner}') where closed_at is null`,
  );
  assert.equal(holding[0]?.n, 1);
  const wrong = await arrive(i.deps, { ...changeOf(i.deps, jiro), individualNumber: '123456789012' });
  assert.equal(!wrong.ok && wrong.error, 'wrong-individual-number');
});

test('一つの宛名番号は一人だけのもので、ほかの人の番号は受け付けない', async () => {
  await using i = await anIntake();
  await register(i.deps, [hanako]);
  const taken = { ...changeOf(i.deps, jiro), addresseeNumber: `${1_000_000 + hanako.no}` };
  const arrived = await arrive(i.deps, taken).catch(() => 'broken' as const);
  assert.equal(arrived === 'broken' ? arrived : !arrived.ok && arrived.error, 'addressee-number-held');
});

test('個人検索 氏名は旧氏でも、カナは前方から見つかり、条件なしでは探せない', async () => {
  await using i = await anIntake();
  await register(i.deps, [hanako, jiro]);
  unwrap(await arrive(i.deps, changeOf(i.deps, hanako, { name: '新姓　花子' }, '2025-10-01')));
  const byFormer = unwrap(await findPersons(i.deps, clerk, { name: hanako.name.replace('　', '') }));
  assert.deepEqual(
    byFormer.persons.map((p) => p.name),
    ['新姓　花子'],
  );
  const byKana = unwrap(await findPersons(i.deps, clerk, { kana: 'すずき' }));
  assert.deepEqual(
    byKana.persons.map((p) => p.addresseeNumber),
    [`${1_000_000 + jiro.no}`],
  );
  const nothing = await findPersons(i.deps, clerk, {});
  assert.equal(!nothing.ok && nothing.error, 'nothing-asked');
  const events = await i.t.owner(`select 1 from audit.intake_event where body like '%person.searched%'`);
  assert.equal(events.length, 2);
});
