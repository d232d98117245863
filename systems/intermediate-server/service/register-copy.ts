import type { lodgeCopies } from '@musubi/contracts/exchange/endpoints.ts';
import { fitsItem, informationItems, itemsOf } from '@musubi/contracts/exchange/information-items.ts';
import { type Attachment, bytesOfAttachment } from '@musubi/contracts/portal/attachments.ts';
import type { Tie } from '@musubi/kernel/audit/tied-rows.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type CopyRule, conditionKey, faultOf } from '../domain/check-copy.ts';
import type { ItemReading } from '../domain/copy-file.ts';
import {
  copyTable,
  findLodging,
  insertCopies,
  insertLodging,
  insertManyCopies,
  type NewCopy,
} from '../store/copies.ts';
import { type CopyIdentity, type CopyItems, type OpenPage, openPage, saltsFor, sealCopy } from './copy-pages.ts';

type Lodge = RequestOf<typeof lodgeCopies>;
type Lodged = ResponseOf<typeof lodgeCopies>;

/**
 * 副本登録. Every row is accepted or rejected and named; accepted + rejected = in. The same batch again gives the same answer;
 * the same id with other content is refused.
 */
export const registerCopy = act('copy.register', {
  right: ['intermediate-server', 'lodge', 'update'],
  async run(
    tx,
    deps: Deps,
    batch: Lodge,
    actor,
  ): Promise<Result<Lodged, 'not-your-information' | 'batch-repeated-with-other-content'>> {
    // The platform alone is let in by the table of rights; this holds where that table is changed one day.
    if (enforced('exchange.copy-path') && (actor.kind !== 'system' || actor.organisation !== deps.self))
      return err('not-your-information');
    if (
      batch.copies.some(
        ({ informationCode }) => informationItems[informationCode] && deps.owners.get(informationCode) !== batch.system,
      )
    )
      return err('not-your-information');

    const digest = fingerprint(batch);
    const rejected: { row: number; code: string }[] = [];
    const accepted: CheckedCopy[] = [];
    const seen = new Set<string>();
    for (const copy of batch.copies) {
      const condition = conditionKey(copy.condition);
      const key = [copy.orgPersonNumber, copy.informationCode, condition, copy.validFrom].join('|');
      const fault =
        faultOf(copy, ruleOf(copy.informationCode), deps.civilClock.today()) ??
        (seen.has(key) ? 'row-repeated' : undefined) ??
        (copy.lastOn !== undefined && copy.lastOn < copy.validFrom ? 'ends-before-it-begins' : undefined) ??
        (copy.attachments?.some((each) => bytesOfAttachment(each) === undefined) ? 'attachment-differs' : undefined);
      if (fault !== undefined) rejected.push({ row: copy.row, code: fault });
      else {
        seen.add(key);
        accepted.push({ ...copy, condition });
      }
    }
    const at = deps.machineClock.now();
    const lodging = { digest, system: batch.system, accepted: accepted.length, rejected };
    if (!(await insertLodging(tx, batch.batchId, { ...lodging, kind: batch.kind, at }))) {
      const before = (await findLodging(tx, batch.batchId))!;
      if (!before.digest.equals(digest)) return err('batch-repeated-with-other-content');
      tx.record({ event: 'copies.lodged-again', detail: { batchId: batch.batchId } });
      return ok({ accepted: before.accepted, rejected: before.rejected });
    }
    const facts = await keepCopies(tx, deps, batch.batchId, accepted, at);
    tx.record({
      event: 'copies.lodged',
      subjects: [...new Set(accepted.map(({ orgPersonNumber }) => orgPersonNumber))],
      items: [...new Set(accepted.map(({ informationCode }) => informationCode))],
      facts: ['intermediate_server.lodging', ...facts],
      detail: { batchId: batch.batchId, system: batch.system, accepted: accepted.length, rejected: rejected.length },
    });
    return ok({ accepted: accepted.length, rejected });
  },
});

export interface CheckedCopy extends CopyIdentity {
  readonly items: CopyItems | null;
  readonly autoReplyBlocked: boolean;
  readonly withheldFromPerson: boolean;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly lastOn?: string | undefined;
}

/** Seals copies on a page of their own and keeps them; gives the fact tables that were written. */
export async function keepCopies(
  tx: Tx,
  deps: Deps,
  batchId: string,
  copies: readonly CheckedCopy[],
  at: Temporal.Instant,
): Promise<string[]> {
  const page = await pageFor(tx, deps, copies);
  const where = { batchId, pageId: page?.pageId, at: at.round('microsecond') };
  await insertCopies(tx, [...sealed(deps, page, copies)], where);
  return tablesOf(page);
}

/** As `keepCopies`, for thousands: they are tied to the log by their root alone. */
export async function keepManyCopies(
  tx: Tx,
  deps: Deps,
  batchId: string,
  copies: readonly CheckedCopy[],
  at: Temporal.Instant,
): Promise<{ readonly facts: string[]; readonly batches: Readonly<Record<string, Tie>> }> {
  if (copies.length === 0) return { facts: [], batches: {} };
  const page = await pageFor(tx, deps, copies);
  const where = { batchId, pageId: page?.pageId, at: at.round('microsecond') };
  const tie = await insertManyCopies(tx, sealed(deps, page, copies), copies.length, where);
  return { facts: tablesOf(page), batches: { [copyTable]: tie } };
}

const pageFor = async (tx: Tx, deps: Deps, copies: readonly CheckedCopy[]): Promise<OpenPage | undefined> =>
  copies.some(({ items }) => items !== null) ? openPage(tx, deps) : undefined;

const tablesOf = (page: OpenPage | undefined): string[] => [
  copyTable,
  ...(page === undefined ? [] : ['intermediate_server.copy_page']),
];

function* sealed(deps: Deps, page: OpenPage | undefined, copies: readonly CheckedCopy[]): Generator<NewCopy> {
  const salts = saltsFor(deps, copies.length);
  for (const [i, copy] of copies.entries()) {
    const { items, attachments, lastOn, ...rest } = copy;
    const said = items === null || page === undefined ? null : { items, attachments, lastOn };
    yield { ...rest, sealed: said === null ? null : sealCopy(page!, copy, said, salts[i]!) };
  }
}

const readings = { yen: 'number', count: 'number', 'yes-no': 'yes-no', word: 'text' } as const satisfies Record<
  string,
  ItemReading
>;
/** How the columns of an information's items are read, in the order of the header. */
export function readingsOf(informationCode: string): ItemReading[] {
  const definition = informationItems[informationCode];
  return definition === undefined ? [] : Object.values(itemsOf(definition)).map(({ kind }) => readings[kind]);
}

export function ruleOf(informationCode: string): CopyRule | undefined {
  const definition = informationItems[informationCode];
  if (definition === undefined) return undefined;
  const kinds = itemsOf(definition);
  return {
    condition: definition.condition,
    sums: definition.sums ?? [],
    zeroWhere: definition.zeroWhere ?? [],
    fits(item, value) {
      const kind = Object.hasOwn(kinds, item) ? kinds[item] : undefined;
      if (kind === undefined) return 'not-defined';
      return fitsItem(kind, value) ? 'fits' : 'wrong-value';
    },
  };
}
