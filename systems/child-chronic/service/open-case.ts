import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import {
  authorityShown,
  type IdentityCheck,
  identityShown,
  personShown,
} from '@musubi/kernel/identifiers/identity-check.ts';
import { IndividualNumber, type IndividualNumberFault } from '@musubi/kernel/identifiers/individual-number.ts';
import { registerReceipt, useReceipt } from '@musubi/kernel/receipts/receipts.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { registerAtPlatform } from '../clients/platform.ts';
import type { Deps } from '../deps.ts';
import type { Condition } from '../domain/ceilings.ts';
import { formTaken, noticeConfirmed } from '../domain/forms.ts';
import { type Insurer, standardMember, taxYearOf } from '../domain/intake.ts';
import {
  type CaseFile,
  type DeclaredTax,
  findApplicantNumber,
  findCase,
  insertApplicantNumber,
  insertCase,
  insertDeclaredTax,
  insertRegistration,
  lockCase,
  nextCaseNumber,
  registrations,
} from '../store/cases.ts';
import { certifications, kanaKey } from '../store/certifications.ts';
import { insertIntakeCheck } from '../store/office.ts';
import { type Hold, linkingHold } from './applicant-number.ts';

export interface OpenCase {
  /** UUIDv7 of the form, so that a doubled click opens one case. */
  readonly requestId: string;
  readonly kind: 'new' | 'renewal';
  readonly appliedOn: string;
  readonly patientName: string;
  readonly patientKana: string;
  readonly patientBirthOn: string;
  readonly applicantIsPatient: boolean;
  readonly applicantName: string;
  readonly applicantKana: string;
  readonly applicantBirthOn: string;
  readonly applicantSex: 'male' | 'female' | 'other';
  readonly applicantAddress: string;
  /** Null where the form states none: it is looked for in the register by the particulars (④'). */
  readonly individualNumber: string | null;
  readonly insurer: Insurer;
  readonly otherMembers: number;
  readonly condition: Condition;
  /** Version that stands on the form. */
  readonly formVersion: string;
  /** The applicant confirmed the notice of purpose and items. */
  readonly noticeConfirmed: boolean;
  readonly identity: IdentityCheck;
  readonly channel: 'counter' | 'post';
  /** Sheets that came in, the form's own among them. */
  readonly sheets: number;
  /** What the form says about tax; nothing is decided by it, it is shown beside the municipality's answer. */
  readonly declaredTax: DeclaredTax | null;
}

type OpenError =
  | IndividualNumberFault
  | 'adult-patient-applies'
  | 'other-members-not-supported'
  | 'applied-in-future'
  | 'request-key-reused'
  | 'unknown-form'
  | 'notice-not-confirmed'
  | 'identity-not-checked'
  | 'proxy-authority-missing'
  | 'documents-missing'
  | 'not-in-receipt-ledger'
  | 'not-staff'
  | 'expired-apply-as-new';

/** Who works the papers; the office of the receipt ledger. */
export const office = '認定担当';

/**
 * 収受 and 初期登録 (MED-X1): the papers get their line in the receipt ledger, identity and form are checked, and only then anything of
 * the application is stored. The number goes into the vault and nowhere else.
 * @source 001 II.6-04, III.2-R1-02, R1-17, R3-07, R3-08
 */
export const openCase = act('child-chronic.open-case', {
  right: ['child-chronic', 'case', 'update'],
  async run(tx, deps: Deps, command: OpenCase, actor): Promise<Result<{ caseId: string }, OpenError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const number = command.individualNumber === null ? undefined : IndividualNumber.parse(command.individualNumber);
    if (number && !number.ok) return number;
    const appliedOn = Temporal.PlainDate.from(command.appliedOn);
    if (Temporal.PlainDate.compare(appliedOn, deps.civilClock.today()) > 0) return err('applied-in-future');
    const member = standardMember({
      ...command,
      appliedOn,
      patientBornOn: Temporal.PlainDate.from(command.patientBirthOn),
    });
    if (!member.ok) return member;
    const form = formTaken('entitlement', command.formVersion, appliedOn);
    if (!form.ok) return form;
    const confirmed = noticeConfirmed(command.noticeConfirmed);
    if (!confirmed.ok) return confirmed;
    const shown = number === undefined ? personShown(command.identity) : identityShown(command.identity);
    if (enforced('input.identity-check') && !shown) return err('identity-not-checked');
    if (enforced('input.proxy-authority') && !authorityShown(command.identity)) return err('proxy-authority-missing');
    await lockCase(tx, command.requestId);
    const before = await findCase(tx, { requestId: command.requestId });
    if (before) {
      if (before.applicantName !== command.applicantName || before.appliedOn !== command.appliedOn)
        return err('request-key-reused');
      tx.record({ event: 'case.open-repeated', subject: before.caseId });
      return ok({ caseId: before.caseId });
    }
    if (command.kind === 'renewal' && (await lapsed(tx, command))) return err('expired-apply-as-new');
    const caseId = deps.newId();
    const { requestId, individualNumber: _, declaredTax, identity, ...stated } = command;
    const caseNumber = await nextCaseNumber(tx, taxYearOf(appliedOn, 'renewal'));
    const received = await registerReceipt(tx, deps, {
      receivedOn: appliedOn,
      sender: identity.proxy === null ? '申請者' : '代理人',
      documents: [form.value.title],
      sheets: command.sheets,
      channel: command.channel,
      holder: office,
      by: actor.staffId,
    });
    if (!received.ok) return err(received.error === 'received-in-future' ? 'applied-in-future' : received.error);
    const { receiptNumber } = received.value;
    const used = await useReceipt(tx, deps, { receiptNumber, matter: caseNumber, by: actor.staffId });
    if (!used.ok) return err('not-in-receipt-ledger');
    await insertCase(tx, {
      ...stated,
      caseId,
      caseNumber,
      registrationRequest: requestId,
      receivedBy: actor.staffId,
      receivedAt: deps.machineClock.now(),
    });
    if (number) {
      const ref = await deps.vault.put(tx, `applicant:${caseId}`, number.value, 'hold-applicant-number');
      await insertApplicantNumber(tx, caseId, ref);
    }
    if (declaredTax !== null) await insertDeclaredTax(tx, caseId, declaredTax);
    await insertIntakeCheck(tx, {
      caseId,
      receiptNumber,
      formVersion: command.formVersion,
      numberDocument: identity.numberDocument ?? '',
      identityDocuments: identity.identityDocuments,
      proxyAuthority: identity.proxy?.authority ?? null,
      by: actor.staffId,
      on: deps.civilClock.today(),
    });
    tx.record({
      event: 'case.opened',
      subject: caseId,
      facts: [
        'child_chronic.case_file',
        'child_chronic.applicant_number',
        'child_chronic.intake_check',
        'receipts.receipt',
        'receipts.use',
        ...(declaredTax === null ? [] : ['child_chronic.declared_tax']),
      ],
      detail: { kind: command.kind, receipt: receiptNumber, form: command.formVersion },
    });
    return ok({ caseId });
  },
});

/** 期限を過ぎた更新: where the patient's last certificate was over before the application, it is a new one (001 scenario 27). */
async function lapsed(tx: Tx, application: OpenCase): Promise<boolean> {
  const patient = { kana: kanaKey(application.patientKana), bornOn: application.patientBirthOn };
  const ends = (await certifications(tx, { patient })).flatMap((c) =>
    c.validUntil === null ? [] : [c.lastDay !== null && c.lastDay < c.validUntil ? c.lastDay : c.validUntil],
  );
  return ends.length > 0 && ends.every((end) => end < application.appliedOn);
}

/** Takes the number out for the platform. What leaves is in the message alone. */
const prepareRegistration = act('child-chronic.prepare-registration', {
  right: ['child-chronic', 'case', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId }: { caseId: string },
  ): Promise<
    Result<
      { file: CaseFile; number: IndividualNumber; requestId: string },
      'no-such-case' | 'already-registered' | Hold
    >
  > {
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    const ref = await findApplicantNumber(tx, caseId);
    const hold = await linkingHold(tx, deps, file);
    if (enforced('juki.confirmed-first') && hold) return err(hold);
    if (!ref) return err('no-number');
    const [newest] = await registrations(tx, caseId);
    if (newest?.orgPersonNumber) return err('already-registered');
    const number = await deps.vault.reveal(tx, ref, 'register-applicant');
    tx.record({
      event: 'applicant.registration-asked',
      subject: caseId,
      ground: '番号利用法 第9条第1項',
      items: ['個人番号', '氏名', '氏名かな', '生年月日', '性別', '住所'],
      recipient: deps.settings.commonPlatform,
    });
    // A registration that was undone is not brought back by its own request: the next one is a new request.
    const undone = newest?.refusal === 'unlinked' || newest?.refusal === 'merged';
    return ok({ file, number, requestId: undone ? deps.newId() : file.registrationRequest });
  },
});

const noteRegistration = act('child-chronic.note-registration', {
  right: ['child-chronic', 'case', 'update'],
  async run(
    tx,
    deps: Deps,
    { caseId, answer }: { caseId: string; answer: Result<{ orgPersonNumber: string }, string> },
  ): Promise<Result<null, never>> {
    await lockCase(tx, caseId);
    const done = (await registrations(tx, caseId))[0]?.orgPersonNumber ?? undefined;
    if (done !== undefined) {
      tx.record({ event: 'applicant.registration-repeated', subject: caseId });
      return ok(null);
    }
    await insertRegistration(tx, {
      id: deps.newId(),
      caseId,
      orgPersonNumber: answer.ok ? answer.value.orgPersonNumber : null,
      refusal: answer.ok ? null : answer.error,
      at: deps.machineClock.now(),
    });
    tx.record({
      event: answer.ok ? 'applicant.registered' : 'applicant.not-registered',
      subject: caseId,
      facts: ['child_chronic.registration'],
      ...(answer.ok ? {} : { detail: { word: answer.error } }),
    });
    return ok(null);
  },
});

/**
 * Registers the applicant at the organisation's platform. The request keeps its id, so that a repeat after a crash is the
 * same request; a refusal leaves the case open for another try once the platform's clerks have decided.
 * @source requirements 001 LNK-F2, MED-X4
 */
export async function registerApplicant(
  deps: Deps,
  actor: Actor,
  { caseId }: { readonly caseId: string },
): Promise<Result<null, string>> {
  const prepared = await prepareRegistration(deps, actor, { caseId });
  if (!prepared.ok) return prepared;
  const { file, number, requestId } = prepared.value;
  const answer = await registerAtPlatform(deps.peers, deps.settings.commonPlatform, {
    requestId,
    system: 'child-chronic',
    individualNumber: number.digits(),
    name: file.applicantName,
    nameKana: file.applicantKana,
    birthDate: file.applicantBirthOn,
    sex: file.applicantSex,
    address: file.applicantAddress,
  });
  const noted = await noteRegistration(deps, actor, { caseId, answer });
  return noted.ok ? (answer.ok ? ok(null) : answer) : noted;
}
