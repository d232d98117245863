import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const accountsSchema: SchemaSet = {
  name: 'accounts',
  directory: new URL('./store/schema/', import.meta.url),
};
