import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import type { Deps } from '../deps.ts';
import { drawNext } from '../service/draw.ts';

/** Draws what came. Nobody calls it: it looks every few seconds. */
export const drawLoop = (
  deps: Deps & { readonly notifications: Notifications },
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> =>
  runLoop({
    notifications: deps.notifications,
    channel: 'tax_documents_draw',
    signal,
    onError,
    idleMs: 5_000,
    step: () => drawNext(deps),
  });
