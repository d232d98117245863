import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askProtections, compareProtections, protectionDigest } from './protections.ts';

/* 支援措置 at a system that prints addresses: ask before an address leaves, compare every night. Nothing is kept between two questions. */

/** How a system reaches its organisation's platform. */
export interface ProtectionAccess {
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance id, from the settings. */
  readonly platform: string;
  /** The asking system; the platform checks it against the certificate. */
  readonly system: string;
}

export interface Protections {
  /** Also true for a number that the platform does not know as this system's. */
  isProtected(orgPersonNumber: string): boolean;
  /** How many of the persons asked about are protected or unknown. */
  readonly count: number;
  readonly asOf: string;
}

/** The one refusal: no address may be printed for any of them. */
export type ProtectionsRefusal = 'protections-unavailable';

const perQuestion = 500;

/**
 * Who of these persons is under address protection now. Any number of persons; asked outside a transaction, right before the document is
 * made. An error means that no address leaves.
 * @law 住民基本台帳事務処理要領 第5-10; @source INC-45, INC-46
 */
export async function protectionsNow(
  { peers, platform, system }: ProtectionAccess,
  orgPersonNumbers: readonly string[],
): Promise<Result<Protections, ProtectionsRefusal>> {
  const persons = [...new Set(orgPersonNumbers)];
  const guarded = new Set<string>();
  let asOf = '';
  for (let from = 0; from < persons.length; from += perQuestion) {
    const part = persons.slice(from, from + perQuestion);
    const told = await peers.call(askProtections, platform, {}, { system, orgPersonNumbers: part });
    if (!told.ok) return err('protections-unavailable');
    for (const person of [...told.value.protected, ...told.value.unknown]) guarded.add(person);
    // The oldest of the answers: what is said is as old as its first part.
    asOf ||= told.value.asOf;
  }
  return ok({ isProtected: (person) => guarded.has(person), count: guarded.size, asOf });
}

/** Nightly: whether the system's own set of protected persons is the platform's for it. A difference is an event over there. */
export async function protectionsAgree(
  { peers, platform, system }: ProtectionAccess,
  ownProtected: readonly string[],
): Promise<Result<boolean, ProtectionsRefusal>> {
  const own = [...new Set(ownProtected)];
  const told = await peers.call(
    compareProtections,
    platform,
    {},
    { system, count: own.length, digest: protectionDigest(own) },
  );
  return told.ok ? ok(told.value.equal) : err('protections-unavailable');
}
