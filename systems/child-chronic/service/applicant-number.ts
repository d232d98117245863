import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber, type IndividualNumberFault } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { holdOf, type RegisterStanding, registerStanding } from '../domain/register-answer.ts';
import { type CaseFile, findApplicantNumber, findCase, insertApplicantNumber, lockCase } from '../store/cases.ts';
import {
  type CaseAnswer,
  insertCandidateDecision,
  insertNumberChange,
  lastRegisterAnswer,
} from '../store/register-uses.ts';

export type Hold = NonNullable<ReturnType<typeof holdOf>>;

type Entered = Pick<CaseFile, 'applicantName' | 'applicantBirthOn' | 'applicantSex' | 'applicantAddress'>;
const particularsOf = (file: Entered) => ({
  name: file.applicantName,
  birthOn: file.applicantBirthOn,
  sex: file.applicantSex,
  address: file.applicantAddress,
});

export interface RegisterCheck {
  readonly standing: RegisterStanding;
  readonly answer: CaseAnswer | undefined;
  readonly hold: Hold | undefined;
}

/** How the applicant stands against the register, with what it said; as the case is entered now. */
export async function registerCheckOf(tx: Tx, file: CaseFile): Promise<RegisterCheck> {
  const answer = await lastRegisterAnswer(tx, file.caseId);
  const standing = registerStanding(particularsOf(file), answer);
  const hasNumber = (await findApplicantNumber(tx, file.caseId)) !== undefined;
  return { standing, answer, hold: holdOf(standing, hasNumber) };
}

/** Why the case may not be linked and goes no further; undefined where it may. */
export const holdOfCase = async (tx: Tx, file: CaseFile): Promise<Hold | undefined> =>
  (await registerCheckOf(tx, file)).hold;

/**
 * Why nobody may be registered or asked about under the case: as above, and where the office confirms first (`settings.confirmFirst`)
 * also while the register has not said that number and particulars belong together. An answer always follows the application,
 * because only an application stands on a list.
 */
export async function linkingHold(tx: Tx, deps: Pick<Deps, 'settings'>, file: CaseFile): Promise<Hold | undefined> {
  const { standing } = await registerCheckOf(tx, file);
  const hasNumber = (await findApplicantNumber(tx, file.caseId)) !== undefined;
  return holdOf(standing, hasNumber, deps.settings.confirmFirst);
}

export type CandidateError = 'not-staff' | 'no-such-case' | 'no-candidate' | 'confirmer-is-importer' | 'reason-missing';

/**
 * A number that the register found by the particulars is compared with the papers by somebody else than who took the result; only
 * then it is the applicant's.
 * @source 001 §8.8
 */
export const decideCandidate = act('child-chronic.decide-candidate-number', {
  right: ['child-chronic', 'register-use', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly accept: boolean; readonly reason: string },
    actor,
  ): Promise<Result<null, CandidateError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, accept } = command;
    const reason = command.reason.trim().slice(0, 300);
    if (reason === '') return err('reason-missing');
    await lockCase(tx, caseId);
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    const { standing, answer } = await registerCheckOf(tx, file);
    if (standing !== 'candidate' || answer?.candidateRef == null) return err('no-candidate');
    if (enforced('input.second-entry') && answer.importedBy === actor.staffId) return err('confirmer-is-importer');
    const { entryId, rowNo, candidateRef } = answer;
    await insertCandidateDecision(tx, {
      entryId,
      rowNo,
      accepted: accept,
      reason,
      by: actor.staffId,
      at: deps.machineClock.now(),
    });
    if (accept) await insertApplicantNumber(tx, caseId, numberRef(candidateRef));
    tx.record({
      event: accept ? 'candidate-number.accepted' : 'candidate-number.rejected',
      subject: caseId,
      facts: ['child_chronic.register_candidate_decision', ...(accept ? ['child_chronic.applicant_number'] : [])],
      detail: { entry: answer.entryNumber },
    });
    return ok(null);
  },
});

export type ChangeNumberError = 'not-staff' | 'no-such-case' | 'reason-missing' | IndividualNumberFault;

/**
 * The number as the papers show it, where it was entered wrongly or handed in later. What the register said of the earlier one no longer
 * counts: it is asked anew.
 * @source 001 §8.9; 番号利用法 第16条
 */
export const changeNumber = act('child-chronic.change-applicant-number', {
  right: ['child-chronic', 'case', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly caseId: string; readonly individualNumber: string; readonly reason: string },
    actor,
  ): Promise<Result<null, ChangeNumberError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId } = command;
    const reason = command.reason.trim().slice(0, 300);
    if (reason === '') return err('reason-missing');
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return number;
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    const before = await findApplicantNumber(tx, caseId);
    const ref = await deps.vault.put(tx, `applicant:${caseId}`, number.value, 'hold-applicant-number');
    if (before === undefined) await insertApplicantNumber(tx, caseId, ref);
    const at = deps.machineClock.now();
    await insertNumberChange(tx, { changeId: deps.newId(), caseId, ref, reason, by: actor.staffId, at });
    tx.record({
      event: before === undefined ? 'applicant-number.added' : 'applicant-number.changed',
      subject: caseId,
      facts: [
        ...(before === undefined ? ['child_chronic.applicant_number'] : []),
        'child_chronic.applicant_number_change',
      ],
    });
    return ok(null);
  },
});
