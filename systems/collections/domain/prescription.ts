/** What renews or holds the five years. */
export interface Interruption {
  readonly kind: 'reminder' | 'seizure' | 'acknowledgement' | 'suspension' | 'instalment-agreement';
  readonly on: string;
  /** Until when the time stands still (猶予, 差押 in force); absent: it begins anew at `on`. */
  readonly until?: string;
}

/** 督促: the time begins anew when ten days after its dispatch have passed. @law 地方税法 第18条の2第1項 */
const reminderDays = 10;

/**
 * The last day of 消滅時効: five years from the day after 法定納期限; what renews it lets five years begin anew. From the day
 * after, the claim is gone without anybody invoking it.
 *
 * @law 地方税法 第18条, 第18条の2, 第18条第2項 (援用を要しない)
 */
export function prescribesOn(legalDueOn: string, interruptions: readonly Interruption[]): string {
  let last = Temporal.PlainDate.from(legalDueOn).add({ years: 5 });
  for (const { kind, on, until } of [...interruptions].sort((a, b) => a.on.localeCompare(b.on))) {
    const began = Temporal.PlainDate.from(on);
    // What came after the end renews nothing.
    if (Temporal.PlainDate.compare(began, last) > 0) break;
    const from =
      until !== undefined
        ? Temporal.PlainDate.from(until)
        : kind === 'reminder'
          ? began.add({ days: reminderDays })
          : began;
    const renewed = from.add({ years: 5 });
    if (Temporal.PlainDate.compare(renewed, last) > 0) last = renewed;
  }
  return last.toString();
}
