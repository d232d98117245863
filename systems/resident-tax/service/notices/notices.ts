import { createHash } from 'node:crypto';
import { type ActDeps, type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import { getAssessments } from '../../store/assessments.ts';
import * as store from '../../store/documents.ts';
import { noticeRead, noticeUpdate } from '../assessment/functions.ts';
import { setAlone } from './content.ts';
import { makeNotice, type NoticeFault } from './make-notice.ts';
import type { NoticeDeps } from './notice-deps.ts';

export type NoticeListQuery = Parameters<typeof store.listDocuments>[1];

/** 文書台帳. Names persons, so reading it is recorded. */
export const listNotices = act('resident-tax.list-notices', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, query: NoticeListQuery) {
    const rows = await store.listDocuments(tx, query);
    tx.record({ event: 'notice.listed', subjects: rows.map((row) => row.personId), detail: { shown: rows.length } });
    return ok({ rows: rows as readonly store.ListedDocument[], total: rows[0]?.total ?? 0 });
  },
});

export interface NoticeView {
  readonly document: store.RegisteredDocument;
  readonly person: Addressee;
  /** N of the order. */
  readonly ofOrder: number | null;
}

export const readNotice = act('resident-tax.read-notice', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, { documentId }: { readonly documentId: string }) {
    const [document] = await store.findDocuments(tx, { documentId });
    if (!document) return err('no-such-document');
    const person = (await addressees(tx, [document.personId])).get(document.personId);
    if (!person) throw new Error('a document without its person');
    const ofOrder = document.orderId === null ? null : (await store.totalsOfOrder(tx, document.orderId)).documents;
    tx.record({ event: 'notice.read', subject: document.personId, detail: { document: documentId } });
    return ok<NoticeView>({ document, person, ofOrder });
  },
});

/** 通知書を開く: one notice alone, set again from what it says (sealed, and compared with the register). */
export const openNotice = act('resident-tax.open-notice', {
  right: noticeRead,
  async run(tx, deps: NoticeDeps, { documentId }: { readonly documentId: string }) {
    const [document] = await store.findDocuments(tx, { documentId });
    if (!document) return err('no-such-document');
    const opened = await deps.sealed.open(tx, document.sealedRef as SealedId, 'resident-tax/open-notice');
    if (!opened.ok) return opened;
    if (!createHash('sha256').update(opened.value).digest().equals(document.sha256)) return err('document-altered');
    const pdf = await setAlone(deps.typesetter, opened.value);
    if (!pdf.ok) return err(pdf.error.word);
    tx.record({
      event: 'notice.opened',
      subject: document.personId,
      items: ['納税通知書'],
      detail: { document: documentId },
    });
    return ok({ pdf: pdf.value });
  },
});

export interface IssueNotice {
  readonly assessmentId: string;
  /** The clerk saw which characters the fonts have in another shape only, and allows it for this person. */
  readonly allowOtherShapes: boolean;
}

const addresseeOf = act('resident-tax.read-addressee', {
  right: noticeUpdate,
  async run(tx, _deps: ActDeps, { assessmentId }: { readonly assessmentId: string }) {
    const [assessment] = await getAssessments(tx, [assessmentId]);
    const person = assessment && (await addressees(tx, [assessment.personId])).get(assessment.personId);
    if (person === undefined) return err('no-such-assessment');
    tx.record({ event: 'notice.addressee-read', subject: person.personId });
    return ok(person.orgPersonNumber);
  },
});

const issue = act('resident-tax.issue-notice', {
  right: noticeUpdate,
  async run(
    tx,
    deps: NoticeDeps,
    { assessmentId, allowOtherShapes, isProtected }: IssueNotice & { readonly isProtected: boolean },
  ): Promise<Result<{ readonly documentId: string }, NoticeFault['word'] | 'already-notified'>> {
    const [assessment] = await getAssessments(tx, [assessmentId]);
    if (!assessment) return err('no-such-assessment');
    const last = await store.lockSerials(tx, assessment.fiscalYear);
    if ((await store.findDocuments(tx, { assessmentId })).some(({ kind }) => kind !== 'reduction-notice'))
      return err('already-notified');
    const made = await makeNotice(tx, deps, {
      assessmentId,
      serial: last + 1,
      orderId: null,
      position: null,
      otherShapes: allowOtherShapes ? 'flag' : 'refuse',
      isProtected,
    });
    if (!made.ok) return err(made.error.word);
    tx.record({
      event: 'notice.issued',
      ground: '地方税法 第319条の2',
      subject: made.value.personId,
      facts: [...made.value.facts],
      detail: { document: made.value.documentId, otherShapesAllowed: allowOtherShapes },
    });
    return ok({ documentId: made.value.documentId });
  },
});

/**
 * One notice by hand: for what the run could not print. A levy is notified once. The platform is asked first, outside any transaction: who is
 * protected now gets a notice without an address, and without an answer none is made.
 */
export async function issueNotice(
  deps: NoticeDeps,
  actor: Actor,
  command: IssueNotice,
): Promise<
  Result<
    { readonly documentId: string },
    NoticeFault['word'] | 'already-notified' | 'protections-unavailable' | 'not-authorised'
  >
> {
  const addressee = await addresseeOf(deps, actor, command);
  if (!addressee.ok) return addressee;
  const told = await deps.protections([addressee.value]);
  if (!told.ok) return told;
  return issue(deps, actor, { ...command, isProtected: told.value.isProtected(addressee.value) });
}

/** Print files of an order and whether they hold exactly its documents: counts, pages and yen agree. */
export const lookAtPrintFiles = look('resident-tax.look-at-print-files', {
  right: noticeRead,
  async run(tx, _deps: ActDeps, { orderId }: { readonly orderId: string }) {
    const files = await store.printFilesOf(tx, orderId);
    const totals = await store.totalsOfOrder(tx, orderId);
    const sum = (of: (file: store.PrintFile) => number): number => files.reduce((acc, file) => acc + of(file), 0);
    return {
      files,
      totals,
      balanced:
        sum((file) => file.documents) === totals.documents &&
        sum((file) => file.pages) === totals.pages &&
        sum((file) => file.totalYen) === totals.totalYen,
    };
  },
});

export type { ListedDocument } from '../../store/documents.ts';
