import type { SchemaSet } from '../db/migrate.ts';

export const jobsSchema: SchemaSet = { name: 'jobs', directory: new URL('./schema/', import.meta.url) };
