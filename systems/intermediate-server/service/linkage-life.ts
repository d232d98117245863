import {
  type endLinkage as endEndpoint,
  type LinkageNotice,
  linkageNotice,
} from '@musubi/contracts/exchange/linkage-life.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import { readJws } from '@musubi/kernel/crypto/jws.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  casesOf,
  type Ending,
  endHeld,
  type HeldLinkage,
  holderOf,
  insertCase,
  insertCaseDecision,
  insertNotice,
  type LinkageCase,
  linkageOfPerson,
  lockLinkages,
} from '../store/linkage-life.ts';
import { insertLinkage } from '../store/linkages.ts';
import { deleteCopiesOf } from './delete-copies.ts';

const facts = (...tables: readonly string[]): string[] => tables.map((table) => `intermediate_server.${table}`);

/**
 * A notice of the root process about a code that we hold. A changed Resident Record Code replaces the code at once: it is the same
 * person. Two codes of one person, and the undoing of that, are a case for a clerk, never automatic (design §4.2).
 */
export const takeNotice = act('linkage.take-notice', {
  right: ['intermediate-server', 'linkage-delivery', 'update'],
  async run(tx, deps: Deps, { notice }: { notice: string }): Promise<Result<{ taken: true }, 'bad-signature'>> {
    const at = deps.machineClock.now();
    const signed = readSigned(notice, messageTypes.linkageNotice, linkageNotice, deps.trust, at);
    if (!signed.ok || partyId(signed.value.signer) !== deps.root || signed.value.payload.organisation !== deps.self)
      return err('bad-signature');
    const { noticeId, kind, ended, survivor, on } = signed.value.payload;
    await lockLinkages(tx);
    if (!(await insertNotice(tx, { noticeId, kind, notice, countsFrom: on, at }))) {
      tx.record({ event: 'linkage.notice-taken-again', detail: { noticeId } });
      return ok({ taken: true });
    }
    const [held, other] = [await holderOf(tx, ended), await holderOf(tx, [survivor])];
    const concerned = kind === 'undone' ? (other ?? held) : held;
    const isPlain = kind === 'code-changed' && held !== undefined && other === undefined;
    if (isPlain) await replace(tx, deps, held, survivor, { why: kind, noticeId });
    else if (concerned !== undefined)
      await insertCase(tx, {
        noticeId,
        kind,
        person: concerned.person,
        otherPerson: (kind === 'undone' ? held : other)?.person ?? null,
        at,
      });
    tx.record({
      event: isPlain
        ? 'linkage.code-replaced'
        : concerned === undefined
          ? 'linkage.notice-without-person'
          : 'linkage.case-opened',
      ...(concerned === undefined ? {} : { subject: concerned.person }),
      facts: [
        ...facts('linkage_notice'),
        ...(isPlain ? facts('linkage', 'linkage_ended') : concerned === undefined ? [] : facts('linkage_case')),
      ],
      detail: { noticeId, kind },
    });
    return ok({ taken: true });
  },
});

export async function replace(
  tx: Tx,
  deps: Deps,
  held: HeldLinkage,
  code: string,
  { why, noticeId }: Pick<Ending, 'why' | 'noticeId'>,
): Promise<void> {
  const on = deps.civilClock.today();
  await endHeld(tx, { endId: deps.newId(), person: held.person, why, noticeId, on });
  const stored = await insertLinkage(tx, { person: held.person, code, processingNumber: held.processingNumber, on });
  if (stored !== 'stored') throw new Error('a code was replaced by one that another person holds');
}

/** The body's order: it has no more to do with the person (whose copies go too), or the number was never this person's. */
export const endLinkage = act('linkage.end', {
  right: ['intermediate-server', 'linkage', 'update'],
  subjectOf: (command: RequestOf<typeof endEndpoint>) => command.orgPersonNumber,
  async run(
    tx,
    deps: Deps,
    { orgPersonNumber: person, reason }: RequestOf<typeof endEndpoint>,
    actor,
  ): Promise<Result<{ ended: boolean }, 'not-owner'>> {
    // The body itself, by its own system: no operator of the server, no contractor, no other body, whatever the table of rights says.
    const isOwner = actor.kind === 'system' && actor.organisation === deps.self;
    if (enforced('retention.owner-only') && !isOwner) return err('not-owner');
    await lockLinkages(tx);
    const held = await linkageOfPerson(tx, person);
    if (held !== undefined)
      await endHeld(tx, { endId: deps.newId(), person, why: reason, noticeId: null, on: deps.civilClock.today() });
    const deleted = reason === 'deleted' ? await deleteCopiesOf(tx, deps, person) : [];
    tx.record({
      event: held === undefined ? 'linkage.ended-already' : 'linkage.ended',
      subject: person,
      facts: [...(held === undefined ? [] : facts('linkage_ended')), ...deleted],
      detail: { reason },
    });
    return ok({ ended: held !== undefined });
  },
});

export const listCases = look('linkage.list-cases', {
  right: ['intermediate-server', 'linkage-case', 'read'],
  run: (tx, _deps: Deps, { limit, offset }: { limit: number; offset: number }) =>
    casesOf(tx, { noticeId: null, limit, offset }),
});

export const showCase = act('linkage.show-case', {
  right: ['intermediate-server', 'linkage-case', 'update'],
  async run(tx, _deps: Deps, { noticeId }: { noticeId: string }): Promise<Result<LinkageCase, 'not-found'>> {
    const [found] = await casesOf(tx, { noticeId, limit: 1, offset: 0 });
    if (found === undefined) return err('not-found');
    const subjects = [found.person, ...(found.otherPerson === null ? [] : [found.otherPerson])];
    tx.record({ event: 'linkage.case-shown', subjects, detail: { noticeId } });
    return ok(found);
  },
});

export interface DecideCase {
  readonly noticeId: string;
  readonly decision: 'same-person' | 'not-same-person';
  readonly reason: string;
}

/**
 * 統合の決定. The same person: the survivor's code takes the place of the ended one; where another of our numbers holds it already, the
 * ended one goes, and the platform merges the numbers. Not the same: both stay as they are. For an undoing the other way about.
 */
export const decideCase = act('linkage.decide-case', {
  right: ['intermediate-server', 'linkage-case', 'update'],
  async run(
    tx,
    deps: Deps,
    { noticeId, decision, reason }: DecideCase,
    actor,
  ): Promise<Result<{ replaced: boolean }, 'not-found' | 'decided-already' | 'stands-otherwise'>> {
    await lockLinkages(tx);
    const [found] = await casesOf(tx, { noticeId, limit: 1, offset: 0 });
    if (found === undefined) return err('not-found');
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    if (!(await insertCaseDecision(tx, { noticeId, decision, reason, by, at: deps.machineClock.now() })))
      return err('decided-already');
    const { ended, survivor } = noticeIn(found.notice);
    const isUndone = found.kind === 'undone';
    const acts = isUndone ? decision === 'not-same-person' : decision === 'same-person';
    const [from, to] = isUndone ? [[survivor], ended.at(-1)!] : [ended, survivor];
    const held = acts ? await holderOf(tx, from) : undefined;
    if (acts && held?.person !== found.person) return err('stands-otherwise');
    const taken = acts ? await holderOf(tx, [to]) : undefined;
    const why = { why: found.kind, noticeId };
    if (held !== undefined && taken === undefined) await replace(tx, deps, held, to, why);
    else if (held !== undefined && !isUndone)
      await endHeld(tx, { endId: deps.newId(), person: held.person, ...why, on: deps.civilClock.today() });
    const changed = held !== undefined && (taken === undefined || !isUndone);
    tx.record({
      event: 'linkage.case-decided',
      subjects: [found.person, ...(found.otherPerson === null ? [] : [found.otherPerson])],
      facts: [
        ...facts('linkage_case_decision'),
        ...(changed ? facts('linkage_ended') : []),
        ...(changed && taken === undefined ? facts('linkage') : []),
      ],
      detail: { noticeId, kind: found.kind, decision },
    });
    return ok({ replaced: changed });
  },
});

/** As it was verified when it came. */
function noticeIn(text: string): LinkageNotice {
  const jws = readJws(text, { typ: messageTypes.linkageNotice });
  if (!jws.ok) throw new Error('a kept notice cannot be read');
  return linkageNotice.parse(jws.value.payload);
}
