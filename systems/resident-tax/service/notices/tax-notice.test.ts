import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { createTypesetter, type DocumentRequest, subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { appealNotice, type NoticeSlip, type TaxNotice, taxNoticeFaults, taxNoticeTemplate } from './tax-notice.ts';

const typesetter = await createTypesetter({ templatesFolder: new URL('../../documents', import.meta.url).pathname });
after(() => typesetter.close());

const notice: TaxNotice = {
  kind: 'levy',
  noticeNumber: '2600000017',
  change: null,
  slips: [],
  fiscalYear: '令和8年度',
  issuedOn: '令和8年6月10日',
  addressee: {
    postalCode: '153-8573',
    address: registered('東京都目黒区上目黒二丁目19番15号'),
    name: registered('髙橋 𠮷郎'),
  },
  issuer: { office: '目黒区', title: '目黒区長', name: registered('見本 太郎') },
  purpose: '地方税法及び目黒区特別区税条例の規定により、次のとおり賦課しましたので通知します。',
  totalYen: 243_500,
  withheldYen: 0,
  ordinaryYen: 243_500,
  remissions: [],
  instalments: [
    { label: '第1期', dueOn: '令和8年6月30日', yen: 63_500 },
    { label: '第2期', dueOn: '令和8年8月31日', yen: 60_000 },
    { label: '第3期', dueOn: '令和8年11月2日', yen: 60_000 },
    { label: '第4期', dueOn: '令和9年2月1日', yen: 60_000 },
  ],
  paymentMethod: '同封の納付書により、金融機関、コンビニエンスストア又はスマートフォン決済で納めてください。',
  calculation: [
    { label: '給与収入', ground: '所得税法 第28条', yen: 5_000_000 },
    { label: '給与所得', ground: '地方税法 第32条第2項、第313条第2項', yen: 3_560_000 },
    { label: '所得控除の計', ground: '地方税法 第34条、第314条の2', yen: -1_150_000 },
    { label: '課税総所得金額', ground: '地方税法 第20条の4の2第1項', yen: 2_410_000 },
    { label: '特別区民税 所得割額', ground: '地方税法 第314条の3第1項、第314条の6', yen: 143_100 },
    { label: '都民税 所得割額', ground: '地方税法 第35条第1項、第37条', yen: 95_400 },
    { label: '特別区民税 均等割額', ground: '地方税法 第310条', yen: 3_000 },
    { label: '都民税 均等割額', ground: '地方税法 第38条', yen: 1_000 },
    { label: '森林環境税', ground: '森林環境税法 第5条', yen: 1_000 },
  ],
  delinquency:
    '納期限までに納められないときは、地方税法第326条の規定により延滞金がかかります。納付が困難なときは、納期限までにご相談ください。',
  appeal: appealNotice('目黒区長', '目黒区'),
  contact: { office: '目黒区 税務課 課税係', telephone: '03-0000-0000', address: '東京都目黒区上目黒二丁目19番15号' },
};

const documentId = 'RTX-2026-000123';
const request = (data: TaxNotice): DocumentRequest => ({
  template: taxNoticeTemplate,
  data,
  documentId,
  subjectCheck: subjectCheckCode(new Uint8Array(32), documentId, 'person-1'),
  title: '納税通知書',
  issuedAt: Temporal.Instant.from('2026-06-10T00:00:00Z'),
});

async function textOfPages(pdf: Uint8Array): Promise<string[]> {
  const document = await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let n = 1; n <= document.numPages; n++) {
    const content = await (await document.getPage(n)).getTextContent();
    pages.push(content.items.map((item) => ('str' in item ? item.str : '')).join(''));
  }
  return pages;
}

test('OUT-01 納税通知書: 各面に文書番号、頁/総頁、照合符号があり、金額・納期限・根拠条文・教示が読み取れる', async () => {
  const result = await typesetter.render(request(notice));
  assert.ok(result.ok);
  const { pdf, pages, otherShapes } = result.value;
  const texts = await textOfPages(pdf);
  assert.equal(texts.length, pages);
  texts.forEach((text, i) => {
    for (const mark of [documentId, subjectCheckCode(new Uint8Array(32), documentId, 'person-1'), `${i + 1}/${pages}`])
      assert.ok(text.includes(mark), `page ${i + 1} lacks ${mark}`);
  });
  const all = texts.join('\n');
  for (const part of [
    '髙橋 𠮷郎',
    '243,500円',
    '令和8年11月2日',
    '地方税法 第314条の3第1項',
    '△1,150,000円',
    '審査請求',
  ])
    assert.ok(all.includes(part), part);
  assert.deepEqual(otherShapes, []);
  await screenshotPdf(pdf, 'tax-notice');
});

test('OUT-01 納税通知書: 同じ内容からは同じファイルができる', async () => {
  const [first, second] = [await typesetter.render(request(notice)), await typesetter.render(request(notice))];
  assert.ok(first.ok && second.ok);
  assert.deepEqual(first.value.pdf, second.value.pdf);
});

test('地方税法 第320条: 期別の合計が年税額と異なる通知書は、その不一致が分かる', () => {
  assert.deepEqual(taxNoticeFaults(notice), []);
  assert.deepEqual(taxNoticeFaults({ ...notice, instalments: notice.instalments.slice(1) }), [
    'instalments-do-not-add-up',
  ]);
  assert.deepEqual(taxNoticeFaults({ ...notice, withheldYen: 1 }), ['total-does-not-add-up']);
});

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
function slipOf(instalment: number, yen: number, due: string, dueText: string): NoticeSlip {
  const until = '2027-03-31';
  const period = `${instalment}`.padStart(2, '0');
  const elQr = writeElQr({
    taxItem: '003',
    caseKey: `131102026${period}000000001`,
    confirmationNumber: '567890',
    body: '13110',
    office: '000',
    amountYen: yen,
    taxYear: 2026,
    fiscalYear: 2026,
    instalment,
    dueOn: day(due),
    payableUntil: day(until),
  });
  const reference = `0126${period}${notice.noticeNumber}00001`;
  const bar = { company: '912345', reference, reissue: 0, payableUntil: day(until), amountYen: yen };
  return {
    label: `第${instalment}期`,
    dueOn: dueText,
    payableUntil: '令和9年3月31日',
    yen,
    codes: {
      instalment,
      noticeNumber: notice.noticeNumber,
      dueOn: due,
      payableUntil: until,
      elQr,
      store: unwrap(writeConvenienceCode(bar)),
    },
    elNumber: '',
    qr: new Uint8Array(),
    store: null,
  };
}

test('INC-33 期の入れ違い・期限の誤り・別の通知書の納付書は、紙になる前に止まる', () => {
  const first = slipOf(1, 63_500, '2026-06-30', '令和8年6月30日');
  const second = slipOf(2, 60_000, '2026-08-31', '令和8年8月31日');
  const faults = (...slips: NoticeSlip[]) => taxNoticeFaults({ ...notice, slips });
  assert.deepEqual(faults(first, second), []);
  assert.deepEqual(faults({ ...first, yen: 63_501 }), ['slip-without-its-instalment', 'slip-codes-differ']);
  const exchanged = { ...first, codes: { ...first.codes, elQr: second.codes.elQr } };
  const barOfOther = { ...first, codes: { ...first.codes, store: second.codes.store } };
  const expired = { ...first, codes: { ...first.codes, payableUntil: '2027-02-28' } };
  const stranger = { ...first, codes: { ...first.codes, noticeNumber: '2600000025' } };
  for (const broken of [exchanged, barOfOther, expired, stranger])
    assert.deepEqual(faults(broken, second), ['slip-codes-differ']);
});
