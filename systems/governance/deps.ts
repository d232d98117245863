import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Alarms } from '@musubi/kernel/streams/ports.ts';
import type { DeclaredSystem } from './domain/declared-items.ts';

export interface Deps extends ActDeps {
  readonly alarms: Alarms;
  readonly outbox: Outbox;
  /** What the systems of the organisation hold, by the catalogues with which they run. */
  readonly declared: readonly DeclaredSystem[];
}
