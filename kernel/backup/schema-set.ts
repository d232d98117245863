import type { SchemaSet } from '../db/migrate.ts';

/** What an instance notes of its backups and drills. Stands after `audit`. */
export const backupSchema: SchemaSet = { name: 'backup', directory: new URL('./schema/', import.meta.url) };
