import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Deps } from '../deps.ts';
import { apportionedCeiling } from '../domain/apportionment.ts';
import { beneficiaryNumber } from '../domain/beneficiary-number.ts';
import { type ValidityFault, validityOf } from '../domain/validity.ts';
import { type CaseFile, findCase, lockCase, proposals } from '../store/cases.ts';
import {
  type CertificationLine,
  type CertificationTerms,
  certifications,
  type EntryStanding,
  entryStanding,
  type HouseholdAid,
  householdAids,
  insertCertification,
  insertCertificationEnd,
  insertCertificationProposal,
  insertCertificationReturn,
  insertHouseholdAid,
  kanaKey,
  lockPatient,
  nextBeneficiarySerial,
  type Opinion,
  opinionOf,
} from '../store/certifications.ts';
import { holdOfCase } from './applicant-number.ts';
import { earlierOf, type SameNamed } from './patients.ts';

export type { CertificationLine, EntryStanding, HouseholdAid, Opinion };

const kind = 'child-chronic.certification';
const ground = '児童福祉法 第19条の3';

const patientOf = (file: CaseFile) => ({ kana: kanaKey(file.patientKana), bornOn: file.patientBirthOn });

export interface CertificationView {
  readonly file: CaseFile;
  readonly entry: EntryStanding;
  readonly opinion: Opinion | undefined;
  readonly aids: readonly HouseholdAid[];
  readonly lines: readonly CertificationLine[];
  /** Other applications for a patient of this name and birthday, and the patient's certifications by other cases. */
  readonly duplicates: readonly SameNamed[];
  readonly earlier: readonly CertificationLine[];
}

/** All that stands between the entry and the end of a certification. */
export const readCertification = act('child-chronic.read-certification', {
  right: ['child-chronic', 'case', 'read'],
  subjectOf: (query: { readonly caseId: string }) => query.caseId,
  async run(tx, _deps: Deps, { caseId }): Promise<Result<CertificationView, 'no-such-case'>> {
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    const { others, earlier } = await earlierOf(tx, caseId);
    tx.record({ event: 'certification.read', subject: caseId });
    return ok({
      file,
      entry: await entryStanding(tx, caseId),
      opinion: await opinionOf(tx, caseId),
      aids: await householdAids(tx, caseId),
      lines: await certifications(tx, { caseId }),
      duplicates: others,
      earlier,
    });
  },
});

/** 世帯内のほかの受給者: from their certificate. Its ceiling is part of the apportionment. @source requirements 001 MED-X8, 4.1 no. 16 */
export const recordHouseholdAid = act('child-chronic.record-household-aid', {
  right: ['child-chronic', 'case', 'update'],
  async run(
    tx,
    deps: Deps,
    command: HouseholdAid & { readonly caseId: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-case' | 'unreadable' | 'recorded-already' | 'already-decided'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId, ceilingYen } = command;
    const [person, certificateNumber] = [command.person.trim(), command.certificateNumber.trim()];
    if (
      person === '' ||
      certificateNumber === '' ||
      !Number.isSafeInteger(ceilingYen) ||
      ceilingYen < 0 ||
      ceilingYen > 30_000
    )
      return err('unreadable');
    await lockCase(tx, caseId);
    if (!(await findCase(tx, { caseId }))) return err('no-such-case');
    if ((await certifications(tx, { caseId })).some((c) => c.returnReason === null)) return err('already-decided');
    const row = {
      ...command,
      person,
      certificateNumber,
      aidId: deps.newId(),
      by: actor.staffId,
      at: deps.machineClock.now(),
    };
    if (!(await insertHouseholdAid(tx, row))) return err('recorded-already');
    tx.record({ event: 'household-aid.recorded', subject: caseId, facts: ['child_chronic.household_aid'] });
    return ok(null);
  },
});

export interface ProposeCertification {
  readonly caseId: string;
  /** Only where the board approved; otherwise the refusal with the board's reason is all there is to propose. */
  readonly terms:
    | undefined
    | {
        readonly diseaseCode: string;
        readonly diseaseName: string;
        readonly from: string;
        readonly diagnosedOn: string;
        readonly unavoidable: boolean;
        readonly other: { readonly certificate: string; readonly until: string } | undefined;
      };
}

export type ProposeFault =
  | 'not-staff'
  | 'no-such-case'
  | 'entry-not-compared'
  | 'no-opinion'
  | 'opinion-refuses'
  | 'opinion-approves'
  | 'tier-not-decided'
  | 'unreadable'
  | 'already-proposed'
  | 'already-decided'
  | 'certified-already'
  | 'number-unverified'
  | 'patient-unclear'
  | ValidityFault;

/**
 * 認定・非認定の起案: what the board said decides which of the two it is. Term and ceiling are what the rules give.
 * @law 児童福祉法 第19条の3第3項; @source requirements 001 scenarios 5, 18, 20, 21
 */
export const proposeCertification = act('child-chronic.propose-certification', {
  right: ['child-chronic', 'certification', 'update'],
  async run(
    tx,
    deps: Deps,
    command: ProposeCertification,
    actor,
  ): Promise<Result<{ approvalId: string }, ProposeFault>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { caseId } = command;
    await lockCase(tx, caseId);
    const file = await findCase(tx, { caseId });
    if (!file) return err('no-such-case');
    if ((await entryStanding(tx, caseId)).state !== 'stands') return err('entry-not-compared');
    if ((await holdOfCase(tx, file)) === 'number-unverified') return err('number-unverified');
    const opinion = await opinionOf(tx, caseId);
    if (opinion === undefined) return err('no-opinion');
    const before = await certifications(tx, { caseId });
    if (before.some((c) => c.decidedBy !== null)) return err('already-decided');
    if (before.some((c) => c.returnReason === null)) return err('already-proposed');
    if (opinion.opinion === 'not-approved' && command.terms !== undefined) return err('opinion-refuses');
    if (opinion.opinion === 'approved' && command.terms === undefined) return err('opinion-approves');
    const terms = command.terms === undefined ? ok(refusalOf(opinion.reason)) : await termsOf(tx, file, command.terms);
    if (!terms.ok) return terms;
    const payload = { caseId, ...terms.value };
    const approvalId = await requestApproval(tx, deps, { kind, subject: caseId, payload, by: actor.staffId });
    await insertCertificationProposal(tx, { ...payload, approvalId, by: actor.staffId, at: deps.machineClock.now() });
    tx.record({
      event: 'certification.proposed',
      subject: caseId,
      facts: ['child_chronic.certification_proposal', 'approvals.request'],
      detail: { outcome: terms.value.outcome },
    });
    return ok({ approvalId });
  },
});

const refusalOf = (reason: string): CertificationTerms => ({
  outcome: 'refused',
  diseaseCode: null,
  diseaseName: null,
  validFrom: null,
  validUntil: null,
  otherCertificate: null,
  ceilingYen: null,
  tier: null,
  apportionment: null,
  reason,
});

async function termsOf(
  tx: Tx,
  file: CaseFile,
  asked: NonNullable<ProposeCertification['terms']>,
): Promise<
  Result<
    CertificationTerms,
    'unreadable' | 'tier-not-decided' | 'certified-already' | 'patient-unclear' | ValidityFault
  >
> {
  const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
  const days = [asked.from, asked.diagnosedOn, ...(asked.other === undefined ? [] : [asked.other.until])];
  const code = asked.diseaseCode.trim();
  const name = asked.diseaseName.trim().slice(0, 100);
  if (!days.every((d) => day.test(d)) || !/^[0-9-]{2,12}$/.test(code) || name === '') return err('unreadable');
  const tier = (await proposals(tx, { caseId: file.caseId })).find((p) => p.decidedBy !== null);
  if (tier === undefined) return err('tier-not-decided');
  const { from: plain } = Temporal.PlainDate;
  const valid = validityOf({
    kind: file.kind,
    patientBornOn: plain(file.patientBirthOn),
    appliedOn: plain(file.appliedOn),
    from: plain(asked.from),
    diagnosedOn: plain(asked.diagnosedOn),
    unavoidable: asked.unavoidable,
    otherUntil: asked.other && plain(asked.other.until),
  });
  if (!valid.ok) return valid;
  const period = { from: `${valid.value.from}`, until: `${valid.value.until}` };
  const before = await earlierOf(tx, file.caseId);
  if (before.unclear) return err('patient-unclear');
  if (overlaps(before.earlier, period)) return err('certified-already');
  const others = (await householdAids(tx, file.caseId)).map((a) => yen(a.ceilingYen));
  const ceilingYen = apportionedCeiling(yen(tier.ceilingYen), others);
  return ok({
    outcome: 'certified',
    diseaseCode: code,
    diseaseName: name,
    validFrom: period.from,
    validUntil: period.until,
    otherCertificate: asked.other?.certificate.trim() ?? null,
    ceilingYen,
    tier: tier.tier,
    apportionment: others.length === 0 ? null : { own: tier.ceilingYen, others, ceiling: ceilingYen },
    reason: tier.basis.reason,
  });
}

/** Whether one of these is a certification on a day of the period. */
const overlaps = (
  lines: readonly CertificationLine[],
  period: { readonly from: string; readonly until: string },
): boolean =>
  lines.some((c) => {
    if (c.outcome !== 'certified' || c.validFrom === null || c.validUntil === null) return false;
    const last = c.lastDay !== null && c.lastDay < c.validUntil ? c.lastDay : c.validUntil;
    return c.validFrom <= period.until && period.from <= last;
  });

const termsOfLine = (line: CertificationLine): CertificationTerms => ({
  outcome: line.outcome,
  diseaseCode: line.diseaseCode,
  diseaseName: line.diseaseName,
  validFrom: line.validFrom,
  validUntil: line.validUntil,
  otherCertificate: line.otherCertificate,
  ceilingYen: line.ceilingYen,
  tier: line.tier,
  apportionment: line.apportionment,
  reason: line.reason,
});

/** Proposals that nobody has decided. */
export const listCertificationProposals = act('child-chronic.list-certification-proposals', {
  right: ['child-chronic', 'certification-approval', 'read'],
  async run(tx, _deps: Deps, _query: object) {
    const open = await certifications(tx, { undecided: true });
    tx.record({ event: 'certifications.listed', subjects: open.map((p) => p.caseId), detail: { count: open.length } });
    return ok(open);
  },
});

/** What the approver sees. */
export const showCertificationProposal = act('child-chronic.show-certification-proposal', {
  right: ['child-chronic', 'certification-approval', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly approvalId: string },
  ): Promise<Result<{ line: CertificationLine; file: CaseFile; opinion: Opinion | undefined }, 'no-such-request'>> {
    const [line] = await certifications(tx, query);
    const file = line && (await findCase(tx, { caseId: line.caseId }));
    if (!line || !file) return err('no-such-request');
    tx.record({ event: 'certification-proposal.read', subject: file.caseId });
    return ok({ line, file, opinion: await opinionOf(tx, file.caseId) });
  },
});

export type DecideFault =
  | 'not-staff'
  | 'no-such-request'
  | 'already-decided'
  | 'approver-is-requester'
  | 'expired'
  | 'reason-missing'
  | 'differs'
  | 'certified-already'
  | 'patient-unclear';

/** 支給認定・非認定の決定, by another person. Of two cases of one patient for one period only the first is certified. */
export const decideCertification = act('child-chronic.decide-certification', {
  right: ['child-chronic', 'certification-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly approvalId: string; readonly approve: boolean; readonly reason: string },
    actor,
  ): Promise<Result<{ caseId: string; beneficiaryNumber: string | null }, DecideFault>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [line] = await certifications(tx, { approvalId: command.approvalId });
    const file = line && (await findCase(tx, { caseId: line.caseId }));
    if (!line || !file) return err('no-such-request');
    const reason = command.reason.trim();
    if (!command.approve && reason === '') return err('reason-missing');
    const { approvalId, caseId } = line;
    const patient = patientOf(file);
    await lockCase(tx, caseId);
    await lockPatient(tx, patient.kana, patient.bornOn);
    const by = actor.staffId;
    const decision = command.approve ? 'approved' : 'rejected';
    const decided = await decideApproval(tx, deps, { approvalId, decision, by });
    if (!decided.ok) return decided;
    const at = deps.machineClock.now();
    if (!command.approve) {
      await insertCertificationReturn(tx, { approvalId, reason, by, at });
      const facts = ['child_chronic.certification_return', 'approvals.decision'];
      tx.record({ event: 'certification.returned', subject: caseId, facts });
      return ok({ caseId, beneficiaryNumber: null });
    }
    const terms = termsOfLine(line);
    const { validFrom: from, validUntil: until } = terms;
    const { earlier, unclear } = await earlierOf(tx, caseId);
    if (from !== null && until !== null) {
      if (unclear) return err('patient-unclear');
      if (overlaps(earlier, { from, until })) return err('certified-already');
    }
    const used = await useApproval(tx, deps, { approvalId, kind, payload: { caseId, ...terms }, by });
    if (!used.ok) return err('differs');
    const number = terms.outcome === 'certified' ? await numberOf(tx, earlier) : null;
    await insertCertification(tx, {
      caseId,
      approvalId,
      beneficiaryNumber: number,
      patient,
      by,
      on: deps.civilClock.today(),
      at,
    });
    tx.record({
      event: terms.outcome === 'certified' ? 'certification.made' : 'certification.refused',
      subject: caseId,
      ground,
      facts: ['child_chronic.certification', 'approvals.decision', 'approvals.execution'],
    });
    return ok({ caseId, beneficiaryNumber: number });
  },
});

/** A patient keeps the number through all renewals; a new patient gets the next one. */
async function numberOf(tx: Tx, earlier: readonly CertificationLine[]): Promise<string> {
  const known = earlier.find((c) => c.beneficiaryNumber !== null);
  return known?.beneficiaryNumber ?? beneficiaryNumber(await nextBeneficiarySerial(tx));
}

export const endReasons = ['moved-out', 'died', 'recovered', 'withdrawn'] as const;

/** 認定の取消し・終了: the last day on which it holds. @law 児童福祉法 第19条の6 */
export const endCertification = act('child-chronic.end-certification', {
  right: ['child-chronic', 'certification', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly caseId: string;
      readonly lastDay: string;
      readonly why: (typeof endReasons)[number];
      readonly note: string;
    },
    actor,
  ): Promise<Result<null, 'not-staff' | 'not-certified' | 'outside-the-term' | 'note-missing' | 'ended-before'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const note = command.note.trim().slice(0, 300);
    if (note === '') return err('note-missing');
    const { caseId, lastDay } = command;
    await lockCase(tx, caseId);
    const line = (await certifications(tx, { caseId })).find((c) => c.decidedBy !== null && c.outcome === 'certified');
    if (line === undefined) return err('not-certified');
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(lastDay) || lastDay < line.validFrom! || lastDay > line.validUntil!)
      return err('outside-the-term');
    const made = await insertCertificationEnd(tx, { ...command, note, by: actor.staffId, at: deps.machineClock.now() });
    if (!made) return err('ended-before');
    tx.record({
      event: 'certification.ended',
      subject: caseId,
      facts: ['child_chronic.certification_end'],
      detail: { why: command.why },
    });
    return ok(null);
  },
});
