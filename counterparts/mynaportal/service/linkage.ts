import {
  obtainProcessingNumber,
  processingNumber as processingNumberSchema,
} from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import type { CardAssertion } from '@musubi/contracts/portal/card.ts';
import { openSiv, sealSiv } from '@musubi/kernel/crypto/siv.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { askForLinkage } from '../clients/jpki.ts';
import type { Deps } from '../deps.ts';
import {
  accountOfCode,
  insertCard,
  insertDelivery,
  insertLinkageRequest,
  requestUnder,
  sealedCodeOf,
} from '../store/accounts.ts';

const use = Buffer.from('mynaportal linkage code 1');

/** The account's linkage code, opened for one request. Throws where the key is not the one that sealed it. */
export async function linkageCodeOf(tx: Tx, deps: Pick<Deps, 'keys'>, accountId: string): Promise<string | undefined> {
  const sealed = await sealedCodeOf(tx, accountId);
  if (sealed === undefined) return undefined;
  const opened = openSiv(deps.keys.linkage, sealed, use);
  if (!opened.ok) throw new Error('a linkage code does not open under this key');
  return opened.value.toString('utf8');
}

const beginLinkage = act('mynaportal.begin-linkage', {
  right: ['mynaportal', 'linkage', 'update'],
  async run(
    tx,
    _deps: Deps,
    command: { processingNumber: string; until: Temporal.Instant; fingerprint: string },
  ): Promise<Result<null, never>> {
    await insertLinkageRequest(tx, command);
    tx.record({
      event: 'linkage.asked',
      ground: '番号利用法第21条',
      facts: ['mynaportal.linkage_request'],
      recipient: 'jpki',
      detail: { processingNumber: command.processingNumber },
    });
    return ok(null);
  },
});

/**
 * The portal's own linkage code for the holder of a card that has no account yet (design §4.2): a processing number from the
 * network, the serial's person resolved behind jpki. The code arrives by `deliverLinkageCode` before this returns.
 */
export async function obtainLinkage(
  deps: Deps,
  actor: Actor,
  { assertion, fingerprint }: { readonly assertion: CardAssertion; readonly fingerprint: string },
): Promise<Result<null, 'no-such-person' | 'linkage-unavailable' | 'not-authorised'>> {
  const { host, informationProvidingNetwork } = deps;
  const requestId = deps.newId();
  const given = await host.peers.call(obtainProcessingNumber, informationProvidingNetwork, {}, { requestId });
  if (!given.ok) return err('linkage-unavailable');
  const { processingNumber } = given.value;
  const at = deps.machineClock.now();
  const signed = readSigned(processingNumber, messageTypes.processingNumber, processingNumberSchema, host.trust, at);
  if (!signed.ok || partyId(signed.value.signer) !== informationProvidingNetwork) return err('linkage-unavailable');
  const { number, organisation, system, until } = signed.value.payload;
  if (`${organisation}/${system}` !== partyId(host.identity)) return err('linkage-unavailable');

  const command = { processingNumber: number, until: Temporal.Instant.from(until), fingerprint };
  const begun = await beginLinkage(deps, actor, command);
  if (!begun.ok) return begun;
  return askForLinkage(host.peers, deps.jpki, { requestId, assertion, processingNumber });
}

/** The root process brings the code. The same again is the same; another person's under the same number is refused. */
export const takeLinkageCode = act('mynaportal.take-linkage-code', {
  right: ['mynaportal', 'linkage-delivery', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { processingNumber: string; linkageCode: string },
  ): Promise<Result<{ stored: true }, 'unknown-processing-number'>> {
    const request = await requestUnder(tx, command.processingNumber, deps.machineClock.now());
    if (request === undefined) return err('unknown-processing-number');
    const sealed = sealSiv(deps.keys.linkage, Buffer.from(command.linkageCode), use);
    const { accountId, isNew } = await accountOfCode(tx, sealed, deps.newId());
    const delivery = await insertDelivery(tx, command.processingNumber, accountId);
    if (delivery === 'other-person') return err('unknown-processing-number');
    const newCard = await insertCard(tx, request.fingerprint, accountId);
    tx.record({
      event: delivery === 'stored' ? 'linkage.received' : 'linkage.received-again',
      subject: accountId,
      ground: '番号利用法第21条',
      items: ['linkageCode'],
      facts: [
        ...(delivery === 'stored' ? ['mynaportal.linkage_delivery'] : []),
        ...(isNew ? ['mynaportal.account'] : []),
        ...(newCard ? ['mynaportal.card'] : []),
      ],
      detail: { processingNumber: command.processingNumber },
    });
    return ok({ stored: true });
  },
});
