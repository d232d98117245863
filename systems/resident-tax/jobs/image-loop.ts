import { type Notifications, runLoop } from '@musubi/kernel/db/listen.ts';
import { handOverNext, type ImageDeps } from '../service/images/hand-over.ts';

/** Hands documents to the images as they come in; looks every quarter of a minute. */
export const imageLoop = (
  deps: ImageDeps & { readonly notifications: Notifications },
  { signal, onError }: { readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> =>
  runLoop({
    notifications: deps.notifications,
    channel: 'resident_tax_documents',
    signal,
    onError,
    idleMs: 15_000,
    step: () => handOverNext(deps),
  });
