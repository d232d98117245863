import assert from 'node:assert/strict';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import { type ReportSummary, writeSalaryPaymentReports } from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { toEraDate } from '@musubi/kernel/calendar/eras.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { toFullWidthAscii, toHalfWidthKana } from '@musubi/kernel/text/width.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import { type RatesForYear, ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import { distinctNumbers } from './distinct.ts';
import { drawsOf } from './draws.ts';
import type { Employer, Household, Person, Town } from './person.ts';
import { brokenKinds, type ErrorKind, errorKinds, spoil } from './report-errors.ts';
import { writtenName } from './written-name.ts';
import { type YearEnd, yearEndOf } from './year-end.ts';

export interface SalaryReportsOptions {
  /** Place in `town.employers`. */
  readonly employer: number;
  /** 年度: the pay is that of the year before. */
  readonly fiscalYear: number;
  /** Only those who live there; all wards where none is given. */
  readonly municipality?: string;
  /** At most so many persons. */
  readonly count: number;
  /** How many of each kind of fault; two of each where nothing is given, none for `{}`. */
  readonly errors?: Partial<Record<ErrorKind, number>>;
  /** 訂正 of the report of one person: the pay that the employer found right later. The file holds that report alone. */
  readonly correction?: { readonly personKey: string; readonly annualPayYen: number };
}

/** What a correct receiver makes of the file, by construction and not by reading it. */
export interface Expectation {
  readonly records: number;
  /** Records whose form is right. accepted + rejected = records. */
  readonly accepted: number;
  readonly rejected: number;
  /** Rejected records by rule of the format. */
  readonly rejectedByCode: Readonly<Record<string, number>>;
  /** Accepted with a warning, by rule. */
  readonly warnedByCode: Readonly<Record<string, number>>;
  /** Number, name and birth date agree with one registered person; those of `duplicates` are not in it. */
  readonly matched: number;
  /** Accepted, and never linked without a clerk, by reason. */
  readonly forClerk: Readonly<
    Record<'unknown-person' | 'name-differs' | 'birth-date-differs' | 'number-missing', number>
  >;
  /** The same record as an earlier one of the file. */
  readonly duplicates: number;
  /** What stands in each record, first record first. */
  readonly rows: readonly {
    readonly row: number;
    readonly personKey: string | null;
    readonly fault: ErrorKind | null;
  }[];
}

export interface SalaryReports {
  /** Unified CSV, CP932. */
  readonly bytes: Buffer;
  readonly employer: Employer;
  /** Calendar year of the pay. */
  readonly incomeYear: number;
  /** 総括表 of each municipality in the file. */
  readonly summaries: readonly ReportSummary[];
  readonly expectation: Expectation;
}

interface Employee {
  readonly person: Person;
  readonly household: Household;
}

/**
 * 給与支払報告書 of one employer, with so many faults of each kind.
 *
 * @throws where the employer has fewer employees there than faults are asked for
 */
export function makeSalaryReports(town: Town, options: SalaryReportsOptions): SalaryReports {
  const { employer: index, fiscalYear, municipality, count, correction } = options;
  const employer = town.employers[index];
  assert(employer !== undefined, 'no such employer');
  const rates = ratesForYear(fiscalYear);
  const year = fiscalYear - 1;
  const employees = employeesOf(town, index, rates, municipality)
    .filter(({ person }) => correction === undefined || person.key === correction.personKey)
    .slice(0, count);
  const draws = drawsOf(`${town.options.seed}/salary-reports/${index}/${fiscalYear}`);
  const faults = plannedFaults(options.errors);
  const doubled = faults.filter((fault) => fault === 'duplicate').length;
  const spoilt = faults.filter((fault) => fault !== 'duplicate');
  assert(faults.length <= employees.length, `${employees.length} employees for ${faults.length} faults`);

  const places = new Map<number, ErrorKind>();
  for (const fault of spoilt) {
    let at = draws.below(employees.length);
    while (places.has(at)) at = (at + 1) % employees.length;
    places.set(at, fault);
  }
  const foreign = distinctNumbers(town.options.seed);
  const lines: Line[] = employees.map(({ person, household }, at) => {
    const fault = places.get(at) ?? null;
    const plain = recordOf(person, household, employer, year, rates, correction?.annualPayYen);
    const other = employees[(at + 1) % employees.length]!.person;
    // A place far above those of the town's people: fits its check digit and belongs to nobody.
    const stranger = foreign.individualNumber(9_900_000_000 + at);
    const { record, bytes } = spoil(plain, fault, { other, stranger, write });
    return { person, fault, record, bytes };
  });
  const clean = lines.filter((line) => line.fault === null);
  for (let i = 0; i < doubled; i++) lines.push({ ...clean[i]!, fault: 'duplicate' });
  return {
    bytes: Buffer.concat(lines.map((line) => line.bytes)),
    employer,
    incomeYear: year,
    summaries: summariesOf(lines, employer),
    expectation: expectationOf(lines),
  };
}

/** Who lived in the ward on 1 January and was paid by the employer in the year before. */
function employeesOf(town: Town, employer: number, rates: RatesForYear, municipality: string | undefined): Employee[] {
  const levyDate = Temporal.PlainDate.from(rates.levyDate);
  const found: Employee[] = [];
  for (const household of town.households()) {
    if (municipality !== undefined && household.municipalityCode !== municipality) continue;
    for (const person of household.members) {
      const lives = person.status === 'resident' && Temporal.PlainDate.compare(person.becameResidentOn, levyDate) <= 0;
      const { employment } = person;
      if (lives && employment?.employer === employer && employment.joinedOn.year < levyDate.year)
        found.push({ person, household });
    }
  }
  return found;
}

/** The same order for the same request, kinds mixed. */
function plannedFaults(errors: SalaryReportsOptions['errors']): ErrorKind[] {
  return errorKinds.flatMap((kind) =>
    Array.from({ length: errors === undefined ? 2 : (errors[kind] ?? 0) }, () => kind),
  );
}

interface Line {
  readonly person: Person;
  readonly fault: ErrorKind | null;
  readonly record: WageReportRecord;
  readonly bytes: Uint8Array;
}

const write = (record: WageReportRecord): Uint8Array => {
  const written = writeSalaryPaymentReports([record]);
  assert(written.ok, written.ok ? '' : `column ${written.error.column}: ${written.error.word}`);
  return written.value.bytes;
};

function recordOf(
  person: Person,
  household: Household,
  employer: Employer,
  year: number,
  rates: RatesForYear,
  correctedPayYen?: number,
): WageReportRecord {
  assert(person.employment !== null);
  const employment =
    correctedPayYen === undefined ? person.employment : { ...person.employment, annualPayYen: correctedPayYen };
  const made = yearEndOf(person, employment, household, year, rates);
  const born = toEraDate(person.birthDate);
  const joined = employment.joinedOn.year === year ? employment.joinedOn : undefined;
  return {
    ...(emptyColumns as WageReportRecord),
    formKind: '315',
    payerAddress: wide(employer.address),
    payerName: wide(employer.name),
    payerPhone: employer.phone,
    submissionKind: correctedPayYen === undefined ? 'new' : 'correction',
    incomeYearInEra: two(year - 2018),
    address: wide(person.address),
    livesAbroad: false,
    name: writtenName(person.name),
    payKind: '給料・賞与',
    paidYen: yen(made.paidYen),
    incomeAfterDeductionYen: yen(made.incomeYen),
    incomeDeductionsTotalYen: yen(made.deductionsYen),
    withheldTaxYen: yen(made.withheldYen),
    ...spouseColumns(made),
    ...familyColumns(made),
    socialInsuranceYen: yen(made.socialInsuranceYen),
    lifeInsuranceDeductionYen: yen(made.lifeDeductionYen),
    earthquakeInsuranceDeductionYen: yen(made.earthquakeDeductionYen),
    newLifePremiumYen: yen(employment.newLifePremiumYen),
    medicalCarePremiumYen: yen(employment.medicalCarePremiumYen),
    newPrivatePensionPremiumYen: yen(employment.newPrivatePensionPremiumYen),
    basicDeductionYen: yen(made.basicDeductionYen),
    incomeAdjustmentYen: made.incomeAdjustmentYen === 0 ? undefined : yen(made.incomeAdjustmentYen),
    bornEra: born.era as WageReportRecord['bornEra'],
    bornYear: two(born.year),
    bornMonth: two(born.month),
    bornDay: two(born.day),
    ...(joined === undefined
      ? { employmentChange: 'none' as const }
      : {
          employmentChange: 'joined' as const,
          employmentChangeYear: two(joined.year - 2018),
          employmentChangeMonth: two(joined.month),
          employmentChangeDay: two(joined.day),
        }),
    payerNumber: employer.corporateNumber,
    individualNumber: person.individualNumber,
    ordinaryCollection: employment.ordinaryCollection,
    kana: halfKanaOf(person.nameKana),
    recipientNumber: employment.recipientNumber,
    municipality: person.municipalityCode,
    designationNumber: employer.designationNumber,
    preparedFor: 'local-only',
  };
}

/** Every column is a key of the record, an empty one too. */
const emptyColumns: Partial<WageReportRecord> = {};

function spouseColumns({ spouse, incomeYen }: YearEnd): Partial<WageReportRecord> {
  if (spouse === null || incomeYen > 9_000_000) return { spouse: 'main-no' };
  const { person } = spouse;
  const deductible = spouse.deductionYen > 0 && spouse.incomeYen <= 580_000;
  return {
    spouse: deductible ? 'main-yes' : 'main-no',
    elderlySpouse: deductible && spouse.deductionYen === 480_000,
    spouseDeductionYen: yen(spouse.deductionYen),
    spouseTotalIncomeYen: yen(spouse.incomeYen),
    spousePersonKana: person.nameKana,
    spousePersonName: writtenName(person.name),
    spousePersonResidence: 'resident',
    spousePersonNumber: person.individualNumber,
  };
}

function familyColumns({ dependants, young }: YearEnd): Partial<WageReportRecord> {
  const columns: Record<string, unknown> = {};
  const named = (prefix: string, persons: readonly Person[]): void => {
    for (const [at, person] of persons.slice(0, 4).entries()) {
      columns[`${prefix}${at + 1}Kana`] = person.nameKana;
      columns[`${prefix}${at + 1}Name`] = writtenName(person.name);
      columns[`${prefix}${at + 1}Residence`] = 'resident';
      columns[`${prefix}${at + 1}Number`] = person.individualNumber;
    }
  };
  named(
    'dependant',
    dependants.map((d) => d.person),
  );
  named('young', young);
  const counted = (kind: string): number | undefined => dependants.filter((d) => d.kind === kind).length || undefined;
  return {
    ...columns,
    specifiedDependantsMain: counted('specified'),
    elderlyDependantsMain: counted('elderly-together'),
    elderlyDependantsLivingTogether: counted('elderly-together'),
    otherDependantsMain: counted('ordinary'),
    dependantsUnder16: young.length || undefined,
  } as Partial<WageReportRecord>;
}

function summariesOf(lines: readonly Line[], employer: Employer): ReportSummary[] {
  const codes = [...new Set(lines.map((line) => line.record.municipality))];
  return codes.map((municipality: LocalGovernmentCode) => {
    const there = lines.filter((line) => line.record.municipality === municipality);
    const ordinary = there.filter((line) => line.record.ordinaryCollection === true).length;
    return {
      designationNumber: employer.designationNumber,
      municipality,
      specialCollection: there.length - ordinary,
      ordinaryCollectionLeft: 0,
      ordinaryCollectionOther: ordinary,
      total: there.length,
    };
  });
}

function expectationOf(lines: readonly Line[]): Expectation {
  const of = (kind: ErrorKind): number => lines.filter((line) => line.fault === kind).length;
  const rejectedByCode: Record<string, number> = {};
  for (const { fault } of lines) {
    const code = fault === null ? undefined : brokenKinds[fault];
    if (code !== undefined) rejectedByCode[code] = (rejectedByCode[code] ?? 0) + 1;
  }
  const rejected = Object.values(rejectedByCode).reduce((total, n) => total + n, 0);
  const accepted = lines.length - rejected;
  const forClerk = {
    'unknown-person': of('unknown-person'),
    'name-differs': of('name-differs') + lines.filter((line) => lostItsName(line)).length,
    'birth-date-differs': of('birth-date-differs'),
    'number-missing': of('number-missing'),
  };
  const waiting = Object.values(forClerk).reduce((total, n) => total + n, 0);
  const duplicates = of('duplicate');
  return {
    records: lines.length,
    accepted,
    rejected,
    rejectedByCode,
    warnedByCode: of('wrong-amounts') === 0 ? {} : { W08: of('wrong-amounts') },
    matched: accepted - waiting - duplicates,
    forClerk,
    duplicates,
    rows: lines.map(({ person, fault }, at) => ({
      row: at + 1,
      personKey: fault === 'unknown-person' ? null : person.key,
      fault,
    })),
  };
}

/** The register's name has a character that no report can hold and that no folding brings back (〓 in its place, or 𠮷 filed as 吉). */
const lostItsName = ({ person, fault, record }: Line): boolean =>
  (fault === null || fault === 'wrong-amounts') && kanjiSearchKey(person.name) !== kanjiSearchKey(record.name);

const wide = (text: string): string => toFullWidthAscii(text).replaceAll(' ', '\u3000');
const halfKanaOf = (kana: string): string => toHalfWidthKana(kana).replaceAll('\u3000', ' ');
const two = (n: number): string => String(n).padStart(2, '0');
