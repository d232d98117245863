import type { SchemaSet } from '../db/migrate.ts';

/** 収受簿 and 送付簿. Beside `audit`. */
export const receiptsSchema: SchemaSet = { name: 'receipts', directory: new URL('./schema/', import.meta.url) };
