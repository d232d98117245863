import { permittingRow } from '@musubi/contracts/exchange/list.ts';
import {
  type InquiryRefusal,
  type InquiryStatement,
  inquiryStatement,
  type PermissionRow,
} from '@musubi/contracts/exchange/messages.ts';
import { messageTypes, opens, readSigned, type Signed } from '@musubi/contracts/exchange/signed.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Body, Deps } from '../deps.ts';

export interface Inquiry {
  readonly statement: string;
  readonly linkageCode: string;
  readonly nonce: string;
}

export type Examined = Result<Signed<InquiryStatement>, InquiryRefusal>;

/** Minutes within which a statement must reach us, and seconds by which its clock may be ahead of ours. */
const freshMinutes = 5;
const aheadSeconds = 60;

/** Who signed S, whether it is fresh and about the code that came with it. */
export function examineStatement(
  deps: Deps,
  actor: Actor,
  { statement, linkageCode, nonce }: Inquiry,
  at: Temporal.Instant,
): Examined {
  const signed = readSigned(statement, messageTypes.inquiry, inquiryStatement, deps.trust, at);
  if (!signed.ok) return signed;
  const { payload, signer } = signed.value;
  const ownServer = deps.bodies.get(payload.asker)?.ims === partyId(signer);
  const broughtByItself = actor.kind === 'system' && partyId(actor) === partyId(signer);
  if (!ownServer || !broughtByItself) return err('bad-signature');
  if (!isFresh(payload, at)) return err('statement-too-old');
  if (!opens(payload.subjectCommitment, nonce, linkageCode)) return err('commitment-mismatch');
  return signed;
}

function isFresh({ at: said }: InquiryStatement, at: Temporal.Instant): boolean {
  const saidAt = Temporal.Instant.from(said);
  return (
    Temporal.Instant.compare(saidAt.add({ minutes: freshMinutes }), at) >= 0 &&
    Temporal.Instant.compare(saidAt, at.add({ seconds: aheadSeconds })) <= 0
  );
}

/** What moves between the arrival of a statement and its permit: the signer's certificate, and the time. */
export function stillStands(
  { trust }: Pick<Deps, 'trust'>,
  signed: Signed<InquiryStatement>,
  at: Temporal.Instant,
): Examined {
  if (!trust.verifyChain(signed.chain, 'signing', at).ok) return err('bad-signature');
  return isFresh(signed.payload, at) ? ok(signed) : err('statement-too-old');
}

/** The provider and the row of the list that lets this asker have these items from it. */
export function examineList(
  deps: Deps,
  statement: InquiryStatement,
  rows: readonly PermissionRow[],
): Result<{ readonly provider: Body; readonly row: PermissionRow }, InquiryRefusal> {
  const asker = deps.bodies.get(statement.asker);
  const provider = deps.bodies.get(statement.provider);
  if (asker === undefined || provider === undefined) return err('provider-unknown');
  const row = permittingRow(rows, {
    ...statement,
    askerKind: asker.kind,
    providerKind: provider.kind,
    on: deps.civilClock.today(),
  });
  if (enforced('exchange.list-row')) {
    if (statement.asker === statement.provider) return err('not-on-list');
    return row.ok ? ok({ provider, row: row.value }) : row;
  }
  return ok({ provider, row: row.ok ? row.value : rows[0]! });
}
