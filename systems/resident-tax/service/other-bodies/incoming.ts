import { createHash } from 'node:crypto';
import { forwardedDocument, outsideLevyNotice } from '@musubi/contracts/eltax/between-bodies.ts';
import {
  fetchFromBody,
  type ReceivedTransfer,
  stateReceipt,
  waitingTransfers,
} from '@musubi/contracts/eltax/between-bodies-client.ts';
import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { readOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { withoutLongNumbers } from '../../domain/report-file.ts';
import { addAnnounced, addIntake, lockDelivery } from '../../store/intake-files.ts';
import { hasIncoming, type IncomingNotice, incomingNotices, insertIncomingNotice } from '../../store/outgoing.ts';
import { personsBorn } from '../../store/persons.ts';
import { corporateNumberOf } from '../intake/counter-filings.ts';
import { type OtherBodiesDeps, otherBodiesWorker, outgoingRead, outgoingUpdate } from './functions.ts';

export type { IncomingNotice };

type Judged = { readonly outcome: 'received' | 'returned'; readonly reason: string | null };
const taken: Judged = { outcome: 'received', reason: null };

/**
 * What another municipality sent, whole or not at all: documents and 申告特例通知 become a file of the intake like any other (reject list, matching, images),
 * notices of levies stand beside the person whom they name.
 * @source requirements 002 W03-9, NTL-F2, RTX-F8
 */
const takeTransfer = act('resident-tax.take-transfer', {
  right: outgoingUpdate,
  async run(tx, deps: Deps, { cover, coverJws, file }: ReceivedTransfer): Promise<Result<Judged, never>> {
    const { transferId, from } = cover;
    await lockDelivery(tx, transferId);
    if (await hasIncoming(tx, transferId)) {
      tx.record({ event: 'transfer.received-again', detail: { transfer: transferId } });
      return ok(taken);
    }
    const reason = await faultOf(deps, cover, file);
    if (reason !== null) {
      tx.record({ event: 'transfer.returned', detail: { transfer: transferId, from: from.municipality, reason } });
      return ok({ outcome: 'returned', reason });
    }
    if (cover.kind === 'outside-levy-notice') {
      await keepNotices(tx, deps, cover, file);
      tx.record({
        event: 'outside-levy.notified',
        facts: ['resident_tax.incoming_levy_notice'],
        detail: { transfer: transferId, from: from.municipality, records: cover.records },
      });
      return ok(taken);
    }
    await keepDocuments(tx, deps, { cover, coverJws, file });
    tx.record({
      event: 'intake.received',
      ground: '番号利用法第19条第10号',
      facts: ['resident_tax.announced_delivery', 'resident_tax.intake'],
      detail: { transfer: transferId, from: from.municipality, records: cover.records },
    });
    return ok(taken);
  },
});

async function faultOf({ municipality }: Deps, cover: ReceivedTransfer['cover'], file: Buffer): Promise<string | null> {
  if (cover.to !== municipality) return 'other-municipality';
  if (cover.kind === 'one-stop-notices') {
    const years = new Set<number>();
    const { in: records } = await readOneStopNotices([file], {
      municipality,
      each: (o) => void (o.accepted && years.add(o.value.donationYear)),
    });
    if (records !== cover.records) return 'record-count-differs';
    return [...years].every((year) => year === cover.fiscalYear - 1) ? null : 'other-year';
  }
  if (cover.kind === 'forwarded-documents') {
    const lines = linesOf(file, forwardedDocument);
    if (lines.length !== cover.records) return 'record-count-differs';
    return lines.some((line) => line !== undefined && line.incomeYear !== cover.fiscalYear - 1) ? 'other-year' : null;
  }
  const lines = linesOf(file, outsideLevyNotice);
  if (lines.length !== cover.records) return 'record-count-differs';
  const isWhole = lines.every((line) => line !== undefined && IndividualNumber.parse(line.individualNumber).ok);
  return isWhole ? null : 'unreadable-record';
}

async function keepDocuments(
  tx: Tx,
  deps: Deps,
  { cover, coverJws, file }: Pick<ReceivedTransfer, 'cover' | 'coverJws' | 'file'>,
): Promise<void> {
  const today = deps.civilClock.today();
  const incomeYear = cover.fiscalYear - 1;
  const receptionNumber = `K${cover.transferId.replaceAll('-', '').slice(-15)}`;
  const announced = {
    deliveryId: cover.transferId,
    receptionNumber,
    procedure: cover.kind === 'one-stop-notices' ? ('one-stop-notice' as const) : ('forwarded-documents' as const),
    incomeYear,
    payerNumber: corporateNumberOf(cover.from.municipality),
    payerName: cover.from.name,
    records: cover.records,
  };
  await addAnnounced(tx, [announced], today);
  const sealed = await deps.sealed.seal(tx, file, {
    kind: 'tax-document-file',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/receive',
  });
  await addIntake(tx, {
    intakeId: deps.newId(),
    deliveryId: cover.transferId,
    receptionNumber,
    cover: coverJws,
    incomeYear,
    sealedRef: sealed.ref,
    sizeBytes: file.length,
    maskedDigest: createHash('sha256').update(withoutLongNumbers(file)).digest(),
    recordCount: cover.records,
    on: today,
    at: deps.machineClock.now(),
  });
}

async function keepNotices(tx: Tx, deps: Deps, cover: ReceivedTransfer['cover'], file: Buffer): Promise<void> {
  const purpose = 'resident-tax/outside-notice';
  for (const [i, notice] of linesOf(file, outsideLevyNotice).entries()) {
    const number = IndividualNumber.parse(notice!.individualNumber);
    if (!number.ok) throw new Error('a notice that was found whole');
    const holders = (await deps.vault.holders(tx, number.value, purpose)).filter(
      ({ holds, owner }) => holds && owner.startsWith('person:'),
    );
    const ids = holders.map(({ owner }) => owner.slice('person:'.length));
    const [only, ...others] = await personsBorn(tx, ids, notice!.birthDate);
    const { name, nameKana, birthDate, address, ground, fiscalYear } = notice!;
    await insertIncomingNotice(tx, {
      transferId: cover.transferId,
      rowNo: i + 1,
      fromCode: cover.from.municipality,
      fromName: cover.from.name,
      fiscalYear,
      name,
      kana: nameKana,
      birthDate,
      address,
      ground,
      numberRef: await deps.vault.put(tx, `outside-notice:${cover.transferId}/${i + 1}`, number.value, purpose),
      personId: others.length === 0 ? (only ?? null) : null,
      receivedOn: deps.civilClock.today().toString(),
    });
  }
}

/** Takes what waits at the centre and says so; what fails is named and tried in the next round. */
export async function takeIncoming(
  deps: OtherBodiesDeps,
): Promise<{ readonly taken: number; readonly faults: readonly string[] }> {
  const waiting = await waitingTransfers(deps.line);
  if (!waiting.ok) return { taken: 0, faults: [`list: ${waiting.error}`] };
  const faults: string[] = [];
  let done = 0;
  for (const transferId of waiting.value) {
    const fetched = await fetchFromBody(deps.line, transferId);
    if (!fetched.ok) {
      faults.push(`${transferId}: ${fetched.error}`);
      continue;
    }
    const judged = await takeTransfer(deps, otherBodiesWorker, fetched.value);
    if (!judged.ok) throw new Error(judged.error);
    const { fileSha256 } = fetched.value.cover;
    const on = deps.civilClock.today().toString();
    const stated = await stateReceipt(deps.line, {
      transferId,
      fileSha256,
      by: deps.municipality,
      on,
      ...judged.value,
    });
    if (stated.ok) done += 1;
    else faults.push(`${transferId}: ${stated.error}`);
  }
  return { taken: done, faults };
}

/** 他団体からの住登外課税通知, of everybody or of one person. */
export const readIncomingNotices = act('resident-tax.read-incoming-notices', {
  right: outgoingRead,
  async run(
    tx,
    _deps: Deps,
    query: Parameters<typeof incomingNotices>[1],
  ): Promise<Result<Awaited<ReturnType<typeof incomingNotices>>, never>> {
    const found = await incomingNotices(tx, query);
    tx.record({
      event: 'incoming-notices.listed',
      subjects: [...new Set(found.rows.flatMap(({ personId }) => (personId === null ? [] : [personId])))],
      detail: { shown: found.rows.length },
    });
    return ok(found);
  },
});
