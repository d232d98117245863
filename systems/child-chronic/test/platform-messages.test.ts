import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { answerWithTiers } from '../service/answer-transfer.ts';
import { askTax } from '../service/ask-tax.ts';
import { registerApplicant } from '../service/open-case.ts';
import { readCase } from '../service/read-cases.ts';
import { takeCorrection } from '../service/take-correction.ts';
import { aCertifiedCase, answerTo, aWorld, officer } from './world.ts';

const platform: Actor = { kind: 'system', organisation: 'tokyo', system: 'common-platform', certificate: 'test' };
const received = <M>(message: M, sender = 'tokyo/common-platform') => ({
  message,
  messageId: '00000000-0000-7000-8000-000000000000',
  sender,
  family: 'platform.identity-correction',
  number: 1,
  digest: new Uint8Array(32),
  bytes: 0,
});

async function aDecidedCase() {
  const w = await aWorld();
  w.platform.answer = async (ask) => ({ ok: true, value: answerTo(ask) });
  const { caseId } = await aCertifiedCase(w);
  const number = unwrap(await readCase(w.deps, officer, { caseId })).registrations[0]!.orgPersonNumber!;
  return { w, caseId, number, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}

test('001 LNK-X4 庁内照会には、決定した階層区分を、名指しされた方と項目だけ答える', async () => {
  await using c = await aDecidedCase();
  const ask = {
    transferId: c.w.deps.newId(),
    asker: 'welfare',
    ground: '東京都番号条例 別表第二',
    approvedBy: 'rule' as const,
    task: 'ORD-031',
    information: 'MED-001',
    items: ['受給有無', '階層区分'],
    rows: [
      { rowId: 'a', orgPersonNumber: c.number },
      { rowId: 'b', orgPersonNumber: '000000000000000' },
    ],
  };
  const { rows } = unwrap(await answerWithTiers(c.w.deps, platform, ask));
  assert.deepEqual(rows, [
    { rowId: 'a', result: '00', items: { 受給有無: true, 階層区分: rows[0]!.items.階層区分 } },
    { rowId: 'b', result: '10', items: {} },
  ]);
  assert.match(`${rows[0]!.items.階層区分}`, /^[1-6]$/);
  assert.deepEqual(await answerWithTiers(c.w.deps, platform, { ...ask, information: 'MED-002' }), {
    ok: false,
    error: 'not-our-information',
  });
  assert.deepEqual(await answerWithTiers(c.w.deps, officer, ask), { ok: false, error: 'not-authorised' });
});

test('INC-53 誤った紐付けの解除が届くと、申請は宛名の登録待ちに戻り、別の要求で登録し直す。二度届いても一度だけ', async () => {
  await using c = await aDecidedCase();
  const { w, caseId } = c;
  const correction = {
    correctionId: w.deps.newId(),
    kind: 'unlinked' as const,
    correctedOn: '2026-07-10',
    orgPersonNumber: c.number,
    ended: null,
    addresseeNumber: null,
  };
  assert.deepEqual(await takeCorrection(w.deps, platform, received(correction, 'meguro/common-platform')), {
    ok: false,
    error: 'not-your-platform',
  });
  assert.equal(unwrap(await takeCorrection(w.deps, platform, received(correction))), 1);
  assert.equal(unwrap(await takeCorrection(w.deps, platform, received(correction))), 0);
  const [waiting] = unwrap(await readCase(w.deps, officer, { caseId })).registrations;
  assert.deepEqual([waiting!.orgPersonNumber, waiting!.refusal], [null, 'unlinked']);
  const again = await askTax(w.deps, officer, { caseId, requestId: w.deps.newId(), provider: 'meguro' });
  assert.deepEqual(again, { ok: false, error: 'not-registered' });
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  assert.equal(unwrap(await readCase(w.deps, officer, { caseId })).registrations[0]!.orgPersonNumber, c.number);
  const [row] = await w.t.owner<{ n: number }>('select count(*)::int as n from child_chronic.registration');
  assert.equal(row!.n, 2);
});
