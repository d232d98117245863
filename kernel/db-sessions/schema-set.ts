import type { SchemaSet } from '../db/migrate.ts';

/** Who was at the database besides the running system. Stands after `audit`. */
export const dbSessionsSchema: SchemaSet = { name: 'db_sessions', directory: new URL('./schema/', import.meta.url) };
