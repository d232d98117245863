import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const commonPlatformSchema: SchemaSet = {
  name: 'common-platform',
  directory: new URL('./store/schema/', import.meta.url),
};
