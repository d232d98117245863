import { act } from '@musubi/kernel/db/act.ts';
import { type Bag, bags, type SendBagError, sendBag, takeOverBag } from '@musubi/kernel/receipts/bags.ts';
import {
  countReceipts,
  type Receipt,
  type ReceiptChannel,
  receipts,
  registerReceipt,
} from '@musubi/kernel/receipts/receipts.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

export type { Bag, Receipt };

/** Offices between which papers travel. */
export const offices = ['認定担当', '給付担当', '文書保管担当'] as const;

/** 収受簿 and 送付簿, page by page. */
export const showPapers = act('child-chronic.show-papers', {
  right: ['child-chronic', 'receipt', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { onlyOpen: boolean; offset: number; limit: number },
  ): Promise<Result<{ rows: readonly Receipt[]; total: number; openBags: readonly Bag[] }, never>> {
    const rows = await receipts(tx, query);
    tx.record({ event: 'receipts.listed', detail: { count: rows.length } });
    return ok({
      rows,
      total: await countReceipts(tx, query.onlyOpen),
      openBags: await bags(tx, { onlyOpen: true, offset: 0, limit: 100 }),
    });
  },
});

export const takeInPapers = act('child-chronic.take-in-papers', {
  right: ['child-chronic', 'receipt', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      receivedOn: string;
      sender: string;
      documents: readonly string[];
      sheets: number;
      channel: ReceiptChannel;
      holder: string;
    },
    actor,
  ): Promise<Result<{ receiptNumber: string }, 'documents-missing' | 'received-in-future' | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const receivedOn = Temporal.PlainDate.from(command.receivedOn);
    const made = await registerReceipt(tx, deps, { ...command, receivedOn, by: actor.staffId });
    if (!made.ok) return made;
    tx.record({
      event: 'receipt.registered',
      facts: ['receipts.receipt'],
      detail: { receipt: made.value.receiptNumber, channel: command.channel },
    });
    return made;
  },
});

export const sendPapers = act('child-chronic.send-papers', {
  right: ['child-chronic', 'receipt', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { from: string; to: string; receipts: readonly string[] },
    actor,
  ): Promise<Result<{ bagNumber: string }, SendBagError | 'not-staff'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const sent = await sendBag(tx, deps, { ...command, by: actor.staffId });
    if (!sent.ok) return sent;
    tx.record({
      event: 'bag.sent',
      facts: ['receipts.bag'],
      detail: { bag: sent.value.bagNumber, papers: command.receipts.length },
    });
    return sent;
  },
});

export const takeOverPapers = act('child-chronic.take-over-papers', {
  right: ['child-chronic', 'receipt', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { bagNumber: string; found: readonly string[]; note: string },
    actor,
  ): Promise<
    Result<
      { takenOver: boolean; missing: readonly string[]; surplus: readonly string[] },
      'no-such-bag' | 'taken-over-already' | 'taker-is-sender' | 'not-staff'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const taken = await takeOverBag(tx, deps, { ...command, by: actor.staffId });
    if (!taken.ok) return taken;
    tx.record({
      event: taken.value.takenOver ? 'bag.taken-over' : 'bag.differs',
      facts: ['receipts.bag_outcome'],
      detail: { bag: command.bagNumber, missing: taken.value.missing.length, surplus: taken.value.surplus.length },
    });
    return taken;
  },
});
