import { deliverLinkageCode, processingNumber, rootRequest } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, readSigned, sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { decodeUtf8 } from '@musubi/kernel/crypto/canonical-json.ts';
import { constantTimeEqual, hmacSha256 } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { parseStrictJson } from '@musubi/kernel/crypto/strict-json.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { linkageCodeOf, rootOf } from '../domain/linkage-code.ts';
import { noteDerivation, noteHolder, versionHeld } from '../store/derivations.ts';
import { holderCheckOf, successorOf } from './succeed.ts';

interface Derived {
  readonly processingNumber: string;
  readonly recipient: string;
  readonly linkageCode: string;
}

/** 符号の生成: {processing number, Resident Record Code} → the body's linkage code. Nothing of the person is kept. */
const derive = act('linkage.derive', {
  right: ['linkage-root', 'derivation', 'update'],
  async run(tx, deps: Deps, { sealed }: { sealed: string }): Promise<Result<Derived, 'processing-number-invalid'>> {
    const opened = openJwe(sealed, { privateKey: deps.identity.encryption.key, typ: sealedTypes.rootRequest });
    const text = opened.ok ? decodeUtf8(opened.value.plaintext) : undefined;
    const json = text === undefined ? undefined : parseStrictJson(text, 4);
    const asked = rootRequest.safeParse(json?.ok ? json.value : undefined);
    if (!asked.success) return err('processing-number-invalid');

    const at = deps.machineClock.now();
    const signed = readSigned(
      asked.data.processingNumber,
      messageTypes.processingNumber,
      processingNumber,
      deps.trust,
      at,
    );
    if (!signed.ok || partyId(signed.value.signer) !== deps.network) return err('processing-number-invalid');
    const { number, organisation, system, until } = signed.value.payload;
    if (Temporal.Instant.compare(at, until) > 0 || !deps.organisations.has(organisation))
      return err('processing-number-invalid');

    const digestKey = await deps.keys.pseudonymKey();
    const own = rootOf(await deps.keys.rootKey(), asked.data.residentRecordCode);
    const root = await successorOf(tx, digestKey, own);
    const personCheck = hmacSha256(digestKey, Buffer.concat([Buffer.from(`${number}\0`), own]));
    const standing = await noteDerivation(tx, { processingNumber: number, organisation, personCheck, at });
    // The same number again is the sender's repeat; for another person it is not.
    if (!constantTimeEqual(standing, personCheck)) return err('processing-number-invalid');

    const check = holderCheckOf(digestKey, organisation, root);
    // The same person is given the same code again, whatever version the body's key has now.
    const version = (await versionHeld(tx, check)) ?? (await deps.keys.versions(organisation)).at(-1)!;
    const isNewHolder = await noteHolder(tx, { check, organisation, system, version });
    const key = (await deps.keys.bodyKey(organisation, version))!;
    tx.record({
      event: 'linkage.derived',
      ground: '番号利用法 第21条の2第2項',
      recipient: `${organisation}/${system}`,
      facts: ['linkage_root.derivation', ...(isNewHolder ? ['linkage_root.holder'] : [])],
      detail: { processingNumber: number, keyVersion: version },
    });
    return ok({
      processingNumber: number,
      recipient: `${organisation}/${system}`,
      linkageCode: linkageCodeOf(root, organisation, version, key),
    });
  },
});

/**
 * Derives and delivers. Safe to repeat: the code is the same again, and the body stores it once.
 * `unavailable`: the body could not be reached; the sender tries again with the same processing number.
 */
export async function deriveAndDeliver(
  deps: Deps,
  actor: Actor,
  command: { readonly sealed: string },
): Promise<Result<{ delivered: true }, 'processing-number-invalid' | 'unavailable' | 'not-authorised'>> {
  const derived = await derive(deps, actor, command);
  if (!derived.ok) return derived;
  const { recipient, linkageCode, processingNumber: number } = derived.value;
  const stored = await deps.peers.call(deliverLinkageCode, recipient, {}, { processingNumber: number, linkageCode });
  if (stored.ok) return ok({ delivered: true });
  return err(stored.error === 'unknown-processing-number' ? 'processing-number-invalid' : 'unavailable');
}
