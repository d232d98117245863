import type { SchemaSet } from '../db/migrate.ts';

/** 移行: what the old system stated, what was taken in, comparisons, closing, erasure of the old environment. Beside `audit`, `sealed`, `jobs`. */
export const migrationSchema: SchemaSet = { name: 'migration', directory: new URL('./schema/', import.meta.url) };
