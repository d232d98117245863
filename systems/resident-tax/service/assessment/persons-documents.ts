import { yen } from '@musubi/kernel/yen/yen.ts';
import type { PensionReport, PersonsDocuments } from '../../domain/merge-documents.ts';
import type { LinkedReport } from '../../store/assessment-sources.ts';
import { salaryReportOf } from './report-facts.ts';

/** A person's stored documents by kind, as the merge takes them. */
export function personsDocuments(linked: readonly LinkedReport[]): PersonsDocuments {
  return {
    salaries: linked.filter(({ kind }) => kind === 'salary-payment-report').map(salaryReportOf),
    pensions: linked.filter(({ kind }) => kind === 'pension-payment-report').map(pensionReportOf),
    returns: linked.flatMap(({ kind, reportId, columns }) =>
      kind === 'tax-return' || kind === 'ward-return'
        ? [{ documentId: reportId, kind, items: columns.items as Readonly<Record<string, string>> }]
        : [],
    ),
    oneStops: linked
      .filter(({ kind }) => kind === 'one-stop-notice')
      .map(({ reportId, payerName, paidYen }) => ({
        documentId: reportId,
        recipient: payerName,
        amount: yen(paidYen),
      })),
  };
}

function pensionReportOf({ reportId, payerName, paidYen, columns }: LinkedReport): PensionReport {
  const count = (name: string): number => (typeof columns[name] === 'number' ? columns[name] : 0);
  const flag = (name: string): boolean => columns[name] === true;
  return {
    documentId: reportId,
    payerName,
    revenue: yen(paidYen),
    socialInsurance: yen(count('socialInsuranceYen')),
    spouse: columns.spouse === 'yes' ? 'ordinary' : columns.spouse === 'elderly' ? 'elderly' : 'none',
    spouseAbroad: columns.spousePersonResidence === 'non-resident',
    dependants: {
      specified: count('specifiedDependants'),
      elderly: count('elderlyDependants'),
      ordinary: count('otherDependants'),
      underSixteen: count('dependantsUnder16'),
      abroad: count('nonResidentRelatives'),
    },
    disabled: {
      special: count('speciallyDisabled'),
      specialLivingTogether: count('speciallyDisabledLivingTogether'),
      ordinary: count('otherDisabled'),
    },
    disability: flag('selfSpeciallyDisabled') ? 'special' : flag('selfOtherDisabled') ? 'ordinary' : 'none',
    widow: flag('widow'),
    singleParent: flag('singleParent'),
  };
}
