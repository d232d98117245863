import type { CardCertificateKind } from '@musubi/contracts/portal/card.ts';

/** How certificates of one kind look. Algorithm and key size stand here because the next card generation changes them. */
export interface CardProfile {
  readonly kind: CardCertificateKind;
  /** OU that names the authority. */
  readonly authority: string;
  readonly keyBits: 2048;
  /** Bits of keyUsage, the first bit of RFC 5280 as 1: digitalSignature = 1, nonRepudiation = 2. */
  readonly keyUsage: number;
  readonly policy: { readonly production: string; readonly training: string };
  readonly particulars: boolean;
}

/** @source 公的個人認証サービス プロファイル仕様書 (formats: 公的個人認証 §2) */
export const profiles: Readonly<Record<CardCertificateKind, CardProfile>> = {
  signature: {
    kind: 'signature',
    authority: 'JPKI for digital signature',
    keyBits: 2048,
    keyUsage: 3,
    policy: { production: '1.2.392.200149.8.5.1.1.20', training: '1.2.392.200149.8.5.1.0.20' },
    particulars: true,
  },
  'user-authentication': {
    kind: 'user-authentication',
    authority: 'JPKI for user authentication',
    keyBits: 2048,
    keyUsage: 1,
    // No policy of a test environment is published for this kind.
    policy: { production: '1.2.392.200149.8.5.1.3.30', training: '1.2.392.200149.8.5.1.3.30' },
    particulars: false,
  },
};
