import { readPersonPayments } from '@musubi/contracts/collections/person.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';

export type PersonPayments = ResponseOf<typeof readPersonPayments>;

/** What collections says of a person; undefined where it knows nobody by that number, `unreachable` where it does not answer now. */
export async function personPayments(
  peers: Pick<PeerClient, 'call'>,
  collections: string,
  query: { readonly orgPersonNumber: string; readonly staffId: string },
): Promise<PersonPayments | 'unreachable' | undefined> {
  const answer = await peers.call(readPersonPayments, collections, {}, query, { timeoutMs: 10_000 });
  if (answer.ok) return answer.value;
  return answer.error === 'no-such-person' ? undefined : 'unreachable';
}
