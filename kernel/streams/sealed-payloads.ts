import type { MachineClock } from '../clocks/clock.ts';
import type { Tx } from '../db/sql.ts';
import type { SealedId, SealedStore } from '../vault/sealed/sealed-store.ts';
import type { PayloadStore } from './ports.ts';

/**
 * Payloads in the sealed store: a message may hold what may not lie anywhere else (design §3). All of a month stand under
 * one key, as their retention ends together; a key for each would cost a disk sync for each. What one act sends together
 * lies in one carrier: its reference says from which byte on, and how many.
 */
export function sealedPayloads(
  store: SealedStore,
  machineClock: MachineClock,
  retentionClass = 'messages-7y',
): PayloadStore {
  const seal = async (tx: Tx, bytes: Uint8Array): Promise<string> => {
    const month = machineClock.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toPlainYearMonth();
    const { ref } = await store.seal(tx, bytes, { kind: 'outbox-message', retentionClass, keyUnit: { month } });
    return ref;
  };
  const openCarrier = async (tx: Tx, ref: string): Promise<Buffer> => {
    const opened = await store.open(tx, ref as SealedId, 'stream-delivery');
    if (!opened.ok) throw new Error(`the payload ${ref} was erased before it was delivered`);
    return opened.value;
  };
  const openMany = async (tx: Tx, refs: readonly string[]): Promise<Uint8Array[]> => {
    const carriers = new Map<string, Buffer>();
    const contents: Uint8Array[] = [];
    for (const ref of refs) {
      const [carrier = '', from, length] = ref.split('/');
      const bytes = carriers.get(carrier) ?? (await openCarrier(tx, carrier));
      carriers.set(carrier, bytes);
      contents.push(from === undefined ? bytes : bytes.subarray(Number(from), Number(from) + Number(length)));
    }
    return contents;
  };
  return {
    put: seal,
    open: async (tx, ref) => (await openMany(tx, [ref]))[0]!,
    openMany,
    async putMany(tx, many) {
      if (many.length === 0) return [];
      const carrier = await seal(tx, Buffer.concat(many));
      let from = 0;
      return many.map(({ length }) => {
        const ref = `${carrier}/${from}/${length}`;
        from += length;
        return ref;
      });
    },
  };
}
