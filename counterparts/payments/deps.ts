import type { PaymentChannel } from '@musubi/contracts/payments/files.ts';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { TillPlan } from './domain/days.ts';
import type { Manners } from './service/manners.ts';
import type { Contracts } from './service/read-presented.ts';
import type { Told } from './store/remittances.ts';

/** A body that has a contract: its code, where its files go, what its bars say. */
export interface Body {
  readonly code: string;
  readonly companyCode: string;
  /** Instance id of its collections. */
  readonly collections: string;
}

/** Where a body's files go. Throws without an answer: a file is offered until it was answered. */
export interface Wards {
  deliver(
    body: Body,
    file: { channel: PaymentChannel; content: Uint8Array },
  ): Promise<'taken' | 'repeated' | 'refused'>;
  /** 納入内訳 of an employer's payment, before the file that holds it. */
  tell(body: Body, list: Told): Promise<'taken' | 'repeated' | 'refused'>;
}

export interface Deps extends ActDeps {
  readonly bodies: readonly Body[];
  readonly tills: readonly (TillPlan & { readonly channel: PaymentChannel })[];
  readonly contracts: Contracts;
  readonly wards: Wards;
  readonly manners: Manners;
  /** What goes wrong is drawn from it: the same seed, the same faults. */
  readonly seed: string;
}
