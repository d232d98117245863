import type { Protections, ProtectionsRefusal } from '@musubi/contracts/platform/protection-client.ts';
import type { Typesetter } from '@musubi/kernel/documents/typesetter.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';

/** What stands on every paper of the ward. From the configuration. */
export interface PaperOffice {
  readonly ward: string;
  readonly issuer: { readonly title: string; readonly name: string };
  readonly contact: { readonly office: string; readonly telephone: string; readonly address: string };
  readonly slips: {
    /** 請求書発行企業コード, 6 digits; null: no bar for convenience stores is printed. */
    readonly storeCompany: string | null;
    /** 税目・料金番号 in the eL-QR, 3 digits. */
    readonly taxItem: string;
    /** 税務事務所コード, 3 digits. */
    readonly taxOffice: string;
  };
}
export interface PaperDeps extends Deps {
  /** 支援措置: asked right before an address is printed; undefined where the organisation has no platform to ask. */
  readonly protections: ((persons: readonly string[]) => Promise<Result<Protections, ProtectionsRefusal>>) | undefined;
  readonly typesetter: Typesetter;
  /** Key of the check codes on the pages; of this instance alone. */
  readonly subjectCheckKey: Uint8Array;
  readonly office: PaperOffice;
}
