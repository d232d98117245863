import { forwardedDocument, outsideLevyNotice, type TransferReceipt } from '@musubi/contracts/eltax/between-bodies.ts';
import {
  fetchFromBody,
  type ReceivedTransfer,
  stateReceipt,
  waitingTransfers,
} from '@musubi/contracts/eltax/between-bodies-client.ts';
import { linesOf } from '@musubi/contracts/eltax/between-bodies-lines.ts';
import { readOneStopNotices } from '@musubi/contracts/tax-return/one-stop-notice.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps, PeerDeps } from '../deps.ts';
import { worker } from '../rights.ts';
import { findReceived, insertReceived } from '../store/transfers.ts';

export type Judged = Pick<TransferReceipt, 'outcome' | 'reason'>;

/** Takes a package whole, or none of it: every line has to be readable and there have to be as many as the cover says. */
export const takeTransfer = act('other-municipality.take-transfer', {
  right: ['other-municipality', 'transfer', 'update'],
  async run(tx, deps: Deps, { cover, file }: Pick<ReceivedTransfer, 'cover' | 'file'>): Promise<Result<Judged, never>> {
    const known = await findReceived(tx, cover.transferId);
    if (known !== undefined) {
      tx.record({ event: 'transfer.received-again', detail: { transfer: cover.transferId } });
      return ok({ outcome: known.outcome, reason: known.reason });
    }
    const reason = await faultOf(deps, cover, file);
    const sealed =
      reason === null
        ? await deps.sealed.seal(tx, file, {
            kind: cover.kind,
            retentionClass: 'town',
            purpose: 'other-municipality/take',
          })
        : undefined;
    await insertReceived(tx, {
      transferId: cover.transferId,
      kind: cover.kind,
      fromCode: cover.from.municipality,
      fiscalYear: cover.fiscalYear,
      records: cover.records,
      outcome: reason === null ? 'received' : 'returned',
      reason,
      sealedRef: sealed?.ref ?? null,
      receivedOn: deps.civilClock.today().toString(),
    });
    tx.record({
      event: reason === null ? 'transfer.received' : 'transfer.returned',
      facts: ['other_municipality.received'],
      detail: { transfer: cover.transferId, records: cover.records, ...(reason === null ? {} : { reason }) },
    });
    return ok({ outcome: reason === null ? 'received' : 'returned', reason });
  },
});

async function faultOf({ municipality }: Deps, cover: ReceivedTransfer['cover'], file: Buffer): Promise<string | null> {
  if (cover.to !== municipality) return 'other-municipality';
  if (cover.kind === 'one-stop-notices') {
    const years: number[] = [];
    const { in: records } = await readOneStopNotices([file], {
      municipality,
      each: (o) => void years.push(o.accepted ? o.value.donationYear : 0),
    });
    if (records !== cover.records) return 'record-count-differs';
    return years.every((year) => year === cover.fiscalYear - 1) ? null : 'unreadable-record';
  }
  const schema = cover.kind === 'forwarded-documents' ? forwardedDocument : outsideLevyNotice;
  const lines = linesOf(file, schema);
  if (lines.some((line) => line === undefined)) return 'unreadable-record';
  return lines.length === cover.records ? null : 'record-count-differs';
}

/** One round: takes what waits at the centre and says so. What failed is tried in the next round. */
export async function receiveRound(
  deps: PeerDeps,
): Promise<{ readonly taken: number; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  let taken = 0;
  const waiting = await waitingTransfers(deps.line);
  if (!waiting.ok) return { taken, faults: [`list: ${waiting.error}`] };
  for (const transferId of waiting.value) {
    const fetched = await fetchFromBody(deps.line, transferId);
    const judged = fetched.ok ? await takeTransfer(deps, worker, fetched.value) : fetched;
    if (!fetched.ok || !judged.ok) {
      faults.push(`${transferId}: ${judged.ok ? 'unreadable' : judged.error}`);
      continue;
    }
    const stated = await stateReceipt(deps.line, {
      transferId,
      fileSha256: fetched.value.cover.fileSha256,
      by: deps.municipality,
      on: deps.civilClock.today().toString(),
      ...judged.value,
    });
    if (stated.ok) taken += 1;
    else faults.push(`${transferId}: ${stated.error}`);
  }
  return { taken, faults };
}
