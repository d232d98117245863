import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const convenienceCertificatesSchema: SchemaSet = {
  name: 'convenience-certificates',
  directory: new URL('./schema/', import.meta.url),
};
