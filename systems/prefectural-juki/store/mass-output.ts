import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface MassOutput {
  readonly outputId: string;
  readonly task: string;
  readonly document: string;
  /** Sealed object with the keys. */
  readonly keysRef: string;
  readonly records: number;
  readonly approvalId: string;
  readonly requestedBy: string;
}

export async function insertMassOutput(tx: Tx, o: MassOutput, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into prefectural_juki.mass_output (output_id, task, document, keys_ref, records, approval_id, requested_by, requested_at, event_id)
    values (${o.outputId}, ${o.task}, ${o.document}, ${o.keysRef}, ${o.records}, ${o.approvalId}, ${o.requestedBy}, ${at}, ${tx.eventId})`;
}

export async function massOutputById(tx: Tx, outputId: string): Promise<MassOutput | undefined> {
  const [row] = await tx<MassOutput & object>`
    select output_id as "outputId", task, document, keys_ref as "keysRef", records, approval_id as "approvalId", requested_by as "requestedBy"
      from prefectural_juki.mass_output where output_id = ${outputId}`;
  return row;
}

export async function openMassOutputs(tx: Tx, limit: number): Promise<MassOutput[]> {
  return tx<MassOutput & object>`
    select output_id as "outputId", task, document, keys_ref as "keysRef", records, approval_id as "approvalId", requested_by as "requestedBy"
      from prefectural_juki.mass_output order by requested_at desc, output_id desc limit ${limit}`;
}
