import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { ServiceOfYear } from '../domain/service-day.ts';

/** What says whether a person's listed shares enter the levy of a year. */
export interface ListedShareFacts {
  readonly personId: string;
  /** First day on which a return of the year with listed shares was filed; null where none says its day. */
  readonly declaredOn: string | null;
  readonly service: ServiceOfYear;
}

/** Elements of a return with listed shares: 上場株式等の配当等 and 譲渡 (収入, 所得), and what was withheld of either. */
export const listedItems: readonly string[] = ['ABL00137', 'ABL00325', 'ABL00130', 'ABL00310', 'ABI00104', 'ABI00106'];

/** For those alone of whom some return of the year declares listed shares. */
export async function listedShareFacts(
  tx: Tx,
  fiscalYear: number,
  personIds: readonly string[],
): Promise<Map<string, ListedShareFacts>> {
  const rows = await tx<{
    personId: string;
    declaredOn: string | null;
    notified: boolean;
    unrecorded: boolean;
    servedOn: string | null;
  }>`
    select d.person_id as "personId", d.declared_on::text as "declaredOn", v.notified, v.unrecorded, v.served_on::text as "servedOn"
      from (select s.person_id, min(r.filed_on) as declared_on
              from resident_tax.report_state s join resident_tax.report r using (report_id)
             where s.state = 'linked' and s.person_id = any (${personIds}::uuid[]) and r.income_year = ${fiscalYear - 1}
               and r.kind in ('tax-return', 'ward-return') and r.submission_kind <> 'cancellation'
               and r.columns -> 'items' ?| ${listedItems}::text[]
             group by s.person_id) d
      cross join lateral (
        select coalesce(bool_or(not x.returned), false) as notified,
               coalesce(bool_or(not x.returned and x.served_on is null), false) as unrecorded,
               min(x.served_on) filter (where not x.returned) as served_on
          from resident_tax.service_day x where x.person_id = d.person_id and x.fiscal_year = ${fiscalYear}) v`;
  return new Map(
    rows.map(({ personId, declaredOn, notified, unrecorded, servedOn }) => [
      personId,
      {
        personId,
        declaredOn,
        service: !notified
          ? { state: 'not-served' }
          : unrecorded || servedOn === null
            ? { state: 'not-recorded' }
            : { state: 'served', on: servedOn },
      },
    ]),
  );
}

/** A notice whose day of service can be entered. */
export interface ServedNotice {
  readonly documentId: string | null;
  readonly noticeId: string | null;
  readonly issuedOn: string;
  readonly servedOn: string | null;
  readonly returned: boolean;
  readonly persons: string[];
}

/** By its own id, or every notice of a run of which no day is known and that did not come back. */
export async function noticesToServe(
  tx: Tx,
  of: { readonly documentId?: string; readonly noticeId?: string; readonly orderId?: string },
): Promise<ServedNotice[]> {
  const [documentId, noticeId, orderId] = [of.documentId ?? null, of.noticeId ?? null, of.orderId ?? null];
  return tx<ServedNotice>`
    select v.document_id as "documentId", v.notice_id as "noticeId", min(v.issued_on)::text as "issuedOn",
           min(v.served_on)::text as "servedOn", bool_and(v.returned) as returned, to_jsonb(array_agg(v.person_id)) as persons
      from resident_tax.service_day v
     where (${documentId}::text is not null and v.document_id = ${documentId}) or (${noticeId}::uuid is not null and v.notice_id = ${noticeId})
        or (${orderId}::uuid is not null and v.served_on is null and not v.returned
             and (v.document_id in (select document_id from resident_tax.document where order_id = ${orderId})
                  or v.notice_id in (select notice_id from resident_tax.special_notice where order_id = ${orderId})))
     group by v.document_id, v.notice_id order by 1, 2`;
}

export async function insertServices(
  tx: Tx,
  entries: readonly {
    readonly serviceId: string;
    readonly documentId: string | null;
    readonly noticeId: string | null;
  }[],
  said: {
    readonly servedOn: string;
    readonly evidence: string;
    readonly by: string;
    readonly on: Temporal.PlainDate;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.notice_service (service_id, document_id, notice_id, served_on, evidence, noted_by, noted_on, noted_at, event_id)
    select e.service_id, e.document_id, e.notice_id, ${said.servedOn}::date, ${said.evidence}, ${said.by}, ${said.on}::date,
           ${said.at}::timestamptz, ${tx.eventId}::uuid
      from unnest(${entries.map((e) => e.serviceId)}::uuid[], ${entries.map((e) => e.documentId)}::text[],
                  ${entries.map((e) => e.noticeId)}::uuid[]) as e(service_id, document_id, notice_id)`;
}
