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

/** Minutes within which a statement must reach us, and seconds by which its clock may be ahead of ours. */
const freshMinutes = 5;
const aheadSeconds = 60;

/** Who signed S, whether it is fresh and about the code that came with it. */
export function examineStatement(
  deps: Deps,
  actor: Actor,
  { statement, linkageCode, nonce }: Inquiry,
  at: Temporal.Instant,
): Result<Signed<InquiryStatement>, InquiryRefusal> {
  const signed = readSigned(statement, messageTypes.inquiry, inquiryStatement, deps.trust, at);
  if (!signed.ok) return signed;
  const { payload, signer } = signed.value;
  const ownServer = deps.bodies.get(payload.asker)?.ims === partyId(signer);
  const broughtByItself = actor.kind === 'system' && partyId(actor) === partyId(signer);
  if (!ownServer || !broughtByItself) return err('bad-signature');
  const said = Temporal.Instant.from(payload.at);
  if (
    Temporal.Instant.compare(said.add({ minutes: freshMinutes }), at) < 0 ||
    Temporal.Instant.compare(said, at.add({ seconds: aheadSeconds })) > 0
  )
    return err('statement-too-old');
  if (!opens(payload.subjectCommitment, nonce, linkageCode)) return err('commitment-mismatch');
  return signed;
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
