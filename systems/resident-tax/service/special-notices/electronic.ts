import {
  type NoticeToSend,
  recallAtPortal,
  type SendingLine,
  sendToPayer,
  statusAtPortal,
} from '@musubi/contracts/eltax/special-notices-client.ts';
import { readStoredZip } from '@musubi/contracts/printing/stored-zip.ts';
import { packageFiles } from '@musubi/contracts/special-collection/package.ts';
import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import * as store from '../../store/electronic-notices.ts';
import { nameOf, noticeDelivery, noticeRead, noticeRelease, noticeUpdate } from '../assessment/functions.ts';
import type { NoticeDeps } from '../notices/notice-deps.ts';
import { guardedOf } from '../persons/guarded.ts';
import { withheldAddress } from './tk01-line.ts';

/*
 * 特別徴収税額通知の電子交付: notices made as data are let go by a second person, sent to the payer's own key by way of the portal, and called back
 * where something is wrong with one. What the portal says of fetches is kept.
 * @law 地方税法 第321条の4第7項; @source requirements 002 RTX-F6.4
 */

export type { ElectronicNotice, PersonOfNotice } from '../../store/electronic-notices.ts';

export interface ElectronicDeps extends NoticeDeps {
  readonly noticeLine: SendingLine;
}

const portalWorker: Actor = { kind: 'job', name: 'resident-tax.electronic-notices' };
const purpose = 'resident-tax/send-special-notice';
/** The portal keeps a notice for sixty days; a day more is asked about, so that nothing is missed at the edge. */
const daysAtPortal = 61;

export const lastStep = ({ steps }: Pick<store.ElectronicNotice, 'steps'>): store.StepOfNotice | undefined =>
  steps.at(-1);

/** A notice with its way, and its people: a page of the counter, so the look is an event. */
export const readElectronicNotice = act('resident-tax.read-electronic-notice', {
  right: noticeRead,
  async run(
    tx,
    _deps: ActDeps,
    { noticeId }: { readonly noticeId: string },
  ): Promise<
    Result<
      { readonly notice: store.ElectronicNotice; readonly people: readonly store.PersonOfNotice[] },
      'no-such-notice'
    >
  > {
    const [notice] = await store.electronicNotices(tx, { noticeId, orderId: null });
    if (notice === undefined) return err('no-such-notice');
    const people = await store.peopleOfNotice(tx, noticeId);
    tx.record({
      event: 'special-notice.shown',
      subjects: people.map(({ personId }) => personId),
      items: ['特別徴収税額通知'],
      detail: { notice: noticeId },
    });
    return ok({ notice, people });
  },
});

/** Notices of a run with their way: names of payers and counts, nobody's tax. */
export const lookAtElectronicNotices = look('resident-tax.look-at-electronic-notices', {
  right: noticeRead,
  run: (tx, _deps: ActDeps, { orderId }: { readonly orderId: string }) =>
    store.electronicNotices(tx, { noticeId: null, orderId }),
});

/** 交付の承認, of everything of a run that was not let go and has somewhere to go. */
export const releaseNotices = act('resident-tax.release-special-notices', {
  right: noticeRelease,
  async run(
    tx,
    deps: ActDeps,
    { orderId }: { readonly orderId: string },
    actor,
  ): Promise<
    Result<{ readonly released: number; readonly onPaper: number }, 'nothing-to-release' | 'approver-is-drafter'>
  > {
    const notices = await store.electronicNotices(tx, { noticeId: null, orderId });
    const by = nameOf(actor);
    const waiting: store.ElectronicNotice[] = [];
    for (const { noticeId } of notices) {
      const notice = await store.lockElectronicNotice(tx, noticeId);
      if (notice !== undefined && notice.steps.length === 0) waiting.push(notice);
    }
    if (waiting.length === 0) return err('nothing-to-release');
    if (waiting.some(({ orderedBy }) => orderedBy === by)) return err('approver-is-drafter');
    const [on, at] = [deps.civilClock.today(), deps.machineClock.now()];
    const going = waiting.filter(({ payerNumber }) => payerNumber !== null);
    if (going.length === 0) return err('nothing-to-release');
    for (const { noticeId } of going) await store.addStep(tx, noticeId, { step: 'released', by }, on, at);
    tx.record({
      event: 'special-notice.released',
      facts: ['resident_tax.special_notice_step'],
      detail: { order: orderId, notices: going.length },
    });
    return ok({ released: going.length, onPaper: waiting.length - going.length });
  },
});

type RecallRefusal = 'no-such-notice' | 'not-released' | 'recalled-before' | 'reason-missing';

/** 配信停止, as ordered: the portal is told in the same moment by `electronicRound`, or again until it answers. */
export const orderRecall = act('resident-tax.order-notice-recall', {
  right: noticeUpdate,
  async run(
    tx,
    deps: ActDeps,
    { noticeId, reason }: { readonly noticeId: string; readonly reason: string },
    actor,
  ): Promise<Result<null, RecallRefusal>> {
    if (reason.trim() === '') return err('reason-missing');
    const notice = await store.lockElectronicNotice(tx, noticeId);
    if (notice === undefined) return err('no-such-notice');
    if (notice.steps.length === 0) return err('not-released');
    if (notice.steps.some(({ step }) => step === 'recall-ordered')) return err('recalled-before');
    const step = { step: 'recall-ordered', by: nameOf(actor), note: reason.trim() } as const;
    await store.addStep(tx, noticeId, step, deps.civilClock.today(), deps.machineClock.now());
    tx.record({
      event: 'notice.recall-ordered',
      recipient: notice.designationNumber,
      facts: ['resident_tax.special_notice_step'],
      detail: { notice: noticeId },
    });
    return ok(null);
  },
});

/** パスワードの交付: to the person alone, who showed who it is. */
export const givePassword = act('resident-tax.give-notice-password', {
  right: noticeUpdate,
  async run(
    tx,
    deps: NoticeDeps,
    command: { readonly noticeId: string; readonly rowNo: number; readonly evidence: string },
    actor,
  ): Promise<Result<{ readonly password: string }, 'no-such-notice' | 'on-paper' | 'evidence-missing' | 'erased'>> {
    const { noticeId, rowNo } = command;
    const evidence = command.evidence.trim();
    if (evidence === '') return err('evidence-missing');
    const [notice] = await store.electronicNotices(tx, { noticeId, orderId: null });
    const person = (await store.peopleOfNotice(tx, noticeId)).find((one) => one.rowNo === rowNo);
    if (notice === undefined || person === undefined) return err('no-such-notice');
    if (notice.passwordsRef === null || notice.paperRows.includes(rowNo)) return err('on-paper');
    const opened = await deps.sealed.open(tx, notice.passwordsRef, 'resident-tax/give-notice-password');
    if (!opened.ok) return err('erased');
    const password = new Map<number, string>(JSON.parse(opened.value.toString()) as [number, string][]).get(rowNo);
    if (password === undefined) throw new Error('a file without its password');
    await store.insertPasswordGiven(tx, {
      givenId: deps.newId(),
      noticeId,
      rowNo,
      personId: person.personId,
      evidence,
      by: nameOf(actor),
      on: deps.civilClock.today(),
    });
    tx.record({
      event: 'notice-password.given',
      subject: person.personId,
      facts: ['resident_tax.special_notice_password_given'],
      detail: { notice: noticeId },
    });
    return ok({ password });
  },
});

const waitingAt = look('resident-tax.electronic-notices-waiting', {
  right: noticeDelivery,
  run: (tx, deps: ActDeps, { step }: { readonly step: 'released' | 'sent' | 'recall-ordered' }) =>
    store.noticesAt(tx, step, deps.civilClock.today().subtract({ days: daysAtPortal }), 100),
});

/** Who is in a notice that waits: the platform is asked about them before it leaves. */
const peopleToSend = act('resident-tax.read-people-of-notice', {
  right: noticeDelivery,
  async run(tx, _deps: ActDeps, { noticeId }: { readonly noticeId: string }) {
    const people = await store.peopleOfNotice(tx, noticeId);
    tx.record({ event: 'special-notice.persons-read', detail: { notice: noticeId, persons: people.length } });
    return ok(people);
  },
});

/** The parts of a notice that may go, as they are sealed here: undefined where it was called back or sent meanwhile. */
const partsToSend = act('resident-tax.open-notice-to-send', {
  right: noticeDelivery,
  async run(
    tx,
    deps: ElectronicDeps,
    { noticeId, guarded }: { readonly noticeId: string; readonly guarded: ReadonlySet<string> },
  ): Promise<Result<NoticeToSend | undefined, 'no-such-notice' | 'erased'>> {
    const notice = await store.lockElectronicNotice(tx, noticeId);
    if (notice === undefined || notice.payerNumber === null) return err('no-such-notice');
    if (lastStep(notice)?.step !== 'released') {
      tx.record({ event: 'special-notice.not-sent', detail: { notice: noticeId } });
      return ok(undefined);
    }
    const content = await deps.sealed.open(tx, notice.packageRef, purpose);
    const files = notice.filesRef === null ? undefined : await deps.sealed.open(tx, notice.filesRef, purpose);
    if (!content.ok || files?.ok === false) return err('erased');
    if (addressOfGuarded(content.value, await store.peopleOfNotice(tx, noticeId), guarded)) {
      await refuse(tx, deps, noticeId, 'protected-meanwhile');
      return ok(undefined);
    }
    const { designationNumber, fiscalYear, sequenceNo, issuedOn, payerNumber, persons } = notice;
    tx.record({ event: 'special-notice.opened', detail: { notice: noticeId, part: 'all' } });
    return ok({
      cover: {
        noticeId,
        from: { municipality: deps.municipality, name: deps.office.ward },
        payer: payerNumber,
        designationNumber,
        fiscalYear,
        sequence: sequenceNo,
        withdrawn: [...notice.withdrawn],
        issuedOn,
      },
      payer: { content: content.value, persons },
      employees: files === undefined ? null : { content: files.value, persons: notice.files ?? 0 },
    });
  },
});

/** Somebody came under protection after the notice was made, and it still tells the payer where the person lives (T05). */
function addressOfGuarded(
  content: Buffer,
  people: readonly store.PersonOfNotice[],
  guarded: ReadonlySet<string>,
): boolean {
  const zip = readStoredZip(content);
  const lines = zip.ok ? zip.value.get(packageFiles.lines)?.toString('utf8').split('\r\n') : undefined;
  if (lines === undefined) throw new Error('a package without its lines');
  return people.some(
    ({ orgPersonNumber, rowNo }) =>
      guarded.has(orgPersonNumber) && !(lines[rowNo - 1] ?? '').includes(`,${withheldAddress},`),
  );
}

async function refuse(tx: Tx, deps: ActDeps, noticeId: string, note: string): Promise<void> {
  const step = { step: 'refused', by: nameOf(portalWorker), note } as const;
  await store.addStep(tx, noticeId, step, deps.civilClock.today(), deps.machineClock.now());
  tx.record({
    event: 'special-notice.refused',
    facts: ['resident_tax.special_notice_step'],
    detail: { notice: noticeId, word: note },
  });
}

/** Words that another try does not change: a clerk looks at the notice. */
const finalWords = new Set(['no-such-payer', 'notice-number-used', 'parts-differ']);

/** The portal has it; or it refused it for good. A recall that came between stands, and is carried out next. */
const noteSending = act('resident-tax.note-notice-sent', {
  right: noticeDelivery,
  async run(
    tx,
    deps: ActDeps,
    { noticeId, word }: { readonly noticeId: string; readonly word: string | null },
  ): Promise<Result<null, 'no-such-notice'>> {
    const notice = await store.lockElectronicNotice(tx, noticeId);
    if (notice === undefined) return err('no-such-notice');
    if (lastStep(notice)?.step !== 'released') {
      tx.record({ event: 'special-notice.not-sent', detail: { notice: noticeId } });
      return ok(null);
    }
    if (word !== null) {
      await refuse(tx, deps, noticeId, word);
      return ok(null);
    }
    const step = { step: 'sent', by: nameOf(portalWorker) } as const;
    await store.addStep(tx, noticeId, step, deps.civilClock.today(), deps.machineClock.now());
    tx.record({
      event: 'special-notice.sent',
      ground: '地方税法 第321条の4第7項',
      recipient: `corp-${notice.payerNumber}/payer`,
      subjects: (await store.peopleOfNotice(tx, noticeId)).map(({ personId }) => personId),
      items: ['特別徴収税額通知'],
      facts: ['resident_tax.special_notice_step'],
      detail: { notice: noticeId },
    });
    return ok(null);
  },
});

/** 受領: what the portal says that was not known. */
const noteFetches = act('resident-tax.note-notice-fetches', {
  right: noticeDelivery,
  async run(
    tx,
    _deps: ActDeps,
    { noticeId, fetches }: { readonly noticeId: string; readonly fetches: readonly store.FetchOfNotice[] },
  ) {
    const added = await store.insertFetches(tx, noticeId, fetches);
    tx.record({
      event: 'special-notice.fetches-noted',
      ...(added > 0 ? { facts: ['resident_tax.special_notice_fetch'] } : {}),
      detail: { notice: noticeId, fetches: added },
    });
    return ok(null);
  },
});

/** 配信停止, as the portal answered: fetched before or not. */
const noteRecalled = act('resident-tax.note-notice-recalled', {
  right: noticeDelivery,
  async run(
    tx,
    deps: ActDeps,
    given: {
      readonly noticeId: string;
      readonly fetched: boolean;
      readonly fetches: readonly store.FetchOfNotice[];
    },
  ): Promise<Result<null, 'no-such-notice'>> {
    const { noticeId, fetched } = given;
    const notice = await store.lockElectronicNotice(tx, noticeId);
    if (notice === undefined) return err('no-such-notice');
    if (lastStep(notice)?.step !== 'recall-ordered') {
      tx.record({ event: 'notice.recall-repeated', detail: { notice: noticeId } });
      return ok(null);
    }
    const added = await store.insertFetches(tx, noticeId, given.fetches);
    const step = { step: 'recalled', by: nameOf(portalWorker), fetched } as const;
    await store.addStep(tx, noticeId, step, deps.civilClock.today(), deps.machineClock.now());
    tx.record({
      event: 'notice.recalled',
      recipient: notice.designationNumber,
      subjects: (await store.peopleOfNotice(tx, noticeId)).map(({ personId }) => personId),
      facts: ['resident_tax.special_notice_step', ...(added > 0 ? ['resident_tax.special_notice_fetch'] : [])],
      detail: { notice: noticeId, fetched: `${fetched}` },
    });
    return ok(null);
  },
});

/**
 * One round with the portal: what is to be called back first, then what was let go, then what became of what was sent. Each step finds by
 * itself what is left to do and can be repeated.
 *
 * @returns words of what failed and is tried again
 */
export async function electronicRound(deps: ElectronicDeps): Promise<readonly string[]> {
  const faults: string[] = [];
  const each = async (
    step: 'released' | 'sent' | 'recall-ordered',
    work: (noticeId: string) => Promise<Result<unknown, string>>,
  ): Promise<void> => {
    const waiting = await waitingAt(deps, portalWorker, { step });
    for (const noticeId of waiting.ok ? waiting.value : []) {
      const done = await work(noticeId);
      if (!done.ok) faults.push(`${step}: ${done.error}`);
    }
  };
  await each('recall-ordered', (noticeId) => recallOne(deps, noticeId));
  await each('released', (noticeId) => sendOne(deps, noticeId));
  await each('sent', (noticeId) => askOne(deps, noticeId));
  return faults;
}

/** Tells the portal now; what it cannot be told now is told in the next round. */
export async function recallOne(deps: ElectronicDeps, noticeId: string): Promise<Result<unknown, string>> {
  const recalled = await recallAtPortal(deps.noticeLine, noticeId);
  if (!recalled.ok) return recalled;
  const status = await statusAtPortal(deps.noticeLine, noticeId);
  // A notice that was called back before it came is not known there.
  const fetches = status.ok ? status.value.fetches : [];
  return noteRecalled(deps, portalWorker, { noticeId, fetched: recalled.value.fetched, fetches });
}

async function sendOne(deps: ElectronicDeps, noticeId: string): Promise<Result<unknown, string>> {
  const people = await peopleToSend(deps, portalWorker, { noticeId });
  if (!people.ok) return people;
  const guarded = await guardedOf(
    deps,
    people.value.map(({ orgPersonNumber }) => orgPersonNumber),
  );
  if (!guarded.ok) return guarded;
  const parts = await partsToSend(deps, portalWorker, { noticeId, guarded: guarded.value });
  if (!parts.ok || parts.value === undefined) return parts;
  const sent = await sendToPayer(deps.noticeLine, parts.value);
  if (!sent.ok && !finalWords.has(sent.error)) return sent;
  return noteSending(deps, portalWorker, { noticeId, word: sent.ok ? null : sent.error });
}

async function askOne(deps: ElectronicDeps, noticeId: string): Promise<Result<unknown, string>> {
  const status = await statusAtPortal(deps.noticeLine, noticeId);
  if (!status.ok) return status;
  return status.value.fetches.length === 0
    ? ok(null)
    : noteFetches(deps, portalWorker, { noticeId, fetches: status.value.fetches });
}
