import type { InquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { importP256 } from '@musubi/kernel/crypto/p256.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { selectItems } from '../domain/select-items.ts';
import { type HeldProvision, insertDecision, lockHeld, waitingProvisions } from '../store/held.ts';
import { insertProvision, insertSealedAnswer } from '../store/permits.ts';
import {
  acceptedInquiry,
  answerFrom,
  collectableFor,
  currentCopy,
  ownRow,
  recordProvision,
  signEvidence,
} from './answer-inquiry.ts';

/** 職員確認待ち: numbers and terms only. */
export const listHeld = look('provision.list-held', {
  right: ['intermediate-server', 'held-provision', 'read'],
  run: (tx, _deps: Deps, _query: null) => waitingProvisions(tx),
});

export interface HeldContent {
  readonly held: HeldProvision;
  readonly statement: InquiryStatement;
  /** Undefined where no copy stands any more. */
  readonly items: Readonly<Record<string, string | number | boolean | null>> | undefined;
}

/** What would be released, for the clerk who decides; the reading is recorded. */
export const showHeld = act('provision.show-held', {
  right: ['intermediate-server', 'held-provision', 'update'],
  async run(tx, deps: Deps, { inquiryNumber }: { inquiryNumber: string }): Promise<Result<HeldContent, 'not-found'>> {
    const held = await lockHeld(tx, inquiryNumber);
    const accepted = held && (await acceptedInquiry(tx, inquiryNumber));
    if (held === undefined || accepted === undefined) return err('not-found');
    const { statement } = accepted;
    const copy = await currentCopy(tx, deps, held.person, statement);
    const items = copy?.items ? selectItems(copy.items, statement.items, statement.items) : undefined;
    tx.record({
      event: 'provision.held-shown',
      subject: held.person,
      items: statement.items,
      detail: { inquiryNumber },
    });
    return ok({ held, statement, items });
  },
});

export interface Decide {
  readonly inquiryNumber: string;
  readonly decision: 'release' | 'refuse';
  readonly reason: string;
}

/** 職員による提供の可否: 00 (or 10, 50) where released, 20 where refused. Once, inside the term, on today's own list. */
export const decideHeld = act('provision.decide-held', {
  right: ['intermediate-server', 'held-provision', 'update'],
  async run(
    tx,
    deps: Deps,
    command: Decide,
    actor,
  ): Promise<Result<{ result: string }, 'not-found' | 'decided-already' | 'answer-term-over' | 'own-list-refuses'>> {
    const { inquiryNumber, decision } = command;
    const held = await lockHeld(tx, inquiryNumber);
    const accepted = held && (await acceptedInquiry(tx, inquiryNumber));
    if (held === undefined || accepted === undefined) return err('not-found');
    if (held.decided) return err('decided-already');
    if (deps.civilClock.today().toString() > held.dueOn) return err('answer-term-over');
    const { statement, permit } = accepted;
    const row = await ownRow(tx, deps, statement);
    if (row === undefined) return err('own-list-refuses');
    const key = importP256(statement.answerKey);
    if (!key.ok) throw new Error('the key of an accepted statement cannot be read');
    const at = deps.machineClock.now();
    const copy = await currentCopy(tx, deps, held.person, statement);
    const given =
      decision === 'refuse'
        ? ({ result: '20', answer: '' } as const)
        : answerFrom(copy, statement, permit, row.items, key.value);
    const evidence = signEvidence(deps, tx, permit, given, at);
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    await insertDecision(tx, { ...command, by, at });
    await insertProvision(tx, { inquiryNumber, step: 2, result: given.result, evidence, at });
    if (given.answer !== '')
      await insertSealedAnswer(tx, inquiryNumber, given.answer, at.add({ hours: 24 * collectableFor }));
    await recordProvision(tx, deps, {
      statement,
      ground: row.ground,
      person: held.person,
      result: given.result,
      withheld: copy?.withheldFromPerson ?? false,
      at,
      permitNumber: permit.payload.permitNumber,
      facts: ['held_decision', 'provision'],
    });
    return ok({ result: given.result });
  },
});
