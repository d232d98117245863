import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const pensionSchema: SchemaSet = { name: 'pension', directory: new URL('./schema/', import.meta.url) };
