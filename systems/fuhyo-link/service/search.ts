import { withinScope } from '@musubi/kernel/access/scope.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type JournalLine, readJournal } from '@musubi/kernel/notice-journal/entries.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, searchKeys } from '../domain/search.ts';
import { provisionsOf } from '../store/provisions.ts';
import { type Hit, searchRows, versionsOf } from '../store/supplements.ts';
import { type Purpose, type SupplementView, scopeOf, type WholeSupplement } from './search-scope.ts';

/** Hits beyond this are not shown: only that there are more (requirement 003 A23). */
const hitLimit = 50;

interface SearchCommand {
  readonly items: FourItems;
  readonly purpose: Purpose;
}
type Found = Result<{ readonly hits: readonly Hit[]; readonly tooMany: boolean }, 'too-few-items' | 'purpose-missing'>;

const search = (withRemoved: boolean) =>
  async function run(tx: Tx, _deps: Deps, { items, purpose }: SearchCommand): Promise<Found> {
    const scope = scopeOf(purpose, withRemoved);
    if (!scope.ok) return scope;
    const keys = searchKeys(items);
    if (!keys.ok) return keys;
    const found = await searchRows(tx, keys.value, { limit: hitLimit, withRemoved });
    const tooMany = found.length > hitLimit;
    const { seen, outside } = withinScope<Hit>(scope.value.hit, tooMany ? [] : found);
    const hits = seen as readonly Hit[];
    tx.record({
      event: 'supplement.searched',
      subjects: hits.map((h) => h.supplementId),
      ground: scope.value.ground,
      items: Object.entries(keys.value).flatMap(([key, value]) => (value === null ? [] : [key])),
      detail: {
        hits: hits.length,
        tooMany,
        document: purpose.document,
        withRemoved,
        ...(outside.length === 0 ? {} : { outside: outside.length }),
      },
    });
    return ok({ hits, tooMany });
  };

/** 附票本人確認情報検索 (FPS-F5): by a combination of the four items, for a stated purpose; every search is in the log. */
export const searchSupplements = act('fuhyo-link.search', {
  right: ['fuhyo-link', 'search', 'read'],
  run: search(false),
});

/** The same with removed persons among the hits: a right of its own (A29). */
export const searchRemovedToo = act('fuhyo-link.search-removed', {
  right: ['fuhyo-link', 'removed', 'read'],
  run: search(true),
});

interface ReadCommand {
  readonly supplementId: string;
  readonly purpose: Purpose;
}

const reading = (withRemoved: boolean) =>
  async function run(
    tx: Tx,
    _deps: Deps,
    { supplementId, purpose }: ReadCommand,
  ): Promise<Result<SupplementView, 'no-such-person' | 'purpose-missing'>> {
    const scope = scopeOf(purpose, withRemoved);
    if (!scope.ok) return scope;
    const versions = await versionsOf(tx, supplementId);
    const [now] = versions;
    if (now === undefined) return err('no-such-person');
    const whole = { now, versions, provisions: await provisionsOf(tx, supplementId) };
    // For whom the person is outside the purpose, this is like one whom the file never had.
    const [view] = withinScope<WholeSupplement>(scope.value.supplement, [whole]).seen as readonly SupplementView[];
    if (view === undefined) return err('no-such-person');
    tx.record({
      event: 'supplement.read',
      subject: supplementId,
      ground: scope.value.ground,
      items: ['supplement', ...(view.versions ? ['history'] : []), ...(view.provisions ? ['provisions'] : [])],
      detail: { document: purpose.document, versions: view.versions?.length ?? 1 },
    });
    return ok(view);
  };

/** A present person's supplement, as a search for the same purpose led to it. */
export const readSupplement = act('fuhyo-link.read-supplement', {
  right: ['fuhyo-link', 'search', 'read'],
  subjectOf: (command: ReadCommand) => command.supplementId,
  run: reading(false),
});

/** With its history, to whom it was given, removed persons too, as the purpose needs them: a right of its own (A29). */
export const readSupplementWhole = act('fuhyo-link.read-supplement-whole', {
  right: ['fuhyo-link', 'removed', 'read'],
  subjectOf: (command: ReadCommand) => command.supplementId,
  run: reading(true),
});

/** 通知の記録: peers, numbers, sizes and outcomes. */
export const readNotices = act('fuhyo-link.read-journal', {
  right: ['fuhyo-link', 'journal', 'read'],
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
