import type { MachineClock } from '../clocks/clock.ts';
import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import type { PayloadStore } from './ports.ts';

/**
 * Payloads in the sealed store: a message may hold what may not lie anywhere else (design §3). All of a month stand under
 * one key, as their retention ends together; a key for each would cost a disk sync for each.
 */
export function sealedPayloads(
  store: SealedStore,
  machineClock: MachineClock,
  retentionClass = 'messages-7y',
): PayloadStore {
  return {
    async put(tx, bytes) {
      const month = machineClock.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toPlainYearMonth();
      const { ref } = await store.seal(tx, bytes, { kind: 'outbox-message', retentionClass, keyUnit: { month } });
      return ref;
    },
    async open(tx, ref) {
      const opened = await store.open(tx, ref as SealedId, 'stream-delivery');
      if (!opened.ok) throw new Error(`the payload ${ref} was erased before it was delivered`);
      return opened.value;
    },
  };
}
