import type { SchemaSet } from '../db/migrate.ts';

export const streamsSchema: SchemaSet = { name: 'streams', directory: new URL('./schema/', import.meta.url) };
