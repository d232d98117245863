import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const collectionsSchema: SchemaSet = {
  name: 'collections',
  directory: new URL('./store/schema/', import.meta.url),
};
