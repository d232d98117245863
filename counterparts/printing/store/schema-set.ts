import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const printingSchema: SchemaSet = { name: 'printing', directory: new URL('./schema/', import.meta.url) };
