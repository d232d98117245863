import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { addressKeyOf, nameKeyOf } from '../../domain/identity-keys.ts';
import type { DocumentKind, NewRelative, NewReport } from '../../store/intake-reports.ts';

/** Where a number of a report is held: `report:ID` for the earner, parts of it for the others. */
export const reportOwner = (reportId: string): string => `report:${reportId}`;

/** A report with the numbers taken out of it, to be put into the vault under their owners. */
export interface Separated {
  readonly report: NewReport;
  readonly own: IndividualNumber | undefined;
  readonly relatives: readonly { readonly relativeNo: number; readonly number: IndividualNumber }[];
  readonly numbers: readonly { readonly owner: string; readonly number: IndividualNumber }[];
  /** The same report with the references that the vault gave, and the registered holders of relatives' numbers, by owner. */
  withRefs(refs: ReadonlyMap<string, string>, holders: ReadonlyMap<string, string>): NewReport;
}

/** A relative whom a document names. */
export interface FiledRelative {
  readonly kind: NewRelative['kind'];
  readonly name: string | undefined;
  readonly kana: string | undefined;
  readonly residence: string | undefined;
  readonly bornOn: string | undefined;
  readonly individualNumber: IndividualNumber | undefined;
}

/** One record of whatever kind, as its reader gives it; numbers are still in it. */
export interface FiledDocument {
  readonly kind: DocumentKind;
  readonly incomeYear: number;
  readonly submissionKind: NewReport['submissionKind'];
  readonly payerName: string;
  readonly payerNumber: IndividualNumber | string | undefined;
  readonly recipientNumber: string | undefined;
  readonly referenceNo: string | undefined;
  readonly replacesNo: string | undefined;
  readonly filedOn: Temporal.PlainDate | undefined;
  readonly name: string;
  readonly kana: string;
  readonly bornOn: Temporal.PlainDate | undefined;
  readonly address: string;
  readonly individualNumber: IndividualNumber | undefined;
  readonly paidYen: number;
  readonly columns: Readonly<Record<string, unknown>>;
  readonly relatives: readonly FiledRelative[];
}

/** Takes every number of a person out of a record of the file: columns, family, payer, and what was written into texts. */
export function separate(source: FiledDocument, ids: { reportId: string; intakeId: string; row: number }): Separated {
  const { reportId } = ids;
  const numbers: { owner: string; number: IndividualNumber }[] = [];
  const hold = (part: string, number: IndividualNumber | undefined): string | null => {
    if (number === undefined) return null;
    const owner = part === '' ? reportOwner(reportId) : `${reportOwner(reportId)}/${part}`;
    numbers.push({ owner, number });
    return owner;
  };
  const ownOwner = hold('', source.individualNumber);
  const { payerNumber } = source;
  const payerOwner = hold('payer', payerNumber instanceof IndividualNumber ? payerNumber : undefined);
  const relatives = source.relatives.map((person, i) =>
    relative(person, i + 1, hold(`relative-${i + 1}`, person.individualNumber)),
  );
  const report: NewReport = {
    reportId,
    kind: source.kind,
    intakeId: ids.intakeId,
    rowNumber: ids.row,
    incomeYear: source.incomeYear,
    submissionKind: source.submissionKind,
    payerName: withoutNumbers(source.payerName),
    payerNumber: typeof payerNumber === 'string' ? payerNumber : null,
    payerNumberRef: payerOwner,
    recipientNumber: source.recipientNumber === undefined ? null : withoutNumbers(source.recipientNumber),
    referenceNo: source.referenceNo === undefined ? null : withoutNumbers(source.referenceNo),
    replacesNo: source.replacesNo === undefined ? null : withoutNumbers(source.replacesNo),
    filedOn: source.filedOn?.toString() ?? null,
    name: withoutNumbers(source.name),
    kana: source.kana,
    bornOn: source.bornOn?.toString() ?? null,
    address: withoutNumbers(source.address),
    numberRef: ownOwner,
    paidYen: source.paidYen,
    columns: plainColumns(source.columns),
    nameKey: nameKeyOf(source.name),
    addressKey: addressKeyOf(source.address),
    relatives,
  };
  return {
    report,
    own: source.individualNumber,
    relatives: source.relatives.flatMap(({ individualNumber }, i) =>
      individualNumber === undefined ? [] : [{ relativeNo: i + 1, number: individualNumber }],
    ),
    numbers,
    withRefs: (refs, holders) => {
      const ref = (owner: string | null): string | null => (owner === null ? null : (refs.get(owner) ?? null));
      return {
        ...report,
        numberRef: ref(report.numberRef),
        payerNumberRef: ref(report.payerNumberRef),
        relatives: relatives.map((r) => ({
          ...r,
          numberRef: ref(r.numberRef),
          personId: (r.numberRef === null ? undefined : holders.get(r.numberRef)) ?? null,
        })),
      };
    },
  };
}

const relative = (person: FiledRelative, relativeNo: number, owner: string | null): NewRelative => ({
  relativeNo,
  kind: person.kind,
  name: person.name === undefined ? null : withoutNumbers(person.name),
  kana: person.kana === undefined ? null : withoutNumbers(person.kana),
  residence: person.residence ?? null,
  bornOn: person.bornOn ?? null,
  numberRef: owner,
  personId: null,
});

/** Columns that hold numbers of persons, or a list of them. */
const numberColumns = /^(individualNumber|payerNumber|.*[a-z0-9]Number|furtherDependants|furtherYoung)$/;
const harmless = new Set(['branchNumber', 'designationNumber', 'recipientNumber']);

function plainColumns(columns: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const name of Object.keys(columns)) {
    const value = columns[name];
    if (value === undefined || value instanceof IndividualNumber || mayHoldNumbers(name)) continue;
    plain[name] = plainValue(value);
  }
  return plain;
}

/** Of the names met so far: a format has some hundred, and they come again with each of its records. */
const known = new Map<string, boolean>();
function mayHoldNumbers(name: string): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
  const may = numberColumns.test(name) && !harmless.has(name);
  // A return names its own columns; what a sender makes up is not kept for ever.
  if (known.size < 10_000) known.set(name, may);
  return may;
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutNumbers(value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, plainValue(of)]));
}

/** 摘要 and the like: payers write numbers into texts where they do not belong. Twelve digits that fit their check digit become stars. */
export function withoutNumbers(text: string): string {
  if (text.length < 12) return text;
  return text.replaceAll(/[0-9０-９](?:[ 　‐－-]?[0-9０-９]){11,}/g, (run) => {
    const digits = run.normalize('NFKC').replaceAll(/[^0-9]/g, '');
    for (let at = 0; at + 12 <= digits.length; at++)
      if (IndividualNumber.parse(digits.slice(at, at + 12)).ok) return '＊'.repeat(12);
    return run;
  });
}
