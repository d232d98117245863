import { type FiledDocument, filedDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { type FormLine, formLines } from '@musubi/contracts/tax-documents/form-lines.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Deps } from '../deps.ts';
import type { Document } from '../store/documents.ts';
import type { FormContent } from './form-page.ts';

export const kindTitles: Readonly<Record<FiledDocument['kind'], string>> = {
  'salary-payment-report': '給与支払報告書（個人別明細書）',
  'pension-payment-report': '公的年金等支払報告書（個人別明細書）',
  'tax-return': '所得税の確定申告書',
  'one-stop-notice': '寄附金税額控除に係る申告特例通知書',
  'ward-return': '特別区民税・都民税申告書',
};
export const kindTitle = (kind: string): string => kindTitles[kind as FiledDocument['kind']] ?? kind;

const submissions = { new: '新規', added: '追加', correction: '訂正', cancellation: '取消' } as const;
const relativeKinds = { spouse: '配偶者', dependant: '扶養親族', young: '16歳未満' } as const;
export const yearText = (incomeYear: number): string => `令和${incomeYear - 2018}年分`;

/** The document as it was filed. A content that is no document is a defect: it was checked when it came. */
export async function filedContent(
  tx: Tx,
  deps: Pick<Deps, 'sealed'>,
  document: Pick<Document, 'contentRef'>,
  purpose: string,
): Promise<FiledDocument | 'erased'> {
  const opened = await deps.sealed.open(tx, document.contentRef, purpose);
  return opened.ok ? filedDocument.parse(JSON.parse(opened.value.toString('utf8'))) : 'erased';
}

export const linesOf = (filed: FiledDocument): FormLine[] => formLines(filed.kind, filed.columns);

export function formContentOf(filed: FiledDocument): FormContent {
  return {
    title: kindTitles[filed.kind],
    head: [
      { label: '年分', text: yearText(filed.incomeYear) },
      { label: '提出区分', text: submissions[filed.submissionKind] },
      { label: '受付番号', text: filed.receptionNumber },
      { label: '行', text: `${filed.rowNumber}` },
      { label: '提出者', text: filed.payer.name },
      { label: '提出者の法人番号', text: filed.payer.corporateNumber ?? '' },
    ],
    person: { name: filed.name, kana: filed.kana, bornOn: filed.bornOn ?? '', address: filed.address },
    numbers: { person: filed.individualNumber, payer: filed.payer.individualNumber },
    relatives: filed.relatives.map((relative) => ({
      kind: relativeKinds[relative.kind],
      name: relative.name ?? '',
      bornOn: relative.bornOn ?? '',
      residence: relative.residence === null || relative.residence === 'resident' ? '' : '国外居住',
      number: relative.individualNumber,
    })),
    lines: linesOf(filed),
  };
}
