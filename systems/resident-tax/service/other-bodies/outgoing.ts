import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { addStep, candidatesOf, lockReportState, type Step } from '../../store/intake-matching.ts';
import { findReport } from '../../store/intake-reports.ts';
import {
  addOutgoingStep,
  insertOutgoing,
  leviesToTell,
  lockOutgoing,
  type Outgoing,
  type OutgoingKind,
  type OutgoingLine,
  type OutgoingStep,
  outgoingLines,
  type StepOfOutgoing,
} from '../../store/outgoing.ts';
import { outgoingApproval, outgoingRead, outgoingUpdate } from './functions.ts';
import { answeredWith } from './investigate.ts';

export type { Outgoing, OutgoingKind, OutgoingLine, OutgoingStep, StepOfOutgoing };

export interface ListForwarding {
  readonly reportId: string;
  readonly seenStep: number;
  readonly targetCode: string;
  readonly targetName: string;
}
export type ForwardingRefusal =
  | 'no-such-report'
  | 'not-staff'
  | 'already-resolved'
  | 'changed-meanwhile'
  | 'not-investigated'
  | 'is-own-municipality';

/**
 * 回送: a document of somebody who is taxed elsewhere is listed to go there; from now on it stands in no levy here. It goes once: what is
 * listed, under way or gone is not listed again, and only what came back can be.
 * @law 番号利用法 第19条第10号; @source requirements 002 W06, RTX-F2.4, AC-06
 */
export const listForwarding = act('resident-tax.list-forwarding', {
  right: outgoingUpdate,
  async run(
    tx,
    deps: Deps,
    command: ListForwarding,
    actor,
  ): Promise<Result<{ outgoingId: string }, ForwardingRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const state = await lockReportState(tx, command.reportId);
    const report = await findReport(tx, command.reportId);
    if (state === undefined || report === undefined) return err('no-such-report');
    if (state.state !== 'none' && state.state !== 'candidates') return err('already-resolved');
    if (state.lastStep !== command.seenStep) return err('changed-meanwhile');
    const target = parseLocalGovernmentCode(command.targetCode);
    if (!target.ok || target.value === deps.municipality) return err('is-own-municipality');
    const said = await answeredWith(tx, report.reportId, 'taxed-elsewhere');
    if (said === undefined || said.municipalityCode !== target.value) return err('not-investigated');
    const outgoingId = deps.newId();
    const at = deps.machineClock.now();
    await insertOutgoing(tx, {
      outgoingId,
      kind: 'forwarded-document',
      reportId: report.reportId,
      personId: null,
      assessmentId: null,
      fiscalYear: report.incomeYear + 1,
      targetCode: target.value,
      targetName: command.targetName,
      ground: '地方税法第294条第1項第1号（住所は送付先の市区町村にある）',
    });
    const onDay = deps.civilClock.today().toString();
    await addOutgoingStep(tx, outgoingId, { step: 'listed', by: actor.staffId, onDay }, at);
    const step = {
      reportId: report.reportId,
      step: 'forwarding-listed' as const,
      decidedBy: actor.staffId,
      personId: null,
    };
    await addStep(
      tx,
      { ...step, reasonCode: 'taxed-elsewhere', note: said.note ?? undefined },
      'forwarding',
      state.round,
      at,
    );
    tx.record({
      event: 'forwarding.listed',
      facts: ['resident_tax.outgoing', 'resident_tax.outgoing_step', 'resident_tax.match_step'],
      recipient: target.value,
      detail: { outgoing: outgoingId, report: report.reportId },
    });
    return ok({ outgoingId });
  },
});

/**
 * 住登外課税通知の一覧化: every decided levy on somebody registered elsewhere is listed once for the municipality of registration. Finds by
 * itself what is missing, so that it can be done at any time.
 * @law 地方税法 第294条第3項; @source requirements 002 RTX-F8.1, W09-3
 */
export const listOutsideLevies = act('resident-tax.list-outside-levies', {
  right: outgoingUpdate,
  async run(tx, deps: Deps, _command: undefined, actor): Promise<Result<{ listed: number }, never>> {
    await tx`select pg_advisory_xact_lock(hashtextextended('outside levies', 0))`;
    const levies = await leviesToTell(tx, 200);
    const onDay = deps.civilClock.today().toString();
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;
    for (const levy of levies) {
      const outgoingId = deps.newId();
      await insertOutgoing(tx, {
        outgoingId,
        kind: 'outside-levy-notice',
        reportId: null,
        personId: levy.personId,
        assessmentId: levy.assessmentId,
        fiscalYear: levy.fiscalYear,
        targetCode: levy.municipalityCode,
        targetName: levy.municipalityName,
        ground: levy.ground,
      });
      await addOutgoingStep(tx, outgoingId, { step: 'listed', by, onDay }, deps.machineClock.now());
    }
    tx.record({
      event: 'outside-levies.listed',
      subjects: levies.map(({ personId }) => personId),
      ...(levies.length > 0 ? { facts: ['resident_tax.outgoing', 'resident_tax.outgoing_step'] } : {}),
      detail: { listed: levies.length },
    });
    return ok({ listed: levies.length });
  },
});

export type DecideOutgoingRefusal = 'no-such-item' | 'not-staff' | 'not-listed' | 'approver-is-lister' | 'note-missing';

/** Whether there is a levy to tell anybody of: a round that finds none leaves no event. */
export const hasLeviesToTell = look('resident-tax.has-levies-to-tell', {
  right: outgoingUpdate,
  run: async (tx, _deps: Deps) => (await leviesToTell(tx, 1)).length > 0,
});

/** 承認: another person than who listed it lets it go, or takes it off the list with a reason; a document then waits for a clerk again. */
export const decideOutgoing = act('resident-tax.decide-outgoing', {
  right: outgoingApproval,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly outgoingId: string;
      readonly decision: 'approved' | 'withdrawn';
      readonly note?: string | undefined;
    },
    actor,
  ): Promise<Result<undefined, DecideOutgoingRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const item = await lockOutgoing(tx, command.outgoingId);
    if (item === undefined) return err('no-such-item');
    if (item.steps.at(-1)?.step !== 'listed') return err('not-listed');
    if (item.steps[0]?.by === actor.staffId) return err('approver-is-lister');
    const note = command.note?.trim() ?? '';
    if (command.decision === 'withdrawn' && note === '') return err('note-missing');
    const at = deps.machineClock.now();
    const onDay = deps.civilClock.today().toString();
    await addOutgoingStep(
      tx,
      item.outgoingId,
      { step: command.decision, by: actor.staffId, note: note || null, onDay },
      at,
    );
    const back = command.decision === 'withdrawn' && (await reopen(tx, item, 'forwarding-withdrawn', actor, note, at));
    tx.record({
      event: `outgoing.${command.decision}`,
      ...subjectOf(item),
      facts: ['resident_tax.outgoing_step', ...(back ? ['resident_tax.match_step'] : [])],
      recipient: item.targetCode,
      detail: { outgoing: item.outgoingId, kind: item.kind },
    });
    return ok(undefined);
  },
});

export const subjectOf = ({ personId }: Outgoing): { readonly subject?: string } =>
  personId === null ? {} : { subject: personId };

/** The document of an item waits for a clerk again; false where the item is no document. */
export async function reopen(
  tx: Tx,
  item: Outgoing,
  step: Extract<Step, 'forwarding-withdrawn' | 'forwarding-returned'>,
  actor: Actor,
  note: string,
  at: Temporal.Instant,
): Promise<boolean> {
  if (item.reportId === null) return false;
  const state = (await lockReportState(tx, item.reportId))!;
  const candidates = await candidatesOf(tx, item.reportId, state.round);
  const decidedBy = actor.kind === 'staff' ? actor.staffId : 'rule';
  await addStep(
    tx,
    {
      reportId: item.reportId,
      step,
      decidedBy,
      personId: null,
      reasonCode: step,
      note: note === '' ? undefined : note,
    },
    candidates.length > 0 ? 'candidates' : 'none',
    state.round,
    at,
  );
  return true;
}

/** 他団体への送付一覧. It names people, so reading it is recorded. */
export const readOutgoing = act('resident-tax.read-outgoing', {
  right: outgoingRead,
  async run(
    tx,
    _deps: Deps,
    query: Parameters<typeof outgoingLines>[1],
  ): Promise<Result<Awaited<ReturnType<typeof outgoingLines>>, never>> {
    const found = await outgoingLines(tx, query);
    tx.record({
      event: 'outgoing.listed',
      subjects: [...new Set(found.rows.flatMap(({ personId }) => (personId === null ? [] : [personId])))],
      detail: { shown: found.rows.length, total: found.total },
    });
    return ok(found);
  },
});
