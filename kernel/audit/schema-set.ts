import type { SchemaSet } from '../db/migrate.ts';

/** The log's tables. Stands before every set whose migrations call `audit.declare_fact_table`. */
export const auditSchema: SchemaSet = { name: 'audit', directory: new URL('./schema/', import.meta.url) };
