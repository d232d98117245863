import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Outbox } from '@musubi/kernel/streams/outbox.ts';
import type { LookUpNational } from './clients/national.ts';
import type { ObtainNumber } from './clients/number-link.ts';
import type { SignInquiry } from './clients/sign.ts';
import type { TemporaryNumbers } from './store/temporary-numbers.ts';

export interface Deps extends ActDeps {
  readonly outbox: Outbox;
  /** This instance, `organisation/system`. */
  readonly self: string;
  readonly nationalFuhyo: string;
  /** 区市町村CS of each municipality code; the only ones whose notices are taken. */
  readonly municipalities: Readonly<Record<string, string>>;
  /** The temporary area: a database of its own. */
  readonly numbers: TemporaryNumbers;
  /** How long a number is kept for an asker that did not confirm, 1 to 720 hours (A10). */
  readonly keepHours: number;
  readonly obtainNumber: ObtainNumber;
  readonly lookUpNational: LookUpNational;
  readonly signInquiry: SignInquiry;
}
