import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const fuhyoLinkSchema: SchemaSet = {
  name: 'fuhyo-link',
  directory: new URL('./schema/', import.meta.url),
};
