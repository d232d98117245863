import type { Tx } from '@musubi/kernel/db/sql.ts';

/** Reasons of the register that say that somebody died, as a pattern. */
export const diedReason = 'death|died|死亡';

/** 相続人代表者: who receives the papers of a dead person's tax. */
export interface HeirRepresentative {
  readonly name: string;
  /** Seven digits. */
  readonly postalCode: string;
  readonly address: string;
  readonly basis: 'told-by-heirs' | 'designated';
  readonly evidence: string;
}

export interface Deceased {
  readonly personId: string;
  readonly diedOn: string;
  readonly representative: (HeirRepresentative & { readonly version: number; readonly notedOn: string }) | null;
}

/** Those of these persons who died, by the register's words, each with who receives for the heirs. */
export async function deceasedAmong(tx: Tx, personIds: readonly string[]): Promise<Map<string, Deceased>> {
  const rows = await tx<Deceased>`
    select p.person_id as "personId", s.removed_on::text as "diedOn",
           case when h.version is not null then jsonb_build_object('version', h.version, 'name', h.name, 'postalCode', h.postal_code,
             'address', h.address, 'basis', h.basis, 'evidence', h.evidence, 'notedOn', h.noted_on) end as representative
      from resident_tax.person p
      join resident_tax.person_state s on s.person_id = p.person_id and s.version = p.current_version
      left join lateral (select * from resident_tax.heir_representative x
                          where x.person_id = p.person_id order by x.version desc limit 1) h on true
     where p.person_id = any (${personIds}::uuid[]) and s.removed_on is not null and s.reason ~ ${diedReason}`;
  return new Map(rows.map((row) => [row.personId, row]));
}

/** @returns whether it was entered: of two clerks at once one is first */
export async function insertRepresentative(
  tx: Tx,
  row: HeirRepresentative & {
    readonly personId: string;
    readonly version: number;
    readonly by: string;
    readonly on: Temporal.PlainDate;
  },
): Promise<boolean> {
  const added = await tx`
    insert into resident_tax.heir_representative (person_id, version, name, postal_code, address, basis, evidence, noted_by, noted_on, event_id)
    values (${row.personId}, ${row.version}, ${row.name}, ${row.postalCode}, ${row.address}, ${row.basis}, ${row.evidence}, ${row.by},
      ${row.on}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return added.length === 1;
}
