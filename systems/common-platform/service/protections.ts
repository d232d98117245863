import type { askProtections as askEndpoint, compareProtections } from '@musubi/contracts/platform/protections.ts';
import { protectionDigest } from '@musubi/contracts/platform/protections.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { standings } from '../store/persons.ts';
import {
  type ComparisonLine,
  insertComparison,
  insertNotices,
  insertOverdue,
  listNotices,
  type NoticeLine,
  newestComparisons,
  noticesByReceiver,
  overdueNotices,
  protectedAmong,
  protectedOf,
  type ReceiverLine,
} from '../store/protections.ts';
import type { Facts } from './settle.ts';

export type { NoticeLine };

/** Within this time every receiver must have taken a change of 支援措置 (INC-45). */
export const protectionBoundSeconds = 10;

/** Who was under protection before the versions that an act is about to close. */
export const wasProtected = protectedAmong;

/** One change of 支援措置, told to one receiver by the message that carries the person's new state. */
export interface ProtectionTold {
  readonly personId: string;
  readonly changeId: string;
  readonly isProtected: boolean;
  readonly receiver: string;
  readonly messageId: string;
}

/** Keeps, beside the messages, which of them must be proved to have arrived. */
export async function noteProtections(
  tx: Tx,
  deps: Deps,
  told: readonly ProtectionTold[],
  facts: Facts,
): Promise<void> {
  if (told.length === 0) return;
  const rows = told.map((t) => ({ noticeId: deps.newId(), ...t }));
  await insertNotices(tx, rows, deps.civilClock.today(), deps.machineClock.now());
  facts.add('protection_notice');
}

const ownSystem = (actor: Actor, system: string): boolean => actor.kind === 'system' && actor.system === system;

/** Whose persons a system works on: its own, or those of the business that it serves. */
const ownerOfPersons = ({ settings }: Deps, system: string): string => settings.personsOf[system] ?? system;

/** Who of these persons is under protection now, for a system that is about to let an address out. */
export const answerProtections = act('common-platform.answer-protections', {
  right: ['common-platform', 'protection', 'read'],
  async run(
    tx,
    deps: Deps,
    asked: RequestOf<typeof askEndpoint>,
    actor,
  ): Promise<Result<ResponseOf<typeof askEndpoint>, 'not-your-business'>> {
    if (!ownSystem(actor, asked.system)) return err('not-your-business');
    const known = await standings(tx, asked.orgPersonNumbers);
    const persons = [...new Set(asked.orgPersonNumbers)].map((number) => ({ number, standing: known.get(number) }));
    const owner = ownerOfPersons(deps, asked.system);
    const own = persons.filter((x) => x.standing?.systems.includes(owner));
    const under = await protectedAmong(
      tx,
      own.map((x) => x.standing!.personId),
    );
    tx.record({
      event: 'protections.asked',
      subjects: own.map((x) => x.standing!.personId),
      detail: { system: asked.system, asked: persons.length, protected: under.size },
    });
    return ok({
      protected: own.filter((x) => under.has(x.standing!.personId)).map((x) => x.number),
      unknown: persons.filter((x) => !own.includes(x)).map((x) => x.number),
      asOf: deps.machineClock.now().toString(),
    });
  },
});

/** Whether a receiver's set equals ours; the comparison is kept, a difference is an event of its own. */
export const takeComparison = act('common-platform.compare-protections', {
  right: ['common-platform', 'protection', 'read'],
  async run(
    tx,
    deps: Deps,
    told: RequestOf<typeof compareProtections>,
    actor,
  ): Promise<Result<ResponseOf<typeof compareProtections>, 'not-your-business'>> {
    if (!ownSystem(actor, told.system)) return err('not-your-business');
    const ours = await protectedOf(tx, ownerOfPersons(deps, told.system));
    const equal = ours.length === told.count && protectionDigest(ours) === told.digest;
    const at = deps.machineClock.now();
    await insertComparison(tx, {
      comparisonId: deps.newId(),
      system: told.system,
      told: told.count,
      ours: ours.length,
      equal,
      on: deps.civilClock.today(),
      at,
    });
    tx.record({
      event: equal ? 'restriction.sets-equal' : 'restriction.sets-differ',
      facts: ['common_platform.protection_comparison'],
      detail: { system: told.system, told: told.count, ours: ours.length },
    });
    return ok({ equal, asOf: at.toString() });
  },
});

export interface ProtectionsView {
  readonly receivers: readonly ReceiverLine[];
  readonly comparisons: readonly ComparisonLine[];
  readonly rows: readonly NoticeLine[];
  readonly total: number;
}

/** Changes and their proof of arrival, for those who answer for 支援措置: numbers, never an address. */
export const showProtections = act('common-platform.show-protections', {
  right: ['common-platform', 'protected-address', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { open: boolean; offset: number; limit: number },
  ): Promise<Result<ProtectionsView, never>> {
    const receivers = await noticesByReceiver(tx);
    const rows = await listNotices(tx, query);
    tx.record({
      event: 'protections.listed',
      subjects: [...new Set(rows.map((r) => r.personId))],
      detail: { count: rows.length },
    });
    const total = receivers.reduce((sum, r) => sum + (query.open ? r.open : r.notices), 0);
    return ok({ receivers, comparisons: await newestComparisons(tx), rows, total });
  },
});

const listOverdue = look('common-platform.count-overdue-protections', {
  right: ['common-platform', 'protection-watch', 'update'],
  run: async (tx, deps: Deps, _query: object) => (await overdueNotices(tx, boundOf(deps))).length,
});

const tellOverdue = act('common-platform.tell-overdue-protections', {
  right: ['common-platform', 'protection-watch', 'update'],
  async run(tx, deps: Deps, _command: object): Promise<Result<readonly string[], never>> {
    const overdue = await overdueNotices(tx, boundOf(deps));
    const receivers = [...new Set(overdue.map((n) => n.receiver))].sort();
    await insertOverdue(
      tx,
      overdue.map((n) => n.noticeId),
      deps.machineClock.now(),
    );
    tx.record({
      event: 'restriction.unacknowledged',
      subjects: [...new Set(overdue.map((n) => n.personId))],
      facts: overdue.length > 0 ? ['common_platform.protection_overdue'] : [],
      detail: { notices: overdue.length, receivers: receivers.join(',') },
    });
    return ok(receivers);
  },
});

const boundOf = (deps: Deps): Temporal.Instant => deps.machineClock.now().subtract({ seconds: protectionBoundSeconds });

/**
 * Finds receivers that have not taken a change within the bound and says so once for each change, as an event.
 * @returns the receivers, for the alarm; none where all is proved to have arrived
 * @source incidents INC-46
 */
export async function findOverdueProtections(
  deps: Deps,
  actor: Actor,
): Promise<Result<readonly string[], 'not-authorised'>> {
  const overdue = await listOverdue(deps, actor, {});
  if (!overdue.ok) return overdue;
  return overdue.value === 0 ? ok([]) : tellOverdue(deps, actor, {});
}
