import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Manners } from './domain/manners.ts';

export interface Deps extends ActDeps {
  /** 委託者コード → the instance that may send under it. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly manners: Manners;
  readonly seed: string;
}
