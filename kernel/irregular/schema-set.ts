import type { SchemaSet } from '../db/migrate.ts';

/** 通常以外の処理: procedures, what was done by them, who confirmed it, and the months that were gone through. Beside `audit`. */
export const irregularSchema: SchemaSet = { name: 'irregular', directory: new URL('./schema/', import.meta.url) };
