import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const nationalJukiSchema: SchemaSet = {
  name: 'national-juki',
  directory: new URL('./schema/', import.meta.url),
};
