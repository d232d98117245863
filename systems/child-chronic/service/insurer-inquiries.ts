import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { nextNumber, useReceipt } from '@musubi/kernel/receipts/receipts.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { formTaken } from '../domain/forms.ts';
import {
  type Batch,
  batches,
  countBatches,
  findAnswer,
  type InsurerAnswer,
  type InsurerInquiry,
  inquiriesOf,
  insertAnswer,
  insertAnswerCheck,
  insertBatch,
  insertBatchClose,
  insertInquiry,
  insertPiece,
  subjectsFor,
} from '../store/insurer-inquiries.ts';
import { consents, insurers } from '../store/office.ts';

export type { Batch, InsurerAnswer, InsurerInquiry };

/** 照会の根拠: codes and what they stand for. Another ground is none. */
export const legalGrounds = {
  'HI-109': '健康保険法施行規則（限度額適用の所得区分）、児童福祉法第19条の3',
  'NHI-27': '国民健康保険法施行規則（限度額適用の所得区分）、児童福祉法第19条の3',
  'MAS-16': '地方公務員等共済組合法施行規程（所得区分）、児童福祉法第19条の3',
} as const;

/** The version of the condition by which subjects are found. */
export const condition = 'open-category-1';

const lockBatch = async (tx: Tx, id: string): Promise<void> => {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`child_chronic insurer batch ${id}`}, 0))`;
};

type RowFault = 'unknown-ground' | 'no-consent' | 'consent-not-matched';

/** One row of an inquiry: only with its legal ground, and with a consent that another person matched with the case. */
async function addRow(
  tx: Tx,
  deps: Deps,
  row: {
    readonly batchId: string;
    readonly insurerCode: string;
    readonly caseId: string;
    readonly legalGround: string;
    readonly addedGround: string | null;
    readonly by: string;
  },
): Promise<Result<boolean, RowFault>> {
  if (enforced('input.legal-ground') && !(row.legalGround in legalGrounds)) return err('unknown-ground');
  const consent = (await consents(tx, { caseId: row.caseId })).find((c) => c.insurerCode === row.insurerCode);
  if (consent === undefined) return err('no-consent');
  if (enforced('matching.consent') && consent.matchedBy === null) return err('consent-not-matched');
  const { batchId, caseId, legalGround, addedGround, by } = row;
  return ok(
    await insertInquiry(tx, {
      inquiryId: deps.newId(),
      batchId,
      caseId,
      consentId: consent.consentId,
      legalGround,
      addedGround,
      by,
    }),
  );
}

/**
 * 照会対象者の抽出: from the ledger by the condition; who has no matched consent is held back and named.
 * @law 児童福祉法 第19条の3; @source 001 III.2-R1-07, III.5-R1-01, III.5-R2-01, R2-02
 */
export const extractSubjects = act('child-chronic.extract-insurer-subjects', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { insurerCode: string; legalGround: string },
    actor,
  ): Promise<
    Result<
      { batchId: string; rows: number; heldBack: readonly string[] },
      'not-staff' | 'unknown-insurer' | 'nobody-found' | RowFault
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockBatch(tx, command.insurerCode);
    if ((await insurers(tx, command.insurerCode)).length === 0) return err('unknown-insurer');
    const found = await subjectsFor(tx, command.insurerCode);
    const matched = found.filter((s) => s.consentMatched);
    if (matched.length === 0) return err('nobody-found');
    const batchId = deps.newId();
    const on = deps.civilClock.today();
    await insertBatch(tx, {
      batchId,
      batchNumber: await nextNumber(tx, 'H', on.year),
      insurerCode: command.insurerCode,
      condition,
      by: actor.staffId,
      on,
      at: deps.machineClock.now(),
    });
    for (const { caseId } of matched) {
      const added = await addRow(tx, deps, { batchId, ...command, caseId, addedGround: null, by: actor.staffId });
      if (!added.ok) return added;
    }
    const heldBack = found.filter((s) => !s.consentMatched).map((s) => s.caseNumber);
    tx.record({
      event: 'insurer-subjects.extracted',
      subjects: matched.map((s) => s.caseId),
      ground: legalGrounds[command.legalGround as keyof typeof legalGrounds],
      facts: ['child_chronic.insurer_batch', 'child_chronic.insurer_inquiry'],
      detail: { insurer: command.insurerCode, condition, rows: matched.length, heldBack: heldBack.length },
    });
    return ok({ batchId, rows: matched.length, heldBack });
  },
});

/** A row that the condition did not find: only with the ground of adding it, which stays marked. */
export const addInquiryRow = act('child-chronic.add-insurer-row', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { batchId: string; caseId: string; legalGround: string; addedGround: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-batch' | 'batch-closed' | 'ground-missing' | 'row-there' | RowFault>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockBatch(tx, command.batchId);
    const [batch] = await batches(tx, { batchId: command.batchId, offset: 0, limit: 1 });
    if (!batch) return err('no-such-batch');
    if (batch.closedOn !== null) return err('batch-closed');
    if (enforced('input.extracted-subjects') && command.addedGround.trim() === '') return err('ground-missing');
    const { insurerCode } = batch;
    const added = await addRow(tx, deps, { ...command, insurerCode, by: actor.staffId });
    if (!added.ok) return added;
    if (!added.value) return err('row-there');
    tx.record({
      event: 'insurer-row.added',
      subject: command.caseId,
      facts: ['child_chronic.insurer_inquiry'],
      detail: { batch: batch.batchNumber },
    });
    return ok(null);
  },
});

/**
 * 簡易書留の引受番号 of one envelope. The address is the master's of that moment; one that was typed on the label is none.
 * @source 001 III.2-R2-09, III.5-R2-03, R2-04
 */
export const addPiece = act('child-chronic.add-insurer-piece', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: { inquiryId: string; trackingNumber: string; typedAddress?: string },
    actor,
  ): Promise<
    Result<
      null,
      | 'not-staff'
      | 'no-such-inquiry'
      | 'batch-closed'
      | 'not-a-tracking-number'
      | 'tracking-number-used'
      | 'address-typed'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [row] = await inquiriesOf(tx, { inquiryId: command.inquiryId });
    if (!row) return err('no-such-inquiry');
    await lockBatch(tx, row.batchId);
    const [batch] = await batches(tx, { batchId: row.batchId, offset: 0, limit: 1 });
    if (!batch || batch.closedOn !== null) return err('batch-closed');
    if (!isTrackingNumber(command.trackingNumber)) return err('not-a-tracking-number');
    const [insurer] = await insurers(tx, batch.insurerCode);
    const master = `〒${insurer!.postalCode} ${insurer!.address} ${insurer!.name}`;
    const typed = command.typedAddress !== undefined && command.typedAddress !== master;
    if (enforced('dispatch.address-from-register') && typed) return err('address-typed');
    const { inquiryId, trackingNumber } = command;
    const address = command.typedAddress ?? master;
    if (!(await insertPiece(tx, { inquiryId, trackingNumber, address, by: actor.staffId })))
      return err('tracking-number-used');
    tx.record({
      event: 'insurer-piece.added',
      subject: row.caseId,
      recipient: batch.insurerCode,
      facts: ['child_chronic.insurer_piece'],
    });
    return ok(null);
  },
});

/** 引受番号: ten digits and their remainder by seven. */
export const isTrackingNumber = (text: string): boolean =>
  /^[0-9]{11}$/.test(text) && Number(text.slice(0, 10)) % 7 === Number(text[10]);

/** The consignment goes when each envelope has its number, and not before. */
export const closeBatch = act('child-chronic.close-insurer-batch', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { batchId }: { batchId: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-batch' | 'batch-closed' | 'tracking-numbers-missing'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockBatch(tx, batchId);
    const [batch] = await batches(tx, { batchId, offset: 0, limit: 1 });
    if (!batch) return err('no-such-batch');
    if (batch.closedOn !== null) return err('batch-closed');
    if (enforced('dispatch.tracked-mail') && batch.pieces !== batch.rows) return err('tracking-numbers-missing');
    await insertBatchClose(tx, { batchId, pieces: batch.pieces, by: actor.staffId, on: deps.civilClock.today() });
    tx.record({
      event: 'insurer-batch.closed',
      recipient: batch.insurerCode,
      facts: ['child_chronic.insurer_batch_close'],
      detail: { batch: batch.batchNumber, pieces: batch.pieces },
    });
    return ok(null);
  },
});

/** 回答: keyed from a paper of the receipt ledger, on a form that is taken. It counts when another person keyed the same. */
export const enterAnswer = act('child-chronic.enter-insurer-answer', {
  right: ['child-chronic', 'insurer-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    command: InsurerAnswer & { inquiryId: string },
    actor,
  ): Promise<
    Result<
      'entered' | 'verified',
      | 'not-staff'
      | 'no-such-inquiry'
      | 'not-sent'
      | 'unknown-form'
      | 'same-person-twice'
      | 'entries-differ'
      | 'verified-already'
      | 'not-in-receipt-ledger'
      | 'receipt-in-bag'
      | 'receipt-used'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    const [row] = await inquiriesOf(tx, { inquiryId: command.inquiryId });
    if (!row) return err('no-such-inquiry');
    await lockBatch(tx, row.batchId);
    const [batch] = await batches(tx, { batchId: row.batchId, offset: 0, limit: 1 });
    if (batch?.closedOn == null) return err('not-sent');
    const form = formTaken('insurer-answer', command.formVersion, deps.civilClock.today());
    if (!form.ok) return form;
    const before = await findAnswer(tx, command.inquiryId);
    if (before === undefined) {
      const { receiptNumber } = command;
      const used = await useReceipt(tx, deps, { receiptNumber, matter: row.caseNumber, by: actor.staffId });
      if (!used.ok) return used;
      await insertAnswer(tx, { ...command, by: actor.staffId });
      tx.record({
        event: 'insurer-answer.entered',
        subject: row.caseId,
        facts: ['child_chronic.insurer_answer', ...(used.value === 'used' ? ['receipts.use'] : [])],
      });
      return ok('entered');
    }
    if (enforced('input.second-entry') && before.enteredBy === actor.staffId) return err('same-person-twice');
    const same =
      before.category === command.category &&
      before.validFrom === command.validFrom &&
      before.receiptNumber === command.receiptNumber;
    if (!same) return err('entries-differ');
    if (!(await insertAnswerCheck(tx, command.inquiryId, actor.staffId))) return err('verified-already');
    tx.record({ event: 'insurer-answer.verified', subject: row.caseId, facts: ['child_chronic.insurer_answer_check'] });
    return ok('verified');
  },
});

export const listBatches = act('child-chronic.list-insurer-batches', {
  right: ['child-chronic', 'insurer-inquiry', 'read'],
  async run(tx, _deps: Deps, query: { offset: number; limit: number }) {
    const rows = await batches(tx, query);
    tx.record({ event: 'insurer-batches.listed', detail: { count: rows.length } });
    return ok({ rows, total: await countBatches(tx) });
  },
});

export const readBatch = act('child-chronic.read-insurer-batch', {
  right: ['child-chronic', 'insurer-inquiry', 'read'],
  async run(
    tx,
    _deps: Deps,
    { batchId }: { batchId: string },
  ): Promise<Result<{ batch: Batch; rows: readonly InsurerInquiry[]; address: string }, 'no-such-batch'>> {
    const [batch] = await batches(tx, { batchId, offset: 0, limit: 1 });
    if (!batch) return err('no-such-batch');
    const rows = await inquiriesOf(tx, { batchId });
    const [insurer] = await insurers(tx, batch.insurerCode);
    tx.record({
      event: 'insurer-batch.read',
      subjects: rows.map((r) => r.caseId),
      detail: { batch: batch.batchNumber },
    });
    return ok({ batch, rows, address: `〒${insurer!.postalCode} ${insurer!.address} ${insurer!.name}` });
  },
});
