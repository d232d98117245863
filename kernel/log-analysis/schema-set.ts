import type { SchemaSet } from '../db/migrate.ts';

/** For the systems that analyse their log; stands after `audit` and `access`. */
export const logAnalysisSchema: SchemaSet = { name: 'log-analysis', directory: new URL('./schema/', import.meta.url) };
