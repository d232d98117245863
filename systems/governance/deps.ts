import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { Alarms } from '@musubi/kernel/streams/ports.ts';

export interface Deps extends ActDeps {
  readonly alarms: Alarms;
  readonly outbox: Outbox;
}
