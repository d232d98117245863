import { readConvenienceCode, writeConvenienceCode } from '@musubi/contracts/payment-slip/convenience-code.ts';
import { readElQr, writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { convenienceBarImage, qrImage } from '@musubi/contracts/payment-slip/symbol-images.ts';
import { noticeFace } from '@musubi/contracts/printing/face.ts';
import { type PrintedDocument, readPrintPart, writePrintPart } from '@musubi/contracts/printing/package.ts';
import {
  createTypesetter,
  type PrintableDocument,
  type TypesetPart,
  type Typesetter,
} from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { faceOf } from '@musubi/resident-tax/service/notices/face.ts';
import { noticesPerPart } from '@musubi/resident-tax/service/notices/notice-run.ts';
import {
  type NoticeSlip,
  sheetsOf,
  type TaxNotice,
  taxNoticeTemplate,
} from '@musubi/resident-tax/service/notices/tax-notice.ts';
import { symbolsOf } from '@musubi/resident-tax/test/symbols-of-pdf.ts';
import { floorSetter } from './floors/notices.ts';

export interface NoticesBench {
  readonly name: 'notices';
  readonly figures: {
    /** Notices a second of processor time in parts, with one slip and with five: numbers made, symbols drawn, type set, PDF/A and plan written. */
    readonly per_s: number;
    readonly per_s_five_slips: number;
    /** Pages and bytes of a part for each notice with one slip. */
    readonly pages: number;
    readonly bytes: number;
    readonly glyphs_missing: number;
    /** Slips drawn a second, of it. */
    readonly slips_per_s: number;
  };
  /** One line on one page by the same typesetter. */
  readonly floor: { readonly per_s: number };
  readonly checks: { readonly symbols_read_back: boolean; readonly every_notice_set: boolean };
}

const due = Temporal.PlainDate.from('2026-06-30');
const until = Temporal.PlainDate.from('2027-03-31');
const names = ['目黒 花子', '佐藤 一郎', '髙橋 恵子', '渡邊 健', '山﨑 葵', '鈴木 誠'];

function slip(notice: number, period: number): NoticeSlip {
  const serial = notice * 10 + period;
  const caseKey = `131102026${`${period}`.padStart(2, '0')}${`${serial}`.padStart(9, '0')}`;
  const amountYen = 40_000 + serial;
  const confirmationNumber = `${serial % 1_000_000}`.padStart(6, '0');
  const qr = writeElQr({
    taxItem: '003',
    caseKey,
    confirmationNumber,
    body: '13110',
    office: '000',
    amountYen,
    taxYear: 2026,
    fiscalYear: 2026,
    instalment: period,
    dueOn: due,
    payableUntil: until,
  });
  const reference = `0126${`${serial}`.padStart(17, '0')}`;
  const bar = unwrap(
    writeConvenienceCode({ company: '912345', reference, reissue: 0, payableUntil: until, amountYen }),
  );
  return {
    label: `第${period}期`,
    dueOn: '令和8年6月30日',
    payableUntil: '令和9年3月31日',
    yen: amountYen,
    codes: {
      instalment: period,
      noticeNumber: '',
      dueOn: due.toString(),
      payableUntil: until.toString(),
      elQr: qr,
      store: bar,
    },
    elNumber: `13800 ${caseKey} ${confirmationNumber}`,
    qr: qrImage(qr),
    store: { bars: convenienceBarImage(bar), lines: [`(91)${bar.slice(2, 29)}`, bar.slice(29)] },
  };
}

function notice(i: number, slips: number): TaxNotice {
  const drawn = Array.from({ length: slips }, (_, k) => slip(i, k + 1));
  const total = drawn.reduce((sum, one) => sum + one.yen, 0);
  return {
    kind: 'levy',
    noticeNumber: `26${`${i}`.padStart(8, '0')}`,
    fiscalYear: '令和8年度',
    issuedOn: '令和8年6月10日',
    addressee: {
      postalCode: '153-8573',
      address: registered(`東京都目黒区上目黒二丁目19番${i % 90}号`),
      name: registered(names[i % names.length] as string),
    },
    issuer: { office: '目黒区', title: '目黒区長', name: registered('見本 太郎') },
    purpose: '地方税法及び目黒区特別区税条例の規定により、次のとおり賦課しましたので通知します。',
    totalYen: total,
    withheldYen: 0,
    ordinaryYen: total,
    remissions: [],
    instalments: drawn.map(({ label, dueOn, yen }) => ({ label, dueOn, yen })),
    paymentMethod: '同封の納付書により納めてください。',
    change: null,
    slips: drawn,
    calculation: [
      { label: '給与収入', ground: '所得税法 第28条', yen: 5_000_000 + i },
      { label: '所得控除の計', ground: '地方税法 第34条、第314条の2', yen: -1_150_000 },
      { label: '特別区民税 所得割額', ground: '地方税法 第314条の3', yen: 143_100 },
    ],
    delinquency: '納期限までに納められないときは、地方税法第326条の規定により延滞金がかかります。',
    appeal: '不服がある場合は、この通知書を受け取った日の翌日から起算して3か月以内に審査請求をすることができます。',
    contact: { office: '目黒区 税務課', telephone: '03-0000-0000', address: '東京都目黒区上目黒二丁目19番15号' },
  };
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

interface Set {
  readonly perSecond: number;
  readonly pages: number;
  readonly bytes: number;
  readonly missing: number;
  readonly part: Uint8Array;
}

/** Sets `parts` parts of different notices, each as the print run does: checked, set as one file, its plan written. Processor time of all threads. */
async function set(typesetter: Typesetter, from: number, parts: number, slips: number): Promise<Set> {
  let [pages, bytes, missing] = [0, 0, 0];
  let part: Uint8Array = new Uint8Array();
  const start = processorMs();
  for (let k = 0; k < parts; k++) {
    const documents: PrintableDocument[] = [];
    for (let i = from + k * noticesPerPart; i < from + (k + 1) * noticesPerPart; i++) {
      const data = notice(i, slips);
      const documentId = `RTX-2026-${`${i}`.padStart(6, '0')}`;
      const checked = await typesetter.check({ data, documentId, subjectCheck: 'ABC123', ...sheetsOf(data) });
      if (checked.ok) documents.push(checked.value);
      else missing += checked.error.characters.length;
    }
    const set = await typesetter.renderPart({
      template: taxNoticeTemplate,
      title: '令和8年度 納税通知書',
      issuedAt: Temporal.Instant.from('2026-06-10T00:00:00Z'),
      documents,
    });
    pages = set.pages / documents.length;
    part = writePrintPart({ form: noticeFace, pdf: set.pdf, documents: planned(documents, set) });
    bytes = Math.round(part.length / documents.length);
  }
  return { perSecond: (parts * noticesPerPart * 1_000) / (processorMs() - start), pages, bytes, missing, part };
}

const planned = (documents: readonly PrintableDocument[], set: TypesetPart): readonly PrintedDocument[] =>
  documents.map(({ documentId, subjectCheck }, i) => {
    const sheets = set.documents[i] as TypesetPart['documents'][number];
    const about = { documentId, subjectCheck, pages: sheets.pages };
    const face = faceOf(about, {
      postalCode: '1538573',
      address: `東京都目黒区上目黒二丁目19番${i}号`,
      name: '目黒 花子',
    });
    return { ...about, ...sheets, position: i + 1, amountYen: 40_000, sha256: '0'.repeat(64), face };
  });

/** Every symbol of the first notices of a part, read from its sheets by a reader that shares nothing with what drew them. */
async function readBack(part: Uint8Array, slips: number): Promise<boolean> {
  const { pdf, documents } = unwrap(readPrintPart(part));
  const sheets = documents.slice(0, 5).reduce((sum, document) => sum + document.pages, 0);
  const read = await symbolsOf(pdf, sheets);
  const codes = read.filter(({ format }) => format === 'QRCode').filter(({ text }) => readElQr(text).ok);
  const bars = read.filter(({ text }) => readConvenienceCode(text.replaceAll(/\D/g, '')).ok);
  return codes.length === 5 * slips && bars.length === 5 * slips;
}

/** 納税通知書 as the print run makes them, without the database. */
export async function run(): Promise<NoticesBench> {
  const templatesFolder = new URL('../systems/resident-tax/documents', import.meta.url).pathname;
  await using typesetter = await createTypesetter({ templatesFolder });
  await set(typesetter, 1, 1, 1);
  const one = await set(typesetter, 200, 5, 1);
  const five = await set(typesetter, 1_000, 3, 5);

  const drawStart = processorMs();
  for (let i = 0; i < 300; i++) slip(i, 1);
  const slipsPerSecond = 300_000 / (processorMs() - drawStart);

  const floor = floorSetter();
  floor(0);
  const floorStart = processorMs();
  for (let i = 1; i <= 200; i++) floor(i);
  const floorPerSecond = 200_000 / (processorMs() - floorStart);

  return {
    name: 'notices',
    figures: {
      per_s: round(one.perSecond),
      per_s_five_slips: round(five.perSecond),
      pages: one.pages,
      bytes: one.bytes,
      glyphs_missing: one.missing + five.missing,
      slips_per_s: Math.round(slipsPerSecond),
    },
    floor: { per_s: round(floorPerSecond) },
    checks: {
      symbols_read_back: (await readBack(one.part, 1)) && (await readBack(five.part, 5)),
      every_notice_set: one.missing + five.missing === 0 && one.pages === 1 && five.pages === 3,
    },
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
