import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, ok, unwrap } from '../../result/result.ts';
import { registerMedium } from '../ledger.ts';
import { listPapers, movePaper, registerPaper } from '../papers.ts';
import {
  closeStockTaking,
  countStock,
  explainDifference,
  isRoundMissed,
  openStockTaking,
  stockWeeks,
} from '../stock-taking.ts';
import { aStore } from './a-store.ts';

mechanismTest('media.stock-taking', '003-III.4-R0-A20 台帳と実数の差は、理由を書くまで照合を閉じられない', async () => {
  await using h = await aStore();
  const { takingId, expected } = unwrap(await h.inAct((tx) => openStockTaking(tx, h.deps, { by: 's1' })));
  assert.equal(expected, 1);
  const { differences } = unwrap(
    await h.inAct((tx) => countStock(tx, h.deps, { takingId, serials: ['DVD-9999', 'DVD-9999'], by: 's1' })),
  );
  assert.deepEqual(
    differences.map((d) => [d.serial, d.kind]),
    [
      ['DVD-0001', 'missing'],
      ['DVD-9999', 'surplus'],
    ],
  );
  const close = () => h.inAct((tx) => closeStockTaking(tx, h.deps, { takingId, by: 's1' }));
  assert.deepEqual(await close(), err('difference-unexplained'));
  for (const serial of ['DVD-0001', 'DVD-9999'])
    unwrap(
      await h.inAct((tx) => explainDifference(tx, h.deps, { takingId, serial, explanation: '棚の取違え', by: 's1' })),
    );
  assert.deepEqual(await close(), ok({ differences: 2 }));
  assert.deepEqual(await close(), err('closed'));
});

mechanismTest('media.stock-taking', '003-III.4-R0-A20 照合のない週は知らせる', async () => {
  await using h = await aStore();
  const weeks = async () =>
    unwrap(await h.inAct(async (tx) => ok(await stockWeeks(tx, h.deps.civilClock.today(), { limit: 10 }))));
  assert.deepEqual(
    (await weeks()).map((w) => [w.weekOn.toString(), w.state]),
    [['2026-06-01', 'due']],
  );
  assert.equal(isRoundMissed(await weeks()), false);
  h.t.deps.civilClock.set('2026-06-09');
  const { takingId } = unwrap(await h.inAct((tx) => openStockTaking(tx, h.deps, { by: 's1' })));
  unwrap(await h.inAct((tx) => countStock(tx, h.deps, { takingId, serials: [h.serial], by: 's1' })));
  unwrap(await h.inAct((tx) => closeStockTaking(tx, h.deps, { takingId, by: 's1' })));
  assert.deepEqual(
    (await weeks()).map((w) => [w.weekOn.toString(), w.state, w.expected, w.counted, w.differences]),
    [
      ['2026-06-08', 'closed', 1, 1, 0],
      ['2026-06-01', 'missed', 0, 0, 0],
    ],
  );
  assert.equal(isRoundMissed(await weeks()), true);
});

test('在庫照合は週に一度。貸出中の媒体は数えない', async () => {
  await using h = await aStore();
  unwrap(
    await h.inAct((tx) =>
      registerMedium(tx, h.deps, { serial: 'DVD-0002', kind: 'designated-dvd-rw', place: '保管庫A', by: 's1' }),
    ),
  );
  unwrap(await h.lent());
  const open = () => h.inAct((tx) => openStockTaking(tx, h.deps, { by: 's1' }));
  const both = await Promise.all([open(), open()]);
  assert.deepEqual(both.map((r) => (r.ok ? r.value.expected : r.error)).sort(), [1, 'already-opened']);
  assert.deepEqual(
    await h.inAct((tx) => countStock(tx, h.deps, { takingId: h.deps.newId(), serials: [], by: 's1' })),
    err('no-such-taking'),
  );
});

const binder = {
  number: 'BIND-2026-1',
  kind: 'binder',
  title: '提供依頼書綴り',
  keepUntil: Temporal.PlainDate.from('2031-03-31'),
  place: '金庫1',
  holder: 's1',
  by: 's1',
} as const;
const out = {
  number: binder.number,
  from: '金庫1',
  state: 'out',
  place: '監査室',
  holder: 's5',
  dueOn: Temporal.PlainDate.from('2026-06-03'),
  reason: '監査',
  by: 's1',
} as const;

mechanismTest('media.location-register', '文書は、台帳にある場所からだけ動かせ、保存期間中は廃棄できない', async () => {
  await using h = await aStore();
  unwrap(await h.inAct((tx) => registerPaper(tx, h.deps, binder)));
  assert.deepEqual(await h.inAct((tx) => movePaper(tx, h.deps, { ...out, from: '金庫2' })), err('not-at-that-place'));
  const destroyed = { ...out, state: 'destroyed', dueOn: undefined, place: '溶解', reason: '満了' } as const;
  assert.deepEqual(await h.inAct((tx) => movePaper(tx, h.deps, destroyed)), err('kept-until-later'));
  h.t.deps.civilClock.set('2031-04-01');
  assert.ok((await h.inAct((tx) => movePaper(tx, h.deps, destroyed))).ok);
  assert.deepEqual(await h.inAct((tx) => movePaper(tx, h.deps, { ...out, from: '溶解' })), err('already-destroyed'));
});

test('所在管理簿: 二人が同時に動かせば一度だけ動き、期限を過ぎた持出しが一覧に出る', async () => {
  await using h = await aStore();
  unwrap(await h.inAct((tx) => registerPaper(tx, h.deps, binder)));
  assert.deepEqual(await h.inAct((tx) => registerPaper(tx, h.deps, binder)), err('number-taken'));
  assert.deepEqual(await h.inAct((tx) => movePaper(tx, h.deps, { ...out, dueOn: undefined })), err('due-missing'));
  const both = await Promise.all([
    h.inAct((tx) => movePaper(tx, h.deps, out)),
    h.inAct((tx) => movePaper(tx, h.deps, out)),
  ]);
  assert.deepEqual(both.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['not-at-that-place', 'ok']);
  const wanted = async () =>
    unwrap(
      await h.inAct(async (tx) =>
        ok(await listPapers(tx, h.deps.civilClock.today(), { onlyWanted: true, offset: 0, limit: 10 })),
      ),
    );
  assert.equal((await wanted()).total, 0);
  h.t.deps.civilClock.set('2026-06-04');
  assert.deepEqual(
    (await wanted()).rows.map((p) => [p.number, p.place, p.holder]),
    [['BIND-2026-1', '監査室', 's5']],
  );
});
