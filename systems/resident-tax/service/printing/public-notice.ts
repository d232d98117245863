import { createHash } from 'node:crypto';
import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { registered } from '@musubi/kernel/documents/unprintable.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import * as store from '../../store/returned-mail.ts';
import { nameOf } from '../assessment/functions.ts';
import { dayText } from '../notices/notice-data.ts';
import { guardedOf } from '../persons/guarded.ts';
import { type PrintDeps, printApproval, printRead, printUpdate } from './functions.ts';

const approvalKind = 'resident-tax.public-notice';
const payloadOf = (notice: Pick<store.PublicNotice, 'publicationId' | 'returnId'>, sha256: Uint8Array): object => ({
  publicationId: notice.publicationId,
  returnId: notice.returnId,
  sha256: Buffer.from(sha256).toString('hex'),
});

const documentNames: Readonly<Record<string, string>> = {
  'tax-notice': '特別区民税・都民税・森林環境税 納税通知書',
  'change-notice': '特別区民税・都民税・森林環境税 税額変更通知書',
  'reduction-notice': '特別区民税・都民税・森林環境税 減免決定通知書',
};

type MayPost = 'no-such-return' | 'already-delivered' | 'new-address-known' | 'address-protected';

/** 公示送達 is for whom nobody can find: a person with another address now is written to there, a protected one is not named in public. */
function mayBePosted(
  mail: store.ReturnedMail | undefined,
  guarded: ReadonlySet<string>,
): Result<store.ReturnedMail, MayPost> {
  if (mail === undefined) return err('no-such-return');
  if (mail.redeliveredOn !== null) return err('already-delivered');
  if (mail.addressProtected || guarded.has(mail.orgPersonNumber)) return err('address-protected');
  if (enforced('dispatch.address-from-register') && mail.sentTo !== mail.addressNow) return err('new-address-known');
  return ok(mail);
}

const personOf = act('resident-tax.read-person-of-return', {
  right: printRead,
  async run(tx, deps: PrintDeps, { returnId }: { readonly returnId: string }) {
    const [mail] = await store.listReturns(tx, { returnId, on: deps.civilClock.today() });
    if (mail === undefined) return err('no-such-return');
    tx.record({ event: 'returned-mail.read', subject: mail.personId, detail: { document: mail.documentId } });
    return ok([mail.orgPersonNumber]);
  },
});

const prepare = act('resident-tax.prepare-public-notice', {
  right: printUpdate,
  async run(
    tx,
    deps: PrintDeps,
    command: { readonly returnId: string; readonly ground: string; readonly guarded: ReadonlySet<string> },
    actor,
  ) {
    const on = deps.civilClock.today();
    const found = mayBePosted(await store.lockReturn(tx, command.returnId, on), command.guarded);
    if (!found.ok) return found;
    const mail = found.value;
    if (mail.postedOn !== null) return err('already-posted');
    if (command.ground.trim() === '') return err('no-ground');
    const publicationId = deps.newId();
    const documentId = `KJ-${publicationId.slice(0, 8).toUpperCase()}`;
    // The lawful items alone: whose, which document, that it is kept and handed out (INC-35). No address, no amount, no number.
    const set = await deps.typesetter.render({
      template: 'public-notice.typ',
      data: {
        issuedOn: dayText(on.toString()),
        postedOn: dayText(on.toString()),
        name: registered(mail.name),
        document: documentNames[mail.kind] ?? '',
        keeper: deps.office.contact.office,
        issuer: { title: deps.office.issuer.title, name: registered(deps.office.issuer.name) },
      },
      documentId,
      subjectCheck: subjectCheckCode(deps.subjectCheckKey, documentId, mail.personId),
      title: '公示送達書',
      issuedAt: deps.machineClock.now(),
      otherShapes: 'refuse',
    });
    if (!set.ok) return err('unprintable-character');
    const sha256 = createHash('sha256').update(set.value.pdf).digest();
    const { ref } = await deps.sealed.seal(tx, set.value.pdf, {
      kind: 'public-notice',
      retentionClass: 'tax-7y',
      purpose: 'resident-tax/public-notice',
    });
    const by = nameOf(actor);
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: publicationId,
      payload: payloadOf({ publicationId, returnId: mail.returnId }, sha256),
      by,
    });
    await store.insertPublicNotice(tx, {
      publicationId,
      returnId: mail.returnId,
      ground: command.ground.trim(),
      approvalId,
      sha256,
      sealedRef: ref,
      preparedBy: by,
      on,
    });
    tx.record({
      event: 'publication.prepared',
      ground: '地方税法 第20条の2',
      subject: mail.personId,
      facts: ['resident_tax.public_notice', 'approvals.request'],
      detail: { publication: publicationId, document: mail.documentId },
    });
    return ok({ publicationId });
  },
});

/** 公示送達の起案: the document as it will hang there; `ground` says what was done to find the person. */
export async function preparePublicNotice(
  deps: PrintDeps,
  actor: Actor,
  command: { readonly returnId: string; readonly ground: string },
) {
  const guarded = await guardedNow(deps, actor, command.returnId);
  return guarded.ok ? prepare(deps, actor, { ...command, guarded: guarded.value }) : guarded;
}

async function guardedNow(deps: PrintDeps, actor: Actor, returnId: string) {
  const persons = await personOf(deps, actor, { returnId });
  return persons.ok ? guardedOf(deps, persons.value) : persons;
}

/** The bytes that will be posted, for the second person to see. */
export const openPublicNotice = act('resident-tax.open-public-notice', {
  right: printRead,
  async run(tx, deps: PrintDeps, { publicationId }: { readonly publicationId: string }) {
    const notice = await store.findPublicNotice(tx, publicationId);
    if (notice === undefined) return err('no-such-publication');
    const opened = await deps.sealed.open(tx, notice.sealedRef as SealedId, 'resident-tax/public-notice');
    if (!opened.ok) return opened;
    if (!createHash('sha256').update(opened.value).digest().equals(notice.sha256)) return err('document-altered');
    tx.record({ event: 'publication.opened', detail: { publication: publicationId } });
    return ok({ pdf: opened.value, sha256: notice.sha256.toString('hex'), returnId: notice.returnId });
  },
});

const post = act('resident-tax.post-public-notice', {
  right: printApproval,
  async run(
    tx,
    deps: PrintDeps,
    command: { readonly publicationId: string; readonly seenSha256: string; readonly guarded: ReadonlySet<string> },
    actor,
  ) {
    const notice = await store.findPublicNotice(tx, command.publicationId);
    if (notice === undefined) return err('no-such-publication');
    const on = deps.civilClock.today();
    const found = mayBePosted(await store.lockReturn(tx, notice.returnId, on), command.guarded);
    if (!found.ok) return found;
    if (found.value.postedOn !== null) return err('already-posted');
    // What the second person saw is what is posted, byte for byte.
    if (notice.sha256.toString('hex') !== command.seenSha256) return err('differs-from-seen');
    const by = nameOf(actor);
    const decided = await decideApproval(tx, deps, { approvalId: notice.approvalId, decision: 'approved', by });
    if (!decided.ok) return decided;
    const used = await useApproval(tx, deps, {
      approvalId: notice.approvalId,
      kind: approvalKind,
      payload: payloadOf(notice, notice.sha256),
      by,
    });
    if (!used.ok) return used;
    const servedOn = on.add({ days: 7 });
    await store.insertPosted(tx, { publicationId: notice.publicationId, on, servedOn, by });
    tx.record({
      event: 'publication.posted',
      ground: '地方税法 第20条の2',
      subject: found.value.personId,
      items: ['氏名', '書類の名称'],
      facts: ['resident_tax.public_notice_posted', 'approvals.decision', 'approvals.execution'],
      detail: { publication: notice.publicationId, document: found.value.documentId },
    });
    return ok({ servedOn: servedOn.toString() });
  },
});

/**
 * 掲示 by a second person who saw these bytes; refused once another address is known or the person is protected (INC-35). Served when seven
 * days from the day of posting have passed.
 *
 * @law 地方税法 第20条の2第1項〜第3項
 */
export async function postPublicNotice(
  deps: PrintDeps,
  actor: Actor,
  command: { readonly publicationId: string; readonly seenSha256: string },
) {
  const opened = await openPublicNotice(deps, actor, { publicationId: command.publicationId });
  if (!opened.ok) return opened;
  const guarded = await guardedNow(deps, actor, opened.value.returnId);
  return guarded.ok ? post(deps, actor, { ...command, guarded: guarded.value }) : guarded;
}
