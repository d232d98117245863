import {
  type LinkageNotice,
  noticeLinkage,
  rootSuccession,
  type SuccessionKind,
} from '@musubi/contracts/exchange/linkage-life.ts';
import { messageTypes, sealedTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { openGcm, sealGcm } from '@musubi/kernel/crypto/aead.ts';
import { canonicalJson, decodeUtf8 } from '@musubi/kernel/crypto/canonical-json.ts';
import { constantTimeEqual, hmacSha256 } from '@musubi/kernel/crypto/digest.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { parseStrictJson } from '@musubi/kernel/crypto/strict-json.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { linkageCodeOf, rootOf } from '../domain/linkage-code.ts';
import { holdersOf, noteHolder, versionHeld } from '../store/derivations.ts';
import { insertSuccession, lockSuccessions, newestOf } from '../store/successions.ts';

/** A person's code changes a few times in a life; more than this many steps are a fault of the table. */
const longestChain = 32;

const labelled = (label: string, root: Uint8Array): Buffer => Buffer.concat([Buffer.from(`${label}\0`), root]);
const endedCheckOf = (digestKey: Uint8Array, root: Uint8Array): Buffer =>
  hmacSha256(digestKey, labelled('ended', root));
/** Successors are sealed under a key of their own, made from the pseudonym key: the database holds neither. */
const sealKeyOf = (digestKey: Uint8Array): Buffer => hmacSha256(digestKey, 'musubi/linkage-succession/1');

/** The digest by which "this body was given a code of this root" is found again. */
export const holderCheckOf = (digestKey: Uint8Array, organisation: string, root: Uint8Array): Buffer =>
  hmacSha256(digestKey, labelled(`holder\0${organisation}`, root));

/** The root that stands for a root today: itself, or what its successions lead to. */
export async function successorOf(tx: Tx, digestKey: Uint8Array, root: Buffer): Promise<Buffer> {
  let at = root;
  for (let steps = 0; steps <= longestChain; steps++) {
    const check = endedCheckOf(digestKey, at);
    const sealed = await newestOf(tx, check);
    if (sealed === undefined || sealed === null) return at;
    const opened = openGcm(sealKeyOf(digestKey), sealed, check);
    if (!opened.ok) throw new Error('a successor does not open under the root process’s key');
    at = opened.value;
  }
  throw new Error('successions without end');
}

interface Told {
  readonly notices: readonly { readonly peer: string; readonly notice: string }[];
}

const note = act('linkage.succeed', {
  right: ['linkage-root', 'derivation', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, sealed }: { requestId: string; sealed: string },
  ): Promise<Result<Told, 'not-readable' | 'request-key-reused' | 'goes-in-a-circle'>> {
    const opened = openJwe(sealed, { privateKey: deps.identity.encryption.key, typ: sealedTypes.rootSuccession });
    const text = opened.ok ? decodeUtf8(opened.value.plaintext) : undefined;
    const json = text === undefined ? undefined : parseStrictJson(text, 4);
    const asked = rootSuccession.safeParse(json?.ok ? json.value : undefined);
    if (!asked.success || asked.data.requestId !== requestId) return err('not-readable');
    const { kind, endedCode, survivorCode, on } = asked.data;
    if (endedCode === survivorCode) return err('goes-in-a-circle');

    const [rootKey, digestKey] = [await deps.keys.rootKey(), await deps.keys.pseudonymKey()];
    const [ended, survivor] = [rootOf(rootKey, endedCode), rootOf(rootKey, survivorCode)];
    await lockSuccessions(tx);
    const endedCheck = endedCheckOf(digestKey, ended);
    if (kind !== 'undone' && (await successorOf(tx, digestKey, survivor)).equals(ended)) return err('goes-in-a-circle');
    const requestCheck = hmacSha256(digestKey, canonicalJson(asked.data));
    const stored = await insertSuccession(tx, {
      requestId,
      kind,
      endedCheck,
      successor: kind === 'undone' ? null : sealGcm(sealKeyOf(digestKey), survivor, endedCheck),
      requestCheck,
      countsFrom: on,
      at: deps.machineClock.now(),
    });
    if (!constantTimeEqual(stored.requestCheck, requestCheck)) return err('request-key-reused');

    const holders = await holdersOf(
      tx,
      [...deps.organisations].map((organisation) => holderCheckOf(digestKey, organisation, ended)),
    );
    let newHolders = 0;
    for (const holder of kind === 'undone' ? [] : holders) {
      const check = holderCheckOf(digestKey, holder.organisation, survivor);
      const version = (await deps.keys.versions(holder.organisation)).at(-1)!;
      if ((await versionHeld(tx, check)) === undefined && (await noteHolder(tx, { ...holder, check, version })))
        newHolders += 1;
    }
    const notices = await Promise.all(
      holders.map(async ({ organisation, system }) => {
        const version = await versionHeld(tx, holderCheckOf(digestKey, organisation, survivor));
        const about = { noticeId: requestId, organisation, kind, ended, survivor, on, version };
        return { peer: `${organisation}/${system}`, notice: await noticeFor(deps, about) };
      }),
    );
    tx.record({
      event: stored.isNew ? 'linkage.succeeded' : 'linkage.succeeded-again',
      ground: '番号利用法施行令 第27条',
      facts: [...(stored.isNew ? ['linkage_root.succession'] : []), ...(newHolders > 0 ? ['linkage_root.holder'] : [])],
      detail: { requestId, kind, holders: holders.length },
    });
    return ok({ notices });
  },
});

async function noticeFor(
  deps: Deps,
  n: {
    readonly noticeId: string;
    readonly organisation: string;
    readonly kind: SuccessionKind;
    readonly ended: Buffer;
    readonly survivor: Buffer;
    readonly on: string;
    /** Under which the body has, or will have, the survivor's code. */
    readonly version: number | undefined;
  },
): Promise<string> {
  const { organisation, ended, survivor, version: held, ...rest } = n;
  const versions = await deps.keys.versions(organisation);
  const codesOf = async (root: Buffer): Promise<string[]> => {
    const keys = await Promise.all(versions.map((version) => deps.keys.bodyKey(organisation, version)));
    return versions.map((version, i) => linkageCodeOf(root, organisation, version, keys[i]!));
  };
  const notice: LinkageNotice = {
    v: 1,
    ...rest,
    organisation,
    ended: await codesOf(ended),
    survivor: (await codesOf(survivor)).at(held === undefined ? -1 : versions.indexOf(held))!,
  };
  return signMessage(deps.identity, messageTypes.linkageNotice, notice);
}

/**
 * 住民票コードの変更・重複登録の統合 (design §4.2). From the commit the ended root is turned as its successor; then each body that was
 * given a code of it is told, by a signed notice about its own two codes. `unavailable`: not all of them could be told; the
 * sender comes again with the same request id, and who was told before takes the notice once.
 */
export async function succeed(
  deps: Deps,
  actor: Actor,
  command: { readonly requestId: string; readonly sealed: string },
): Promise<
  Result<
    { told: number },
    'not-readable' | 'request-key-reused' | 'goes-in-a-circle' | 'unavailable' | 'not-authorised'
  >
> {
  const noted = await note(deps, actor, command);
  if (!noted.ok) return noted;
  const told = await Promise.all(
    noted.value.notices.map(({ peer, notice }) => deps.peers.call(noticeLinkage, peer, {}, { notice })),
  );
  return told.every((each) => each.ok) ? ok({ told: told.length }) : err('unavailable');
}
