import { registerPerson } from '@musubi/contracts/platform/persons.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { type Asked, insertSubject, insertSubjectEnd, questions, type Subject, subjects } from '../store/subjects.ts';

export type { Subject };

export interface AddSubject {
  /** UUID of the form: a doubled click adds once. */
  readonly requestId: string;
  /** 認定番号 of the section. */
  readonly reference: string;
  readonly individualNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

/** Before the number leaves for the platform: who adds whom is on record. */
const beginSubject = act('ward-sections.begin-subject', {
  right: ['ward-sections', 'subject', 'update'],
  async run(
    tx,
    deps: Deps,
    command: AddSubject,
    actor,
  ): Promise<Result<IndividualNumber, 'not-staff' | 'invalid-number'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return err('invalid-number');
    tx.record({
      event: 'subject.identification-asked',
      recipient: deps.commonPlatform,
      detail: { reference: command.reference, request: command.requestId },
    });
    return ok(number.value);
  },
});

const noteSubject = act('ward-sections.add-subject', {
  right: ['ward-sections', 'subject', 'update'],
  async run(
    tx,
    deps: Deps,
    { command, orgPersonNumber }: { command: AddSubject; orgPersonNumber: string },
    actor,
  ): Promise<Result<{ subjectId: string }, 'not-staff' | 'on-the-list'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { reference, name, nameKana, birthDate } = command;
    const made = await insertSubject(tx, {
      subjectId: command.requestId,
      reference,
      orgPersonNumber,
      name,
      nameKana,
      birthOn: birthDate,
      by: actor.staffId,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    if (!made) return err('on-the-list');
    tx.record({ event: 'subject.added', subject: command.requestId, facts: ['ward_sections.subject'] });
    return ok({ subjectId: command.requestId });
  },
});

export type AddRefusal =
  | 'not-authorised'
  | 'not-staff'
  | 'invalid-number'
  | 'particulars-disagree'
  | 'platform-unavailable'
  | 'on-the-list';

/**
 * 対象者の登録: the platform says who it is, by number and all particulars, and binds the person to this section. The number is not kept
 * here.
 * @source requirements 002 AC-22; 001 LNK-F3
 */
export async function addSubject(
  deps: Deps,
  actor: Actor,
  command: AddSubject,
): Promise<Result<{ subjectId: string }, AddRefusal>> {
  const begun = await beginSubject(deps, actor, command);
  if (!begun.ok) return begun;
  const { requestId, name, nameKana, birthDate, sex, address } = command;
  const found = await deps.peers.call(
    registerPerson,
    deps.commonPlatform,
    {},
    {
      requestId,
      system: 'ward-sections',
      individualNumber: begun.value.digits(),
      name,
      nameKana,
      birthDate,
      sex,
      address,
    },
  );
  if (!found.ok) return err(found.error === 'particulars-disagree' ? found.error : 'platform-unavailable');
  return noteSubject(deps, actor, { command, orgPersonNumber: found.value.orgPersonNumber });
}

/** 対象者から外す: nothing is asked about them any more; what was asked stays readable. */
export const endSubject = act('ward-sections.end-subject', {
  right: ['ward-sections', 'subject', 'update'],
  subjectOf: (command: { readonly subjectId: string }) => command.subjectId,
  async run(tx, deps: Deps, command, actor): Promise<Result<null, 'not-staff' | 'no-such-subject' | 'ended'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const { subjectId } = command;
    if ((await subjects(tx, { subjectId, offset: 0, limit: 1 })).total === 0) return err('no-such-subject');
    const row = { subjectId, by: actor.staffId, on: deps.civilClock.today(), at: deps.machineClock.now() };
    if (!(await insertSubjectEnd(tx, row))) return err('ended');
    tx.record({ event: 'subject.ended', subject: subjectId, facts: ['ward_sections.subject_end'] });
    return ok(null);
  },
});

export const listSubjects = act('ward-sections.list-subjects', {
  right: ['ward-sections', 'subject', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { offset: number; limit: number },
  ): Promise<Result<{ rows: readonly Subject[]; total: number }, never>> {
    const found = await subjects(tx, query);
    tx.record({ event: 'subjects.listed', subjects: found.rows.map((r) => r.subjectId) });
    return ok(found);
  },
});

export const readSubject = act('ward-sections.read-subject', {
  right: ['ward-sections', 'subject', 'read'],
  subjectOf: (query: { readonly subjectId: string }) => query.subjectId,
  async run(tx, _deps: Deps, query): Promise<Result<{ subject: Subject; asked: readonly Asked[] }, 'no-such-subject'>> {
    const [subject] = (await subjects(tx, { subjectId: query.subjectId, offset: 0, limit: 1 })).rows;
    if (!subject) return err('no-such-subject');
    tx.record({ event: 'subject.read', subject: query.subjectId });
    return ok({ subject, asked: await questions(tx, query) });
  },
});
