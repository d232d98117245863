import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const residentTaxSchema: SchemaSet = { name: 'resident-tax', directory: new URL('./schema/', import.meta.url) };
