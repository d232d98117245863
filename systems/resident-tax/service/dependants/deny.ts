import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { countsUnder23, type DeniedRelative } from '../../domain/dependant-denial.ts';
import * as store from '../../store/dependants.ts';
import { dependantApproval, dependantRead, dependantUpdate } from './functions.ts';

export type { Denial, DenialReason, DenialStep, DependantLink } from '../../store/dependants.ts';

const ground = '地方税法 第314条の2第1項第10号・第11号, 第292条第1項第7号〜第9号';
const denialFacts = ['resident_tax.dependant_denial', 'resident_tax.dependant_denial_step'] as const;

/** 扶養関係: whom the person's documents name as spouse and dependants, and whose documents name the person. */
export const readDependants = act('resident-tax.read-dependants', {
  right: dependantRead,
  subjectOf: (query: { readonly personId: string }) => query.personId,
  async run(tx, _deps: Deps, { personId }: { readonly personId: string }) {
    const links = await store.dependantLinks(tx, { personId });
    const others = links.flatMap(({ taxpayerId, relativeId }) => [taxpayerId, relativeId]);
    tx.record({
      event: 'dependants.read',
      subjects: [...new Set([personId, ...others.filter((id) => id !== null)])],
      items: ['扶養関係'],
      detail: { links: links.length },
    });
    return ok({
      claims: links.filter(({ taxpayerId }) => taxpayerId === personId),
      claimedBy: links.filter(({ taxpayerId }) => taxpayerId !== personId),
    });
  },
});

export interface ProposeDenial {
  readonly reportId: string;
  readonly relativeNo: number;
  readonly head: DeniedRelative['head'];
  readonly disability: DeniedRelative['disability'];
  readonly reason: store.DenialReason;
  /** What was found and how: the inquiry, the levy of the relative, the other taxpayer. */
  readonly note: string;
}
export type ProposeDenialRefusal =
  | 'no-such-relative'
  | 'not-staff'
  | 'note-missing'
  | 'head-differs'
  | 'already-denied';

/**
 * 扶養否認の起案: no deduction for a relative whom a document names, with reason and findings. Nothing changes before another person decides.
 * @law 地方税法 第314条の2; @source requirements 002 RTX-F5
 */
export const proposeDenial = act('resident-tax.propose-dependant-denial', {
  right: dependantUpdate,
  async run(
    tx,
    deps: Deps,
    command: ProposeDenial,
    actor,
  ): Promise<Result<{ readonly denialId: string }, ProposeDenialRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const note = command.note.trim();
    if (note === '') return err('note-missing');
    await store.lockRelative(tx, command.reportId, command.relativeNo);
    const [link] = await store.dependantLinks(tx, command);
    if (link === undefined) return err('no-such-relative');
    // The document says which of the three it is; which head of the second kind is the clerk's to say.
    const kind = command.head === 'spouse' ? 'spouse' : command.head === 'under-sixteen' ? 'young' : 'dependant';
    if (kind !== link.kind) return err('head-differs');
    if (link.denialId !== null) return err('already-denied');
    const denialId = deps.newId();
    const { incomeYear, relativeBornOn } = link;
    const isReturn = link.documentKind === 'tax-return' || link.documentKind === 'ward-return';
    await store.insertDenial(tx, {
      ...command,
      note,
      denialId,
      personId: link.taxpayerId,
      fiscalYear: incomeYear + 1,
      under23: countsUnder23(command.head, { isReturn, incomeYear, relativeBornOn }),
      abroad: link.residence === 'non-resident',
    });
    const onDay = deps.civilClock.today().toString();
    await store.addDenialStep(tx, denialId, { step: 'proposed', by: actor.staffId, onDay }, deps.machineClock.now());
    tx.record({
      event: 'dependant-denial.proposed',
      ground,
      subjects: [link.taxpayerId, ...(link.relativeId === null ? [] : [link.relativeId])],
      items: ['扶養関係'],
      facts: denialFacts,
      detail: { denial: denialId, reason: command.reason, head: command.head },
    });
    return ok({ denialId });
  },
});

export type DecideDenialRefusal =
  | 'no-such-denial'
  | 'not-staff'
  | 'not-proposed'
  | 'not-decided'
  | 'approver-is-proposer'
  | 'note-missing';

/** 否認の決定, or its rejection with a reason. The next 月次更正 takes the decided ones up. */
export const decideDenial = act('resident-tax.decide-dependant-denial', {
  right: dependantApproval,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly denialId: string;
      readonly decision: 'decided' | 'rejected';
      readonly note?: string | undefined;
    },
    actor,
  ): Promise<Result<undefined, DecideDenialRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const denial = await store.lockDenial(tx, command.denialId);
    if (denial === undefined) return err('no-such-denial');
    if (denial.steps.at(-1)?.step !== 'proposed') return err('not-proposed');
    if (denial.steps[0]?.by === actor.staffId) return err('approver-is-proposer');
    const note = command.note?.trim() ?? '';
    if (command.decision === 'rejected' && note === '') return err('note-missing');
    const step = { step: command.decision, by: actor.staffId, note: note || null };
    const onDay = deps.civilClock.today().toString();
    await store.addDenialStep(tx, denial.denialId, { ...step, onDay }, deps.machineClock.now());
    tx.record({
      event: `dependant-denial.${command.decision}`,
      ground,
      subject: denial.personId,
      facts: ['resident_tax.dependant_denial_step'],
      detail: { denial: denial.denialId, reason: denial.reason },
    });
    return ok(undefined);
  },
});

/** 否認の取消: the deduction is given again, with the reason. What the tax agency was told of is told again as taken back. */
export const cancelDenial = act('resident-tax.cancel-dependant-denial', {
  right: dependantApproval,
  async run(
    tx,
    deps: Deps,
    command: { readonly denialId: string; readonly note: string },
    actor,
  ): Promise<Result<undefined, DecideDenialRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const denial = await store.lockDenial(tx, command.denialId);
    if (denial === undefined) return err('no-such-denial');
    if (denial.steps.at(-1)?.step !== 'decided') return err('not-decided');
    const note = command.note.trim();
    if (note === '') return err('note-missing');
    const onDay = deps.civilClock.today().toString();
    const step = { step: 'cancelled', by: actor.staffId, note, onDay } as const;
    await store.addDenialStep(tx, denial.denialId, step, deps.machineClock.now());
    tx.record({
      event: 'dependant-denial.cancelled',
      ground,
      subject: denial.personId,
      facts: ['resident_tax.dependant_denial_step'],
      detail: { denial: denial.denialId },
    });
    return ok(undefined);
  },
});

/** 扶養否認の一覧. It names people, so reading it is recorded. */
export const readDenials = act('resident-tax.read-dependant-denials', {
  right: dependantRead,
  async run(tx, _deps: Deps, query: Parameters<typeof store.denialsWhere>[1]) {
    const found = await store.denialsWhere(tx, query);
    tx.record({
      event: 'dependant-denials.read',
      subjects: [...new Set(found.rows.map(({ personId }) => personId))],
      detail: { shown: found.rows.length, total: found.total },
    });
    return ok(found);
  },
});
