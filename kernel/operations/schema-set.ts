import type { SchemaSet } from '../db/migrate.ts';

/** For systems with an operators' view; stands after `audit` and `streams`. */
export const operationsSchema: SchemaSet = { name: 'operations', directory: new URL('./schema/', import.meta.url) };
