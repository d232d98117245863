import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const governanceSchema: SchemaSet = { name: 'governance', directory: new URL('./schema/', import.meta.url) };
