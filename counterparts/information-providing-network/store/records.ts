import type { InquiryStatement, Permit } from '@musubi/contracts/exchange/messages.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';

export interface PermittedInquiry {
  readonly statement: InquiryStatement;
  readonly signedStatement: string;
  readonly permit: Permit;
  readonly signedPermit: string;
  readonly ground: string;
  readonly sealedPseudonym: Buffer;
  /** Who brought the statement. */
  readonly peer: string;
}

/** The word with which an inquiry that we had no statement of is withdrawn by its asker. */
const withdrawn = 'withdrawn';

/** A statement that comes, and its withdrawal by a peer that asks for the answer before: one after the other. */
const lockNumber = (tx: Tx, inquiryNumber: string): Promise<unknown> =>
  tx`select pg_advisory_xact_lock(hashtextextended(${inquiryNumber}::text, 8))`;

/** False where its statement has a permit already. From then on no statement of this peer under this number gets one. */
export async function withdrawNumber(
  tx: Tx,
  w: {
    readonly refusalId: string;
    readonly inquiryNumber: string;
    readonly peer: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const [, rows] = await Promise.all([
    lockNumber(tx, w.inquiryNumber),
    tx`
    insert into information_providing_network.refusal (refusal_id, peer, refusal, inquiry_number, refused_at, event_id)
    select ${w.refusalId}::uuid, ${w.peer}, ${withdrawn}, ${w.inquiryNumber}::uuid, ${w.at}::timestamptz, ${tx.eventId}::uuid
     where not exists (select from information_providing_network.inquiry where inquiry_number = ${w.inquiryNumber}) returning 1`,
  ]);
  return rows.length === 1;
}

/** False where the inquiry number was used before, or withdrawn. */
export async function insertPermitted(tx: Tx, each: PermittedInquiry): Promise<boolean> {
  const { statement: s, permit: p } = each;
  const [, rows] = await Promise.all([
    lockNumber(tx, s.inquiryNumber),
    tx`
    insert into information_providing_network.inquiry
      (inquiry_number, asker, provider, procedure, information_code, items, ground, list_version, list_row, statement,
       permit_number, permit, sealed_pseudonym, permitted_at, accept_until, event_id)
    select ${s.inquiryNumber}::uuid, ${s.asker}, ${s.provider}, ${s.procedure}, ${s.informationCode}, ${s.items}::text[], ${each.ground},
       ${p.listVersion}, ${p.listRow}, ${each.signedStatement}, ${p.permitNumber}::uuid, ${each.signedPermit},
       ${each.sealedPseudonym}::bytea, ${p.issuedAt}::timestamptz, ${p.acceptUntil}::timestamptz, ${tx.eventId}::uuid
     where not exists (select from information_providing_network.refusal as r
       where r.inquiry_number = ${s.inquiryNumber} and r.peer = ${each.peer} and r.refusal = ${withdrawn})
    on conflict (inquiry_number) do nothing returning 1`,
  ]);
  return rows.length === 1;
}

export interface RefusedInquiry {
  readonly refusalId: string;
  readonly peer: string;
  readonly refusal: string;
  /** Only where its signature stood. */
  readonly statement: InquiryStatement | undefined;
  readonly at: Temporal.Instant;
}

/** 情報提供等記録 of the network for an inquiry that got no permit. */
export async function insertRefusal(
  tx: Tx,
  { refusalId, peer, refusal, statement: s, at }: RefusedInquiry,
): Promise<void> {
  if (!enforced('exchange.records-on-all-sides')) return;
  await tx`
    insert into information_providing_network.refusal
      (refusal_id, peer, refusal, inquiry_number, asker, provider, procedure, information_code, items, refused_at, event_id)
    values (${refusalId}, ${peer}, ${refusal}, ${s?.inquiryNumber ?? null}, ${s?.asker ?? null}, ${s?.provider ?? null},
      ${s?.procedure ?? null}, ${s?.informationCode ?? null}, ${s?.items ?? null}, ${at}, ${tx.eventId})`;
}

export type Outcome =
  | { readonly kind: 'answered'; readonly result: string; readonly evidence: string }
  | { readonly kind: 'refused'; readonly refusal: string };

/** 情報提供等記録 of the network for what a provider answered. */
export async function insertOutcome(
  tx: Tx,
  inquiryNumber: string,
  outcomeId: string,
  outcome: Outcome,
  at: Temporal.Instant,
): Promise<void> {
  if (!enforced('exchange.records-on-all-sides')) return;
  const { kind } = outcome;
  const answered = kind === 'answered' ? outcome : undefined;
  await tx`
    insert into information_providing_network.outcome
      (outcome_id, inquiry_number, kind, result, refusal, evidence, outcome_at, event_id)
    values (${outcomeId}, ${inquiryNumber}, ${kind}, ${answered?.result ?? null},
      ${outcome.kind === 'refused' ? outcome.refusal : null}, ${answered?.evidence ?? null}, ${at}, ${tx.eventId})`;
}

export interface KeptInquiry {
  readonly asker: string;
  readonly provider: string;
  readonly permitNumber: string;
  readonly permit: string;
}

export async function findInquiry(tx: Tx, inquiryNumber: string): Promise<KeptInquiry | undefined> {
  const [row] = await tx<{ asker: string; provider: string; permitNumber: string; permit: string }>`
    select asker, provider, permit_number as "permitNumber", permit
      from information_providing_network.inquiry where inquiry_number = ${inquiryNumber}`;
  return row;
}
