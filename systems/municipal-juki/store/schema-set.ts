import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const municipalJukiSchema: SchemaSet = {
  name: 'municipal-juki',
  directory: new URL('./schema/', import.meta.url),
};
