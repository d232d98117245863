import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, searchKeys } from '../domain/search.ts';
import { type Hit, searchRows, type Version, versionsOf } from '../store/identification.ts';
import { type JournalLine, readJournal } from '../store/journal.ts';
import { type ProvisionLine, provisionsOf } from '../store/provisions.ts';

/** Hits beyond this are not shown: only that there are more (requirement 003 A23). */
const hitLimit = 50;

export interface Purpose {
  /** 事務 for which it is searched. */
  readonly task: string;
  /** 受付番号 or document number that the search belongs to. */
  readonly document: string;
}

/** 本人確認情報検索 (JPS-F5): by a combination of the four items, for a stated purpose; every search is in the log. */
export const searchPersons = act('prefectural-juki.search', {
  right: ['prefectural-juki', 'search', 'read'],
  async run(
    tx,
    _deps: Deps,
    { items, purpose }: { readonly items: FourItems; readonly purpose: Purpose },
  ): Promise<Result<{ hits: Hit[]; tooMany: boolean }, 'too-few-items' | 'purpose-missing'>> {
    if (enforced('access.purpose-stated') && (purpose.task === '' || purpose.document === ''))
      return err('purpose-missing');
    const keys = searchKeys(items);
    if (!keys.ok) return keys;
    const found = await searchRows(tx, keys.value, hitLimit);
    const tooMany = found.length > hitLimit;
    const hits = tooMany ? [] : found;
    tx.record({
      event: 'person.searched',
      subjects: hits.map((h) => h.personId),
      ground: purpose.task,
      items: Object.entries(keys.value).flatMap(([key, value]) => (value === null ? [] : [key])),
      detail: { hits: found.length, tooMany, document: purpose.document },
    });
    return ok({ hits, tooMany });
  },
});

export interface PersonRecord {
  readonly versions: readonly Version[];
  readonly provisions: readonly ProvisionLine[];
}

/** A person's record with its history and to whom it was given. */
export const readPerson = act('prefectural-juki.read-person', {
  right: ['prefectural-juki', 'search', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  async run(
    tx,
    _deps: Deps,
    { personId }: { readonly personId: string },
  ): Promise<Result<PersonRecord, 'no-such-person'>> {
    const versions = await versionsOf(tx, personId);
    if (versions.length === 0) return err('no-such-person');
    const provisions = await provisionsOf(tx, personId);
    tx.record({
      event: 'person.read',
      subject: personId,
      ground: '住民基本台帳法第30条の15',
      items: ['identification', 'history', 'provisions'],
      detail: { versions: versions.length, provisions: provisions.length },
    });
    return ok({ versions, provisions });
  },
});

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
