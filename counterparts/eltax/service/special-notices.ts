import type {
  fetchNotice,
  listNotices,
  NoticeCover,
  NoticePart,
  noticeStatus,
  recallNotice,
  sendNotice,
} from '@musubi/contracts/eltax/special-notices.ts';
import { noticeCover } from '@musubi/contracts/eltax/special-notices.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { ResponseOf, WordOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import type { Deps } from '../deps.ts';
import * as store from '../store/special-notices.ts';
import { destinationOf, idOf, payerOf, storedNow } from './payer.ts';

const ground = '地方税法第321条の4第7項';
/** 処分通知等 can be fetched for about sixty days. @source formats special-collection §2 */
const daysToFetch = 60;

/** What of a notice the route has verified: its cover and who signed it. */
export interface SentNotice {
  readonly cover: NoticeCover;
  readonly coverJws: string;
  readonly signedBy: string;
  readonly payer: string;
  readonly employees: string | null;
}

/** 通知の受付: passed on unread. The connection, the cover's signer and the municipality named in it are one; the payer is a user of the portal. */
export const acceptNotice = act('eltax.accept-special-notice', {
  right: ['eltax', 'special-notice', 'update'],
  async run(
    tx,
    deps: Deps,
    sent: SentNotice,
    actor,
  ): Promise<Result<ResponseOf<typeof sendNotice>, WordOf<typeof sendNotice>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const { cover } = sent;
    if (sent.signedBy !== idOf(actor) || cover.from.municipality !== own.value) return err('bad-signature');
    if ((cover.employeesPart === null) !== (sent.employees === null)) return err('parts-differ');
    await store.lockNotice(tx, cover.noticeId);
    if ((await store.findRecall(tx, cover.noticeId)) !== undefined) return err('notice-recalled');
    const before = await store.findNotice(tx, cover.noticeId);
    if (before !== undefined) {
      // Sealed and signed anew it may be; what the cover says must be the same to the letter.
      if (canonicalJson(coverOf(before.cover)) !== canonicalJson(cover)) return err('notice-number-used');
      tx.record({ event: 'special-notice.repeated', detail: { notice: cover.noticeId } });
      return ok({ acceptedAt: before.acceptedAt, fetchUntil: before.fetchUntil });
    }
    if (!(await store.isUser(tx, cover.payer))) return err('no-such-payer');
    const seal = async (text: string) =>
      (
        await deps.sealed.seal(tx, Buffer.from(text), {
          kind: 'special-notice',
          retentionClass: 'filing-7y',
          purpose: 'eltax/special-notice',
        })
      ).ref;
    const today = deps.civilClock.today();
    const accepted = {
      acceptedAt: storedNow(deps).toString(),
      fetchUntil: today.add({ days: daysToFetch }).toString(),
    };
    await store.insertNotice(tx, {
      noticeId: cover.noticeId,
      fromCode: own.value,
      payerNumber: cover.payer,
      cover: sent.coverJws,
      payerRef: await seal(sent.payer),
      employeesRef: sent.employees === null ? null : await seal(sent.employees),
      acceptedOn: today.toString(),
      ...accepted,
    });
    tx.record({
      event: 'special-notice.accepted',
      ground,
      facts: ['eltax.special_notice'],
      items: ['特別徴収税額通知'],
      recipient: `corp-${cover.payer}/payer`,
      detail: { notice: cover.noticeId, persons: cover.payerPart.persons },
    });
    return ok(accepted);
  },
});

/** A kept cover was verified when it came. */
function coverOf(coverJws: string): NoticeCover {
  return noticeCover.parse(JSON.parse(Buffer.from(coverJws.split('.')[1] ?? '', 'base64url').toString('utf8')));
}

/** 配信停止: from the act's commit nothing of it opens here any more, and what was never fetched stands nowhere else. */
export const recall = act('eltax.recall-special-notice', {
  right: ['eltax', 'special-notice', 'update'],
  async run(
    tx,
    deps: Deps,
    { noticeId }: { readonly noticeId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof recallNotice>, WordOf<typeof recallNotice>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    await store.lockNotice(tx, noticeId);
    const notice = await store.findNotice(tx, noticeId);
    const former = await store.findRecall(tx, noticeId);
    if (![notice, former].every((one) => one === undefined || one.fromCode === own.value)) return err('no-such-notice');
    if (former !== undefined) {
      tx.record({ event: 'special-notice.recall-repeated', detail: { notice: noticeId } });
      return ok({ recalledAt: former.recalledAt, fetched: former.fetched });
    }
    const fetched = (await store.fetchesOf(tx, noticeId)).length > 0;
    const recalledAt = storedNow(deps).toString();
    await store.insertRecall(tx, noticeId, { fromCode: own.value, fetched, recalledAt });
    for (const ref of notice === undefined ? [] : [notice.payerRef, notice.employeesRef])
      if (ref !== null) await orderErasure(tx, deps, `object:${ref}`, 'eltax/special-notice-recalled');
    tx.record({
      event: 'special-notice.recalled',
      facts: ['eltax.special_notice_recall'],
      recipient: idOf(actor),
      detail: { notice: noticeId, fetched: `${fetched}` },
    });
    return ok({ recalledAt, fetched });
  },
});

/** 受領の状況: only of the caller's own notices. */
export const showNotice = act('eltax.special-notice-status', {
  right: ['eltax', 'special-notice', 'read'],
  async run(
    tx,
    deps: Deps,
    { noticeId }: { readonly noticeId: string },
    actor,
  ): Promise<Result<ResponseOf<typeof noticeStatus>, WordOf<typeof noticeStatus>>> {
    const own = destinationOf(actor, deps);
    if (!own.ok) return own;
    const notice = await store.findNotice(tx, noticeId);
    if (notice === undefined || notice.fromCode !== own.value) return err('no-such-notice');
    const fetches = await store.fetchesOf(tx, noticeId);
    const recalled = (await store.findRecall(tx, noticeId)) !== undefined;
    tx.record({ event: 'special-notice.shown', detail: { notice: noticeId } });
    return ok({ fetches, fetchUntil: notice.fetchUntil, recalled });
  },
});

/** What stands there for the caller. */
export const listForPayer = act('eltax.list-special-notices', {
  right: ['eltax', 'received-notice', 'read'],
  async run(
    tx,
    deps: Deps,
    _query: undefined,
    actor,
  ): Promise<Result<ResponseOf<typeof listNotices>, WordOf<typeof listNotices>>> {
    const payer = payerOf(actor);
    if (!payer.ok) return payer;
    const today = deps.civilClock.today().toString();
    const notices = await store.noticesOf(tx, payer.value, today);
    tx.record({ event: 'special-notices.listed', recipient: idOf(actor), detail: { notices: notices.length } });
    return ok({ notices });
  },
});

/** One part of one notice, to its addressee alone; who fetched what when is a fact. */
export const fetchPart = act('eltax.fetch-special-notice', {
  right: ['eltax', 'received-notice', 'update'],
  async run(
    tx,
    deps: Deps,
    { noticeId, part }: { readonly noticeId: string; readonly part: NoticePart },
    actor,
  ): Promise<Result<ResponseOf<typeof fetchNotice>, WordOf<typeof fetchNotice>>> {
    const payer = payerOf(actor);
    if (!payer.ok) return payer;
    await store.lockNotice(tx, noticeId);
    const notice = await store.findNotice(tx, noticeId);
    if (notice === undefined || notice.payerNumber !== payer.value) return err('no-such-notice');
    if ((await store.findRecall(tx, noticeId)) !== undefined) return err('notice-recalled');
    if (notice.fetchUntil < deps.civilClock.today().toString()) return err('term-over');
    const ref = part === 'payer' ? notice.payerRef : notice.employeesRef;
    const content = ref === null ? undefined : await deps.sealed.open(tx, ref, 'eltax/special-notice');
    if (!content?.ok) return err('no-such-notice');
    await store.insertFetch(tx, { fetchId: deps.newId(), noticeId, part, by: idOf(actor) }, storedNow(deps));
    tx.record({
      event: 'special-notice.fetched',
      ground,
      facts: ['eltax.special_notice_fetch'],
      items: ['特別徴収税額通知'],
      recipient: idOf(actor),
      detail: { notice: noticeId, part },
    });
    return ok({ cover: notice.cover, content: content.value.toString('utf8') });
  },
});
