import type { PermissionList, PermissionRow } from '@musubi/contracts/exchange/messages.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface OwnList {
  readonly version: string;
  readonly publishedOn: string;
  readonly rows: readonly PermissionRow[];
}

/** This body's own copy of the list, as it counts on a day. */
export async function ownListOn(tx: Tx, on: Temporal.PlainDate): Promise<OwnList | undefined> {
  const [list] = await tx<{ version: string; publishedOn: string; rows: PermissionRow[] }>`
    select version, published_on::text as "publishedOn", rows from intermediate_server.permission_list
     where published_on <= ${on}::date order by published_on desc, version desc limit 1`;
  return list;
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
