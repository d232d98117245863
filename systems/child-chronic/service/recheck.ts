import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { apportionedCeiling } from '../domain/apportionment.ts';
import { findCase, proposals } from '../store/cases.ts';
import { certifications, certifiedCases, householdAids } from '../store/certifications.ts';
import { inquiries } from '../store/inquiries.ts';
import { computeTier } from './tier.ts';

/** A certification that its own evidence does not give. */
export interface DifferingDecision {
  readonly caseId: string;
  readonly caseNumber: string;
  readonly beneficiaryNumber: string | null;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly decidedYen: number;
  readonly recomputedYen: number | null;
  readonly why: 'ceiling-differs' | 'tier-differs' | 'no-evidence';
}

const casesAtOnce = 500;

const recheckSome = act('child-chronic.recheck-decisions', {
  right: ['child-chronic', 'certification-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly since: string; readonly after: string | null },
  ): Promise<Result<{ checked: number; last: string | null; differing: readonly DifferingDecision[] }, never>> {
    const cases = await certifiedCases(tx, { ...query, limit: casesAtOnce });
    const differing: DifferingDecision[] = [];
    for (const caseId of cases) {
      const file = (await findCase(tx, { caseId }))!;
      const line = (await certifications(tx, { caseId })).find((c) => c.decidedBy !== null)!;
      const tier = (await proposals(tx, { caseId })).find((p) => p.decidedBy !== null);
      // The evidence of the decision, not what was asked since.
      const asked = (await inquiries(tx, { caseId })).filter(
        (i) => tier?.resultId == null || i.resultId === tier.resultId,
      );
      const computed = computeTier(file, asked);
      const others = (await householdAids(tx, caseId)).map((a) => yen(a.ceilingYen));
      const recomputed = computed === undefined ? null : apportionedCeiling(yen(computed.ceilingYen), others);
      const why =
        computed === undefined
          ? 'no-evidence'
          : recomputed !== line.ceilingYen
            ? 'ceiling-differs'
            : computed.tier === line.tier
              ? undefined
              : 'tier-differs';
      if (why !== undefined)
        differing.push({
          caseId,
          caseNumber: line.caseNumber,
          beneficiaryNumber: line.beneficiaryNumber,
          validFrom: line.validFrom!,
          validUntil: line.validUntil!,
          decidedYen: line.ceilingYen!,
          recomputedYen: recomputed,
          why,
        });
    }
    tx.record({
      event: differing.length > 0 ? 'decision.differs' : 'decisions.rechecked',
      subjects: differing.map((d) => d.caseId),
      detail: { checked: cases.length, differing: differing.length },
    });
    return ok({ checked: cases.length, last: cases.at(-1) ?? null, differing });
  },
});

/**
 * 認定の再計算: each certification since the day is computed anew from its stored evidence and the rules of its day; what differs is listed.
 * @source incidents INC-56
 */
export async function recheckDecisions(
  deps: Deps,
  actor: Actor,
  { since }: { readonly since: string },
): Promise<Result<{ checked: number; differing: readonly DifferingDecision[] }, 'not-authorised'>> {
  const differing: DifferingDecision[] = [];
  let checked = 0;
  for (let after: string | null = null; ; ) {
    const some: Awaited<ReturnType<typeof recheckSome>> = await recheckSome(deps, actor, { since, after });
    if (!some.ok) return some;
    checked += some.value.checked;
    differing.push(...some.value.differing);
    if (some.value.checked < casesAtOnce) return ok({ checked, differing });
    after = some.value.last;
  }
}
