import type { InquiryAnswerItems } from '@musubi/contracts/juki/inquiry.ts';
import type { NationalExchange, NationalRegister } from '@musubi/contracts/juki/national-client.ts';
import { groundOf, type Permitted, type Task } from '@musubi/contracts/juki/tasks.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  insertNationalAnswer,
  insertProvision,
  type OpenNationalInquiry,
  openNationalInquiries,
  type ProvisionEntry,
} from '../store/provisions.ts';
import { taskById } from '../store/tasks.ts';
import { type Answered, answerInquiry, askerOf, type Inquiry, keyDigestOf } from './answer-inquiry.ts';
import { taskOf } from './task-of.ts';

export interface InquiryDeps extends Deps {
  readonly national: NationalRegister;
}

/**
 * An inquiry from question to answer: from the own file where the person is there, else from the national server where the
 * task may ask it. The two acts around that question leave nothing of its answer here.
 */
export async function inquire(
  deps: InquiryDeps,
  actor: Actor,
  inquiry: Inquiry,
): Promise<Result<Answered, 'not-authorised' | 'inquiry-repeated'>> {
  const answered = await answerInquiry(deps, actor, inquiry);
  if (!answered.ok) return answered;
  if (answered.value.kind !== 'forwarded') return ok(answered.value);
  const { nationalId, task, permitted } = answered.value;
  if (inquiry.key.kind === 'selected') throw new Error('a selected person is a person of the own file');
  const exchange = await deps.national.ask({
    inquiryId: nationalId,
    ground: groundOf(task),
    key: inquiry.key,
    items: [...permitted.given],
  });
  return completeInquiry(deps, actor, { inquiry, task, permitted, exchange });
}

interface Completion {
  readonly inquiry: Inquiry;
  readonly task: Task;
  readonly permitted: Permitted;
  readonly exchange: NationalExchange;
}

/** 機構からの回答の引渡し (JPS-F4): the answer goes to the inquirer; of it only that it was given is kept. */
const completeInquiry = act('prefectural-juki.complete-inquiry', {
  right: ['prefectural-juki', 'inquiry', 'read'],
  async run(
    tx,
    deps: Deps,
    { inquiry, task, permitted, exchange }: Completion,
    actor,
  ): Promise<Result<Answered, never>> {
    const by = askerOf(actor, inquiry.operator);
    const provisionId = deps.newId();
    const at = deps.machineClock.now();
    const given = exchange.answer?.result === 'given' ? giveOf(exchange.answer.items, permitted, inquiry) : undefined;
    const refusal =
      given !== undefined ? null : exchange.answer === undefined ? 'national-unavailable' : 'not-identified:national';
    const items = given === undefined ? [] : permitted.given.filter((item) => given[item] !== undefined);
    const entry: ProvisionEntry = {
      ...by,
      provisionId,
      personId: null,
      taskId: task.taskId,
      inquiryId: inquiry.inquiryId,
      useEntryId: inquiry.useEntryId,
      keyDigest: keyDigestOf(provisionId, inquiry.key),
      hitCount: given === undefined ? 0 : 1,
      recipient: task.recipient.name,
      ground: groundOf(task),
      document: inquiry.document,
      keyKind: inquiry.key.kind,
      source: 'national',
      items,
      withheld: given === undefined ? [] : permitted.withheld,
      refusal,
    };
    const { requestDigest, requestBytes, answerDigest, answerBytes, word } = exchange;
    const sent = { requestDigest, requestBytes, answerDigest, answerBytes, result: word };
    await insertNationalAnswer(tx, { inquiryId: inquiry.inquiryId, asker: by.asker, ...sent }, at);
    await insertProvision(tx, { entry, at });
    tx.record({
      event: refusal === null ? 'inquiry.answered' : 'inquiry.refused',
      facts: ['prefectural_juki.national_answer', 'prefectural_juki.provision_record'],
      ground: entry.ground,
      items,
      recipient: by.asker,
      detail: {
        inquiryId: inquiry.inquiryId,
        task: task.code,
        key: inquiry.key.kind,
        source: 'national',
        ...(refusal === null ? {} : { refusal }),
      },
    });
    if (given !== undefined)
      return ok({ kind: 'given', provisionId, source: 'national', items: given, withheld: permitted.withheld });
    if (refusal === 'national-unavailable') return ok({ kind: 'refused', refusal });
    return ok({ kind: 'not-identified', provisionId, source: 'national' });
  },
});

/** Only items that the task may have, and only where the answer is about the person whose code or number was asked for. */
function giveOf(came: InquiryAnswerItems, { given }: Permitted, { key }: Inquiry): InquiryAnswerItems | undefined {
  const isOther =
    (key.kind === 'code' &&
      came.residentRecordCode !== undefined &&
      came.residentRecordCode !== key.residentRecordCode) ||
    (key.kind === 'number' && came.individualNumber !== undefined && came.individualNumber !== key.individualNumber);
  if (isOther) return undefined;
  return Object.fromEntries(given.flatMap((item) => (came[item] === undefined ? [] : [[item, came[item]]])));
}

/** Whether anything waits to be ended; without an event of its own each minute. */
export const countInterruptedInquiries = look('prefectural-juki.count-interrupted-inquiries', {
  right: ['prefectural-juki', 'interrupted-inquiry', 'read'],
  run: async (tx, _deps: Deps, { before }: { readonly before: Temporal.Instant }): Promise<number> =>
    (await openNationalInquiries(tx, before)).length,
});

/**
 * Ends what was forwarded and never answered because the process died in between: its record of provision says so. Nothing
 * was given, because nobody was there to take it.
 */
export const endInterruptedInquiries = act('prefectural-juki.end-interrupted-inquiries', {
  right: ['prefectural-juki', 'interrupted-inquiry', 'update'],
  async run(
    tx,
    deps: Deps,
    { before }: { readonly before: Temporal.Instant },
  ): Promise<Result<{ ended: number }, never>> {
    const open = await openNationalInquiries(tx, before);
    for (const inquiry of open) await endInterrupted({ tx, deps }, inquiry);
    tx.record({
      event: 'inquiry.interrupted-ended',
      facts: open.length === 0 ? [] : ['prefectural_juki.national_answer', 'prefectural_juki.provision_record'],
      detail: { count: open.length },
    });
    return ok({ ended: open.length });
  },
});

async function endInterrupted(
  { tx, deps }: { readonly tx: Parameters<typeof taskById>[0]; readonly deps: Deps },
  { inquiryId, asker, taskId, keyKind }: OpenNationalInquiry,
): Promise<void> {
  const at = deps.machineClock.now();
  const row = await taskById(tx, taskId);
  const task = row && taskOf(row);
  const none = { requestDigest: null, requestBytes: 0, answerDigest: null, answerBytes: 0 };
  await insertNationalAnswer(tx, { inquiryId, asker, ...none, result: 'interrupted' }, at);
  const entry: ProvisionEntry = {
    provisionId: deps.newId(),
    personId: null,
    taskId,
    inquiryId,
    useEntryId: null,
    keyDigest: null,
    hitCount: null,
    asker,
    operatorId: '',
    terminalId: null,
    recipient: task?.recipient.name ?? asker,
    ground: task === undefined ? '' : groundOf(task),
    document: '',
    method: 'network',
    keyKind,
    source: 'national',
    items: [],
    withheld: [],
    refusal: 'interrupted',
  };
  await insertProvision(tx, { entry, at });
}
