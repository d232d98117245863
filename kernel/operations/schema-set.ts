import type { SchemaSet } from '../db/migrate.ts';

/** Alerts and who took them up; stands after `audit`, `streams` and `jobs`, which the view reads. */
export const operationsSchema: SchemaSet = { name: 'operations', directory: new URL('./schema/', import.meta.url) };
