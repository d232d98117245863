import type { askAnotherBody } from '@musubi/contracts/exchange/endpoints.ts';
import type { InquiryRefusal, InquiryStatement } from '@musubi/contracts/exchange/messages.ts';
import { commitmentOf, messageTypes, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { sealGcm } from '@musubi/kernel/crypto/aead.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { exportP256, generateP256 } from '@musubi/kernel/crypto/p256.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { namesCase } from '../domain/asker.ts';
import { findByRequest, type InquiryState, type InsideAsker, insertInquiry, standingOf } from '../store/inquiries.ts';
import { codeOf } from '../store/linkages.ts';
import { ownListOn } from '../store/lists.ts';

export type Ask = RequestOf<typeof askAnotherBody>;
/** `listIsStale`: nobody could say for days which version of the list counts. */
export type Asking = Ask & { readonly listIsStale?: boolean };

export type Sent =
  | {
      readonly kind: 'new';
      readonly inquiryNumber: string;
      readonly statement: string;
      readonly linkageCode: string;
      readonly nonce: string;
    }
  | { readonly kind: 'without-case' }
  | {
      readonly kind: 'repeat';
      readonly inquiryNumber: string;
      readonly state: InquiryState;
    };

/**
 * 情報照会の起票: S with a fresh key, signed and kept before anything leaves. The request id of the business system names it:
 * a repeat finds the inquiry as it stands.
 */
export const sendInquiry = act('inquiry.send', {
  right: ['intermediate-server', 'ask', 'update'],
  // A case waits for no other: what two of one moment both want is told apart by a key, and who comes second goes alone.
  shares: () => true,
  subjectOf: ({ orgPersonNumber }: Asking) => orgPersonNumber,
  async run(
    tx,
    deps: Deps,
    { listIsStale = false, ...ask }: Asking,
    actor,
  ): Promise<Result<Sent, InquiryRefusal | 'not-your-business' | 'request-key-reused' | 'request-in-progress'>> {
    const requestDigest = fingerprint(ask);
    const [before, linkageCode, list] = await Promise.all([
      findByRequest(tx, ask.asker.system, ask.requestId),
      codeOf(tx, ask.orgPersonNumber),
      ownListOn(tx, deps.civilClock.today(), deps.lists),
    ]);
    if (before !== undefined) {
      if (!before.requestDigest.equals(requestDigest)) return err('request-key-reused');
      const { inquiryNumber } = before;
      tx.record({ event: 'inquiry.asked-again', subject: ask.orgPersonNumber, detail: { inquiryNumber } });
      return ok({
        kind: 'repeat',
        inquiryNumber,
        state: (await standingOf(tx, inquiryNumber))!.state,
      });
    }
    if (enforced('exchange.asker-right') && deps.askers.get(ask.procedure) !== ask.asker.system)
      return err('not-your-business');
    if (!namesCase(ask.asker.caseReference)) {
      // Not as a mere refusal: the event names who asked, so that the log's analyst sees it.
      tx.record({
        event: 'inquiry.without-case',
        subject: ask.orgPersonNumber,
        items: ask.items,
        recipient: ask.provider,
        detail: { procedure: ask.procedure, system: ask.asker.system, ...personOf(ask) },
      });
      return ok({ kind: 'without-case' });
    }
    if (enforced('exchange.own-list-check') && (listIsStale || list === undefined)) return err('list-stale');
    if (linkageCode === undefined) return err('no-linkage-code');

    const at = deps.machineClock.now();
    const inquiryNumber = deps.newId();
    const nonce = Buffer.from(deps.random.bytes(32)).toString('base64url');
    const pair = generateP256();
    const said: InquiryStatement = {
      v: 1,
      inquiryNumber,
      asker: deps.self,
      procedure: ask.procedure,
      informationCode: ask.informationCode,
      items: ask.items,
      condition: ask.condition,
      provider: ask.provider,
      ...(list === undefined ? {} : { listVersion: list.version }),
      answerKey: exportP256(pair.publicKey),
      subjectCommitment: commitmentOf(nonce, linkageCode),
      at: at.toString(),
    };
    const statement = signMessage(deps.identity, messageTypes.inquiry, said);
    const day = at.toZonedDateTimeISO('UTC').toPlainDate();
    const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    const isNew = await insertInquiry(tx, {
      ...ask,
      inquiryNumber,
      askingSystem: ask.asker.system,
      requestDigest,
      statement,
      said,
      at,
      key: { day, sealed: sealGcm(await deps.dayKeys.of(day), privateKey, Buffer.from(inquiryNumber)) },
    });
    // Two at once with the same request: the first is under way, and the sender comes again.
    if (!isNew) return err('request-in-progress');
    tx.record({
      event: 'inquiry.sent',
      subject: ask.orgPersonNumber,
      items: ask.items,
      recipient: ask.provider,
      facts: ['intermediate_server.inquiry'],
      detail: {
        inquiryNumber,
        procedure: ask.procedure,
        informationCode: ask.informationCode,
        system: ask.asker.system,
        ...personOf(ask),
        document: ask.asker.caseReference,
        caller: actor.kind === 'system' ? actor.system : actor.kind,
      },
    });
    return ok({ kind: 'new', inquiryNumber, statement, linkageCode, nonce });
  },
});

/** Who asked and where, for the log; nobody for scheduled work. */
export const personOf = ({
  asker: { staffId, terminalId },
}: {
  readonly asker: Pick<InsideAsker, 'staffId' | 'terminalId'>;
}): { readonly staffId?: string; readonly terminalId?: string } => ({
  ...(staffId === undefined ? {} : { staffId }),
  ...(terminalId === undefined ? {} : { terminalId }),
});
