/** What a grant to an agent amounts to on a day. */
export type AgencyState = 'offered' | 'lapsed' | 'to-confirm' | 'coming' | 'in-force' | 'over' | 'ended';

export interface Agency {
  readonly agent: string | null;
  readonly offeredUntil: string;
  readonly validFrom: string;
  readonly validUntil: string;
  readonly confirmedAt: string | null;
  readonly endedAt: string | null;
}

/**
 * Where a grant stands. `offered`: nobody took the invitation yet; `lapsed`: nobody took or confirmed it in time; `to-confirm`: the
 * principal has to compare the check number; `coming`, `in-force`, `over`: by its days, both included; `ended`: by either of the two.
 */
export function agencyState(g: Agency, now: Temporal.Instant, today: Temporal.PlainDate): AgencyState {
  if (g.endedAt !== null) return 'ended';
  if (g.confirmedAt === null) {
    if (Temporal.Instant.compare(now, g.offeredUntil) > 0) return 'lapsed';
    return g.agent === null ? 'offered' : 'to-confirm';
  }
  if (Temporal.PlainDate.compare(today, g.validFrom) < 0) return 'coming';
  return Temporal.PlainDate.compare(today, g.validUntil) > 0 ? 'over' : 'in-force';
}
