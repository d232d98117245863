import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Peer } from '@musubi/kernel/streams/ports.ts';
import type { Deps } from '../deps.ts';
import { tellPortalReturnEnds } from '../service/intake/portal-returns.ts';
import { intakeJob } from './intake-loop.ts';

/** Tells the platform what became of returns from the portal; the intake itself takes them in as any file. */
export const portalReturnLoop = (
  deps: Deps & { readonly notifications: Notifications; readonly commonPlatform: Peer },
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> =>
  runLoop({
    notifications: deps.notifications,
    channel: 'resident_tax_portal_returns',
    signal,
    onError,
    idleMs: 15_000,
    async step() {
      const told = await tellPortalReturnEnds(deps, intakeJob, deps.commonPlatform);
      if (!told.ok) throw new Error(`portal returns: ${told.error}`);
      return 'idle';
    },
  });
