import type { Tx } from '@musubi/kernel/db/sql.ts';

export type ReturnReason = 'unknown-address' | 'moved' | 'not-collected' | 'refused' | 'held-back';

export async function insertReturn(
  tx: Tx,
  mail: {
    readonly returnId: string;
    readonly documentId: string;
    readonly reason: ReturnReason;
    readonly on: Temporal.PlainDate;
    readonly by: string;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.returned_mail (return_id, document_id, reason, returned_on, registered_by, event_id)
    values (${mail.returnId}, ${mail.documentId}, ${mail.reason}, ${mail.on}, ${mail.by}, ${tx.eventId})`;
}

/** Mail that came back, with where it had been sent and where the person lives now. */
export interface ReturnedMail {
  readonly returnId: string;
  readonly documentId: string;
  readonly kind: string;
  readonly personId: string;
  readonly orgPersonNumber: string;
  readonly name: string;
  readonly reason: ReturnReason;
  readonly returnedOn: string;
  /** Where it was sent; null where no address stood on it. */
  readonly sentTo: string | null;
  readonly addressNow: string;
  readonly addressProtected: boolean;
  readonly redeliveredOn: string | null;
  readonly publicationId: string | null;
  readonly postedOn: string | null;
  readonly servedOn: string | null;
  readonly total: number;
}

/** `openOnly`: neither delivered again nor served by posting up to `on`. */
export async function listReturns(
  tx: Tx,
  where: {
    readonly returnId?: string;
    readonly documentId?: string;
    readonly openOnly?: boolean;
    readonly on: Temporal.PlainDate;
    readonly limit?: number;
    readonly offset?: number;
  },
): Promise<ReturnedMail[]> {
  return tx<ReturnedMail>`
    select r.return_id as "returnId", r.document_id as "documentId", d.kind, d.person_id as "personId", s.name, r.reason,
           p.org_person_number as "orgPersonNumber", r.returned_on::text as "returnedOn", f.address as "sentTo",
           s.address as "addressNow", s.address_protected as "addressProtected", x.delivered_on::text as "redeliveredOn",
           n.publication_id as "publicationId", n.posted_on::text as "postedOn", n.served_on::text as "servedOn",
           count(*) over ()::int as total
      from resident_tax.returned_mail r
      join resident_tax.document d using (document_id)
      join resident_tax.person p using (person_id)
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join resident_tax.document_face f using (document_id)
      left join resident_tax.redelivery x using (return_id)
      left join lateral (
        select n.publication_id, g.posted_on, g.served_on from resident_tax.public_notice n
          left join resident_tax.public_notice_posted g using (publication_id)
         where n.return_id = r.return_id order by g.posted_on nulls last, n.prepared_on desc, n.publication_id desc limit 1) n on true
     where (${where.returnId ?? null}::uuid is null or r.return_id = ${where.returnId ?? null})
       and (${where.documentId ?? null}::text is null or r.document_id = ${where.documentId ?? null})
       and (not ${where.openOnly ?? false} or (x.return_id is null and coalesce(n.served_on > ${where.on}, true)))
     order by r.returned_on, r.return_id limit ${where.limit ?? 50} offset ${where.offset ?? 0}`;
}

export async function lockReturn(tx: Tx, returnId: string, on: Temporal.PlainDate): Promise<ReturnedMail | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`resident-tax return ${returnId}`}, 0))`;
  const [mail] = await listReturns(tx, { returnId, on });
  return mail;
}

export async function insertRedelivery(
  tx: Tx,
  delivery: {
    readonly returnId: string;
    readonly method: 'mail' | 'hand';
    readonly on: Temporal.PlainDate;
    readonly address: string;
    readonly note: string;
    readonly by: string;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.redelivery (return_id, method, delivered_on, address, note, delivered_by, event_id)
    values (${delivery.returnId}, ${delivery.method}, ${delivery.on}, ${delivery.address}, ${delivery.note}, ${delivery.by}, ${tx.eventId})`;
}

export interface PublicNotice {
  readonly publicationId: string;
  readonly returnId: string;
  readonly ground: string;
  readonly approvalId: string;
  readonly sha256: Buffer;
  readonly sealedRef: string;
  readonly preparedBy: string;
  readonly postedOn: string | null;
}
export async function insertPublicNotice(
  tx: Tx,
  notice: Omit<PublicNotice, 'sha256' | 'postedOn'> & { readonly sha256: Uint8Array; readonly on: Temporal.PlainDate },
): Promise<void> {
  await tx`
    insert into resident_tax.public_notice (publication_id, return_id, ground, approval_id, sha256, sealed_ref, prepared_by, prepared_on, event_id)
    values (${notice.publicationId}, ${notice.returnId}, ${notice.ground}, ${notice.approvalId}, ${notice.sha256}, ${notice.sealedRef},
      ${notice.preparedBy}, ${notice.on}, ${tx.eventId})`;
}
export async function findPublicNotice(tx: Tx, publicationId: string): Promise<PublicNotice | undefined> {
  const [notice] = await tx<PublicNotice>`
    select n.publication_id as "publicationId", n.return_id as "returnId", n.ground, n.approval_id as "approvalId", n.sha256,
           n.sealed_ref as "sealedRef", n.prepared_by as "preparedBy", g.posted_on::text as "postedOn"
      from resident_tax.public_notice n left join resident_tax.public_notice_posted g using (publication_id)
     where n.publication_id = ${publicationId}`;
  return notice;
}
export async function insertPosted(
  tx: Tx,
  posted: {
    readonly publicationId: string;
    readonly on: Temporal.PlainDate;
    readonly servedOn: Temporal.PlainDate;
    readonly by: string;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.public_notice_posted (publication_id, posted_on, served_on, posted_by, event_id)
    values (${posted.publicationId}, ${posted.on}, ${posted.servedOn}, ${posted.by}, ${tx.eventId})`;
}
