import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';

/** What the acts of this system need. Built in `main.ts`, nowhere else. */
export interface Deps extends ActDeps {
  readonly sealed: SealedStore;
  readonly typesetter: Typesetter;
  /** Key of the digests of images and of the check codes on their pages; 32 bytes, of this instance alone. */
  readonly imageKey: Uint8Array;
}
