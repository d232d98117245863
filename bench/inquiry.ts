import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { joinAsCallers } from './inquiry/askers.ts';
import { runFloor } from './inquiry/floor-run.ts';
import { closedLoop, openLoop } from './inquiry/loops.ts';
import { startPlaces } from './inquiry/places.ts';
import { readRecords } from './inquiry/records.ts';

type Named = 'per_s' | 'p50_ms' | 'p99_ms' | 'floor_per_s' | 'ratio' | 'open_351_p99_ms';

export interface InquiryBench {
  readonly name: 'inquiry';
  readonly figures: Readonly<
    Record<'per_s' | 'p50_ms' | 'p99_ms' | 'floor_per_s' | 'ratio' | 'open_351_p99_ms', number | (string & {}), number>
  >;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** Inquiries a second of the whole country's busiest hour that one such path is asked to carry. */
const offeredPerSecond = 351;
const persons = 300;
const inFlight = 8;

/**
 * 情報照会 over the full path of design §4.3: platform → server of the asker → network → root process → server of the
 * provider and back, five processes, durable database, against the same work written straight, in the same run.
 */
export async function run(): Promise<InquiryBench> {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-bench-'));
  await chmod(home, 0o711); // the database server may run as another user
  const server = await startEmbedded({ directory: path.join(home, 'postgres') });
  try {
    const floor = await runFloor(server.adminUrl, inFlight);
    const places = await startPlaces(home, server.adminUrl, process.env.MUSUBI_BENCH_PROFILE);
    try {
      const callers = await joinAsCallers(home, places);
      const people = await callers.prepare(persons);
      const faults = new Map<string, number>();
      let asked = 0;
      const ask = async (): Promise<void> => {
        const fault = await callers.ask(people[asked++ % people.length]!);
        if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
      };
      const single = await closedLoop(ask, { inFlight: 1, warmMs: 2_000, forMs: 4_000 });
      const closed = await closedLoop(ask, { inFlight, warmMs: 2_000, forMs: 12_000 });
      const calm = await openLoop(ask, { perSecond: Math.round(closed.perSecond * 0.6), forMs: 8_000, inFlight: 64 });
      const open = await openLoop(ask, { perSecond: offeredPerSecond, forMs: 10_000, inFlight: 64 });
      const records = await readRecords(server.adminUrl, places);
      await callers.close();
      if (faults.size > 0) console.error(Object.fromEntries(faults));
      return {
        name: 'inquiry',
        figures: rounded({
          per_s: closed.perSecond,
          p50_ms: closed.p50,
          p99_ms: closed.p99,
          floor_per_s: floor.per_s,
          ratio: closed.perSecond / floor.per_s,
          open_351_p99_ms: open.p99,
          open_351_offered: open.offered,
          open_351_served: open.served,
          open_60pct_p99_ms: calm.p99,
          single_p50_ms: single.p50,
          inquiries: asked,
        }),
        floor: rounded({ ...floor, floor_per_s: floor.per_s }),
        checks: {
          every_answer_right: !faults.has('wrong-answer'),
          no_errors: faults.size === 0,
          records_on_all_sides: Object.values(records.counts).every((count) => count === asked),
          same_inquiries_on_all_sides: records.digests.size === 1,
          keys_destroyed: records.keysLeft === 0,
          facts_tied_to_log: records.differences === 0 && records.unnumbered === 0,
        },
      };
    } finally {
      await places.stop();
    }
  } finally {
    await server.stop();
    if (process.env.MUSUBI_BENCH_KEEP === undefined) await rm(home, { recursive: true, force: true });
    else console.error(`kept in ${home}`);
  }
}

const rounded = <T extends Record<string, number>>(values: T): T =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Math.round(value * 100) / 100])) as T;
