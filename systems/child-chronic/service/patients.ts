import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findCase, lockCase } from '../store/cases.ts';
import { type CertificationLine, certifications, kanaKey, lockPatient } from '../store/certifications.ts';
import { insertPatientJudgement, type SameNamed, sameNamed } from '../store/patients.ts';

export type { SameNamed };

/**
 * What the patient was certified for by other cases. Two children may have one name and one birthday: where not the same person applied,
 * a clerk says whether they are one before either gets another's number or is refused for another's certificate.
 * @source INC-43 (links made by name and birthday), requirements 001 scenario 5
 */
export async function earlierOf(
  tx: Tx,
  caseId: string,
): Promise<{
  readonly others: readonly SameNamed[];
  readonly earlier: readonly CertificationLine[];
  unclear: boolean;
}> {
  const others = await sameNamed(tx, caseId);
  const lines = await certifications(tx, { caseIds: others.map((o) => o.caseId) });
  const standing = new Map(others.map((o) => [o.caseId, o.isSame]));
  return {
    others,
    earlier: lines.filter((l) => l.decidedBy !== null && standing.get(l.caseId) === true),
    unclear: lines.some((l) => l.beneficiaryNumber !== null && standing.get(l.caseId) === null),
  };
}

export type JudgeFault = 'not-staff' | 'no-such-case' | 'not-of-this-name' | 'reason-missing' | 'already-decided';

/** 同姓同名・同一生年月日の患者の異同. Possible until the case is decided; of several words the last counts, and all stay. */
export const judgePatient = act('child-chronic.judge-patient', {
  right: ['child-chronic', 'certification', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly caseId: string;
      readonly otherCaseId: string;
      readonly isSame: boolean;
      readonly reason: string;
    },
    actor,
  ): Promise<Result<null, JudgeFault>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const reason = command.reason.trim().slice(0, 300);
    if (reason === '') return err('reason-missing');
    const { caseId, otherCaseId, isSame } = command;
    await lockCase(tx, caseId);
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    await lockPatient(tx, kanaKey(file.patientKana), file.patientBirthOn);
    if (!(await sameNamed(tx, caseId)).some((o) => o.caseId === otherCaseId)) return err('not-of-this-name');
    if ((await certifications(tx, { caseId })).some((l) => l.decidedBy !== null)) return err('already-decided');
    const judgement = { judgementId: deps.newId(), caseId, otherCaseId, isSame, reason };
    await insertPatientJudgement(tx, { ...judgement, by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'patient.judged',
      subjects: [caseId, otherCaseId],
      facts: ['child_chronic.patient_judgement'],
      detail: { same: isSame },
    });
    return ok(null);
  },
});
