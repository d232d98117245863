import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const payersSchema: SchemaSet = { name: 'payers', directory: new URL('./schema/', import.meta.url) };
