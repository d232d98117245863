import { isOpenDay } from '@musubi/kernel/calendar/open-days.ts';
import { at, writeFixedRecord } from '@musubi/kernel/records/fixed-width.ts';
import { code, constant, count, exactDigits, yenAmount } from '@musubi/kernel/records/kinds.ts';
import { optional, required } from '@musubi/kernel/records/layout.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { sum, type Yen, yen } from '@musubi/kernel/yen/yen.ts';
import { endRecord, type PlacedGroup, readFrame, totalFaults, type ZenginFault, zenginRecord } from './frame.ts';
import { branchText, nameText, opaque } from './text.ts';

/* 預金口座振替 (種別 91): the same records go to the bank as a request and come back as a result. */

export const debitAccountKinds = { '1': 'ordinary', '2': 'current', '3': 'tax-reserve', '9': 'other' } as const;
export type DebitAccountKind = (typeof debitAccountKinds)[keyof typeof debitAccountKinds];
/** 振替結果コード. In a request every record has 0, which there means "not processed". */
export const debitOutcomes = {
  '0': 'paid',
  '1': 'insufficient-funds',
  '2': 'no-account',
  '3': 'stopped-by-depositor',
  '4': 'no-mandate',
  '8': 'stopped-by-collector',
  '9': 'other',
} as const;
export type DebitOutcome = (typeof debitOutcomes)[keyof typeof debitOutcomes];

const header = zenginRecord('header', [
  at(2, 2, required('business', '種別コード', constant('91'))),
  at(4, 1, required('coding', 'コード区分', constant('0'))),
  at(5, 10, required('collectorCode', '委託者コード', exactDigits(10))),
  at(15, 40, required('collectorName', '委託者名', nameText(40))),
  at(55, 4, required('debitOn', '引落日', exactDigits(4))),
  at(59, 4, required('bank', '取引銀行番号', exactDigits(4))),
  at(63, 15, optional('bankName', '取引銀行名', branchText(15))),
  at(78, 3, required('branch', '取引支店番号', exactDigits(3))),
  at(81, 15, optional('branchName', '取引支店名', branchText(15))),
  at(96, 1, optional('accountKind', '預金種目', code(debitAccountKinds))),
  at(97, 7, optional('accountNumber', '口座番号', exactDigits(7))),
]);
const detail = zenginRecord('detail', [
  at(2, 4, required('bank', '引落銀行番号', exactDigits(4))),
  at(6, 15, optional('bankName', '引落銀行名', branchText(15))),
  at(21, 3, required('branch', '引落支店番号', exactDigits(3))),
  at(24, 15, optional('branchName', '引落支店名', branchText(15))),
  at(43, 1, required('accountKind', '預金種目', code(debitAccountKinds))),
  at(44, 7, required('accountNumber', '口座番号', exactDigits(7))),
  at(51, 30, required('depositor', '預金者名', nameText(30))),
  at(81, 10, required('amount', '引落金額', yenAmount(10))),
  at(91, 1, required('first', '新規コード', code({ '1': 'first', '2': 'changed', '0': 'other' }))),
  at(92, 20, required('customerNumber', '顧客番号', opaque(20))),
  at(112, 1, required('outcome', '振替結果コード', code(debitOutcomes))),
]);
const trailer = zenginRecord('trailer', [
  at(2, 6, required('records', '合計件数', count(6))),
  at(8, 12, required('total', '合計金額', yenAmount(12))),
  at(20, 6, required('paidRecords', '振替済件数', count(6))),
  at(26, 12, required('paidTotal', '振替済金額', yenAmount(12))),
  at(38, 6, required('failedRecords', '振替不能件数', count(6))),
  at(44, 12, required('failedTotal', '振替不能金額', yenAmount(12))),
]);

export interface Debit {
  readonly bank: string;
  readonly bankName?: string;
  readonly branch: string;
  readonly branchName?: string;
  readonly accountKind: DebitAccountKind;
  readonly accountNumber: string;
  readonly depositor: string;
  readonly amount: Yen;
  readonly first: 'first' | 'changed' | 'other';
  /** 20 digits, ours; comes back as it was sent. */
  readonly customerNumber: string;
  /** `paid` in a request means nothing. */
  readonly outcome: DebitOutcome;
}
export interface DebitFile {
  readonly collectorCode: string;
  readonly collectorName: string;
  readonly debitOn: Temporal.PlainDate;
  /** Where collected money is paid in. */
  readonly bank: string;
  readonly bankName?: string;
  readonly branch: string;
  readonly branchName?: string;
  readonly accountKind?: DebitAccountKind;
  readonly accountNumber?: string;
  readonly debits: readonly Debit[];
}

/** 引落日 has no year: the one that lies nearest to `near`. */
function dateNear(monthDay: string, near: Temporal.PlainDate): Temporal.PlainDate | undefined {
  const found = [near.year - 1, near.year, near.year + 1].flatMap((year) => {
    try {
      return [Temporal.PlainDate.from(`${year}-${monthDay.slice(0, 2)}-${monthDay.slice(2)}`)];
    } catch {
      return [];
    }
  });
  const days = (date: Temporal.PlainDate): number => Math.abs(near.until(date).total('days'));
  return found.sort((a, b) => days(a) - days(b))[0];
}

/** Neither a weekend, a holiday nor 31 December to 3 January. */
export const isBankDay = (date: Temporal.PlainDate): boolean =>
  isOpenDay(date) || (date.month === 12 && (date.day === 29 || date.day === 30) && date.dayOfWeek <= 5);

/**
 * Reads a request or a result, whole or not at all. The same bytes mean different things in the two directions, so the caller
 * says which it expects.
 *
 * @param near the day that the year of 引落日 is found by: the day of the request
 */
export async function readDebitFile(
  content: Uint8Array,
  direction: 'request' | 'result',
  near: Temporal.PlainDate,
): Promise<Result<DebitFile, readonly ZenginFault[]>> {
  const groups = await readFrame(content, { '1': header, '2': detail, '8': trailer, '9': endRecord });
  if (!groups.ok) return groups;
  const [group, second] = groups.value;
  if (second !== undefined)
    return err([{ rule: 'Z02', row: second.header.row, message: '1ファイルに複数の委託者・引落日があります' }]);
  const found = group!;
  const debitOn = dateNear(found.header.fields.debitOn as string, near);
  const faults = [
    ...totalFaults(found),
    ...(direction === 'result' ? resultFaults(found) : requestFaults(found)),
    ...(debitOn !== undefined && isBankDay(debitOn)
      ? []
      : [{ rule: 'Z09', row: 1, field: '引落日', message: '引落日が銀行営業日ではありません' }]),
  ];
  if (faults.length > 0) return err(faults);
  const { record: _, business: __, coding: ___, debitOn: ____, ...rest } = found.header.fields;
  return ok({ ...rest, debitOn: debitOn!, debits: found.details.map(debitOf) } as unknown as DebitFile);
}

function debitOf({ fields }: { fields: Readonly<Record<string, unknown>> }): Debit {
  const { record: _, ...debit } = fields;
  return debit as unknown as Debit;
}

function resultFaults({ details, trailer: { row, fields } }: PlacedGroup): readonly ZenginFault[] {
  const paid = details.filter((d) => d.fields.outcome === 'paid');
  const paidTotal = paid.reduce((all, d) => all + (d.fields.amount as number), 0);
  if (details.length > 0 && [fields.paidRecords, fields.failedRecords].every((n) => n === 0))
    return [{ rule: 'Z07', row, message: '結果の件数がありません（依頼ファイルが戻された可能性があります）' }];
  const agrees =
    fields.paidRecords === paid.length &&
    fields.paidTotal === paidTotal &&
    (fields.paidRecords as number) + (fields.failedRecords as number) === fields.records &&
    (fields.paidTotal as number) + (fields.failedTotal as number) === fields.total;
  return agrees ? [] : [{ rule: 'Z07', row, message: '振替済・振替不能の件数又は金額が明細と一致しません' }];
}

function requestFaults({ details, trailer: { row, fields } }: PlacedGroup): readonly ZenginFault[] {
  const untouched =
    details.every((d) => d.fields.outcome === 'paid') &&
    [fields.paidRecords, fields.paidTotal, fields.failedRecords, fields.failedTotal].every((n) => n === 0);
  return untouched ? [] : [{ rule: 'Z07', row, message: '依頼ファイルに結果が記入されています' }];
}

/** Writes a file that `readDebitFile` reads back; throws where a field does not fit, which the maker must have checked (`toZenginName`). */
export function writeDebitFile(file: DebitFile, direction: 'request' | 'result'): Uint8Array {
  const { debits, debitOn, ...rest } = file;
  const parts: Uint8Array[] = [];
  const add = (written: ReturnType<typeof writeFixedRecord>): void => void parts.push(unwrap(written).bytes);
  const monthDay = debitOn.toString().slice(5).replace('-', '');
  add(
    writeFixedRecord(
      header,
      { ...blank, ...rest, record: '1', business: '91', coding: '0', debitOn: monthDay },
      '\r\n',
    ),
  );
  for (const debit of debits)
    add(
      writeFixedRecord(
        detail,
        {
          bankName: undefined,
          branchName: undefined,
          ...debit,
          record: '2',
          outcome: direction === 'request' ? 'paid' : debit.outcome,
        },
        '\r\n',
      ),
    );
  const paid = direction === 'request' ? [] : debits.filter((d) => d.outcome === 'paid');
  const failed = direction === 'request' ? [] : debits.filter((d) => d.outcome !== 'paid');
  const totalOf = (of: readonly Debit[]): Yen => yen(sum(of.map((d) => d.amount)));
  add(
    writeFixedRecord(
      trailer,
      {
        record: '8',
        records: debits.length,
        total: totalOf(debits),
        paidRecords: paid.length,
        paidTotal: totalOf(paid),
        failedRecords: failed.length,
        failedTotal: totalOf(failed),
      },
      '\r\n',
    ),
  );
  add(writeFixedRecord(endRecord, { record: '9' }, '\r\n'));
  return Buffer.concat(parts);
}
const blank = { bankName: undefined, branchName: undefined, accountKind: undefined, accountNumber: undefined };
