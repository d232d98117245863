import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, ok, unwrap } from '../../result/result.ts';
import { importContainer } from '../keys.ts';
import {
  confirmReceipt,
  destroyMedium,
  lendMedium,
  lentMedium,
  moveMedium,
  registerMedium,
  remindOverdue,
  returnMedium,
} from '../ledger.ts';
import { aStore, waterworks } from './a-store.ts';

const counts = (records: number) => [{ fileName: 'result.csv.age', records, totals: {} }];
const destruction = {
  instruction: '廃棄指示-4',
  reason: '書込み不良',
  method: '破砕',
  person: 's1',
  witness: 's3',
  certificate: '廃棄-4',
};

test('003 §3.4 U20 媒体の一生: 貸出し・書込み・引渡し・受領確認・消去・返却が一行ずつ残る', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  const { handOverId, slip } = unwrap(await h.written());
  unwrap(await h.handOver());
  const confirmation = { serial: h.serial, by: 's1', receivedBy: 'W-7', confirmation: '受領-9' };
  const less = unwrap(await h.inAct((tx) => confirmReceipt(tx, h.deps, { ...confirmation, counted: counts(1) })));
  assert.deepEqual(less.differences, [{ fileName: 'result.csv.age', what: 'records', stated: 2, counted: 1 }]);
  unwrap(await h.inAct((tx) => confirmReceipt(tx, h.deps, { ...confirmation, counted: counts(2) })));
  unwrap(await h.erase());
  unwrap(
    await h.inAct((tx) =>
      returnMedium(tx, h.deps, { serial: h.serial, by: 's1', how: 'returned', returnedBy: 'W-7', place: '保管庫A' }),
    ),
  );
  assert.deepEqual(await h.states(), [
    'registered:in-store',
    'lent:lent',
    'written:written',
    'handed-over:handed-over',
    'received:received',
    'erased:erased',
    'returned:in-store',
  ]);
  const [output] = await h.t.owner('select hand_over_id, sha256, records, terminal, department from media.output');
  assert.deepEqual(output, {
    hand_over_id: handOverId,
    sha256: slip.files[0]!.sha256,
    records: 2,
    terminal: 'T-9',
    department: waterworks,
  });
  const handOver = await h.t.owner<{ state: string }>('select state from media.step order by step_no');
  assert.deepEqual(
    handOver.map((s) => s.state),
    ['prepared', 'handed-over', 'differs', 'reconciled', 'erased'],
  );
  await assert.rejects(h.t.db.pool.query('update media.medium_step set by_staff = by_staff'), { code: '42501' });
});

mechanismTest('media.registered-only', '003-II.6-A13 指定DVD-RW以外は貸し出せない', async () => {
  await using h = await aStore();
  unwrap(
    await h.inAct((tx) =>
      registerMedium(tx, h.deps, { serial: 'DISK-1', kind: 'magnetic-disk', place: '機械室', by: 's1' }),
    ),
  );
  assert.deepEqual(await h.asked({ serial: 'DISK-1' }), err('not-designated'));
});

mechanismTest('media.registered-only', '003-II.6-A04 貸し出した部署の媒体でなければ使えない', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  const use = (department: string) => h.inAct((tx) => lentMedium(tx, { serial: h.serial, department }));
  assert.ok((await use(waterworks)).ok);
  assert.deepEqual(await use('主税局'), err('not-lent-to-this-department'));
});

test('003 scenario 19 登録のない媒体は使えない', async () => {
  await using h = await aStore();
  assert.deepEqual(
    await h.inAct((tx) => lentMedium(tx, { serial: 'USB-1', department: waterworks })),
    err('no-such-medium'),
  );
  assert.deepEqual(await h.asked({ serial: 'USB-1' }), err('no-such-medium'));
});

mechanismTest(
  'media.erasure-before-reissue',
  '003-II.6-A09 消去の記録がない媒体は、次の部署に貸し出せない',
  async () => {
    await using h = await aStore();
    unwrap(await h.lent());
    unwrap(await h.loaded());
    unwrap(
      await h.inAct((tx) =>
        returnMedium(tx, h.deps, { serial: h.serial, by: 's1', how: 'collected', returnedBy: 'W-7', place: '保管庫A' }),
      ),
    );
    assert.deepEqual(await h.asked({ department: '主税局' }), err('not-in-this-state'));
    assert.deepEqual(await h.erase({ method: ' ' }), err('erasure-incomplete'));
    unwrap(await h.erase());
    assert.ok((await h.asked({ department: '主税局' })).ok);
  },
);

mechanismTest('media.handover-ledger', '003-III.5-R3-A03 受領は、引き渡した相手が書面で確認する', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  unwrap(await h.written());
  unwrap(await h.handOver());
  const confirm = (receivedBy: string, confirmation: string) =>
    h.inAct((tx) =>
      confirmReceipt(tx, h.deps, { serial: h.serial, by: 's1', receivedBy, confirmation, counted: counts(2) }),
    );
  assert.deepEqual(await confirm('s1', '受領-9'), err('receiver-is-giver'));
  assert.deepEqual(await confirm('W-8', '受領-9'), err('not-handed-to-them'));
  assert.deepEqual(await confirm('W-7', ''), err('confirmation-missing'));
  assert.ok((await confirm('W-7', '受領-9')).ok);
});

mechanismTest(
  'media.disposal',
  '003-II.6-A15 廃棄は、指示・理由・方法・実施者・立会人・証明がそろって初めて記録できる',
  async () => {
    await using h = await aStore();
    const destroy = (more: object = {}) =>
      h.inAct((tx) => destroyMedium(tx, h.deps, { serial: h.serial, by: 's1', ...destruction, ...more }));
    assert.deepEqual(await destroy({ reason: '' }), err('destruction-incomplete'));
    assert.deepEqual(await destroy({ certificate: ' ' }), err('destruction-incomplete'));
    assert.ok((await destroy()).ok);
  },
);

test('003-III.4-R0-A19 立会人が実施者本人なら廃棄できず、廃棄した番号は二度と使えない', async () => {
  await using h = await aStore();
  const destroy = (more: object = {}) =>
    h.inAct((tx) => destroyMedium(tx, h.deps, { serial: h.serial, by: 's1', ...destruction, ...more }));
  assert.deepEqual(await destroy({ witness: 's1' }), err('witness-is-person'));
  unwrap(await destroy());
  assert.deepEqual(await destroy(), err('not-in-this-state'));
  assert.deepEqual(await h.asked(), err('not-in-this-state'));
  assert.deepEqual(
    await h.inAct((tx) =>
      registerMedium(tx, h.deps, { serial: h.serial, kind: 'designated-dvd-rw', place: '保管庫A', by: 's1' }),
    ),
    err('serial-taken'),
  );
});

test('design §6 貸出しは申請した本人では承認できず、承認なしには出ない。承認は一度だけ使える', async () => {
  await using h = await aStore();
  const { lendingId, approvalId } = unwrap(await h.asked());
  const lend = () => h.inAct((tx) => lendMedium(tx, h.deps, { lendingId, by: 's1' }));
  assert.deepEqual(await lend(), err('not-approved'));
  assert.deepEqual(await h.approve(approvalId, 's1'), err('approver-is-requester'));
  unwrap(await h.approve(approvalId));
  await h.t.owner(`update media.lending set department = '主税局'`);
  assert.deepEqual(await lend(), err('differs-from-approved'));
  await h.t.owner(`update media.lending set department = '${waterworks}'`);
  const both = await Promise.all([lend(), lend()]);
  assert.deepEqual(both.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['not-in-this-state', 'ok']);
});

test('期限を過ぎた媒体は一日一度だけ知らせ、その部署には次を貸さない', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  const remind = async () => unwrap(await h.inAct(async (tx) => ok(await remindOverdue(tx, h.deps))));
  assert.deepEqual((await remind()).overdue, []);
  h.t.deps.civilClock.set('2026-06-11');
  assert.deepEqual([(await remind()).reminded.length, (await remind()).reminded.length], [1, 0]);
  h.t.deps.civilClock.set('2026-06-12');
  const again = await remind();
  assert.deepEqual(
    again.reminded.map((m) => [m.serial, m.department, m.state]),
    [[h.serial, waterworks, 'lent']],
  );
  unwrap(
    await h.inAct((tx) =>
      registerMedium(tx, h.deps, { serial: 'DVD-0002', kind: 'designated-dvd-rw', place: '保管庫A', by: 's1' }),
    ),
  );
  const dueOn = Temporal.PlainDate.from('2026-07-01');
  assert.deepEqual(await h.asked({ serial: 'DVD-0002', dueOn }), err('department-has-overdue'));
  assert.ok((await h.asked({ serial: 'DVD-0002', dueOn, department: '主税局' })).ok);
});

test('返却されたまま消去されない媒体は翌日から知らせる', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  unwrap(await h.loaded());
  unwrap(
    await h.inAct((tx) =>
      returnMedium(tx, h.deps, { serial: h.serial, by: 's1', how: 'returned', returnedBy: 'W-7', place: '保管庫A' }),
    ),
  );
  const overdue = async () => unwrap(await h.inAct(async (tx) => ok(await remindOverdue(tx, h.deps)))).overdue.length;
  assert.equal(await overdue(), 0);
  h.t.deps.civilClock.set('2026-06-02');
  assert.equal(await overdue(), 1);
});

test('所在不明の媒体は貸し出せず、見つかっても消去するまで使えない', async () => {
  await using h = await aStore();
  const move = (step: 'missing' | 'found') =>
    h.inAct((tx) => moveMedium(tx, h.deps, { serial: h.serial, step, place: '保管庫A', reason: '在庫照合', by: 's1' }));
  unwrap(await move('missing'));
  assert.deepEqual(await h.asked(), err('not-in-this-state'));
  unwrap(await move('found'));
  assert.deepEqual(await h.asked(), err('not-in-this-state'));
  unwrap(await h.erase());
  assert.ok((await h.asked()).ok);
});

mechanismTest('media.encryption', '003-II.6-A04 暗号化されていないファイルは媒体から読み込まない', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  const plain = Buffer.from('H,1,依頼-1,SUIDO-01,水道局,1\r\n');
  const result = await h.inAct((tx) =>
    importContainer(tx, h.deps, { serial: h.serial, department: waterworks, bytes: plain, by: 's1' }),
  );
  assert.deepEqual(result, err('not-encrypted'));
  assert.deepEqual(await h.t.owner('select 1 from media.import'), []);
});

test('design §4.6 読込み: 自分あての鍵で開き、二度目・切れたもの・他者あてのものは受け付けない', async () => {
  await using h = await aStore();
  unwrap(await h.lent());
  const take = (bytes: Uint8Array) =>
    h.inAct((tx) => importContainer(tx, h.deps, { serial: h.serial, department: waterworks, bytes, by: 's1' }));
  const file = await h.encrypted('H,1\r\nT,0\r\n');
  assert.deepEqual(await take(file.subarray(0, file.length >> 1)), err('not-for-us-or-damaged'));
  assert.deepEqual(await take(await h.encrypted('x', h.recipientKey)), err('not-for-us-or-damaged'));
  assert.deepEqual(await h.states(), ['registered:in-store', 'lent:lent']);
  const taken = unwrap(await take(file));
  assert.equal(Buffer.from(taken.content).toString(), 'H,1\r\nT,0\r\n');
  assert.deepEqual(await take(file), err('imported-before'));
  assert.deepEqual((await h.states()).at(-1), 'loaded:loaded');
  const uses = await h.t.owner<{ purpose: string }>(`select distinct purpose from sealed.use where operation = 'open'`);
  assert.deepEqual(uses, [{ purpose: 'media/import' }]);
});
