import { createHash } from 'node:crypto';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type PrintableDocument, subjectCheckCode } from '@musubi/kernel/documents/typesetter.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { type Addressee, addressees } from '../../store/assessment-sources.ts';
import { getAssessments } from '../../store/assessments.ts';
import { chargesOfLevy } from '../../store/charges.ts';
import { type DocumentKind, insertDocument, lastNotified } from '../../store/documents.ts';
import { deceasedAmong, type HeirRepresentative } from '../../store/heirs.ts';
import { insertFace, type StoredFace } from '../../store/printing.ts';
import { remittedOf } from '../../store/reductions.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { agrees } from '../assessment/read.ts';
import { ensureCharged } from '../charges/charge-decided.ts';
import { type NoticeContent, writeContent } from './content.ts';
import { addressLeftOut } from './face.ts';
import { taxNoticeOf } from './notice-data.ts';
import type { NoticeDeps } from './notice-deps.ts';
import { sheetsOf, taxNoticeFaults, taxNoticeTemplate } from './tax-notice.ts';

/** Why a notice was not made, and where in it; goes to the work list, never to a log with the character itself. */
export interface NoticeFault {
  readonly word:
    | 'no-such-assessment'
    | 'not-decided'
    | 'not-ordinary-collection'
    | 'no-postal-code'
    | 'heirs-unknown'
    | 'does-not-agree-with-reasons'
    | 'sums-do-not-agree'
    | 'unprintable-character';
  readonly field?: string;
  /** Fact tables written before the fault was found. */
  readonly facts?: readonly string[];
}

export interface NoticePlace {
  readonly assessmentId: string;
  readonly serial: number;
  readonly orderId: string | null;
  readonly position: number | null;
  /** `flag`: a clerk allowed the fonts' usual shape for this person. */
  readonly otherShapes: 'refuse' | 'flag';
  /** The platform says now that the person's address is protected; what the own register says counts besides. */
  readonly isProtected?: boolean;
  /** 減免決定通知書 of this decision, with the charges that it lowered; without it the levy itself is told. */
  readonly remission?: { readonly draftId: string; readonly charges: ReadonlySet<string> };
}

export interface MadeNotice {
  readonly documentId: string;
  readonly personId: string;
  /** Of what it says. */
  readonly sha256: Buffer;
  /** Fact tables written, for the act to record. */
  readonly facts: readonly string[];
}

const documentKinds = { levy: 'tax-notice', change: 'change-notice', reduction: 'reduction-notice' } as const;
const documentNames: Readonly<Record<DocumentKind, string>> = {
  'tax-notice': '納税通知書',
  'change-notice': '税額変更通知書',
  'reduction-notice': '減免決定通知書',
};

/** A notice composed and found printable; on which sheets it stands is not known yet. */
export interface DraftNotice {
  readonly content: NoticeContent;
  readonly document: PrintableDocument;
  readonly facts: readonly string[];
  readonly person: Addressee;
  /** The address is left out: no face, and no part that leaves the office. */
  readonly hidden: boolean;
  readonly row: Omit<Parameters<typeof insertDocument>[1], 'pages' | 'partNo' | 'firstPage' | keyof SealedContent>;
}
interface SealedContent {
  readonly sha256: Uint8Array;
  readonly sizeBytes: number;
  readonly sealedRef: string;
}

/** Sets a notice by itself and registers it. Call inside an act, which records the facts. */
export async function makeNotice(
  tx: Tx,
  deps: NoticeDeps,
  place: NoticePlace,
): Promise<Result<MadeNotice, NoticeFault>> {
  const draft = await draftNotice(tx, deps, place, deps.machineClock.now());
  if (!draft.ok) return draft;
  const set = await deps.typesetter.render(draft.value.content);
  if (!set.ok) throw new Error('a notice was found printable and is not');
  return ok(await keepNotice(tx, deps, draft.value, { partNo: null, firstPage: null, pages: set.value.pages }));
}

/** Composes a notice from the levy and looks whether it can be printed. */
export async function draftNotice(
  tx: Tx,
  deps: NoticeDeps,
  place: NoticePlace,
  issuedAt: Temporal.Instant,
): Promise<Result<DraftNotice, NoticeFault>> {
  const [assessment] = await getAssessments(tx, [place.assessmentId]);
  if (!assessment) return err({ word: 'no-such-assessment' });
  if (assessment.state !== 'decided') return err({ word: 'not-decided' });
  const { personId, fiscalYear } = assessment;
  const notified = await lastNotified(tx, personId, fiscalYear);
  const byNotice = ['ordinary', 'pension', 'mixed'].includes(assessment.collection);
  if (!byNotice && notified === undefined) return err({ word: 'not-ordinary-collection' });
  const own = (await addressees(tx, [personId])).get(personId);
  if (!own) throw new Error('an assessment without its person');
  const dead = (await deceasedAmong(tx, [personId])).get(personId);
  // A notice in the name of somebody who died reaches nobody (地方税法 第9条の2).
  if (dead !== undefined && dead.representative === null) return err({ word: 'heirs-unknown' });
  const person = dead?.representative ? toRepresentative(own, dead.representative) : own;
  const hidden = place.isProtected === true || person.addressProtected;
  if (person.postalCode === null && !hidden) return err({ word: 'no-postal-code', field: 'addressee.postalCode' });
  const { remission } = place;
  const [before] = notified === undefined || remission !== undefined ? [] : await getAssessments(tx, [notified]);
  const explained = assessOne(assessment.input);
  if (!agrees(assessment, explained)) return err({ word: 'does-not-agree-with-reasons' });
  const facts = await ensureCharged(tx, deps, [place.assessmentId]);
  const charges = await chargesOfLevy(tx, place.assessmentId);
  const issuedOn = deps.civilClock.today();
  const remissions = await remittedOf(tx, personId, fiscalYear);
  const notice = taxNoticeOf(
    {
      assessment,
      explained,
      charges,
      before,
      person: hidden ? withoutAddress(person) : person,
      ...(dead === undefined ? {} : { deceased: own.name }),
      remissions,
      remittedCharges: remission?.charges,
    },
    { ...deps, issuedOn },
  );
  const [fault] = taxNoticeFaults(notice);
  if (fault !== undefined) return err({ word: 'sums-do-not-agree', field: fault, facts });

  const kind = documentKinds[notice.kind];
  const documentId = `RTX-${fiscalYear}-${`${place.serial}`.padStart(6, '0')}`;
  const subjectCheck = subjectCheckCode(deps.subjectCheckKey, documentId, personId);
  const content: NoticeContent = {
    template: taxNoticeTemplate,
    data: notice,
    documentId,
    subjectCheck,
    title: `${notice.fiscalYear} ${documentNames[kind]}`,
    issuedAt,
    otherShapes: place.otherShapes,
    ...sheetsOf(notice),
  };
  const checked = await deps.typesetter.check(content);
  if (!checked.ok)
    return err({ word: 'unprintable-character', field: checked.error.characters[0]?.path ?? 'addressee', facts });
  return ok({
    content,
    document: checked.value,
    facts,
    person,
    hidden,
    row: {
      documentId,
      kind,
      fiscalYear,
      serial: place.serial,
      assessmentId: place.assessmentId,
      personId,
      orderId: place.orderId,
      position: place.position,
      subjectCheck,
      amountYen: assessment.annualYen,
      otherShapes: checked.value.otherShapesFound.length,
      reductionId: remission?.draftId ?? null,
      issuedOn,
      issuedAt,
    },
  });
}

/** Seals what a notice says and registers it with the sheets that it was set on. */
export async function keepNotice(
  tx: Tx,
  deps: NoticeDeps,
  { content, row, person, hidden, facts }: DraftNotice,
  sheets: { readonly partNo: number | null; readonly firstPage: number | null; readonly pages: number },
): Promise<MadeNotice> {
  const { documentId, personId } = row;
  const bytes = writeContent(content);
  const { ref } = await deps.sealed.seal(tx, bytes, {
    kind: row.kind,
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/issue-notice',
  });
  const sha256 = createHash('sha256').update(bytes).digest();
  await insertDocument(tx, { ...row, ...sheets, sha256, sizeBytes: bytes.length, sealedRef: ref });
  // A notice without an address has no face: no print job takes it.
  if (!hidden) await insertFace(tx, documentId, storedFaceOf(person));
  const written = ['resident_tax.document', ...(hidden ? [] : ['resident_tax.document_face'])];
  return { documentId, personId, sha256, facts: [...facts, ...written] };
}

export const storedFaceOf = ({ postalCode, address, name }: Addressee): StoredFace => ({
  postalCode: postalCode ?? '',
  address,
  name,
});

const toRepresentative = (person: Addressee, { name, postalCode, address }: HeirRepresentative): Addressee => ({
  ...person,
  name: `相続人代表者　${name}`,
  postalCode,
  address,
});
const withoutAddress = (person: Addressee): Addressee => ({ ...person, postalCode: '', address: addressLeftOut });
