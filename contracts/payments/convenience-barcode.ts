import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { mod10 } from './check-digit.ts';

/** 料金代理収納: what the 44 digits of a slip's GS1-128 say. */
export interface ConvenienceBarcode {
  readonly companyCode: string;
  /** 自由使用欄, 21 digits: the payer's reference. */
  readonly reference: string;
  /** 0 first issue, 1–9 re-issued. */
  readonly issue: number;
  /** null: 999999, no limit. */
  readonly payableUntil: string | null;
  readonly amount: number;
}
/** Stores take slips up to this amount. */
export const convenienceLimitYen = 300_000;

/** @source GS1 Japan「GS1-128による標準料金代理収納ガイドライン」第6版 */
export function writeConvenienceBarcode(code: ConvenienceBarcode): string {
  const until = code.payableUntil === null ? '999999' : code.payableUntil.replaceAll('-', '').slice(2);
  const body = `91${code.companyCode}${code.reference}${code.issue}${until}0${String(code.amount).padStart(6, '0')}`;
  if (!/^[0-9]{43}$/.test(body) || code.amount > 999_999) throw new RangeError('not 43 digits');
  return body + mod10(body);
}

export function readConvenienceBarcode(
  text: string,
): Result<ConvenienceBarcode, 'wrong-length' | 'wrong-identifier' | 'wrong-check-digit'> {
  if (!/^[0-9]{44}$/.test(text)) return err('wrong-length');
  if (!text.startsWith('91')) return err('wrong-identifier');
  if (mod10(text.slice(0, 43)) !== text.charCodeAt(43) - 48) return err('wrong-check-digit');
  const until = text.slice(30, 36);
  return ok({
    companyCode: text.slice(2, 8),
    reference: text.slice(8, 29),
    issue: Number(text[29]),
    payableUntil: until === '999999' ? null : `20${until.slice(0, 2)}-${until.slice(2, 4)}-${until.slice(4)}`,
    amount: Number(text.slice(37, 43)),
  });
}
