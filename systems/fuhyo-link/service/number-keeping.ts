import type { EmigrantNumber } from '@musubi/contracts/fuhyo/number-link.ts';
import { emigrantTasks } from '@musubi/contracts/fuhyo/tasks.ts';
import { act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  type Inquiry,
  insertStep,
  type KeepingLine,
  listKeeping,
  lockInquiry,
  overdueNumbers,
  stepsOf,
} from '../store/inquiries.ts';
import { insertProvisions, type Provision } from '../store/provisions.ts';
import { supplementOf } from '../store/supplements.ts';

import { isStoppedFor } from './use-stop.ts';

const facts = ['fuhyo_link.number_step'];

/**
 * The register's number into the temporary area: only for an inquiry that waits for it, only of the person whom the inquiry
 * found, only a number that fits its check digit. The first one counts.
 */
async function keep(
  tx: Tx,
  deps: Deps,
  { inquiryId, answer }: { readonly inquiryId: string; readonly answer: EmigrantNumber },
): Promise<Result<undefined, 'no-open-inquiry' | 'unusable-answer'>> {
  const inquiry = await lockInquiry(tx, inquiryId);
  const steps = await stepsOf(tx, inquiryId);
  const isOpen = inquiry?.supplementId != null && steps.has('awaited') && !steps.has('erased');
  if (!inquiry || (enforced('juki.fuhyo-two-operations') && !isOpen)) return err('no-open-inquiry');
  const row = inquiry.supplementId === null ? undefined : await supplementOf(tx, inquiry.supplementId);
  const belongs = answer.inquiryId === inquiryId && answer.residentRecordCode === row?.resident_record_code;
  if (enforced('exchange.answer-binding') && !belongs) return err('unusable-answer');
  const number = IndividualNumber.parse(answer.individualNumber);
  if (!number.ok) return err('unusable-answer');
  const at = deps.machineClock.now();
  const wanted = at.add({ hours: deps.keepHours });
  const put = await deps.numbers.putTemporary(inquiryId, inquiry.asker, number.value, wanted);
  if (put === 'ended') return err('no-open-inquiry');
  // After a crash in between the area holds it already, with the end that it was given then.
  const keptUntil = deps.numbers.keptUntil(inquiryId) ?? wanted;
  if (!steps.has('kept')) await insertStep(tx, { stepId: deps.newId(), inquiryId, step: 'kept', keptUntil }, at);
  tx.record({
    event: 'number.kept',
    ...(inquiry.supplementId === null ? {} : { subject: inquiry.supplementId }),
    facts,
    ground: '住民基本台帳法第30条の44の6第3項',
    items: ['individualNumber'],
    detail: { inquiryId, repeated: put === 'already' },
  });
  return ok(undefined);
}

/** 取得: what the register answered to an inquiry of ours. */
export const keepObtained = act('fuhyo-link.keep-obtained-number', {
  right: ['fuhyo-link', 'inquiry', 'update'],
  run: keep,
});
export const keepObtainedAtTerminal = act('fuhyo-link.keep-number-for-terminal', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: keep,
});
/** 紐付け: what the register pushed into an open inquiry. */
export const keepLinked = act('fuhyo-link.keep-linked-number', {
  right: ['fuhyo-link', 'number-link', 'update'],
  run: keep,
});

interface OfAsker {
  readonly inquiryId: string;
  readonly asker: string;
  readonly method: Provision['method'];
}

/** Nobody learns of another asker's inquiry, not even that it is there. */
async function inquiryOf(tx: Tx, { inquiryId, asker }: OfAsker): Promise<Inquiry | undefined> {
  const inquiry = await lockInquiry(tx, inquiryId);
  return enforced('exchange.answer-to-asker-only') && inquiry?.asker !== asker ? undefined : inquiry;
}

/** The number to its asker, as often as needed until the keeping ends (FPS-X3); each time is a provision of its own. */
async function give(
  tx: Tx,
  deps: Deps,
  command: OfAsker,
): Promise<
  Result<
    { readonly number: IndividualNumber; readonly keptUntil: Temporal.Instant },
    'no-such-inquiry' | 'number-not-kept'
  >
> {
  const inquiry = await inquiryOf(tx, command);
  if (!inquiry) return err('no-such-inquiry');
  const { inquiryId, supplementId } = inquiry;
  if (supplementId !== null && (await isStoppedFor(tx, supplementId, inquiry.task))) return err('number-not-kept');
  const at = deps.machineClock.now();
  const read = await deps.numbers.readTemporary(inquiryId, inquiry.asker, at);
  if (!read.ok) return err('number-not-kept');
  const ground = emigrantTasks.find((t) => t.task === inquiry.task)?.numberGround ?? '';
  await insertStep(tx, { stepId: deps.newId(), inquiryId, step: 'given' }, at);
  const provision = {
    provisionId: deps.newId(),
    supplementId,
    inquiryId,
    recipient: inquiry.asker,
    requester: inquiry.requester,
    task: inquiry.task,
    ground,
    method: command.method,
    items: ['individualNumber'],
    withheld: [],
    refused: undefined,
  };
  await insertProvisions(tx, [provision], at);
  tx.record({
    event: 'number.given',
    ...(supplementId === null ? {} : { subject: supplementId }),
    facts: [...facts, 'fuhyo_link.provision_record'],
    ground,
    items: ['individualNumber'],
    recipient: inquiry.asker,
    detail: { inquiryId, document: inquiry.document },
  });
  return read;
}
export const giveNumber = act('fuhyo-link.give-number', { right: ['fuhyo-link', 'inquiry', 'update'], run: give });
export const giveNumberAtTerminal = act('fuhyo-link.give-number-at-terminal', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: give,
});

/** The asker has it: erased at once, and nothing more comes under this inquiry. Safe to repeat. */
async function confirm(tx: Tx, deps: Deps, command: OfAsker): Promise<Result<undefined, 'no-such-inquiry'>> {
  const inquiry = await inquiryOf(tx, command);
  if (!inquiry) return err('no-such-inquiry');
  await end(tx, deps, inquiry.inquiryId, 'receipt');
  tx.record({
    event: 'number.receipt-confirmed',
    ...(inquiry.supplementId === null ? {} : { subject: inquiry.supplementId }),
    facts,
    recipient: inquiry.asker,
    detail: { inquiryId: inquiry.inquiryId },
  });
  return ok(undefined);
}
export const confirmNumber = act('fuhyo-link.confirm-receipt', {
  right: ['fuhyo-link', 'inquiry', 'update'],
  run: confirm,
});
export const confirmNumberAtTerminal = act('fuhyo-link.confirm-receipt-at-terminal', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: confirm,
});

/** Key first: a crash before the commit leaves a number that nobody can read, and the next try writes it down. */
async function end(tx: Tx, deps: Deps, inquiryId: string, word: 'receipt' | 'expired'): Promise<void> {
  const at = deps.machineClock.now();
  await deps.numbers.eraseTemporary(inquiryId, at);
  if (!(await stepsOf(tx, inquiryId)).has('erased'))
    await insertStep(tx, { stepId: deps.newId(), inquiryId, step: 'erased', word }, at);
}

/** Why the register gave no number: on record beside the inquiry, and as a refused provision. */
async function note(
  tx: Tx,
  deps: Deps,
  { inquiryId, word }: { readonly inquiryId: string; readonly word: string },
): Promise<Result<undefined, 'no-such-inquiry'>> {
  const inquiry = await lockInquiry(tx, inquiryId);
  if (!inquiry) return err('no-such-inquiry');
  const at = deps.machineClock.now();
  await insertStep(tx, { stepId: deps.newId(), inquiryId, step: 'refused', word }, at);
  const refused = {
    provisionId: deps.newId(),
    supplementId: inquiry.supplementId,
    inquiryId,
    recipient: inquiry.asker,
    requester: inquiry.requester,
    task: inquiry.task,
    ground: emigrantTasks.find((t) => t.task === inquiry.task)?.numberGround ?? '',
    method: 'network',
    items: [],
    withheld: ['individualNumber'],
    refused: word,
  } as const;
  await insertProvisions(tx, [refused], at);
  tx.record({
    event: 'number.not-obtained',
    ...(inquiry.supplementId === null ? {} : { subject: inquiry.supplementId }),
    facts: [...facts, 'fuhyo_link.provision_record'],
    recipient: inquiry.asker,
    detail: { inquiryId, word },
  });
  return ok(undefined);
}
export const noteNotObtained = act('fuhyo-link.note-not-obtained', {
  right: ['fuhyo-link', 'inquiry', 'update'],
  run: note,
});
export const noteNotObtainedAtTerminal = act('fuhyo-link.note-not-obtained-at-terminal', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: note,
});

/** One number whose time is over: key destroyed, step on record. Also one of which only the area knows. */
export const expireNumber = act('fuhyo-link.expire-number', {
  right: ['fuhyo-link', 'keeping', 'update'],
  async run(tx, deps: Deps, { inquiryId }: { readonly inquiryId: string }): Promise<Result<undefined, never>> {
    const inquiry = await lockInquiry(tx, inquiryId);
    if (inquiry) await end(tx, deps, inquiryId, 'expired');
    else await deps.numbers.eraseTemporary(inquiryId, deps.machineClock.now());
    tx.record({
      event: 'number.expired',
      ...(inquiry?.supplementId == null ? {} : { subject: inquiry.supplementId }),
      facts,
      ground: '一時保存期間の満了',
      detail: { inquiryId },
    });
    return ok(undefined);
  },
});

/** What is over its time, in the area or in the supplement's database; ids of inquiries, nothing of a person. */
export const findOverdue = look('fuhyo-link.find-overdue-numbers', {
  right: ['fuhyo-link', 'keeping', 'update'],
  async run(tx, deps: Deps, { limit }: { readonly limit: number }): Promise<readonly string[]> {
    const at = deps.machineClock.now();
    const ids = new Set([...deps.numbers.overdue(at), ...(await overdueNumbers(tx, at, limit))]);
    return [...ids].slice(0, limit);
  },
});

/** The monitor of the temporary area: steps and moments, without numbers. */
export const readKeeping = act('fuhyo-link.read-keeping', {
  right: ['fuhyo-link', 'keeping', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly open: boolean; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: KeepingLine[]; total: number }, never>> {
    const found = await listKeeping(tx, query);
    tx.record({ event: 'keeping.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
