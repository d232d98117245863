import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { addressPrinters } from '@musubi/contracts/platform/address-printers.ts';
import { protectionsAgree, protectionsNow } from '@musubi/contracts/platform/protection-client.ts';
import { askProtections, compareProtections, protectionDigest } from '@musubi/contracts/platform/protections.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { findOverdueProtections, showProtections } from '../service/protections.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { takeResidentLoad } from '../service/take-resident-load.ts';
import { aChange, aPlatform, received, staffActor, systemActor, type World } from './world.ts';

const register = systemActor('meguro/resident-register');
const job: Actor = { kind: 'job', name: 'protections' };
const take = async (w: World, change: ReturnType<typeof aChange>) =>
  unwrap(await takeResidentChange(w.deps, register, received(change)));
const keeper = { ...staffActor('p1'), organisation: 'meguro' };
const show = async (w: World, open = false) =>
  unwrap(await showProtections(w.deps, keeper, { open, offset: 0, limit: 10 }));
/** As the relay notes it when the receiver has applied the message. */
const applied = (w: World) =>
  w.t.owner(
    "update streams.outgoing set number = 1 + (select coalesce(max(number), 0) from streams.outgoing), state = 'applied', settled_at = now() where state = 'waiting'",
  );
const overdue = (w: World) =>
  w.t.owner("update common_platform.protection_notice set noticed_at = noticed_at - interval '1 minute'");

test('CIP-F6 INC-46 支援措置の開始と終了は、宛先ごとに反映が証明されるまで「未反映」として残る', async () => {
  await using w = await aPlatform();
  const plain = aChange(w);
  await take(w, plain);
  await applied(w);
  assert.equal((await show(w)).total, 0);
  const begun = aChange(w, {
    individualNumber: plain.individualNumber,
    changedOn: '2026-05-10',
    state: { addressProtected: true },
  });
  await take(w, begun);
  const open = await show(w, true);
  assert.deepEqual(
    open.rows.map((r) => [r.receiver, r.isProtected, r.acknowledgedAt]),
    [['meguro/resident-tax', true, null]],
  );
  await applied(w);
  assert.equal((await show(w, true)).total, 0);
  assert.notEqual((await show(w)).rows[0]!.acknowledgedAt, null);
  // A later change of something else is none of 支援措置; its end is.
  const moved = { ...begun, changeId: w.deps.newId(), changedOn: '2026-05-11' };
  await take(w, moved);
  assert.equal((await show(w)).total, 1);
  await take(w, { ...begun, changeId: w.deps.newId(), state: { ...begun.state, addressProtected: false } });
  assert.deepEqual(
    (await show(w)).rows.map((r) => r.isProtected),
    [false, true],
  );
});

test('INC-46 十秒を過ぎても反映されない宛先は一度だけ警報になる', async () => {
  await using w = await aPlatform();
  await take(w, aChange(w, { state: { addressProtected: true } }));
  assert.deepEqual(unwrap(await findOverdueProtections(w.deps, job)), []);
  await overdue(w);
  await w.t.owner("update common_platform.protection_notice set noticed_at = '2020-01-01Z'");
  assert.deepEqual(unwrap(await findOverdueProtections(w.deps, job)), ['meguro/resident-tax']);
  assert.deepEqual(unwrap(await findOverdueProtections(w.deps, job)), []);
  const [event] = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from audit.intake_event where body like '%restriction.unacknowledged%'",
  );
  assert.equal(event!.n, 1);
});

test('INC-45 初期移行で届いた支援措置も、宛先ごとに証明を求める', async () => {
  await using w = await aPlatform();
  const persons = [
    aChange(w, { addresseeNumber: '1000001', state: { addressProtected: true } }),
    aChange(w, { addresseeNumber: '1000002' }),
  ];
  unwrap(await takeResidentLoad(w.deps, register, received({ loadId: w.deps.newId(), persons })));
  assert.equal((await show(w, true)).total, 1);
});

test('INC-45 住所を印字する直前に照会でき、業務に属さない方は保護されるものとして答える', async () => {
  await using w = await aPlatform();
  await take(w, aChange(w, { addresseeNumber: '1000001', state: { addressProtected: true } }));
  await take(w, aChange(w, { addresseeNumber: '1000002', state: { name: '碑 文子' } }));
  const rows = await w.t.owner<{ n: string }>(
    'select org_person_number as n from common_platform.person order by made_at',
  );
  const [shut, open] = rows.map((r) => r.n) as [string, string];
  const tax = await w.client('meguro/resident-tax');
  const ask = (system: string) =>
    tax.call(
      askProtections,
      'meguro/common-platform',
      {},
      {
        system,
        orgPersonNumbers: [shut, open, '000000000000000'],
      },
    );
  const answer = unwrap(await ask('resident-tax'));
  assert.deepEqual([answer.protected, answer.unknown], [[shut], ['000000000000000']]);
  assert.deepEqual(await ask('child-chronic'), { ok: false, error: 'not-your-business' });
});

test('INC-45 別の業務の方を扱う収納も、印字の直前に照会と照合ができ、結び付きのない収納には誰も開かれない', async () => {
  await using w = await aPlatform('ward', { personsOf: { collections: 'resident-tax' } });
  await take(w, aChange(w, { addresseeNumber: '1000001', state: { addressProtected: true } }));
  await take(w, aChange(w, { addresseeNumber: '1000002', state: { name: '碑 文子' } }));
  const rows = await w.t.owner<{ n: string }>(
    'select org_person_number as n from common_platform.person order by made_at',
  );
  const [shut, open] = rows.map((r) => r.n) as [string, string];
  const as = async (system: string) => ({
    peers: await w.client(`meguro/${system}`),
    platform: 'meguro/common-platform',
    system,
  });
  const collections = await as('collections');
  const now = unwrap(await protectionsNow(collections, [shut, open]));
  assert.deepEqual([now.isProtected(shut), now.isProtected(open), now.count], [true, false, 1]);
  assert.equal(unwrap(await protectionsAgree(collections, [shut])), true);
  assert.equal(unwrap(await protectionsAgree(collections, [])), false);
  const accounts = unwrap(await protectionsNow(await as('accounts'), [shut, open]));
  assert.deepEqual([accounts.isProtected(shut), accounts.isProtected(open)], [true, true]);
});

test('INC-46 夜間の照合: 宛先の集合が違えば相違として残り、同じなら一致', async () => {
  await using w = await aPlatform();
  await take(w, aChange(w, { state: { addressProtected: true } }));
  const [row] = await w.t.owner<{ n: string }>('select org_person_number as n from common_platform.person');
  const tax = await w.client('meguro/resident-tax');
  const compare = async (numbers: readonly string[]) =>
    unwrap(
      await tax.call(
        compareProtections,
        'meguro/common-platform',
        {},
        { system: 'resident-tax', count: numbers.length, digest: protectionDigest(numbers) },
      ),
    ).equal;
  assert.equal(await compare([]), false);
  assert.deepEqual(
    (await show(w)).comparisons.map((c) => [c.system, c.told, c.ours, c.equal]),
    [['resident-tax', 0, 1, false]],
  );
  assert.equal(await compare([row!.n]), true);
  assert.equal((await show(w)).comparisons[0]!.equal, true);
});

test('INC-45 住所を印字するシステムはすべて一覧にあり、照会すると決めたものは照会していて、答えがなければ印字しない証しがある', async () => {
  const root = path.join(import.meta.dirname, '../../..');
  const printing = new Set<string>();
  const texts = new Map<string, string[]>();
  const proven = new Set<string>();
  for (const group of ['systems', 'counterparts'])
    for await (const file of glob('**/*.{ts,typ}', { cwd: path.join(root, group) })) {
      const [system = ''] = file.split(path.sep);
      const text = await readFile(path.join(root, group, file), 'utf8');
      if (/(^|\/)test\/|\.test\.ts$/.test(file)) {
        if (text.includes("'protections-unavailable'")) proven.add(system);
        continue;
      }
      texts.set(system, [...(texts.get(system) ?? []), text]);
      const makesDocuments =
        file.endsWith('.typ') || /kernel\/documents\/|contracts\/(printing|certificates)/.test(text);
      if (makesDocuments && /\b[a-z]*[aA]ddress(Line|es)?\b|住所/.test(text)) printing.add(system);
    }
  assert.deepEqual([...printing].sort(), Object.keys(addressPrinters).sort());
  for (const [system, { how }] of Object.entries(addressPrinters)) {
    const says = (words: string): boolean => texts.get(system)!.some((text) => text.includes(words));
    assert.equal(says('protectionsNow('), how === 'asks', `${system} asks the platform`);
    // Its own tests show that without an answer nothing is printed.
    assert.ok(how !== 'asks' || proven.has(system), system);
  }
});
