import { messageTypes, readSigned, sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import type { NoticesAnswer, PersonNotice } from '@musubi/contracts/portal/notices.ts';
import type { InformationAnswer, OwnInformation } from '@musubi/contracts/portal/own-information.ts';
import { type PersonAnswer, personOrder, personRequest } from '@musubi/contracts/portal/records.ts';
import { proveEvent } from '@musubi/kernel/audit/event-proof.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { importP256 } from '@musubi/kernel/crypto/p256.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { personBehind } from '../store/linkages.ts';
import { recordsOfPerson, type StoredRecord } from '../store/records.ts';
import { instantOf } from './answer-inquiry.ts';
import { ownInformation } from './own-information.ts';
import { deliverNotices } from './person-notices.ts';

type Refusal = 'bad-signature' | 'order-not-for-you' | 'order-expired' | 'no-such-person';

type Request = z.infer<typeof personRequest>;
type Found = { readonly request: Request } & (
  | { readonly kind: 'records'; readonly records: readonly StoredRecord[] }
  | { readonly kind: 'information'; readonly information: OwnInformation[] }
  | { readonly kind: 'notices'; readonly notices: PersonNotice[] }
);
interface Given {
  readonly request: string;
  readonly order: string;
}

/** The portal's request under the network's order: whose it is, verified here and by nobody's word. */
async function readOrder(
  tx: Tx,
  deps: Deps,
  given: Given,
): Promise<Result<{ readonly request: Request; readonly person: string }, Refusal>> {
  const at = deps.machineClock.now();
  const request = readSigned(given.request, messageTypes.personRequest, personRequest, deps.trust, at);
  const order = readSigned(given.order, messageTypes.personOrder, personOrder, deps.trust, at);
  if (!request.ok || partyId(request.value.signer) !== deps.portal) return err('bad-signature');
  if (!order.ok || partyId(order.value.signer) !== deps.network) return err('bad-signature');
  const { payload } = order.value;
  if (payload.organisation !== deps.self || payload.request !== request.value.digest) return err('order-not-for-you');
  if (Temporal.Instant.compare(at, payload.until) > 0) return err('order-expired');
  const person = await personBehind(tx, payload.linkageCode);
  return person === undefined ? err('no-such-person') : ok({ request: request.value.payload, person });
}

const findForPerson = act('person.find-own', {
  right: ['intermediate-server', 'person-request', 'read'],
  async run(tx, deps: Deps, given: Given): Promise<Result<Found, Refusal>> {
    const read = await readOrder(tx, deps, given);
    if (!read.ok) return read;
    const { request, person } = read.value;
    const { kind, from, until, requestId } = request;
    const told = (event: string, count: number, more: { items?: readonly string[]; facts?: readonly string[] } = {}) =>
      tx.record({
        event,
        subject: person,
        recipient: deps.portal,
        ground: '番号利用法 附則第6条第3項',
        ...more,
        detail: { requestId, count },
      });
    switch (kind) {
      case 'records': {
        const all = await recordsOfPerson(tx, person, from, until);
        const records = enforced('exchange.withheld') ? all.filter((record) => !record.withheldFromPerson) : all;
        told('person.own-records-told', records.length);
        return ok({ request, kind, records });
      }
      case 'information': {
        const information = await ownInformation(tx, deps, person, { from, until });
        const items = [...new Set(information.map(({ informationCode }) => informationCode))];
        told('person.own-information-told', information.length, items.length > 0 ? { items } : {});
        return ok({ request, kind, information });
      }
      case 'notices': {
        const { notices, facts } = await deliverNotices(tx, deps, { person, requestId, opened: request.opened ?? [] });
        told('person.notices-told', notices.length, facts.length > 0 ? { facts } : {});
        return ok({ request, kind, notices });
      }
    }
  },
});

/**
 * What the person asks at the portal (design §4.4), sealed to the portal's key of this request: records of inquiry and provision with
 * the proof that each stands in our log, own information, notices. The proof does not open the subject: our person number is nobody else's.
 */
export async function tellOwnRecords(
  deps: Deps,
  actor: Actor,
  given: { readonly request: string; readonly order: string },
): Promise<Result<{ answer: string }, Refusal | 'not-authorised'>> {
  const found = await findForPerson(deps, actor, given);
  if (!found.ok) return found;
  const { requestId, answerKey } = found.value.request;
  const key = importP256(answerKey);
  if (!key.ok) return err('bad-signature');
  const plaintext = Buffer.from(canonicalJson(await answerTo(deps, found.value)));
  const members = { req: requestId, org: deps.self };
  return ok({ answer: sealJwe({ recipient: key.value, typ: sealedTypes.personAnswer, plaintext, members }) });
}

async function answerTo(deps: Deps, found: Found): Promise<PersonAnswer | InformationAnswer | NoticesAnswer> {
  const head = { v: 1 as const, requestId: found.request.requestId, organisation: deps.self };
  if (found.kind === 'information') return { ...head, information: found.information };
  if (found.kind === 'notices') return { ...head, notices: found.notices };
  const told: PersonAnswer = { ...head, records: [] };
  for (const record of found.records) {
    const proof = await proveEvent(deps.db, record.eventId);
    told.records.push({
      inquiryNumber: record.inquiryNumber!,
      toldBy: deps.self,
      role: record.role,
      asker: record.asker,
      provider: record.provider,
      procedure: record.procedure,
      informationCode: record.informationCode,
      items: [...record.items],
      ground: record.ground,
      result: record.result ?? record.refusal ?? '',
      at: instantOf(record.at).toString(),
      proof: proof.ok ? JSON.stringify(proof.value) : '',
    });
  }
  return told;
}
