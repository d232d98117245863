import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const childChronicSchema: SchemaSet = {
  name: 'child-chronic',
  directory: new URL('./store/schema/', import.meta.url),
};
