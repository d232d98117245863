import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const otherMunicipalitySchema: SchemaSet = {
  name: 'other-municipality',
  directory: new URL('./schema/', import.meta.url),
};
