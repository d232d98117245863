import type { Tx } from '@musubi/kernel/db/sql.ts';

export type SuccessionKind = 'code-changed' | 'merged' | 'undone';

export interface Succession {
  readonly successionId: string;
  readonly holderId: string;
  readonly endedCode: string;
  readonly survivorCode: string;
  readonly kind: SuccessionKind;
  /** ISO day. */
  readonly on: string;
}

export async function insertSuccession(tx: Tx, s: Succession, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into national_juki.succession (succession_id, holder_id, ended_code, survivor_code, changed_on, kind, noted_at, event_id)
    values (${s.successionId}, ${s.holderId}, ${s.endedCode}, ${s.survivorCode}, ${s.on},
      ${s.kind === 'code-changed' ? null : s.kind}, ${at}, ${tx.eventId})
    on conflict (succession_id) do nothing`;
}

/** Those that were not told yet, the oldest first: of one person the later follows the earlier. */
export const untoldSuccessions = (tx: Tx, limit: number): Promise<Succession[]> => tx<Succession>`
  select s.succession_id as "successionId", s.holder_id as "holderId", s.ended_code as "endedCode", s.survivor_code as "survivorCode",
         s.changed_on::text as "on", coalesce(s.kind, 'code-changed') as kind
    from national_juki.succession s
   where not exists (select 1 from national_juki.succession_told t where t.succession_id = s.succession_id)
   order by s.noted_at, s.succession_id limit ${limit}`;

/** The record that each of these holders' codes ended for, where a 二重登録 ended it and nothing took that back. */
export async function survivorsOf(tx: Tx, holderIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx<{ holderId: string; survivorCode: string; kind: string }>`
    select distinct on (holder_id) holder_id as "holderId", survivor_code as "survivorCode", kind
      from national_juki.succession where holder_id = any(${holderIds}::uuid[]) and kind is not null
     order by holder_id, noted_at desc, succession_id desc`;
  return new Map(rows.flatMap((r) => (r.kind === 'merged' ? [[r.holderId, r.survivorCode] as const] : [])));
}

/** False where it was told already. */
export async function insertTold(
  tx: Tx,
  told: { readonly successionId: string; readonly result: string; readonly bodies: number },
  at: Temporal.Instant,
): Promise<boolean> {
  const rows = await tx`
    insert into national_juki.succession_told (succession_id, result, bodies, told_at, event_id)
    values (${told.successionId}, ${told.result}, ${told.bodies}, ${at}, ${tx.eventId})
    on conflict (succession_id) do nothing returning 1`;
  return rows.length === 1;
}
