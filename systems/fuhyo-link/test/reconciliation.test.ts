import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fuhyoChanges } from '@musubi/contracts/fuhyo/notices.ts';
import { compareFuhyoBuckets, startFuhyoRun } from '@musubi/contracts/fuhyo/reconciliation.ts';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { reconcileFuhyo } from '@musubi/municipal-juki/service/fuhyo-reconcile.ts';
import { correctFuhyoDifference } from '@musubi/resident-register/service/fuhyo-reconciliation.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { aPerson, fuhyoNotice, type Person, send, startWorld } from './fuhyo-world.ts';

const world = await startWorld({ withRegister: true });
after(() => world[Symbol.asyncDispose]());
const town = world.member('meguro/resident-register');
const clerk = { kind: 'staff', organisation: 'meguro', staffId: 'S-7', sessionId: 's', terminalId: 'T-7' } as const;
const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;
const people: readonly Person[] = Array.from({ length: 40 }, () => aPerson());
const persons = people.map(
  (person, i): LoadedPerson => ({
    ...person,
    address: '東京都目黒区上目黒二丁目1番1号',
    postalCode: null,
    household: `h${i}`,
    relationship: '世帯主',
    becameResidentOn: '2015-04-01',
  }),
);
assert.equal(
  unwrap(await loadTown(town.deps, conductor, { loadId: town.newId(), chunk: 0, persons })).accepted,
  people.length,
);
await world.pump();
const run = () => reconcileFuhyo(world.ward.peers, world.ward.deps, clerk);
const brief = (differences: Awaited<ReturnType<typeof run>>['differences']) =>
  differences.map((d) => [d.kind, d.residentRecordCode, ...d.items]).sort();

test('003 scenario 25 附票: 欠落・余分・相違の三件だけを種類ごとに見つけ、訂正の通知の後は何も残らない', async () => {
  const clean = await run();
  assert.deepEqual([clean.compared, clean.differences, clean.underWay], [people.length, [], 0]);
  const [missing, surplus, differing] = people as [Person, Person, Person];
  const at = world.fuhyo.t;
  // Behind the system's back: the database itself refuses to lose a current record.
  await at.owner('alter table fuhyo_link.supplement disable trigger keep_current');
  await at.owner('delete from fuhyo_link.supplement where resident_record_code = $1', [missing.residentRecordCode]);
  await at.owner(`update fuhyo_link.supplement set address_kanji = '別の住所' where resident_record_code = $1`, [
    differing.residentRecordCode,
  ]);
  await town.t.owner(
    `update resident_register.fuhyo set record_state = 'removed', notice_kind = 'removal' where resident_record_code = $1`,
    [surplus.residentRecordCode],
  );
  const found = await run();
  assert.deepEqual(
    brief(found.differences),
    [
      ['differing', differing.residentRecordCode, 'address'],
      ['missing', missing.residentRecordCode],
      ['surplus', surplus.residentRecordCode],
    ].sort(),
  );
  const listed = await town.t.owner('select 1 from resident_register.fuhyo_difference where run_id = $1', [
    found.runId,
  ]);
  assert.equal(listed.length, 3);
  for (const { differenceId } of found.differences) {
    assert.deepEqual(await correctFuhyoDifference(town.deps, clerk, { differenceId }), {
      ok: true,
      value: { sent: true },
    });
    assert.deepEqual(await correctFuhyoDifference(town.deps, clerk, { differenceId }), {
      ok: false,
      error: 'already-corrected',
    });
  }
  // Before the notices arrive the differences are under way, not findings.
  const meanwhile = await run();
  assert.deepEqual([meanwhile.differences, meanwhile.underWay], [[], 3]);
  await world.pump();
  const after = await run();
  assert.deepEqual([after.differences, after.underWay], [[], 0]);
});

test('003 scenario 25 附票: 中断した照合は相違を報告せず、次の照合がやり直す', async () => {
  const { client } = await world.client('meguro/municipal-juki');
  const runId = world.ward.newId();
  const secret = 'A'.repeat(43);
  const body = { runId, municipalityCode: '131105', secret };
  const first = unwrap(await client.call(startFuhyoRun, 'tokyo/fuhyo-link', {}, body));
  assert.deepEqual(
    unwrap(await client.call(startFuhyoRun, 'tokyo/fuhyo-link', {}, body)),
    first,
    'a repeat is answered alike',
  );
  const digests = Array.from({ length: 16 }, () => 'A'.repeat(22));
  const { differing } = unwrap(
    await client.call(compareFuhyoBuckets, 'tokyo/fuhyo-link', {}, { runId, bits: 4, digests }),
  );
  assert.ok(differing.length > 0);
  assert.deepEqual(
    await world.fuhyo.t.owner('select 1 from fuhyo_link.reconciliation_result where run_id = $1', [runId]),
    [],
  );
  const next = await run();
  assert.deepEqual(next.differences, []);
  const gone = await client.call(compareFuhyoBuckets, 'tokyo/fuhyo-link', {}, { runId, bits: 4, digests });
  assert.deepEqual(gone, { ok: false, error: 'no-such-run' });
  const other = await world.client('setagaya/municipal-juki');
  const foreign = await other.client.call(
    startFuhyoRun,
    'tokyo/fuhyo-link',
    {},
    { ...body, runId: world.ward.newId() },
  );
  assert.deepEqual(foreign, { ok: false, error: 'not-your-municipality' });
});

test('003 scenario 25 附票: 区のサーバで止まっている通知の方は、相違としない', async () => {
  const fresh = aPerson();
  await send(world.ward, 'tokyo/fuhyo-link', fuhyoChanges, fuhyoNotice(world, fresh, 'entry', 1));
  await world.pump();
  assert.deepEqual(brief((await run()).differences), [['surplus', fresh.residentRecordCode]]);
  await send(
    world.ward,
    'tokyo/fuhyo-link',
    fuhyoChanges,
    fuhyoNotice(world, fresh, 'removal', 2),
    fresh.residentRecordCode,
  );
  const meanwhile = await run();
  assert.deepEqual([meanwhile.differences, meanwhile.underWay], [[], 1]);
  await world.pump();
  assert.deepEqual((await run()).differences, []);
});

test('何も隠れて失敗していない', () => assert.deepEqual(world.errors, []));
