import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { type JournalLine, readJournal } from '@musubi/kernel/notice-journal/entries.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type FourItems, searchKeys } from '../domain/search.ts';
import { type ProvisionLine, provisionsOf } from '../store/provisions.ts';
import { type Hit, searchRows, type Version, versionsOf } from '../store/supplements.ts';

/** Hits beyond this are not shown: only that there are more (requirement 003 A23). */
const hitLimit = 50;

/** What the responsible section may search the file for, besides an inquiry for emigrant work (A8). */
export const managementPurposes = {
  'notice-check': '通知の確認・市区町村との調整',
  disclosure: '開示・訂正の請求',
  reconciliation: '整合性確認',
  incident: '事故・障害の調査',
} as const;
export type ManagementPurpose = keyof typeof managementPurposes;

export interface Purpose {
  readonly purpose: string;
  /** 受付番号 or document number that the search belongs to. */
  readonly document: string;
}

interface SearchCommand {
  readonly items: FourItems;
  readonly purpose: Purpose;
}
type Found = Result<{ readonly hits: Hit[]; readonly tooMany: boolean }, 'too-few-items' | 'purpose-missing'>;

const search = (withRemoved: boolean) =>
  async function run(
    tx: Parameters<typeof searchRows>[0],
    _deps: Deps,
    { items, purpose }: SearchCommand,
  ): Promise<Found> {
    const isStated = Object.hasOwn(managementPurposes, purpose.purpose) && purpose.document !== '';
    if (enforced('access.purpose-stated') && !isStated) return err('purpose-missing');
    const keys = searchKeys(items);
    if (!keys.ok) return keys;
    const found = await searchRows(tx, keys.value, { limit: hitLimit, withRemoved });
    const tooMany = found.length > hitLimit;
    const hits = tooMany ? [] : found;
    tx.record({
      event: 'supplement.searched',
      subjects: hits.map((h) => h.supplementId),
      ground: managementPurposes[purpose.purpose as ManagementPurpose] ?? '',
      items: Object.entries(keys.value).flatMap(([key, value]) => (value === null ? [] : [key])),
      detail: { hits: hits.length, tooMany, document: purpose.document, withRemoved },
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

export interface SupplementRecord {
  readonly versions: readonly Version[];
  readonly provisions: readonly ProvisionLine[];
}

/** A person's supplement with its history and to whom it was given. */
export const readSupplement = act('fuhyo-link.read-supplement', {
  right: ['fuhyo-link', 'search', 'read'],
  subjectOf: (command: { readonly supplementId: string }) => command.supplementId,
  async run(
    tx,
    _deps: Deps,
    { supplementId }: { readonly supplementId: string },
  ): Promise<Result<SupplementRecord, 'no-such-person'>> {
    const versions = await versionsOf(tx, supplementId);
    if (versions.length === 0) return err('no-such-person');
    const provisions = await provisionsOf(tx, supplementId);
    tx.record({
      event: 'supplement.read',
      subject: supplementId,
      ground: '住民基本台帳法第30条の44の6',
      items: ['supplement', 'history', 'provisions'],
      detail: { versions: versions.length, provisions: provisions.length },
    });
    return ok({ versions, provisions });
  },
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
