import type { SchemaSet } from '../db/migrate.ts';

/** Requests, their steps, the form ledger and the register of questions. Beside `audit`, `vault` and `sealed`. */
export const disclosureSchema: SchemaSet = { name: 'disclosure', directory: new URL('./schema/', import.meta.url) };
