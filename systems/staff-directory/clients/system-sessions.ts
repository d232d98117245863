import { readStandingSessions, type StandingSession } from '@musubi/kernel/access/standing-sessions.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';

/** Who is signed in at one system of the organisation; undefined where it does not answer. */
export type SessionsOf = (system: string) => Promise<readonly StandingSession[] | undefined>;

export const systemSessions =
  (host: Pick<Host, 'peers'>, organisation: string): SessionsOf =>
  async (system) => {
    const told = await host.peers.call(readStandingSessions, `${organisation}/${system}`, {}, {}, { timeoutMs: 5_000 });
    return told.ok ? told.value.sessions : undefined;
  };
