import { type BulkListRow, bulkResultLayouts, bulkResultLine } from '@musubi/contracts/juki/bulk.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { uuidV7Blocks } from '@musubi/kernel/ids/uuid.ts';
import { batchUseCases } from '@musubi/kernel/jobs/control.ts';
import type { BatchDefinition } from '@musubi/kernel/jobs/definition.ts';
import { checkDestination } from '@musubi/kernel/media/destination.ts';
import { requestHandOver } from '@musubi/kernel/media/media.ts';
import { writeCsvRecord } from '@musubi/kernel/records/csv.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { findTextFault } from '@musubi/kernel/text/graphemes.ts';
import type { Deps } from '../deps.ts';
import { answerParts, type BulkState, insertAnswerPart, insertResult, listParts } from '../store/bulk.ts';
import { copyBulkProvisions } from '../store/provision-rows.ts';
import { taskByCode } from '../store/tasks.ts';
import { type Answered, answerRows, rowWithout } from './bulk-answer.ts';
import { activeTask, approvedOrder, staffOf, standingOf, terminalOf } from './bulk-orders.ts';
import { taskOf } from './task-of.ts';
import { stoppedForTask } from './use-stop.ts';

/** What one chunk leaves sealed for the file and for the records of provision. */
type Kept = readonly [
  orderId: string,
  rowId: string,
  line: string,
  personId: string | null,
  keyKind: string,
  refusal: string | null,
];
const kept = ({ row, personId, keyKind, refusal }: Answered): Kept => [
  row.orderId,
  row.rowId,
  bulkResultLine(row),
  personId,
  keyKind,
  refusal,
];

const right = ['prefectural-juki', 'bulk', 'update'] as const;
const sealing = { retentionClass: 'media-until-handed-over', purpose: 'juki.bulk' } as const;

/**
 * The run of an approved order: looks the list up part by part, then makes the result file, the records of provision and the hand-over in one
 * act with one event. Nothing counts as provided before that act; a run that stops goes on after its last part.
 */
export const bulkBatch: BatchDefinition<Deps, { readonly order: string }> = {
  name: 'prefectural-juki.bulk',
  right,
  steps: [
    {
      name: 'look-up',
      async total(tx, deps, params) {
        const order = await approvedOrder(tx, deps, params.order);
        return order.ok ? ok(order.value.rows ?? 0) : order;
      },
      async chunk(tx, deps, { params, cursor }) {
        const order = await approvedOrder(tx, deps, params.order);
        if (!order.ok) return order;
        const task = await activeTask(tx, deps, order.value.taskCode);
        if (!task) return err('no-active-task');
        const parts = await listParts(tx, params.order);
        const part = parts[Number(cursor ?? '0')];
        if (!part) return err('no-such-part');
        const rows = await opened<readonly BulkListRow[]>(tx, deps, part.ref);
        if (!rows.ok) return rows;
        const answered = await answerRows(tx, deps, order.value, task, rows.value);
        const given = answered.filter((a) => a.refusal === null).length;
        const { ref } = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(answered.map(kept))), {
          kind: 'bulk-answer',
          ...sealing,
        });
        await insertAnswerPart(tx, { orderId: params.order, partNo: part.partNo, ref, rows: rows.value.length, given });
        tx.record({
          event: 'bulk.looked-up',
          ground: order.value.ground,
          facts: ['prefectural_juki.bulk_answer_part'],
          detail: { order: params.order, part: part.partNo, rows: rows.value.length, given },
        });
        const { length } = rows.value;
        return ok({ next: part.partNo < parts.length ? `${part.partNo}` : null, in: length, out: length, rejects: [] });
      },
    },
    {
      name: 'assemble',
      total: async () => ok(1),
      async chunk(tx, deps, { params }, actor) {
        const order = await approvedOrder(tx, deps, params.order);
        if (!order.ok) return order;
        const made = await assemble(tx, deps, order.value, actor);
        return made.ok ? ok({ next: null, in: 1, out: 1, rejects: [] }) : made;
      },
    },
  ],
};
export const bulkRuns = batchUseCases(right);

async function opened<T>(tx: Tx, deps: Deps, ref: Parameters<Deps['sealed']['open']>[1]): Promise<Result<T, 'erased'>> {
  const content = await deps.sealed.open(tx, ref, 'juki.bulk');
  return content.ok ? ok(JSON.parse(content.value.toString()) as T) : content;
}

/**
 * Result file, records of provision and hand-over, with the one event of the order. Each answer is checked to be this order's and to stand
 * where its request stands: a row that belongs to another order stops everything.
 */
async function assemble(tx: Tx, deps: Deps, order: BulkState, actor: Actor): Promise<Result<undefined, string>> {
  const found = await collected(tx, deps, order.orderId);
  if (!found.ok) return found;
  const answered = await withoutStopped(tx, order, found.value);
  const given = answered.filter(([, , , , , refusal]) => refusal === null);
  const file = resultFile(order, answered, given.length);
  if (!file.ok) return file;
  const sealed = await deps.sealed.seal(tx, file.value, { kind: 'bulk-result', ...sealing });
  const by = staffOf(actor);
  const at = deps.machineClock.now();
  const newId = uuidV7Blocks(deps.machineClock, deps.random);
  const tied = await copyBulkProvisions(
    tx,
    order,
    answered.map(([, , , personId, keyKind, refusal]) => ({ provisionId: newId(), personId, keyKind, refusal })),
    { asker: deps.self, operatorId: by, terminalId: terminalOf(actor) || null },
    at,
  );
  const handOver = await requestHandOver(
    tx,
    deps,
    {
      kind: 'juki-bulk-result',
      receiver: order.recipientName,
      recipientKey: order.recipientKey,
      ground: order.documentNo,
      by,
      settleByOn: Temporal.PlainDate.from(order.settleByOn),
      files: [
        {
          fileName: `result-${order.orderNo}.csv`,
          ref: sealed.ref,
          length: sealed.length,
          records: answered.length,
          totals: { given: given.length },
        },
      ],
    },
    standingOf(order),
  );
  if (!handOver.ok) return handOver;
  const { handOverId } = handOver.value;
  const counts = { rows: answered.length, given: given.length };
  await insertResult(tx, { orderId: order.orderId, handOverId, ref: sealed.ref, sha256: sealed.sha256, ...counts }, at);
  tx.record({
    event: 'bulk.provided',
    ground: order.ground,
    items: order.items,
    recipient: order.recipientName,
    facts: ['media.file', 'media.hand_over', 'prefectural_juki.bulk_result', 'prefectural_juki.provision_record'],
    // One commitment for the order: the root over its records of provision, one for each row of the list. Persons stand in these.
    batches: { 'prefectural_juki.provision_record': tied },
    detail: { order: order.orderId, document: order.documentNo, task: order.taskCode, ...counts },
  });
  return ok(undefined);
}

async function collected(tx: Tx, deps: Deps, orderId: string): Promise<Result<Kept[], string>> {
  const [asked, parts] = [await listParts(tx, orderId), await answerParts(tx, orderId)];
  if (asked.length !== parts.length) return err('answer-incomplete');
  const all: Kept[] = [];
  for (const [i, part] of parts.entries()) {
    const list = await opened<readonly BulkListRow[]>(tx, deps, asked[i]!.ref);
    const content = await opened<readonly Kept[]>(tx, deps, part.ref);
    if (!list.ok) return list;
    if (!content.ok) return content;
    const destined = content.value.map((row) => ({ row, destination: row[0], rowId: row[1] }));
    const ours = checkDestination(orderId, list.value, destined);
    if (!ours.ok) return err('row-of-another-order');
    all.push(...ours.value);
  }
  return ok(all);
}

/** A stop that was granted after the part was looked up and before anything counts as provided is heeded too. */
async function withoutStopped(tx: Tx, { orderId, taskCode }: BulkState, rows: readonly Kept[]): Promise<Kept[]> {
  const task = await taskByCode(tx, taskCode);
  const stopped = task === undefined ? new Set() : await stoppedForTask(tx, taskOf(task));
  return rows.map((row) => {
    const [, rowId, , personId, keyKind, refusal] = row;
    if (refusal !== null || !stopped.has(personId)) return row;
    return [orderId, rowId, bulkResultLine(rowWithout(orderId, rowId)), personId, keyKind, 'stopped'];
  });
}

/** Header, one row for each row of the list in its order, trailer. */
function resultFile(order: BulkState, answered: readonly Kept[], given: number): Result<Buffer, 'result-unwritable'> {
  const rows = answered.length;
  const { orderId, documentNo: document, taskCode: task } = order;
  const header = writeCsvRecord(
    bulkResultLayouts.header,
    { kind: 'H', version: '1', orderId, document, task, rows },
    1,
  );
  const trailer = writeCsvRecord(bulkResultLayouts.trailer, { kind: 'T', rows, given }, rows + 2);
  if (!header.ok || !trailer.ok) return err('result-unwritable');
  const body = answered.map(([, , line]) => line).join('');
  // Names and addresses were checked when the register took them; a text that no reader may be given is still not written.
  if (findTextFault(body.replaceAll('\r\n', '')) !== undefined) return err('result-unwritable');
  return ok(Buffer.concat([header.value.bytes, Buffer.from(body), trailer.value.bytes]));
}
