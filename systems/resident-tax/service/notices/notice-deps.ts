import type { ActDeps } from '@musubi/kernel/db/act.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { TaxNotice } from './tax-notice.ts';

/** What stands on every notice of the ward: its mayor, its office, how it is paid. From the configuration. */
export interface NoticeOffice {
  /** 目黒区 */
  readonly ward: string;
  readonly issuer: { readonly title: string; readonly name: string };
  readonly contact: TaxNotice['contact'];
  readonly paymentMethod: string;
}

export interface NoticeDeps extends ActDeps {
  readonly sealed: SealedStore;
  readonly typesetter: Typesetter;
  /** Key of the check codes on the pages; 32 bytes, of this instance alone. */
  readonly subjectCheckKey: Uint8Array;
  readonly office: NoticeOffice;
}
