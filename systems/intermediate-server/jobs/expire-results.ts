import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/** Days for which a result is kept after it came; the record stays seven years. */
const resultDays = 30;

/** 照会結果・回答・鍵の期限到来による削除. Gives what was deleted. */
export const expireResults = act('retention.expire-results', {
  right: ['intermediate-server', 'retention', 'update'],
  async run(
    tx,
    deps: Deps,
    _command: null,
  ): Promise<Result<{ results: number; answers: number; openDays: string[] }, never>> {
    const before = deps.civilClock.today().subtract({ days: resultDays });
    const expired = enforced('exchange.answer-term')
      ? await tx<{ key: string }>`
          delete from intermediate_server.inquiry_result where answered_on < ${before}::date returning inquiry_number::text as key`
      : [];
    const keys = expired.map(({ key }) => key);
    if (keys.length > 0) {
      // A fact of its own for what the log must know: these rows are gone by retention, not by a hand.
      await tx`select audit.facts_erased('intermediate_server.inquiry_result', ${keys}::text[], ${tx.eventId}::uuid)`;
      await tx`
        insert into intermediate_server.inquiry_refused (inquiry_number, refusal, refused_at, event_id)
        select k::uuid, 'result-deleted', ${deps.machineClock.now()}::timestamptz, ${tx.eventId}::uuid
          from unnest(${keys}::text[]) as k on conflict do nothing`;
    }
    const answers = await tx`
      delete from intermediate_server.sealed_answer where until_at < ${deps.machineClock.now()} returning 1`;
    const open = await tx<{ day: string }>`select distinct key_day::text as day from intermediate_server.inquiry_key`;
    tx.record({
      event: 'retention.results-expired',
      facts: keys.length > 0 ? ['intermediate_server.inquiry_refused'] : [],
      detail: { results: keys.length, answers: answers.length },
    });
    return ok({ results: keys.length, answers: answers.length, openDays: open.map(({ day }) => day) });
  },
});

/** Runs the act, then destroys the wrapping keys of past days on which no inquiry is open any more. */
export async function runExpiry(deps: Deps): Promise<{ results: number; answers: number; keys: number }> {
  const done = await expireResults(deps, { kind: 'job', name: 'retention' }, null);
  if (!done.ok) throw new Error(`expiry was refused: ${done.error}`);
  const today = deps.machineClock.now().toZonedDateTimeISO('UTC').toPlainDate();
  let keys = 0;
  for (const day of await deps.dayKeys.days()) {
    if (Temporal.PlainDate.compare(day, today) >= 0 || done.value.openDays.includes(day.toString())) continue;
    await deps.dayKeys.destroy(day);
    keys += 1;
  }
  return { results: done.value.results, answers: done.value.answers, keys };
}
