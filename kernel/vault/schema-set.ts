import type { SchemaSet } from '../db/migrate.ts';

/** Individual Numbers. After `audit`, whose events it asks for at commit. */
export const vaultSchema: SchemaSet = { name: 'vault', directory: new URL('./schema/', import.meta.url) };
/** Carriers: files, messages and images that may hold a number. */
export const sealedSchema: SchemaSet = { name: 'sealed', directory: new URL('./sealed/schema/', import.meta.url) };
