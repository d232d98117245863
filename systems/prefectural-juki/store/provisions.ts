import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Provision {
  readonly provisionId: string;
  readonly personId: string;
  readonly recipient: string;
  readonly ground: string;
  readonly items: readonly string[];
}

/** 提供の記録 of what went over the network, in the transaction that sends it. */
export async function insertProvisions(tx: Tx, provisions: readonly Provision[], at: Temporal.Instant): Promise<void> {
  await tx`
    insert into prefectural_juki.provision_record
      (provision_id, person_id, recipient, ground, method, items, result, provided_at, event_id)
    select "provisionId", "personId", recipient, ground, 'network', items, 'given', ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(provisions)})
        as p("provisionId" uuid, "personId" uuid, recipient text, ground text, items text[])`;
}

export interface ProvisionLine {
  readonly recipient: string;
  readonly ground: string;
  readonly items: readonly string[];
  readonly result: string;
  readonly providedAt: Temporal.Instant;
}

/** To whom a person's information went, newest first. */
export async function provisionsOf(tx: Tx, personId: string): Promise<ProvisionLine[]> {
  const rows = await tx<Omit<ProvisionLine, 'providedAt'> & { providedAt: string }>`
    select recipient, ground, items, result, to_json(provided_at)#>>'{}' as "providedAt"
      from prefectural_juki.provision_record where person_id = ${personId} order by provided_at desc`;
  return rows.map((r) => ({ ...r, providedAt: Temporal.Instant.from(r.providedAt) }));
}
