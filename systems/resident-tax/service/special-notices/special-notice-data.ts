import type { Tk01 } from '@musubi/contracts/special-collection/tk01.ts';
import { type RegisteredText, registered } from '@musubi/kernel/documents/unprintable.ts';
import type { Explained } from '../assessment/assess-one.ts';
import { calculationOf, dayText, reiwa } from '../notices/notice-data.ts';
import type { NoticeOffice } from '../notices/notice-deps.ts';
import { appealNotice, type NoticeLine } from '../notices/tax-notice.ts';

/** What `special-notice-payer.typ` prints: a payer's persons and what is to be taken each month. */
export interface PayerNotice {
  readonly fiscalYear: string;
  readonly issuedOn: string;
  readonly sequence: number;
  readonly collector: { readonly name: string; readonly designationNumber: string };
  readonly issuer: { readonly office: string; readonly title: string; readonly name: RegisteredText };
  /** Names of the months, June first. */
  readonly monthNames: readonly string[];
  readonly persons: readonly {
    readonly recipientNumber: string;
    readonly name: RegisteredText;
    readonly address: RegisteredText;
    /** In groups of four; there only where the rule of the channel has it printed. */
    readonly individualNumber?: string;
    readonly change: string;
    readonly collectedYen: number;
    readonly months: readonly number[];
  }[];
  readonly count: number;
  readonly monthTotals: readonly number[];
  readonly totalYen: number;
  readonly appeal: string;
  readonly contact: NoticeOffice['contact'];
}

/** What `special-notice-employees.typ` prints, a page a person. */
export interface EmployeeNotices {
  readonly fiscalYear: string;
  readonly issuedOn: string;
  readonly collector: string;
  readonly issuer: PayerNotice['issuer'];
  readonly monthNames: readonly string[];
  readonly persons: readonly {
    readonly recipientNumber: string;
    readonly name: RegisteredText;
    readonly change: string;
    readonly calculation: readonly NoticeLine[];
    readonly collectedYen: number;
    readonly months: readonly number[];
  }[];
  readonly appeal: string;
  readonly contact: NoticeOffice['contact'];
}

export interface PersonOfNotice {
  readonly line: Tk01;
  readonly explained: Explained;
}

export interface NoticeHead {
  readonly fiscalYear: number;
  readonly issuedOn: Temporal.PlainDate;
  readonly sequence: number;
  readonly collector: PayerNotice['collector'];
  readonly office: NoticeOffice;
}

const monthNames = [6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5].map((month) => `${month}月`);

const common = ({ fiscalYear, issuedOn, office }: NoticeHead) => ({
  fiscalYear: reiwa(fiscalYear),
  issuedOn: dayText(issuedOn.toString()),
  issuer: { office: office.ward, title: office.issuer.title, name: registered(office.issuer.name) },
  monthNames,
  appeal: appealNotice(office.issuer.title, office.ward),
  contact: office.contact,
});

const changeOf = ({ beforeYen }: Tk01): string => (beforeYen === null ? '' : `変更前 ${grouped(beforeYen)}円`);
const grouped = (amount: number): string => `${amount}`.replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** @param digits Individual Numbers in the order of the persons, where they are to be printed */
export function payerNotice(
  head: NoticeHead,
  persons: readonly PersonOfNotice[],
  digits: readonly string[] | undefined,
): PayerNotice {
  const lines = persons.map(({ line }) => line);
  return {
    ...common(head),
    sequence: head.sequence,
    collector: head.collector,
    persons: lines.map((line, i) => ({
      ...(digits === undefined ? {} : { individualNumber: (digits[i] ?? '').replaceAll(/(\d{4})(?=\d)/g, '$1 ') }),
      recipientNumber: line.recipientNumber,
      name: registered(line.name),
      address: registered(line.address),
      change: changeOf(line),
      collectedYen: line.collectedYen,
      months: line.months,
    })),
    count: lines.length,
    monthTotals: monthTotals(lines),
    totalYen: lines.reduce((total, line) => total + line.collectedYen, 0),
  };
}

export const employeeNotices = (head: NoticeHead, persons: readonly PersonOfNotice[]): EmployeeNotices => ({
  ...common(head),
  collector: head.collector.name,
  persons: persons.map(({ line, explained }) => ({
    recipientNumber: line.recipientNumber,
    name: registered(line.name),
    change: changeOf(line),
    calculation: calculationOf(explained),
    collectedYen: line.collectedYen,
    months: line.months,
  })),
});

/** What `password-guide.typ` prints: the same for everybody of a notice. */
export const passwordGuide = ({ issuedOn, office }: NoticeHead) => ({
  issuedOn: dayText(issuedOn.toString()),
  issuer: { title: office.issuer.title, name: registered(office.issuer.name) },
  contact: office.contact,
});

export const monthTotals = (lines: readonly Pick<Tk01, 'months'>[]): readonly number[] =>
  monthNames.map((_, i) => lines.reduce((total, line) => total + (line.months[i] ?? 0), 0));

/** `summary.json` of the package: the control totals that the receiver counts after (rule T02). */
export const summaryOf = (head: NoticeHead, lines: readonly Tk01[]): string =>
  `${JSON.stringify(
    {
      notice: `TK-${head.fiscalYear}-${head.collector.designationNumber}-${head.sequence}`,
      issuedOn: head.issuedOn.toString(),
      designationNumber: head.collector.designationNumber,
      persons: lines.length,
      totalYen: lines.reduce((total, line) => total + line.collectedYen, 0),
      monthsFromJune: monthTotals(lines),
    },
    null,
    2,
  )}\n`;
