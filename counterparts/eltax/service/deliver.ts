import type {
  DeliveryCover,
  DeliveryOutcome,
  deliveryBalance,
  fetchDelivery,
  listDeliveries,
} from '@musubi/contracts/eltax/delivery.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  balanceOf,
  deliveriesFor,
  findOutcome,
  insertFetch,
  insertOutcome,
  lockDelivery,
  wasFetched,
} from '../store/deliveries.ts';
import { destinationOf, idOf, storedNow } from './payer.ts';
import { sha256Hex } from './receive.ts';

/** What waits for the caller's municipality. */
export const listForMunicipality = act('eltax.list-deliveries', {
  right: ['eltax', 'delivery', 'read'],
  async run(
    tx,
    deps: Deps,
    query: RequestOf<typeof listDeliveries>,
    actor,
  ): Promise<Result<ResponseOf<typeof listDeliveries>, WordOf<typeof listDeliveries>>> {
    const municipality = destinationOf(actor, deps);
    if (!municipality.ok) return municipality;
    const found = await deliveriesFor(tx, municipality.value, {
      waitingOnly: query.state === 'waiting',
      after: query.after,
      limit: query.limit + 1,
    });
    const deliveries = found.slice(0, query.limit);
    tx.record({ event: 'deliveries.listed', recipient: idOf(actor), detail: { packages: deliveries.length } });
    return ok({ deliveries, more: found.length > query.limit });
  },
});

/** Content and cover of one package. The caller encrypts it to the receiver before it leaves. */
export const openForMunicipality = act('eltax.fetch-delivery', {
  right: ['eltax', 'delivery', 'update'],
  async run(
    tx,
    deps: Deps,
    { deliveryId }: { deliveryId: string },
    actor,
  ): Promise<Result<{ cover: DeliveryCover; file: Buffer }, WordOf<typeof fetchDelivery>>> {
    const municipality = destinationOf(actor, deps);
    if (!municipality.ok) return municipality;
    const delivery = await lockDelivery(tx, deliveryId, municipality.value);
    if (delivery === undefined) return err('no-such-delivery');
    const file = await deps.sealed.open(tx, delivery.fileRef, 'eltax/deliver');
    if (!file.ok) return err('delivery-erased');
    const at = storedNow(deps);
    await insertFetch(tx, { fetchId: deps.newId(), deliveryId, by: idOf(actor), at });
    tx.record({
      event: 'delivery.fetched',
      facts: ['eltax.delivery_fetch'],
      ground: '地方税法第317条の6第1項',
      items: [delivery.procedure],
      recipient: idOf(actor),
      detail: { delivery: deliveryId, reception: delivery.receptionNumber, records: delivery.records },
    });
    return ok({
      file: file.value,
      cover: {
        v: 1,
        deliveryId,
        receptionNumber: delivery.receptionNumber,
        receivedAt: delivery.receivedAt,
        procedure: delivery.procedure,
        incomeYear: delivery.incomeYear,
        payer: { corporateNumber: delivery.payerNumber, name: delivery.payerName },
        municipality: delivery.municipality,
        records: delivery.records,
        summary: delivery.summaries.find((summary) => summary.municipality === delivery.municipality) ?? null,
        fileSha256: sha256Hex(file.value),
        fileLength: file.value.length,
      },
    });
  },
});

export interface Acknowledgement {
  readonly deliveryId: string;
  readonly fileSha256: string;
  readonly outcome: DeliveryOutcome;
}
type AcknowledgeError =
  | 'not-a-destination'
  | 'no-such-delivery'
  | 'never-fetched'
  | 'other-file'
  | 'counts-differ'
  | 'outcome-already-stated';

/** 取込済 or 返戻, once; the same statement again is answered as the first was. */
export const acknowledge = act('eltax.acknowledge-delivery', {
  right: ['eltax', 'delivery', 'update'],
  async run(
    tx,
    deps: Deps,
    { deliveryId, fileSha256, outcome }: Acknowledgement,
    actor,
  ): Promise<Result<{ acknowledgedAt: string }, AcknowledgeError>> {
    const municipality = destinationOf(actor, deps);
    if (!municipality.ok) return municipality;
    const delivery = await lockDelivery(tx, deliveryId, municipality.value);
    if (delivery === undefined) return err('no-such-delivery');
    const former = await findOutcome(tx, deliveryId);
    if (former !== undefined) {
      if (canonicalJson(former.outcome) !== canonicalJson(outcome)) return err('outcome-already-stated');
      tx.record({ event: 'delivery.outcome-repeated', detail: { delivery: deliveryId } });
      return ok({ acknowledgedAt: former.statedAt.toString() });
    }
    if (!(await wasFetched(tx, deliveryId))) return err('never-fetched');
    const file = await deps.sealed.open(tx, delivery.fileRef, 'eltax/acknowledge');
    // After the content's time only the id is left to compare; the outcome is worth more than the comparison.
    if (file.ok && sha256Hex(file.value) !== fileSha256) return err('other-file');
    if (outcome.outcome === 'taken-in' && outcome.accepted + outcome.rejected !== delivery.records)
      return err('counts-differ');
    const at = storedNow(deps);
    await insertOutcome(tx, deliveryId, outcome, idOf(actor), at);
    tx.record({
      event: `delivery.${outcome.outcome}`,
      facts: ['eltax.delivery_outcome'],
      recipient: idOf(actor),
      detail: {
        delivery: deliveryId,
        reception: delivery.receptionNumber,
        ...(outcome.outcome === 'taken-in'
          ? { accepted: outcome.accepted, rejected: outcome.rejected }
          : { reason: outcome.reason }),
      },
    });
    return ok({ acknowledgedAt: at.toString() });
  },
});

/** Receptions = taken in + returned + waiting (INC-22): what a levy run is gated by. */
export const balance = act('eltax.delivery-balance', {
  right: ['eltax', 'delivery', 'read'],
  async run(
    tx,
    deps: Deps,
    { procedure, incomeYear }: RequestOf<typeof deliveryBalance>,
    actor,
  ): Promise<Result<ResponseOf<typeof deliveryBalance>, WordOf<typeof deliveryBalance>>> {
    const municipality = destinationOf(actor, deps);
    if (!municipality.ok) return municipality;
    const { rows, underExamination } = await balanceOf(tx, municipality.value, procedure, incomeYear);
    const of = (state: string) =>
      rows.find((row) => row.state === state) ?? { packages: 0, records: 0, accepted: 0, rejected: 0 };
    const counts = ({ packages, records }: { packages: number; records: number }) => ({ packages, records });
    const total = {
      packages: rows.reduce((sum, row) => sum + row.packages, 0),
      records: rows.reduce((sum, row) => sum + row.records, 0),
    };
    const taken = of('taken-in');
    tx.record({ event: 'deliveries.balanced', recipient: idOf(actor), detail: { ...total, incomeYear } });
    return ok({
      municipality: municipality.value,
      total,
      waiting: counts(of('waiting')),
      takenIn: { ...counts(taken), accepted: taken.accepted, rejected: taken.rejected },
      returned: counts(of('returned')),
      underExamination,
    });
  },
});
