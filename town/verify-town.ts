import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { NamedKey } from '@musubi/kernel/audit/note.ts';
import { logOrigin } from '@musubi/kernel/audit/sequencer.ts';
import { type VerifyReport, verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { openDatabase } from '@musubi/kernel/db/database.ts';
import { readIdentity } from '@musubi/kernel/pki/identity-files.ts';
import { rawPublicKey, witnessName } from '@musubi/kernel/serve/audit-loops.ts';
import type { InstanceConfig, OrganisationConfig } from '@musubi/kernel/serve/config.ts';

/** One instance as an auditor sees it: where its database is, and the public keys of its log and its witnesses. */
export interface AuditedInstance {
  readonly id: string;
  readonly databaseUrl: string;
  readonly logKey: NamedKey;
  readonly witnesses: readonly NamedKey[];
}

const logKeyOf = async (config: OrganisationConfig, instance: InstanceConfig): Promise<Buffer> => {
  const party = { organisation: config.organisation, system: instance.system };
  const identity = await readIdentity(path.join(config.home, instance.system, 'identity'), party);
  if (!identity) throw new Error(`${config.organisation}/${instance.system} has no certificates yet`);
  return rawPublicKey(new X509Certificate(identity.log.chain[0]!).publicKey);
};

/** All instances of these configurations, with the keys that their certificates for purpose `log` name. */
export async function auditedInstances(configs: Iterable<OrganisationConfig>): Promise<AuditedInstance[]> {
  const keys = new Map<string, Buffer>();
  const all = [...configs].flatMap((config) =>
    config.instances.map((instance) => ({ config, instance, id: `${config.organisation}/${instance.system}` })),
  );
  for (const { config, instance, id } of all) keys.set(id, await logKeyOf(config, instance));
  return all.map(({ instance, id }) => ({
    id,
    databaseUrl: instance.database.url,
    logKey: { name: logOrigin(id), publicKey: keys.get(id)! },
    witnesses: instance.witnesses.flatMap((w) => {
      const publicKey = keys.get(w);
      return publicKey ? [{ name: witnessName(w), publicKey }] : [];
    }),
  }));
}

/** Recomputes the log of one instance, read by its own application role, or of a copy of its database. */
export async function verifyOne(instance: AuditedInstance, databaseUrl = instance.databaseUrl): Promise<VerifyReport> {
  await using db = openDatabase({ url: databaseUrl, poolSize: 1, statementTimeoutMs: 600_000 });
  return verifyInstance(db, { instance: instance.id, logKey: instance.logKey, witnesses: instance.witnesses });
}
