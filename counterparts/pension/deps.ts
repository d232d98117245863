import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Manners } from './domain/manners.ts';

export interface Deps extends ActDeps {
  /** The insurer as municipalities know it. */
  readonly insurer: string;
  /** Instance that may send files → its municipality: `meguro/resident-tax` → 131105. */
  readonly municipalities: Readonly<Record<string, string>>;
  readonly identity: Pick<Identity, 'signing'>;
  readonly seed: string;
  readonly manners: Manners;
  /** Files that were given out since the process began, by name. */
  readonly given: Set<string>;
}

export interface PayingDeps extends Deps {
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance of the payment agencies. */
  readonly payments: string;
}
