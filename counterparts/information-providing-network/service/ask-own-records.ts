import { turnLinkageCode } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, readSigned, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { personRequest, tellOwnRecords } from '@musubi/contracts/portal/records.ts';
import { sha256Base64url } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

interface Command {
  readonly request: string;
  readonly linkageCode: string;
}
interface BodyAnswer {
  readonly organisation: string;
  readonly answer: string;
  readonly state: 'answered' | 'unavailable' | 'unknown';
}

/** Minutes within which a request of the portal must come, and within which a body takes our order. */
const minutes = 5;

const openRequest = act('person-request.open', {
  right: ['information-providing-network', 'person-request', 'update'],
  async run(tx, deps: Deps, { request }: Command, actor): Promise<Result<{ requestId: string }, 'bad-signature'>> {
    const at = deps.machineClock.now();
    const signed = readSigned(request, messageTypes.personRequest, personRequest, deps.trust, at);
    if (!signed.ok || partyId(signed.value.signer) !== deps.portal) return err('bad-signature');
    if (actor.kind !== 'system' || partyId(actor) !== deps.portal) return err('bad-signature');
    const { requestId, kind, at: said } = signed.value.payload;
    if (Math.abs(Temporal.Instant.from(said).until(at).total('minutes')) > minutes) return err('bad-signature');
    const inserted = await tx`
      insert into information_providing_network.person_request (request_id, kind, requested_at, event_id)
      values (${requestId}, ${kind}, ${at}, ${tx.eventId}) on conflict (request_id) do nothing returning 1`;
    // The same request brought twice is a replay: the portal makes a new one for each look.
    if (inserted.length === 0) return err('bad-signature');
    tx.record({
      event: 'person-request.opened',
      facts: ['information_providing_network.person_request'],
      detail: { requestId, kind },
    });
    return ok({ requestId });
  },
});

const noteAnswers = act('person-request.note-answers', {
  right: ['information-providing-network', 'person-request', 'update'],
  async run(
    tx,
    _deps: Deps,
    { requestId, answers }: { requestId: string; answers: readonly BodyAnswer[] },
  ): Promise<Result<null, never>> {
    for (const { organisation, state } of answers) {
      await tx`
        insert into information_providing_network.person_request_answer (request_id, organisation, state, event_id)
        values (${requestId}, ${organisation}, ${state}, ${tx.eventId})`;
    }
    tx.record({
      event: 'person-request.answered',
      facts: ['information_providing_network.person_request_answer'],
      detail: { requestId, answered: answers.filter(({ state }) => state === 'answered').length },
    });
    return ok(null);
  },
});

/** 情報提供等記録の開示請求 (design §4.4): the portal's code is turned for each body; the answers are sealed to the portal's key. */
export async function askOwnRecords(
  deps: Deps,
  actor: Actor,
  command: Command,
): Promise<Result<{ answers: BodyAnswer[] }, 'bad-signature' | 'not-your-linkage-code' | 'not-authorised'>> {
  const opened = await openRequest(deps, actor, command);
  if (!opened.ok) return opened;
  const { requestId } = opened.value;
  const from = deps.portal.split('/')[0]!;
  const answers = await Promise.all(
    [...deps.bodies].map(([organisation, { ims }]) =>
      askBody(deps, { ...command, requestId, from, organisation, ims }),
    ),
  );
  const all: BodyAnswer[] = [];
  for (const each of answers) {
    if (each === 'not-your-linkage-code') return err('not-your-linkage-code');
    all.push(each);
  }
  const noted = await noteAnswers(deps, actor, { requestId, answers: all });
  return noted.ok ? ok({ answers: all }) : noted;
}

async function askBody(
  deps: Deps,
  asked: Command & {
    readonly requestId: string;
    readonly from: string;
    readonly organisation: string;
    readonly ims: string;
  },
): Promise<BodyAnswer | 'not-your-linkage-code'> {
  const { organisation, request } = asked;
  const without = (state: 'unavailable' | 'unknown'): BodyAnswer => ({ organisation, answer: '', state });
  const turned = await deps.peers.call(
    turnLinkageCode,
    deps.root,
    {},
    { from: asked.from, to: organisation, linkageCode: asked.linkageCode, inquiryNumber: asked.requestId },
  );
  if (!turned.ok) return turned.error === 'not-your-linkage-code' ? turned.error : without('unavailable');
  const until = deps.machineClock.now().add({ minutes }).toString();
  const order = signMessage(deps.identity, messageTypes.personOrder, {
    v: 1,
    request: sha256Base64url(request),
    organisation,
    linkageCode: turned.value.linkageCode,
    until,
  });
  const told = await deps.peers.call(tellOwnRecords, asked.ims, {}, { request, order });
  if (told.ok) return { organisation, answer: told.value.answer, state: 'answered' };
  return without(told.error === 'no-such-person' ? 'unknown' : 'unavailable');
}
