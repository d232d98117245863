import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { joinAsCallers } from './inquiry/askers.ts';
import { cpuMsUnder, peakMbOf } from './inquiry/cpu.ts';
import { runFloor } from './inquiry/floor-run.ts';
import { closedLoop, openLoop, p99RatioNear } from './inquiry/loops.ts';
import { startPlaces } from './inquiry/places.ts';
import { checkpointMoments, readRecords, timedDatabase, timedPlaces, writeDatabaseTimes } from './inquiry/records.ts';

type Named = 'per_s' | 'p50_ms' | 'p99_ms' | 'floor_per_s' | 'ratio' | 'open_351_p99_ms' | 'open_200_p99_ms';

export interface InquiryBench {
  readonly name: 'inquiry';
  readonly figures: Readonly<Record<Named, number>> & Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** Inquiries a second of the whole country's busiest hour that one such path is asked to carry. */
const offeredPerSecond = 351;
const persons = 200;
const inFlight = 32;
/** An ordinary hour. */
const calmPerSecond = 200;
/** Milliseconds around a signature of the log within which an inquiry counts as touched by it. */
const nearCheckpointMs = 1_500;

/**
 * 情報照会 over the full path of design §4.3: platform → server of the asker → network → root process → server of the
 * provider and back, five processes, durable database, against the same work written straight, in the same run.
 */
export async function run(): Promise<InquiryBench> {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-bench-'));
  await chmod(home, 0o711); // the database server may run as another user
  // CPU profiles of the places and times of the database's functions go to this folder.
  const profile = process.env.MUSUBI_BENCH_PROFILE;
  const server = await startEmbedded({
    directory: path.join(home, 'postgres'),
    settings: profile === undefined ? {} : timedDatabase,
  });
  try {
    const used = async (): Promise<number> => (await cpuMsUnder([process.pid, server.pid])) ?? Number.NaN;
    const floor = await runFloor(server.adminUrl, inFlight, used);
    const places = await startPlaces(home, server.adminUrl, { profile });
    try {
      const callers = await joinAsCallers(home, places);
      const people = await callers.prepare(persons);
      const faults = new Map<string, number>();
      let asked = 0;
      const ask = async (): Promise<void> => {
        const fault = await callers.ask(people[asked++ % people.length]!);
        if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
      };
      const single = await closedLoop(ask, { inFlight: 1, warmMs: 1_000, forMs: 3_000 });
      // The goal is a rate that is kept up for minutes: what a process compiles in its first thousand inquiries is not that rate.
      await closedLoop(ask, { inFlight, warmMs: 0, forMs: 20_000 });
      const [cpuBefore, askedBefore] = [await used(), asked];
      const closed = await closedLoop(ask, { inFlight, warmMs: 0, forMs: 12_000 });
      const cpuEach = ((await used()) - cpuBefore) / (asked - askedBefore);
      const calm = await openLoop(ask, { perSecond: Math.round(closed.perSecond * 0.6), forMs: 6_000, inFlight: 64 });
      const ordinary = await openLoop(ask, { perSecond: calmPerSecond, forMs: 8_000, inFlight: 64 });
      const open = await openLoop(ask, { perSecond: offeredPerSecond, forMs: 10_000, inFlight: 64 });
      if (profile !== undefined) await writeDatabaseTimes(server.adminUrl, places, timedPlaces, profile);
      const peaks = await Promise.all(places.pids().map(peakMbOf));
      const touched = p99RatioNear(closed.samples, await checkpointMoments(server.adminUrl, places), nearCheckpointMs);
      const records = await readRecords(server.adminUrl, places);
      await callers.close();
      if (faults.size > 0) console.error(Object.fromEntries(faults));
      return {
        name: 'inquiry',
        figures: rounded<Named>({
          per_s: closed.perSecond,
          p50_ms: closed.p50,
          p99_ms: closed.p99,
          floor_per_s: floor.per_s,
          ratio: closed.perSecond / floor.per_s,
          open_351_p99_ms: open.p99,
          open_200_p99_ms: ordinary.p99,
          open_200_offered: ordinary.offered,
          open_200_served: ordinary.served,
          checkpoint_p99_ratio: touched ?? Number.NaN,
          rss_mb_max: Math.max(...peaks.map((mb) => mb ?? Number.NaN)),
          open_351_offered: open.offered,
          open_351_served: open.served,
          open_60pct_p99_ms: calm.p99,
          single_p50_ms: single.p50,
          cpu_ms_each: cpuEach,
          cpu_ratio: floor.cpu_ms_each / cpuEach,
          inquiries: asked,
        }),
        floor: rounded<string>({ ...floor, floor_per_s: floor.per_s }),
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

/** To hundredths; what the system did not tell is left out. */
const rounded = <K extends string>(values: Readonly<Record<K, number>> & Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries<number>(values).flatMap(([key, value]) =>
      Number.isFinite(value) ? [[key, Math.round(value * 100) / 100]] : [],
    ),
  ) as Record<K, number> & Record<string, number>;
