import { hash } from 'node:crypto';
import { loadFileEnd, loadFileLimit, readHeaderLine } from '@musubi/contracts/juki/load-file.ts';
import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { openBulkLoad } from '@musubi/kernel/vault/bulk-load.ts';
import type { KeyRing } from '@musubi/kernel/vault/key-ring.ts';
import {
  copyRows,
  countDoubleNumbers,
  countLoaded,
  dropIndexes,
  findLoadedFile,
  type LoadCounts,
  LoadRows,
  loadState,
  makeIndexes,
  noteLoadedFile,
  noteStep,
} from '../store/load-rows.ts';
import { LoadRecordReader } from './load-record.ts';

export type { LoadCounts } from '../store/load-rows.ts';

/* 初期移行: the first load of an empty register from prepared files. Three acts, by the owner's tool and not by the running
   system: begin (indexes away), one per file (one transaction, one event over its persons), finish (checked, indexes back). */

/** As the tool has it: `db` signs in as the owner of the database. */
export interface FirstLoadDeps extends ActDeps {
  readonly ring: KeyRing;
  /** Makes ids of persons and references; the act's own event comes from `newId`. */
  readonly newIds: () => string;
  readonly municipalities: ReadonlySet<string>;
}

const right = ['prefectural-juki', 'first-load', 'update'] as const;
const ground = '住民基本台帳法第30条の6';

export const beginFirstLoad = act('prefectural-juki.begin-first-load', {
  right,
  async run(
    tx,
    deps: FirstLoadDeps,
    _command: null,
  ): Promise<Result<undefined, 'already-loaded' | 'register-not-empty'>> {
    const state = await loadState(tx);
    if (state.finished) return err('already-loaded');
    if (state.begun) {
      tx.record({ event: 'first-load.continued' });
      return ok(undefined);
    }
    if (state.occupied) return err('register-not-empty');
    await dropIndexes(tx);
    await noteStep(tx, 'begun', 0, deps.machineClock.now());
    tx.record({ event: 'first-load.begun', facts: ['prefectural_juki.first_load'], ground });
    return ok(undefined);
  },
});

export type LoadFileFault =
  | 'not-a-load-file'
  | 'wrong-municipality'
  | 'wrong-count'
  | 'wrong-digest'
  | 'too-many-records'
  | 'faulty-records'
  | 'file-number-used'
  | 'not-begun';

export interface LoadedFile {
  readonly records: number;
  readonly repeated: boolean;
}

/** One prepared file, whole or not at all. `faults` gets row numbers and field names of what was wrong, never a value. */
export const loadFile = act('prefectural-juki.load-file', {
  right,
  async run(
    tx,
    deps: FirstLoadDeps,
    {
      bytes,
      faults,
    }: { readonly bytes: Buffer; readonly faults?: { readonly row: number; readonly fields: readonly string[] }[] },
  ): Promise<Result<LoadedFile, LoadFileFault>> {
    const state = await loadState(tx);
    if (!state.begun || state.finished) return err('not-begun');
    const file = framed(bytes);
    if (!file.ok) return file;
    const { header, lines, digest } = file.value;
    const { municipalityCode, fileNo } = header;
    if (!deps.municipalities.has(municipalityCode)) return err('wrong-municipality');
    const known = await findLoadedFile(tx, { municipalityCode, fileNo, digest });
    if (known === 'another') return err('file-number-used');
    if (known === 'same') {
      tx.record({ event: 'first-load.file-repeated', detail: { municipalityCode, fileNo } });
      return ok({ records: lines.length, repeated: true });
    }
    const at = deps.machineClock.now().round('millisecond');
    const numbers = await openBulkLoad(tx, deps.ring, 'person:*', at);
    const rows = new LoadRows({
      eventId: tx.eventId,
      municipalityCode,
      operatorId: header.operatorId,
      terminalId: header.terminalId,
      sourceAt: Temporal.Instant.from(header.preparedAt),
      recordedAt: at,
      receivedOn: deps.civilClock.today().toString(),
    });
    const wrong: { row: number; fields: readonly string[] }[] = [];
    let block = '';
    let numberBlock = '';
    const copyBlocks = async (): Promise<void> => {
      await copyRows(tx, block);
      await numbers.copy(tx, numberBlock);
      block = numberBlock = '';
    };
    for (const [i, line] of lines.entries()) {
      const read = reader.read(line);
      if (!read.ok) {
        wrong.push({ row: i + 1, fields: read.error });
        continue;
      }
      // What one file writes is undone with its refusal: the rest is only read, so that all faults are named at once.
      if (wrong.length > 0) continue;
      const personId = deps.newIds();
      const numberRef = deps.newIds();
      block += rows.add(read.value, personId, numberRef);
      numberBlock += numbers.line(numberRef, personId, read.value.individualNumber);
      // Not the whole file at the end: what lives so long is copied from nursery to nursery by the collector of garbage.
      if (i % rowsOfABlock === rowsOfABlock - 1) await copyBlocks();
    }
    if (wrong.length > 0) {
      faults?.push(...wrong.slice(0, 100));
      return err('faulty-records');
    }
    await copyBlocks();
    await numbers.finish(tx, 'prefectural-juki/first-load', at);
    await noteLoadedFile(tx, { municipalityCode, fileNo, digest, records: lines.length }, at);
    const batches = rows.tie();
    tx.record({
      event: 'first-load.file-loaded',
      facts: [...Object.keys(batches), 'prefectural_juki.loaded_file'],
      batches,
      ground,
      detail: { municipalityCode, fileNo, records: lines.length },
    });
    return ok({ records: lines.length, repeated: false });
  },
});

/** Counts agree, no code and no number stands twice, indexes are made: only then is there a register. */
export const finishFirstLoad = act('prefectural-juki.finish-first-load', {
  right,
  async run(
    tx,
    deps: FirstLoadDeps,
    { expected }: { readonly expected: number },
  ): Promise<Result<LoadCounts, 'not-begun' | 'records-missing' | 'code-twice' | 'number-twice'>> {
    const state = await loadState(tx);
    if (!state.begun || state.finished) return err('not-begun');
    const counts = await countLoaded(tx);
    if (counts.records !== expected || counts.rows !== expected || counts.numbers !== expected)
      return err('records-missing');
    if ((await countDoubleNumbers(tx)) > 0) return err('number-twice');
    if ((await makeIndexes(tx)) === 'code-twice') return err('code-twice');
    await noteStep(tx, 'finished', expected, deps.machineClock.now());
    tx.record({
      event: 'first-load.finished',
      facts: ['prefectural_juki.first_load'],
      ground,
      detail: { files: counts.files, records: counts.records },
    });
    return ok(counts);
  },
});

const reader = new LoadRecordReader();
const rowsOfABlock = 2_000;

interface Framed {
  readonly header: NonNullable<ReturnType<typeof readHeaderLine>>;
  readonly lines: readonly string[];
  readonly digest: Buffer;
}

function framed(
  bytes: Buffer,
): Result<Framed, 'not-a-load-file' | 'wrong-count' | 'wrong-digest' | 'too-many-records'> {
  const start = bytes.indexOf(0x0a) + 1;
  const end = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  if (start === 0 || end < start || bytes.at(-1) !== 0x0a) return err('not-a-load-file');
  const header = readHeaderLine(bytes.toString('utf8', 0, start - 1));
  const [mark, records = '', stated = '', ...more] = bytes.toString('utf8', end, bytes.length - 1).split('\t');
  if (header === undefined || mark !== loadFileEnd || more.length > 0) return err('not-a-load-file');
  const body = bytes.subarray(start, end);
  const digest = hash('sha256', body, 'buffer');
  if (digest.toString('hex') !== stated) return err('wrong-digest');
  const lines = body.length === 0 ? [] : body.toString('utf8', 0, body.length - 1).split('\n');
  if (String(lines.length) !== records || lines.length === 0) return err('wrong-count');
  if (lines.length > loadFileLimit) return err('too-many-records');
  return ok({ header, lines, digest });
}
