import { approvalsSchema } from '../access/approvals/schema.ts';
import { accessSchema } from '../access/schema.ts';
import { auditSchema } from '../audit/schema-set.ts';
import { backupSchema } from '../backup/schema-set.ts';
import type { SchemaSet } from '../db/migrate.ts';
import { dbSessionsSchema } from '../db-sessions/schema-set.ts';
import { httpSchema } from '../http/idempotency.ts';
import { jobsSchema } from '../jobs/schema.ts';
import { mediaSchema } from '../media/schema-set.ts';
import { operationsSchema } from '../operations/schema-set.ts';
import { streamsSchema } from '../streams/schema.ts';
import { sealedSchema, vaultSchema } from '../vault/schema-set.ts';

export const serveSchema: SchemaSet = { name: 'serve', directory: new URL('./schema/', import.meta.url) };

/** What every instance's database holds before its own system's schema, in the order of their making. */
export const kernelSchemas: readonly SchemaSet[] = [
  auditSchema,
  serveSchema,
  httpSchema,
  accessSchema,
  vaultSchema,
  sealedSchema,
  streamsSchema,
  jobsSchema,
  approvalsSchema,
  mediaSchema,
  backupSchema,
  dbSessionsSchema,
  operationsSchema,
];

/** Every schema of these systems in one database, as tests of the whole place them: what several mount comes once. */
export const schemasTogether = (systems: Iterable<{ readonly schemas: readonly SchemaSet[] }>): SchemaSet[] => [
  ...new Set([...kernelSchemas, ...[...systems].flatMap((s) => s.schemas)]),
];
