import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const prefecturalJukiSchema: SchemaSet = {
  name: 'prefectural-juki',
  directory: new URL('./schema/', import.meta.url),
};
