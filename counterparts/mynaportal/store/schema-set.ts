import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const mynaportalSchema: SchemaSet = { name: 'mynaportal', directory: new URL('./schema/', import.meta.url) };
