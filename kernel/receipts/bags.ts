import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { nextNumber, type ReceiptDeps, receipts } from './receipts.ts';

/* 送付簿・交換便: papers travel between offices under a bag's number with their list, and are taken over by name. */

/** Days after which a bag that nobody took over stops its office from sending another. */
export const openBagDays = 3;

export interface Bag {
  readonly bagNumber: string;
  readonly fromOffice: string;
  readonly toOffice: string;
  readonly sentBy: string;
  readonly sentOn: string;
  readonly receipts: readonly string[];
  readonly takenOverBy: string | null;
  /** The last difference that was found, while it is not settled. */
  readonly missing: readonly string[] | null;
  readonly surplus: readonly string[] | null;
}

export async function bags(
  tx: Tx,
  query: { readonly bagNumber?: string; readonly onlyOpen?: boolean; readonly offset: number; readonly limit: number },
): Promise<Bag[]> {
  const { bagNumber = null, onlyOpen = false, offset, limit } = query;
  return tx<Bag>`
    select b.bag_number as "bagNumber", b.from_office as "fromOffice", b.to_office as "toOffice", b.sent_by as "sentBy",
           b.sent_on::text as "sentOn",
           array(select i.receipt_number from receipts.bag_item i where i.bag_number = b.bag_number order by 1) as receipts,
           t.by_staff as "takenOverBy", case when t.bag_number is null then d.missing end as missing,
           case when t.bag_number is null then d.surplus end as surplus
      from receipts.bag b
      left join receipts.bag_outcome t on t.bag_number = b.bag_number and t.outcome = 'taken-over'
      left join lateral (select * from receipts.bag_outcome o where o.bag_number = b.bag_number and o.outcome = 'differs'
                          order by o.at desc limit 1) d on true
     where (${bagNumber}::text is null or b.bag_number = ${bagNumber}::text) and (not ${onlyOpen}::boolean or t.bag_number is null)
     order by b.sent_on desc, b.bag_number desc limit ${limit} offset ${offset}`;
}

export type SendBagError =
  | 'nothing-in-bag'
  | 'not-in-receipt-ledger'
  | 'receipt-in-bag'
  | 'not-at-that-office'
  | 'old-bag-open';

/** Packs and sends. An office whose earlier bag was not taken over in time, or differs, sends no other. Facts: receipts.bag. */
export async function sendBag(
  tx: Tx,
  deps: ReceiptDeps,
  b: { readonly from: string; readonly to: string; readonly receipts: readonly string[]; readonly by: string },
): Promise<Result<{ readonly bagNumber: string }, SendBagError>> {
  const numbers = [...new Set(b.receipts)].sort();
  if (numbers.length === 0 || b.from === b.to) return err('nothing-in-bag');
  const today = deps.civilClock.today();
  const old = (await bags(tx, { onlyOpen: true, offset: 0, limit: 1_000 })).some(
    (bag) =>
      bag.fromOffice === b.from &&
      (bag.missing !== null || Temporal.PlainDate.from(bag.sentOn).until(today).days > openBagDays),
  );
  if (enforced('media.dispatch-bag') && old) return err('old-bag-open');
  for (const receiptNumber of numbers) {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`receipts:${receiptNumber}`}, 0))`;
    const [receipt] = await receipts(tx, { receiptNumber, offset: 0, limit: 1 });
    if (receipt === undefined) return err('not-in-receipt-ledger');
    if (receipt.bag !== null) return err('receipt-in-bag');
    if (receipt.holder !== b.from) return err('not-at-that-office');
  }
  const bagNumber = await nextNumber(tx, 'B', today.year);
  await tx`
    insert into receipts.bag (bag_number, from_office, to_office, sent_by, sent_on, sent_at, event_id)
    values (${bagNumber}, ${b.from}, ${b.to}, ${b.by}, ${today}, ${deps.machineClock.now()}, ${tx.eventId})`;
  await tx`
    insert into receipts.bag_item (bag_number, receipt_number) select ${bagNumber}, unnest(${numbers}::text[])`;
  return ok({ bagNumber });
}

/**
 * Takes a bag over: what was found is counted against its list, by another person than who sent it. A difference is written down
 * and the bag stays open. Facts: receipts.bag_outcome.
 */
export async function takeOverBag(
  tx: Tx,
  deps: ReceiptDeps,
  t: { readonly bagNumber: string; readonly found: readonly string[]; readonly note: string; readonly by: string },
): Promise<
  Result<
    { readonly takenOver: boolean; readonly missing: readonly string[]; readonly surplus: readonly string[] },
    'no-such-bag' | 'taken-over-already' | 'taker-is-sender'
  >
> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`receipts:bag:${t.bagNumber}`}, 0))`;
  const [bag] = await bags(tx, { bagNumber: t.bagNumber, offset: 0, limit: 1 });
  if (bag === undefined) return err('no-such-bag');
  if (bag.takenOverBy !== null) return err('taken-over-already');
  if (enforced('media.dispatch-bag') && bag.sentBy === t.by) return err('taker-is-sender');
  const missing = bag.receipts.filter((r) => !t.found.includes(r));
  const surplus = [...new Set(t.found)].filter((r) => !bag.receipts.includes(r)).sort();
  const takenOver = !enforced('media.dispatch-bag') || (missing.length === 0 && surplus.length === 0);
  await tx`
    insert into receipts.bag_outcome (outcome_id, bag_number, outcome, missing, surplus, note, by_staff, at, event_id)
    values (${deps.newId()}, ${t.bagNumber}, ${takenOver ? 'taken-over' : 'differs'}, ${missing}::text[], ${surplus}::text[], ${t.note},
      ${t.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok({ takenOver, missing, surplus });
}
