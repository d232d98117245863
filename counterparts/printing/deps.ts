import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { Manners } from './domain/manners.ts';

export interface Deps extends ActDeps {
  readonly identity: Pick<Identity, 'signing' | 'encryption'>;
  readonly trust: Trust;
  /** 帳票: the forms that are in stock, by id, with the version that this house holds. */
  readonly forms: Readonly<Record<string, number>>;
  readonly manners: Manners;
}
