import type { InquiryRequest } from '@musubi/contracts/fuhyo/inquiry.ts';
import type { SupplementItems } from '@musubi/contracts/fuhyo/notices.ts';
import { emigrantTaskFor } from '@musubi/contracts/fuhyo/tasks.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertProvisions } from '../store/provisions.ts';
import { givenItems } from './open-inquiry.ts';

interface Looked {
  readonly lookupId: string;
  readonly request: InquiryRequest;
  readonly result: 'identified' | 'not-identified' | 'unavailable';
  readonly method: 'network' | 'terminal';
}

/** 機構への照会の記録: that it was asked, and what went on to the asker; nothing of the answer. */
async function note(
  tx: Tx,
  deps: Deps,
  { lookupId, request, result, method }: Looked,
): Promise<Result<undefined, never>> {
  const at = deps.machineClock.now();
  const keyKind = 'residentRecordCode' in request.key ? 'code' : 'four-items';
  await tx`
    insert into fuhyo_link.national_lookup (lookup_id, task, document, key_kind, result, asked_at, event_id)
    values (${lookupId}, ${request.task}, ${request.document}, ${keyKind}, ${result}, ${at}, ${tx.eventId})`;
  const task = emigrantTaskFor(request.task, request.asker, deps.civilClock.today().toString());
  const ground = task?.ground ?? '';
  if (result === 'identified') {
    const { inquiryId, asker: recipient, requester } = request;
    const about = { provisionId: deps.newId(), supplementId: null, inquiryId, recipient, requester, ground, method };
    const given = { ...about, task: request.task, items: givenItems, withheld: [], refused: undefined };
    await insertProvisions(tx, [given], at);
  }
  tx.record({
    event: 'national-lookup.answered',
    facts: ['fuhyo_link.national_lookup', 'fuhyo_link.provision_record'],
    ground,
    recipient: deps.nationalFuhyo,
    detail: { lookupId, inquiryId: request.inquiryId, result },
  });
  return ok(undefined);
}
const noteForPeer = act('fuhyo-link.note-lookup', { right: ['fuhyo-link', 'inquiry', 'update'], run: note });
const noteForTerminal = act('fuhyo-link.note-terminal-lookup', {
  right: ['fuhyo-link', 'terminal-inquiry', 'update'],
  run: note,
});

/** Asks the national server for who is unknown here. Undefined: nobody, several, or out of reach. */
export async function lookUp(
  deps: Deps,
  actor: Actor,
  method: 'network' | 'terminal',
  request: InquiryRequest,
): Promise<SupplementItems | undefined> {
  const lookupId = deps.newId();
  const found = await deps.lookUpNational({ lookupId, task: request.task, key: request.key });
  const result = !found.ok ? 'unavailable' : found.value ? 'identified' : 'not-identified';
  const noted = await (method === 'network' ? noteForPeer : noteForTerminal)(deps, actor, {
    lookupId,
    request,
    result,
    method,
  });
  return noted.ok && found.ok ? found.value : undefined;
}
