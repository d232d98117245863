import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import type { OpenCharge } from '../domain/allocation.ts';

export interface Overpayment {
  readonly overpaymentNo: number;
  readonly personNumber: string;
  readonly chargeId: string;
  readonly cause: string;
  readonly amountYen: number;
  readonly paidOn: string;
  readonly aroseOn: string;
  /** What the books say is still to be paid back. */
  readonly leftYen: number;
}
/** Waits for its turn on an overpayment: of two clerks one refunds it. */
export async function lockOverpayment(tx: Tx, overpaymentNo: number): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections overpayment ${overpaymentNo}`}, 0))`;
}
export async function overpayments(
  tx: Tx,
  query: { overpaymentNo?: number; personNumber?: string; openOnly?: boolean; limit?: number } = {},
): Promise<readonly Overpayment[]> {
  const { overpaymentNo = null, personNumber = null, openOnly = false, limit = 200 } = query;
  return tx<Overpayment>`
    select o.overpayment_no as "overpaymentNo", o.person_number as "personNumber", o.charge_id as "chargeId", o.cause,
           o.amount_yen as "amountYen", o.paid_on::text as "paidOn", o.arose_on::text as "aroseOn", -p.yen as "leftYen"
      from collections.overpayment o
           cross join lateral (select coalesce(sum(plain_yen), 0)::bigint as yen from collections.posting p
                                where p.overpayment_no = o.overpayment_no and p.ledger = 'overpaid') as p
     where (${overpaymentNo}::bigint is null or o.overpayment_no = ${overpaymentNo}::bigint)
       and (${personNumber}::text is null or o.person_number = ${personNumber}::text)
       and (not ${openOnly}::boolean or p.yen < 0)
     order by o.arose_on, o.overpayment_no limit ${limit}`;
}

/** Arrears of a person that an overpayment is put on before anything is paid out. */
export async function arrearsOf(tx: Tx, personNumber: string, today: string): Promise<readonly OpenCharge[]> {
  const rows = await tx<{
    chargeId: string;
    dueOn: string;
    legalDueOn: string;
    ward: number;
    metropolitan: number;
    forest: number;
    fee: number;
    interest: number;
  }>`
    select s.charge_id as "chargeId", s.due_on::text as "dueOn", c.legal_due_on::text as "legalDueOn", ward_open as ward,
           metropolitan_open as metropolitan, forest_open as forest, fee_open as fee, interest_open as interest
      from collections.charge_state s join collections.charge c using (charge_id)
     where s.person_number = ${personNumber} and s.due_on < ${today}::date and s.method = 'ordinary'
       and ward_open + metropolitan_open + forest_open + fee_open + interest_open > 0
     order by s.due_on, s.charge_id for update of s`;
  return rows.map(({ chargeId, dueOn, legalDueOn, ...open }) => ({ chargeId, dueOn, legalDueOn, open }));
}

export interface Refund {
  readonly refundId: string;
  readonly approvalId: string;
  readonly overpaymentNo: number;
  readonly personNumber: string;
  readonly principalYen: number;
  readonly interestYen: number;
  readonly appropriatedYen: number;
  readonly paidOutYen: number;
  readonly cause: string;
  readonly factOn: string;
  readonly evidence: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
  readonly returnReason: string | null;
  readonly customerCode: string | null;
  readonly outcome: string | null;
}
export async function insertRefund(
  tx: Tx,
  r: Omit<Refund, 'proposedAt' | 'decidedBy' | 'decidedOn' | 'returnReason' | 'customerCode' | 'outcome'> & {
    interest: object;
    ratesVersion: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into collections.refund (refund_id, approval_id, overpayment_no, attempt, person_number, principal_yen, interest_yen,
      appropriated_yen, paid_out_yen, cause, fact_on, evidence, interest, rates_version, proposed_by, proposed_at, event_id)
    select ${r.refundId}, ${r.approvalId}, ${r.overpaymentNo}, count(*) + 1, ${r.personNumber}, ${r.principalYen}, ${r.interestYen},
      ${r.appropriatedYen}, ${r.paidOutYen}, ${r.cause}, ${r.factOn}::date, ${r.evidence}, ${json(r.interest)}, ${r.ratesVersion},
      ${r.proposedBy}, ${r.at}, ${tx.eventId}
      from collections.refund where overpayment_no = ${r.overpaymentNo}`;
}
export async function refunds(
  tx: Tx,
  query: { refundId?: string; overpaymentNo?: number; personNumber?: string; open?: boolean; limit?: number } = {},
): Promise<readonly Refund[]> {
  const { refundId = null, overpaymentNo = null, personNumber = null, open = false, limit = 200 } = query;
  return tx<Refund>`
    select r.refund_id as "refundId", r.approval_id as "approvalId", r.overpayment_no as "overpaymentNo",
           r.person_number as "personNumber", r.principal_yen as "principalYen", r.interest_yen as "interestYen",
           r.appropriated_yen as "appropriatedYen", r.paid_out_yen as "paidOutYen", r.cause, r.fact_on::text as "factOn", r.evidence,
           r.proposed_by as "proposedBy", to_json(r.proposed_at)#>>'{}' as "proposedAt", d.decided_by as "decidedBy",
           d.decided_on::text as "decidedOn", x.reason as "returnReason", o.customer_code as "customerCode", u.outcome
      from collections.refund r left join collections.refund_decision d using (refund_id)
           left join collections.refund_return x using (refund_id)
           left join lateral (select * from collections.refund_order n where n.refund_id = r.refund_id
                               order by n.attempt desc limit 1) as o on true
           left join collections.refund_outcome u using (customer_code)
     where (${refundId}::uuid is null or r.refund_id = ${refundId}::uuid)
       and (${overpaymentNo}::bigint is null or r.overpayment_no = ${overpaymentNo}::bigint)
       and (${personNumber}::text is null or r.person_number = ${personNumber}::text)
       and (not ${open}::boolean or (d.refund_id is null and x.refund_id is null))
     order by r.proposed_at desc limit ${limit}`;
}
export async function insertRefundReturn(tx: Tx, r: { refundId: string; reason: string; by: string }): Promise<void> {
  await tx`insert into collections.refund_return (refund_id, reason, returned_by, event_id)
    values (${r.refundId}, ${r.reason}, ${r.by}, ${tx.eventId})`;
}
export async function insertRefundDecision(
  tx: Tx,
  d: { refundId: string; overpaymentNo: number; by: string; on: string; at: Temporal.Instant },
): Promise<void> {
  await tx`insert into collections.refund_decision (refund_id, overpayment_no, decided_by, decided_on, decided_at, event_id)
    values (${d.refundId}, ${d.overpaymentNo}, ${d.by}, ${d.on}::date, ${d.at}, ${tx.eventId})`;
}
/** The next order of a refund; `reason` says why there is another after the first. */
export async function insertRefundOrder(
  tx: Tx,
  o: { refundId: string; customerCode: string; yen: number; on: string; reason: string | null },
): Promise<void> {
  await tx`insert into collections.refund_order (refund_id, attempt, customer_code, amount_yen, ordered_on, reason, event_id)
    select ${o.refundId}, count(*) + 1, ${o.customerCode}, ${o.yen}, ${o.on}::date, ${o.reason}, ${tx.eventId}
      from collections.refund_order where refund_id = ${o.refundId}`;
}
export interface RefundOrder {
  readonly refundId: string;
  readonly customerCode: string;
  readonly personNumber: string;
  readonly amountYen: number;
  readonly orderedOn: string;
}
/** Orders of which nobody has said yet what became of them. */
export async function openRefundOrders(tx: Tx, limit: number): Promise<readonly RefundOrder[]> {
  return tx<RefundOrder>`
    select o.refund_id as "refundId", o.customer_code as "customerCode", r.person_number as "personNumber",
           o.amount_yen as "amountYen", o.ordered_on::text as "orderedOn"
      from collections.refund_order o join collections.refund r using (refund_id)
           left join collections.refund_outcome u using (customer_code)
     where u.customer_code is null order by o.ordered_on, o.customer_code limit ${limit}`;
}
/** Waits for its turn on the orders of a refund: the answer to one and the making of the next exclude each other. */
export async function lockRefundOrders(tx: Tx, refundId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`collections refund ${refundId}`}, 0))`;
}
export async function findRefundOrder(
  tx: Tx,
  customerCode: string,
): Promise<(RefundOrder & { readonly outcome: string | null }) | undefined> {
  const [row] = await tx<RefundOrder & { outcome: string | null }>`
    select o.refund_id as "refundId", o.customer_code as "customerCode", r.person_number as "personNumber",
           o.amount_yen as "amountYen", o.ordered_on::text as "orderedOn", u.outcome
      from collections.refund_order o join collections.refund r using (refund_id)
           left join collections.refund_outcome u using (customer_code)
     where o.customer_code = ${customerCode}`;
  return row;
}
export async function insertRefundOutcome(
  tx: Tx,
  o: { customerCode: string; outcome: 'paid' | 'returned'; on: string },
): Promise<void> {
  await tx`insert into collections.refund_outcome (customer_code, outcome, on_day, event_id)
    values (${o.customerCode}, ${o.outcome}, ${o.on}::date, ${tx.eventId})`;
}
