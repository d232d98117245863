import { act } from '../db/act.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import { takenNow } from './cases.ts';
import { type DisclosureDeps, type DisclosureSetup, levels } from './setup.ts';
import { nextNumber } from './store.ts';

export const questionChannels = { counter: '窓口', telephone: '電話', post: '郵送', web: 'ウェブ' } as const;
export type QuestionChannel = keyof typeof questionChannels;
export const questionSteps = { handled: '対応', answered: '回答', incident: '事故として報告', closed: '完了' } as const;
export type QuestionStep = keyof typeof questionSteps;

export interface QuestionLine {
  readonly questionId: string;
  readonly number: string;
  readonly channel: QuestionChannel;
  readonly subject: string;
  readonly receivedOn: string;
  readonly owner: string;
  readonly steps: readonly {
    readonly kind: QuestionStep;
    readonly note: string;
    readonly takenOn: string;
    readonly takenBy: string;
  }[];
}

/** 問合せの記録: a question is owned by somebody, handled in steps that stay, and closed when it was answered. */
export function questionUseCases<D extends DisclosureDeps>(setup: DisclosureSetup<D>) {
  const handle = levels.handle(setup.system);
  const name = (word: string): string => `${setup.system}.question.${word}`;

  const open = act(name('open'), {
    right: handle,
    async run(
      tx,
      deps: D,
      command: { channel: QuestionChannel; subject: string },
      actor,
    ): Promise<Result<{ questionId: string; number: string }, 'incomplete'>> {
      if (command.subject.trim() === '') return err('incomplete');
      const taken = takenNow(deps, actor);
      const questionId = deps.newId();
      const number = await nextNumber(tx, `${setup.prefix}問`, taken.on);
      await tx`
        insert into disclosure.question (question_id, number, channel, subject, received_on, owner, received_at, event_id)
        values (${questionId}, ${number}, ${command.channel}, ${command.subject}, ${taken.on}, ${taken.by}, ${taken.at}, ${tx.eventId})`;
      tx.record({ event: 'question.opened', facts: ['disclosure.question'], detail: { number } });
      return ok({ questionId, number });
    },
  });

  const step = act(name('step'), {
    right: handle,
    async run(
      tx,
      deps: D,
      command: { questionId: string; kind: QuestionStep; note: string },
      actor,
    ): Promise<Result<undefined, 'no-such-question' | 'already-closed' | 'note-missing' | 'not-answered'>> {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`question ${command.questionId}`}, 0))`;
      const [found] = await tx<{ number: string; steps: string[] }>`
        select q.number, array(select s.kind from disclosure.question_step s where s.question_id = q.question_id) as steps
          from disclosure.question q where question_id = ${command.questionId}::uuid`;
      if (!found) return err('no-such-question');
      if (found.steps.includes('closed')) return err('already-closed');
      if (command.note.trim() === '') return err('note-missing');
      if (enforced('disclosure.contact-log') && command.kind === 'closed' && !found.steps.includes('answered'))
        return err('not-answered');
      const taken = takenNow(deps, actor);
      await tx`
        insert into disclosure.question_step (question_id, no, kind, note, taken_on, taken_by, taken_at, event_id)
        values (${command.questionId}, ${found.steps.length + 1}, ${command.kind}, ${command.note}, ${taken.on}, ${taken.by}, ${taken.at}, ${tx.eventId})`;
      tx.record({
        event: `question.${command.kind}`,
        facts: ['disclosure.question_step'],
        detail: { number: found.number },
      });
      return ok(undefined);
    },
  });

  const list = act(name('list'), {
    right: levels.see(setup.system),
    async run(
      tx,
      _deps: D,
      q: { open: boolean; offset: number; limit: number },
    ): Promise<Result<{ rows: QuestionLine[]; total: number }, never>> {
      const rows = await tx<QuestionLine & { total: number }>`
        select question_id as "questionId", number, channel, subject, received_on::text as "receivedOn", owner, count(*) over ()::int as total,
               coalesce((select jsonb_agg(jsonb_build_object('kind', s.kind, 'note', s.note, 'takenOn', s.taken_on, 'takenBy', s.taken_by) order by s.no)
                  from disclosure.question_step s where s.question_id = q.question_id), '[]') as steps
          from disclosure.question q
         where not ${q.open}::boolean or not exists (select 1 from disclosure.question_step s where s.question_id = q.question_id and s.kind = 'closed')
         order by number desc offset ${q.offset} limit ${q.limit}`;
      tx.record({ event: 'question.listed', detail: { count: rows.length } });
      return ok({ rows, total: rows[0]?.total ?? 0 });
    },
  });

  return { open, step, list };
}
