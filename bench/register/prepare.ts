import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { endLine, headerLine, loadFileLimit } from '@musubi/contracts/juki/load-file.ts';
import { type Municipality, personOf } from './people.ts';

interface Piece extends Municipality {
  readonly file: string;
  readonly fileNo: number;
}

/**
 * Writes the prepared files of the people of these places, where they do not stand yet; gives their paths. Not part of what is measured.
 * A file gets its name when it is whole: a preparation that was stopped goes on with those that are missing.
 */
export async function prepareFiles(directory: string, places: readonly Municipality[]): Promise<readonly string[]> {
  const done = path.join(directory, 'complete');
  if (existsSync(done)) return files(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pieces = places.flatMap((m) => {
    const all: Piece[] = [];
    for (let from = m.from, fileNo = 1; from < m.to; from += loadFileLimit, fileNo++) {
      const file = path.join(directory, `${m.code}-${String(fileNo).padStart(3, '0')}.txt`);
      all.push({ ...m, from, to: Math.min(m.to, from + loadFileLimit), file, fileNo });
    }
    return all;
  });
  const missing = pieces.filter(({ file }) => !existsSync(file));
  const halves = [0, 1].map((half) => missing.filter((_, i) => i % 2 === half));
  let written = pieces.length - missing.length;
  let told = performance.now();
  await Promise.all(
    halves.map(
      (half) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: half });
          worker.on('message', (what: 'file' | 'done') => {
            if (what === 'done') return resolve();
            written += 1;
            if (performance.now() - told < 10_000) return;
            told = performance.now();
            console.error(`  ${written} of ${pieces.length} files are prepared`);
          });
          worker.once('error', reject);
        }),
    ),
  );
  await (await open(done, 'w')).close();
  return files(directory);
}

const files = async (directory: string): Promise<string[]> =>
  (await readdir(directory))
    .filter((f) => f.endsWith('.txt'))
    .sort()
    .map((f) => path.join(directory, f));

async function write({ file, fileNo, ...at }: Piece): Promise<void> {
  const out = await open(`${file}.part`, 'w', 0o600);
  await out.write(
    `${headerLine({ municipalityCode: at.code, fileNo, operatorId: 'load', terminalId: 'CS-1', preparedAt: '2026-05-31T15:00:00Z' })}\n`,
  );
  const digest = createHash('sha256');
  for (let i = at.from; i < at.to; i += 5_000) {
    let block = '';
    for (let j = i; j < Math.min(at.to, i + 5_000); j++) {
      const p = personOf(j, at);
      block += `${p.residentRecordCode}\t${p.individualNumber}\t${p.name}\t${p.nameKana}\t${p.birthDate}\t${p.sex}\t${p.address}\t${p.azaCode}\t0\t0\t\t\t0\t${p.becameResidentOn}\t${p.changedOn}\t1\tresident\n`;
    }
    digest.update(block);
    await out.write(block);
  }
  await out.write(`${endLine(at.to - at.from, digest.digest('hex'))}\n`);
  await out.close();
  await rename(`${file}.part`, file);
}

if (!isMainThread && parentPort !== null) {
  for (const piece of workerData as readonly Piece[]) {
    await write(piece);
    parentPort.postMessage('file');
  }
  parentPort.postMessage('done');
}
