import type { SchemaSet } from '../db/migrate.ts';

/** 授受簿. Beside `sealed` (the files) and `approvals` (the second person). */
export const mediaSchema: SchemaSet = { name: 'media', directory: new URL('./schema/', import.meta.url) };
