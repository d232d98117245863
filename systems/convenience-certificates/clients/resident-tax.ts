import { confirmRecord } from '@musubi/contracts/certificates/records.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { ConfirmRecord } from '../deps.ts';

/** Asked anew for each print. No answer, a late one or a strange one is `unreachable`: nothing is printed then. */
export const confirmWith =
  (peers: PeerClient, residentTax: string, timeoutMs: number): ConfirmRecord =>
  async (record) => {
    const answer = await peers.call(confirmRecord, residentTax, {}, record, { timeoutMs });
    if (!answer.ok) return 'unreachable';
    return answer.value.counts ? 'counts' : 'stale';
  };
