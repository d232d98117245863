import { numberOutsidePerson } from '@musubi/contracts/platform/outside-persons.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../../deps.ts';
import { nameKeyOf } from '../../domain/identity-keys.ts';
import { addStep, lockReportState } from '../../store/intake-matching.ts';
import { findReport, type Report } from '../../store/intake-reports.ts';
import { type NetworkAnswer, networkAnswersOf } from '../../store/investigations.ts';
import { insertOutsideTaxable, type OutsideKind } from '../../store/outgoing.ts';
import { addState, lockOrMakePerson } from '../../store/persons.ts';
import { endedBy, placeMany, supersede } from '../intake/settle.ts';
import { personOwner } from '../persons/apply-one.ts';
import { type OtherBodiesDeps, outsidePersonUpdate } from './functions.ts';
import { answeredWith } from './investigate.ts';

export type { OutsideKind };

export interface RegisterOutside {
  readonly reportId: string;
  readonly seenStep: number;
  readonly inquiryId: string;
  /** 住登外課税 (lives here), or 家屋敷課税 (per capita levy only). */
  readonly kind: OutsideKind;
  /** Where the person is registered. */
  readonly municipalityCode: string;
  readonly municipalityName: string;
  /** 郵便番号 of that address, seven digits, which the network does not tell: notices are sent there. */
  readonly postalCode: string;
}

type Refusal =
  | 'no-such-report'
  | 'not-staff'
  | 'already-resolved'
  | 'changed-meanwhile'
  | 'not-investigated'
  | 'not-identified'
  | 'particulars-differ'
  | 'is-own-municipality'
  | 'postal-code-missing'
  | 'placing-unclear';

const grounds: Readonly<Record<OutsideKind, string>> = {
  'lives-here': '地方税法第294条第3項（住登外課税）',
  'office-or-house': '地方税法第294条第1項第2号（事務所・家屋敷）',
};
const purpose = 'resident-tax/outside-person';
type GivenAnswer = NetworkAnswer & {
  readonly name: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
};

interface Prepared {
  readonly report: Report;
  readonly answer: GivenAnswer;
  readonly number: IndividualNumber;
  readonly note: string;
  readonly lastStep: number;
  readonly round: number;
}

/** Everything that has to be there before anybody is given a number: the source's answer, the network's, and that they are about this document. */
async function prepared(tx: Tx, deps: Deps, command: RegisterOutside): Promise<Result<Prepared, Refusal>> {
  const state = await lockReportState(tx, command.reportId);
  const report = await findReport(tx, command.reportId);
  if (state === undefined || report === undefined) return err('no-such-report');
  if (state.state !== 'none' && state.state !== 'candidates') return err('already-resolved');
  if (state.lastStep !== command.seenStep) return err('changed-meanwhile');
  const code = parseLocalGovernmentCode(command.municipalityCode);
  if (!code.ok || code.value === deps.municipality) return err('is-own-municipality');
  if (!/^[0-9]{7}$/.test(command.postalCode)) return err('postal-code-missing');
  const said = await answeredWith(tx, report.reportId, 'taxable-here-registered-elsewhere');
  if (said === undefined || said.municipalityCode !== code.value) return err('not-investigated');
  const [answer] = await networkAnswersOf(tx, report.reportId);
  if (answer === undefined || answer.inquiryId !== command.inquiryId || !isGiven(answer)) return err('not-identified');
  const number = await deps.vault.reveal(tx, answer.numberRef!, purpose);
  // The document's own number, where it has one, is the network's or this is somebody else.
  const own = report.numberRef === null ? undefined : await deps.vault.reveal(tx, numberRef(report.numberRef), purpose);
  const same = nameKeyOf(answer.name) === report.nameKey && answer.birthDate === report.bornOn;
  if (!same || (own !== undefined && own.digits() !== number.digits())) return err('particulars-differ');
  return ok({ report, answer, number, note: said.note ?? '', lastStep: state.lastStep, round: state.round });
}

const isGiven = (answer: NetworkAnswer): answer is GivenAnswer =>
  answer.result === 'given' && answer.numberRef !== null;

const asRequest = act('resident-tax.prepare-outside-person', {
  right: outsidePersonUpdate,
  async run(
    tx,
    deps: Deps,
    command: RegisterOutside,
    actor,
  ): Promise<Result<RequestOf<typeof numberOutsidePerson>, Refusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const ready = await prepared(tx, deps, command);
    if (!ready.ok) return ready;
    const { report, answer, number } = ready.value;
    tx.record({
      event: 'outside-person.number-asked',
      ground: grounds[command.kind],
      items: ['個人番号', '4情報'],
      recipient: 'common-platform',
      detail: { report: report.reportId, inquiry: answer.inquiryId },
    });
    return ok({
      requestId: answer.inquiryId,
      system: 'resident-tax',
      individualNumber: number.digits(),
      name: answer.name,
      nameKana: report.kana,
      birthDate: answer.birthDate,
      sex: answer.sex,
      address: answer.address,
      municipalityCode: command.municipalityCode,
      ground: grounds[command.kind],
    });
  },
});

/** The person with the numbers that the platform gave, taxable for the document's year; the document is theirs. */
const settleOutside = act('resident-tax.register-outside-person', {
  right: outsidePersonUpdate,
  async run(
    tx,
    deps: Deps,
    { command, given }: { readonly command: RegisterOutside; readonly given: ResponseOf<typeof numberOutsidePerson> },
    actor,
  ): Promise<Result<{ readonly personId: string }, Refusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const ready = await prepared(tx, deps, command);
    if (!ready.ok) return ready;
    const { report, answer, number, note, round } = ready.value;
    const { orgPersonNumber, outsideNumber } = given;
    const person = await lockOrMakePerson(tx, {
      personId: deps.newId(),
      orgPersonNumber,
      addresseeNumber: outsideNumber,
    });
    if (person === undefined) throw new Error('an addressee number of the platform that another person has');
    const { personId } = person;
    const at = deps.machineClock.now();
    const today = deps.civilClock.today();
    const ref = await deps.vault.put(tx, personOwner(personId), number, purpose);
    await addState(tx, personId, outsideState(deps, command, { report, answer }, ref), at);
    const fiscalYear = report.incomeYear + 1;
    await insertOutsideTaxable(tx, {
      personId,
      fiscalYear,
      kind: command.kind,
      ground: grounds[command.kind],
      municipalityCode: command.municipalityCode,
      municipalityName: command.municipalityName,
      reportId: report.reportId,
      inquiryId: answer.inquiryId,
      registeredBy: actor.staffId,
      registeredOn: today.toString(),
    });
    const place = (await placeMany(tx, [{ report, personId }])).get(report.reportId)!;
    if (place.question !== undefined) return err('placing-unclear');
    const step = {
      reportId: report.reportId,
      step: 'linked' as const,
      decidedBy: actor.staffId,
      personId,
      reasonCode: 'registered-outside',
      note,
    };
    await addStep(tx, step, 'linked', round, at);
    const ended = endedBy(report.reportId, place);
    if (ended !== undefined) await supersede(tx, [{ ...ended, personId, decidedBy: actor.staffId }], at);
    tx.record({
      event: 'outside-person.registered',
      ground: grounds[command.kind],
      subject: personId,
      facts: [
        ...(person.isNew ? ['resident_tax.person'] : []),
        'resident_tax.person_state',
        'resident_tax.outside_taxable',
        'resident_tax.match_step',
        ...(ended === undefined ? [] : ['resident_tax.report_supersession']),
      ],
      detail: { report: report.reportId, fiscalYear, kind: command.kind, known: given.known },
    });
    return ok({ personId });
  },
});

function outsideState(
  deps: Deps,
  command: RegisterOutside,
  { report, answer }: Pick<Prepared, 'report' | 'answer'>,
  ref: Awaited<ReturnType<Deps['vault']['put']>>,
): Parameters<typeof addState>[2] {
  const today = deps.civilClock.today();
  return {
    changeId: deps.newId(),
    reason: 'outside-person',
    changedOn: today,
    numberRef: ref,
    status: 'outside',
    name: answer.name,
    nameKana: report.kana,
    birthDate: Temporal.PlainDate.from(answer.birthDate),
    sex: answer.sex,
    address: answer.address,
    postalCode: command.postalCode,
    municipalityCode: command.municipalityCode,
    householdNumber: '',
    relationship: '',
    // No stay in this ward's register: whether the levy day counts is said by `outside_taxable`.
    becameResidentOn: today,
    removedOn: today,
    addressProtected: false,
  };
}

/**
 * 住登外課税の登録: the platform gives 住登外者宛名番号 and 団体内統合宛名番号 once, under the inquiry's id, and the person is taxable here for
 * the document's year. A repeat after a lost answer gets the same numbers.
 * @law 地方税法 第294条第3項; @source requirements 002 W05, RTX-F1.3, RTX-F1.4, AC-05
 */
export async function registerOutsidePerson(
  deps: OtherBodiesDeps,
  actor: Actor,
  command: RegisterOutside,
): Promise<Result<{ readonly personId: string }, string>> {
  const request = await asRequest(deps, actor, command);
  if (!request.ok) return request;
  const given = await deps.peers.call(numberOutsidePerson, deps.commonPlatform, {}, request.value, {
    timeoutMs: 20_000,
  });
  return given.ok ? settleOutside(deps, actor, { command, given: given.value }) : given;
}
