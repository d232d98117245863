import type { Tie } from '@musubi/kernel/audit/tied-rows.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { BatchDefinition, ChunkDone, Reject } from '@musubi/kernel/jobs/definition.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { ratesForYear } from '@musubi/rates/resident-tax/for-year.ts';
import {
  countingReports,
  countMissingInputs,
  countOpenDeliveries,
  coverChangedPersons,
  coverPersonsWithReports,
  type LinkedReport,
  personsForLevy,
} from '../../store/assessment-sources.ts';
import { insertAssessments, newestOf, settlementsOf } from '../../store/assessments.ts';
import { itemsAfter, listOrders } from '../../store/batch-orders.ts';
import { type ListedShareFacts, listedItems, listedShareFacts } from '../../store/service-days.ts';
import { type Draft, draftFor, type HoldReason, rulesVersion } from './draft.ts';
import { batchWork } from './functions.ts';
import { isUnchanged, newAssessment } from './new-assessment.ts';

export type OrderParams = { readonly orderId: string; readonly fiscalYear: number };

/**
 * 当初賦課. Every person with a report that counts is assessed or held for a clerk; a new assessment is written only where the
 * facts, the rates or the rules differ from the newest one.
 * @law 地方税法 第321条の4, 第319条の2
 */
export const assessmentRun = assessmentRunBy(1_000);

/** The same with another number of persons in a chunk: one act, one event over all of them. */
export function assessmentRunBy(personsInChunk: number): BatchDefinition<ActDeps, OrderParams> {
  return {
    name: 'resident-tax.assess',
    right: batchWork,
    steps: [
      {
        name: 'assess',
        async total(tx, _deps, { orderId, fiscalYear }) {
          // INC-32: a later step on inputs that are not complete is gated, not warned about.
          if ((await countOpenDeliveries(tx, fiscalYear - 1)) > 0) return err('intake-not-finished');
          // INC-17: a list that the levy was declared to need and that nobody has seen.
          if ((await countMissingInputs(tx, fiscalYear)) > 0) return err('inputs-missing');
          const [order] = await listOrders(tx, { orderId });
          if (order?.kind !== 'reassessment') return ok(await coverPersonsWithReports(tx, orderId, fiscalYear - 1));
          const versions = { rulesVersion, ratesVersion: ratesForYear(fiscalYear).version };
          return ok(await coverChangedPersons(tx, { orderId, fiscalYear, ...versions }));
        },
        async chunk(tx, deps, { params, cursor }) {
          const [order] = await listOrders(tx, { orderId: params.orderId });
          if (!order) return err('no-such-order');
          const items = await itemsAfter(tx, params.orderId, Number(cursor ?? 0), personsInChunk);
          const { drafts, held, unchanged, batches } = await assessPersons(
            tx,
            deps,
            { ...params, draftedBy: order.orderedBy },
            items.map((item) => item.itemId),
          );
          const rejects = items.flatMap(({ ord, itemId }): Reject[] => {
            const reasons = held.get(itemId);
            return reasons ? [{ rowNumber: ord, code: reasons[0] ?? 'held', ref: itemId }] : [];
          });
          tx.record({
            event: 'assessment.drafted',
            ground: '地方税法 第319条の2, 第321条の4',
            subjects: items.map((item) => item.itemId),
            ...(drafts.length > 0 ? { facts: ['resident_tax.assessment'], batches } : {}),
            detail: { order: params.orderId, drafted: drafts.length, unchanged, held: rejects.length },
          });
          const done: ChunkDone = {
            next: items.length < personsInChunk ? null : `${items.at(-1)?.ord ?? 0}`,
            in: items.length,
            out: items.length - rejects.length,
            rejects,
          };
          return ok(done);
        },
      },
    ],
  };
}

export interface Assessed {
  readonly drafts: readonly Draft[];
  readonly held: ReadonlyMap<string, readonly HoldReason[]>;
  readonly unchanged: number;
  /** Of the levies written, for the act's event. */
  readonly batches: Readonly<Record<string, Tie>>;
}

/** Assesses these persons and writes what is new. Call inside an act, which records. */
export async function assessPersons(
  tx: Tx,
  deps: ActDeps,
  order: { readonly orderId: string | null; readonly fiscalYear: number; readonly draftedBy: string },
  personIds: readonly string[],
): Promise<Assessed> {
  const { fiscalYear } = order;
  const rates = ratesForYear(fiscalYear);
  const newest = await newestOf(tx, fiscalYear, personIds);
  const persons = await personsForLevy(tx, personIds);
  const reports = Map.groupBy(await countingReports(tx, fiscalYear - 1, personIds), (report) => report.personId);
  const settlements = await settlementsOf(tx, fiscalYear, personIds);
  const listed = await listedSharesFor(tx, fiscalYear, [...reports.values()].flat());
  const drafts: Draft[] = [];
  const held = new Map<string, readonly HoldReason[]>();
  let unchanged = 0;
  // Made as they are written: the database takes those before meanwhile.
  const levies = function* () {
    for (const person of persons) {
      const own: readonly LinkedReport[] = reports.get(person.personId) ?? [];
      const draft = draftFor(person, own, settlements.get(person.personId), rates, listed.get(person.personId));
      if (!draft.ok) {
        held.set(person.personId, draft.error);
        continue;
      }
      if (isUnchanged(draft.value, newest.get(person.personId))) {
        unchanged += 1;
        continue;
      }
      drafts.push(draft.value);
      yield newAssessment(deps, order, draft.value, newest.get(person.personId));
    }
  };
  const batches = await insertAssessments(tx, levies());
  return { drafts, held, unchanged, batches };
}

/** Asked for those alone who filed a return: most of a ward did not. */
export async function listedSharesFor(
  tx: Tx,
  fiscalYear: number,
  reports: readonly LinkedReport[],
): Promise<ReadonlyMap<string, ListedShareFacts>> {
  const persons = new Set(reports.filter(declaresListedShares).map(({ personId }) => personId));
  return persons.size === 0 ? new Map() : listedShareFacts(tx, fiscalYear, [...persons]);
}
const declaresListedShares = ({ kind, columns }: LinkedReport): boolean =>
  (kind === 'tax-return' || kind === 'ward-return') &&
  listedItems.some((code) => Object.hasOwn((columns.items ?? {}) as object, code));
