import { type PaymentChannel, type WrittenPayment, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Body, Deps } from '../deps.ts';
import { addDays, fileWindows } from '../domain/days.ts';
import {
  type FileState,
  fileStates,
  insertDelivery,
  insertFile,
  lastFileOn,
  type OpenFile,
  undelivered,
} from '../store/files.ts';
import { eventsOfTill, lockTill, type TillEvent } from '../store/payments.ts';
import { insertTold, type Told, untold } from '../store/remittances.ts';
import { fateOf } from './manners.ts';

/** Files that one act writes; after a jump of the civil date the rest follows in the next. */
const atOnce = 60;

/**
 * Writes the files of every business day that is over, also of days on which nobody paid. What stands in a file is frozen with it:
 * no money is taken for a day that has one.
 */
export const writeFiles = act('payments.write-files', {
  right: ['payments', 'file', 'update'],
  async run(
    tx,
    deps: Deps,
    { body, channel }: { readonly body: Body; readonly channel: PaymentChannel },
  ): Promise<Result<{ files: number }, 'channel-not-offered'>> {
    const till = deps.tills.find((t) => t.channel === channel);
    if (till === undefined) return err('channel-not-offered');
    const at = { bodyCode: body.code, channel };
    await lockTill(tx, at);
    const last = await lastFileOn(tx, at);
    const yesterday = addDays(deps.civilClock.today().toString(), -1);
    const from = last === undefined ? till.from : addDays(last, 1);
    const windows = fileWindows({ ...till, from }, yesterday).slice(0, atOnce);
    let records = 0;
    for (const { businessOn, since } of windows) {
      const staged = till.confirmAfter > 0;
      const events = await eventsOfTill(tx, { ...at, since, until: businessOn, staged });
      const content = writePaymentFile({
        channel,
        sender: till.sender,
        bodyCode: body.code,
        businessOn,
        sequence: 1,
        payments: events.map(writtenOf),
      });
      const totalYen = events.reduce((all, e) => all + e.amountYen, 0);
      await insertFile(tx, { ...at, businessOn, content, records: events.length, totalYen });
      records += events.length;
    }
    tx.record({
      event: 'files.written',
      ...(windows.length > 0 ? { facts: ['payments.file'] } : {}),
      detail: { channel, files: windows.length, records },
    });
    return ok({ files: windows.length });
  },
});

const writtenOf = (e: TillEvent): WrittenPayment => ({
  stage: e.what,
  paidOn: e.paidOn,
  amount: e.amountYen,
  key: e.key,
  second: e.second,
});

/** Whether a till has a day to write. Asked before the act, so that an idle agency leaves no trace every second. */
export const tillsToClose = look('payments.tills-to-close', {
  right: ['payments', 'file', 'update'],
  async run(tx, deps: Deps): Promise<readonly { readonly body: Body; readonly channel: PaymentChannel }[]> {
    const yesterday = addDays(deps.civilClock.today().toString(), -1);
    const found: { body: Body; channel: PaymentChannel }[] = [];
    for (const body of deps.bodies)
      for (const till of deps.tills) {
        const last = await lastFileOn(tx, { bodyCode: body.code, channel: till.channel });
        const from = last === undefined ? till.from : addDays(last, 1);
        if (fileWindows({ ...till, from }, yesterday).length > 0) found.push({ body, channel: till.channel });
      }
    return found;
  },
});

/** Files that the ward has not taken, and those that are sent a second time. */
const openFiles = look('payments.open-files', {
  right: ['payments', 'file', 'update'],
  async run(tx, deps: Deps): Promise<readonly OpenFile[]> {
    const files = await undelivered(tx, { copies: deps.manners.doubled > 0 ? 2 : 1, limit: 200 });
    return files.filter((f) => f.taken < (fateOfFile(deps, f).doubled ? 2 : 1));
  },
});

const fateOfFile = (deps: Deps, file: OpenFile) =>
  fateOf(deps.seed, deps.manners, {
    key: `${file.bodyCode} ${file.channel} ${file.businessOn}`,
    bytes: file.content.length,
  });

const noteDelivery = act('payments.note-delivery', {
  right: ['payments', 'file', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly file: OpenFile; readonly bytes: number; readonly outcome: 'taken' | 'repeated' | 'refused' },
  ): Promise<Result<null, never>> {
    const { bodyCode, channel, businessOn } = command.file;
    await insertDelivery(tx, {
      bodyCode,
      channel,
      businessOn,
      deliveryId: deps.newId(),
      bytes: command.bytes,
      outcome: command.outcome,
      triedOn: deps.civilClock.today().toString(),
    });
    tx.record({
      event: 'file.delivered',
      facts: ['payments.delivery'],
      recipient: bodyCode,
      detail: { channel, businessOn, bytes: command.bytes, outcome: command.outcome },
    });
    return ok(null);
  },
});

const openLists = look('payments.open-remittances', {
  right: ['payments', 'file', 'update'],
  run: (tx, _deps: Deps): Promise<readonly Told[]> => untold(tx, 200),
});
const noteTold = act('payments.note-remittance', {
  right: ['payments', 'file', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly list: Told; readonly outcome: 'taken' | 'repeated' | 'refused' },
  ): Promise<Result<null, never>> {
    const { paymentId, bodyCode, lines } = command.list;
    const on = deps.civilClock.today().toString();
    await insertTold(tx, { paymentId, outcome: command.outcome, on });
    tx.record({
      event: 'remittance.told',
      facts: ['payments.remittance_told'],
      recipient: bodyCode,
      detail: { payment: paymentId, lines: lines.length, outcome: command.outcome },
    });
    return ok(null);
  },
});
async function tellRemittances(deps: Deps, actor: Actor): Promise<number> {
  const lists = await openLists(deps, actor, {});
  let told = 0;
  for (const list of lists.ok ? lists.value : []) {
    const body = deps.bodies.find((b) => b.code === list.bodyCode);
    if (body === undefined) continue;
    await noteTold(deps, actor, { list, outcome: await deps.wards.tell(body, list) });
    told += 1;
  }
  return told;
}

/**
 * One round: writes what is due and hands it over, each file as its fate says: late, cut off first, twice. A file whose answer was lost
 * is offered again; the ward counts it once.
 */
export async function deliverRound(deps: Deps, actor: Actor): Promise<{ written: number; offered: number }> {
  const due = await tillsToClose(deps, actor, {});
  let written = 0;
  for (const till of due.ok ? due.value : []) {
    const done = await writeFiles(deps, actor, till);
    if (done.ok) written += done.value.files;
  }
  // An employer's list comes before the file with its payment: then the body knows for whom the money is.
  let offered = await tellRemittances(deps, actor);
  const files = await openFiles(deps, actor, {});
  for (const file of files.ok ? files.value : []) {
    const body = deps.bodies.find((b) => b.code === file.bodyCode);
    const fate = fateOfFile(deps, file);
    const comesOn = addDays(file.businessOn, 1 + fate.lateDays);
    if (body === undefined || deps.civilClock.today().toString() < comesOn) continue;
    const bytes = fate.cutAt !== undefined && file.tries === 0 ? fate.cutAt : file.content.length;
    const channel = file.channel as PaymentChannel;
    const outcome = await deps.wards.deliver(body, { channel, content: file.content.subarray(0, bytes) });
    await noteDelivery(deps, actor, { file, bytes, outcome });
    offered += 1;
  }
  return { written, offered };
}

export const readFiles = look('payments.read-files', {
  right: ['payments', 'file', 'read'],
  run: (tx, _deps: Deps, query: { readonly bodyCode: string; readonly from: string }): Promise<readonly FileState[]> =>
    fileStates(tx, query),
});
