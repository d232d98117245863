import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * The configuration of one organisation's process, one JSON file. It holds no secret but database passwords, so it is
 * written 0600; keys stand in their own files under `home`.
 */
const named = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
export type NamedText = z.infer<typeof named>;

const instance = z.strictObject({
  system: z.string().regex(/^[a-z][a-z0-9-]*$/),
  database: z.strictObject({ url: z.string().min(1) }),
  /** Port for other systems (mutual TLS). */
  port: z.int().min(0).max(65_535),
  /** Host name under which people see its pages; absent where it has none. */
  host: z.string().optional(),
  /** One-time token with which it enrols at the PKI on its first start. */
  enrolmentToken: z.string().optional(),
  /** Two other organisations' instances that cosign this one's log. */
  witnesses: z.array(z.string()).default([]),
  /** What only this system understands; its own schema reads it. */
  settings: z.record(z.string(), z.unknown()).default({}),
});
export type InstanceConfig = z.infer<typeof instance>;

export const organisationConfig = z.strictObject({
  organisation: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: named,
  /** 全国地方公共団体コード (6 digits) of a ward or prefecture. */
  code: z
    .string()
    .regex(/^[0-9]{6}$/)
    .optional(),
  /** A town may have its civil date moved; nothing else may. */
  town: z.boolean(),
  /** Civil date on the first start of a town. */
  civilDate: z.iso.date().optional(),
  /** Folder of keys and small state of this organisation. */
  home: z.string(),
  /** Loopback port of the pages of all instances of this process, told apart by host name. */
  webPort: z.int().min(0).max(65_535),
  /** Port that people use; the supervisor passes on to `webPort`. */
  publicPort: z.int().min(1).max(65_535),
  pki: z.strictObject({ url: z.string(), rootFile: z.string() }),
  /** Organisation's own sign-in: the issuer of its directory. */
  signIn: z.strictObject({ issuer: z.string(), clientSecretFile: z.string() }).optional(),
  /** Folder in which operations keep this organisation's backups (`musubi backup`); the instances note and watch them. */
  backups: z.string().optional(),
  /**
   * Organisations whose connections end at these systems alone, whatever certificate they show: a segment of the network. An
   * organisation that is not named is kept by the rights of each route.
   */
  segments: z.record(z.string(), z.array(z.string())).default({}),
  /** Addresses of other instances: `organisation/system` → https://host:port */
  directory: z.record(z.string(), z.string()),
  instances: z.array(instance).min(1),
});
export type OrganisationConfig = z.infer<typeof organisationConfig>;

/** Whether a peer may connect to this system at all: whoever's organisation has a segment reaches its systems alone. */
export const segmentOf =
  (segments: Readonly<Record<string, readonly string[]>>, system: string) =>
  (peer: { readonly organisation: string }): boolean =>
    segments[peer.organisation]?.includes(system) ?? true;

/** Reads and checks a configuration; all faults are named together. */
export async function readOrganisationConfig(file: string): Promise<OrganisationConfig> {
  const read = organisationConfig.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (read.success) return read.data;
  const faults = read.error.issues.map((i) => `  ${i.path.join('.')}: ${i.message}`).join('\n');
  throw new Error(`${file} is not a configuration:\n${faults}`);
}
