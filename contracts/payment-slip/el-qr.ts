import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { crc16Digits } from './check-digits.ts';
import { dayOf } from './convenience-code.ts';

/** 収納機関番号 of the body that all municipalities collect by. */
export const commonCollector = '13800';

/** 地方税統一QRコード: what the 255 digits say. */
export interface ElQr {
  /** 税目・料金番号, 3 digits. */
  readonly taxItem: string;
  /** 案件特定キー (納付番号), 20 digits: one a slip, never used again. */
  readonly caseKey: string;
  /** 確認番号, 6 digits. */
  readonly confirmationNumber: string;
  /** 共通納税機関コード: code of the body without its check digit, 5 digits. */
  readonly body: string;
  /** 税務事務所コード, 3 digits. */
  readonly office: string;
  readonly amountYen: number;
  /** 賦課年度, 課税年度 */
  readonly taxYear: number;
  readonly fiscalYear: number;
  /** 期別, 0 for a tax that is paid at once. */
  readonly instalment: number;
  readonly dueOn: Temporal.PlainDate;
  readonly payableUntil: Temporal.PlainDate;
}

/**
 * The two check digits of the account part. Their rule is not public: who has it gives the function; without one `00` is written
 * and nothing is checked.
 */
export type AccountCheckDigits = (account: string) => readonly [upper: string, lower: string];

/**
 * @returns 255 digits: tags 00, 01, 27 (account), 54 (amount), 62, 80 and 63 (CRC)
 * @source 地方税における統一QRコードの規格; PaymentsJapan MPM 3.0 (formats: el-qr §2)
 */
export function writeElQr(qr: ElQr, checkDigits?: AccountCheckDigits): string {
  const digits = (text: string, length: number): string => {
    if (text.length !== length || !/^[0-9]*$/.test(text)) throw new RangeError(`a field of ${length} digits`);
    return text;
  };
  const number = (value: number, length: number): string => digits(`${value}`.padStart(length, '0'), length);
  const day = (date: Temporal.PlainDate): string => digits(date.toString().replaceAll('-', ''), 8);
  if (qr.amountYen <= 0) throw new RangeError('a slip is for an amount to pay');

  const amount = number(qr.amountYen, 11);
  const account = (upper: string, lower: string): string =>
    [
      upper,
      '0'.repeat(11),
      amount,
      '2', // 手数料負担区分
      commonCollector,
      '0', // 印紙フラグ
      digits(qr.taxItem, 3),
      '0'.repeat(5),
      lower,
      digits(qr.caseKey, 20),
      digits(qr.confirmationNumber, 6),
      '0',
      digits(qr.body, 5),
      digits(qr.office, 3),
      '0'.repeat(7),
    ].join('');
  const blank = account('00', '00');
  const mpn = checkDigits === undefined ? blank : account(...checkDigits(blank));
  const about = `${number(qr.taxYear, 4)}${number(qr.fiscalYear, 4)}${number(qr.instalment, 2)}${day(qr.dueOn)}${day(qr.payableUntil)}`;
  const fields = [
    tag('00', '01'),
    tag('01', '12'),
    tag('27', tag('00', commonCollector) + tag('01', mpn)),
    tag('54', amount),
    tag('62', about),
    tag('80', '0'.repeat(85)),
  ].join('');
  return `${fields}6305${crc16Digits(`${fields}6305`)}`;
}

const tag = (name: string, value: string): string => `${name}${`${value.length}`.padStart(2, '0')}${value}`;

export type ElQrFault =
  | 'wrong-length'
  | 'wrong-structure'
  | 'wrong-crc'
  | 'wrong-collector'
  | 'wrong-check-digits'
  | 'amounts-differ'
  | 'nothing-to-pay'
  | 'no-such-date';

const structure =
  /^000201010212279600051380001(?<size>83)(?<upper>..)0{11}(?<mpnAmount>.{11})2(?<collector>.{5})0(?<item>...)0{5}(?<lower>..)(?<key>.{20})(?<confirmation>.{6})0(?<body>.{5})(?<office>...)0{7}5411(?<amount>.{11})6226(?<taxYear>.{4})(?<fiscalYear>.{4})(?<instalment>..)(?<due>.{8})(?<until>.{8})80850{85}6305.{5}$/;

/** Rules E01 to E04 of the format. Whether the key is known and the day not past, the reader's books say. */
export function readElQr(text: string, checkDigits?: AccountCheckDigits): Result<ElQr, ElQrFault> {
  if (!/^[0-9]{255}$/.test(text)) return err('wrong-length');
  if (crc16Digits(text.slice(0, 250)) !== text.slice(250)) return err('wrong-crc');
  if (text.slice(12, 25) !== `27960005${commonCollector}`) return err('wrong-collector');
  const found = structure.exec(text)?.groups;
  if (found === undefined) return err('wrong-structure');
  const of = (name: string): string => found[name] as string;
  if (of('collector') !== commonCollector) return err('wrong-collector');
  if (of('mpnAmount') !== of('amount')) return err('amounts-differ');
  if (Number(of('amount')) === 0) return err('nothing-to-pay');
  if (checkDigits !== undefined) {
    const mpn = text.slice(29, 112);
    const [upper, lower] = checkDigits(`00${mpn.slice(2, 39)}00${mpn.slice(41)}`);
    if (upper !== of('upper') || lower !== of('lower')) return err('wrong-check-digits');
  }
  const dueOn = dayOf(of('due'));
  const payableUntil = dayOf(of('until'));
  if (dueOn === undefined || payableUntil === undefined) return err('no-such-date');
  return ok({
    taxItem: of('item'),
    caseKey: of('key'),
    confirmationNumber: of('confirmation'),
    body: of('body'),
    office: of('office'),
    amountYen: Number(of('amount')),
    taxYear: Number(of('taxYear')),
    fiscalYear: Number(of('fiscalYear')),
    instalment: Number(of('instalment')),
    dueOn,
    payableUntil,
  });
}

/** eL番号 as it stands under the code for who types it: collector, case key in fives, confirmation number. */
export const readableElNumber = ({
  caseKey,
  confirmationNumber,
}: Pick<ElQr, 'caseKey' | 'confirmationNumber'>): string =>
  `${commonCollector} ${(caseKey.match(/.{5}/g) ?? []).join(' ')} ${confirmationNumber}`;
