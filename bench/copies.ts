import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  announceCopyFile,
  copyFilePart,
  copyFileStatus,
  headerOf,
  putCopyFilePart,
  rowsPerPart,
} from '@musubi/contracts/exchange/copy-files.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { joinAsCallers } from './inquiry/askers.ts';
import { cpuMsUnder, peakMbOf } from './inquiry/cpu.ts';
import { startPlaces } from './inquiry/places.ts';
import { timedDatabase, writeDatabaseTimes } from './inquiry/records.ts';

export interface CopiesOptions {
  /** Persons in the full file; 300,000 where nothing is said. */
  readonly residents?: number | undefined;
}

type Named = 'register_s' | 'register_cpu_s' | 'diff_s' | 'rss_mb_max' | 'rows' | 'rows_per_s';

export interface CopiesBench {
  readonly name: 'copies';
  readonly figures: Readonly<Record<Named, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

const giveUpMs = 600_000;
/** Persons who are asked about afterwards. */
const asked = 20;
const server = 'meguro/intermediate-server';
const newId = uuidV7Maker(systemMachineClock, systemRandom);

/**
 * 副本登録 by file: a ward's full file and a difference of one in a hundred, from the first part sent to the moment from which the
 * copies count: taken in over the platform's connection, kept sealed, checked row by row, encrypted copy by copy, compared with
 * what stands, released by rule. Then the prefecture asks, over the whole path.
 */
export async function run({ residents: rows = 300_000 }: CopiesOptions = {}): Promise<CopiesBench> {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-copies-'));
  await chmod(home, 0o711); // the database server may run as another user
  // CPU profiles of the places and times of the database's functions go to this folder.
  const profile = process.env.MUSUBI_BENCH_PROFILE;
  const database = await startEmbedded({
    directory: path.join(home, 'postgres'),
    settings: profile === undefined ? {} : timedDatabase,
  });
  try {
    const places = await startPlaces(home, database.adminUrl, { profile });
    try {
      const callers = await joinAsCallers(home, places);
      const people = await callers.prepare(asked);
      const full = fileOf('full', rows, 1);
      const used = async (): Promise<number> => (await cpuMsUnder([process.pid, database.pid])) ?? Number.NaN;
      const usedBefore = await used();
      const register = await lodge(callers.meguro, full);
      const registerCpu = (await used()) - usedBefore;
      // The difference must be released behind what stands, and stand for the same persons.
      const difference = fileOf('difference', Math.max(asked, Math.round(rows / 100)), 2);
      const diff = await lodge(callers.meguro, difference);
      if (profile !== undefined) await writeDatabaseTimes(database.adminUrl, places, [server], profile);
      let right = 0;
      for (const [i, person] of people.entries())
        if ((await callers.ask({ ...person, levy: levyOf(i, 2) })) === undefined) right += 1;
      const counted = await withClient(at(database.adminUrl, places.databaseOf(server)), async (client) => {
        const { rows: found } = await client.query(
          `select (select count(*)::int from intermediate_server.lodged_copy where batch_id = $1) as copies,
                  (select count(*)::int from audit.fact_differences('intermediate_server.lodged_copy')) as differences`,
          [full.fileId],
        );
        return found[0] as { copies: number; differences: number };
      });
      const peaks = await Promise.all([process.pid, ...places.pids()].slice(1).map(peakMbOf));
      await callers.close();
      const seconds = (ms: number): number => Math.round(ms / 10) / 100;
      return {
        name: 'copies',
        figures: {
          register_s: seconds(register),
          register_cpu_s: seconds(registerCpu),
          diff_s: seconds(diff),
          rss_mb_max: Math.round(Math.max(...peaks.map((mb) => mb ?? 0))),
          rows,
          rows_per_s: Math.round((rows * 1_000) / register),
        },
        floor: {},
        checks: {
          every_row_kept: counted.copies === rows,
          answers_from_the_difference: right === asked,
          rows_tied_to_log: counted.differences === 0,
        },
      };
    } finally {
      await places.stop();
    }
  } finally {
    await database.stop();
    await rm(home, { recursive: true, force: true });
  }
}

const levyOf = (i: number, version: number): number => 50_000 + i * 100 + version;

/** The first persons are those whom the bench asks about (`askers.ts`), the others are only lodged. */
function fileOf(kind: 'full' | 'difference', rows: number, version: number) {
  const header = headerOf('TKX-0001');
  const at = (name: string): number => header.indexOf(name);
  const template = header.map((name): string => (/所得|収入|控除合計/.test(name) ? '3456700' : ''));
  template[at('有効開始')] = '2026-06-01';
  template[at('更新区分')] = '1';
  template[at('自動応答不可')] = '0';
  template[at('不開示')] = '0';
  template[at('課税区分')] = '課税';
  template[at('扶養親族数')] = '2';
  template[at('控除対象配偶者')] = '1';
  const lines = Array.from({ length: rows }, (_, i) => {
    const cells = [...template];
    cells[at('団体内統合宛名番号')] = `1${String(i + 1).padStart(14, '0')}`;
    cells[at('市町村民税所得割額')] = String(levyOf(i, version));
    return cells.join(',');
  });
  const parts = Array.from({ length: Math.ceil(rows / rowsPerPart) }, (_, part) =>
    copyFilePart('TKX-0001', lines.slice(part * rowsPerPart, (part + 1) * rowsPerPart)),
  );
  const digest = sha256Hex(Buffer.from(parts.map((part) => sha256Hex(Buffer.from(part))).join('')));
  return { fileId: newId(), kind, rows, digest, parts };
}

/** Milliseconds from the announcement to the release. */
async function lodge(
  platform: PeerClient,
  { fileId, kind, rows, digest, parts }: ReturnType<typeof fileOf>,
): Promise<number> {
  const from = performance.now();
  const announcement = {
    ...{ fileId, kind, rows, digest },
    system: 'resident-tax',
    informationCode: 'TKX-0001',
    condition: { taxYear: 2026 },
    validFrom: '2026-06-01',
  } as const;
  unwrap(await platform.call(announceCopyFile, server, {}, announcement));
  for (const [i, content] of parts.entries())
    unwrap(await platform.call(putCopyFilePart, server, {}, { fileId, part: i + 1, content }, { timeoutMs: 60_000 }));
  for (;;) {
    const { state, rejectedInAll } = unwrap(await platform.call(copyFileStatus, server, {}, { fileId }));
    if (state === 'released') return performance.now() - from;
    // Checked is not yet released: the rule follows in an act of its own.
    const isOver = performance.now() - from > giveUpMs;
    if ((state !== 'checking' && state !== 'checked') || isOver)
      throw new Error(`the file is ${state}, ${rejectedInAll} rows rejected`);
    await delay(100);
  }
}
