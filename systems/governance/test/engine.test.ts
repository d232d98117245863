import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import pg from 'pg';
import { refusals } from '../domain/refusals.ts';
import { registers } from '../domain/registers.ts';
import { holdsIndividualNumber } from '../domain/values.ts';
import { keepReminders } from '../jobs/reminders.ts';
import { differingEntries } from '../service/rebuild.ts';
import { raiseOverdue, reminderActor, summary } from '../service/reminders.ts';
import { aContract, anActiveContract, clerk, officer, schemas, second, world } from './world.ts';

test('every register is sound: states reached, references to registers that exist, words that have a sentence', () => {
  const ids = registers.map((r) => r.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(new Set(registers.map((r) => r.mark)).size, ids.length, 'numbers tell the registers apart');
  for (const r of registers) {
    const states = Object.keys(r.states);
    assert.ok(states.includes(r.initial), r.id);
    for (const step of r.steps) {
      for (const state of [...step.from, step.to]) assert.ok(states.includes(state), `${r.id} ${step.id}: ${state}`);
      assert.ok(!['new', 'print', 'list.csv', 'revise'].includes(step.id), `${r.id} ${step.id} is a page of its own`);
    }
    for (const state of states.filter((s) => s !== r.initial))
      assert.ok(
        r.steps.some((s) => s.to === state),
        `${r.id}: nothing leads to ${state}`,
      );
    for (const field of [...r.fields, ...r.steps.flatMap((s) => s.fields)])
      if (field.kind === 'ref') assert.ok(ids.includes(field.register), `${r.id}.${field.name}`);
    for (const { register, field } of r.reads ?? [])
      assert.ok(
        registers
          .find((o) => o.id === register)
          ?.fields.some((f) => f.name === field && f.kind === 'ref' && f.register === r.id),
        `${r.id} reads ${register}.${field}`,
      );
  }
  for (const text of Object.values(refusals)) assert.match(text, /。$/);
});

test('design §2.7 every table and column is declared', async () => {
  await using w = await world();
  const client = new pg.Client({ connectionString: w.t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((f) => f.startsWith('governance.')),
    [],
  );
});

test('design §3 no register takes an Individual Number, however it is written', async () => {
  await using w = await world();
  const digits = makeIndividualNumber(seededRandom('x')).digits();
  const wide = [...digits].map((d) => String.fromCodePoint(d.codePointAt(0)! + 0xfee0)).join('');
  const grouped = `${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8)}`;
  for (const text of [digits, wide, grouped, `番号は${digits}です`, `9${digits}`]) {
    assert.equal(holdsIndividualNumber(text), true);
    assert.deepEqual(await w.open('contract', { ...aContract, subject: text }), { ok: false, error: 'number-in-text' });
  }
  assert.equal(holdsIndividualNumber('03-5321-1111 2026年'), false);
  const log = JSON.stringify(await w.t.owner('select body from audit.intake_event'));
  assert.ok(!log.includes(digits));
});

test('what the definition does not know is refused: fields, options, dates, references', async () => {
  await using w = await world();
  const faulty = { ok: false, error: 'values-faulty' };
  assert.deepEqual(await w.open('contract', { ...aContract, surplus: 'x' }), faulty);
  assert.deepEqual(await w.open('contract', { ...aContract, records: 'maybe' }), faulty);
  assert.deepEqual(await w.open('contract', { ...aContract, from: '2026-02-30' }), faulty);
  assert.deepEqual(await w.open('contract', { ...aContract, contractor: '' }), faulty);
  assert.deepEqual(await w.open('contract', { ...aContract, until: '2026-01-01' }), {
    ok: false,
    error: 'dates-reversed',
  });
  const contract = await w.made('contract', aContract);
  const document = { kind: 'oath', document: 'd', datedOn: '2026-04-01' };
  for (const target of [
    '0190a000-0000-7000-8000-000000000009',
    await w.made('contract-document', { contract, ...document }),
  ])
    assert.deepEqual(await w.open('contract-document', { contract: target, ...document }), {
      ok: false,
      error: 'no-such-reference',
    });
  assert.deepEqual(await w.take('contract', contract, 'no-such-step'), { ok: false, error: 'step-not-possible' });
});

test('a correction keeps what stood before; one made from an old form, or of a closed entry, is refused', async () => {
  await using w = await world();
  const contract = await w.made('contract', aContract);
  const revise = (changes: number, subject: string) =>
    w.acts('contract').revise(w.deps, officer, {
      entryId: contract,
      values: { ...aContract, subject },
      reason: '誤記',
      changes,
    });
  assert.ok((await revise(1, '運用')).ok);
  assert.deepEqual(await revise(1, '監視'), { ok: false, error: 'step-not-possible' });
  const { entry, history } = await w.read('contract', contract);
  assert.equal(entry.values.subject, '運用');
  assert.deepEqual(
    history.map((h) => h.values.subject),
    [aContract.subject, '運用'],
  );
  const place = await w.made('place', { name: '金庫1', room: '9階', lock: 'safe', responsible: '係長' });
  await w.done('place', place, 'close', { closedOn: '2026-06-10' });
  assert.deepEqual(
    await w.acts('place').revise(w.deps, officer, { entryId: place, values: {}, reason: 'x', changes: 2 }),
    { ok: false, error: 'entry-closed' },
  );
});

test('two at once: numbers have no gap and no double, a step is taken once', async () => {
  await using w = await world();
  const opened = await Promise.all(Array.from({ length: 6 }, () => w.open('contract', aContract)));
  const labels = opened.map((o) => (o.ok ? o.value.label : '')).sort();
  assert.deepEqual(
    labels,
    [1, 2, 3, 4, 5, 6].map((n) => `2026-契約-000${n}`),
  );
  const contract = await anActiveContract(w);
  const close = { returned: '消去-1', closedOn: '2026-06-10' };
  const third = { ...officer, staffId: 'governance-officer:03' } as typeof officer;
  const both = await Promise.all([0, 1].map(() => w.take('contract', contract, 'close', close, third)));
  assert.deepEqual(both.map((b) => (b.ok ? 'done' : b.error)).sort(), ['done', 'step-not-possible']);
});

test('design §6 who keeps one group of registers has no way into another', async () => {
  await using w = await world();
  assert.deepEqual(await w.open('contract', aContract, clerk), { ok: false, error: 'not-authorised' });
  const contract = await w.made('contract', aContract);
  // The acts of another group do not know the entry either.
  assert.deepEqual(await w.acts('question').read(w.deps, clerk, { entryId: contract }), {
    ok: false,
    error: 'no-such-entry',
  });
  const listed = await w.acts('question').list(w.deps, clerk, {
    registers: ['contract'],
    state: null,
    text: null,
    dueBy: null,
    offset: 0,
    limit: 10,
    purpose: 'screen',
  });
  assert.deepEqual(listed, { ok: false, error: 'no-such-entry' });
});

test('reminders: what passed its day is told once, and the reports of the month are awaited', async () => {
  await using w = await world('2026-06-10');
  await w.made('inspection', { name: '点検', dueOn: '2026-06-09', departments: 'A', questions: 'はいか' });
  const done = { on: '' };
  await keepReminders(w.deps, done);
  await keepReminders(w.deps, done);
  assert.deepEqual(w.alarms, [{ code: 'governance.overdue', detail: { count: 1 } }]);
  assert.deepEqual(await raiseOverdue(w.deps, reminderActor, null), { ok: true, value: 0 });
  const counted = await summary(w.deps, officer, null);
  assert.ok(counted.ok);
  assert.deepEqual(counted.value, [{ register: 'inspection', open: 1, overdue: 1, total: 1 }]);
});

test('design §2.5 where an entry stands can be made again from its facts, and the log ties them', async () => {
  await using w = await world();
  const contract = await anActiveContract(w);
  await w.acts('contract').revise(w.deps, second, {
    entryId: contract,
    values: { ...aContract, place: '新集約センター' },
    reason: '移転',
    changes: 2,
  });
  // One that is corrected after a step, and so stands at its beginning again.
  const lot = await w.made('lot', {
    name: '通知票',
    maker: '係',
    pieces: '2',
    printOn: '2026-06-11',
    postOn: '2026-06-12',
  });
  await w.done('lot', lot, 'enclose', { printed: '2', enclosed: '2', firstChecker: 'S-1' });
  const corrected = { name: '通知票', maker: '係', pieces: '3', printOn: '2026-06-11', postOn: '2026-06-12' };
  assert.ok(
    (await w.acts('lot').revise(w.deps, officer, { entryId: lot, values: corrected, reason: '追加', changes: 2 })).ok,
  );
  assert.equal((await w.read('lot', lot)).entry.state, 'planned');
  const differing = async (register: string) => {
    const found = await differingEntries(w.deps, reminderActor, { register });
    assert.ok(found.ok);
    return found.value;
  };
  for (const { id } of registers) assert.deepEqual(await differing(id), [], id);
  await w.t.owner(`update governance.current set state = 'closed' where entry_id = $1`, [contract]);
  assert.deepEqual(await differing('contract'), ['2026-契約-0001']);
  const differences = await w.t.owner(
    `select * from audit.fact_differences('governance.step') union all select * from audit.fact_differences('governance.revision')`,
  );
  assert.deepEqual(differences, []);
  await w.t.owner(`update governance.step set taken_by = 'nobody' where step = 'enclose'`);
  assert.equal((await w.t.owner(`select * from audit.fact_differences('governance.step')`)).length, 1);
});
