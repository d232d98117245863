import type { TrainingKey, TrainingKeys } from './training-authenticator.ts';

/** Keys of this browser (IndexedDB keeps CryptoKeys without letting scripts read them). */
async function store<T>(mode: IDBTransactionMode, run: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('musubi-keys', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise<T>((resolve, reject) => {
      const asked = run(db.transaction('keys', mode).objectStore('keys'));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    db.close();
  }
}

export const trainingKeys: TrainingKeys = {
  get: (rpId, staffId) => store<TrainingKey | undefined>('readonly', (s) => s.get(`training ${rpId} ${staffId}`)),
  async put(rpId, staffId, key) {
    await store('readwrite', (s) => s.put(key, `training ${rpId} ${staffId}`));
  },
};

export interface TerminalKeyPair {
  readonly terminalId: string;
  readonly pair: CryptoKeyPair;
}

export const terminalKey = (): Promise<TerminalKeyPair | undefined> =>
  store<TerminalKeyPair | undefined>('readonly', (s) => s.get('terminal'));

/** The key of this terminal; made where there is none. It cannot be exported and never leaves the browser. */
export async function makeTerminalKey(): Promise<TerminalKeyPair> {
  const known = await terminalKey();
  if (known) return known;
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const id = Array.from(crypto.getRandomValues(new Uint8Array(10)), (b) => b.toString(16).padStart(2, '0')).join('');
  const made = { terminalId: `t-${id}`, pair };
  await store('readwrite', (s) => s.put(made, 'terminal'));
  return made;
}
