import type { PermissionList, PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface StoredList {
  readonly version: string;
  readonly publishedOn: string;
  readonly rows: readonly PermissionRow[];
  readonly signed: string;
}

/** Versions that were read before. A version never changes, so its rows are read once; which one counts is asked each time. */
export type KnownLists = Map<string, StoredList>;

/** The version that counts on a day: the newest that was published by then. */
export async function listOn(tx: Tx, on: Temporal.PlainDate, known: KnownLists): Promise<StoredList | undefined> {
  const [list] = await tx<{ version: string; read: StoredList | null }>`
    select version,
           case when version = any (${[...known.keys()]}::text[]) then null
                else jsonb_build_object('version', version, 'publishedOn', published_on::text, 'rows', rows, 'signed', signed) end as read
      from information_providing_network.list_version
     where published_on <= ${on}::date order by published_on desc, version desc limit 1`;
  if (list?.read) known.set(list.version, list.read);
  return list && known.get(list.version);
}

/** The next version that counts after a day, as signed. */
export async function signedAfter(tx: Tx, on: Temporal.PlainDate): Promise<string | undefined> {
  const [row] = await tx<{ signed: string }>`
    select signed from information_providing_network.list_version
     where published_on > ${on}::date order by published_on, version desc limit 1`;
  return row?.signed;
}

export interface ListVersion {
  readonly version: string;
  readonly publishedOn: string;
  readonly rows: number;
}
export const versionsOfList = (tx: Tx): Promise<ListVersion[]> => tx<ListVersion>`
  select version, published_on::text as "publishedOn", jsonb_array_length(rows) as rows
    from information_providing_network.list_version order by published_on desc, version desc limit 100`;

export async function findList(tx: Tx, version: string): Promise<StoredList | undefined> {
  const [list] = await tx<{ version: string; publishedOn: string; rows: PermissionRow[]; signed: string }>`
    select version, published_on::text as "publishedOn", rows, signed
      from information_providing_network.list_version where version = ${version}`;
  return list;
}

export async function insertList(tx: Tx, list: PermissionList, signed: string): Promise<void> {
  await tx`insert into information_providing_network.list_version (version, published_on, rows, signed, event_id)
           values (${list.version}, ${list.publishedOn}::date, ${json(list.rows)}, ${signed}, ${tx.eventId})`;
}
