import type { SchemaSet } from '../db/migrate.ts';

/** For systems whose clerks extract; stands after `audit`, `sealed` and `approvals`. */
export const eucSchema: SchemaSet = { name: 'euc', directory: new URL('./schema/', import.meta.url) };
