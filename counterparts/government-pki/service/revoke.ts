import { decideApproval, requestApproval, useApproval } from '@musubi/kernel/access/approvals/approvals.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { pkiParty } from '@musubi/kernel/pki/contract.ts';
import { issueCrl } from '@musubi/kernel/pki/issue.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { standingOf } from '../store/certificates.ts';
import { certificateBy, insertList, insertRevocations, lockLists, newestList, revocations } from '../store/register.ts';
import {
  insertRevocationRequest,
  isAwaitingDecision,
  type RevocationReason,
  type RevocationRequest,
  revocationRequests,
} from '../store/revocation-requests.ts';
import type { Deps } from './deps.ts';

const approvalKind = 'government-pki.revocation';
const payloadOf = ({ requestId, serials, reason }: Pick<RevocationRequest, 'requestId' | 'serials' | 'reason'>) => ({
  requestId,
  serials: [...serials],
  reason,
});

/**
 * 失効の申請: one person names a certificate, or all that stand of its holder (a key that is lost is seldom alone), with reason and
 * explanation. Nothing is revoked by it.
 */
export const requestRevocation = act('government-pki.request-revocation', {
  right: ['government-pki', 'revocation-request', 'update'],
  async run(
    tx,
    deps: Deps,
    command: {
      readonly fingerprint: string;
      readonly scope: 'certificate' | 'holder';
      readonly reason: RevocationReason;
      readonly explanation: string;
    },
    actor,
  ): Promise<
    Result<
      { requestId: string },
      'not-staff' | 'no-such-certificate' | 'already-revoked' | 'already-requested' | 'own-certificate'
    >
  > {
    if (actor.kind !== 'staff') return err('not-staff');
    await lockLists(tx);
    const at = deps.machineClock.now();
    const found = await certificateBy(tx, command.fingerprint);
    if (found === undefined) return err('no-such-certificate');
    // Whoever revoked it here could no longer be told so: that is a matter of a new ceremony.
    if (partyId(found) === partyId(pkiParty)) return err('own-certificate');
    if (found.revokedAt !== null) return err('already-revoked');
    const { organisation, system } = found;
    const serials =
      command.scope === 'certificate' ? [found.serial] : (await standingOf(tx, found, at)).map(({ serial }) => serial);
    if (serials.length === 0) return err('no-such-certificate');
    if (await isAwaitingDecision(tx, serials, at)) return err('already-requested');
    const { reason, explanation } = command;
    const requestId = deps.newId();
    const approvalId = await requestApproval(tx, deps, {
      kind: approvalKind,
      subject: requestId,
      payload: payloadOf({ requestId, serials, reason }),
      by: actor.staffId,
    });
    await insertRevocationRequest(
      tx,
      { requestId, organisation, system, serials, reason, explanation, approvalId },
      at,
    );
    tx.record({
      event: 'revocation.requested',
      facts: ['government_pki.revocation_request', 'approvals.request'],
      detail: { requestId, organisation, system, certificates: serials.length, reason },
    });
    return ok({ requestId });
  },
});

/**
 * 失効の決定, by another person. Revokes and publishes the list that says so in one transaction: there is no revocation that the newest
 * list does not name.
 */
export const decideRevocation = act('government-pki.decide-revocation', {
  right: ['government-pki', 'revocation-approval', 'update'],
  async run(
    tx,
    deps: Deps,
    { requestId, approve }: { readonly requestId: string; readonly approve: boolean },
    actor,
  ): Promise<Result<{ crlNumber: number | null }, 'not-staff' | 'not-found' | 'approval-refused'>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const by = actor.staffId;
    await lockLists(tx);
    const [request] = await revocationRequests(tx, { requestId, limit: 1 });
    if (request === undefined) return err('not-found');
    const { approvalId, serials, reason, organisation, system } = request;
    const decision = approve ? 'approved' : 'rejected';
    if (!(await decideApproval(tx, deps, { approvalId, decision, by })).ok) return err('approval-refused');
    const detail = { requestId, organisation, system, certificates: serials.length, reason };
    if (!approve) {
      tx.record({ event: 'revocation.rejected', facts: ['approvals.decision'], detail });
      return ok({ crlNumber: null });
    }
    const payload = payloadOf(request);
    if (!(await useApproval(tx, deps, { approvalId, kind: approvalKind, payload, by })).ok)
      return err('approval-refused');
    await insertRevocations(tx, serials, reason, deps.machineClock.now().round('second'));
    const crlNumber = await makeList(tx, deps);
    tx.record({
      event: 'certificate.revoked',
      facts: [
        'government_pki.revocation',
        'government_pki.revocation_list',
        'approvals.decision',
        'approvals.execution',
      ],
      detail: { ...detail, crlNumber },
    });
    return ok({ crlNumber });
  },
});

/** A fresh list with nothing new in it, before the last one grows stale. */
export const publishList = act('government-pki.publish-list', {
  right: ['government-pki', 'revocation-list', 'update'],
  async run(tx, deps: Deps): Promise<Result<{ crlNumber: number }, never>> {
    await lockLists(tx);
    const crlNumber = await makeList(tx, deps);
    tx.record({ event: 'revocation-list.published', facts: ['government_pki.revocation_list'], detail: { crlNumber } });
    return ok({ crlNumber });
  },
});

async function makeList(tx: Tx, { issuing, machineClock, terms }: Deps): Promise<number> {
  // Number 1 was made at the ceremony, before there was a register.
  const number = ((await newestList(tx))?.number ?? 1) + 1;
  const thisUpdate = machineClock.now().round('second');
  const nextUpdate = thisUpdate.add({ hours: terms.listHours });
  const der = await issueCrl(issuing, { number, thisUpdate, nextUpdate, revoked: await revocations(tx) });
  await insertList(tx, { number, der, issuerDer: issuing.certificate }, thisUpdate, nextUpdate);
  return number;
}
