import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const jpkiSchema: SchemaSet = { name: 'jpki', directory: new URL('./schema/', import.meta.url) };
