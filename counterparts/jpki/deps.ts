import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { CardAuthorities } from './ca/authorities.ts';

export interface Deps extends ActDeps {
  readonly authorities: CardAuthorities;
  /** A town issues training cards; nothing else does. */
  readonly town: boolean;
}
