import { withinScope } from '@musubi/kernel/access/scope.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { stopsOf } from '@musubi/kernel/disclosure/stops.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type JournalLine, readJournal } from '@musubi/kernel/notice-journal/entries.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, faultOfKeys, keysOf, type SearchKeyFault } from '../domain/search.ts';
import { linksOf } from '../store/duplicate-links.ts';
import { type Hit, searchRows, versionsOf } from '../store/identification.ts';
import { provisionsOf } from '../store/provisions.ts';
import {
  type PersonScope,
  type PersonView,
  type Purpose,
  type PurposeFault,
  type SeenHit,
  scopeOfManagement,
  scopeOfTask,
  type WholePerson,
} from './search-scope.ts';

/** Hits beyond this are not shown: only that there are more (requirement 003 A23). */
const hitLimit = 50;

export interface Search {
  readonly items: FourItems;
  readonly purpose: Purpose;
}
export interface Found {
  readonly hits: readonly SeenHit[];
  /** There are more than the limit. How many is nobody's to know: a number tells whether someone is among them. */
  readonly tooMany: boolean;
}
export type SearchFault = SearchKeyFault | PurposeFault | 'too-long';

/**
 * 本人確認情報検索 (JPS-F5): by a combination of the four items, for a registered task that the operator holds; the list shows
 * the items of that task and no other. Every search is in the log.
 */
export const searchPersons = act('prefectural-juki.search', {
  right: ['prefectural-juki', 'search', 'read'],
  async run(tx, deps: Deps, { items, purpose }: Search, actor): Promise<Result<Found, SearchFault>> {
    const scope = await scopeOfTask(tx, deps, actor, purpose);
    return scope.ok ? find(tx, { items, purpose, scope: scope.value, withRemoved: false }) : scope;
  },
});

/** As above, among removed persons too, who are marked: for those who hold that right besides (A29), with their reason. */
export const searchWithRemoved = act('prefectural-juki.search-with-removed', {
  right: ['prefectural-juki', 'removed', 'read'],
  async run(
    tx,
    _deps: Deps,
    { items, purpose, reason }: Search & { readonly reason: string },
  ): Promise<Result<Found, SearchFault | 'reason-missing'>> {
    if (reason === '') return err('reason-missing');
    const scope = scopeOfManagement(purpose);
    return scope.ok ? find(tx, { items, purpose, scope: scope.value, withRemoved: true }) : scope;
  },
});

async function find(
  tx: Tx,
  { items, purpose, scope, withRemoved }: Search & { readonly scope: PersonScope; readonly withRemoved: boolean },
): Promise<Result<Found, SearchFault>> {
  const keys = keysOf(items);
  const fault = faultOfKeys(items, keys);
  if (enforced('juki.search-keys') && fault !== undefined) return err(fault);
  const found = await searchRows(tx, keys, { limit: hitLimit, withRemoved });
  if (found === 'too-long') return err(found);
  const tooMany = found === 'too-many';
  const { seen, outside } = withinScope<Hit>(scope.hit, tooMany ? [] : found);
  const hits = seen as readonly SeenHit[];
  tx.record({
    event: withRemoved ? 'person.searched-with-removed' : 'person.searched',
    subjects: hits.map((h) => h.personId),
    ground: scope.ground,
    items: Object.entries(keys).flatMap(([key, value]) => (value === null || value === false ? [] : [key])),
    detail: {
      hits: hits.length,
      tooMany,
      task: purpose.task,
      document: purpose.document,
      ...(outside.length === 0 ? {} : { outside: outside.length }),
    },
  });
  return ok({ hits, tooMany });
}

interface ReadCommand {
  readonly personId: string;
  readonly purpose: Purpose;
}

/** A present person as a list of the same task led to: the task's items. All versions and removed persons: `readPersonWhole`. */
export const readPerson = act('prefectural-juki.read-person', {
  right: ['prefectural-juki', 'search', 'read'],
  subjectOf: (command: ReadCommand) => command.personId,
  async run(tx, deps: Deps, command: ReadCommand, actor): Promise<Result<PersonView, 'no-such-person' | PurposeFault>> {
    const scope = await scopeOfTask(tx, deps, actor, command.purpose);
    return scope.ok ? read(tx, command, scope.value) : scope;
  },
});

/** A person with all earlier versions, removed persons too: for those who hold that right besides (A29). */
export const readPersonWhole = act('prefectural-juki.read-person-whole', {
  right: ['prefectural-juki', 'removed', 'read'],
  subjectOf: (command: ReadCommand) => command.personId,
  async run(tx, _deps: Deps, command: ReadCommand): Promise<Result<PersonView, 'no-such-person' | PurposeFault>> {
    const scope = scopeOfManagement(command.purpose);
    return scope.ok ? read(tx, command, scope.value) : scope;
  },
});

async function read(
  tx: Tx,
  { personId, purpose }: ReadCommand,
  scope: PersonScope,
): Promise<Result<PersonView, 'no-such-person'>> {
  const versions = await versionsOf(tx, personId);
  const [now] = versions;
  if (now === undefined) return err('no-such-person');
  const whole: WholePerson = {
    personId,
    removed: now.deleted_flag,
    status: now.status,
    name: now.name_kanji,
    nameKana: now.name_furigana,
    formerSurname: now.former_surname_kanji,
    birthDate: now.birth_date,
    sex: now.sex,
    address: now.address,
    residentRecordCode: now.resident_record_code,
    municipalityCode: now.municipality_code,
    sequence: now.update_sequence_no,
    noticeReceivedOn: now.notice_received_date,
    changeReason: now.change_reason,
    changedOn: now.change_date,
    stops: await stopsOf(tx, personId),
    links: await linksOf(tx, personId),
    versions,
    provisions: await provisionsOf(tx, personId),
  };
  // For whom the person is outside the duty, this is like one whom the register never had.
  const [person] = withinScope(scope.person, [whole]).seen as readonly PersonView[];
  if (person === undefined) return err('no-such-person');
  tx.record({
    event: 'person.read',
    subject: personId,
    ground: scope.ground,
    items: Object.keys(person).filter((item) => item !== 'personId' && item !== 'removed'),
    detail: { task: purpose.task, document: purpose.document, versions: person.versions?.length ?? 1 },
  });
  return ok(person);
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
