import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { json, type Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/**
 * A form that comes twice (double click, back button, two windows) does its work once and answers as before. The key was drawn
 * when the form was shown. Without a key (another program of ours) the work is done each time.
 *
 * @param about what was posted, without any Individual Number: only its digest is kept
 * @param answer plain data, never personal: it is stored
 */
export async function once<V extends object, E extends string>(
  tx: Tx,
  deps: Deps,
  requestKey: string | undefined,
  about: unknown,
  run: () => Promise<Result<V, E>>,
): Promise<Result<V, E | 'form-reused'>> {
  if (requestKey === undefined) return run();
  await tx`select pg_advisory_xact_lock(hashtextextended('resident-form:' || ${requestKey}::text, 0))`;
  const digest = fingerprint(about);
  const [known] = await tx<{ digest: Buffer; answer: V }>`
    select digest, answer from resident_register.form_request where request_key = ${requestKey}`;
  if (known) {
    if (!known.digest.equals(digest)) return err('form-reused');
    tx.record({ event: 'form.repeated', detail: { requestKey } });
    return ok(known.answer);
  }
  const done = await run();
  if (done.ok)
    await tx`insert into resident_register.form_request (request_key, digest, answer, done_at, event_id)
      values (${requestKey}, ${digest}, ${json(done.value)}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return done;
}
