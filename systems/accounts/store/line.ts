import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface LineDelivery {
  readonly deliveryId: string;
  readonly kind: 'debit' | 'transfer';
  readonly batchId: string;
  readonly bank: string;
  readonly answer: 'taken' | 'repeated' | 'refused';
  readonly rule: string | null;
}
export async function insertLineDelivery(tx: Tx, d: LineDelivery & { on: string; by: string }): Promise<void> {
  await tx`
    insert into accounts.line_delivery (delivery_id, kind, batch_id, bank, answer, rule, sent_on, sent_by, event_id)
    values (${d.deliveryId}, ${d.kind}, ${d.batchId}, ${d.bank}, ${d.answer}, ${d.rule}, ${d.on}::date, ${d.by}, ${tx.eventId})`;
}
