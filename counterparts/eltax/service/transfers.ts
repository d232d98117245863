import type {
  fetchTransfer,
  listBodies,
  listTransfers,
  receiptTransfer,
  sendTransfer,
  TransferCover,
  TransferReceipt,
  transferStatus,
} from '@musubi/contracts/eltax/between-bodies.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertReceipt, insertTransfer, lockTransfer, waitingFor } from '../store/transfers.ts';
import { destinationOf, idOf, storedNow } from './payer.ts';

/** Municipalities that can be sent to. */
export const listOtherBodies = act('eltax.list-bodies', {
  right: ['eltax', 'transfer', 'read'],
  async run(
    tx,
    deps: Deps,
    _query: undefined,
    actor,
  ): Promise<Result<ResponseOf<typeof listBodies>, WordOf<typeof listBodies>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    tx.record({ event: 'bodies.listed', recipient: idOf(actor) });
    return ok({
      bodies: [...deps.destinations].flatMap(([party, municipality]) =>
        municipality === own.value ? [] : [{ municipality, party }],
      ),
    });
  },
});

/** What of a package the route has verified: its cover and who signed it. */
export interface SentTransfer {
  readonly cover: TransferCover;
  readonly coverJws: string;
  readonly signedBy: string;
  readonly package: string;
}

/**
 * 回送の受付: passed on unread. The connection, the cover's signer and the municipality named in it are one.
 * @law 番号利用法 第19条第10号; @source requirements 002 NTL-F2
 */
export const acceptTransfer = act('eltax.accept-transfer', {
  right: ['eltax', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    { cover, coverJws, signedBy, package: sealed }: SentTransfer,
    actor,
  ): Promise<Result<ResponseOf<typeof sendTransfer>, WordOf<typeof sendTransfer>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    if (signedBy !== idOf(actor) || cover.from.municipality !== own.value) return err('bad-signature');
    const knows = [...deps.destinations.values()].some((code) => code === cover.to && code !== own.value);
    if (!knows) return err('no-such-body');
    const at = storedNow(deps);
    const before = await lockTransfer(tx, cover.transferId);
    if (before !== undefined) {
      // The same package may have been sealed anew; what it must not be is another content or another way.
      const same =
        before.fromCode === own.value && before.toCode === cover.to && contentOf(before.cover) === cover.fileSha256;
      if (!same) return err('transfer-number-used');
      tx.record({ event: 'transfer.repeated', detail: { transfer: cover.transferId } });
      return ok({ acceptedAt: at.toString() });
    }
    const { ref } = await deps.sealed.seal(tx, Buffer.from(sealed), {
      kind: 'body-transfer',
      retentionClass: 'filing-7y',
      purpose: 'eltax/transfer',
    });
    await insertTransfer(
      tx,
      {
        transferId: cover.transferId,
        kind: cover.kind,
        fromCode: own.value,
        toCode: cover.to,
        fiscalYear: cover.fiscalYear,
        records: cover.records,
        cover: coverJws,
        packageRef: ref,
      },
      at,
    );
    tx.record({
      event: 'transfer.accepted',
      ground: '番号利用法第19条第10号',
      facts: ['eltax.body_transfer'],
      items: [cover.kind],
      recipient: cover.to,
      detail: { transfer: cover.transferId, records: cover.records },
    });
    return ok({ acceptedAt: at.toString() });
  },
});

/** Digest that a kept cover names. It was verified when it came. */
function contentOf(coverJws: string): string {
  const payload: unknown = JSON.parse(Buffer.from(coverJws.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return (payload as TransferCover).fileSha256;
}

export const listForBody = act('eltax.list-transfers', {
  right: ['eltax', 'transfer', 'read'],
  async run(
    tx,
    deps: Deps,
    { limit }: { readonly limit: number },
    actor,
  ): Promise<Result<ResponseOf<typeof listTransfers>, WordOf<typeof listTransfers>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const transfers = await waitingFor(tx, own.value, limit);
    tx.record({ event: 'transfers.listed', recipient: idOf(actor), detail: { packages: transfers.length } });
    return ok({ transfers });
  },
});

export const passOn = act('eltax.fetch-transfer', {
  right: ['eltax', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    { transferId }: { readonly transferId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof fetchTransfer>, WordOf<typeof fetchTransfer>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const transfer = await lockTransfer(tx, transferId);
    if (transfer === undefined || transfer.toCode !== own.value) return err('no-such-transfer');
    const opened = await deps.sealed.open(tx, transfer.packageRef, 'eltax/transfer');
    if (!opened.ok) return err('no-such-transfer');
    tx.record({
      event: 'transfer.fetched',
      ground: '番号利用法第19条第10号',
      items: [transfer.kind],
      recipient: idOf(actor),
      detail: { transfer: transferId },
    });
    return ok({ cover: transfer.cover, package: opened.value.toString('utf8') });
  },
});

/** The receiver's word, verified by the route; stated once. */
export const takeReceipt = act('eltax.take-transfer-receipt', {
  right: ['eltax', 'transfer', 'update'],
  async run(
    tx,
    deps: Deps,
    given: {
      readonly transferId: string;
      readonly receipt: TransferReceipt;
      readonly signed: string;
      readonly signedBy: string;
    },
    actor,
  ): Promise<Result<ResponseOf<typeof receiptTransfer>, WordOf<typeof receiptTransfer>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const { transferId, receipt } = given;
    const transfer = await lockTransfer(tx, transferId);
    if (transfer === undefined || transfer.toCode !== own.value) return err('no-such-transfer');
    const names = receipt.transferId === transferId && receipt.by === own.value;
    if (!names || given.signedBy !== idOf(actor) || receipt.fileSha256 !== contentOf(transfer.cover))
      return err('bad-signature');
    if (transfer.outcome !== null) {
      if (transfer.outcome !== receipt.outcome) return err('outcome-already-stated');
      tx.record({ event: 'transfer.outcome-repeated', detail: { transfer: transferId } });
      return ok({});
    }
    const { outcome, reason } = receipt;
    await insertReceipt(tx, { transferId, outcome, reason, receipt: given.signed }, storedNow(deps));
    tx.record({
      event: `transfer.${outcome}`,
      facts: ['eltax.body_transfer_receipt'],
      recipient: transfer.fromCode,
      detail: { transfer: transferId, ...(reason === null ? {} : { reason }) },
    });
    return ok({});
  },
});

export const showTransfer = act('eltax.transfer-status', {
  right: ['eltax', 'transfer', 'read'],
  async run(
    tx,
    deps: Deps,
    { transferId }: { readonly transferId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof transferStatus>, WordOf<typeof transferStatus>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const transfer = await lockTransfer(tx, transferId);
    if (transfer === undefined || transfer.fromCode !== own.value) return err('no-such-transfer');
    tx.record({ event: 'transfer.shown', detail: { transfer: transferId } });
    return ok({ receipt: transfer.receipt });
  },
});
