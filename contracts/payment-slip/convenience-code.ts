import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { mod10Weight3 } from './check-digits.ts';

/** 料金代理収納: what the 44 digits under the bar of a convenience store say. */
export interface ConvenienceCode {
  /** 請求書発行企業コード, 6 digits, given by the agent who collects. */
  readonly company: string;
  /** 自由使用欄, 21 digits: the ward's own reference of the slip. */
  readonly reference: string;
  /** 再発行区分: 0 the first issue, then 1 to 9. */
  readonly reissue: number;
  /** 支払期限; null: none. */
  readonly payableUntil: Temporal.PlainDate | null;
  /** Whole yen. */
  readonly amountYen: number;
}

/** Stores take no more than this with one slip. */
export const mostAtStores = 300_000;

const identifier = '91';

/**
 * The 44 digits. A slip beyond what stores take has no bar at all.
 *
 * @source GS1-128による標準料金代理収納ガイドライン 第6版 (formats: el-qr §4)
 */
export function writeConvenienceCode(code: ConvenienceCode): Result<string, 'beyond-stores' | 'nothing-to-pay'> {
  if (!/^[0-9]{6}$/.test(code.company) || !/^[0-9]{21}$/.test(code.reference))
    throw new RangeError('a company has 6 digits, a reference 21');
  if (!Number.isInteger(code.reissue) || code.reissue < 0 || code.reissue > 9)
    throw new RangeError('a slip is issued again at most nine times');
  if (code.amountYen <= 0) return err('nothing-to-pay');
  if (code.amountYen > mostAtStores) return err('beyond-stores');
  const until = code.payableUntil === null ? '999999' : code.payableUntil.toString().replaceAll('-', '').slice(2);
  // A tax bears no revenue stamp: 印紙フラグ 0.
  const body = `${identifier}${code.company}${code.reference}${code.reissue}${until}0${`${code.amountYen}`.padStart(6, '0')}`;
  return ok(body + mod10Weight3(body));
}

export type ConvenienceFault =
  | 'not-44-digits'
  | 'wrong-identifier'
  | 'wrong-check-digit'
  | 'no-such-date'
  | 'stamp-on-a-tax'
  | 'nothing-to-pay'
  | 'beyond-stores';

/** Rule E07 but for the day of payment, which the reader of a settlement file has beside it. */
export function readConvenienceCode(text: string): Result<ConvenienceCode, ConvenienceFault> {
  if (!/^[0-9]{44}$/.test(text)) return err('not-44-digits');
  if (!text.startsWith(identifier)) return err('wrong-identifier');
  if (mod10Weight3(text.slice(0, 43)) !== text[43]) return err('wrong-check-digit');
  const until = text.slice(30, 36);
  const payableUntil = until === '999999' ? null : dayOf(`20${until}`);
  if (payableUntil === undefined) return err('no-such-date');
  if (text[36] !== '0') return err('stamp-on-a-tax');
  const amountYen = Number(text.slice(37, 43));
  if (amountYen === 0) return err('nothing-to-pay');
  if (amountYen > mostAtStores) return err('beyond-stores');
  return ok({
    company: text.slice(2, 8),
    reference: text.slice(8, 29),
    reissue: Number(text[29]),
    payableUntil,
    amountYen,
  });
}

/** As it stands under the bar, in two lines on the slip. */
export function readableConvenienceCode(digits: string): readonly [string, string] {
  const part = (from: number, to: number): string => digits.slice(from, to);
  return [
    `(${identifier})${part(2, 8)}-${part(8, 29)}`,
    `${part(29, 30)}-${part(30, 36)}-${part(36, 37)}-${part(37, 43)}-${part(43, 44)}`,
  ];
}

/** `YYYYMMDD`; undefined where there is no such day. */
export function dayOf(digits: string): Temporal.PlainDate | undefined {
  const date = { year: Number(digits.slice(0, 4)), month: Number(digits.slice(4, 6)), day: Number(digits.slice(6, 8)) };
  try {
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}
