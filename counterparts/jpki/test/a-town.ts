import { generateKeyPairSync } from 'node:crypto';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import type { CardAuthorities } from '../ca/authorities.ts';
import { issueCardAuthority } from '../ca/certificate.ts';
import { profiles } from '../ca/profile.ts';
import type { Deps } from '../deps.ts';
import { rights } from '../rights.ts';
import { jpkiSchema } from '../store/schema-set.ts';

const validity = {
  from: Temporal.Instant.from('2026-01-01T00:00:00Z'),
  until: Temporal.Instant.from('2036-01-01T00:00:00Z'),
};
const authority = (kind: 'signature' | 'user-authentication', serial: string) =>
  issueCardAuthority(profiles[kind], generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, serial, validity);
/** Made once per test process: RSA keys take their time. */
export const authorities: CardAuthorities = {
  signature: await authority('signature', '41'),
  'user-authentication': await authority('user-authentication', '42'),
};

export const conductor: Actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: '-' };
export const portal: Actor = { kind: 'system', organisation: 'portal', system: 'mynaportal', certificate: '-' };

export const hanako = {
  residentRecordCode: '10000000009',
  name: '佐藤　花子',
  birthDate: '1980-04-01',
  sex: 'female',
  address: '東京都目黒区中目黒１丁目２番３号',
  userAuthenticationPin: '1234',
  signaturePin: 'ABC123',
} as const;

/** A jpki instance's acts on a database of their own, with the rights as they stand and the real audit log. */
export async function aJpki(options: { readonly town?: boolean; readonly now?: string } = {}) {
  const t = await testDatabase([auditSchema, jpkiSchema], {
    rights: createRights(rights, 'jlis', { rolesOf: async () => [] }),
    audit: auditSink({ instance: 'jlis/jpki', random: seededRandom('jpki') }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const deps: Deps = { ...t.deps, authorities, town: options.town ?? true };
  return Object.assign(t, { jpki: deps, [Symbol.asyncDispose]: t[Symbol.asyncDispose] });
}
