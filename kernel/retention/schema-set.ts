import type { SchemaSet } from '../db/migrate.ts';

/** Sealing before the end of a term, holds, approved lists and records of erasure. Beside `audit`, `sealed`, `approvals`, `serve`. */
export const retentionSchema: SchemaSet = { name: 'retention', directory: new URL('./schema/', import.meta.url) };
