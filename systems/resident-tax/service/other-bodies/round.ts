import { type OtherBodiesDeps, otherBodiesWorker } from './functions.ts';
import { takeIncoming } from './incoming.ts';
import { hasLeviesToTell, listOutsideLevies } from './outgoing.ts';
import { sendOutgoing } from './packages.ts';

/**
 * One round with the other bodies: lists levies that a municipality is to be told of, sends what was approved, asks what became of it, takes
 * what came. Each step finds by itself what is left to do.
 */
export async function otherBodiesRound(deps: OtherBodiesDeps): Promise<{ readonly faults: readonly string[] }> {
  const waiting = await hasLeviesToTell(deps, otherBodiesWorker, undefined);
  const listed = waiting.ok && waiting.value ? await listOutsideLevies(deps, otherBodiesWorker, undefined) : waiting;
  const sent = await sendOutgoing(deps);
  const { faults } = await takeIncoming(deps);
  return { faults: [...(listed.ok ? [] : [`list: ${listed.error}`]), ...sent, ...faults] };
}
