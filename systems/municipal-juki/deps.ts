import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';

export interface Deps extends ActDeps {
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  /** 全国地方公共団体コード of this municipality. */
  readonly municipalityCode: string;
  readonly residentRegister: string;
  readonly prefecturalJuki: string;
  readonly nationalJuki: string;
  /** 附票連携システム of the prefecture; absent where supplements are not sent. */
  readonly fuhyoLink?: string | undefined;
}
