import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import type { revokeEndpoint } from '@musubi/kernel/pki/contract.ts';
import { issueCrl } from '@musubi/kernel/pki/issue.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { insertList, insertRevocation, lockLists, newestList, revocations } from '../store/register.ts';
import type { Deps } from './deps.ts';

/** Revokes and publishes the list that says so, in one transaction: there is no revocation that the newest list does not name. */
export const revoke = act('government-pki.revoke', {
  right: ['government-pki', 'revocation', 'update'],
  async run(
    tx,
    deps: Deps,
    command: RequestOf<typeof revokeEndpoint>,
  ): Promise<Result<{ crlNumber: number }, 'no-such-certificate'>> {
    await lockLists(tx);
    const serial = await insertRevocation(
      tx,
      command.fingerprint,
      command.reason,
      deps.machineClock.now().round('second'),
    );
    if (serial === undefined) return err('no-such-certificate');
    const crlNumber = await makeList(tx, deps);
    tx.record({
      event: 'certificate.revoked',
      facts: ['government_pki.revocation', 'government_pki.revocation_list'],
      detail: { serial, reason: command.reason, crlNumber },
    });
    return ok({ crlNumber });
  },
});

/** A fresh list with nothing new in it, before the last one grows stale. */
export const publishList = act('government-pki.publish-list', {
  right: ['government-pki', 'revocation', 'update'],
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
