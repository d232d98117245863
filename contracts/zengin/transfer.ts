import { at, writeFixedRecord } from '@musubi/kernel/records/fixed-width.ts';
import { code, constant, count, exactDigits, yenAmount } from '@musubi/kernel/records/kinds.ts';
import { optional, required } from '@musubi/kernel/records/layout.ts';
import { err, ok, type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { sum, type Yen } from '@musubi/kernel/yen/yen.ts';
import { isBankDay } from './direct-debit.ts';
import { endRecord, readFrame, totalFaults, type ZenginFault, zenginRecord } from './frame.ts';
import { branchText, nameText, opaque } from './text.ts';

/* 総合振込 (種別 21): orders to pay out, refunds among them. There is no result file; what fails comes back as money. */

export const transferAccountKinds = { '1': 'ordinary', '2': 'current', '4': 'savings', '9': 'other' } as const;
export type TransferAccountKind = (typeof transferAccountKinds)[keyof typeof transferAccountKinds];

const header = zenginRecord('header', [
  at(2, 2, required('business', '種別コード', constant('21'))),
  at(4, 1, required('coding', 'コード区分', constant('0'))),
  at(5, 10, required('senderCode', '振込依頼人コード', exactDigits(10))),
  at(15, 40, required('senderName', '振込依頼人名', nameText(40))),
  at(55, 4, required('payOn', '振込指定日', exactDigits(4))),
  at(59, 4, required('bank', '仕向銀行番号', exactDigits(4))),
  at(63, 15, optional('bankName', '仕向銀行名', branchText(15))),
  at(78, 3, required('branch', '仕向支店番号', exactDigits(3))),
  at(81, 15, optional('branchName', '仕向支店名', branchText(15))),
  at(96, 1, optional('accountKind', '預金種目', code(transferAccountKinds))),
  at(97, 7, optional('accountNumber', '口座番号', exactDigits(7))),
]);
const detail = zenginRecord('detail', [
  at(2, 4, required('bank', '被仕向銀行番号', exactDigits(4))),
  at(6, 15, optional('bankName', '被仕向銀行名', branchText(15))),
  at(21, 3, required('branch', '被仕向支店番号', exactDigits(3))),
  at(24, 15, optional('branchName', '被仕向支店名', branchText(15))),
  at(39, 4, optional('clearing', '手形交換所番号', opaque(4))),
  at(43, 1, required('accountKind', '預金種目', code(transferAccountKinds))),
  at(44, 7, required('accountNumber', '口座番号', exactDigits(7))),
  at(51, 30, required('payee', '受取人名', nameText(30))),
  at(81, 10, required('amount', '振込金額', yenAmount(10))),
  at(91, 1, required('first', '新規コード', code({ '1': 'first', '2': 'changed', '0': 'other' }))),
  at(92, 20, required('customerCode', '顧客コード', opaque(20))),
  at(112, 1, optional('designation', '振込指定区分', code({ '7': 'telegraphic', '8': 'document', '0': 'none' }))),
]);
const trailer = zenginRecord('trailer', [
  at(2, 6, required('records', '合計件数', count(6))),
  at(8, 12, required('total', '合計金額', yenAmount(12))),
]);

export interface Transfer {
  readonly bank: string;
  readonly bankName?: string;
  readonly branch: string;
  readonly branchName?: string;
  readonly accountKind: TransferAccountKind;
  readonly accountNumber: string;
  readonly payee: string;
  readonly amount: Yen;
  readonly first: 'first' | 'changed' | 'other';
  /** 顧客コード1 and 2 as one reference of 20 digits. */
  readonly customerCode: string;
}
export interface TransferFile {
  readonly senderCode: string;
  readonly senderName: string;
  readonly payOn: Temporal.PlainDate;
  readonly bank: string;
  readonly bankName?: string;
  readonly branch: string;
  readonly branchName?: string;
  readonly accountKind?: TransferAccountKind;
  readonly accountNumber?: string;
  readonly transfers: readonly Transfer[];
}

/** Reads an order file, whole or not at all. @param year of 振込指定日, which has none in the file */
export async function readTransferFile(
  content: Uint8Array,
  year: number,
): Promise<Result<TransferFile, readonly ZenginFault[]>> {
  const groups = await readFrame(content, { '1': header, '2': detail, '8': trailer, '9': endRecord });
  if (!groups.ok) return groups;
  const [group, second] = groups.value;
  if (second !== undefined) return err([{ rule: 'Z02', row: second.header.row, message: '依頼が2組以上あります' }]);
  const { record: _, business: __, coding: ___, payOn: monthDay, ...rest } = group!.header.fields;
  const payOn = dateOf(year, monthDay as string);
  const faults = [
    ...totalFaults(group!),
    ...(payOn !== undefined && isBankDay(payOn)
      ? []
      : [{ rule: 'Z09', row: 1, field: '振込指定日', message: '振込指定日が銀行営業日ではありません' }]),
  ];
  if (faults.length > 0) return err(faults);
  const transfers = group!.details.map(
    ({ fields: { record: _r, clearing: _c, designation: _d, ...transfer } }) => transfer,
  );
  return ok({ ...rest, payOn: payOn!, transfers } as unknown as TransferFile);
}

function dateOf(year: number, monthDay: string): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDate.from(`${year}-${monthDay.slice(0, 2)}-${monthDay.slice(2)}`);
  } catch {
    return undefined;
  }
}

/** Writes an order file; throws where a field does not fit. */
export function writeTransferFile(file: TransferFile): Uint8Array {
  const { transfers, payOn, ...rest } = file;
  const parts: Uint8Array[] = [];
  const add = (written: ReturnType<typeof writeFixedRecord>): void => void parts.push(unwrap(written).bytes);
  const monthDay = payOn.toString().slice(5).replace('-', '');
  const blank = { bankName: undefined, branchName: undefined, accountKind: undefined, accountNumber: undefined };
  add(
    writeFixedRecord(header, { ...blank, ...rest, record: '1', business: '21', coding: '0', payOn: monthDay }, '\r\n'),
  );
  for (const transfer of transfers)
    add(
      writeFixedRecord(
        detail,
        {
          bankName: undefined,
          branchName: undefined,
          ...transfer,
          record: '2',
          clearing: '0000',
          designation: 'telegraphic',
        },
        '\r\n',
      ),
    );
  add(
    writeFixedRecord(
      trailer,
      { record: '8', records: transfers.length, total: sum(transfers.map((t) => t.amount)) },
      '\r\n',
    ),
  );
  add(writeFixedRecord(endRecord, { record: '9' }, '\r\n'));
  return Buffer.concat(parts);
}
