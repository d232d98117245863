import type { Charge, ChargeBatch } from '@musubi/contracts/collections/charge.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../../deps.ts';
import { changeOf } from '../../domain/allocation.ts';
import { type Items, minus, negative, taxItems, taxOf, totalOf } from '../../domain/items.ts';
import {
  changeState,
  insertCharges,
  insertRevisions,
  insertStates,
  type LatestRevision,
  latestRevisions,
  lockStates,
  type NewRevision,
  noteCollector,
  notePayer,
} from '../../store/charges.ts';
import { numbersOf } from '../../store/copy.ts';
import { insertOverpayments } from '../../store/files.ts';
import { journalBatches, journalFacts, type Line, type NewEntry, writeEntries } from '../../store/journal.ts';
import { taxPayments } from '../../store/office.ts';
import { insertSlips, type Slip, slipsOfCharges } from '../../store/slips.ts';

export type ChargeRefusal = 'revision-missing' | 'revision-reused' | 'charge-differs' | 'closed-year';

/** 調定: takes one charge or its change into the books (COL-F1, W07). */
export const applyCharge = act('collections.apply-charge', {
  right: ['collections', 'charge', 'update'],
  async run(tx, deps: Deps, { message }: Received<Charge>) {
    return enter(tx, deps, [message]);
  },
});

/** Many charges of one run, whole or not at all. */
export const applyChargeBatch = act('collections.apply-charge-batch', {
  right: ['collections', 'charge', 'update'],
  async run(tx, deps: Deps, { message }: Received<ChargeBatch>) {
    return enter(tx, deps, message.charges);
  },
});

async function enter(
  tx: Tx,
  deps: Deps,
  charges: readonly Charge[],
): Promise<Result<{ entered: number; changed: number; repeated: number }, ChargeRefusal>> {
  for (const id of charges.map((c) => c.chargeId).sort())
    await tx`select pg_advisory_xact_lock(hashtextextended(${`collections charge ${id}`}, 0))`;
  const known = new Map(
    (
      await latestRevisions(
        tx,
        charges.map((c) => c.chargeId),
      )
    ).map((r) => [r.chargeId, r]),
  );
  const fresh: Charge[] = [];
  const changes: { charge: Charge; before: LatestRevision }[] = [];
  let repeated = 0;
  for (const charge of charges) {
    const before = known.get(charge.chargeId);
    if (before === undefined) {
      if (charge.revision !== 1) return err('revision-missing');
      fresh.push(charge);
    } else if (charge.revision <= before.revision) {
      if (charge.revision === before.revision && !saysTheSame(charge, before)) return err('revision-reused');
      repeated++;
    } else if (charge.revision !== before.revision + 1) return err('revision-missing');
    else changes.push({ charge, before });
  }
  let payersNoted = 0;
  for (const { payer } of new Map(charges.map((c) => [c.payer.orgPersonNumber, c])).values()) {
    const { orgPersonNumber, ...particulars } = payer;
    if (await notePayer(tx, { personNumber: orgPersonNumber, ...particulars })) payersNoted++;
  }
  const collectors = charges.flatMap(({ collector }) =>
    collector?.address === undefined ? [] : [{ ...collector, address: collector.address }],
  );
  for (const c of new Map(collectors.map((c) => [c.designationNumber, c])).values())
    await noteCollector(tx, {
      designationNumber: c.designationNumber,
      name: c.name,
      postalCode: c.address.postalCode,
      address: c.address.text,
    });
  await enterNew(tx, deps, fresh);
  let overpaid = 0;
  for (const change of changes) overpaid += await enterChange(tx, deps, change.charge, change.before);
  tx.record({
    event: 'charge.entered',
    subjects: [...new Set(charges.map((c) => c.payer.orgPersonNumber))],
    facts: [
      'collections.charge',
      'collections.charge_revision',
      'collections.slip',
      'collections.payer',
      'collections.collector',
      'collections.overpayment',
      ...journalFacts,
    ],
    batches: journalBatches,
    detail: { entered: fresh.length, changed: changes.length, repeated, payersNoted, overpaid },
  });
  return ok({ entered: fresh.length, changed: changes.length, repeated });
}

const saysTheSame = (charge: Charge, known: LatestRevision): boolean =>
  charge.items.wardTax === known.ward &&
  charge.items.metropolitanTax === known.metropolitan &&
  charge.items.forestTax === known.forest &&
  charge.dueOn === known.dueOn &&
  (charge.collector?.designationNumber ?? null) === known.designationNumber &&
  charge.decision.assessmentId === known.assessmentId;

const itemsOf = ({ items }: Charge): Items => taxItems(items.wardTax, items.metropolitanTax, items.forestTax);

const collectorOf = ({ collector }: Charge) => ({
  designationNumber: collector?.designationNumber ?? null,
  collectorName: collector?.name ?? null,
});

const revisionOf = (charge: Charge): NewRevision => {
  const { ward, metropolitan, forest } = itemsOf(charge);
  const { chargeId, revision, dueOn, decision } = charge;
  return {
    chargeId,
    revision,
    dueOn,
    ward,
    metropolitan,
    forest,
    reason: decision.reason,
    assessmentId: decision.assessmentId,
    decidedOn: decision.decidedOn,
    ...collectorOf(charge),
  };
};

async function enterNew(tx: Tx, deps: Deps, charges: readonly Charge[]): Promise<void> {
  const at = deps.machineClock.now();
  await insertCharges(
    tx,
    charges.map((c) => ({
      chargeId: c.chargeId,
      personNumber: c.payer.orgPersonNumber,
      tax: c.tax,
      taxYear: c.taxYear,
      fiscalYear: c.fiscalYear,
      method: c.method,
      instalment: c.instalment,
      noticeNumber: c.noticeNumber,
      legalDueOn: c.legalDueOn,
      ...collectorOf(c),
    })),
  );
  await insertRevisions(tx, charges.map(revisionOf), at);
  await insertStates(
    tx,
    charges.map((c) => ({
      chargeId: c.chargeId,
      personNumber: c.payer.orgPersonNumber,
      method: c.method,
      dueOn: c.dueOn,
      bookYear: c.fiscalYear,
      open: itemsOf(c),
      taxYen: taxOf(itemsOf(c)),
      ...collectorOf(c),
    })),
  );
  await enterSlips(tx, deps, charges);
  const entries = charges
    .filter((c) => totalOf(itemsOf(c)) > 0)
    .map((c): NewEntry => {
      const about = { bookYear: c.fiscalYear, chargeId: c.chargeId };
      return {
        kind: 'charge',
        validOn: c.decision.decidedOn,
        decision: `assessment:${c.decision.assessmentId} revision 1`,
        lines: [
          { ledger: 'receivable', ...about, items: itemsOf(c) },
          { ledger: 'levy', ...about, items: negative(itemsOf(c)) },
        ],
      };
    });
  await writeEntries(tx, entries, at);
}

/** A slip comes with a charge; the number of its issue counts up with each new one of the charge. */
async function enterSlips(tx: Tx, deps: Deps, charges: readonly Charge[]): Promise<void> {
  const withSlip = charges.filter((c) => c.slip !== null && totalOf(itemsOf(c)) > 0);
  const known = Map.groupBy(
    await slipsOfCharges(
      tx,
      withSlip.map((c) => c.chargeId),
    ),
    (s) => s.chargeId,
  );
  const wanted = withSlip.filter((c) => !known.get(c.chargeId)?.some((s) => s.caseKey === c.slip?.caseKey));
  const numbers = await numbersOf(tx, 'collections.slip_no', wanted.length);
  const today = deps.civilClock.today().toString();
  await insertSlips(
    tx,
    wanted.map((c, i): Slip => {
      const slip = c.slip as NonNullable<Charge['slip']>;
      const before = known.get(c.chargeId)?.filter((s) => s.kind === 'slip') ?? [];
      return {
        slipNo: numbers[i]!,
        kind: 'slip',
        chargeId: c.chargeId,
        issue: before.length,
        caseKey: slip.caseKey,
        confirmation: slip.confirmationNumber,
        convenienceReference: slip.convenienceReference,
        amountYen: totalOf(itemsOf(c)),
        payableUntil: slip.payableUntil,
        issuedOn: today,
        reason: c.decision.reason,
      };
    }),
  );
}

/** Gives what has thereby been paid too much. */
async function enterChange(tx: Tx, deps: Deps, charge: Charge, before: LatestRevision): Promise<number> {
  const at = deps.machineClock.now();
  const state = (await lockStates(tx, [charge.chargeId])).get(charge.chargeId)!;
  const charged = itemsOf(charge);
  const was = taxItems(before.ward, before.metropolitan, before.forest);
  const openTax = { ...state.open, fee: 0, interest: 0 };
  const done = changeOf({ charged: was, open: openTax }, charged);
  const lastPaidOn = (await taxPayments(tx, [charge.chargeId])).at(-1)?.paidOn ?? null;
  await insertRevisions(tx, [revisionOf(charge)], at);
  await changeState(tx, {
    chargeId: charge.chargeId,
    dueOn: charge.dueOn,
    taxYen: taxOf(charged),
    open: { ...done.open, fee: state.open.fee, interest: state.open.interest },
    // What was paid may now be all there is, or no longer be all.
    settledOn: taxOf(done.open) > 0 ? null : lastPaidOn,
    ...collectorOf(charge),
  });
  await enterSlips(tx, deps, [charge]);
  const about = { bookYear: state.bookYear, chargeId: charge.chargeId };
  const lines: Line[] = [
    { ledger: 'receivable', ...about, items: minus(done.open, openTax) },
    { ledger: 'levy', ...about, items: minus(was, charged) },
  ];
  if (done.overpaid > 0) {
    const [overpaymentNo] = await numbersOf(tx, 'collections.receipt_no', 1);
    await insertOverpayments(tx, [
      {
        overpaymentNo: overpaymentNo!,
        personNumber: state.personNumber,
        chargeId: charge.chargeId,
        receiptNo: null,
        cause: 'charge-reduced',
        amountYen: done.overpaid,
        paidOn: lastPaidOn ?? charge.dueOn,
        aroseOn: charge.decision.decidedOn,
      },
    ]);
    lines.push({
      ledger: 'overpaid',
      bookYear: state.bookYear,
      overpaymentNo: overpaymentNo!,
      plain: -done.overpaid,
    });
  }
  const decision = `assessment:${charge.decision.assessmentId} revision ${charge.revision}`;
  await writeEntries(tx, [{ kind: 'charge-change', validOn: charge.decision.decidedOn, decision, lines }], at);
  return done.overpaid;
}
