import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';

export interface Deps extends ActDeps {
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  /** Whether it fails now, on purpose and by seed: notices are put off, look-ups end in an error. */
  readonly failsNow: () => boolean;
}
