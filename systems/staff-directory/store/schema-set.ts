import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const staffDirectorySchema: SchemaSet = {
  name: 'staff-directory',
  directory: new URL('./schema/', import.meta.url),
};
