import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function insertHeldProvision(
  tx: Tx,
  h: {
    readonly inquiryNumber: string;
    readonly person: string;
    readonly reason: 'auto-reply-blocked' | 'withheld-from-person';
    readonly dueOn: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into intermediate_server.held_provision (inquiry_number, org_person_number, reason, due_on, held_at, event_id)
    values (${h.inquiryNumber}, ${h.person}, ${h.reason}, ${h.dueOn}::date, ${h.at}, ${tx.eventId})`;
}

export interface HeldProvision {
  readonly inquiryNumber: string;
  readonly person: string;
  readonly reason: string;
  readonly dueOn: string;
  readonly heldAt: string;
  readonly decided: boolean;
}

/** Waits for another decision on the same inquiry. */
export async function lockHeld(tx: Tx, inquiryNumber: string): Promise<HeldProvision | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${inquiryNumber}::text, 4))`;
  const [row] = await tx<HeldProvision>`
    select h.inquiry_number as "inquiryNumber", h.org_person_number as person, h.reason, h.due_on::text as "dueOn",
           h.held_at as "heldAt", d.inquiry_number is not null as decided
      from intermediate_server.held_provision h left join intermediate_server.held_decision d using (inquiry_number)
     where h.inquiry_number::text = ${inquiryNumber}`;
  return row;
}

export async function insertDecision(
  tx: Tx,
  d: {
    readonly inquiryNumber: string;
    readonly decision: 'release' | 'refuse';
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into intermediate_server.held_decision (inquiry_number, decision, reason, decided_by, decided_at, event_id)
    values (${d.inquiryNumber}, ${d.decision}, ${d.reason}, ${d.by}, ${d.at}, ${tx.eventId})`;
}

export interface WaitingProvision {
  readonly inquiryNumber: string;
  readonly reason: string;
  readonly dueOn: string;
  readonly heldAt: string;
}

export async function waitingProvisions(tx: Tx): Promise<WaitingProvision[]> {
  return tx<WaitingProvision>`
    select inquiry_number as "inquiryNumber", reason, due_on::text as "dueOn", held_at as "heldAt"
      from intermediate_server.held_provision h
     where not exists (select 1 from intermediate_server.held_decision d where d.inquiry_number = h.inquiry_number)
     order by due_on, held_at limit 500`;
}
