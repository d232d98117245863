import { transferInside, wardTaxInformation } from '@musubi/contracts/platform/transfers.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { columnsToday, type Deps } from '../deps.ts';
import { type Answer, insertAnswer, insertQuestion, questions, type Subject, subjects } from '../store/subjects.ts';

export interface AskTax {
  /** UUID of the form: a doubled click asks once. */
  readonly requestId: string;
  readonly subjectId: string;
  /** Empty: all that the list gives the section. */
  readonly items: readonly string[];
}

type BeginRefusal = 'not-staff' | 'no-such-subject' | 'not-on-the-list' | 'nothing-to-ask' | 'request-id-used';

/** Who asks what about whom, from which terminal: on record before anything leaves, and only about a person of the list. */
const beginQuestion = act('ward-sections.begin-question', {
  right: ['ward-sections', 'question', 'update'],
  async run(
    tx,
    deps: Deps,
    command: AskTax,
    actor,
  ): Promise<Result<{ subject: Subject; items: readonly string[]; terminal: string | undefined }, BeginRefusal>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const [subject] = (await subjects(tx, { subjectId: command.subjectId, offset: 0, limit: 1 })).rows;
    if (!subject) return err('no-such-subject');
    if (subject.endedOn !== null) return err('not-on-the-list');
    const items = command.items.length > 0 ? command.items : columnsToday(deps);
    if (items.length === 0) return err('nothing-to-ask');
    const [before] = await questions(tx, { requestId: command.requestId });
    if (before && (before.subjectId !== subject.subjectId || before.items.join('\n') !== items.join('\n')))
      return err('request-id-used');
    const made = await insertQuestion(tx, {
      requestId: command.requestId,
      subjectId: subject.subjectId,
      task: deps.task,
      items,
      askedBy: actor.staffId,
      terminal: actor.terminalId ?? null,
      on: deps.civilClock.today(),
      at: deps.machineClock.now(),
    });
    tx.record({
      event: 'question.asked',
      subject: subject.subjectId,
      items: [wardTaxInformation, ...items],
      recipient: deps.commonPlatform,
      ...(made ? { facts: ['ward_sections.question'] } : {}),
      detail: { request: command.requestId, task: deps.task },
    });
    return ok({ subject, items, terminal: actor.terminalId });
  },
});

const noteAnswer = act('ward-sections.note-answer', {
  right: ['ward-sections', 'question', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, subjectId, answer }: { requestId: string; subjectId: string; answer: Answer },
  ): Promise<Result<Answer, never>> {
    const made = await insertAnswer(tx, { requestId, ...answer, at: deps.machineClock.now() });
    tx.record({
      event: answer.state === 'refused' ? 'question.refused' : 'question.answered',
      subject: subjectId,
      ...(answer.ground === null ? {} : { ground: answer.ground }),
      ...(made ? { facts: ['ward_sections.answer'] } : {}),
      detail: { request: requestId, state: answer.state, ...(answer.word === null ? {} : { word: answer.word }) },
    });
    return ok(answer);
  },
});

export type AskRefusal = BeginRefusal | 'not-authorised' | 'platform-unavailable';

/** Words that will not change by asking again with the same request. */
const final = new Set([
  'no-rule-row',
  'item-not-on-row',
  'row-not-settled',
  'paper-only',
  'unknown-person',
  'source-refused',
  'not-your-business',
]);

/**
 * 税情報の照会 inside the ward: of one person of the list, the columns of the section's row. What the platform refuses is noted with its
 * word; without an answer the same request may be made again.
 * @law 目黒区個人番号の利用に関する条例 第3条第2項; @source requirements 002 AC-22
 */
export async function askTax(deps: Deps, actor: Actor, command: AskTax): Promise<Result<Answer, AskRefusal>> {
  const begun = await beginQuestion(deps, actor, command);
  if (!begun.ok) return begun;
  const { subject, items, terminal } = begun.value;
  const asked = await deps.peers.call(
    transferInside,
    deps.commonPlatform,
    {},
    {
      requestId: command.requestId,
      asker: {
        system: 'ward-sections',
        ...(actor.kind === 'staff' ? { staffId: actor.staffId } : {}),
        ...(terminal === undefined ? {} : { terminalId: terminal }),
        caseReference: subject.reference,
      },
      source: deps.source,
      task: deps.task,
      information: wardTaxInformation,
      items: [...items],
      rows: [{ rowId: subject.reference, orgPersonNumber: subject.orgPersonNumber }],
    },
    { timeoutMs: 45_000 },
  );
  const note = (answer: Answer) =>
    noteAnswer(deps, actor, { requestId: command.requestId, subjectId: subject.subjectId, answer });
  if (!asked.ok)
    return final.has(asked.error)
      ? note({ state: 'refused', word: asked.error, ground: null, items: {} })
      : err('platform-unavailable');
  const [row] = asked.value.rows;
  const { ground } = asked.value;
  if (!row) return err('platform-unavailable');
  return note(
    row.result === '10'
      ? { state: 'nothing-held', word: null, ground, items: {} }
      : { state: 'answered', word: null, ground, items: row.items },
  );
}
