import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Manners } from './domain/manners.ts';

export interface Deps extends ActDeps {
  /** Codes of the municipalities that these employers pay to. */
  readonly municipalities: readonly string[];
  readonly manners: Manners;
  /** What goes wrong is drawn from it: the same seed, the same months. */
  readonly seed: string;
}
export interface PayingDeps extends Deps {
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance of the payment agencies. */
  readonly payments: string;
}
