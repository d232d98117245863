import type { SchemaSet } from '../../db/migrate.ts';

export const approvalsSchema: SchemaSet = { name: 'approvals', directory: new URL('./schema/', import.meta.url) };
