import type { SchemaSet } from '@musubi/kernel/db/migrate.ts';

export const certificateCentreSchema: SchemaSet = {
  name: 'certificate-centre',
  directory: new URL('./schema/', import.meta.url),
};
