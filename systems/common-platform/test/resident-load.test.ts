import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlatformResidentChange, personLoad, platformResidentLoad } from '@musubi/contracts/platform/persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { takeResidentLoad } from '../service/take-resident-load.ts';
import { aChange, aNumber, aPlatform, received, systemActor, type World } from './world.ts';

const register = systemActor('meguro/resident-register');
const resident = (w: World, no: number, more: Parameters<typeof aChange>[1] = {}): PlatformResidentChange =>
  aChange(w, { addresseeNumber: `${1_000_000 + no}`, reason: 'initial-load', ...more });
const residents = (w: World, count: number) => Array.from({ length: count }, (_, no) => resident(w, no));
const take = async (w: World, persons: readonly PlatformResidentChange[], loadId = w.deps.newId()) => {
  const message = platformResidentLoad.parse({ loadId, persons });
  const taken = unwrap(await takeResidentLoad(w.deps, register, received(message)));
  assert.equal(
    Object.values(taken).reduce((a, b) => a + b, 0),
    persons.length,
  );
  return taken;
};
const count = async (w: World, table: string): Promise<number> =>
  (await w.t.owner<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n;
const none = { numbered: 0, updated: 0, repeated: 0, older: 0, held: 0, rejected: 0 };

/** What was sent to the business systems, opened as the relay would. */
const readSent = act('test.read-sent', {
  right: ['common-platform', 'resident-change', 'update'],
  async run(tx, deps: World['deps']) {
    const rows = await tx<{ ref: string }>`select payload_ref as ref from streams.outgoing order by entered`;
    const sent: unknown[] = [];
    for (const { ref } of rows) {
      const opened = unwrap(await deps.sealed.open(tx, ref as SealedId, 'test'));
      sent.push(JSON.parse(opened.toString('utf8').slice(22)));
    }
    tx.record({ event: 'test.read' });
    return ok(sent);
  },
});
const loadsSent = async (w: World) =>
  unwrap(await readSent(w.deps, register, undefined)).map((message) => personLoad.parse(message));

test('002 CIP-F4 初期移行の200人は一つの電文で番号が付き、一つの電文で業務システムへ送られる', async () => {
  await using w = await aPlatform();
  const persons = residents(w, 200);
  const loadId = w.deps.newId();
  assert.deepEqual(await take(w, persons, loadId), { ...none, numbered: 200 });
  assert.deepEqual(
    [
      await count(w, 'common_platform.person'),
      await count(w, 'common_platform.particulars'),
      await count(w, 'common_platform.person_number'),
      await count(w, 'common_platform.binding'),
      await count(w, 'common_platform.linkage_step'),
    ],
    [200, 200, 200, 400, 200],
  );
  const [sent, ...more] = await loadsSent(w);
  assert.equal(more.length, 0);
  assert.equal(sent!.loadId, loadId);
  const numbers = await w.t.owner<{ addressee: string; org: string }>(
    `select b.addressee_number as addressee, p.org_person_number as org from common_platform.binding b
       join common_platform.person p using (person_id) where b.system = 'resident-tax'`,
  );
  const orgOf = new Map(numbers.map((n) => [n.addressee, n.org]));
  assert.deepEqual(
    sent!.persons.map((p) => [p.orgPersonNumber, p.addresseeNumber, p.individualNumber, p.state]),
    persons.map((p) => [orgOf.get(p.addresseeNumber), p.addresseeNumber, p.individualNumber, p.state]),
  );
  const [event] = await w.t.owner<{ facts: string; subjects: number }>(
    `select body::jsonb -> 'facts' as facts, (body::jsonb -> 'subjects' ->> 'count')::int as subjects
       from audit.intake_event where body like '%"load.taken"%'`,
  );
  assert.equal(event!.subjects, 200);
});

test('design 4.0: a bulk message that comes again numbers nobody twice and sends nothing on', async () => {
  await using w = await aPlatform();
  const persons = [...residents(w, 5), resident(w, 9, { individualNumber: '123456789019' })];
  assert.deepEqual(await take(w, persons), { ...none, numbered: 5, rejected: 1 });
  assert.deepEqual(await take(w, persons), { ...none, repeated: 6 });
  assert.deepEqual([await count(w, 'common_platform.person'), (await loadsSent(w)).length], [5, 1]);
  assert.equal(await count(w, 'common_platform.load_rejection'), 1);
});

test('two copies of one bulk message at once are one', async () => {
  await using w = await aPlatform();
  const persons = residents(w, 20);
  const both = await Promise.all([take(w, persons), take(w, persons)]);
  assert.deepEqual(
    both.map((t) => t.numbered + t.repeated * 100).sort((a, b) => a - b),
    [20, 2000],
  );
  assert.equal(await count(w, 'common_platform.person'), 20);
});

test('design 4.0: a number that fails its check digit is set aside alone, and the person enters by a later change', async () => {
  await using w = await aPlatform();
  const wrong = resident(w, 1, { individualNumber: '123456789019' });
  assert.deepEqual(await take(w, [resident(w, 0), wrong, resident(w, 2)]), { ...none, numbered: 2, rejected: 1 });
  const set = await w.t.owner('select row_no, change_id, word from common_platform.load_rejection');
  assert.deepEqual(set, [{ row_no: 1, change_id: wrong.changeId, word: 'invalid-number' }]);
  assert.deepEqual(
    (await loadsSent(w))[0]!.persons.map((p) => p.addresseeNumber),
    ['1000000', '1000002'],
  );
  // Corrected, even under its old change id.
  assert.deepEqual(await take(w, [{ ...wrong, individualNumber: aNumber().digits() }]), { ...none, numbered: 1 });
});

test('INC-50 INC-54 一括の電文の中でも、一部だけ一致する人は確認待ちになり、ほかの人は取り込まれる', async () => {
  await using w = await aPlatform();
  const known = resident(w, 0);
  assert.equal(unwrap(await takeResidentChange(w.deps, register, received(known))), 'new');
  const child = resident(w, 1, { individualNumber: known.individualNumber, state: { name: '目黒 一郎' } });
  const moved = resident(w, 0, {
    individualNumber: known.individualNumber,
    changedOn: '2026-05-20',
    state: { address: '東京都目黒区中町一丁目1番1号' },
  });
  // One number twice within the message: the first one gets it, the second one is looked at.
  const first = resident(w, 3);
  const second = resident(w, 4, {
    individualNumber: first.individualNumber,
    state: { name: '目黒 次郎', sex: 'male' },
  });
  const taken = await take(w, [child, resident(w, 2), moved, first, second]);
  assert.deepEqual(taken, { ...none, numbered: 2, updated: 1, held: 2 });
  const cases = await w.t.owner<{ why: string; addressee: string }>(
    'select why, addressee_number as addressee from common_platform.held_case order by addressee_number',
  );
  assert.deepEqual(cases, [
    { why: 'particulars-differ', addressee: '1000001' },
    { why: 'particulars-differ', addressee: '1000004' },
  ]);
  // What comes later about a held 宛名 waits behind it, in a load too.
  assert.deepEqual(await take(w, [resident(w, 1)]), { ...none, held: 1 });
  const [load] = (await loadsSentOf(w)) as [string[]];
  assert.deepEqual(load.sort(), ['1000000', '1000002', '1000003']);
});

async function loadsSentOf(w: World): Promise<string[][]> {
  const all = unwrap(await readSent(w.deps, register, undefined));
  return all.flatMap((m) => {
    const read = personLoad.safeParse(m);
    return read.success ? [read.data.persons.map((p) => p.addresseeNumber)] : [];
  });
}

test('a load of another body changes nothing', async () => {
  await using w = await aPlatform();
  const message = { loadId: w.deps.newId(), persons: residents(w, 1) };
  const spoofed = await takeResidentLoad(w.deps, register, received(message, 'setagaya/resident-register'));
  assert.deepEqual(spoofed, { ok: false, error: 'not-your-register' });
  const foreign = await takeResidentLoad(w.deps, systemActor('setagaya/resident-register'), received(message));
  assert.deepEqual(foreign, { ok: false, error: 'not-authorised' });
  assert.equal(await count(w, 'common_platform.person'), 0);
});
