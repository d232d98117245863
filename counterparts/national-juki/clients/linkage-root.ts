import { X509Certificate } from 'node:crypto';
import { reportSuccession, rootSuccession } from '@musubi/contracts/exchange/linkage-life.ts';
import { sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

export interface CodeChange {
  readonly successionId: string;
  readonly endedCode: string;
  readonly survivorCode: string;
  readonly kind: 'code-changed' | 'merged' | 'undone';
  readonly on: string;
}
/** `later`: the root, or a body that it has to tell, is out of reach. Any other word is final. */
export type Told = Result<
  { readonly bodies: number },
  'later' | 'not-readable' | 'request-key-reused' | 'goes-in-a-circle'
>;
export type TellRoot = (change: CodeChange) => Promise<Told>;

/** 住民票コードの変更, 二重登録の統合 to the root of linkage codes, encrypted to it alone; the same id again is a repeat there. */
export const tellRoot =
  (host: Pick<Host, 'peers' | 'certificateOf'>, linkageRoot: string): TellRoot =>
  async ({ successionId, ...change }) => {
    const [organisation = '', system = ''] = linkageRoot.split('/');
    const [leaf] = await host.certificateOf({ organisation, system }, 'encryption');
    const content = rootSuccession.parse({ v: 1, requestId: successionId, ...change });
    const sealed = sealJwe({
      recipient: new X509Certificate(leaf!).publicKey,
      typ: sealedTypes.rootSuccession,
      plaintext: Buffer.from(canonicalJson(content)),
    });
    const told = await host.peers.call(reportSuccession, linkageRoot, {}, { requestId: successionId, sealed });
    if (told.ok) return ok({ bodies: told.value.told });
    const final =
      told.error === 'not-readable' || told.error === 'request-key-reused' || told.error === 'goes-in-a-circle';
    return err(final ? (told.error as 'not-readable') : 'later');
  };
