import { json, type Tx } from '@musubi/kernel/db/sql.ts';

type Value = string | number | boolean | null;

export interface NewCopy {
  readonly orgPersonNumber: string;
  readonly informationCode: string;
  readonly condition: string;
  readonly validFrom: string;
  readonly items: Readonly<Record<string, Value>> | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

export async function insertCopies(
  tx: Tx,
  copies: readonly NewCopy[],
  batchId: string,
  at: Temporal.Instant,
): Promise<void> {
  if (copies.length === 0) return;
  await tx`
    insert into intermediate_server.lodged_copy
      (org_person_number, information_code, condition, valid_from, items, auto_reply_blocked, withheld_from_person, batch_id,
       lodged_at, event_id)
    select c."orgPersonNumber", c."informationCode", c.condition, c."validFrom", nullif(c.items, 'null'::jsonb), c."autoReplyBlocked",
           c."withheldFromPerson", ${batchId}::uuid, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(copies)}) as c("orgPersonNumber" text, "informationCode" text, condition text,
           "validFrom" date, items jsonb, "autoReplyBlocked" boolean, "withheldFromPerson" boolean)`;
}

export interface Copy {
  readonly validFrom: string;
  readonly items: Readonly<Record<string, Value>> | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
}

export interface PersonsCopy {
  readonly person: string;
  readonly copy: Copy | undefined;
}

/** Who is behind a linkage code, and the version of the person's copy that holds on a day. Undefined where nobody is. */
export async function copyBehind(
  tx: Tx,
  key: {
    readonly linkageCode: string;
    readonly informationCode: string;
    readonly condition: string;
    readonly on: string;
  },
): Promise<PersonsCopy | undefined> {
  const [row] = await tx<Copy & { person: string; there: boolean }>`
    select l.org_person_number as person, c.copy_no is not null as there, c.valid_from::text as "validFrom", c.items,
           c.auto_reply_blocked as "autoReplyBlocked", c.withheld_from_person as "withheldFromPerson"
      from intermediate_server.linkage as l
      left join lateral (
        select v.* from intermediate_server.lodged_copy as v
         where v.org_person_number = l.org_person_number and v.information_code = ${key.informationCode}
           and v.condition = ${key.condition} and v.valid_from <= ${key.on}::date
         order by v.valid_from desc, v.copy_no desc limit 1) as c on true
     where l.linkage_code = ${key.linkageCode}`;
  if (row === undefined) return undefined;
  const { person, there, validFrom, items, autoReplyBlocked, withheldFromPerson } = row;
  return { person, copy: there ? { validFrom, items, autoReplyBlocked, withheldFromPerson } : undefined };
}

/** The version that holds on a day. */
export async function copyOn(
  tx: Tx,
  key: { readonly person: string; readonly informationCode: string; readonly condition: string; readonly on: string },
): Promise<Copy | undefined> {
  const [copy] = await tx<Copy>`
    select valid_from::text as "validFrom", items, auto_reply_blocked as "autoReplyBlocked",
           withheld_from_person as "withheldFromPerson"
      from intermediate_server.lodged_copy
     where org_person_number = ${key.person} and information_code = ${key.informationCode}
       and condition = ${key.condition} and valid_from <= ${key.on}::date
     order by valid_from desc, copy_no desc limit 1`;
  return copy;
}

export interface Lodging {
  readonly digest: Buffer;
  readonly system: string;
  readonly accepted: number;
  readonly rejected: { row: number; code: string }[];
}

export async function findLodging(tx: Tx, batchId: string): Promise<Lodging | undefined> {
  const [row] = await tx<Lodging>`
    select digest, system, accepted, rejected from intermediate_server.lodging where batch_id = ${batchId}`;
  return row;
}

/** False where the batch is there already. Two at once: the second waits for the first. */
export async function insertLodging(
  tx: Tx,
  batchId: string,
  lodging: Lodging & { readonly kind: string; readonly at: Temporal.Instant },
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.lodging (batch_id, system, kind, digest, accepted, rejected, lodged_at, event_id)
    values (${batchId}, ${lodging.system}, ${lodging.kind}, ${lodging.digest}, ${lodging.accepted},
      ${json(lodging.rejected)}, ${lodging.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}
