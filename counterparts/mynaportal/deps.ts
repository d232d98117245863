import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { PortalKeys } from './keys.ts';
import type { TellInformation } from './service/own-information.ts';
import type { TellNotices } from './service/own-notices.ts';
import type { SessionMemory } from './service/session-memory.ts';
import type { Shown } from './service/show-records.ts';

export interface Deps extends ActDeps {
  readonly host: Pick<Host, 'identity' | 'trust' | 'peers' | 'certificateOf'>;
  readonly keys: PortalKeys;
  /** A town takes training cards; nothing else does. */
  readonly town: boolean;
  /** The address that browsers show; a card signs for it alone. */
  readonly origin: string;
  readonly informationProvidingNetwork: string;
  readonly jpki: string;
  /** Bodies by id: what they are called, and which of their instances tells the records. */
  readonly bodies: ReadonlyMap<string, Body>;
  readonly procedures: readonly Procedure[];
  /** What this session was told, in memory alone. */
  readonly shown: SessionMemory<Shown>;
  readonly information: SessionMemory<TellInformation>;
  readonly notices: SessionMemory<TellNotices>;
}

/** A form that a body offers: its version in force and its fields. What else would be typed is not asked. */
export interface Procedure {
  readonly organisation: string;
  /** Where applications go, and for whom they are sealed. */
  readonly platform: string;
  readonly procedure: string;
  readonly formVersion: string;
  readonly title: string;
  /** 利用目的, shown before anything is asked. */
  readonly purpose: string;
  readonly fields: readonly { readonly name: string; readonly label: string; readonly required: boolean }[];
}

export interface Body {
  readonly name: string;
  readonly ims: string;
}
