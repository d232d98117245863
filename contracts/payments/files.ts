import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { readConvenienceCode } from '../payment-slip/convenience-code.ts';
import { holdsCardNumber } from './card-number.ts';
import { readCounterLine } from './counter-line.ts';

/*
 * Files of payments, one a channel and business day. The layouts of the agencies are not public; these are our own, with what the
 * published parts name (GS1-128, 案件特定キー, 速報・確報・取消). UTF-8, CR LF after every record:
 *
 *   H,channel,1,sender,body code (6),business day (YYYYMMDD),sequence
 *   D,…
 *   T,records,total yen
 *
 * A day without payments has a file too: H and T,0,0. That is how "nothing" differs from "has not come".
 */

export const channels = [
  'convenience',
  'common-tax',
  'pay-easy',
  'counter',
  'special-collection',
  'pension',
  'credit',
] as const;
export type PaymentChannel = (typeof channels)[number];

/** 速報 says that money was taken and moves none; 確報 moves it; 取消 takes a 速報 back. */
export type Stage = 'preliminary' | 'final' | 'cancellation';

/** What the payer's paper or screen said the payment was for. */
export type PaymentReference =
  | { readonly kind: 'convenience'; readonly reference: string; readonly printedYen: number }
  | { readonly kind: 'case'; readonly caseKey: string; readonly confirmation: string }
  | {
      readonly kind: 'notice';
      readonly noticeNumber: string;
      readonly fiscalYear: number;
      readonly instalment: number;
      readonly printedYen: number;
    }
  | { readonly kind: 'collector'; readonly designationNumber: string; readonly month: string }
  | { readonly kind: 'withheld'; readonly noticeNumber: string; readonly month: string }
  /** Money came, but what was keyed or read cannot be right. */
  | { readonly kind: 'unreadable'; readonly text: string; readonly word: string };

export interface PaymentRecord {
  /** Record of the file, from 1 (the header). */
  readonly row: number;
  readonly stage: Stage;
  readonly reference: PaymentReference;
  readonly amount: number;
  /** 収納日 (領収日): the day that the law counts. */
  readonly paidOn: string;
  /** Shop, bank or office, as a code. */
  readonly place: string;
}
export interface PaymentFile {
  readonly channel: PaymentChannel;
  readonly sender: string;
  readonly bodyCode: string;
  readonly businessOn: string;
  readonly sequence: number;
  readonly records: readonly PaymentRecord[];
  readonly total: number;
}
/** Why a whole file is refused; never with a value of a payer. */
export interface PaymentFault {
  readonly rule: 'P01' | 'P02' | 'P03' | 'P04' | 'P05' | 'P06' | 'P07' | 'P08';
  readonly row?: number;
  readonly field?: string;
  readonly message: string;
}

/** Columns behind `D` of each channel, by name. */
const columns = {
  convenience: ['種別', '収納日', 'バーコード', 'CVS本部コード', '店舗コード'],
  'common-tax': ['種別', '収納日', '案件特定キー', '確認番号', '金額', '収納チャネル', '取扱金融機関'],
  'pay-easy': ['種別', '収納日', '納付番号', '確認番号', '金額', '取扱金融機関'],
  counter: ['領収日', 'OCR1', 'OCR2', '金額', '取扱金融機関'],
  'special-collection': ['納入日', '指定番号', '納入月', '金額', '取扱金融機関'],
  pension: ['徴収日', '通知書番号', '徴収月', '金額', '年金保険者'],
  credit: ['種別', '収納日', '案件特定キー', '確認番号', '金額', 'カード会社'],
} as const satisfies Record<PaymentChannel, readonly string[]>;

const stages: Readonly<Record<string, Stage>> = { '01': 'preliminary', '02': 'final', '03': 'cancellation' };
const stageCodes: Readonly<Record<Stage, string>> = { preliminary: '01', final: '02', cancellation: '03' };

/** Reads a file whole or refuses it with record and rule. */
export function readPaymentFile(
  content: Uint8Array,
  expected: { readonly channel: PaymentChannel; readonly bodyCode: string },
): Result<PaymentFile, readonly PaymentFault[]> {
  const lines = linesOf(content);
  if (!lines.ok) return lines;
  const [first, ...others] = lines.value;
  const header = first!.split(',');
  const fault = headerFault(header, expected);
  if (fault !== undefined) return err([fault]);
  const trailer = (others.pop() ?? '').split(',');
  if (trailer[0] !== 'T' || trailer.length !== 3 || !/^\d{1,7}$/.test(trailer[1]!) || !/^\d{1,14}$/.test(trailer[2]!))
    return err([{ rule: 'P02', row: lines.value.length, message: '合計レコードがありません（途中で切れています）' }]);
  const businessOn = isoDate(header[5]!)!;
  const faults: PaymentFault[] = [];
  const records: PaymentRecord[] = [];
  let total = 0;
  for (const [index, line] of others.entries()) {
    const read = readRecord(line, index + 2, expected.channel, businessOn);
    if ('rule' in read) {
      faults.push(read);
      if (faults.length >= 100) break;
    } else {
      records.push(read);
      total += read.amount;
    }
  }
  if (faults.length > 0) return err(faults);
  if (Number(trailer[1]) !== records.length)
    return err([
      {
        rule: 'P07',
        row: lines.value.length,
        field: '件数',
        message: `合計件数が一致しません（${Number(trailer[1])} / ${records.length}）`,
      },
    ]);
  if (Number(trailer[2]) !== total)
    return err([
      { rule: 'P07', row: lines.value.length, field: '金額', message: '合計金額がデータレコードと一致しません' },
    ]);
  return ok({
    channel: expected.channel,
    sender: header[3]!,
    bodyCode: header[4]!,
    businessOn,
    sequence: Number(header[6]),
    records,
    total,
  });
}

function linesOf(content: Uint8Array): Result<readonly string[], readonly PaymentFault[]> {
  if (content.length === 0) return err([{ rule: 'P01', message: 'ファイルが空です' }]);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return err([{ rule: 'P01', message: 'UTF-8として読めないバイトがあります' }]);
  }
  if (!text.endsWith('\r\n')) return err([{ rule: 'P01', message: 'レコードの途中でファイルが終わっています' }]);
  const lines = text.slice(0, -2).split('\r\n');
  const odd = lines.findIndex((line) => /[\r\n"]/.test(line));
  return odd < 0 ? ok(lines) : err([{ rule: 'P01', row: odd + 1, message: 'レコードの終端が様式と一致しません' }]);
}

function headerFault(header: readonly string[], { channel, bodyCode }: { channel: PaymentChannel; bodyCode: string }) {
  const at = (rule: PaymentFault['rule'], field: string, message: string): PaymentFault => ({
    rule,
    row: 1,
    field,
    message,
  });
  if (header[0] !== 'H' || header.length !== 7) return at('P02', 'レコード種別', 'ヘッダーレコードがありません');
  if (header[1] !== channel || header[2] !== '1') return at('P03', '収納チャネル', '収納チャネル又は版が一致しません');
  if (header[4] !== bodyCode) return at('P04', '団体コード', '他の団体あてのファイルです');
  if (!/^[0-9A-Za-z-]{1,20}$/.test(header[3]!)) return at('P06', '送信元', '送信元の形式が正しくありません');
  if (isoDate(header[5]!) === undefined) return at('P08', '対象日', '存在しない日付です');
  if (!/^[0-9]{1,4}$/.test(header[6]!)) return at('P06', '連番', '連番の形式が正しくありません');
  return undefined;
}

const dates = new Map<string, string | undefined>();
/** YYYYMMDD as an ISO date; undefined for what is no date. Files repeat a handful of days a million times. */
function isoDate(text: string): string | undefined {
  if (dates.has(text)) return dates.get(text);
  let found: string | undefined;
  if (/^[0-9]{8}$/.test(text))
    try {
      found = Temporal.PlainDate.from(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`).toString();
    } catch {
      found = undefined;
    }
  if (dates.size > 10_000) dates.clear();
  dates.set(text, found);
  return found;
}

function readRecord(
  line: string,
  row: number,
  channel: PaymentChannel,
  businessOn: string,
): PaymentRecord | PaymentFault {
  const parts = line.split(',');
  if (parts[0] !== 'D') return { rule: 'P02', row, message: 'レコードの種別が様式にありません' };
  const names = columns[channel];
  if (parts.length !== names.length + 1) return { rule: 'P05', row, message: '項目の数が様式と一致しません' };
  const of = (name: string): string => parts[(names as readonly string[]).indexOf(name) + 1]!;
  const staged = names[0] === '種別';
  const stage = staged ? stages[of('種別')] : 'final';
  if (stage === undefined) return { rule: 'P06', row, field: '種別', message: 'コード表にない値です' };
  const dateName = names[staged ? 1 : 0];
  const paidOn = isoDate(of(dateName));
  if (paidOn === undefined) return { rule: 'P08', row, field: dateName, message: '存在しない日付です' };
  if (paidOn > businessOn) return { rule: 'P08', row, field: dateName, message: 'ファイルの対象日より後の日付です' };
  const made = bodyOf(channel, of);
  if ('field' in made) return { rule: 'P06', row, field: made.field, message: '項目の形式が正しくありません' };
  // The place and what could not be read are kept as they came: no card's number may come in by them (INC-77).
  const kept = made.reference.kind === 'unreadable' ? `${made.place} ${made.reference.text}` : made.place;
  if (channel === 'credit' && holdsCardNumber(kept))
    return { rule: 'P06', row, field: 'カード番号', message: 'カード番号は受け取れません' };
  return { row, stage, paidOn, ...made };
}

type Body = Pick<PaymentRecord, 'reference' | 'amount' | 'place'>;

function bodyOf(channel: PaymentChannel, of: (name: string) => string): Body | { readonly field: string } {
  const unreadable = (text: string, word: string): PaymentReference => ({
    kind: 'unreadable',
    text: text.slice(0, 60),
    word,
  });
  if (channel === 'convenience') {
    const text = of('バーコード');
    // The amount stands in the barcode alone: without it there is no money to account for.
    if (!/^[0-9]{44}$/.test(text)) return { field: 'バーコード' };
    const code = readConvenienceCode(text);
    const amount = Number(text.slice(37, 43));
    return {
      reference: code.ok
        ? { kind: 'convenience', reference: code.value.reference, printedYen: code.value.amountYen }
        : unreadable(text, code.error),
      amount,
      place: `${of('CVS本部コード')}-${of('店舗コード')}`.slice(0, 20),
    };
  }
  const amountText = of('金額');
  if (!/^[1-9][0-9]{0,10}$/.test(amountText)) return { field: '金額' };
  const amount = Number(amountText);
  switch (channel) {
    case 'common-tax':
    case 'credit':
    case 'pay-easy': {
      const caseKey = of(channel === 'pay-easy' ? '納付番号' : '案件特定キー');
      const confirmation = of('確認番号');
      const place = of(channel === 'credit' ? 'カード会社' : '取扱金融機関').slice(0, 20);
      const isKey = /^[0-9]{20}$/.test(caseKey) && /^[0-9]{6}$/.test(confirmation);
      return {
        reference: isKey ? { kind: 'case', caseKey, confirmation } : unreadable(caseKey, 'wrong-length'),
        amount,
        place,
      };
    }
    case 'counter': {
      const line = readCounterLine(of('OCR1'), of('OCR2'));
      const reference: PaymentReference = line.ok
        ? {
            kind: 'notice',
            noticeNumber: line.value.noticeNumber,
            fiscalYear: line.value.fiscalYear,
            instalment: line.value.instalment,
            printedYen: line.value.tax + line.value.interest + line.value.fee,
          }
        : unreadable(of('OCR1'), line.error);
      return { reference, amount, place: of('取扱金融機関').slice(0, 20) };
    }
    case 'special-collection': {
      const designationNumber = of('指定番号');
      const month = of('納入月');
      const reference: PaymentReference =
        /^[0-9A-Z-]{1,12}$/.test(designationNumber) && /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(month)
          ? { kind: 'collector', designationNumber, month }
          : unreadable(designationNumber, 'wrong-length');
      return { reference, amount, place: of('取扱金融機関').slice(0, 20) };
    }
    case 'pension': {
      const noticeNumber = of('通知書番号');
      const month = of('徴収月');
      const reference: PaymentReference =
        /^[0-9]{10}$/.test(noticeNumber) && /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(month)
          ? { kind: 'withheld', noticeNumber, month }
          : unreadable(noticeNumber, 'wrong-length');
      return { reference, amount, place: of('年金保険者').slice(0, 20) };
    }
  }
}

/** One payment as its channel writes it; what stands where is `columns`. */
export interface WrittenPayment {
  readonly stage?: Stage;
  readonly paidOn: string;
  readonly amount: number;
  /** 44 digits, a 案件特定キー, a 納付番号, a 指定番号 or a 通知書番号. */
  readonly key: string;
  /** 確認番号, OCR2, 納入月 or 徴収月; nothing at convenience stores. */
  readonly second?: string;
  readonly place?: string;
}

/** Writes a file as the agencies send it. */
export function writePaymentFile(file: {
  readonly channel: PaymentChannel;
  readonly sender: string;
  readonly bodyCode: string;
  readonly businessOn: string;
  readonly sequence: number;
  readonly payments: readonly WrittenPayment[];
}): Uint8Array {
  const compact = (date: string): string => date.replaceAll('-', '');
  const lines = [`H,${file.channel},1,${file.sender},${file.bodyCode},${compact(file.businessOn)},${file.sequence}`];
  let total = 0;
  for (const p of file.payments) {
    const stage = stageCodes[p.stage ?? 'final'];
    const place = p.place ?? '0001';
    total += p.amount;
    lines.push(
      {
        convenience: `D,${stage},${compact(p.paidOn)},${p.key},0${place.slice(0, 4)},000123`,
        'common-tax': `D,${stage},${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},03,${place}`,
        'pay-easy': `D,${stage},${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},${place}`,
        credit: `D,${stage},${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},${place}`,
        counter: `D,${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},${place}`,
        'special-collection': `D,${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},${place}`,
        pension: `D,${compact(p.paidOn)},${p.key},${p.second ?? ''},${p.amount},${place}`,
      }[file.channel],
    );
  }
  lines.push(`T,${file.payments.length},${total}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}
