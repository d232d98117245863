import type { InquiryRefusal, InquiryStatement, Permit } from '@musubi/contracts/exchange/messages.ts';
import { commitmentOf, messageTypes, type Signed, signMessage } from '@musubi/contracts/exchange/signed.ts';
import { sealGcm } from '@musubi/kernel/crypto/aead.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { listOn } from '../store/lists.ts';
import { insertPermitted, insertRefusal } from '../store/records.ts';
import { isUnderMaintenance } from '../store/windows.ts';
import { type Examined, examineList, type Inquiry, stillStands } from './examine.ts';

/** Minutes within which a permit must be accepted (design §4.3). */
const acceptMinutes = 5;

export interface Turned {
  readonly linkageCode: string;
  readonly pseudonym: string;
}

export type Decision =
  | { readonly permitted: false; readonly refusal: InquiryRefusal }
  | {
      readonly permitted: true;
      readonly statement: InquiryStatement;
      readonly provider: string;
      readonly permit: string;
      readonly permitNumber: string;
      /** For the provider alone, beside the permit. */
      readonly linkageCode: string;
      readonly nonce: string;
    };

interface Command extends Inquiry {
  /** What `examineStatement` found. */
  readonly examined: Examined;
  /** What the root process answered; absent where a refusal was found before it was asked. */
  readonly turned?: Turned | { readonly refusal: InquiryRefusal };
}

/**
 * 照会許可: a permit for exactly this statement, or a recorded refusal. List, windows, chain and freshness are examined here, in
 * the transaction that signs. A refusal is an outcome with a record of its own, so it commits.
 */
export const issuePermit = act('inquiry.issue-permit', {
  right: ['information-providing-network', 'inquiry', 'update'],
  shares: () => true,
  async run(tx, deps: Deps, command: Command, actor): Promise<Result<Decision, never>> {
    const at = deps.machineClock.now();
    const peer = peerOf(actor);
    const refuse = async (refusal: InquiryRefusal, statement?: InquiryStatement): Promise<Result<Decision, never>> => {
      await insertRefusal(tx, { refusalId: deps.newId(), peer, refusal, statement, at });
      tx.record({
        event: 'inquiry.refused',
        facts: ['information_providing_network.refusal'],
        detail: { refusal, ...(statement ? { inquiryNumber: statement.inquiryNumber } : {}) },
        ...(statement ? { items: statement.items, recipient: statement.asker } : {}),
      });
      return ok({ permitted: false, refusal });
    };

    // The signature was checked when the statement came; who may still speak is asked of this moment.
    const signed = command.examined.ok ? stillStands(deps, command.examined.value, at) : command.examined;
    if (!signed.ok) return refuse(signed.error);
    const { payload: statement } = signed.value;
    const [list, closed] = await Promise.all([
      listOn(tx, deps.civilClock.today(), deps.lists),
      isUnderMaintenance(tx, statement.provider, at),
    ]);
    if (list === undefined) return refuse('not-on-list', statement);
    if (enforced('exchange.list-row') && (statement.listVersion ?? list.version) !== list.version)
      return refuse('list-stale', statement);
    const listed = examineList(deps, statement, list.rows);
    if (!listed.ok) return refuse(listed.error, statement);
    if (closed) return refuse('under-maintenance', statement);
    if (command.turned === undefined) return refuse('provider-unavailable', statement);
    if ('refusal' in command.turned) return refuse(command.turned.refusal, statement);

    const nonce = Buffer.from(deps.random.bytes(32)).toString('base64url');
    const permit = permitFor(
      deps,
      signed.value,
      { version: list.version, row: listed.value.row.row },
      at,
      nonce,
      command.turned,
    );
    const signedPermit = signMessage(deps.identity, messageTypes.permit, permit);
    const fresh = await insertPermitted(tx, {
      statement,
      signedStatement: command.statement,
      peer,
      permit,
      signedPermit,
      ground: listed.value.row.ground,
      sealedPseudonym: sealGcm(
        deps.recordKey,
        Buffer.from(command.turned.pseudonym),
        Buffer.from(statement.inquiryNumber),
      ),
    });
    if (!fresh) return refuse('inquiry-number-used', statement);
    tx.record({
      event: 'inquiry.permitted',
      ground: listed.value.row.ground,
      items: statement.items,
      recipient: statement.asker,
      facts: ['information_providing_network.inquiry'],
      detail: {
        inquiryNumber: statement.inquiryNumber,
        permitNumber: permit.permitNumber,
        provider: statement.provider,
        procedure: statement.procedure,
        informationCode: statement.informationCode,
        listRow: permit.listRow,
      },
    });
    const { linkageCode } = command.turned;
    const provider = listed.value.provider.ims;
    return ok({
      permitted: true,
      statement,
      provider,
      permit: signedPermit,
      permitNumber: permit.permitNumber,
      linkageCode,
      nonce,
    });
  },
});

/** Who is at the other end of the line. */
export const peerOf = (actor: Actor): string => (actor.kind === 'system' ? partyId(actor) : '-');

function permitFor(
  deps: Deps,
  { payload, digest }: Signed<InquiryStatement>,
  list: { readonly version: string; readonly row: string },
  at: Temporal.Instant,
  nonce: string,
  turned: Turned,
): Permit {
  return {
    v: 1,
    permitNumber: deps.newId(),
    inquiryNumber: payload.inquiryNumber,
    statement: digest,
    provider: payload.provider,
    subjectCommitment: commitmentOf(nonce, turned.linkageCode),
    listVersion: list.version,
    listRow: list.row,
    issuedAt: at.toString(),
    acceptUntil: at.add({ minutes: acceptMinutes }).toString(),
  };
}
