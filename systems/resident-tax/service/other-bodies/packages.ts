import type { OutsideLevyNotice, TransferReceipt } from '@musubi/contracts/eltax/between-bodies.ts';
import { receiptOf, sendToBody } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { writeLines } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import type { FiledDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import { unfiledDocument } from '../../store/document-filings.ts';
import { addStep, lockReportState } from '../../store/intake-matching.ts';
import {
  addOutgoingStep,
  insertPackage,
  levyToTell,
  lockOutgoing,
  type Outgoing,
  outgoingAt,
} from '../../store/outgoing.ts';
import { filedDocuments } from '../images/hand-over.ts';
import { type OtherBodiesDeps, otherBodiesWorker, outgoingUpdate } from './functions.ts';
import { reopen, subjectOf } from './outgoing.ts';

const ground = '番号利用法第19条第10号';
const purpose = 'resident-tax/forward';

interface Packed {
  readonly item: Outgoing;
  readonly file: Buffer;
}

/** The package of an approved item, made once: what is sent again is the same bytes. */
const packItem = act('resident-tax.pack-outgoing', {
  right: outgoingUpdate,
  async run(
    tx,
    deps: Deps,
    { outgoingId }: { readonly outgoingId: string },
  ): Promise<Result<Packed, 'no-such-item' | 'erased'>> {
    const item = await lockOutgoing(tx, outgoingId);
    if (item === undefined) return err('no-such-item');
    if (item.packageRef !== null) {
      const opened = await deps.sealed.open(tx, item.packageRef, purpose);
      if (!opened.ok) return opened;
      tx.record({ event: 'outgoing.opened', detail: { outgoing: outgoingId } });
      return ok({ item, file: opened.value });
    }
    const file = writeLines([await recordOf(tx, deps, item)]);
    const { ref } = await deps.sealed.seal(tx, file, { kind: item.kind, retentionClass: 'tax-7y', purpose });
    await insertPackage(tx, { outgoingId, sealedRef: ref, at: deps.machineClock.now() });
    tx.record({
      event: 'outgoing.packed',
      ground,
      ...subjectOf(item),
      items: ['個人番号', item.kind],
      recipient: item.targetCode,
      facts: ['resident_tax.outgoing_package'],
      detail: { outgoing: outgoingId },
    });
    return ok({ item, file });
  },
});

async function recordOf(tx: Tx, deps: Deps, item: Outgoing): Promise<FiledDocument | OutsideLevyNotice> {
  if (item.reportId !== null) {
    const document = await unfiledDocument(tx, item.reportId);
    if (document === undefined) throw new Error('an item without its document');
    const [filed] = await filedDocuments(tx, deps, [document], purpose);
    return filed!;
  }
  const levy = await levyToTell(tx, item);
  if (levy === undefined) throw new Error('a notice without its levy');
  const { numberRef: ref, ...particulars } = levy;
  const number = await deps.vault.reveal(tx, numberRef(ref), purpose);
  return { individualNumber: number.digits(), ...particulars, ground: item.ground, fiscalYear: item.fiscalYear };
}

/** Sent: the centre has it. A document is forwarded from that day on, and to whom. */
const noteSent = act('resident-tax.note-outgoing-sent', {
  right: outgoingUpdate,
  async run(
    tx,
    deps: Deps,
    { outgoingId }: { readonly outgoingId: string },
  ): Promise<Result<undefined, 'no-such-item' | 'sent-before'>> {
    const item = await lockOutgoing(tx, outgoingId);
    if (item === undefined) return err('no-such-item');
    if (item.steps.at(-1)?.step !== 'approved') return err('sent-before');
    const at = deps.machineClock.now();
    const onDay = deps.civilClock.today().toString();
    await addOutgoingStep(tx, outgoingId, { step: 'sent', by: 'rule', onDay }, at);
    if (item.reportId !== null) {
      const state = (await lockReportState(tx, item.reportId))!;
      const note = `${onDay} ${item.targetName}（${item.targetCode}）`;
      const step = { reportId: item.reportId, step: 'forwarded' as const, decidedBy: 'rule', personId: null };
      await addStep(tx, { ...step, reasonCode: 'forwarded', note }, 'forwarded', state.round, at);
    }
    tx.record({
      event: item.reportId === null ? 'outside-levy.told' : 'document.forwarded',
      ground,
      ...subjectOf(item),
      recipient: item.targetCode,
      facts: ['resident_tax.outgoing_step', ...(item.reportId === null ? [] : ['resident_tax.match_step'])],
      detail: { outgoing: outgoingId },
    });
    return ok(undefined);
  },
});

/** The other body's signed word: it has it, or it sends it back and the document waits for a clerk again (W06). */
const noteReceipt = act('resident-tax.note-outgoing-receipt', {
  right: outgoingUpdate,
  async run(
    tx,
    deps: Deps,
    given: { readonly outgoingId: string; readonly receipt: TransferReceipt; readonly signed: string },
    actor,
  ): Promise<Result<undefined, 'no-such-item' | 'not-sent'>> {
    const item = await lockOutgoing(tx, given.outgoingId);
    if (item === undefined) return err('no-such-item');
    if (item.steps.at(-1)?.step !== 'sent') return err('not-sent');
    const { outcome, reason, on } = given.receipt;
    const at = deps.machineClock.now();
    const step = { step: outcome, by: item.targetCode, note: reason, receipt: given.signed, onDay: on } as const;
    await addOutgoingStep(tx, given.outgoingId, step, at);
    const back = outcome === 'returned' && (await reopen(tx, item, 'forwarding-returned', actor, reason ?? '', at));
    tx.record({
      event: `outgoing.${outcome}`,
      ...subjectOf(item),
      facts: ['resident_tax.outgoing_step', ...(back ? ['resident_tax.match_step'] : [])],
      detail: { outgoing: given.outgoingId, ...(reason === null ? {} : { reason }) },
    });
    return ok(undefined);
  },
});

const waitingAt = look('resident-tax.waiting-outgoing', {
  right: outgoingUpdate,
  run: (tx, _deps: Deps, { step }: { readonly step: 'approved' | 'sent' }) => outgoingAt(tx, step, 100),
});

const coverOf = ({ item }: Packed, deps: OtherBodiesDeps): Parameters<typeof sendToBody>[1] => ({
  transferId: item.outgoingId,
  kind: item.kind === 'forwarded-document' ? 'forwarded-documents' : 'outside-levy-notice',
  from: { municipality: deps.municipality, name: deps.wardName },
  to: item.targetCode,
  fiscalYear: item.fiscalYear,
  records: 1,
  sentOn: deps.civilClock.today().toString(),
});

/** Sends what is approved and asks what became of what was sent. Repeatable; what fails is named and tried in the next round. */
export async function sendOutgoing(deps: OtherBodiesDeps): Promise<readonly string[]> {
  const faults: string[] = [];
  const fault = (id: string, word: string): void => void faults.push(`${id}: ${word}`);
  for (const outgoingId of idsOf(await waitingAt(deps, otherBodiesWorker, { step: 'approved' }))) {
    const packed = await packItem(deps, otherBodiesWorker, { outgoingId });
    const sent = packed.ok ? await sendToBody(deps.line, coverOf(packed.value, deps), packed.value.file) : packed;
    const noted = sent.ok ? await noteSent(deps, otherBodiesWorker, { outgoingId }) : sent;
    if (!noted.ok) fault(outgoingId, noted.error);
  }
  for (const outgoingId of idsOf(await waitingAt(deps, otherBodiesWorker, { step: 'sent' }))) {
    const packed = await packItem(deps, otherBodiesWorker, { outgoingId });
    const taken = packed.ok ? await takeReceipt(deps, packed.value) : packed;
    if (!taken.ok) fault(outgoingId, taken.error);
  }
  return faults;
}

async function takeReceipt(deps: OtherBodiesDeps, { item, file }: Packed): Promise<Result<unknown, string>> {
  const said = await receiptOf(deps.line, { transferId: item.outgoingId, to: item.targetCode, file });
  if (!said.ok || said.value === undefined) return said;
  return noteReceipt(deps, otherBodiesWorker, { outgoingId: item.outgoingId, ...said.value });
}

function idsOf(found: Result<string[], string>): string[] {
  if (!found.ok) throw new Error(found.error);
  return found.value;
}
