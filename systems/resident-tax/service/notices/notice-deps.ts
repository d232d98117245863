import type { Protections, ProtectionsRefusal } from '@musubi/contracts/platform/protection-client.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { SealedStore } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { ChargeDeps } from '../charges/charge-decided.ts';
import type { TaxNotice } from './tax-notice.ts';

/** What stands on every notice of the ward: its mayor, its office, how it is paid. From the configuration. */
export interface NoticeOffice {
  /** 目黒区 */
  readonly ward: string;
  readonly issuer: { readonly title: string; readonly name: string };
  readonly contact: TaxNotice['contact'];
  readonly paymentMethod: string;
  readonly slips: SlipOffice;
}

/** What a slip says besides the charge: given to the ward by those who collect. */
export interface SlipOffice {
  /** 請求書発行企業コード of the agent for convenience stores, 6 digits; null: no bar is printed. */
  readonly storeCompany: string | null;
  /** 税目・料金番号 in the eL-QR, 3 digits. */
  readonly taxItem: string;
  /** 税務事務所コード, 3 digits. */
  readonly taxOffice: string;
}

export interface NoticeDeps extends ChargeDeps {
  readonly sealed: SealedStore;
  readonly typesetter: Typesetter;
  /** Key of the check codes on the pages; 32 bytes, of this instance alone. */
  readonly subjectCheckKey: Uint8Array;
  readonly office: NoticeOffice;
  /** 支援措置 as the platform has it now, asked before an address leaves. */
  readonly protections: (orgPersonNumbers: readonly string[]) => Promise<Result<Protections, ProtectionsRefusal>>;
}
