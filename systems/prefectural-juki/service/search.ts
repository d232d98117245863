import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, type SearchKeyFault, searchKeys } from '../domain/search.ts';
import { type Hit, searchRows, type Version, versionsOf } from '../store/identification.ts';
import { type JournalLine, readJournal } from '../store/journal.ts';
import { type ProvisionLine, provisionsOf } from '../store/provisions.ts';
import { activeTaskOf } from './tasks.ts';

export type { Hit } from '../store/identification.ts';

/** Hits beyond this are not shown: only that there are more (requirement 003 A23). */
const hitLimit = 50;

export interface Purpose {
  /** 事務 for which it is searched. */
  readonly task: string;
  /** 受付番号 or document number that the search belongs to. */
  readonly document: string;
}

export interface Search {
  readonly items: FourItems;
  readonly purpose: Purpose;
}
export interface Found {
  readonly hits: readonly Hit[];
  /** There are more than the limit. How many is nobody's to know: a number tells whether someone is among them. */
  readonly tooMany: boolean;
}
export type SearchFault = SearchKeyFault | 'purpose-missing' | 'no-active-task';

/** 本人確認情報検索 (JPS-F5): by a combination of the four items, for a stated purpose; every search is in the log. */
export const searchPersons = act('prefectural-juki.search', {
  right: ['prefectural-juki', 'search', 'read'],
  run: (tx, deps: Deps, search: Search, actor): Promise<Result<Found, SearchFault>> =>
    find(tx, deps, actor, search, false),
});

/** As above, among removed persons too, who are marked: for those who hold that right besides (A29), with their reason. */
export const searchWithRemoved = act('prefectural-juki.search-with-removed', {
  right: ['prefectural-juki', 'removed', 'read'],
  async run(
    tx,
    deps: Deps,
    { reason, ...search }: Search & { readonly reason: string },
    actor,
  ): Promise<Result<Found, SearchFault | 'reason-missing'>> {
    if (reason === '') return err('reason-missing');
    return find(tx, deps, actor, search, true);
  },
});

async function find(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  { items, purpose }: Search,
  withRemoved: boolean,
): Promise<Result<Found, SearchFault>> {
  if (enforced('access.purpose-stated') && (purpose.task === '' || purpose.document === ''))
    return err('purpose-missing');
  if (enforced('access.purpose-stated') && deps.searchTasks === 'registered' && actor.kind === 'staff') {
    const task = await activeTaskOf(tx, deps, { code: purpose.task, staffId: actor.staffId });
    if (!task.ok) return task;
  }
  const keys = searchKeys(items);
  if (!keys.ok) return keys;
  const found = await searchRows(tx, keys.value, { limit: hitLimit, withRemoved });
  const hits = found ?? [];
  tx.record({
    event: withRemoved ? 'person.searched-with-removed' : 'person.searched',
    subjects: hits.map((h) => h.personId),
    ground: purpose.task,
    items: Object.entries(keys.value).flatMap(([key, value]) => (value === null || value === false ? [] : [key])),
    detail: { hits: hits.length, tooMany: found === undefined, document: purpose.document },
  });
  return ok({ hits, tooMany: found === undefined });
}

export interface PersonRecord {
  readonly versions: readonly Version[];
  readonly provisions: readonly ProvisionLine[];
}

/** A present person's record as it stands, and to whom it was given. History and removed persons: `readPersonWhole` (A29). */
export const readPerson = act('prefectural-juki.read-person', {
  right: ['prefectural-juki', 'search', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  run: (tx, _deps: Deps, { personId }: { readonly personId: string }) => read(tx, personId, false),
});

/** A person's record with all earlier ones, removed persons too: for those who hold that right besides (A29). */
export const readPersonWhole = act('prefectural-juki.read-person-whole', {
  right: ['prefectural-juki', 'removed', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  run: (tx, _deps: Deps, { personId }: { readonly personId: string }) => read(tx, personId, true),
});

async function read(tx: Tx, personId: string, whole: boolean): Promise<Result<PersonRecord, 'no-such-person'>> {
  const all = await versionsOf(tx, personId);
  const versions = whole ? all : all.slice(0, 1).filter((v) => !v.deleted_flag);
  // For those without the right a removed person is like one whom the register never had.
  if (versions.length === 0) return err('no-such-person');
  const provisions = await provisionsOf(tx, personId);
  tx.record({
    event: 'person.read',
    subject: personId,
    ground: '住民基本台帳法第30条の15',
    items: ['identification', ...(whole ? ['history'] : []), 'provisions'],
    detail: { versions: versions.length, provisions: provisions.length },
  });
  return ok({ versions, provisions });
}

/** 通知の記録: peers, numbers, sizes and outcomes. */
export const readNotices = act('prefectural-juki.read-journal', {
  right: ['prefectural-juki', 'journal', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly result: string | null; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: JournalLine[]; total: number }, never>> {
    const found = await readJournal(tx, query);
    tx.record({ event: 'journal.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
