import { bytesOfAttachment } from '@musubi/contracts/portal/attachments.ts';
import type { PersonNotice, sendNotice, tellNoticeStates } from '@musubi/contracts/portal/notices.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { type SealedId, unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { codeOf } from '../store/linkages.ts';
import {
  endedNotices,
  insertDelivered,
  insertErased,
  insertOpened,
  insertPersonNotice,
  noticeBy,
  noticesFor,
  standingOfNotices,
} from '../store/person-notices.ts';
import { instantOf } from './answer-inquiry.ts';

const contentObject = { kind: 'person-notice', retentionClass: 'person-notice', keyUnit: 'object' } as const;
/** Bytes of notices in one answer, so that it stays inside one message; what is left comes with the next look. */
const answerBytes = 2_400_000;
type Content = Pick<PersonNotice, 'kind' | 'subject' | 'body' | 'attachments' | 'openFrom' | 'openUntil'>;

/** お知らせの登録 (IMS-F12). For persons with a linkage code: nobody else is found by the portal. The same again is a repeat. */
export const takeNotice = act('person-notice.take', {
  right: ['intermediate-server', 'person-notice', 'update'],
  subjectOf: (notice: RequestOf<typeof sendNotice>) => notice.orgPersonNumber,
  async run(
    tx,
    deps: Deps,
    notice: RequestOf<typeof sendNotice>,
  ): Promise<
    Result<
      { accepted: true },
      'not-your-business' | 'no-linkage-code' | 'not-a-period' | 'attachment-differs' | 'notice-id-used'
    >
  > {
    const { noticeId, system, orgPersonNumber: person, ...content } = notice;
    if (!isBusiness(deps, system)) return err('not-your-business');
    const digest = fingerprint(notice);
    const before = await noticeBy(tx, noticeId);
    if (before !== undefined) {
      if (!before.digest.equals(digest)) return err('notice-id-used');
      tx.record({ event: 'person-notice.taken-again', subject: person, detail: { noticeId } });
      return ok({ accepted: true });
    }
    const { openFrom, openUntil, attachments } = content;
    if (openFrom > openUntil || openUntil < deps.civilClock.today().toString()) return err('not-a-period');
    if (attachments.some((each) => bytesOfAttachment(each) === undefined)) return err('attachment-differs');
    if ((await codeOf(tx, person)) === undefined) return err('no-linkage-code');
    const sealed = await deps.sealed.seal(tx, Buffer.from(canonicalJson(content)), contentObject);
    const at = deps.machineClock.now();
    const isNew = await insertPersonNotice(tx, {
      noticeId,
      system,
      person,
      digest,
      content: sealed.ref,
      openFrom,
      openUntil,
      at,
    });
    // Two at once with one id: the first is under way, and the sender comes again.
    if (!isNew) return err('notice-id-used');
    tx.record({
      event: 'person-notice.taken',
      subject: person,
      facts: ['intermediate_server.person_notice'],
      detail: { noticeId, system, kind: content.kind, attachments: attachments.length },
    });
    return ok({ accepted: true });
  },
});

/** Whoever asks or lodges through this server may also tell its persons something. */
const isBusiness = ({ askers, owners }: Deps, system: string): boolean =>
  [...askers.values(), ...owners.values()].includes(system);

/** What became of them, for the business that sent them. */
export const tellStates = act('person-notice.tell-states', {
  right: ['intermediate-server', 'person-notice', 'update'],
  async run(
    tx,
    deps: Deps,
    { system, noticeIds }: RequestOf<typeof tellNoticeStates>,
  ): Promise<Result<ResponseOf<typeof tellNoticeStates>, 'not-your-business'>> {
    if (!isBusiness(deps, system)) return err('not-your-business');
    const today = deps.civilClock.today().toString();
    const found = await standingOfNotices(tx, system, noticeIds);
    tx.record({ event: 'person-notice.states-told', detail: { system, notices: found.length } });
    const moment = (text: string | null): string | null => (text === null ? null : instantOf(text).toString());
    return ok({
      states: found.map(({ noticeId, openUntil, deliveredAt, openedAt }) => {
        const isOver = openUntil < today;
        const state = openedAt ? 'opened' : isOver ? 'expired' : deliveredAt ? 'delivered' : 'waiting';
        return { noticeId, state, deliveredAt: moment(deliveredAt), openedAt: moment(openedAt) };
      }),
    });
  },
});

/** The notices of a person for the portal: what was opened there is noted first, then what is told counts as delivered. */
export async function deliverNotices(
  tx: Tx,
  deps: Deps,
  {
    person,
    requestId,
    opened,
  }: { readonly person: string; readonly requestId: string; readonly opened: readonly string[] },
): Promise<{ readonly notices: PersonNotice[]; readonly facts: string[] }> {
  const at = deps.machineClock.now();
  const newlyOpened = await insertOpened(tx, person, opened, at);
  const notices: PersonNotice[] = [];
  let size = 0;
  for (const found of await noticesFor(tx, person, deps.civilClock.today())) {
    const content = await deps.sealed.open(tx, found.content as SealedId, 'tell-person');
    if (!content.ok) continue;
    size += content.value.length;
    if (size > answerBytes && notices.length > 0) break;
    const { noticeId, openedAt, lodgedAt } = found;
    notices.push({
      ...(JSON.parse(content.value.toString('utf8')) as Content),
      noticeId,
      state: openedAt === null ? 'delivered' : 'opened',
      openedAt: openedAt === null ? null : instantOf(openedAt).toString(),
      lodgedAt: instantOf(lodgedAt).toString(),
    });
  }
  const told = notices.map(({ noticeId }) => noticeId);
  const delivered = await insertDelivered(tx, told, requestId, at);
  const facts = [
    ...(newlyOpened > 0 ? ['intermediate_server.notice_opened'] : []),
    ...(delivered > 0 ? ['intermediate_server.notice_delivered'] : []),
  ];
  return { notices, facts };
}

/** 掲載期間の満了: what a notice said is erased; that it was, and what became of it, stays. Gives how many. */
export const eraseEndedNotices = act('retention.erase-notices', {
  right: ['intermediate-server', 'retention', 'update'],
  async run(tx, deps: Deps, _command: null): Promise<Result<number, never>> {
    const on = deps.civilClock.today();
    const ended = await endedNotices(tx, on, 500);
    for (const { content } of ended)
      await orderErasure(tx, deps, unitOf(content as SealedId, contentObject), 'notice-over');
    if (ended.length > 0)
      await insertErased(
        tx,
        ended.map(({ noticeId }) => noticeId),
        on,
      );
    tx.record({
      event: 'retention.notices-erased',
      facts: ended.length > 0 ? ['intermediate_server.notice_erased'] : [],
      detail: { notices: ended.length },
    });
    return ok(ended.length);
  },
});

export async function runNoticeRetention(deps: Deps, actor: Actor): Promise<number> {
  for (let all = 0; ; ) {
    const done = await eraseEndedNotices(deps, actor, null);
    if (!done.ok) throw new Error(`the erasure of notices was refused: ${done.error}`);
    if (done.value === 0) return all;
    all += done.value;
  }
}
