import { forwardedDocument } from '@musubi/contracts/eltax/between-bodies.ts';
import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import type { FiledDocument as Forwarded } from '@musubi/contracts/tax-documents/filing.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { type Fault, type Outcome, type ReadSummary, Tally } from '@musubi/kernel/records/faults.ts';
import type { FiledDocument } from './report-from-record.ts';

/**
 * 回送資料: documents that another municipality sent on, each of a kind of its own and as it was filed there. A line that is no document, or
 * that names a number which is none, is rejected alone; the package was found whole before.
 */
export async function readForwardedDocuments(
  source: Iterable<Uint8Array>,
  { each }: { readonly each: (outcome: Outcome<FiledDocument>) => void },
): Promise<ReadSummary> {
  const tally = new Tally(each);
  let row = 0;
  for (const piece of source)
    for (const line of linesOf(piece, forwardedDocument)) {
      row += 1;
      const document = line === undefined ? undefined : documentOf(line);
      if (document !== undefined) await tally.add({ accepted: true, row, value: document, warnings: [] });
      else
        await tally.add({
          accepted: false,
          row,
          faults: [faultOf(row, line === undefined ? 'unreadable-record' : 'wrong-number')],
        });
    }
  return tally.close(row, []);
}

const faultOf = (row: number, word: 'unreadable-record' | 'wrong-number'): Fault => ({
  row,
  word,
  rule: 'F01',
  severity: 'reject',
  message: word === 'wrong-number' ? '個人番号の検査用数字が合いません' : '回送資料のレコードとして読めません',
});

function documentOf(line: Forwarded): FiledDocument | undefined {
  const numbers = [
    line.individualNumber,
    line.payer.individualNumber,
    ...line.relatives.map((r) => r.individualNumber),
  ];
  const read = numbers.map((digits) => (digits === null ? undefined : IndividualNumber.parse(digits)));
  if (read.some((number) => number !== undefined && !number.ok)) return undefined;
  const numberOf = (i: number): IndividualNumber | undefined => (read[i]?.ok ? read[i].value : undefined);
  const { columns } = line;
  const amount = columns.paidYen;
  return {
    kind: line.kind,
    incomeYear: line.incomeYear,
    submissionKind: line.submissionKind,
    payerName: line.payer.name,
    payerNumber: line.payer.corporateNumber ?? numberOf(1),
    recipientNumber: typeof columns.recipientNumber === 'string' ? columns.recipientNumber : undefined,
    referenceNo: line.receptionNumber,
    replacesNo: undefined,
    filedOn: line.filedOn === null ? undefined : Temporal.PlainDate.from(line.filedOn),
    name: line.name,
    kana: line.kana,
    bornOn: line.bornOn === null ? undefined : Temporal.PlainDate.from(line.bornOn),
    address: line.address,
    individualNumber: numberOf(0),
    paidYen: typeof amount === 'number' && Number.isSafeInteger(amount) ? amount : 0,
    columns,
    relatives: line.relatives.map((relative, i) => ({
      kind: relative.kind,
      name: relative.name ?? undefined,
      kana: undefined,
      residence: relative.residence ?? undefined,
      bornOn: relative.bornOn ?? undefined,
      individualNumber: numberOf(i + 2),
    })),
  };
}
