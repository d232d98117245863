import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const nationalFuhyoSchema: SchemaSet = {
  name: 'national-fuhyo',
  directory: new URL('./schema/', import.meta.url),
};
