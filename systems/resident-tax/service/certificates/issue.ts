import { createHash } from 'node:crypto';
import {
  certificateForm,
  certificateTemplate,
  certificateTitles,
  printedCertificate,
} from '@musubi/contracts/certificates/content.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { subjectCheckCode, type TypesetDocument } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import { type FeeWaiver, feeOf } from '../../domain/certificate.ts';
import * as store from '../../store/certificates.ts';
import { nameOf } from '../assessment/functions.ts';
import { guardedOf } from '../persons/guarded.ts';
import { type CertificateDeps, contentOf, issuerOf, statesFor } from './content.ts';
import { certificateRead, certificateUpdate, protectedCertificateUpdate } from './functions.ts';

export interface IssueCertificate {
  /** Made with the form, so that a second click is the same issue. */
  readonly issueId: string;
  readonly personId: string;
  readonly fiscalYear: number;
  readonly requester: store.StoredIssue['requester'];
  readonly identifiedBy: store.StoredIssue['identifiedBy'];
  /** 委任状 seen; needed where someone else asks. */
  readonly authorised: boolean;
  readonly purpose: string;
  readonly copies: number;
  readonly feeWaiver: FeeWaiver | null;
  /** Only where the protected person asks in person (支援措置担当). */
  readonly showAddress?: boolean;
}

export type IssueRefusal =
  | 'no-such-person'
  | 'not-declared'
  | 'not-taxable-here'
  | 'protected'
  | 'not-protected'
  | 'no-authorisation'
  | 'no-purpose'
  | 'wrong-copies'
  | 'does-not-agree-with-reasons'
  | 'unprintable-character'
  | 'request-key-reused';

interface Issued {
  readonly documentNo: string;
  readonly feeYen: number;
}

type Asked = IssueCertificate & {
  /** The platform says now that the person's address is protected; what the own register says counts besides. */
  readonly guarded: boolean;
};

const issueAtCounter = act('resident-tax.issue-certificate', {
  right: certificateUpdate,
  subjectOf: ({ personId }: Asked) => personId,
  run: (tx, deps: CertificateDeps, command: Asked, actor) => issue(tx, deps, command, nameOf(actor), false),
});
const issueByOfficer = act('resident-tax.issue-protected-certificate', {
  right: protectedCertificateUpdate,
  subjectOf: ({ personId }: Asked) => personId,
  run: (tx, deps: CertificateDeps, command: Asked, actor) => issue(tx, deps, command, nameOf(actor), true),
});

const numberOfPerson = act('resident-tax.read-certificate-person', {
  right: certificateRead,
  async run(tx, _deps: CertificateDeps, { personId }: { readonly personId: string }) {
    const number = await store.findOrgNumber(tx, personId);
    if (number === undefined) return err('no-such-person');
    tx.record({ event: 'certificate.person-read', subject: personId });
    return ok(number);
  },
});

/** Asked outside the transaction, right before the paper is made; without an answer none is. */
async function isGuarded(
  deps: CertificateDeps,
  actor: Actor,
  personId: string,
): Promise<Result<boolean, 'no-such-person' | 'not-authorised' | 'protections-unavailable'>> {
  const number = await numberOfPerson(deps, actor, { personId });
  if (!number.ok) return number;
  const guarded = await guardedOf(deps, [number.value]);
  return guarded.ok ? ok(guarded.value.has(number.value)) : guarded;
}

type Issuing = Promise<Result<Issued, IssueRefusal | 'protections-unavailable' | 'not-authorised'>>;

/**
 * 窓口での交付. A protected person's certificate is not made here at all: nothing is set, no dialogue can be confirmed (INC-45,
 * INC-49); the refusal names the protected address's officers and no address.
 */
export async function issueCertificate(deps: CertificateDeps, actor: Actor, command: IssueCertificate): Issuing {
  const guarded = await isGuarded(deps, actor, command.personId);
  return guarded.ok ? issueAtCounter(deps, actor, { ...command, guarded: guarded.value }) : guarded;
}

/** 支援措置担当による交付: addresses are left out unless the person asks in person. */
export async function issueProtectedCertificate(
  deps: CertificateDeps,
  actor: Actor,
  command: IssueCertificate,
): Issuing {
  const guarded = await isGuarded(deps, actor, command.personId);
  return guarded.ok ? issueByOfficer(deps, actor, { ...command, guarded: guarded.value }) : guarded;
}

async function issue(
  tx: Tx,
  deps: CertificateDeps,
  command: Asked,
  issuedBy: string,
  isOfficer: boolean,
): Promise<Result<Issued, IssueRefusal>> {
  const { personId, fiscalYear, requester } = command;
  if (command.purpose.trim() === '' || command.purpose.length > 100) return err('no-purpose');
  if (!Number.isInteger(command.copies) || command.copies < 1 || command.copies > 10) return err('wrong-copies');
  if (requester !== 'self' && !command.authorised) return err('no-authorisation');
  const states = await statesFor(tx, personId, fiscalYear);
  if (states === undefined) return err('no-such-person');
  const isProtected = states.now.addressProtected || command.guarded;
  if (isProtected && !isOfficer) return err('protected');
  if (!isProtected && isOfficer) return err('not-protected');
  const levy = await store.levyInForce(tx, personId, fiscalYear);
  if (levy === undefined) return err('not-declared');
  if (levy.status === 'not-taxable') return err('not-taxable-here');

  const sources = {
    assessmentId: levy.assessmentId,
    personVersion: states.now.version,
    levyDateVersion: states.then.version,
    addressShown: !isProtected || (command.showAddress === true && requester === 'self'),
    issuer: issuerOf(deps),
  };
  const content = await contentOf(tx, sources);
  if (!content.ok) return content;
  const serial = await store.nextCertificateSerial(tx);
  const documentNo = `KZ-${fiscalYear}-${`${serial}`.padStart(8, '0')}`;
  const [issuedOn, issuedAt] = [deps.civilClock.today(), deps.machineClock.now()];
  const set = await setCertificate(deps, content.value, { documentNo, personId, issuedOn, issuedAt });
  if (!set.ok) return set;
  const { pdf, pages, subjectCheck } = set.value;
  const { ref } = await deps.sealed.seal(tx, pdf, {
    kind: 'certificate',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/issue-certificate',
  });
  const feeYen = feeOf(command.copies, deps.certificateFeeYen, command.feeWaiver);
  await store.insertIssue(tx, {
    issueId: command.issueId,
    documentNo,
    kind: content.value.kind,
    fiscalYear,
    personId,
    ...sources,
    form: certificateForm,
    requester,
    identifiedBy: command.identifiedBy,
    purpose: command.purpose.trim(),
    copies: command.copies,
    feeYen,
    feeWaiver: command.feeWaiver,
    pages,
    subjectCheck,
    sha256: createHash('sha256').update(pdf).digest(),
    sizeBytes: pdf.length,
    sealedRef: ref,
    issuedBy,
    issuedOn: issuedOn.toString(),
    issuedAt: issuedAt.toString(),
  });
  tx.record({
    event: 'certificate.issued',
    subject: personId,
    items: ['地方税関係情報'],
    recipient: requester,
    facts: ['resident_tax.certificate_issue'],
    detail: { document: documentNo, copies: command.copies, feeYen, addressShown: sources.addressShown },
  });
  return ok({ documentNo, feeYen });
}

/** Sets the form. One request, one document: everything of it comes in here and goes out by the answer of this call (INC-01). */
async function setCertificate(
  deps: CertificateDeps,
  content: Parameters<typeof printedCertificate>[0],
  about: {
    readonly documentNo: string;
    readonly personId: string;
    readonly issuedOn: Temporal.PlainDate;
    readonly issuedAt: Temporal.Instant;
  },
): Promise<Result<TypesetDocument & { readonly subjectCheck: string }, 'unprintable-character'>> {
  const subjectCheck = subjectCheckCode(deps.subjectCheckKey, about.documentNo, about.personId);
  const set = await deps.certificateTypesetter.render({
    template: certificateTemplate,
    data: printedCertificate(content, { documentNo: about.documentNo, issuedOn: about.issuedOn, recordsOf: null }),
    documentId: about.documentNo,
    subjectCheck,
    title: certificateTitles[content.kind],
    issuedAt: about.issuedAt,
  });
  return set.ok ? ok({ ...set.value, subjectCheck }) : err('unprintable-character');
}

/**
 * 証明書を開く: the file as it was issued, and whether the facts named in the register still give it byte for byte.
 * `reproduced` false is an alarm: form, fonts or a fact is not what it was.
 */
export const openCertificate = act('resident-tax.open-certificate', {
  right: certificateRead,
  async run(tx, deps: CertificateDeps, { documentNo }: { readonly documentNo: string }) {
    const found = await store.findIssue(tx, documentNo);
    if (!found) return err('no-such-document');
    const opened = await deps.sealed.open(tx, found.sealedRef as SealedId, 'resident-tax/open-certificate');
    if (!opened.ok) return opened;
    const digest = Buffer.from(found.sha256);
    if (!createHash('sha256').update(opened.value).digest().equals(digest)) return err('document-altered');
    tx.record({
      event: 'certificate.opened',
      subject: found.personId,
      items: ['課税証明書'],
      detail: { document: documentNo },
    });
    return ok({ issue: found, pdf: opened.value });
  },
});

/** Made anew from the facts of the issue, without what is sealed. */
export const reproduceCertificate = act('resident-tax.reproduce-certificate', {
  right: certificateRead,
  async run(tx, deps: CertificateDeps, { documentNo }: { readonly documentNo: string }) {
    const found = await store.findIssue(tx, documentNo);
    if (!found) return err('no-such-document');
    const content = await contentOf(tx, found);
    if (!content.ok) return content;
    const set = await setCertificate(deps, content.value, {
      documentNo,
      personId: found.personId,
      issuedOn: Temporal.PlainDate.from(found.issuedOn),
      issuedAt: Temporal.Instant.from(found.issuedAt),
    });
    if (!set.ok) return set;
    const { pdf } = set.value;
    const same = createHash('sha256').update(pdf).digest().equals(Buffer.from(found.sha256));
    tx.record({ event: 'certificate.reproduced', subject: found.personId, detail: { document: documentNo, same } });
    return ok({ pdf, same });
  },
});

/** What a certificate would have said at a past moment, by what was recorded then: for questions, never as paper. */
export const readCertificateAsOf = act('resident-tax.read-certificate-as-of', {
  right: certificateRead,
  subjectOf: ({ personId }: { readonly personId: string }) => personId,
  async run(
    tx,
    deps: CertificateDeps,
    command: { readonly personId: string; readonly fiscalYear: number; readonly until: Temporal.Instant },
  ) {
    const { personId, fiscalYear, until } = command;
    const states = await statesFor(tx, personId, fiscalYear, until);
    if (states === undefined) return err('no-such-person');
    const levy = await store.levyInForce(tx, personId, fiscalYear, until);
    if (levy === undefined) return err('not-declared');
    const current = await statesFor(tx, personId, fiscalYear);
    const content = await contentOf(tx, {
      assessmentId: levy.assessmentId,
      personVersion: states.now.version,
      levyDateVersion: states.then.version,
      // Who is protected today is protected for what was recorded before, too.
      addressShown: !states.now.addressProtected && current?.now.addressProtected === false,
      issuer: issuerOf(deps),
    });
    if (!content.ok) return content;
    tx.record({ event: 'certificate.read-as-of', subject: personId, items: ['地方税関係情報'] });
    return ok(content.value);
  },
});

const reprint = act('resident-tax.reprint-certificate', {
  right: certificateUpdate,
  async run(
    tx,
    deps: CertificateDeps,
    {
      documentNo,
      reason,
      guarded,
    }: { readonly documentNo: string; readonly reason: string; readonly guarded: boolean },
    actor,
  ) {
    const found = await store.findIssue(tx, documentNo);
    if (!found) return err('no-such-document');
    if (reason.trim() === '' || reason.length > 200) return err('no-reason');
    const states = await statesFor(tx, found.personId, found.fiscalYear);
    if (guarded || states?.now.addressProtected) return err('protected');
    const reprintNo = await store.insertReprint(tx, {
      issueId: found.issueId,
      reason: reason.trim(),
      by: nameOf(actor),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'certificate.reprinted',
      subject: found.personId,
      facts: ['resident_tax.certificate_reprint'],
      detail: { document: documentNo, reprintNo },
    });
    return ok({ reprintNo });
  },
});

const personOfIssue = act('resident-tax.read-certificate-issue', {
  right: certificateRead,
  async run(tx, _deps: CertificateDeps, { documentNo }: { readonly documentNo: string }) {
    const found = await store.findIssue(tx, documentNo);
    if (!found) return err('no-such-document');
    tx.record({ event: 'certificate.person-read', subject: found.personId });
    return ok(found.personId);
  },
});

/** 再印刷: one more sheet of an issue whose print was spoiled; counted, with its reason. */
export async function reprintCertificate(
  deps: CertificateDeps,
  actor: Actor,
  command: { readonly documentNo: string; readonly reason: string },
) {
  const person = await personOfIssue(deps, actor, command);
  if (!person.ok) return person;
  const guarded = await isGuarded(deps, actor, person.value);
  return guarded.ok ? reprint(deps, actor, { ...command, guarded: guarded.value }) : guarded;
}

/** 交付: what is in hand is compared with what was printed; sheets of two jobs taken up as one are found here (INC-04). */
export const handOverCertificate = act('resident-tax.hand-over-certificate', {
  right: certificateUpdate,
  async run(
    tx,
    deps: CertificateDeps,
    command: {
      readonly documentNo: string;
      /** 照合符号 on the first and on the last sheet, as scanned or typed. */
      readonly firstCode: string;
      readonly lastCode: string;
      /** Sheets of one copy. */
      readonly sheets: number;
    },
    actor,
  ) {
    const found = await store.findIssue(tx, command.documentNo);
    if (!found) return err('no-such-document');
    const isOfOthers = (code: string): boolean => code.trim().toUpperCase() !== found.subjectCheck;
    if (isOfOthers(command.firstCode) || isOfOthers(command.lastCode)) return err('sheet-of-another-document');
    if (command.sheets !== found.pages) return err('sheets-missing');
    const { sheets } = command;
    const at = deps.machineClock.now();
    if (!(await store.insertHandover(tx, { issueId: found.issueId, sheets, by: nameOf(actor), at })))
      return err('already-handed-over');
    tx.record({
      event: 'certificate.handed-over',
      subject: found.personId,
      recipient: found.requester,
      facts: ['resident_tax.certificate_handover'],
      detail: { document: command.documentNo },
    });
    return ok({ copies: found.copies });
  },
});

/** 発行台帳 of all channels; names persons, so reading it is recorded. */
export const listCertificates = act('resident-tax.list-certificates', {
  right: certificateRead,
  async run(
    tx,
    _deps: CertificateDeps,
    query: { readonly personId: string | null; readonly limit: number; readonly offset: number },
  ) {
    const rows = await store.listIssues(tx, query);
    const years = query.personId === null ? [] : await store.yearsOf(tx, query.personId);
    tx.record({
      event: 'certificate.listed',
      subjects: rows.map((row) => row.personId),
      detail: { shown: rows.length },
    });
    return ok({ rows: rows as readonly store.ListedIssue[], total: rows[0]?.total ?? 0, years });
  },
});

export type { ListedIssue } from '../../store/certificates.ts';
