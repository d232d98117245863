import {
  giveDebitResults,
  giveRefundOutcome,
  orderDebits,
  readRefundOrders,
} from '@musubi/contracts/collections/debits.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Collections } from '../deps.ts';

const timeoutMs = 60_000;

/** Collections of the same organisation. Without an answer it throws: every call may be made again and counts once. */
export function collectionsClient(peers: PeerClient, peer: string): Collections {
  const unreached = (word: string): never => {
    throw new Error(`collections: ${word}`);
  };
  return {
    async orderDebits(command) {
      const done = await peers.call(orderDebits, peer, {}, command, { timeoutMs });
      return done.ok ? done.value.orders : unreached(done.error);
    },
    async giveDebitResults(command) {
      const done = await peers.call(giveDebitResults, peer, {}, command, { timeoutMs });
      if (done.ok) return { ok: true };
      return Object.hasOwn(giveDebitResults.errors, done.error)
        ? { ok: false, word: done.error }
        : unreached(done.error);
    },
    async refundOrders() {
      const done = await peers.call(readRefundOrders, peer, {}, {}, { timeoutMs });
      return done.ok ? done.value.orders : unreached(done.error);
    },
    async giveRefundOutcome(command) {
      const done = await peers.call(giveRefundOutcome, peer, {}, command, { timeoutMs });
      if (done.ok) return { ok: true };
      return Object.hasOwn(giveRefundOutcome.errors, done.error)
        ? { ok: false, word: done.error }
        : unreached(done.error);
    },
  };
}
