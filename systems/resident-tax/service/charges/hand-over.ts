import { type Charge, chargeBatches } from '@musubi/contracts/collections/charge.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Peer } from '@musubi/kernel/streams/ports.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import * as store from '../../store/charges.ts';
import { chargeUpdate } from '../assessment/functions.ts';
import { type ChargeDeps, chargeDecided, charger, lookAtCharging } from './charge-decided.ts';

export interface HandOverDeps extends ChargeDeps {
  readonly outbox: Outbox;
  /** Instance id of the ward's collections: `meguro/collections`. Without it the charges stand here and wait. */
  readonly collections: Peer | undefined;
}

/** All batches are one row: a later revision never overtakes an earlier one. */
const oneRow = 'charges';
const chargesAtOnce = 400;

/**
 * 調定の引渡し: up to 400 revisions in one message, which leaves when this act's facts are there, and each revision once.
 * Name and address are those of the day; collections writes to the person with them.
 */
export const handOverCharges = act('resident-tax.hand-over-charges', {
  right: chargeUpdate,
  async run(tx, deps: HandOverDeps, { receiver }: { readonly receiver: Peer }) {
    await store.lockCharges(tx);
    const revisions = await store.toHandOver(tx, chargesAtOnce);
    const persons = await addressees(tx, [...new Set(revisions.map((row) => row.personId))]);
    const charges = revisions.map((row) => {
      const person = persons.get(row.personId);
      if (person === undefined) throw new Error('a charge without its person');
      return chargeOf(row, person);
    });
    if (charges.length > 0) {
      const message = { batchId: deps.newId(), charges };
      const [messageId] = await deps.outbox.enqueueBulk(tx, receiver, chargeBatches, [{ subject: oneRow, message }]);
      await store.insertHandovers(tx, messageId as string, revisions);
    }
    tx.record({
      event: 'charges.handed-over',
      ground: '地方自治法 第231条',
      recipient: receiver,
      subjects: [...persons.keys()],
      items: ['地方税関係情報'],
      ...(charges.length > 0 ? { facts: ['resident_tax.charge_handover'] } : {}),
      detail: { charges: charges.length },
    });
    return ok({ handedOver: charges.length });
  },
});

/** A stored revision as collections reads it; amounts absolute, the whole of the charge. */
export function chargeOf(row: store.ChargedRevision, person: Addressee): Charge {
  const slip =
    row.caseKey === null ||
    row.confirmationNumber === null ||
    row.convenienceReference === null ||
    row.payableUntil === null
      ? null
      : {
          caseKey: row.caseKey,
          confirmationNumber: row.confirmationNumber,
          convenienceReference: row.convenienceReference,
          payableUntil: row.payableUntil,
        };
  return {
    chargeId: row.chargeId,
    revision: row.revision,
    tax: 'inhabitant-tax',
    taxYear: row.fiscalYear,
    fiscalYear: row.fiscalYear,
    method: row.method,
    instalment: row.instalment,
    noticeNumber: row.noticeNumber,
    dueOn: row.dueOn,
    legalDueOn: row.legalDueOn,
    items: { wardTax: row.wardYen, metropolitanTax: row.metropolisYen, forestTax: row.forestYen },
    slip,
    collector:
      row.designationNumber === null
        ? null
        : {
            designationNumber: row.designationNumber,
            name: row.collectorName ?? row.designationNumber,
            ...(row.collectorAddress ? { address: { postalCode: null, text: row.collectorAddress } } : {}),
          },
    payer: {
      orgPersonNumber: person.orgPersonNumber,
      name: person.name,
      nameKana: person.nameKana,
      postalCode: person.postalCode === null || !/^[0-9]{7}$/.test(person.postalCode) ? null : person.postalCode,
      address: person.address,
    },
    decision: { assessmentId: row.assessmentId, decidedOn: row.decidedOn, reason: row.reason },
  };
}

/** One step of the loop: charges what was decided, then tells collections. A crash between the two loses nothing. */
export async function chargeNext(deps: HandOverDeps): Promise<'more' | 'idle'> {
  const waiting = await lookAtCharging(deps, charger, undefined);
  if (!waiting.ok) throw new Error(waiting.error);
  if (waiting.value.toCharge) {
    const done = await chargeDecided(deps, charger, undefined);
    if (!done.ok) throw new Error(done.error);
    return 'more';
  }
  if (!waiting.value.toHandOver || deps.collections === undefined) return 'idle';
  const done = await handOverCharges(deps, charger, { receiver: deps.collections });
  if (!done.ok) throw new Error(done.error);
  return 'more';
}
