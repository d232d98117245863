import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const paymentsSchema: SchemaSet = { name: 'payments', directory: new URL('./schema/', import.meta.url) };
