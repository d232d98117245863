import type { Tx } from '@musubi/kernel/db/sql.ts';

export type MatterKind = 'inquiry-order' | 'copy-file' | 'person-notice';

export interface Matter {
  readonly matterId: string;
  readonly kind: MatterKind;
  readonly system: string;
  /** Information or procedure; the kind of a notice. */
  readonly code: string;
  readonly ground: string;
}

/** `repeated`: it was relayed before for the same system and code. */
export async function noteMatter(
  tx: Tx,
  m: Matter,
  on: Temporal.PlainDate,
  at: Temporal.Instant,
): Promise<'new' | 'repeated' | 'other-content'> {
  const made = await tx`
    insert into common_platform.relayed_matter (matter_id, kind, system, code, ground, relayed_on, relayed_at, event_id)
    values (${m.matterId}, ${m.kind}, ${m.system}, ${m.code}, ${m.ground}, ${on}, ${at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  if (made.length === 1) return 'new';
  const before = await findMatter(tx, m.matterId, m.kind, m.system);
  return before?.code === m.code ? 'repeated' : 'other-content';
}

/** Another system's matter is none. */
export async function findMatter(
  tx: Tx,
  matterId: string,
  kind: MatterKind,
  system: string,
): Promise<Matter | undefined> {
  const [row] = await tx<Matter>`
    select matter_id as "matterId", kind, system, code, ground from common_platform.relayed_matter
     where matter_id = ${matterId} and kind = ${kind} and system = ${system}`;
  return row;
}
