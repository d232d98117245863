import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import { type Charge, type DecidedLevy, isOpen, planCharges, totalOf } from '../../domain/charges.ts';
import * as store from '../../store/charges.ts';
import { chargeUpdate } from '../assessment/functions.ts';
import { collectingReport, collectorsFor } from './collectors.ts';
import { noticeNumberOf, slipOf } from './payment-numbers.ts';

export interface ChargeDeps extends ActDeps {
  readonly municipality: LocalGovernmentCode;
}

const leviesAtOnce = 200;
const ground = '地方自治法 第231条';
export const charger: Actor = { kind: 'job', name: 'resident-tax.charges' };

/**
 * 調定: what decided levies mean for each due date, with the numbers of the slips. A levy that changed changes its charges; a charge
 * whose amount stays keeps its slip. Up to 200 levies; none is the answer where nothing waits.
 *
 * @law 地方自治法 第231条; 地方税法 第319条の2, 第321条の2, 第321条の4, 第321条の6
 */
export const chargeDecided = act('resident-tax.charge-decided', {
  right: chargeUpdate,
  async run(tx, deps: ChargeDeps, _command: undefined) {
    await store.lockCharges(tx);
    const levies = await store.toCharge(tx, { limit: leviesAtOnce, only: null });
    const { revisions, facts } = await chargeLevies(tx, deps, levies);
    tx.record({
      event: 'levies.charged',
      ground,
      subjects: levies.map((levy) => levy.personId),
      items: ['地方税関係情報'],
      facts,
      detail: { levies: levies.length, revisions },
    });
    return ok({ charged: levies.length, revisions });
  },
});

/**
 * Charges these levies where they were not yet, inside another act: a notice needs the numbers of its slips.
 * @returns the fact tables written, for the act to record
 */
export async function ensureCharged(
  tx: Tx,
  deps: ChargeDeps,
  assessmentIds: readonly string[],
): Promise<readonly string[]> {
  await store.lockCharges(tx);
  const levies = await store.toCharge(tx, { limit: assessmentIds.length, only: assessmentIds });
  return (await chargeLevies(tx, deps, levies)).facts;
}

async function chargeLevies(
  tx: Tx,
  deps: ChargeDeps,
  levies: readonly store.ToCharge[],
): Promise<{ readonly revisions: number; readonly facts: readonly string[] }> {
  if (levies.length === 0) return { revisions: 0, facts: [] };
  const standing = Map.groupBy(
    await store.standingCharges(
      tx,
      levies.map((levy) => levy.personId),
    ),
    yearOf,
  );
  const numbers = await numberAll(tx, levies);
  const collectors = await collectorsOfLevies(tx, levies);
  const rows = levies.flatMap((levy) => {
    const before = standing.get(yearOf(levy)) ?? [];
    const planned = planCharges(decidedLevy(levy), before, deps.civilClock.today());
    return revisionsOf(deps, levy, planned, before, collectors.of.get(levy.assessmentId) ?? null);
  });
  const facts = await writeRevisions(tx, deps, rows, numbers.of);
  await store.insertChargings(
    tx,
    levies.map((levy) => levy.assessmentId),
    deps.machineClock.now(),
  );
  const given = [
    ...(numbers.added > 0 ? ['resident_tax.notice_number'] : []),
    ...(collectors.added > 0 ? ['resident_tax.special_collector'] : []),
  ];
  return { revisions: rows.length, facts: [...given, ...facts, 'resident_tax.charging'] };
}

/**
 * Writes revisions of charges, each that a person pays with a slip of its own. Call behind `lockCharges`.
 * @param numbers 通知書番号 by `yearOf`
 * @returns the fact tables written, for the act to record
 */
export async function writeRevisions(
  tx: Tx,
  deps: ChargeDeps,
  rows: readonly Omit<store.NewRevision, 'slip'>[],
  numbers: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const serials = await store.nextSerials(tx, 'slip_serial', rows.length);
  const body = deps.municipality.slice(0, 5);
  const revisions = rows.map((row, i): store.NewRevision => {
    if (!paidBySlip(row)) return { ...row, slip: null };
    const noticeNumber = numbers.get(yearOf(row)) as string;
    const of = { ...row, noticeNumber, dueOn: Temporal.PlainDate.from(row.dueOn) };
    return { ...row, slip: slipOf(of, body, serials[i] as number, deps.random) };
  });
  await store.insertRevisions(tx, revisions, deps.machineClock.now());
  return factsOf(revisions);
}

export const yearOf = ({ personId, fiscalYear }: { readonly personId: string; readonly fiscalYear: number }): string =>
  `${personId} ${fiscalYear}`;

const paidBySlip = ({ method, amountYen }: { readonly method: string; readonly amountYen: number }): boolean =>
  method === 'ordinary' && amountYen > 0;

const factsOf = (revisions: readonly store.NewRevision[]): string[] =>
  [
    ...(revisions.some((row) => row.revision === 1) ? ['charge'] : []),
    ...(revisions.length > 0 ? ['charge_revision'] : []),
    ...(revisions.some((row) => row.slip !== null) ? ['payment_slip'] : []),
  ].map((table) => `resident_tax.${table}`);

/** The insurer stands among those who collect for the ward. */
export const pensionCollector: store.Collector = {
  designationNumber: 'NENKIN',
  payerKey: 'pension-insurer',
  name: '年金保険者',
};

export function decidedLevy(levy: store.ToCharge): DecidedLevy {
  const { collection } = levy;
  return {
    fiscalYear: levy.fiscalYear,
    method: collection,
    total: { ward: levy.wardYen, metropolis: levy.metropolisYen, forest: levy.forestYen },
    instalments: levy.instalments,
  };
}

/** The planned charges that are new or other than they stand. */
export function revisionsOf(
  deps: ActDeps,
  levy: store.ToCharge,
  planned: readonly Charge[],
  before: readonly store.StandingCharge[],
  collector: store.Collector | null,
): readonly Omit<store.NewRevision, 'slip'>[] {
  return planned.flatMap((charge) => {
    const known = before.find((one) => one.method === charge.method && one.instalment === charge.instalment);
    const amountYen = totalOf(charge.items);
    if (known === undefined && amountYen === 0) return [];
    const designationNumber =
      charge.method === 'special'
        ? collectorOf(deps, charge, known, collector)
        : charge.method === 'pension'
          ? pensionCollector.designationNumber
          : null;
    if (known !== undefined && isSame(known, charge) && known.designationNumber === designationNumber) return [];
    return [
      {
        chargeId: known?.chargeId ?? deps.newId(),
        revision: (known?.revision ?? 0) + 1,
        personId: levy.personId,
        fiscalYear: levy.fiscalYear,
        method: charge.method,
        instalment: charge.instalment,
        assessmentId: levy.assessmentId,
        reason: reasonOf(levy, charge, before),
        dueOn: charge.dueOn.toString(),
        legalDueOn: charge.legalDueOn.toString(),
        wardYen: charge.items.ward,
        metropolisYen: charge.items.metropolis,
        forestYen: charge.items.forest,
        amountYen,
        designationNumber,
      },
    ];
  });
}

/** A month that is over stays with whom it was collected by, also when the person works elsewhere now. */
function collectorOf(
  deps: ActDeps,
  charge: Charge,
  known: store.StandingCharge | undefined,
  collector: store.Collector | null,
): string | null {
  const stays = known?.designationNumber ?? null;
  if (stays !== null && (totalOf(charge.items) === 0 || !isOpen(charge, deps.civilClock.today()))) return stays;
  return collector?.designationNumber ?? stays;
}

const isSame = (known: store.StandingCharge, { items, dueOn }: Charge): boolean =>
  known.items.ward === items.ward &&
  known.items.metropolis === items.metropolis &&
  known.items.forest === items.forest &&
  known.dueOn.equals(dueOn);

function reasonOf(
  levy: store.ToCharge,
  charge: Charge,
  before: readonly store.StandingCharge[],
): store.NewRevision['reason'] {
  if (before.length === 0) return 'levy';
  if (levy.collection === 'none') return 'cancellation';
  const differs = ({ method }: Pick<Charge, 'method'>): boolean =>
    levy.collection === 'mixed' ? method === 'pension' : method !== levy.collection;
  const methodsDiffer = before.some((one) => differs(one) && totalOf(one.items) > 0);
  return methodsDiffer || differs(charge) ? 'method-change' : 'change';
}

interface Given<T> {
  readonly of: ReadonlyMap<string, T>;
  /** How many were given for the first time. */
  readonly added: number;
}

/** The notice number of each person's year: given at its first decision, kept for all that follow. */
async function numberAll(tx: Tx, levies: readonly store.ToCharge[]): Promise<Given<string>> {
  const known = await store.noticeNumbersOf(
    tx,
    levies.map((levy) => levy.personId),
  );
  const numbers = new Map(known.map((row) => [yearOf(row), row.noticeNumber]));
  const fresh = levies.filter((levy) => !numbers.has(yearOf(levy)));
  const serials = await store.nextSerials(tx, 'notice_serial', fresh.length);
  const rows = fresh.map(({ personId, fiscalYear }, i) => ({
    personId,
    fiscalYear,
    noticeNumber: noticeNumberOf(fiscalYear, serials[i] as number),
  }));
  await store.insertNoticeNumbers(tx, rows);
  for (const row of rows) numbers.set(yearOf(row), row.noticeNumber);
  return { of: numbers, added: rows.length };
}

async function collectorsOfLevies(tx: Tx, levies: readonly store.ToCharge[]): Promise<Given<store.Collector>> {
  const special = levies.filter(({ collection }) => collection === 'special' || collection === 'mixed');
  const reports = await store.filedReports(
    tx,
    special.flatMap((levy) => levy.reportIds),
  );
  const byLevy = special.map((levy) => {
    const filed = levy.reportIds.flatMap((id) => reports.get(id) ?? []);
    return [levy.assessmentId, collectingReport(filed)] as const;
  });
  const collectors = await collectorsFor(
    tx,
    byLevy.map(([, report]) => report),
  );
  const pension =
    levies.some((levy) => levy.collection === 'pension') && (await store.insertCollector(tx, pensionCollector));
  return {
    of: new Map(byLevy.map(([id, report]) => [id, collectors.of.get(report.reportId) as store.Collector])),
    added: collectors.added + (pension ? 1 : 0),
  };
}

export const lookAtCharging = look('resident-tax.look-at-charging', {
  right: chargeUpdate,
  async run(tx: Tx, _deps: ActDeps, _query: undefined) {
    return {
      toCharge: (await store.toCharge(tx, { limit: 1, only: null })).length > 0,
      toHandOver: (await store.toHandOver(tx, 1)).length > 0,
    };
  },
});
