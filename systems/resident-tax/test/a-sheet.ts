import { writeFlatItems } from '@musubi/contracts/tax-return/return-items.ts';
import type { WardReturnRecord } from '@musubi/contracts/tax-return/ward-return.ts';
import { meguro, type Someone } from './an-intake.ts';

/** One 住民税申告書 of a batch as a contractor delivers it, both entries alike. */
export const aSheet = (
  who: Someone,
  batchNumber: string,
  sheetNumber: number,
  over: Partial<WardReturnRecord> = {},
): WardReturnRecord => {
  const entry = writeFlatItems({
    items: new Map([
      ['ABA00140', who.name],
      ['ABA00130', who.kana],
      ['ABA00200', who.bornOn],
      ['ABA00120', who.address],
      ['ABB00110', '1500000'],
      ['ABB01120', '1200000'],
      ['ABB00410', '1200000'],
    ]),
    numbers: new Map([['ABA00125', who.number]]),
  });
  return {
    formKind: 'WR01',
    batchNumber,
    sheetNumber,
    incomeYear: '2025',
    filedOn: Temporal.PlainDate.from('2026-03-01'),
    municipality: meguro,
    processing: 'keyed',
    keyedFrom: '20260302090000',
    keyedUntil: '20260302090412',
    operatorA: 'op-1',
    operatorB: 'op-2',
    entryA: entry,
    entryB: entry,
    ...over,
  };
};
