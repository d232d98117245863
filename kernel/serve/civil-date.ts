import { z } from 'zod';
import type { CivilClock } from '../clocks/clock.ts';
import { SettableCivilClock, tokyoCivilClock } from '../clocks/clock.ts';
import { type ActDeps, act } from '../db/act.ts';
import { type Database, withTransaction } from '../db/database.ts';
import { defineEndpoint } from '../http/endpoint.ts';
import { type Route, route } from '../http/server.ts';
import { err, ok, type Result } from '../result/result.ts';

/** The conductor of a town → every instance: from now on the law sees this day. */
export const moveCivilDate = defineEndpoint({
  id: 'serve.move-civil-date',
  method: 'POST',
  path: '/civil-date',
  right: ['serve', 'civil-date', 'update'],
  request: z.strictObject({ date: z.iso.date() }),
  response: z.strictObject({ date: z.iso.date() }),
  errors: {
    'not-a-town': { status: 403, title: '訓練用の町ではないため、日付を動かせません' },
    'not-the-conductor': { status: 403, title: '日付を動かす権限がありません' },
    backwards: { status: 409, title: '日付を過去に戻すことはできません' },
  },
});

export interface TownClock {
  readonly clock: CivilClock;
  readonly routes: readonly Route[];
}

/** The civil clock of an instance: today in Tokyo, or in a town the day that its conductor set last. */
export async function civilClockOf(
  db: Database,
  town: { readonly is: boolean; readonly startsOn?: string | undefined; readonly conductor?: string },
  depsOf: (clock: CivilClock) => ActDeps,
): Promise<TownClock> {
  if (!town.is) return { clock: tokyoCivilClock, routes: [refusing()] };
  const stored = await withTransaction(
    db,
    'serve.civil-date',
    (tx) => tx<{ on: string }>`select civil_on as "on" from serve.civil_date order by moved_no desc limit 1`,
  );
  const clock = new SettableCivilClock(stored[0]?.on ?? town.startsOn ?? tokyoCivilClock.today());
  const deps = depsOf(clock);
  const move = act('serve.move-civil-date', {
    right: ['serve', 'civil-date', 'update'],
    async run(tx, { machineClock }: ActDeps, date: Temporal.PlainDate): Promise<Result<null, 'backwards'>> {
      if (Temporal.PlainDate.compare(date, clock.today()) < 0) return err('backwards');
      await tx`insert into serve.civil_date (civil_on, moved_at, event_id) values (${date}, ${machineClock.now()}, ${tx.eventId})`;
      tx.record({ event: 'civil-date.moved', detail: { to: date.toString() } });
      return ok(null);
    },
  });
  const routes = [
    route(moveCivilDate, async ({ body, actor }) => {
      if (`${actor.organisation}/${actor.system}` !== (town.conductor ?? 'town/conductor'))
        return err('not-the-conductor');
      const date = Temporal.PlainDate.from(body.date);
      const moved = await move(deps, actor, date);
      if (!moved.ok) return err(moved.error === 'backwards' ? 'backwards' : 'not-the-conductor');
      clock.set(date);
      return ok({ date: body.date });
    }),
  ];
  return { clock, routes };
}

const refusing = (): Route => route(moveCivilDate, async () => err('not-a-town'));
