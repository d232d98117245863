import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

export interface AcceptedPermit {
  readonly permitNumber: string;
  readonly inquiryNumber: string;
  readonly permit: string;
  readonly statement: string;
  readonly at: Temporal.Instant;
}

/**
 * 許可の一回性. True for the first acceptance of a permit, for ever false after it, whoever brings it and however many at
 * once: the table's keys decide, not a look before.
 */
export async function acceptPermit(tx: Tx, p: AcceptedPermit): Promise<boolean> {
  const inserted = await tx`
    insert into intermediate_server.accepted_permit (permit_number, inquiry_number, permit, statement, accepted_at, event_id)
    values (${p.permitNumber}, ${p.inquiryNumber}, ${p.permit}, ${p.statement}, ${p.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return inserted.length === 1 || !enforced('exchange.permit-once');
}

/** For ever false for a permit that was accepted; from then on nobody's acceptance of this one is the first. */
export async function withdrawPermit(
  tx: Tx,
  p: Pick<AcceptedPermit, 'permitNumber' | 'inquiryNumber' | 'at'>,
): Promise<boolean> {
  const inserted = await tx`
    insert into intermediate_server.accepted_permit (permit_number, inquiry_number, accepted_at, event_id)
    values (${p.permitNumber}, ${p.inquiryNumber}, ${p.at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return inserted.length === 1;
}

export async function findAccepted(
  tx: Tx,
  inquiryNumber: string,
): Promise<{ permitNumber: string; permit: string; statement: string } | undefined> {
  const [row] = await tx<{ permitNumber: string; permit: string; statement: string }>`
    select permit_number as "permitNumber", permit, statement
      from intermediate_server.accepted_permit where inquiry_number = ${inquiryNumber} and permit is not null`;
  return row;
}

export interface Provision {
  readonly inquiryNumber: string;
  /** 1: at acceptance; 2: after a clerk's decision. */
  readonly step: 1 | 2;
  readonly result: string;
  readonly evidence: string;
  readonly at: Temporal.Instant;
}

export async function insertProvision(tx: Tx, p: Provision): Promise<void> {
  // A second answer to one permit exists only where the guard of acceptPermit is taken away by its own test.
  await tx`
    insert into intermediate_server.provision (inquiry_number, step, result, evidence, provided_at, event_id)
    values (${p.inquiryNumber}, ${p.step}, ${p.result}, ${p.evidence}, ${p.at}, ${tx.eventId}) on conflict do nothing`;
}

export async function insertSealedAnswer(
  tx: Tx,
  inquiryNumber: string,
  answer: string,
  until: Temporal.Instant,
): Promise<void> {
  await tx`
    insert into intermediate_server.sealed_answer (inquiry_number, answer, until_at)
    values (${inquiryNumber}, ${answer}, ${until}) on conflict do nothing`;
}

export interface Collectable {
  readonly result: string;
  readonly evidence: string;
  /** Null where it was deleted after its term, or nothing is given. */
  readonly answer: string | null;
  readonly until: string | null;
}

export async function findCollectable(tx: Tx, inquiryNumber: string): Promise<Collectable | undefined> {
  const [row] = await tx<Collectable>`
    select p.result, p.evidence, s.answer, s.until_at as until
      from intermediate_server.provision p left join intermediate_server.sealed_answer s using (inquiry_number)
     where p.inquiry_number = ${inquiryNumber} order by p.step desc limit 1`;
  return row;
}
