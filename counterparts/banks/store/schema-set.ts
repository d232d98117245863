import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const banksSchema: SchemaSet = { name: 'banks', directory: new URL('./schema/', import.meta.url) };
