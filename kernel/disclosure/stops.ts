import type { Tx } from '../db/sql.ts';

/** Call inside the act that decides. */
export async function insertStop(
  tx: Tx,
  stop: { readonly requestId: string; readonly personId: string; readonly words: readonly string[] },
  on: Temporal.PlainDate,
): Promise<void> {
  await tx`
    insert into disclosure.use_stop (request_id, word, person_id, from_on, event_id)
    select ${stop.requestId}::uuid, word, ${stop.personId}, ${on}::date, ${tx.eventId}::uuid from unnest(${stop.words}::text[]) as w(word)`;
}

export async function endStop(tx: Tx, requestId: string, on: Temporal.PlainDate): Promise<void> {
  await tx`
    insert into disclosure.use_stop_end (request_id, ended_on, event_id) values (${requestId}, ${on}, ${tx.eventId})`;
}

/** Everybody about whom one of these words is in force. */
export async function personsStopped(tx: Tx, words: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ personId: string }>`
    select distinct person_id as "personId" from disclosure.use_stop_now where word = any(${words}::text[])`;
  return new Set(rows.map((r) => r.personId));
}

/** Words in force about a person, of all their requests. A query of many joins `disclosure.use_stop_now` itself. */
export async function stopsOf(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx<{ word: string }>`select word from disclosure.use_stop_now where person_id = ${personId}`;
  return rows.map((r) => r.word);
}
