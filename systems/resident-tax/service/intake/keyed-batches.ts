import { createHash } from 'node:crypto';
import { act } from '@musubi/kernel/db/act.ts';
import { parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { batchFault } from '../../domain/keyed-batch.ts';
import { shapeOf, withoutLongNumbers } from '../../domain/report-file.ts';
import {
  addAnnounced,
  addIntake,
  announcedBatch,
  findIntakeOfDelivery,
  lockDelivery,
  nextBatchNumber,
} from '../../store/intake-files.ts';

export interface OrderKeying {
  readonly incomeYear: number;
  /** 帳票 handed to the contractor, numbered from 1. */
  readonly sheets: number;
  readonly contractor: { readonly corporateNumber: string; readonly name: string };
}

/**
 * 入力の発注: paper 住民税申告書 go to a contractor. The order is noted before anything comes back, so that a batch that never returns
 * stands on the first page and stops the levy (INC-22).
 */
export const orderKeying = act('resident-tax.order-keying', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { incomeYear, sheets, contractor }: OrderKeying) {
    if (!Number.isInteger(sheets) || sheets < 1 || sheets > 100_000) return err('no-sheets');
    if (!parseCorporateNumber(contractor.corporateNumber).ok) return err('no-such-contractor');
    if (contractor.name.trim() === '') return err('no-such-contractor');
    const today = deps.civilClock.today();
    const deliveryId = deps.newId();
    const batchNumber = await nextBatchNumber(tx, today);
    const announced = {
      deliveryId,
      receptionNumber: batchNumber,
      procedure: 'ward-return' as const,
      incomeYear,
      payerNumber: contractor.corporateNumber,
      payerName: contractor.name.trim(),
      records: sheets,
    };
    await addAnnounced(tx, [announced], today);
    tx.record({
      event: 'keying.ordered',
      facts: ['resident_tax.announced_delivery'],
      recipient: contractor.corporateNumber,
      detail: { batch: batchNumber, sheets },
    });
    return ok({ deliveryId, batchNumber });
  },
});

/**
 * 納品: the contractor's file, whole or not at all. A file that is not the whole batch is not stored: the contractor delivers again.
 * Sheets whose two entries differ come out as rejects when the records are taken in.
 *
 * @law 番号利用法 第10条, 第11条 (委託); 地方税法 第317条の2
 */
export const receiveKeyedBatch = act('resident-tax.receive-keyed-batch', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { deliveryId, file }: { readonly deliveryId: string; readonly file: Uint8Array }) {
    await lockDelivery(tx, deliveryId);
    const order = await announcedBatch(tx, deliveryId);
    if (order === undefined) return err('no-such-batch');
    if ((await findIntakeOfDelivery(tx, deliveryId)) !== undefined) return err('already-delivered');
    const shape = shapeOf(file);
    const fault = shape.fault ?? batchFault(file, order.batchNumber, order.sheets);
    if (fault !== undefined) return err(fault);
    const sealed = await deps.sealed.seal(tx, file, {
      kind: 'tax-document-file',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/receive',
    });
    const intakeId = deps.newId();
    await addIntake(tx, {
      intakeId,
      deliveryId,
      receptionNumber: order.batchNumber,
      cover: '',
      incomeYear: order.incomeYear,
      sealedRef: sealed.ref,
      sizeBytes: file.length,
      maskedDigest: createHash('sha256').update(withoutLongNumbers(file)).digest(),
      recordCount: shape.records,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'keying.delivered',
      ground: '地方税法第317条の2第1項',
      facts: ['resident_tax.intake'],
      detail: { intake: intakeId, batch: order.batchNumber, sheets: shape.records },
    });
    return ok({ intakeId });
  },
});
