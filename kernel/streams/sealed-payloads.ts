import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import type { PayloadStore } from './ports.ts';

/** Payloads in the sealed store, one object each: a message may hold what may not lie anywhere else (design §3). */
export function sealedPayloads(store: SealedStore, retentionClass = 'messages-7y'): PayloadStore {
  return {
    async put(tx, bytes) {
      const { ref } = await store.seal(tx, bytes, { kind: 'outbox-message', retentionClass });
      return ref;
    },
    async open(tx, ref) {
      const opened = await store.open(tx, ref as SealedId, 'stream-delivery');
      if (!opened.ok) throw new Error(`the payload ${ref} was erased before it was delivered`);
      return opened.value;
    },
  };
}
