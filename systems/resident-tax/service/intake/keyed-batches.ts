import { createHash } from 'node:crypto';
import { kindOf } from '@musubi/contracts/tax-return/return-items.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
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
import {
  correctionsOf,
  endKeyingIncidents,
  insertCorrection,
  insertKeyingIncident,
  insertKeyingStep,
  type KeyingIncident,
  type KeyingStep,
  keyingIncidents,
  keyingSteps,
  type SheetCorrection,
  type StepDone,
} from '../../store/keying.ts';
import { withoutNumbers } from './report-from-record.ts';

const updating = ['resident-tax', 'intake', 'update'] as const;
const byOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.staffId : actor.kind);

export interface OrderKeying {
  readonly incomeYear: number;
  /** 帳票 handed to the contractor, numbered from 1. */
  readonly sheets: number;
  readonly contractor: { readonly corporateNumber: string; readonly name: string };
  /** Who of the contractor signed the slip. */
  readonly takenBy: string;
}

/**
 * 入力の発注と授受票: paper 住民税申告書 go to a contractor, counted and confirmed by both sides. The order is noted before anything comes
 * back, so that a batch that never returns stands on the first page and stops the levy (INC-22).
 */
export const orderKeying = act('resident-tax.order-keying', {
  right: updating,
  async run(tx, deps: Deps, { incomeYear, sheets, contractor, takenBy }: OrderKeying, actor) {
    if (!Number.isInteger(sheets) || sheets < 1 || sheets > 100_000) return err('no-sheets');
    if (!parseCorporateNumber(contractor.corporateNumber).ok) return err('no-such-contractor');
    if (contractor.name.trim() === '') return err('no-such-contractor');
    if (takenBy.trim() === '') return err('not-confirmed');
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
    await insertKeyingStep(tx, {
      ...stepOf(deps, actor, { deliveryId, sheets }),
      step: 'handed-over',
      otherSide: takenBy.trim(),
    });
    tx.record({
      event: 'keying.ordered',
      facts: ['resident_tax.announced_delivery', 'resident_tax.keying_step'],
      recipient: contractor.corporateNumber,
      detail: { batch: batchNumber, sheets },
    });
    return ok({ deliveryId, batchNumber });
  },
});

const stepOf = (deps: Deps, actor: Actor, batch: { readonly deliveryId: string; readonly sheets: number }) => ({
  ...batch,
  otherSide: null,
  evidence: null,
  doneBy: byOf(actor),
  on: deps.civilClock.today(),
  at: deps.machineClock.now(),
});

export type Delivered =
  | { readonly outcome: 'accepted'; readonly intakeId: string }
  /** Nothing was kept but the incident: the contractor delivers again. */
  | { readonly outcome: 'refused'; readonly fault: string; readonly incidentId: string };

/**
 * 納品: the contractor's file, whole or not at all. One that is not the whole batch is not stored and opens an incident, which ends when
 * the whole one comes. What was accepted waits for the second person (`verifyBatch`).
 *
 * @law 番号利用法 第10条, 第11条 (委託); 地方税法 第317条の2
 */
export const receiveKeyedBatch = act('resident-tax.receive-keyed-batch', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    { deliveryId, file }: { readonly deliveryId: string; readonly file: Uint8Array },
    actor,
  ): Promise<Result<Delivered, 'no-such-batch' | 'already-delivered'>> {
    await lockDelivery(tx, deliveryId);
    const order = await announcedBatch(tx, deliveryId);
    if (order === undefined) return err('no-such-batch');
    if ((await findIntakeOfDelivery(tx, deliveryId)) !== undefined) return err('already-delivered');
    const shape = shapeOf(file);
    const fault = shape.fault ?? batchFault(file, order.batchNumber, order.sheets);
    const at = deps.machineClock.now();
    if (fault !== undefined) {
      const incidentId = deps.newId();
      const counts = { expected: order.sheets, found: shape.records };
      await insertKeyingIncident(tx, { incidentId, deliveryId, word: fault, ...counts, at });
      tx.record({
        event: 'keying.refused',
        facts: ['resident_tax.keying_incident'],
        detail: { batch: order.batchNumber, fault, ...counts },
      });
      return ok({ outcome: 'refused', fault, incidentId });
    }
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
      at,
    });
    const ended = await endKeyingIncidents(tx, deliveryId, { resolution: '再納品により解消', by: byOf(actor), at });
    tx.record({
      event: 'keying.delivered',
      ground: '地方税法第317条の2第1項',
      facts: ['resident_tax.intake', ...(ended > 0 ? ['resident_tax.keying_incident_end'] : [])],
      detail: { intake: intakeId, batch: order.batchNumber, sheets: shape.records },
    });
    return ok({ outcome: 'accepted', intakeId });
  },
});

export interface KeyedBatch {
  readonly sheets: number;
  readonly intakeId: string | null;
  readonly takenIn: boolean;
  readonly steps: readonly StepDone[];
  readonly incidents: readonly KeyingIncident[];
  readonly corrections: readonly SheetCorrection[];
}

async function batchOf(tx: Tx, deliveryId: string): Promise<KeyedBatch | undefined> {
  const order = await announcedBatch(tx, deliveryId);
  if (order === undefined) return undefined;
  const intake = await findIntakeOfDelivery(tx, deliveryId);
  return {
    sheets: order.sheets,
    intakeId: intake?.intakeId ?? null,
    takenIn: intake?.outcome === 'taken-in',
    steps: await keyingSteps(tx, deliveryId),
    incidents: await keyingIncidents(tx, deliveryId),
    corrections: await correctionsOf(tx, deliveryId),
  };
}
const isDone = (batch: KeyedBatch, step: KeyingStep): boolean => batch.steps.some((done) => done.step === step);

/** One order with its steps, incidents and corrections. */
export const readKeyedBatch = act('resident-tax.read-keyed-batch', {
  right: ['resident-tax', 'intake', 'read'],
  async run(
    tx,
    _deps: Deps,
    { deliveryId }: { readonly deliveryId: string },
  ): Promise<Result<KeyedBatch, 'no-such-batch'>> {
    const batch = await batchOf(tx, deliveryId);
    if (batch === undefined) return err('no-such-batch');
    tx.record({ event: 'keying.read', detail: { delivery: deliveryId } });
    return ok(batch);
  },
});

/** A delivered batch that nobody has verified yet; who corrects and who verifies take turns. */
async function openForEntry(tx: Tx, deliveryId: string) {
  await lockDelivery(tx, deliveryId);
  const batch = await batchOf(tx, deliveryId);
  if (batch === undefined) return err('no-such-batch');
  if (batch.intakeId === null) return err('not-delivered');
  return isDone(batch, 'verified') ? err('already-verified') : ok(batch);
}

/** 補正: a clerk enters what the paper says where the contractor's entries are wrong or differ. Numbers are keyed by nobody here. */
export const correctSheet = act('resident-tax.correct-keyed-sheet', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly deliveryId: string;
      readonly sheetNumber: number;
      readonly element: string;
      readonly value: string;
    },
    actor,
  ) {
    const batch = await openForEntry(tx, command.deliveryId);
    if (!batch.ok) return batch;
    const { sheetNumber, element } = command;
    const code = element.slice(0, 8);
    const kind = kindOf(code);
    if (!/^[A-Z]{3}[0-9]{5}(_[1-9])?$/.test(element) || kind === undefined || kind === 'group')
      return err('no-such-element');
    if (kind === 'number' || code === 'ABA00125') return err('number-not-here');
    if (!Number.isInteger(sheetNumber) || sheetNumber < 1 || sheetNumber > batch.value.sheets)
      return err('no-such-sheet');
    const value = withoutNumbers(command.value.trim());
    if (value === '' || value.length > 500 || (kind === 'yen' && !/^-?[0-9]{1,13}$/.test(value)))
      return err('unreadable-value');
    const by = byOf(actor);
    const at = deps.machineClock.now();
    await insertCorrection(tx, { deliveryId: command.deliveryId, sheetNumber, element, value, correctedBy: by, at });
    tx.record({
      event: 'keying.corrected',
      facts: ['resident_tax.keying_correction'],
      items: [element],
      detail: { delivery: command.deliveryId, sheet: sheetNumber },
    });
    return ok(undefined);
  },
});

/**
 * 検証: another person than those who entered corrections has compared the batch with the paper. Only then it is taken in.
 *
 * @law 番号利用法 第12条 (安全管理措置)
 */
export const verifyBatch = act('resident-tax.verify-keyed-batch', {
  right: updating,
  async run(tx, deps: Deps, { deliveryId, sheets }: { readonly deliveryId: string; readonly sheets: number }, actor) {
    if (actor.kind !== 'staff') return err('not-staff');
    const batch = await openForEntry(tx, deliveryId);
    if (!batch.ok) return batch;
    const entered = batch.value.corrections.some(({ correctedBy }) => correctedBy === actor.staffId);
    if (enforced('input.second-entry') && entered) return err('verifier-entered');
    if (sheets !== batch.value.sheets) return err('count-differs');
    await insertKeyingStep(tx, { ...stepOf(deps, actor, { deliveryId, sheets }), step: 'verified' });
    tx.record({
      event: 'keying.verified',
      facts: ['resident_tax.keying_step'],
      detail: { delivery: deliveryId, sheets, corrections: batch.value.corrections.length },
    });
    return ok({ intakeId: batch.value.intakeId ?? '' });
  },
});

/** 返却票 and 消去確認書 of the contractor. A return with another count keeps the batch open and opens an incident. */
export const confirmKeying = act('resident-tax.confirm-keying', {
  right: updating,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly deliveryId: string;
      readonly step: 'returned' | 'erased';
      readonly sheets: number;
      readonly otherSide: string;
      /** Number of the slip or certificate. */
      readonly evidence: string;
    },
    actor,
  ): Promise<
    Result<{ readonly incidentId?: string }, 'no-such-batch' | 'not-delivered' | 'not-confirmed' | 'done-before'>
  > {
    const { deliveryId, step, sheets } = command;
    const [otherSide, evidence] = [command.otherSide.trim(), command.evidence.trim()];
    await lockDelivery(tx, deliveryId);
    const batch = await batchOf(tx, deliveryId);
    if (batch === undefined) return err('no-such-batch');
    if (batch.intakeId === null) return err('not-delivered');
    if (otherSide === '' || evidence === '') return err('not-confirmed');
    if (isDone(batch, step)) return err('done-before');
    if (sheets !== batch.sheets) {
      const incidentId = deps.newId();
      const counts = { expected: batch.sheets, found: sheets };
      await insertKeyingIncident(tx, {
        incidentId,
        deliveryId,
        word: `${step}-count-differs`,
        ...counts,
        at: deps.machineClock.now(),
      });
      tx.record({
        event: 'keying.count-differs',
        facts: ['resident_tax.keying_incident'],
        detail: { step, ...counts },
      });
      return ok({ incidentId });
    }
    const done = { ...stepOf(deps, actor, { deliveryId, sheets }), step, otherSide, evidence };
    await insertKeyingStep(tx, done);
    const ended = await endKeyingIncidents(tx, deliveryId, {
      resolution: '枚数の一致により解消',
      by: byOf(actor),
      at: done.at,
    });
    tx.record({
      event: `keying.${step}`,
      facts: ['resident_tax.keying_step', ...(ended > 0 ? ['resident_tax.keying_incident_end'] : [])],
      detail: { delivery: deliveryId, sheets },
    });
    return ok({});
  },
});

/** What still keeps a batch open. */
export function leftToDo(batch: KeyedBatch): readonly ('take-in' | 'return' | 'erasure' | 'incident')[] {
  return [
    ...(batch.takenIn ? [] : (['take-in'] as const)),
    ...(isDone(batch, 'returned') ? [] : (['return'] as const)),
    ...(isDone(batch, 'erased') ? [] : (['erasure'] as const)),
    ...(batch.incidents.some(({ resolution }) => resolution === null) ? (['incident'] as const) : []),
  ];
}

/** 完了: everything that was handed out is back, taken in and erased at the contractor. */
export const closeBatch = act('resident-tax.close-keyed-batch', {
  right: updating,
  async run(tx, deps: Deps, { deliveryId }: { readonly deliveryId: string }, actor) {
    await lockDelivery(tx, deliveryId);
    const batch = await batchOf(tx, deliveryId);
    if (batch === undefined) return err('no-such-batch');
    if (leftToDo(batch).length > 0) return err('not-finished');
    const isNew = await insertKeyingStep(tx, {
      ...stepOf(deps, actor, { deliveryId, sheets: batch.sheets }),
      step: 'closed',
    });
    if (!isNew) return err('done-before');
    tx.record({ event: 'keying.closed', facts: ['resident_tax.keying_step'], detail: { delivery: deliveryId } });
    return ok(undefined);
  },
});
