import { createHash } from 'node:crypto';
import type { DeliveryCover } from '@musubi/contracts/eltax/delivery.ts';
import { countFault } from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type FileRefusal, shapeOf, withoutLongNumbers } from '../../domain/report-file.ts';
import {
  addIntake,
  addOutcome,
  announcedProcedure,
  findIntakeOfDelivery,
  lockDelivery,
  similarFiles,
} from '../../store/intake-files.ts';
import { documentReaders } from './document-readers.ts';

/** 国税庁の法人番号. */
export const taxAgency = '7000012050002';

export interface ReceivedDelivery {
  /** As signed; already verified by the client. */
  readonly cover: DeliveryCover;
  readonly coverJws: string;
  readonly file: Uint8Array;
}

/**
 * 受領: one package into the sealed store and the receipt ledger, whole or refused whole. The same delivery again gives what the
 * first time gave. A file that is not what its cover says broke on the way: nothing is stored, and it is fetched again.
 *
 * @law 地方税法 第317条の6 (支払報告書), 第325条 (確定申告書), 附則第7条 (申告特例通知書)
 */
export const receiveDelivery = act('resident-tax.receive-delivery', {
  right: ['resident-tax', 'intake', 'update'],
  async run(tx, deps: Deps, { cover, coverJws, file }: ReceivedDelivery) {
    await lockDelivery(tx, cover.deliveryId);
    const announced = await announcedProcedure(tx, cover.deliveryId);
    if (announced === undefined) return err('not-announced');
    const known = await findIntakeOfDelivery(tx, cover.deliveryId);
    if (known !== undefined) {
      tx.record({ event: 'intake.received-again', detail: { delivery: cover.deliveryId, intake: known.intakeId } });
      return ok({ intakeId: known.intakeId, refusal: known.refusal ?? undefined, isNew: false });
    }
    const sha256 = createHash('sha256').update(file).digest('hex');
    if (sha256 !== cover.fileSha256 || file.length !== cover.fileLength) return err('damaged-on-the-way');

    const shape = shapeOf(file);
    const maskedDigest = createHash('sha256').update(withoutLongNumbers(file)).digest();
    const again = await sameFile(tx, deps, maskedDigest, file);
    const refusal =
      (announced === cover.procedure ? wholeFileFault(deps, cover, shape) : 'other-procedure') ??
      (again === undefined ? undefined : 'same-file-again');

    const intakeId = deps.newId();
    const at = deps.machineClock.now();
    const sealed = await deps.sealed.seal(tx, file, {
      kind: 'tax-document-file',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/receive',
    });
    await addIntake(tx, {
      intakeId,
      deliveryId: cover.deliveryId,
      receptionNumber: cover.receptionNumber,
      cover: coverJws,
      incomeYear: cover.incomeYear,
      sealedRef: sealed.ref,
      sizeBytes: file.length,
      maskedDigest,
      recordCount: shape.records,
      on: deps.civilClock.today(),
      at,
    });
    if (refusal !== undefined) await addOutcome(tx, intakeId, { outcome: 'refused', refusal }, at);
    tx.record({
      event: refusal === undefined ? 'intake.received' : 'intake.refused',
      ground: documentReaders[announced].ground,
      facts: ['resident_tax.intake', ...(refusal === undefined ? [] : ['resident_tax.intake_outcome'])],
      detail: {
        intake: intakeId,
        reception: cover.receptionNumber,
        records: shape.records,
        announced: cover.records,
        ...(refusal === undefined ? {} : { refusal }),
        ...(again === undefined ? {} : { earlier: again }),
      },
    });
    return ok({ intakeId, refusal, isNew: true });
  },
});

/** Rules of the file as a whole (W02, W12, 総括表): the first that is broken, in the order in which a clerk would look. */
function wholeFileFault(deps: Deps, cover: DeliveryCover, shape: ReturnType<typeof shapeOf>): FileRefusal | undefined {
  if (enforced('input.source-bound') && cover.municipality !== deps.municipality) return 'other-municipality';
  if (shape.fault !== undefined) return shape.fault;
  // Anyone with a certificate can file; the returns of a whole ward come from the tax agency alone.
  if (enforced('input.source-bound') && cover.procedure === 'tax-return' && cover.payer.corporateNumber !== taxAgency)
    return 'sender-not-entitled';
  if (enforced('jobs.counts-balance') && shape.records !== cover.records) return 'record-count-differs';
  if (cover.summary === null) return undefined;
  const { summary } = cover;
  const fault = countFault(
    { ...summary, designationNumber: summary.designationNumber ?? undefined, municipality: deps.municipality },
    shape,
  );
  if (fault === 'total-differs-from-parts') return 'summary-parts-differ';
  return fault === 'total-differs-from-file' ? 'summary-total-differs' : undefined;
}

/** Reception number of the file that this one repeats byte for byte. */
async function sameFile(tx: Tx, deps: Deps, maskedDigest: Uint8Array, file: Uint8Array): Promise<string | undefined> {
  // Two at once with one content must see each other, whatever their delivery ids.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`intake file ${Buffer.from(maskedDigest).toString('hex')}`}, 0))`;
  if (!enforced('input.duplicate-file')) return undefined;
  for (const earlier of await similarFiles(tx, maskedDigest, file.length)) {
    const opened = await deps.sealed.open(tx, earlier.sealedRef, 'resident-tax/compare-files');
    if (opened.ok && Buffer.compare(opened.value, file) === 0) return earlier.receptionNumber;
  }
  return undefined;
}
