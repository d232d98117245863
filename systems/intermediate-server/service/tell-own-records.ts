import { messageTypes, readSigned, sealedTypes } from '@musubi/contracts/exchange/signed.ts';
import { type PersonAnswer, personOrder, personRequest } from '@musubi/contracts/portal/records.ts';
import { proveEvent } from '@musubi/kernel/audit/event-proof.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { importP256 } from '@musubi/kernel/crypto/p256.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { personBehind } from '../store/linkages.ts';
import { recordsOfPerson, type StoredRecord } from '../store/records.ts';
import { instantOf } from './answer-inquiry.ts';

type Refusal = 'bad-signature' | 'order-not-for-you' | 'order-expired' | 'no-such-person';

interface Found {
  readonly request: z.infer<typeof personRequest>;
  readonly records: readonly StoredRecord[];
}

const findOwnRecords = act('person.find-own-records', {
  right: ['intermediate-server', 'person-request', 'read'],
  async run(tx, deps: Deps, given: { request: string; order: string }): Promise<Result<Found, Refusal>> {
    const at = deps.machineClock.now();
    const request = readSigned(given.request, messageTypes.personRequest, personRequest, deps.trust, at);
    const order = readSigned(given.order, messageTypes.personOrder, personOrder, deps.trust, at);
    if (!request.ok || partyId(request.value.signer) !== deps.portal) return err('bad-signature');
    if (!order.ok || partyId(order.value.signer) !== deps.network) return err('bad-signature');
    const { payload } = order.value;
    if (payload.organisation !== deps.self || payload.request !== request.value.digest) return err('order-not-for-you');
    if (Temporal.Instant.compare(at, payload.until) > 0) return err('order-expired');
    const person = await personBehind(tx, payload.linkageCode);
    if (person === undefined) return err('no-such-person');
    const { from, until, requestId } = request.value.payload;
    const all = await recordsOfPerson(tx, person, from, until);
    const records = enforced('exchange.withheld') ? all.filter((record) => !record.withheldFromPerson) : all;
    tx.record({
      event: 'person.own-records-told',
      subject: person,
      recipient: deps.portal,
      ground: '番号利用法 附則第6条第3項',
      detail: { requestId, records: records.length },
    });
    return ok({ request: request.value.payload, records });
  },
});

/**
 * 情報提供等記録の開示 (design §4.4): the person's records with the proof that each stands in our log, sealed to the portal's key of
 * this request. The proof does not open the subject: our person number is nobody else's.
 */
export async function tellOwnRecords(
  deps: Deps,
  actor: Actor,
  given: { readonly request: string; readonly order: string },
): Promise<Result<{ answer: string }, Refusal | 'not-authorised'>> {
  const found = await findOwnRecords(deps, actor, given);
  if (!found.ok) return found;
  const { request, records } = found.value;
  const key = importP256(request.answerKey);
  if (!key.ok) return err('bad-signature');
  const told: PersonAnswer = { v: 1, requestId: request.requestId, organisation: deps.self, records: [] };
  for (const record of records) {
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
  const answer = sealJwe({
    recipient: key.value,
    typ: sealedTypes.personAnswer,
    plaintext: Buffer.from(canonicalJson(told)),
    members: { req: request.requestId, org: deps.self },
  });
  return ok({ answer });
}
