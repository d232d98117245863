import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../../deps.ts';
import { candidatesOf, readReportState } from '../../store/intake-matching.ts';
import { findReport, type Report } from '../../store/intake-reports.ts';
import {
  addInvestigationStep,
  type Finding,
  type Investigation,
  type InvestigationLine,
  type InvestigationState,
  insertInvestigation,
  investigationLines,
  investigationsOf,
  lockInvestigation,
} from '../../store/investigations.ts';
import { isAnyProtected } from '../../store/persons.ts';
import { withoutNumbers } from '../intake/report-from-record.ts';
import { investigationRead, investigationUpdate, outgoingApproval } from './functions.ts';
import { type LetterDeps, letterOf } from './letter.ts';

export type { Finding, Investigation, InvestigationLine, InvestigationState };

/** What an inquiry can come to; the words that a clerk chooses from. */
export const findings: Readonly<Record<Finding, string>> = {
  'this-person': '候補の本人であると回答があった',
  'taxable-here-registered-elsewhere': '区内に居住又は事務所等があり、住民登録は他の市区町村',
  'taxed-elsewhere': '他の市区町村で登録・課税されている',
  'filed-in-error': '提出の誤りであると回答があった',
  'not-known': '提出元でも本人を特定できない',
  'no-answer': '回答がない',
};

export type DraftRefusal = 'no-such-report' | 'not-staff' | 'already-resolved' | 'question-missing' | 'day-is-over';

export interface DraftInvestigation {
  readonly reportId: string;
  readonly channel: 'letter' | 'telephone';
  readonly addressee: 'payer' | 'person';
  readonly question: string;
  /** 回答期限. */
  readonly answerBy: string;
}

const staffOf = (actor: Actor): string | undefined => (actor.kind === 'staff' ? actor.staffId : undefined);

/**
 * 照会 about a document whose person is not certain: to who filed it, or to the person at the address that the document names. Where
 * the person may be somebody under address protection, no address is taken from a document: the letter goes by hand of who keeps it.
 * @source requirements 002 W04, RTX-F2.3; INC-45
 */
export const draftInvestigation = act('resident-tax.draft-investigation', {
  right: investigationUpdate,
  async run(
    tx,
    deps: Deps,
    command: DraftInvestigation,
    actor,
  ): Promise<Result<{ investigationId: string }, DraftRefusal>> {
    const by = staffOf(actor);
    if (by === undefined) return err('not-staff');
    const report = await findReport(tx, command.reportId);
    const state = await readReportState(tx, command.reportId);
    if (report === undefined || state === undefined) return err('no-such-report');
    if (state.state !== 'candidates' && state.state !== 'none') return err('already-resolved');
    const question = withoutNumbers(command.question.trim());
    if (question === '') return err('question-missing');
    const today = deps.civilClock.today();
    if (Temporal.PlainDate.compare(Temporal.PlainDate.from(command.answerBy), today) < 0) return err('day-is-over');
    const investigationId = deps.newId();
    const { channel, addressee, answerBy } = command;
    await insertInvestigation(tx, {
      investigationId,
      reportId: report.reportId,
      channel,
      addresseeKind: addressee,
      addresseeName: addressee === 'payer' ? report.payerName : report.name,
      addresseeAddress: await addressOf(tx, addressee, report, state.round),
      question,
      answerBy,
      draftedBy: by,
      draftedOn: today.toString(),
    });
    const at = deps.machineClock.now();
    await addInvestigationStep(tx, investigationId, { step: 'drafted', by, onDay: today.toString() }, at);
    tx.record({
      event: 'investigation.drafted',
      ground: '地方税法第298条',
      facts: ['resident_tax.investigation', 'resident_tax.investigation_step'],
      detail: { report: report.reportId, investigation: investigationId, channel, addressee },
    });
    return ok({ investigationId });
  },
});

/** Where a letter goes. Payers' addresses stand in their files' columns; a protected person's in no letter. */
async function addressOf(tx: Tx, addressee: 'payer' | 'person', report: Report, round: number): Promise<string | null> {
  if (addressee === 'payer') {
    const { payerAddress } = report.columns;
    return typeof payerAddress === 'string' && payerAddress !== '' ? payerAddress : null;
  }
  const candidates = (await candidatesOf(tx, report.reportId, round)).map(({ personId }) => personId);
  const hidden = await isAnyProtected(tx, { personIds: candidates, nameKey: report.nameKey });
  return hidden ? null : report.address;
}

type DecideRefusal =
  | 'no-such-investigation'
  | 'not-staff'
  | 'not-drafted'
  | 'approver-is-drafter'
  | 'unprintable-character'
  | 'note-missing';

/** 承認: another person reads the letter before it is printed; approved, it is set and kept as it is sent. */
export const decideInvestigation = act('resident-tax.decide-investigation', {
  right: outgoingApproval,
  async run(
    tx,
    deps: LetterDeps,
    command: {
      readonly investigationId: string;
      readonly decision: 'approved' | 'rejected';
      readonly note?: string | undefined;
    },
    actor,
  ): Promise<Result<undefined, DecideRefusal>> {
    const by = staffOf(actor);
    if (by === undefined) return err('not-staff');
    const found = await lockInvestigation(tx, command.investigationId);
    if (found === undefined) return err('no-such-investigation');
    if (found.channel !== 'letter' || found.steps.at(-1)?.step !== 'drafted') return err('not-drafted');
    if (found.draftedBy === by) return err('approver-is-drafter');
    if (command.decision === 'rejected' && (command.note ?? '').trim() === '') return err('note-missing');
    const at = deps.machineClock.now();
    const letter = command.decision === 'approved' ? await setLetter(tx, deps, found, at) : undefined;
    if (letter !== undefined && !letter.ok) return letter;
    const onDay = deps.civilClock.today().toString();
    const letterRef = letter?.value ?? null;
    await addInvestigationStep(
      tx,
      found.investigationId,
      { step: command.decision, by, onDay, note: command.note ?? null, letterRef },
      at,
    );
    tx.record({
      event: `investigation.${command.decision}`,
      facts: ['resident_tax.investigation_step'],
      detail: { investigation: found.investigationId, report: found.reportId },
    });
    return ok(undefined);
  },
});

async function setLetter(
  tx: Tx,
  deps: LetterDeps,
  found: Investigation,
  at: Temporal.Instant,
): Promise<Result<string, 'unprintable-character'>> {
  const report = (await findReport(tx, found.reportId))!;
  const pdf = await letterOf(deps, found, report, at);
  if (!pdf.ok) return pdf;
  const { ref } = await deps.sealed.seal(tx, pdf.value, {
    kind: 'investigation-letter',
    retentionClass: 'tax-7y',
    purpose: 'resident-tax/investigate',
  });
  return ok(ref);
}

type AnswerRefusal =
  | 'no-such-investigation'
  | 'not-staff'
  | 'not-approved'
  | 'not-sent'
  | 'ended-before'
  | 'note-missing'
  | 'municipality-missing'
  | 'municipality-unknown';

/** 発送: the approved letter has left. */
export const sendInvestigation = act('resident-tax.send-investigation', {
  right: investigationUpdate,
  async run(
    tx,
    deps: Deps,
    { investigationId }: { readonly investigationId: string },
    actor,
  ): Promise<Result<undefined, AnswerRefusal>> {
    const by = staffOf(actor);
    if (by === undefined) return err('not-staff');
    const found = await lockInvestigation(tx, investigationId);
    if (found === undefined) return err('no-such-investigation');
    if (found.steps.at(-1)?.step !== 'approved') return err('not-approved');
    const onDay = deps.civilClock.today().toString();
    await addInvestigationStep(tx, investigationId, { step: 'sent', by, onDay }, deps.machineClock.now());
    tx.record({
      event: 'investigation.sent',
      recipient: found.addresseeKind,
      facts: ['resident_tax.investigation_step'],
      detail: { investigation: investigationId, report: found.reportId },
    });
    return ok(undefined);
  },
});

/** 回答: what was said, in words and as a finding; where the person is registered or taxed elsewhere, where. By telephone nothing has to be sent before. */
export const answerInvestigation = act('resident-tax.answer-investigation', {
  right: investigationUpdate,
  async run(
    tx,
    deps: Deps,
    command: {
      readonly investigationId: string;
      readonly finding: Finding;
      readonly note: string;
      readonly municipalityCode?: string | undefined;
    },
    actor,
  ): Promise<Result<undefined, AnswerRefusal>> {
    const by = staffOf(actor);
    if (by === undefined) return err('not-staff');
    const { investigationId, finding } = command;
    const found = await lockInvestigation(tx, investigationId);
    if (found === undefined) return err('no-such-investigation');
    const last = found.steps.at(-1)?.step;
    if (last === 'answered' || last === 'rejected' || last === 'withdrawn') return err('ended-before');
    if (found.channel === 'letter' && last !== 'sent') return err('not-sent');
    const note = withoutNumbers(command.note.trim());
    if (note === '') return err('note-missing');
    const isElsewhere = finding === 'taxed-elsewhere' || finding === 'taxable-here-registered-elsewhere';
    const municipalityCode = isElsewhere ? command.municipalityCode : undefined;
    if (isElsewhere && municipalityCode === undefined) return err('municipality-missing');
    const isOwn = municipalityCode === deps.municipality;
    if (municipalityCode !== undefined && (isOwn || !parseLocalGovernmentCode(municipalityCode).ok))
      return err('municipality-unknown');
    const onDay = deps.civilClock.today().toString();
    const step = { step: 'answered', finding, note, municipalityCode: municipalityCode ?? null, by, onDay } as const;
    await addInvestigationStep(tx, investigationId, step, deps.machineClock.now());
    tx.record({
      event: 'investigation.answered',
      facts: ['resident_tax.investigation_step'],
      detail: { investigation: investigationId, report: found.reportId, finding },
    });
    return ok(undefined);
  },
});

/** 照会一覧: what waits for approval, for an answer, and whose day is over. */
export const readInvestigations = act('resident-tax.read-investigations', {
  right: investigationRead,
  async run(
    tx,
    deps: Deps,
    query: { readonly state: InvestigationState; readonly limit: number; readonly offset: number },
  ): Promise<Result<Awaited<ReturnType<typeof investigationLines>>, never>> {
    const found = await investigationLines(tx, { ...query, today: deps.civilClock.today().toString() });
    tx.record({ event: 'investigations.listed', detail: { shown: found.rows.length, total: found.total } });
    return ok(found);
  },
});

/** The letter as it was approved, to be printed. */
export const readLetter = act('resident-tax.read-investigation-letter', {
  right: investigationRead,
  async run(
    tx,
    deps: Deps,
    { investigationId }: { readonly investigationId: string },
  ): Promise<Result<Buffer, 'no-such-letter' | 'erased'>> {
    const found = await lockInvestigation(tx, investigationId);
    const ref = found?.steps.find(({ letterRef }) => letterRef !== null)?.letterRef;
    if (found === undefined || ref === null || ref === undefined) return err('no-such-letter');
    const opened = await deps.sealed.open(tx, ref as SealedId, 'resident-tax/investigate');
    if (!opened.ok) return opened;
    tx.record({
      event: 'investigation.letter-read',
      detail: { investigation: investigationId, report: found.reportId },
    });
    return ok(opened.value);
  },
});

/** What a document's inquiries came to. Call inside an act. */
export async function answeredWith(tx: Tx, reportId: string, finding: Finding) {
  const steps = (await investigationsOf(tx, reportId)).flatMap((one) => one.steps);
  return steps.findLast((step) => step.finding === finding);
}
