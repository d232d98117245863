import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { BulkOrder } from './bulk.ts';
import { escaped, inJson, quoted, TiedRows } from './tied-rows.ts';

export interface BulkProvision {
  readonly provisionId: string;
  readonly personId: string | null;
  readonly keyKind: string;
  /** Null where it was given. */
  readonly refusal: string | null;
}

/**
 * 提供の記録 of an order, one for each row of its list, refused ones too.
 * @returns count and root of the rows, which ties them to the event of the act
 */
export async function copyBulkProvisions(
  tx: Tx,
  order: BulkOrder,
  rows: readonly BulkProvision[],
  by: { readonly asker: string; readonly operatorId: string; readonly terminalId: string | null },
  at: Temporal.Instant,
): Promise<ReturnType<TiedRows['tie']>> {
  const tied = new TiedRows('prefectural_juki.provision_record');
  const record = writerOf(order, by, inJson(at), tx.eventId);
  // In blocks: a message to the database for each row would cost more than the row.
  const blocks = function* () {
    for (let from = 0; from < rows.length; from += 500) {
      const written = rows.slice(from, from + 500).map((row) => ({ row, ...record(row) }));
      for (const { row, text } of written) tied.add(row.provisionId, text);
      yield written.map(({ line }) => line).join('');
    }
  };
  await tx.copyIn(
    `copy prefectural_juki.provision_record (task_id, order_id, event_id, provided_at, asker, operator_id, terminal_id, recipient, ground,
       document, method, source, items, result, refusal, key_kind, person_id, provision_id) from stdin`,
    blocks(),
  );
  return tied.tie();
}

/** What differs from row to row stands at the end of a line for COPY, and where the order of the keys puts it in the jsonb text. */
function writerOf(
  o: BulkOrder,
  by: { readonly asker: string; readonly operatorId: string; readonly terminalId: string | null },
  at: string,
  eventId: string,
) {
  const array = `{${o.items.join(',')}}`;
  const asked = `${o.taskId}\t${o.orderId}\t${eventId}\t${at}\t${escaped(by.asker)}\t${escaped(by.operatorId)}\t${
    by.terminalId === null ? '\\N' : escaped(by.terminalId)
  }\t${escaped(o.recipientName)}\t${escaped(o.ground)}\t${escaped(o.documentNo)}\tmedium\tprefecture\t`;
  const start = (items: string, result: string) =>
    `{"asker": ${quoted(by.asker)}, "items": [${items}], "ground": ${quoted(o.ground)}, "method": "medium", "result": "${result}", "source": "prefecture", `;
  const given = start(o.items.map(quoted).join(', '), 'given');
  const refused = start('', 'refused');
  const middle = `"task_id": "${o.taskId}", "document": ${quoted(o.documentNo)}, "event_id": "${eventId}", "key_kind": "`;
  const after = `", "order_id": "${o.orderId}", "withheld": [], `;
  const terminal = by.terminalId === null ? '' : `"terminal_id": ${quoted(by.terminalId)}, `;
  const end = `"recipient": ${quoted(o.recipientName)}, "operator_id": ${quoted(by.operatorId)}, "provided_at": "${at}", ${terminal}"provision_id": "`;
  return ({ provisionId, personId, keyKind, refusal }: BulkProvision): { text: string; line: string } => {
    const person = personId === null ? '' : `"person_id": "${personId}", `;
    const head = refusal === null ? given : `${refused}"refusal": ${quoted(refusal)}, `;
    const result = refusal === null ? `${array}\tgiven\t\\N` : `{}\trefused\t${escaped(refusal)}`;
    return {
      text: `${head}${middle}${keyKind}${after}${person}${end}${provisionId}"}`,
      line: `${asked}${result}\t${keyKind}\t${personId ?? '\\N'}\t${provisionId}\n`,
    };
  };
}
