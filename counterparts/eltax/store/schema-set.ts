import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const eltaxSchema: SchemaSet = { name: 'eltax', directory: new URL('./schema/', import.meta.url) };
