import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { enforced } from '../enforcement/enforcement.ts';
import type { Random } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';

/**
 * argon2id (RFC 9106) with 19 MiB, two passes, one lane, 16-byte salt and 32-byte tag: OWASP's minimum, about 40 ms on
 * a small server. The parameters stand with each hash, so that raising them breaks no password that is set.
 */
export const argon2Parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;
/** The same person types the same password on keyboards that compose differently. */
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFKC'), 'utf8');

/** `argon2id$19456$2$1$SALT$TAG`, base64url. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const nonce = random.bytes(16);
  const tag = await derive('argon2id', { ...argon2Parameters, message: bytesOf(password), nonce: Buffer.from(nonce) });
  const { memory, passes, parallelism } = argon2Parameters;
  return [
    'argon2id',
    memory,
    passes,
    parallelism,
    Buffer.from(nonce).toString('base64url'),
    tag.toString('base64url'),
  ].join('$');
}

/** Whether this is the password of the hash; an unreadable hash throws. */
export async function matches(password: string, hash: string): Promise<boolean> {
  const read = /^argon2id\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/.exec(hash);
  if (read === null) throw new Error('not a hash of ours');
  const [, memory, passes, parallelism, salt, tag] = read;
  const expected = Buffer.from(tag!, 'base64url');
  const given = await derive('argon2id', {
    message: bytesOf(password),
    nonce: Buffer.from(salt!, 'base64url'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return timingSafeEqual(given, expected);
}

export interface PasswordPolicy {
  readonly minLength: number;
  /** Of: lower case, upper case, digits, other. */
  readonly minKinds: number;
  /** Former passwords that do not return. */
  readonly remembered: number;
  readonly maxDays: number;
  /** Failures until the account locks. */
  readonly attempts: number;
}
export const passwordPolicy: PasswordPolicy = { minLength: 12, minKinds: 3, remembered: 8, maxDays: 180, attempts: 5 };

/** Words that open half of all guessed accounts; compared without digits and signs. */
const known = [
  'password',
  'passwort',
  'qwerty',
  'qwertyuiop',
  'letmein',
  'welcome',
  'administrator',
  'admin',
  'abcdefgh',
  'meguro',
  'tokyo',
  'setagaya',
  'musubi',
  'sakura',
  'nippon',
];

export type PasswordFault = 'too-short' | 'too-simple' | 'contains-id' | 'well-known' | 'used-before';

/** Whether a new password may be set. `former` are the remembered hashes, the one in force included. */
export async function acceptPassword(
  password: string,
  about: { readonly staffId: string; readonly former: readonly string[]; readonly policy?: PasswordPolicy },
): Promise<Result<null, PasswordFault>> {
  const { policy = passwordPolicy } = about;
  const fault = simpleFault(password.normalize('NFKC'), about.staffId, policy);
  if (enforced('auth.password-policy') && fault !== undefined) return err(fault);
  for (const hash of about.former.slice(0, policy.remembered)) {
    if (enforced('auth.password-age') && (await matches(password, hash))) return err('used-before');
  }
  return ok(null);
}

function simpleFault(password: string, staffId: string, policy: PasswordPolicy): PasswordFault | undefined {
  if ([...password].length < policy.minLength) return 'too-short';
  const plain = password.toLowerCase();
  if (plain.includes(staffId.toLowerCase()) || plain.includes(staffId.replaceAll('-', '').toLowerCase()))
    return 'contains-id';
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length;
  if (kinds < policy.minKinds || /^(.{1,3})\1+$/.test(plain)) return 'too-simple';
  if (known.includes(plain.replaceAll(/[^a-z]/g, ''))) return 'well-known';
  return undefined;
}

export interface PasswordRecord {
  readonly hash: string;
  readonly setOn: Temporal.PlainDate;
  /** Issued by an administrator: opens nothing but its change. */
  readonly issued: boolean;
}

export type PasswordOutcome =
  | { readonly outcome: 'verified'; readonly standing: 'good' | 'must-change' }
  | { readonly outcome: 'wrong'; readonly failures: number; readonly locks: boolean }
  | { readonly outcome: 'locked' };

/**
 * Verifies a person's own password and says what becomes of the count of failures. A locked account stays locked for
 * the right password too. Works as long for an account that does not exist (`record` undefined).
 */
export async function verifyPassword(
  password: string,
  account: {
    readonly record: PasswordRecord | undefined;
    readonly failures: number;
    readonly today: Temporal.PlainDate;
  },
  policy: PasswordPolicy = passwordPolicy,
): Promise<PasswordOutcome> {
  const right = await matches(password, account.record?.hash ?? nobodysHash);
  if (enforced('auth.lock-out') && account.failures >= policy.attempts) return { outcome: 'locked' };
  if (enforced('auth.password') && (account.record === undefined || !right)) {
    const failures = account.failures + 1;
    return { outcome: 'wrong', failures, locks: failures >= policy.attempts };
  }
  return {
    outcome: 'verified',
    standing: account.record ? passwordStanding(account.record, account.today, policy) : 'good',
  };
}

/** 'must-change' where the password is issued, too old, or of a fiscal year that ended (年度末に期限切れ). */
export function passwordStanding(
  record: PasswordRecord,
  today: Temporal.PlainDate,
  policy: PasswordPolicy = passwordPolicy,
): 'good' | 'must-change' {
  if (record.issued) return 'must-change';
  const lastDay = record.setOn.add({ days: policy.maxDays });
  const yearEnd = fiscalYearEnd(record.setOn);
  const ends = Temporal.PlainDate.compare(lastDay, yearEnd) < 0 ? lastDay : yearEnd;
  return enforced('auth.password-age') && Temporal.PlainDate.compare(today, ends) > 0 ? 'must-change' : 'good';
}

/** The 31st of March on or after this day. */
export const fiscalYearEnd = (on: Temporal.PlainDate): Temporal.PlainDate =>
  Temporal.PlainDate.from({ year: on.month >= 4 ? on.year + 1 : on.year, month: 3, day: 31 });

/** Hash of nothing anybody typed, so that an unknown id takes as long as a known one. */
const nobodysHash = `argon2id$19456$2$1$${Buffer.alloc(16, 7).toString('base64url')}$${Buffer.alloc(32, 9).toString('base64url')}`;
