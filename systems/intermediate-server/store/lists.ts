import type { PermissionList, PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface OwnList {
  readonly version: string;
  readonly publishedOn: string;
  readonly rows: readonly PermissionRow[];
}

/** Versions that were read before. A version never changes, so its rows are read once; which one counts is asked each time. */
export type KnownLists = Map<string, OwnList>;

/** This body's own copy of the list, as it counts on a day. */
export async function ownListOn(tx: Tx, on: Temporal.PlainDate, known: KnownLists): Promise<OwnList | undefined> {
  const [list] = await tx<{ version: string; read: OwnList | null }>`
    select version,
           case when version = any (${[...known.keys()]}::text[]) then null
                else jsonb_build_object('version', version, 'publishedOn', published_on::text, 'rows', rows) end as read
      from intermediate_server.permission_list
     where published_on <= ${on}::date order by published_on desc, version desc limit 1`;
  if (list?.read) known.set(list.version, list.read);
  return list && known.get(list.version);
}

/** Gives the text that stands under the version: what was given, or what was kept before. */
export async function insertList(
  tx: Tx,
  list: PermissionList,
  signed: string,
  at: Temporal.Instant,
): Promise<readonly PermissionRow[]> {
  await tx`
    insert into intermediate_server.permission_list (version, published_on, rows, signed, fetched_at, event_id)
    values (${list.version}, ${list.publishedOn}::date, ${json(list.rows)}, ${signed}, ${at}, ${tx.eventId})
    on conflict do nothing`;
  const [standing] = await tx<{ rows: PermissionRow[] }>`
    select rows from intermediate_server.permission_list where version = ${list.version}`;
  return standing!.rows;
}

/** Notes that a version was said to count on a day; gives whether that is new. */
export async function insertConfirmed(
  tx: Tx,
  version: string,
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into intermediate_server.list_confirmed (on_date, version, confirmed_at, event_id)
    values (${on}::date, ${version}, ${at}, ${tx.eventId}) on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** The last day, up to this one, for which the network said which version counts. */
export async function lastConfirmed(tx: Tx, upTo: Temporal.PlainDate): Promise<string | undefined> {
  const [row] = await tx<{ on: string | null }>`
    select max(on_date)::text as on from intermediate_server.list_confirmed where on_date <= ${upTo}::date`;
  return row?.on ?? undefined;
}
