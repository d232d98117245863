import {
  type PensionPaymentReport,
  readPensionPaymentReports,
} from '@musubi/contracts/pension-report/pension-payment-report.ts';
import { type OneStopNotice, readOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { type ReturnRelative, readTaxReturns, type TaxReturn } from '@musubi/contracts/tax-return/tax-return.ts';
import { readWardReturns, type SheetCorrections, type WardReturn } from '@musubi/contracts/tax-return/ward-return.ts';
import type { ReportedPerson } from '@musubi/contracts/wage-report/reported-person.ts';
import {
  readSalaryPaymentReports,
  type SalaryPaymentReport,
} from '@musubi/contracts/wage-report/salary-payment-report.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Outcome, ReadSummary } from '@musubi/kernel/records/faults.ts';
import type { Procedure } from '../../store/intake-files.ts';
import { readForwardedDocuments } from './forwarded-documents.ts';
import { readPortalReturn } from './portal-return-file.ts';
import type { FiledDocument, FiledRelative } from './report-from-record.ts';

/** How one kind of file is read, and on what ground it came. */
export interface DocumentReader {
  /** 根拠, for the log. */
  readonly ground: string;
  readonly read: (
    piece: Uint8Array,
    options: {
      municipality: LocalGovernmentCode;
      each: (outcome: Outcome<FiledDocument>) => void;
      /** What was corrected from the paper, where the documents came on paper. */
      corrections?: SheetCorrections | undefined;
    },
  ) => Promise<ReadSummary>;
}

type Read<T> = (
  source: Iterable<Uint8Array>,
  options: {
    municipality: LocalGovernmentCode;
    each: (outcome: Outcome<T>) => void;
    corrections?: SheetCorrections | undefined;
  },
) => Promise<ReadSummary>;

const reader = <T>(ground: string, read: Read<T>, documentOf: (value: T) => FiledDocument): DocumentReader => ({
  ground,
  read: (piece, { municipality, each, corrections }) =>
    read([piece], {
      municipality,
      corrections,
      each: (outcome) => each(outcome.accepted ? { ...outcome, value: documentOf(outcome.value) } : outcome),
    }),
});

export const documentReaders: Readonly<Record<Procedure, DocumentReader>> = {
  'salary-payment-report': reader('地方税法第317条の6第1項', readSalaryPaymentReports, salaryDocument),
  'pension-payment-report': reader('地方税法第317条の6第4項', readPensionPaymentReports, pensionDocument),
  'tax-return': reader('地方税法第325条', readTaxReturns, returnDocument),
  'one-stop-notice': reader('地方税法附則第7条第5項', readOneStopNotices, oneStopDocument),
  'ward-return': reader('地方税法第317条の2第1項', readWardReturns, wardReturnDocument),
  'portal-return': { ground: '地方税法第317条の2第1項', read: readPortalReturn },
  'forwarded-documents': {
    ground: '番号利用法第19条第10号',
    read: async (piece, { each }) => readForwardedDocuments([piece], { each }),
  },
};

const family = (report: {
  readonly spousePerson: ReportedPerson | undefined;
  readonly dependants: readonly ReportedPerson[];
  readonly youngDependants: readonly ReportedPerson[];
}): FiledRelative[] =>
  [
    ...(report.spousePerson === undefined ? [] : [['spouse', report.spousePerson] as const]),
    ...report.dependants.map((person) => ['dependant', person] as const),
    ...report.youngDependants.map((person) => ['young', person] as const),
  ].map(([kind, person]) => ({ ...person, kind, bornOn: undefined }));

const unnumbered = { referenceNo: undefined, replacesNo: undefined, filedOn: undefined } as const;

function salaryDocument(source: SalaryPaymentReport): FiledDocument {
  return { ...payersDocument(source), kind: 'salary-payment-report', paidYen: source.columns.paidYen ?? 0 };
}

function pensionDocument(source: PensionPaymentReport): FiledDocument {
  return { ...payersDocument(source), kind: 'pension-payment-report', paidYen: source.paid };
}

/** What reports of payers have in common. */
function payersDocument(source: SalaryPaymentReport | PensionPaymentReport): Omit<FiledDocument, 'kind' | 'paidYen'> {
  const { columns: c } = source;
  return {
    ...unnumbered,
    incomeYear: source.incomeYear,
    submissionKind: c.submissionKind,
    payerName: c.payerName,
    payerNumber: c.payerNumber,
    recipientNumber: c.recipientNumber,
    name: c.name,
    kana: c.kana,
    bornOn: source.bornOn,
    address: c.address,
    individualNumber: c.individualNumber,
    columns: c,
    relatives: family(source),
  };
}

const returnSubmissions = {
  final: 'new',
  'quasi-final': 'new',
  amended: 'correction',
  reassessed: 'correction',
  withdrawn: 'cancellation',
} as const;

function returnDocument({ record, items, incomeYear, relatives }: TaxReturn): FiledDocument {
  return {
    kind: 'tax-return',
    incomeYear,
    submissionKind: returnSubmissions[record.returnKind],
    payerName: `税務署 ${record.taxOffice}`,
    payerNumber: undefined,
    recipientNumber: undefined,
    referenceNo: record.receptionNumber,
    replacesNo: record.replaces,
    filedOn: record.filedOn,
    name: record.name,
    kana: record.kana,
    bornOn: record.bornOn,
    address: record.address,
    individualNumber: record.individualNumber,
    paidYen: Number(items.get('ABB00410') ?? 0),
    columns: { returnKind: record.returnKind, medium: record.medium, items: Object.fromEntries(items) },
    relatives: relatives.map(returnRelative),
  };
}

function wardReturnDocument(source: WardReturn): FiledDocument {
  return {
    kind: 'ward-return',
    incomeYear: source.incomeYear,
    submissionKind: 'new',
    payerName: `帳票 ${source.sheet.batchNumber}-${source.sheet.sheetNumber}`,
    payerNumber: undefined,
    recipientNumber: undefined,
    referenceNo: `${source.sheet.batchNumber}-${source.sheet.sheetNumber}`,
    replacesNo: undefined,
    filedOn: source.sheet.filedOn,
    name: source.name,
    kana: source.kana,
    bornOn: source.bornOn,
    address: source.address,
    individualNumber: source.individualNumber,
    paidYen: Number(source.items.get('ABB00410') ?? 0),
    columns: { medium: 'paper', items: Object.fromEntries(source.items) },
    relatives: source.relatives.map(returnRelative),
  };
}

const returnRelative = (relative: ReturnRelative): FiledRelative => ({
  ...relative,
  kana: undefined,
  residence: relative.abroad ? 'non-resident' : 'resident',
});

function oneStopDocument({ record, donationYear }: OneStopNotice): FiledDocument {
  return {
    kind: 'one-stop-notice',
    incomeYear: donationYear,
    submissionKind: record.noticeKind,
    payerName: `団体 ${record.givenTo}`,
    payerNumber: undefined,
    recipientNumber: undefined,
    referenceNo: record.noticeNumber,
    replacesNo: record.replaces,
    filedOn: record.appliedOn,
    name: record.name,
    kana: record.kana,
    bornOn: record.bornOn,
    address: record.address,
    individualNumber: record.individualNumber,
    paidYen: record.amountYen,
    columns: { givenTo: record.givenTo, donations: record.donations },
    relatives: [],
  };
}
