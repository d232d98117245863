import type { SchemaSet } from '../db/migrate.ts';

/** What came in by streams of notices and what became of each. Beside `audit`. */
export const noticeJournalSchema: SchemaSet = {
  name: 'notice_journal',
  directory: new URL('./schema/', import.meta.url),
};
