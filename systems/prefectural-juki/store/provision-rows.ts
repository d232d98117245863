import { momentInJson, TiedRows } from '@musubi/kernel/audit/tied-rows.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { BulkOrder } from './bulk.ts';
import { escaped } from './load-rows.ts';

export interface BulkProvision {
  readonly provisionId: string;
  readonly personId: string | null;
  readonly keyKind: string;
  /** Null where it was given. */
  readonly refusal: string | null;
}

/**
 * 提供の記録 of an order, one for each row of its list, refused ones too.
 * @returns count and root of the rows, which tie them to the event of the act
 */
export async function copyBulkProvisions(
  tx: Tx,
  order: BulkOrder,
  rows: readonly BulkProvision[],
  by: { readonly asker: string; readonly operatorId: string; readonly terminalId: string | null },
  at: Temporal.Instant,
): Promise<ReturnType<TiedRows['tie']>> {
  const tied = new TiedRows('prefectural_juki.provision_record');
  const same = {
    task_id: order.taskId,
    order_id: order.orderId,
    event_id: tx.eventId,
    provided_at: momentInJson(at),
    asker: by.asker,
    operator_id: by.operatorId,
    terminal_id: by.terminalId,
    recipient: order.recipientName,
    ground: order.ground,
    document: order.documentNo,
    method: 'medium',
    source: 'prefecture',
  };
  const start = Object.values(same)
    .map((value) => (value === null ? '\\N' : escaped(value)))
    .join('\t');
  const given = `{${order.items.join(',')}}\tgiven\t\\N`;
  const line = ({ provisionId, personId, keyKind, refusal }: BulkProvision): string =>
    `${start}\t${refusal === null ? given : `{}\trefused\t${escaped(refusal)}`}\t${keyKind}\t${personId ?? '\\N'}\t${provisionId}\n`;
  // In blocks: a message to the database for each row would cost more than the row.
  const blocks = function* () {
    for (let from = 0; from < rows.length; from += 500) {
      let block = '';
      for (const row of rows.slice(from, from + 500)) {
        const { provisionId, personId, keyKind, refusal } = row;
        tied.add(provisionId, {
          ...same,
          items: refusal === null ? order.items : [],
          result: refusal === null ? 'given' : 'refused',
          refusal,
          key_kind: keyKind,
          person_id: personId,
          provision_id: provisionId,
          withheld: [],
        });
        block += line(row);
      }
      yield block;
    }
  };
  await tx.copyIn(
    `copy prefectural_juki.provision_record (task_id, order_id, event_id, provided_at, asker, operator_id, terminal_id, recipient, ground,
       document, method, source, items, result, refusal, key_kind, person_id, provision_id) from stdin`,
    blocks(),
  );
  return tied.tie();
}
