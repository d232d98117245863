import type { numberOutsidePerson as endpoint } from '@musubi/contracts/platform/outside-persons.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import type { ClerksReason } from '../domain/outside-number.ts';
import {
  listOutside,
  type OutsideHistoryLine,
  type OutsideLine,
  outsideHistory,
  outsideStandings,
  statusOf,
} from '../store/outside-persons.ts';
import { findPerson, findRegistration, insertRegistration, lockIdentification } from '../store/persons.ts';
import { hold } from './hold.ts';
import { fromBusiness, ownerOf, whoIs } from './incoming.ts';
import { giveOutsideNumber, noteOutside } from './outside-numbers.ts';
import { beginWanting, bind, Facts, makePerson, settleState } from './settle.ts';

export type { OutsideHistoryLine, OutsideLine };

export type NumberOutside = RequestOf<typeof endpoint>;
type Given = ResponseOf<typeof endpoint>;
export type Numbered =
  | { readonly kind: 'numbered'; readonly person: Given }
  /** On the clerks' work list; the caller learns that the particulars disagree, not with what. */
  | { readonly kind: 'held' };

/**
 * 住登外者の登録: gives the person a 住登外者宛名番号 and the organisation's number, each exactly once, however often and by whomever it is
 * asked. What agrees in part is held for a clerk; who is recorded in the register gets no such number.
 * @law 地方税法 第294条第3項 (住登外課税); @source requirements 002 CIP-F3, CIP-F4, AC-05
 */
export const numberOutsidePerson = act('common-platform.number-outside-person', {
  right: ['common-platform', 'outside-person', 'update'],
  async run(
    tx,
    deps: Deps,
    command: NumberOutside,
    actor,
  ): Promise<Result<Numbered, 'not-your-business' | 'invalid-number' | 'is-resident' | 'request-key-reused'>> {
    if (actor.kind !== 'system' || actor.system !== command.system) return err('not-your-business');
    const number = IndividualNumber.parse(command.individualNumber);
    if (!number.ok) return err('invalid-number');
    await lockIdentification(tx);
    const { system, requestId } = command;
    const before = await findRegistration(tx, requestId);
    if (before) {
      const holders = await deps.vault.holders(tx, number.value, 'identify-person');
      if (before.system !== system || !holders.some((h) => h.owner === ownerOf(before.personId)))
        return err('request-key-reused');
    }
    const today = deps.civilClock.today();
    const incoming = fromBusiness(command, number.value, { reason: 'outside-person', today });
    const facts = new Facts();
    const detail = { source: system, request: requestId };
    const who = await whoIs(tx, deps, incoming);
    if (who.kind === 'held') {
      const caseId = await hold(tx, deps, { ...incoming, changeId: deps.newId() }, who, facts);
      tx.record({
        event: 'person.held',
        subject: who.candidateId,
        facts: facts.list,
        detail: { ...detail, case: caseId, why: who.why },
      });
      return ok({ kind: 'held' });
    }
    const status = who.kind === 'new' ? undefined : await statusOf(tx, who.personId);
    if (status === 'resident' || status === 'moving-out') return err('is-resident');
    const personId = who.kind === 'new' ? await makePerson(tx, deps, incoming, facts) : who.personId;
    const outside = await giveOutsideNumber(tx, deps, personId, {
      system,
      note: command.ground,
      municipalityCode: command.municipalityCode,
      by: system,
      facts,
    });
    if (who.kind === 'new')
      await settleState(tx, deps, personId, { ...incoming, addresseeNumber: outside.outsideNumber }, facts);
    else {
      await bind(tx, deps, personId, system, outside.outsideNumber, facts);
      await beginWanting(tx, deps, personId, facts);
    }
    if (before === undefined) {
      const registeredAt = deps.machineClock.now();
      await insertRegistration(tx, { requestId, system, personId, known: outside.known, registeredAt });
      facts.add('registration');
    }
    tx.record({
      event: outside.known ? 'outside-person.found' : 'outside-person.numbered',
      subject: personId,
      facts: facts.list,
      recipient: `${actor.organisation}/${system}`,
      detail: { ...detail, ground: command.ground },
    });
    const { orgPersonNumber } = (await findPerson(tx, personId))!;
    return ok({ kind: 'numbered', person: { ...outside, orgPersonNumber } });
  },
});

/** A page of the register of persons outside; nothing typed lists all of them. */
export const readOutsidePersons = act('common-platform.list-outside-persons', {
  right: ['common-platform', 'outside-person', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: {
      readonly outsideNumber?: string;
      readonly name?: string;
      readonly step?: 'begun' | 'ended';
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<Result<{ rows: readonly OutsideLine[]; total: number }, never>> {
    const { outsideNumber, name, step, offset, limit } = query;
    const found = await listOutside(tx, {
      outsideNumber,
      step,
      ...(name === undefined ? {} : { nameKey: kanjiSearchKey(name), kanaKey: kanaSearchKey(name) }),
      offset,
      limit,
    });
    tx.record({
      event: 'outside-persons.listed',
      subjects: [...new Set(found.rows.map((r) => r.personId))],
      detail: { found: found.total },
    });
    return ok(found);
  },
});

export interface OutsideView {
  readonly line: OutsideLine;
  readonly history: readonly OutsideHistoryLine[];
}

/** One number with everything that became of it. */
export const readOutsidePerson = act('common-platform.read-outside-person', {
  right: ['common-platform', 'outside-person', 'read'],
  async run(tx, _deps: Deps, query: { outsideNumber: string }): Promise<Result<OutsideView, 'no-such-number'>> {
    const { outsideNumber } = query;
    const [line] = (await listOutside(tx, { outsideNumber, offset: 0, limit: 1 })).rows;
    if (!line) return err('no-such-number');
    tx.record({ event: 'outside-person.read', subject: line.personId });
    return ok({ line, history: await outsideHistory(tx, outsideNumber) });
  },
});

/** A clerk ends a number: the person died, or the municipality has nothing to do with them any more. Asked for again, it is theirs again. */
export const endOutsideNumber = act('common-platform.end-outside-number', {
  right: ['common-platform', 'outside-person', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { outsideNumber: string; why: ClerksReason; evidence: string },
    actor,
  ): Promise<Result<null, 'not-staff' | 'no-such-number' | 'already-ended' | 'evidence-missing'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    if (command.evidence === '') return err('evidence-missing');
    await lockIdentification(tx);
    const [standing] = await outsideStandings(tx, command);
    if (!standing) return err('no-such-number');
    if (standing.step === 'ended') return err('already-ended');
    const facts = new Facts();
    await noteOutside(tx, deps, standing, 'ended', command.why, {
      note: command.evidence,
      by: actor.staffId,
      facts,
    });
    tx.record({
      event: 'outside-person.ended',
      subject: standing.personId,
      facts: facts.list,
      detail: { why: command.why },
    });
    return ok(null);
  },
});
