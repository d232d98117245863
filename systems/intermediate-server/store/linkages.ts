import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function codeOf(tx: Tx, orgPersonNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ code: string }>`
    select linkage_code as code from intermediate_server.linkage where org_person_number = ${orgPersonNumber}`;
  return row?.code;
}

export async function personBehind(tx: Tx, linkageCode: string): Promise<string | undefined> {
  const [row] = await tx<{ person: string }>`
    select org_person_number as person from intermediate_server.linkage where linkage_code = ${linkageCode}`;
  return row?.person;
}

export interface LinkageRequest {
  readonly processingNumber: string;
  readonly orgPersonNumber: string;
  readonly requestId: string;
  readonly signedNumber: string;
  readonly at: Temporal.Instant;
}

export async function insertRequest(tx: Tx, r: LinkageRequest): Promise<void> {
  await tx`
    insert into intermediate_server.linkage_request
      (processing_number, org_person_number, request_id, signed_number, requested_at, event_id)
    values (${r.processingNumber}, ${r.orgPersonNumber}, ${r.requestId}, ${r.signedNumber}, ${r.at}, ${tx.eventId})`;
}

export async function personOfRequest(tx: Tx, processingNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ person: string }>`
    select org_person_number as person from intermediate_server.linkage_request
     where processing_number = ${processingNumber}`;
  return row?.person;
}

/** The number under which a held code was obtained, with its signed text. */
export async function heldRequest(tx: Tx, orgPersonNumber: string): Promise<string | undefined> {
  const [row] = await tx<{ signed: string }>`
    select r.signed_number as signed from intermediate_server.linkage l
      join intermediate_server.linkage_request r using (processing_number)
     where l.org_person_number = ${orgPersonNumber}`;
  return row?.signed;
}

/** `conflict`: another person number of this organisation holds the code, or this one holds another code. */
export async function insertLinkage(
  tx: Tx,
  row: {
    readonly person: string;
    readonly code: string;
    readonly processingNumber: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<'stored' | 'held-already' | { readonly conflict: string }> {
  const inserted = await tx`
    insert into intermediate_server.linkage (org_person_number, linkage_code, processing_number, acquired_on, event_id)
    values (${row.person}, ${row.code}, ${row.processingNumber}, ${row.on}::date, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (inserted.length === 1) return 'stored';
  const [standing] = await tx<{ person: string; code: string }>`
    select org_person_number as person, linkage_code as code from intermediate_server.linkage
     where org_person_number = ${row.person} or linkage_code = ${row.code}
     order by (linkage_code = ${row.code}) desc limit 1`;
  if (standing?.person === row.person && standing.code === row.code) return 'held-already';
  return { conflict: standing?.person ?? row.person };
}

export async function insertConflict(
  tx: Tx,
  row: {
    readonly processingNumber: string;
    readonly person: string;
    readonly heldBy: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.linkage_conflict (processing_number, org_person_number, held_by, found_at, event_id)
    values (${row.processingNumber}, ${row.person}, ${row.heldBy}, ${row.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export interface LinkageState {
  readonly orgPersonNumber: string;
  readonly state: 'none' | 'requested' | 'held';
  readonly acquiredOn: string | null;
}

export async function statesOf(tx: Tx, persons: readonly string[]): Promise<LinkageState[]> {
  return tx<LinkageState>`
    select p as "orgPersonNumber", l.acquired_on::text as "acquiredOn",
           case when l.org_person_number is not null then 'held'
                when exists (select 1 from intermediate_server.linkage_request r where r.org_person_number = p) then 'requested'
                else 'none' end as state
      from unnest(${persons}::text[]) with ordinality as u(p, o)
      left join intermediate_server.linkage l on l.org_person_number = p order by o`;
}
