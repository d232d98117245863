import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { mod10Weight3 } from '../payment-slip/check-digits.ts';

/**
 * 納付済通知書: the two lines that the readers of banks pass on. Own layout (the municipalities define theirs): line 1 body 5, tax 2,
 * year 4, instalment 2, notice 10, history 2, check digit, filler 4; line 2 tax 11, interest 7, fee 5, check digit.
 */
export interface CounterLine {
  readonly bodyCode: string;
  readonly taxCode: string;
  readonly fiscalYear: number;
  readonly instalment: number;
  readonly noticeNumber: string;
  /** Which slip of the charge, from 0. */
  readonly issue: number;
  readonly tax: number;
  readonly interest: number;
  readonly fee: number;
}

const digits = (n: number, length: number): string => String(n).padStart(length, '0');

export function writeCounterLine(c: CounterLine): readonly [string, string] {
  const one = `${c.bodyCode}${c.taxCode}${digits(c.fiscalYear, 4)}${digits(c.instalment, 2)}${c.noticeNumber}${digits(c.issue, 2)}`;
  const two = `${digits(c.tax, 11)}${digits(c.interest, 7)}${digits(c.fee, 5)}`;
  if (one.length !== 25 || two.length !== 23) throw new RangeError('a part of the line does not fit');
  return [`${one}${mod10Weight3(one)}0000`, `${two}${mod10Weight3(two)}`];
}

export function readCounterLine(one: string, two: string): Result<CounterLine, 'wrong-length' | 'wrong-check-digit'> {
  if (!/^[0-9]{30}$/.test(one) || !/^[0-9]{24}$/.test(two)) return err('wrong-length');
  if (mod10Weight3(one.slice(0, 25)) !== one[25] || mod10Weight3(two.slice(0, 23)) !== two[23])
    return err('wrong-check-digit');
  return ok({
    bodyCode: one.slice(0, 5),
    taxCode: one.slice(5, 7),
    fiscalYear: Number(one.slice(7, 11)),
    instalment: Number(one.slice(11, 13)),
    noticeNumber: one.slice(13, 23),
    issue: Number(one.slice(23, 25)),
    tax: Number(two.slice(0, 11)),
    interest: Number(two.slice(11, 18)),
    fee: Number(two.slice(18, 23)),
  });
}
