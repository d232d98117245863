import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const residentRegisterSchema: SchemaSet = {
  name: 'resident-register',
  directory: new URL('./schema/', import.meta.url),
};
