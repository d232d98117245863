import type { SchemaSet } from '../db/migrate.ts';

export const accessSchema: SchemaSet = { name: 'access', directory: new URL('./schema/', import.meta.url) };
