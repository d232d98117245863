import { groundOf, isActive, type ProvidedItem, permittedItems, type Task } from '@musubi/contracts/juki/tasks.ts';
import { checkApproval, decideApproval, requestApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import type { DecideError, Decision } from '@musubi/kernel/access/approvals/domain.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type ImportError, importContainer, receiverKeyOf } from '@musubi/kernel/media/keys.ts';
import { type LentError, lentMedium, recordWritten } from '@musubi/kernel/media/ledger.ts';
import {
  type Prepared,
  type PrepareError,
  prepareHandOver,
  type StandingApproval,
} from '@musubi/kernel/media/media.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { Deps } from '../deps.ts';
import {
  type BulkDocument,
  type BulkOrder,
  type BulkState,
  documentByNo,
  insertDocument,
  insertErasure,
  insertList,
  insertOrder,
  listOrders,
  lockOrder,
  openDocuments,
  orderById,
  sealedOfOrder,
} from '../store/bulk.ts';
import { listRecipients, type TaskRow, taskForInquiry } from '../store/tasks.ts';
import { type ListFault, readBulkList } from './bulk-list.ts';

/* 一括提供 (JPS-X2): from the written request to the written medium. The look-up itself is a batch, in bulk-run.ts. */

/** The approval's kind; those who hold ['prefectural-juki', 'bulk-approval', 'update'] decide. */
export const BULK_APPROVAL = 'juki.bulk-order';
/** Rows a chunk: small enough to stop between two, large enough that round trips do not count. */
export const rowsAPart = 5_000;

const operate = ['prefectural-juki', 'bulk', 'update'] as const;
const approve = ['prefectural-juki', 'bulk-approval', 'update'] as const;
export const bulkRead = ['prefectural-juki', 'bulk-orders', 'read'] as const;

export const staffOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);
export const terminalOf = (actor: Actor): string => (actor.kind === 'staff' ? (actor.terminalId ?? '') : '');

/** The task of an order as it stands today. */
export async function activeTask(tx: Tx, deps: Deps, code: string): Promise<Task | undefined> {
  const onDate = deps.civilClock.today().toString();
  const row = await taskForInquiry(tx, { code, staffId: null, onDate });
  const task = row && taskOf(row);
  return task && isActive(task, onDate) ? task : undefined;
}
const taskOf = (row: TaskRow): Task => ({
  taskId: row.taskId,
  code: row.code,
  name: row.name,
  recipient: {
    recipientId: row.recipientId,
    kind: row.recipientKind as Task['recipient']['kind'],
    name: row.recipientName,
    peer: row.peer,
    validFrom: row.recipientFrom,
    validUntil: row.recipientUntil,
  },
  groundKind: row.groundKind as Task['groundKind'],
  groundText: row.groundText,
  items: row.items as readonly ProvidedItem[],
  numberGround: row.numberGround as Task['numberGround'],
  codeGround: row.codeGround as Task['codeGround'],
  includesRemoved: row.includesRemoved,
  includesOtherPrefectures: row.includesOtherPrefectures,
  isEmigrantWork: row.isEmigrantWork,
  validFrom: row.validFrom,
  validUntil: row.validUntil,
  isPermitted: row.permittedBy !== null,
});

/** 依頼文書の登録: the written request of a recipient for one of its tasks. */
export const registerBulkDocument = act('prefectural-juki.register-bulk-document', {
  right: operate,
  async run(
    tx,
    deps: Deps,
    command: Omit<BulkDocument, 'recipientName'>,
    actor,
  ): Promise<Result<BulkDocument, 'no-active-task' | 'document-taken' | 'not-received-yet'>> {
    const task = await activeTask(tx, deps, command.taskCode);
    if (!task) return err('no-active-task');
    if (command.receivedOn > deps.civilClock.today().toString()) return err('not-received-yet');
    const document = { ...command, recipientName: task.recipient.name };
    const isNew = await insertDocument(tx, { ...document, by: staffOf(actor) }, deps.machineClock.now());
    if (!isNew) return err('document-taken');
    tx.record({
      event: 'bulk.document-registered',
      ground: groundOf(task),
      recipient: document.recipientName,
      facts: ['prefectural_juki.bulk_document'],
      detail: { document: document.documentNo, task: task.code },
    });
    return ok(document);
  },
});

export type OrderError = 'no-request-document' | 'document-used' | 'no-active-task' | 'receiver-has-no-key' | LentError;

/** An order on a registered request document, for a medium that is lent to its recipient. */
export const orderBulk = act('prefectural-juki.order-bulk', {
  right: operate,
  async run(
    tx,
    deps: Deps,
    command: { readonly documentNo: string; readonly mediumSerial: string; readonly settleByOn: Temporal.PlainDate },
    actor,
  ): Promise<Result<{ readonly orderId: string }, OrderError>> {
    const document = await documentByNo(tx, command.documentNo);
    if (!document) return err('no-request-document');
    const task = await activeTask(tx, deps, document.taskCode);
    if (!task || task.recipient.name !== document.recipientName) return err('no-active-task');
    const medium = await lentMedium(tx, { serial: command.mediumSerial, department: document.recipientName });
    if (!medium.ok) return medium;
    const recipientKey = await receiverKeyOf(tx, document.recipientName);
    if (recipientKey === undefined) return err('receiver-has-no-key');
    const order: Omit<BulkOrder, 'orderNo'> = {
      orderId: deps.newId(),
      documentNo: document.documentNo,
      taskId: task.taskId,
      taskCode: task.code,
      recipientName: document.recipientName,
      mediumSerial: command.mediumSerial,
      recipientKey,
      ground: groundOf(task),
      items: permittedItems(task),
      settleByOn: command.settleByOn.toString(),
      requestedBy: staffOf(actor),
    };
    if (!(await insertOrder(tx, order, deps.machineClock.now()))) return err('document-used');
    tx.record({
      event: 'bulk.ordered',
      ground: order.ground,
      recipient: order.recipientName,
      items: order.items,
      facts: ['prefectural_juki.bulk_order'],
      detail: { order: order.orderId, document: order.documentNo, task: order.taskCode, medium: order.mediumSerial },
    });
    return ok({ orderId: order.orderId });
  },
});

export type LoadError = 'no-such-order' | 'list-already-loaded' | ListFault | ImportError;

/** The list from the medium, decrypted, checked whole and sealed in parts; asks the second person for their approval. */
export const loadBulkList = act('prefectural-juki.load-bulk-list', {
  right: operate,
  async run(
    tx,
    deps: Deps,
    command: { readonly orderId: string; readonly bytes: Uint8Array },
    actor,
  ): Promise<Result<{ readonly rows: number; readonly approvalId: string }, LoadError>> {
    await lockOrder(tx, command.orderId);
    const order = await orderById(tx, command.orderId);
    if (!order) return err('no-such-order');
    if (order.sha256 !== null) return err('list-already-loaded');
    const by = staffOf(actor);
    const taken = await importContainer(tx, deps, {
      serial: order.mediumSerial,
      department: order.recipientName,
      bytes: command.bytes,
      by,
    });
    if (!taken.ok) return taken;
    const read = await readBulkList(taken.value.content, order);
    if (!read.ok) return read;
    const parts = [];
    for (let at = 0; at < read.value.length; at += rowsAPart) {
      const rows = read.value.slice(at, at + rowsAPart);
      const { ref } = await deps.sealed.seal(tx, Buffer.from(JSON.stringify(rows)), {
        kind: 'bulk-list',
        retentionClass: 'media-until-handed-over',
        purpose: 'juki.bulk',
      });
      parts.push({ ref, rows: rows.length });
    }
    const loaded = { ...order, sha256: taken.value.sha256, rows: read.value.length };
    const approvalId = await requestApproval(tx, deps, {
      kind: BULK_APPROVAL,
      subject: order.orderId,
      payload: approvable(loaded),
      by: order.requestedBy,
    });
    await insertList(
      tx,
      { ...loaded, importId: taken.value.importId, approvalId, by, terminalId: terminalOf(actor), parts },
      deps.machineClock.now(),
    );
    tx.record({
      event: 'bulk.list-loaded',
      ground: order.ground,
      recipient: order.recipientName,
      facts: ['media.import', 'media.medium_step', 'prefectural_juki.bulk_list', 'prefectural_juki.bulk_list_part'],
      detail: { order: order.orderId, rows: loaded.rows, medium: order.mediumSerial, sha256: loaded.sha256 },
    });
    return ok({ rows: loaded.rows, approvalId });
  },
});

/** All that the order will do: approved as it stands, or not at all. */
const approvable = (order: BulkOrder & { readonly sha256: string | null; readonly rows: number | null }): unknown => ({
  orderId: order.orderId,
  document: order.documentNo,
  task: order.taskCode,
  recipient: order.recipientName,
  medium: order.mediumSerial,
  recipientKey: order.recipientKey,
  ground: order.ground,
  items: order.items,
  settleByOn: order.settleByOn,
  list: order.sha256,
  rows: order.rows,
});

/** The order's approval, as the hand-over takes it. */
export const standingOf = (order: BulkState): StandingApproval => ({
  approvalId: order.approvalId ?? '',
  kind: BULK_APPROVAL,
  payload: approvable(order),
});

export type DecideBulkError = 'no-such-order' | 'list-not-loaded' | 'no-such-request' | DecideError;

/** 承認 by a manager who neither asked for the order nor loaded its list. */
export const decideBulk = act('prefectural-juki.decide-bulk', {
  right: approve,
  async run(
    tx,
    deps: Deps,
    command: { readonly orderId: string; readonly decision: Decision },
    actor,
  ): Promise<Result<undefined, DecideBulkError>> {
    await lockOrder(tx, command.orderId);
    const order = await orderById(tx, command.orderId);
    if (!order) return err('no-such-order');
    if (order.approvalId === null) return err('list-not-loaded');
    const by = staffOf(actor);
    if (enforced('access.second-person') && (by === order.requestedBy || by === order.loadedBy))
      return err('approver-is-requester');
    const { approvalId } = order;
    const decided = await decideApproval(tx, deps, { approvalId, decision: command.decision, by });
    if (!decided.ok) return decided;
    tx.record({
      event: 'bulk.decided',
      recipient: order.recipientName,
      facts: ['approvals.decision'],
      detail: { order: order.orderId, decision: command.decision, rows: order.rows ?? 0, document: order.documentNo },
    });
    return ok(undefined);
  },
});

/** Is the order, as it stands now, approved and not carried out? */
export async function approvedOrder(tx: Tx, deps: Deps, orderId: string): Promise<Result<BulkState, string>> {
  const order = await orderById(tx, orderId);
  if (!order) return err('no-such-order');
  if (order.approvalId === null) return err('list-not-loaded');
  const standing = await checkApproval(tx, deps, standingOf(order));
  if (enforced('media.approval') && !standing.ok) return standing;
  return ok(order);
}

export type WriteError = 'no-such-order' | 'not-finished' | PrepareError | LentError;

/** 書込み: the result, encrypted to the department, for its medium, once; with the output record. Uses the approval up. */
export const writeBulkMedium = act('prefectural-juki.write-bulk-medium', {
  right: operate,
  async run(
    tx,
    deps: Deps,
    command: { readonly orderId: string },
    actor,
  ): Promise<Result<Prepared & { readonly order: BulkState }, WriteError>> {
    await lockOrder(tx, command.orderId);
    const order = await orderById(tx, command.orderId);
    if (!order) return err('no-such-order');
    const { handOverId } = order;
    if (handOverId === null) return err('not-finished');
    const by = staffOf(actor);
    const prepared = await prepareHandOver(tx, deps, { handOverId, by, standing: standingOf(order) });
    if (!prepared.ok) return prepared;
    const file = prepared.value.slip.files[0]!;
    const written = await recordWritten(tx, deps, {
      serial: order.mediumSerial,
      department: order.recipientName,
      terminal: terminalOf(actor),
      handOverId,
      file,
      by,
    });
    if (!written.ok) return written;
    tx.record({
      event: 'bulk.medium-written',
      ground: order.ground,
      recipient: order.recipientName,
      items: order.items,
      facts: ['media.output', 'media.medium_step', 'media.step', 'approvals.execution'],
      detail: { order: order.orderId, medium: order.mediumSerial, records: file.records, sha256: file.sha256 },
    });
    return ok({ ...prepared.value, order });
  },
});

/** What lay sealed for an order goes when the receiver has confirmed the medium: from the commit on nothing of it opens. */
export const eraseBulk = act('prefectural-juki.erase-bulk', {
  right: operate,
  async run(
    tx,
    deps: Deps,
    command: { readonly orderId: string },
  ): Promise<Result<{ readonly objects: number }, 'no-such-order' | 'not-received-yet' | 'already-erased'>> {
    await lockOrder(tx, command.orderId);
    const order = await orderById(tx, command.orderId);
    if (!order) return err('no-such-order');
    if (!['reconciled', 'erased', 'returned'].includes(order.handOverState ?? '')) return err('not-received-yet');
    const refs = await sealedOfOrder(tx, order.orderId);
    if (!(await insertErasure(tx, order.orderId, refs.length, deps.machineClock.now()))) return err('already-erased');
    for (const ref of refs) await orderErasure(tx, deps, `object:${ref}`, 'juki.bulk-handed-over');
    tx.record({
      event: 'bulk.erased',
      recipient: order.recipientName,
      facts: ['prefectural_juki.bulk_erasure'],
      detail: { order: order.orderId, objects: refs.length },
    });
    return ok({ objects: refs.length });
  },
});

/** Orders with how far each is; names offices, never a person. */
export const lookOrders = look('prefectural-juki.list-bulk-orders', {
  right: bulkRead,
  run: (tx, _deps: Deps, query: { readonly open: boolean; readonly offset: number; readonly limit: number }) =>
    listOrders(tx, query),
});
export const lookOrder = look('prefectural-juki.show-bulk-order', {
  right: bulkRead,
  run: (tx, _deps: Deps, query: { readonly orderId: string }) => orderById(tx, query.orderId),
});
export const lookOpenDocuments = look('prefectural-juki.list-bulk-documents', {
  right: bulkRead,
  run: (tx) => openDocuments(tx),
});
/** Names of the recipients in force: whom media are lent to. */
export const lookRecipientNames = look('prefectural-juki.list-recipient-names', {
  right: ['prefectural-juki', 'media', 'read'],
  async run(tx, deps: Deps): Promise<string[]> {
    const today = deps.civilClock.today().toString();
    const all = await listRecipients(tx);
    return all.filter((r) => r.validFrom <= today && (r.validUntil ?? today) >= today).map((r) => r.name);
  },
});
