import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { formToProduce } from '../domain/forms.ts';
import { caseStatus, revealNumber } from '../service/case-status.ts';
import { endCertification } from '../service/certify.ts';
import { lodgeDecided, showCopies, signCopyCheck } from '../service/copies.ts';
import {
  addInquiryRow,
  addPiece,
  closeBatch,
  enterAnswer,
  extractSubjects,
  readBatch,
} from '../service/insurer-inquiries.ts';
import { matchConsent, recordConsent, registerInsurer } from '../service/insurers.ts';
import { type OpenCase, openCase } from '../service/open-case.ts';
import { offices, sendPapers, showPapers, takeInPapers, takeOverPapers } from '../service/papers.ts';
import { produceForm } from '../service/produce-form.ts';
import { aCertifiedCase, anApplication, approver, aWorld, officer, staff, viewer, type World } from './world.ts';

const second = staff('officer2');
const day = Temporal.PlainDate.from;
const open = (w: World, more: Partial<OpenCase> = {}) => openCase(w.deps, officer, anApplication(w, more));
const nothingStored = async (w: World) =>
  (await w.t.owner<{ n: number }>('select count(*)::int as n from child_chronic.case_file'))[0]!.n === 0;
const receiptOf = async (w: World, caseId: string) =>
  (
    await w.t.owner<{ r: string }>('select receipt_number as r from child_chronic.intake_check where case_id = $1', [
      caseId,
    ])
  )[0]!.r;
const insurerCode = '06130001';
const insurer = {
  insurerCode,
  name: '東京第一健康保険組合',
  postalCode: '1530061',
  address: '東京都目黒区中目黒一丁目1番',
};
const legalGround = 'HI-109';

/** A case with a consent to ask its insurer; matched by a second person unless told otherwise. */
async function consented(w: World, matched = true): Promise<string> {
  const { caseId } = unwrap(await open(w));
  unwrap(await registerInsurer(w.deps, approver, insurer));
  const { consentId } = unwrap(
    await recordConsent(w.deps, officer, {
      caseId,
      insurerCode,
      signer: 'applicant',
      signedOn: '2026-07-01',
      receiptNumber: await receiptOf(w, caseId),
    }),
  );
  if (matched) unwrap(await matchConsent(w.deps, second, { consentId }));
  return caseId;
}
const extract = (w: World) => extractSubjects(w.deps, officer, { insurerCode, legalGround });
const rowsOf = async (w: World, batchId: string) => unwrap(await readBatch(w.deps, officer, { batchId })).rows;
const paper = async (w: World) =>
  unwrap(
    await takeInPapers(w.deps, officer, {
      receivedOn: '2026-07-10',
      sender: '保険者',
      documents: ['回答書'],
      sheets: 1,
      channel: 'post',
      holder: offices[0],
    }),
  ).receiptNumber;

mechanismTest(
  'input.identity-check',
  '001-I-B1-S1-01 001-III.2-R3-07 本人確認のできない申請からは何も登録しない',
  async () => {
    await using w = await aWorld();
    const without = { numberDocument: null, identityDocuments: ['card'] as const, proxy: null };
    const weak = { numberDocument: 'certificate' as const, identityDocuments: ['insurance'] as const, proxy: null };
    for (const identity of [without, weak]) assert.deepEqual(await open(w, { identity }), err('identity-not-checked'));
    assert.ok(await nothingStored(w));
  },
);

test('番号利用法 第16条 写真のない書類は二点で足り、同じ書類二点では足りない', async () => {
  await using w = await aWorld();
  const identity = (...identityDocuments: OpenCase['identity']['identityDocuments']) =>
    ({ numberDocument: 'certificate', identityDocuments, proxy: null }) as const;
  assert.deepEqual(await open(w, { identity: identity('insurance', 'insurance') }), err('identity-not-checked'));
  assert.ok((await open(w, { identity: identity('insurance', 'pension') })).ok);
});

mechanismTest(
  'input.proxy-authority',
  '001-8.3 001-III.2-R3-08 代理権を示さない代理人の申請は受け付けない',
  async () => {
    await using w = await aWorld();
    const identity = { numberDocument: 'card' as const, identityDocuments: ['licence'] as const };
    assert.deepEqual(
      await open(w, { identity: { ...identity, proxy: { authority: null } } }),
      err('proxy-authority-missing'),
    );
    assert.ok(await nothingStored(w));
    assert.ok((await open(w, { identity: { ...identity, proxy: { authority: 'power-of-attorney' } } })).ok);
  },
);

mechanismTest('input.form-version', '001-III.2-R1-02 定められた版でない様式からは入力できない', async () => {
  await using w = await aWorld();
  for (const formVersion of ['2023-04', '2026-10', '2024-05'])
    assert.deepEqual(await open(w, { formVersion }), err('unknown-form'));
  assert.ok(await nothingStored(w));
  assert.ok((await open(w, { formVersion: '2024-04' })).ok); // taken until the end of September
});

mechanismTest(
  'input.notice-on-form',
  '001-III.2-R1-03 R1-17 利用目的と注意書きのない様式は交付せず、確かめていない申請は受け付けない',
  async () => {
    await using w = await aWorld();
    assert.deepEqual(await open(w, { noticeConfirmed: false }), err('notice-not-confirmed'));
    assert.deepEqual(formToProduce('entitlement', day('2027-04-01')), err('no-current-notice'));
    const form = unwrap(await produceForm(w.deps, viewer, { form: 'entitlement' }));
    assert.ok(form !== 'no-current-notice' && form.notice.purpose !== '' && form.notice.surplus !== '');
  },
);

mechanismTest('input.receipt-ledger', '001-II.6-04 III.2-R2-05 収受簿にない書類は、どの件にも使えない', async () => {
  await using w = await aWorld();
  const { caseId } = unwrap(await open(w));
  unwrap(await registerInsurer(w.deps, approver, insurer));
  const consent = (receiptNumber: string) =>
    recordConsent(w.deps, officer, { caseId, insurerCode, signer: 'proxy', signedOn: '2026-07-01', receiptNumber });
  const other = unwrap(await open(w, { applicantName: '目黒 次郎' })).caseId;
  assert.deepEqual(await consent(await receiptOf(w, other)), err('receipt-used'));
  assert.deepEqual(await consent('R2026-99999'), err('not-in-receipt-ledger'));
});

test('001-II.6-04 受け付けた申請は収受簿に番号・差出人・枚数とともに残り、番号に欠けがない', async () => {
  await using w = await aWorld();
  unwrap(await open(w));
  // A refusal undoes its number with the rest.
  assert.deepEqual(await open(w, { individualNumber: '123456789019' }), err('wrong-check-digit'));
  assert.deepEqual(await open(w, { sheets: 0 }), err('documents-missing'));
  unwrap(await open(w));
  const { rows, total } = unwrap(await showPapers(w.deps, viewerOf, { onlyOpen: false, offset: 0, limit: 10 }));
  assert.equal(total, 2);
  assert.deepEqual(
    rows.map((r) => r.receiptNumber),
    ['R2026-00002', 'R2026-00001'],
  );
  assert.deepEqual([rows[0]!.sender, rows[0]!.sheets, rows[0]!.channel], ['申請者', 3, 'counter']);
});
const viewerOf = approver;

mechanismTest(
  'media.dispatch-bag',
  '001-8.2 001-III.2-R2-04 III.2-R4-02 交換便は送付簿と現物が合い、別の職員が受け取るまで閉じない',
  async () => {
    await using w = await aWorld();
    const [a, b] = [await paper(w), await paper(w)];
    const [from, to] = offices;
    const { bagNumber } = unwrap(await sendPapers(w.deps, officer, { from, to, receipts: [a, b] }));
    assert.deepEqual(
      await takeOverPapers(w.deps, officer, { bagNumber, found: [a, b], note: '' }),
      err('taker-is-sender'),
    );
    const short = unwrap(
      await takeOverPapers(w.deps, second, { bagNumber, found: [a, 'R2026-77777'], note: '一件不足' }),
    );
    assert.deepEqual(short, { takenOver: false, missing: [b], surplus: ['R2026-77777'] });
    const c = await paper(w);
    assert.deepEqual(await sendPapers(w.deps, officer, { from, to, receipts: [c] }), err('old-bag-open'));
    assert.deepEqual(await sendPapers(w.deps, second, { from: to, to: from, receipts: [a] }), err('receipt-in-bag'));
    unwrap(await takeOverPapers(w.deps, second, { bagNumber, found: [b, a], note: '' }));
    const { rows } = unwrap(await showPapers(w.deps, officer, { onlyOpen: true, offset: 0, limit: 10 }));
    assert.deepEqual(
      new Map(rows.map((r) => [r.receiptNumber, r.holder])),
      new Map([
        [a, to],
        [b, to],
        [c, from],
      ]),
    );
    assert.deepEqual(await sendPapers(w.deps, officer, { from, to, receipts: [a] }), err('not-at-that-office'));
  },
);

test('001-III.2-R2-10 三日を過ぎて受け取られない交換便があると、その担当は次を送れない', async () => {
  await using w = await aWorld();
  const [from, to] = offices;
  const [a, b] = [await paper(w), await paper(w)];
  unwrap(await sendPapers(w.deps, officer, { from, to, receipts: [a] }));
  const on = (date: string) => ({ ...w.deps, civilClock: { today: () => day(date) } });
  const send = (date: string) => sendPapers(on(date), officer, { from, to, receipts: [b] });
  assert.deepEqual(await send('2026-07-14'), err('old-bag-open'));
  assert.ok((await send('2026-07-13')).ok);
});

mechanismTest('input.legal-ground', '001-III.5-R2-01 III.5-R1-07 根拠コードのない保険者照会は作られない', async () => {
  await using w = await aWorld();
  await consented(w);
  assert.deepEqual(await extractSubjects(w.deps, officer, { insurerCode, legalGround: 'X-1' }), err('unknown-ground'));
  const { batchId } = unwrap(await extract(w));
  assert.deepEqual(
    (await rowsOf(w, batchId)).map((r) => r.legalGround),
    [legalGround],
  );
});

mechanismTest(
  'matching.consent',
  '001-III.2-R1-08 III.5-R3-01 同意がない、または別の職員が照合していない方は照会できない',
  async () => {
    await using w = await aWorld();
    await consented(w);
    const { batchId } = unwrap(await extract(w));
    const unmatched = await consented(w, false);
    const add = (caseId: string) =>
      addInquiryRow(w.deps, officer, { batchId, caseId, legalGround, addedGround: '所得区分の変更' });
    assert.deepEqual(await add(unwrap(await open(w)).caseId), err('no-consent'));
    assert.deepEqual(await add(unmatched), err('consent-not-matched'));
    const [pending] = await w.t.owner<{ id: string }>(
      'select consent_id as id from child_chronic.consent where case_id = $1',
      [unmatched],
    );
    assert.deepEqual(await matchConsent(w.deps, officer, { consentId: pending!.id }), err('matcher-is-recorder'));
    assert.deepEqual(await extract(w), err('nobody-found'));
  },
);

mechanismTest(
  'input.extracted-subjects',
  '001-III.2-R1-07 III.2-R1-12 照会対象は台帳から抽出され、手で加えるときは理由が残る',
  async () => {
    await using w = await aWorld();
    await consented(w);
    const { batchId, rows } = unwrap(await extract(w));
    assert.equal(rows, 1);
    assert.deepEqual(await extract(w), err('nobody-found')); // who was asked is not extracted again
    const more = await consented(w);
    const add = (addedGround: string) =>
      addInquiryRow(w.deps, officer, { batchId, caseId: more, legalGround, addedGround });
    assert.deepEqual(await add(' '), err('ground-missing'));
    unwrap(await add('年度途中の異動の届出'));
    assert.deepEqual(await add('年度途中の異動の届出'), err('row-there'));
    assert.deepEqual(
      (await rowsOf(w, batchId)).map((r) => r.addedGround),
      [null, '年度途中の異動の届出'],
    );
  },
);

/** Ten digits and their remainder by seven. */
const tracking = (n: number): string => `${1_000_000_000 + n}${(1_000_000_000 + n) % 7}`;

mechanismTest(
  'dispatch.tracked-mail',
  '001-III.2-R2-09 III.5-R2-04 引受番号のない封筒があるうちは発送を締め切れない',
  async () => {
    await using w = await aWorld();
    await consented(w);
    const more = await consented(w);
    const { batchId } = unwrap(await extract(w));
    const [first, other] = await rowsOf(w, batchId);
    assert.ok(more);
    const piece = (inquiryId: string, trackingNumber: string) =>
      addPiece(w.deps, officer, { inquiryId, trackingNumber });
    assert.deepEqual(await piece(first!.inquiryId, tracking(1).replace(/.$/, '9')), err('not-a-tracking-number'));
    unwrap(await piece(first!.inquiryId, tracking(1)));
    assert.deepEqual(await piece(other!.inquiryId, tracking(1)), err('tracking-number-used'));
    assert.deepEqual(await closeBatch(w.deps, officer, { batchId }), err('tracking-numbers-missing'));
    unwrap(await piece(other!.inquiryId, tracking(2)));
    unwrap(await closeBatch(w.deps, officer, { batchId }));
    assert.deepEqual(await closeBatch(w.deps, officer, { batchId }), err('batch-closed'));
  },
);

mechanismTest(
  'dispatch.address-from-register',
  '001-III.5-R2-03 III.5-R3-02 宛先は保険者マスタから印字し、手書きの宛先は使えない',
  async () => {
    await using w = await aWorld();
    await consented(w);
    const { batchId } = unwrap(await extract(w));
    const [row] = await rowsOf(w, batchId);
    const typed = { inquiryId: row!.inquiryId, trackingNumber: tracking(1), typedAddress: '東京都港区のどこか' };
    assert.deepEqual(await addPiece(w.deps, officer, typed), err('address-typed'));
    unwrap(await addPiece(w.deps, officer, { inquiryId: row!.inquiryId, trackingNumber: tracking(1) }));
    assert.match(
      (await rowsOf(w, batchId))[0]!.address!,
      /^〒1530061 東京都目黒区中目黒一丁目1番 東京第一健康保険組合$/,
    );
  },
);

mechanismTest(
  'input.second-entry',
  '001-III.2-R3-16 回答書の入力は、別の職員の入力と一致して初めて有効になる',
  async () => {
    await using w = await aWorld();
    await consented(w);
    const { batchId } = unwrap(await extract(w));
    const [row] = await rowsOf(w, batchId);
    const { inquiryId } = row!;
    const receiptNumber = await paper(w);
    const answer = { inquiryId, receiptNumber, category: 'ウ', validFrom: '2026-08-01', formVersion: '2025-01' };
    assert.deepEqual(await enterAnswer(w.deps, officer, answer), err('not-sent'));
    unwrap(await addPiece(w.deps, officer, { inquiryId, trackingNumber: tracking(1) }));
    unwrap(await closeBatch(w.deps, officer, { batchId }));
    assert.deepEqual(await enterAnswer(w.deps, officer, { ...answer, formVersion: '2020-01' }), err('unknown-form'));
    assert.deepEqual(await enterAnswer(w.deps, officer, answer), ok('entered'));
    assert.deepEqual(await enterAnswer(w.deps, officer, answer), err('same-person-twice'));
    assert.deepEqual(await enterAnswer(w.deps, second, { ...answer, category: 'エ' }), err('entries-differ'));
    assert.deepEqual(await enterAnswer(w.deps, second, answer), ok('verified'));
    assert.deepEqual(await enterAnswer(w.deps, second, answer), err('verified-already'));
  },
);

const decided = async (w: World, more: Partial<OpenCase> = {}): Promise<string> =>
  (await aCertifiedCase(w, more)).caseId;

mechanismTest(
  'exchange.copy-status',
  '001-III.5-R3-09 III.6-R7-11 決定ごとに副本の状況が分かり、未登録のあるリストは説明なしに署名できない',
  async () => {
    await using w = await aWorld();
    await decided(w);
    const page = { offset: 0, limit: 10 };
    const states = async () => unwrap(await showCopies(w.deps, officer, page)).rows.map((r) => [r.state, r.code]);
    assert.deepEqual(await states(), [['to-register', null]]);
    assert.deepEqual(await signCopyCheck(w.deps, approver, { explanation: '' }), err('explanation-missing'));
    w.platform.lodge = async () => ok({ accepted: 0, rejected: [{ row: 1, code: 'unknown-person' }] });
    assert.deepEqual(await lodgeDecided(w.deps, officer), ok({ accepted: 0, rejected: 1 }));
    assert.deepEqual(await states(), [['error', 'unknown-person']]);
    assert.deepEqual(await signCopyCheck(w.deps, approver, { explanation: '紐付けの確認中' }), ok({ open: 1 }));
    w.platform.lodge = async ({ copies }) => ok({ accepted: copies.length, rejected: [] });
    assert.deepEqual(await lodgeDecided(w.deps, officer), ok({ accepted: 1, rejected: 0 }));
    assert.deepEqual(await states(), [['accepted', null]]);
    assert.deepEqual(await signCopyCheck(w.deps, approver, { explanation: '' }), ok({ open: 0 }));
    assert.deepEqual(await lodgeDecided(w.deps, officer), err('nothing-to-lodge'));
    const [copy] = w.platform.lodged.at(-1)!.copies;
    assert.deepEqual(
      [copy!.informationCode, copy!.orgPersonNumber, copy!.items],
      ['TKX-0014', '123456789012345', { 支給認定: true, 自己負担上限月額: 10_000, 階層区分: '一般所得2' }],
    );
  },
);

test('001-III.6-R7-11 回答のない副本の登録は「送信済み」に残り、次は同じ登録として送る', async () => {
  await using w = await aWorld();
  await decided(w);
  const { lodge } = w.platform;
  w.platform.lodge = async () => err('not-your-information');
  assert.deepEqual(await lodgeDecided(w.deps, officer), err('not-your-information'));
  const page = { offset: 0, limit: 10 };
  assert.equal(unwrap(await showCopies(w.deps, officer, page)).rows[0]!.state, 'sent');
  w.platform.lodge = lodge;
  await decided(w, { patientName: '目黒 二郎', patientKana: 'メグロ ジロウ' });
  unwrap(await lodgeDecided(w.deps, officer));
  assert.deepEqual(
    w.platform.lodged.map((l) => [l.batchId, l.copies.length]),
    [0, 0].map(() => [w.platform.lodged[0]!.batchId, 1]),
  );
  unwrap(await lodgeDecided(w.deps, officer));
  assert.equal(w.platform.lodged.length, 3);

  // A copy ends with what it says: with the certification's term, or, lodged anew, with the day on which that ended before.
  const copy = w.platform.lodged[0]!.copies[0]!;
  const caseId = unwrap(await showCopies(w.deps, officer, page)).rows[0]!.caseId;
  const [term] = await w.t.owner<{ last: string }>(
    'select valid_until::text as last from child_chronic.certification_proposal where case_id = $1',
    [caseId],
  );
  assert.equal(copy.lastOn, term!.last);
  const end = { caseId, lastDay: copy.validFrom, why: 'moved-out' as const, note: '転出届による' };
  unwrap(await endCertification(w.deps, officer, end));
  assert.deepEqual(await signCopyCheck(w.deps, approver, { explanation: '' }), err('explanation-missing'));
  unwrap(await lodgeDecided(w.deps, officer));
  const [ended] = w.platform.lodged.at(-1)!.copies;
  assert.deepEqual({ ...ended, lastOn: copy.lastOn }, copy);
  assert.equal(ended!.lastOn, copy.validFrom);
  assert.deepEqual(await lodgeDecided(w.deps, officer), err('nothing-to-lodge'));
});

mechanismTest('disclosure.case-status', '001-V.1-S1-05 収受番号から、申請の経過と日付を答えられる', async () => {
  await using w = await aWorld();
  const caseId = await decided(w);
  const told = unwrap(await caseStatus(w.deps, viewer, { receiptNumber: await receiptOf(w, caseId) }));
  assert.deepEqual(
    told.steps.map((s) => s.step),
    ['received', 'registered', 'asked', 'answered', 'proposed', 'decided'],
  );
  assert.deepEqual(await caseStatus(w.deps, viewer, { receiptNumber: 'R2026-99999' }), err('no-such-receipt'));
});

test('001-III.3-R1-02 個人番号を見る権利のない職員には表示されず、表示は一人ずつ理由とともに記録される', async () => {
  await using w = await aWorld();
  const application = anApplication(w);
  const { caseId } = unwrap(await openCase(w.deps, officer, application));
  assert.deepEqual(await revealNumber(w.deps, viewer, { caseId, reason: '確認' }), err('not-authorised'));
  assert.deepEqual(await revealNumber(w.deps, approver, { caseId, reason: '確認' }), err('not-authorised'));
  assert.deepEqual(await revealNumber(w.deps, officer, { caseId, reason: ' ' }), err('reason-missing'));
  assert.equal(
    unwrap(await revealNumber(w.deps, officer, { caseId, reason: '申請書との照合' })).digits,
    application.individualNumber,
  );
  const seen = await w.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body::jsonb->>'event' = 'number.shown'`,
  );
  assert.equal(seen[0]!.n, 1);
});

mechanismTest(
  'retention.no-early-deletion',
  '001-II.6-12 保存期間（5年）の内は、どの役割によっても申請と決定を消せない',
  async (_t, point) => {
    await using w = await aWorld();
    const caseId = await decided(w);
    await point.whenOff('systems/child-chronic/store/schema/0003_office.sql#keep', async () => {
      await w.t.owner('drop trigger keep_decision on child_chronic.tier_decision');
    });
    const refused = { code: 'MC001' };
    await assert.rejects(w.t.owner('delete from child_chronic.tier_decision where case_id = $1', [caseId]), refused);
  },
);
