import type { Town } from '@musubi/collections/test/a-town.ts';
import type { Truth } from './month.ts';

/** What the books owe to what really happened. Sums over a town's months are carried from one look to the next. */
const cashOf = new WeakMap<Town, number>();

/** Holds the books against the truth of the month that just ended; each broken promise in words. */
export async function findViolations(town: Town, truth: Truth): Promise<readonly string[]> {
  const found: string[] = [];
  const one = async (query: string, values: unknown[] = []): Promise<Record<string, number | string | null>> =>
    (await town.t.owner(query, values))[0] as Record<string, number | string | null>;

  const cash = (cashOf.get(town) ?? 0) + truth.cashYen;
  cashOf.set(town, cash);
  const booked =
    await one(`select coalesce(sum(amount_yen), 0)::bigint::text as yen from collections.posting p join collections.entry e using (entry_no)
    where ledger = 'cash' and e.kind <> 'refund-paid'`);
  if (Number(booked.yen) !== cash) found.push(`money lost or made: ${booked.yen} in the books, ${cash} paid`);

  const sum = await one('select coalesce(sum(amount_yen), 0)::bigint::text as yen from collections.posting');
  if (Number(sum.yen) !== 0) found.push(`the books do not balance: ${sum.yen}`);

  const differing =
    await one(`select count(*)::int as n from collections.charge_state s full join collections.state_from_books b using (charge_id)
    where (s.ward_open, s.metropolitan_open, s.forest_open, s.fee_open, s.interest_open) is distinct from
      (coalesce(b.ward_open,0), coalesce(b.metropolitan_open,0), coalesce(b.forest_open,0), coalesce(b.fee_open,0), coalesce(b.interest_open,0))`);
  if (differing.n !== 0) found.push(`${differing.n} charges differ from the books`);

  const files = await one(`select count(*)::int as n from collections.payment_file f
    where total_yen <> posted_yen + suspense_yen + rejected_yen + noted_yen
       or records <> (select count(*) from collections.payment_record r where r.file_id = f.file_id)`);
  if (files.n !== 0) found.push(`${files.n} files do not balance`);

  // A reminder that went to the post for a charge that was paid by the cut-off, or whose money stood in suspense unseen.
  const posted = await town.t.owner<{ id: string; until: string }>(
    `select l.charge_id as id, r.paid_until::text as until from collections.reminder_letter l join collections.reminder_run r using (run_id)
       join collections.reminder_step t on t.letter_id = l.letter_id and t.step = 'posted'`,
  );
  for (const { id, until } of posted) {
    const paidOn = truth.paid.get(id);
    if (paidOn !== undefined && paidOn <= until) found.push('a reminder went out for a charge that had been paid');
    if (truth.unclear.has(id)) found.push('a reminder went out while money of the same amount stood in suspense');
  }

  const twice = await one(`select count(*)::int as n from (
    select slip_no from collections.debit_order d join collections.payment_record r using (slip_no) where r.outcome = 'posted'
     group by slip_no having count(*) > 1) as x`);
  if (twice.n !== 0) found.push(`${twice.n} debits were posted twice`);
  const debited = await one(
    `select coalesce(sum(r.amount_yen), 0)::bigint::text as yen from collections.payment_record r join collections.slip s using (slip_no)
      where s.case_key = any ($1) and r.outcome = 'posted'`,
    [[...truth.debited.keys()]],
  );
  const bank = [...truth.debited.values()].reduce((all, yen) => all + yen, 0);
  if (Number(debited.yen) !== bank) found.push(`the bank debited ${bank}, the books say ${debited.yen}`);

  const refunds = await one(`select count(*)::int as n from (
    select o.overpayment_no from collections.overpayment o left join collections.posting p
        on p.overpayment_no = o.overpayment_no and p.ledger = 'overpaid'
     group by o.overpayment_no having coalesce(sum(p.plain_yen), 0) > 0) as x`);
  if (refunds.n !== 0) found.push(`${refunds.n} overpayments were paid back more than once`);
  return found;
}
