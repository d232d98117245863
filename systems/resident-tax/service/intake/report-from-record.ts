import type { ReportedPerson, SalaryPaymentReport } from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { addressKeyOf, nameKeyOf } from '../../domain/identity-keys.ts';
import type { NewRelative, NewReport } from '../../store/intake-reports.ts';

/** Where a number of a report is held: `report:ID` for the earner, parts of it for the others. */
export const reportOwner = (reportId: string): string => `report:${reportId}`;

/** A report with the numbers taken out of it, to be put into the vault under their owners. */
export interface Separated {
  readonly report: NewReport;
  readonly own: IndividualNumber | undefined;
  readonly numbers: readonly { readonly owner: string; readonly number: IndividualNumber }[];
  /** The same report with the references that the vault gave, by owner. */
  withRefs(refs: ReadonlyMap<string, string>): NewReport;
}

/** Takes every number of a person out of a record of the file: columns, family, payer, and what was written into texts. */
export function separate(
  source: SalaryPaymentReport,
  ids: { reportId: string; intakeId: string; row: number },
): Separated {
  const { columns: c } = source;
  const { reportId } = ids;
  const numbers: { owner: string; number: IndividualNumber }[] = [];
  const hold = (part: string, number: IndividualNumber | undefined): string | null => {
    if (number === undefined) return null;
    const owner = part === '' ? reportOwner(reportId) : `${reportOwner(reportId)}/${part}`;
    numbers.push({ owner, number });
    return owner;
  };
  const ownOwner = hold('', c.individualNumber);
  const payerIsPerson = c.payerNumber instanceof IndividualNumber;
  const payerOwner = hold('payer', payerIsPerson ? (c.payerNumber as IndividualNumber) : undefined);
  const relatives: NewRelative[] = [
    ...(source.spousePerson === undefined ? [] : [['spouse', source.spousePerson] as const]),
    ...source.dependants.map((person) => ['dependant', person] as const),
    ...source.youngDependants.map((person) => ['young', person] as const),
  ].map(([kind, person], i) => relative(kind, person, i + 1, hold(`relative-${i + 1}`, person.individualNumber)));

  const report: NewReport = {
    reportId,
    intakeId: ids.intakeId,
    rowNumber: ids.row,
    incomeYear: source.incomeYear,
    submissionKind: c.submissionKind,
    payerName: withoutNumbers(c.payerName),
    payerNumber: payerIsPerson || c.payerNumber === undefined ? null : `${c.payerNumber}`,
    payerNumberRef: payerOwner,
    recipientNumber: c.recipientNumber === undefined ? null : withoutNumbers(c.recipientNumber),
    name: withoutNumbers(c.name),
    kana: c.kana,
    bornOn: source.bornOn?.toString() ?? null,
    address: withoutNumbers(c.address),
    numberRef: ownOwner,
    paidYen: c.paidYen ?? 0,
    columns: plainColumns(c),
    nameKey: nameKeyOf(c.name),
    addressKey: addressKeyOf(c.address),
    relatives,
  };
  return {
    report,
    own: c.individualNumber,
    numbers,
    withRefs: (refs) => {
      const ref = (owner: string | null): string | null => (owner === null ? null : (refs.get(owner) ?? null));
      return {
        ...report,
        numberRef: ref(report.numberRef),
        payerNumberRef: ref(report.payerNumberRef),
        relatives: relatives.map((r) => ({ ...r, numberRef: ref(r.numberRef) })),
      };
    },
  };
}

const relative = (
  kind: NewRelative['kind'],
  person: ReportedPerson,
  relativeNo: number,
  owner: string | null,
): NewRelative => ({
  relativeNo,
  kind,
  name: person.name === undefined ? null : withoutNumbers(person.name),
  kana: person.kana === undefined ? null : withoutNumbers(person.kana),
  residence: person.residence ?? null,
  numberRef: owner,
});

/** Columns that hold numbers of persons, or a list of them. */
const numberColumns = /^(individualNumber|payerNumber|.*[a-z0-9]Number|furtherDependants|furtherYoung)$/;
const harmless = new Set(['branchNumber', 'designationNumber', 'recipientNumber']);

function plainColumns(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(columns)) {
    if (value === undefined || value instanceof IndividualNumber) continue;
    if (numberColumns.test(name) && !harmless.has(name)) continue;
    plain[name] = typeof value === 'string' ? withoutNumbers(value) : value;
  }
  return plain;
}

/** 摘要 and the like: payers write numbers into texts where they do not belong. Twelve digits that fit their check digit become stars. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(/[0-9０-９](?:[ 　‐－-]?[0-9０-９]){11,}/g, (run) => {
    const digits = run.normalize('NFKC').replaceAll(/[^0-9]/g, '');
    for (let at = 0; at + 12 <= digits.length; at++)
      if (IndividualNumber.parse(digits.slice(at, at + 12)).ok) return '＊'.repeat(12);
    return run;
  });
}
