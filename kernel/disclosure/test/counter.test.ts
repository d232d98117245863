import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, ok, unwrap } from '../../result/result.ts';
import { aCounter, aRequest, type Counter, counterClerk, manager, sampleSetup } from '../testing.ts';

type Requested = Partial<Parameters<Counter['counter']['receive']>[2]>;

async function received(c: Counter, request: Requested) {
  const { deps, counter } = c;
  const taken = unwrap(await counter.receive(deps, counterClerk, { ...aRequest, ...request }));
  const { requestId } = taken;
  unwrap(await counter.checkIdentity(deps, counterClerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(deps, counterClerk, { requestId }));
  return taken;
}
const matchedFor = async (c: Counter, request: Requested): Promise<string> => (await received(c, request)).requestId;

async function decided(c: Counter, request: Requested = {}) {
  const { deps, counter } = c;
  const { requestId, receiptNo, dueOn } = await received(c, request);
  unwrap(await counter.propose(deps, counterClerk, { requestId, decision: { word: 'granted' } }));
  unwrap(await counter.decide(deps, manager, { requestId }));
  return { requestId, receiptNo, dueOn };
}

test('003-V.1-S1-01/02 開示: 受付から交付まで。手数料は枚数×10円、納付の後に交付、帳票の番号に欠番なし', async () => {
  await using c = await aCounter();
  const { deps, counter, t } = c;
  const { requestId, receiptNo, dueOn } = await decided(c);
  assert.equal(receiptNo, '本受-2026-000001');
  assert.equal(dueOn, '2026-06-30');
  assert.deepEqual(unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' })), {
    serial: '本帳-2026-000001',
    sheets: 2,
  });
  assert.deepEqual(
    await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' }),
    err('already-made'),
  );
  assert.deepEqual(await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }), err('fee-not-paid'));
  const slip = unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'payment-slip' }));
  assert.deepEqual(
    await counter.recordPayment(deps, counterClerk, { requestId, yen: 10, slip: slip.serial }),
    err('wrong-amount'),
  );
  unwrap(await counter.recordPayment(deps, counterClerk, { requestId, yen: 20, slip: slip.serial }));
  assert.deepEqual(
    await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }),
    ok({ serials: ['本帳-2026-000001'] }),
  );
  assert.deepEqual(await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }), err('already-closed'));
  const serials = await t.owner<{ serial: string }>('select serial from disclosure.form order by serial');
  assert.deepEqual(
    serials.map((s) => s.serial),
    ['本帳-2026-000001', '本帳-2026-000002', '本書-2026-000001'],
  );
});

test('003 scenario 22 記録と一致しない請求、代理権を証しない代理人、本人確認のない請求は進まず、拒否が記録される', async () => {
  await using c = await aCounter();
  const { deps, counter } = c;
  const { requestId } = unwrap(
    await counter.receive(deps, counterClerk, { ...aRequest, role: 'appointed', birthDate: '1980-04-03' }),
  );
  const check = (
    documents: readonly ['passport'] | readonly ['pension-handbook'],
    proxyProof: 'letter-of-authority' | null,
  ) => counter.checkIdentity(deps, counterClerk, { requestId, documents, proxyProof });
  assert.deepEqual(await check(['pension-handbook'], 'letter-of-authority'), err('identity-not-shown'));
  assert.deepEqual(await check(['passport'], null), err('proxy-not-proved'));
  assert.deepEqual(await counter.match(deps, counterClerk, { requestId }), err('identity-not-checked'));
  unwrap(await check(['passport'], 'letter-of-authority'));
  assert.deepEqual(await counter.match(deps, counterClerk, { requestId }), err('no-match'));
  assert.deepEqual(
    await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' }),
    err('not-decided'),
  );
  assert.deepEqual(c.refusals, [
    'identity-not-shown',
    'proxy-not-proved',
    'identity-not-checked',
    'no-match',
    'not-decided',
  ]);
  const no = { word: 'refused', reason: 'not-identified', note: '' } as const;
  unwrap(await counter.propose(deps, counterClerk, { requestId, decision: no }));
  unwrap(await counter.decide(deps, manager, { requestId }));
  unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'refusal-notice' }));
  unwrap(await counter.handOver(deps, counterClerk, { requestId, method: 'registered-mail' }));
});

test('two clerks at once: one step is taken, one serial is given', async () => {
  await using c = await aCounter();
  const { deps, counter, t } = c;
  const { requestId } = await decided(c);
  const results = await Promise.all(
    [1, 2, 3].map(() => counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' })),
  );
  assert.equal(results.filter((r) => r.ok).length, 1);
  const rows = await t.owner("select 1 from disclosure.form where form_type = 'record-disclosure'");
  assert.equal(rows.length, 1);
});

test('a crash between the order of a sheet and the sheet: the same serial is set again, none is lost', async () => {
  await using c = await aCounter();
  const { deps, counter } = c;
  const { requestId } = await decided(c);
  const broken = {
    ...deps,
    typesetter: { ...deps.typesetter, render: async () => Promise.reject(new Error('the machine stopped')) },
  };
  await assert.rejects(counter.print(broken, counterClerk, { requestId, formType: 'record-disclosure' }));
  const made = unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' }));
  assert.equal(made.serial, '本帳-2026-000001');
});

test('003-III.7-R3-B04 帳票管理簿: 保管中の書面は年限の後、立会人のもとで裁断してはじめて終わり、写しも開けなくなる', async () => {
  await using c = await aCounter();
  const { deps, counter, t } = c;
  const { requestId } = await decided(c);
  const sheet = unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' }));
  const slip = unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'payment-slip' }));
  unwrap(await counter.recordPayment(deps, counterClerk, { requestId, yen: 20, slip: slip.serial }));
  const check = (found: string[], explanation = '') => counter.ledger.check(deps, manager, { found, explanation });
  const paper = '本書-2026-000001';
  assert.deepEqual(await check([paper]), err('explanation-missing'));
  assert.deepEqual(await check([paper, sheet.serial]), ok({ missing: [], surplus: [] }));
  unwrap(await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }));
  assert.deepEqual(
    await check([sheet.serial, paper], '交付済みの控えが残っていた'),
    ok({ missing: [], surplus: [sheet.serial] }),
  );

  const shred = (witness: string) =>
    counter.ledger.dispose(deps, counterClerk, { serial: paper, method: 'shredded', witness });
  t.deps.civilClock.set(Temporal.PlainDate.from('2030-03-31'));
  assert.deepEqual(await shred('M-1'), err('term-not-over'));
  t.deps.civilClock.set(Temporal.PlainDate.from('2030-04-01'));
  assert.deepEqual(await shred('S-1'), err('witness-missing'));
  unwrap(await shred('M-1'));
  assert.deepEqual(await shred('M-1'), err('already-ended'));
  assert.equal(unwrap(await counter.ledger.eraseOldCopies(deps, manager, null)).erased, 2);
  assert.deepEqual(await counter.openSheet(deps, counterClerk, { serial: sheet.serial }), err('erased'));
});

mechanismTest('disclosure.request-register', '003-V.1-S1-01 決定の前に記録が出ることはない', async () => {
  await using c = await aCounter();
  const { deps, counter } = c;
  const { requestId } = unwrap(await counter.receive(deps, counterClerk, aRequest));
  unwrap(await counter.checkIdentity(deps, counterClerk, { requestId, documents: ['passport'], proxyProof: null }));
  unwrap(await counter.match(deps, counterClerk, { requestId }));
  assert.deepEqual(
    await counter.print(deps, counterClerk, { requestId, formType: 'record-disclosure' }),
    err('not-decided'),
  );
});

mechanismTest('disclosure.extract', '003-III.3-RX-A06 他人の行を含む抽出は印刷されない', async () => {
  const setup = sampleSetup([{ heading: '履歴', about: ['p-1', 'p-2'], facts: [] }]);
  await using c = await aCounter({ setup });
  const { requestId } = await decided(c);
  assert.deepEqual(
    await c.counter.print(c.deps, counterClerk, { requestId, formType: 'record-disclosure' }),
    err('foreign-row'),
  );
});

mechanismTest('disclosure.fee', '003-V.1-S1-02 手数料の納付の記録がなければ交付できない', async () => {
  await using c = await aCounter();
  const { requestId } = await decided(c);
  unwrap(await c.counter.print(c.deps, counterClerk, { requestId, formType: 'record-disclosure' }));
  assert.deepEqual(
    await c.counter.handOver(c.deps, counterClerk, { requestId, method: 'counter' }),
    err('fee-not-paid'),
  );
});

mechanismTest('access.second-person', '開示の決裁は起案した者にはできない', async () => {
  await using c = await aCounter();
  const { requestId } = unwrap(await c.counter.receive(c.deps, counterClerk, aRequest));
  const no = { word: 'refused', reason: 'form-incomplete', note: '' } as const;
  unwrap(await c.counter.propose(c.deps, counterClerk, { requestId, decision: no }));
  assert.deepEqual(await c.counter.decide(c.deps, counterClerk, { requestId }), err('approver-is-proposer'));
});

mechanismTest('disclosure.contact-log', '003-V.1-S1-05 問合せは対応と回答の記録なしには完了しない', async () => {
  await using c = await aCounter();
  const { deps } = c;
  const { questions } = c.counter;
  const { questionId, number } = unwrap(
    await questions.open(deps, counterClerk, { channel: 'telephone', subject: '手数料について' }),
  );
  assert.equal(number, '本問-2026-000001');
  unwrap(await questions.step(deps, counterClerk, { questionId, kind: 'handled', note: '担当に確認' }));
  assert.deepEqual(
    await questions.step(deps, counterClerk, { questionId, kind: 'closed', note: '完了' }),
    err('not-answered'),
  );
});

const stopping = { kind: 'stop-of-use', scope: '提供の停止' } as const;
const all = { scope: 'all', tasks: [] } as const;

test('個人情報保護法98条・100条 利用停止: 範囲のない決定案、知らない範囲や事務は受け付けず、停止は決裁とともに始まる', async () => {
  await using c = await aCounter();
  const { deps, counter, t } = c;
  const requestId = await matchedFor(c, stopping);
  const propose = (decision: Parameters<typeof counter.propose>[2]['decision']) =>
    counter.propose(deps, counterClerk, { requestId, decision });
  assert.deepEqual(await propose({ word: 'granted' }), err('stop-not-stated'));
  assert.deepEqual(await propose({ word: 'granted', stop: { scope: 'x', tasks: [] } }), err('unknown-scope'));
  assert.deepEqual(await propose({ word: 'granted', stop: { scope: 'all', tasks: ['NONE'] } }), err('no-such-task'));
  unwrap(await propose({ word: 'granted', stop: { scope: 'all', tasks: ['SUIDO-01'] } }));
  const inForce = () => t.owner<{ word: string }>('select word from disclosure.use_stop_now order by word');
  assert.deepEqual(await inForce(), []);
  assert.deepEqual(await counter.decide(deps, counterClerk, { requestId }), err('approver-is-proposer'));
  assert.deepEqual(await inForce(), []);
  const both = await Promise.all([1, 2].map(() => counter.decide(deps, manager, { requestId })));
  assert.deepEqual(both.map((r) => (r.ok ? 'decided' : r.error)).sort(), ['already-decided', 'decided']);
  assert.deepEqual(await inForce(), [{ word: 'provision:SUIDO-01' }, { word: 'use:SUIDO-01' }]);
  const other = await matchedFor(c, {});
  assert.deepEqual(
    await counter.propose(deps, counterClerk, { requestId: other, decision: { word: 'granted', stop: all } }),
    err('not-for-this-kind'),
  );
});

test('利用停止の解除: 取下げでは終わらず、請求が終了した後も、理由を付した起案と別の職員の決裁で一度だけ終わる', async () => {
  await using c = await aCounter();
  const { deps, counter, t } = c;
  const requestId = await matchedFor(c, stopping);
  const because = { requestId, reason: '本人の申出' };
  assert.deepEqual(await counter.proposeLift(deps, counterClerk, because), err('not-stopped'));
  unwrap(await counter.propose(deps, counterClerk, { requestId, decision: { word: 'granted', stop: all } }));
  unwrap(await counter.decide(deps, manager, { requestId }));
  assert.deepEqual(await counter.withdraw(deps, counterClerk, { requestId }), err('already-decided'));
  unwrap(await counter.print(deps, counterClerk, { requestId, formType: 'stop-decision' }));
  unwrap(await counter.handOver(deps, counterClerk, { requestId, method: 'counter' }));
  const list = { which: 'stopped', kind: null, offset: 0, limit: 10 } as const;
  assert.equal(unwrap(await counter.list(deps, counterClerk, list)).total, 1);
  assert.deepEqual(await counter.lift(deps, manager, { requestId }), err('not-proposed'));
  assert.deepEqual(await counter.proposeLift(deps, counterClerk, { requestId, reason: ' ' }), err('reason-missing'));
  unwrap(await counter.proposeLift(deps, counterClerk, because));
  unwrap(await counter.sendLiftBack(deps, manager, { requestId, reason: '申出の書面がない' }));
  assert.deepEqual(await counter.lift(deps, manager, { requestId }), err('not-proposed'));
  unwrap(await counter.proposeLift(deps, counterClerk, because));
  assert.deepEqual(await counter.lift(deps, counterClerk, { requestId }), err('approver-is-proposer'));
  const both = await Promise.all([1, 2].map(() => counter.lift(deps, manager, { requestId })));
  assert.deepEqual(both.map((r) => (r.ok ? 'lifted' : r.error)).sort(), ['lifted', 'not-stopped']);
  assert.deepEqual(await t.owner('select 1 from disclosure.use_stop_now'), []);
  assert.equal(unwrap(await counter.list(deps, counterClerk, list)).total, 0);
});
