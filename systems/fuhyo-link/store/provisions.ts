import { json, type Tx } from '@musubi/kernel/db/sql.ts';

export interface Provision {
  readonly provisionId: string;
  readonly supplementId: string | null;
  readonly inquiryId: string | null;
  readonly recipient: string;
  readonly requester: string;
  readonly task: string;
  readonly ground: string;
  readonly method: 'network' | 'terminal';
  readonly items: readonly string[];
  readonly withheld: readonly string[];
  /** Undefined: given. */
  readonly refused: string | undefined;
}

/** 提供・移転の記録, in the transaction of what it records. */
export async function insertProvisions(tx: Tx, provisions: readonly Provision[], at: Temporal.Instant): Promise<void> {
  await tx`
    insert into fuhyo_link.provision_record (provision_id, supplement_id, inquiry_id, recipient, requester, task, ground, method,
      items, withheld, result, word, provided_at, event_id)
    select "provisionId", "supplementId", "inquiryId", recipient, requester, task, ground, method, items, withheld,
           case when refused is null then 'given' else 'refused' end, refused, ${at}::timestamptz, ${tx.eventId}::uuid
      from jsonb_to_recordset(${json(provisions)}) as p("provisionId" uuid, "supplementId" uuid, "inquiryId" uuid, recipient text,
           requester text, task text, ground text, method text, items text[], withheld text[], refused text)`;
}

export interface ProvisionLine {
  readonly recipient: string;
  readonly requester: string;
  readonly task: string;
  readonly ground: string;
  readonly items: readonly string[];
  readonly withheld: readonly string[];
  readonly result: 'given' | 'refused';
  readonly word: string | null;
  readonly providedAt: Temporal.Instant;
}

/** To whom a person's information went or was refused, newest first. */
export async function provisionsOf(tx: Tx, supplementId: string): Promise<ProvisionLine[]> {
  const rows = await tx<Omit<ProvisionLine, 'providedAt'> & { providedAt: string }>`
    select recipient, requester, task, ground, items, withheld, result, word, to_json(provided_at)#>>'{}' as "providedAt"
      from fuhyo_link.provision_record where supplement_id = ${supplementId} order by provided_at desc, provision_id desc`;
  return rows.map((r) => ({ ...r, providedAt: Temporal.Instant.from(r.providedAt) }));
}
