import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const wardSectionsSchema: SchemaSet = {
  name: 'ward_sections',
  directory: new URL('./schema/', import.meta.url),
};
