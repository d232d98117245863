import { look } from '@musubi/kernel/db/act.ts';
import { undeliveredUseCases } from '@musubi/kernel/streams/undelivered.ts';
import type { Deps } from '../deps.ts';

/** What was refused or could not be read further up: sent again as it was, or closed. */
export const {
  list: readUndelivered,
  resend: resendUndelivered,
  resolve: closeUndelivered,
} = undeliveredUseCases(['municipal-juki', 'queue', 'update']);

export interface Queue {
  readonly receiver: string;
  readonly family: string;
  /** Messages that wait to be sent or for an answer. */
  readonly waiting: number;
  readonly oldestAt: Temporal.Instant | undefined;
  /** Seconds since the oldest entered. */
  readonly lagSeconds: number;
  /** Why the stream stands still, as the relay says. */
  readonly heldBecause: string | null;
  readonly tries: number;
  readonly applied: number;
  readonly refused: number;
}

/** 送信の状況: each stream with what waits in it. Counts and times, nothing of anybody. */
export const readQueues = look('municipal-juki.read-queues', {
  right: ['municipal-juki', 'queue', 'read'],
  async run(tx, deps: Deps, _query: object): Promise<readonly Queue[]> {
    const rows = await tx<Omit<Queue, 'oldestAt' | 'lagSeconds'> & { oldestAt: string | null }>`
      select s.receiver, s.family, s.held_because as "heldBecause", s.tries,
             count(o.message_id) filter (where o.state in ('waiting', 'numbered', 'parking'))::int as waiting,
             count(o.message_id) filter (where o.state = 'applied')::int as applied,
             count(o.message_id) filter (where o.state in ('refused', 'parked'))::int as refused,
             to_json(min(o.entered_at) filter (where o.state in ('waiting', 'numbered', 'parking')))#>>'{}' as "oldestAt"
        from streams.outbound s left join streams.outgoing o using (receiver, family)
       group by s.receiver, s.family order by s.receiver, s.family`;
    const now = deps.machineClock.now();
    return rows.map(({ oldestAt, ...row }) => {
      const oldest = oldestAt === null ? undefined : Temporal.Instant.from(oldestAt);
      const lagSeconds = oldest ? Math.max(0, Math.round(now.since(oldest).total('seconds'))) : 0;
      return { ...row, oldestAt: oldest, lagSeconds };
    });
  },
});
