import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const etaxSchema: SchemaSet = { name: 'etax', directory: new URL('./schema/', import.meta.url) };
