import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const taxDocumentsSchema: SchemaSet = {
  name: 'tax-documents',
  directory: new URL('./schema/', import.meta.url),
};
