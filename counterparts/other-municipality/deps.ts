import type { BodiesLine } from '@musubi/contracts/eltax/between-bodies-client.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export interface Deps extends ActDeps {
  readonly sealed: SealedStore;
  readonly municipality: LocalGovernmentCode;
  /** 世田谷区 */
  readonly name: string;
}

export interface PeerDeps extends Deps {
  readonly line: BodiesLine;
}
