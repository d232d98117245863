import type { announceCopyFile, copyFileStatus, putCopyFilePart } from '@musubi/contracts/exchange/copy-files.ts';
import { rowsOutOfTie, rowsPerPart } from '@musubi/contracts/exchange/copy-files.ts';
import { informationItems } from '@musubi/contracts/exchange/information-items.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { RequestOf, ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { batchUseCases } from '@musubi/kernel/jobs/control.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { type SealedId, unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { conditionKey } from '../domain/check-copy.ts';
import { comparisons, differencesOf } from '../store/copy-comparisons.ts';
import {
  type CopyFileRow,
  type Decision,
  type FileStanding,
  filesStanding,
  findFile,
  findPart,
  insertFile,
  insertFileLodging,
  insertPart,
  insertRefusal,
  insertRelease,
  isRefused,
  lockFile,
  partsOf,
  releasedFrom,
  sampleOf,
} from '../store/copy-files.ts';
import { type CopyItems, readCopy } from './copy-pages.ts';

/** Names of the runs that check and compare a file; their parameters are the file's id. */
export const checkBatchName = 'copies.check-file';
export const compareBatchName = 'copies.compare-file';
/** A file is checked or compared, never both. */
export const fileBatches = [checkBatchName, compareBatchName] as const;
export const fileObject = { kind: 'copy-file-part', retentionClass: 'lodged-copy-file', keyUnit: 'object' } as const;

type Announce = RequestOf<typeof announceCopyFile>;

/** 副本ファイルの受付: what will come, before any of it does. The same again gives the same answer. */
export const announceFile = act('copies.announce-file', {
  right: ['intermediate-server', 'lodge', 'update'],
  async run(
    tx,
    deps: Deps,
    said: Announce,
    actor,
  ): Promise<
    Result<
      ResponseOf<typeof announceCopyFile>,
      'not-your-information' | 'condition-not-defined' | 'file-repeated-with-other-content' | 'older-generation'
    >
  > {
    if (enforced('exchange.copy-path') && (actor.kind !== 'system' || actor.organisation !== deps.self))
      return err('not-your-information');
    const definition = informationItems[said.informationCode];
    if (definition === undefined || deps.owners.get(said.informationCode) !== said.system)
      return err('not-your-information');
    const { taxYear, asOf } = said.condition;
    const fits =
      definition.condition === 'taxYear' ? taxYear !== undefined && asOf === undefined : taxYear === undefined;
    if (!fits) return err('condition-not-defined');
    const parts = Math.ceil(said.rows / rowsPerPart);
    const file: CopyFileRow = { ...said, condition: conditionKey(said.condition), parts };
    if (await isOlderGeneration(tx, file)) return err('older-generation');
    if (!(await insertFile(tx, file, deps.machineClock.now()))) {
      const standing = (await findFile(tx, said.fileId))!;
      if (Object.entries(standing).some(([name, value]) => file[name as keyof CopyFileRow] !== value))
        return err('file-repeated-with-other-content');
      tx.record({ event: 'copies.file-announced-again', detail: { fileId: said.fileId } });
      return ok({ parts });
    }
    tx.record({
      event: 'copies.file-announced',
      items: [said.informationCode],
      facts: ['intermediate_server.copy_file'],
      detail: { fileId: said.fileId, system: said.system, kind: said.kind, rows: said.rows, parts },
    });
    return ok({ parts });
  },
});

/** A full file of a generation before the one that counts, found in a folder and sent once more (INC-26). */
async function isOlderGeneration(tx: Tx, file: CopyFileRow): Promise<boolean> {
  const counts = file.kind === 'full' ? await releasedFrom(tx, file) : null;
  return counts !== null && file.validFrom < counts;
}

/** One part, kept sealed until the file is decided on. With the last one the file is whole, or it is not the announced one. */
export const takePart = act('copies.take-part', {
  right: ['intermediate-server', 'lodge', 'update'],
  async run(
    tx,
    deps: Deps,
    { fileId, part, content }: RequestOf<typeof putCopyFilePart>,
  ): Promise<
    Result<
      /** `outOfTie` rows are not their persons': with the first of them the whole file is refused. */
      ResponseOf<typeof putCopyFilePart> & { readonly outOfTie: number },
      | 'no-such-file'
      | 'no-such-part'
      | 'part-repeated-with-other-content'
      | 'file-differs-from-announced'
      | 'rows-not-of-their-persons'
    >
  > {
    await lockFile(tx, fileId);
    const file = await findFile(tx, fileId);
    if (file === undefined) return err('no-such-file');
    if (part > file.parts) return err('no-such-part');
    if (await isRefused(tx, fileId)) return err('rows-not-of-their-persons');
    const bytes = Buffer.from(content);
    const sha256 = sha256Hex(bytes);
    const before = await findPart(tx, fileId, part);
    if (before !== undefined && before.sha256 !== sha256) return err('part-repeated-with-other-content');
    const at = deps.machineClock.now();
    const parts = [...(await partsOf(tx, fileId)), ...(before === undefined ? [{ part, sha256 }] : [])];
    const missing = file.parts - parts.length;
    if (missing === 0) {
      const inOrder = parts.toSorted((a, b) => a.part - b.part).map((each) => each.sha256);
      const digest = sha256Hex(Buffer.from(inOrder.join('')));
      if (enforced('exchange.copy-validation') && digest !== file.digest) return err('file-differs-from-announced');
    }
    const outOfTie = before === undefined ? rowsOutOfTie(content) : 0;
    if (outOfTie > 0) {
      await insertRefusal(tx, { fileId, part, rows: outOfTie }, at);
      // What came of it before is of no use to anybody.
      for (const each of await partsOf(tx, fileId))
        await orderErasure(tx, deps, unitOf(each.content as SealedId, fileObject), 'copy-file-refused');
      tx.record({
        event: 'bulk.refused',
        items: [file.informationCode],
        facts: ['intermediate_server.copy_file_refusal'],
        detail: { fileId, system: file.system, part, rows: outOfTie, word: 'rows-not-of-their-persons' },
      });
      return ok({ missing: file.parts, outOfTie });
    }
    if (before === undefined) {
      const { ref } = await deps.sealed.seal(tx, bytes, fileObject);
      await insertPart(tx, fileId, { part, content: ref, sha256 }, at);
    }
    // A comparison lodges nothing.
    const isWhole = missing === 0 && file.kind !== 'comparison' && (await insertFileLodging(tx, file, at));
    tx.record({
      event: before === undefined ? 'copies.part-taken' : 'copies.part-taken-again',
      facts: [
        ...(before === undefined ? ['intermediate_server.copy_file_part'] : []),
        ...(isWhole ? ['intermediate_server.lodging'] : []),
      ],
      detail: { fileId, part, missing },
    });
    return ok({ missing, outOfTie: 0 });
  },
});

const readStanding = look('copies.file-standing', {
  right: ['intermediate-server', 'lodge', 'update'],
  run: (tx, _deps: Deps, { fileId }: { fileId: string }) =>
    filesStanding(tx, { fileId, batches: fileBatches, limit: 1, offset: 0 }),
});
const lodgerUseCases = batchUseCases(['intermediate-server', 'lodge', 'update']);

/** For the clerk: rows that were rejected, by row; their number and fault, never what they say. */
export const listFileRejects = batchUseCases(['intermediate-server', 'copy', 'update']).listRejects;

const readCompared = look('copies.read-compared', {
  right: ['intermediate-server', 'lodge', 'update'],
  async run(tx, _deps: Deps, { fileId }: { fileId: string }) {
    const [found] = await comparisons(tx, { fileId, limit: 1, offset: 0 });
    return found && { found, persons: await differencesOf(tx, fileId, { limit: 500, offset: 0 }) };
  },
});

/** What a comparison found; undefined where none was made. */
async function comparedIn(deps: Deps, actor: Actor, fileId: string) {
  const read = await readCompared(deps, actor, { fileId });
  if (!read.ok || read.value === undefined) return undefined;
  const { found, persons } = read.value;
  const { missing, surplus, differing } = found;
  return {
    ...{ missing, surplus, differing },
    persons: persons.map(({ person, kind, items }) => ({ orgPersonNumber: person, kind, items: [...items] })),
  };
}

export type FileState = ResponseOf<typeof copyFileStatus>['state'];

export function stateOf({ parts, received, check, decision, run }: FileStanding): FileState {
  if (decision !== null) return decision === 'release' ? 'released' : 'refused';
  if (check !== null) return 'checked';
  if (received < parts) return 'receiving';
  return run?.state === 'failed' || run?.state === 'blocked' ? 'failed' : 'checking';
}

/** For the sender: how far its file is, and which rows were rejected. */
export async function fileStatus(
  deps: Deps,
  actor: Parameters<typeof announceFile>[1],
  { fileId }: { readonly fileId: string },
): Promise<Result<ResponseOf<typeof copyFileStatus>, 'no-such-file' | 'not-authorised'>> {
  const found = await readStanding(deps, actor, { fileId });
  if (!found.ok) return found;
  const [file] = found.value;
  if (file === undefined) return err('no-such-file');
  const comparison = file.kind === 'comparison' ? await comparedIn(deps, actor, fileId) : undefined;
  if (comparison !== undefined)
    return ok({ state: 'checked', accepted: file.rows, rejected: [], rejectedInAll: 0, comparison });
  const rejects =
    file.run === null ? ok([]) : await lodgerUseCases.listRejects(deps, actor, { runId: file.run.runId, limit: 500 });
  if (!rejects.ok) return err('not-authorised');
  return ok({
    state: stateOf(file),
    accepted: file.check?.accepted ?? file.run?.out ?? 0,
    rejected: rejects.value.map(({ rowNumber, code }) => ({ row: rowNumber, code })),
    rejectedInAll: file.run?.rejected ?? 0,
  });
}

/** For the clerk: files, newest first. Counts only. */
export const listFiles = look('copies.list-files', {
  right: ['intermediate-server', 'copy', 'read'],
  run: (tx, _deps: Deps, { limit, offset }: { limit: number; offset: number }) =>
    filesStanding(tx, { fileId: null, batches: fileBatches, limit, offset }),
});

export interface FileShown {
  readonly file: FileStanding;
  readonly sample: readonly { readonly person: string; readonly validFrom: string; readonly items: CopyItems | null }[];
}

/** One file with its first copies as they were read, before it is released; the reading is recorded with the persons. */
export const showFile = act('copies.show-file', {
  right: ['intermediate-server', 'copy', 'update'],
  async run(tx, deps: Deps, { fileId }: { fileId: string }): Promise<Result<FileShown, 'not-found'>> {
    const [file] = await filesStanding(tx, { fileId, batches: fileBatches, limit: 1, offset: 0 });
    if (file === undefined) return err('not-found');
    const sample: FileShown['sample'][number][] = [];
    for (const copy of await sampleOf(tx, fileId, 10))
      sample.push({ person: copy.person, validFrom: copy.validFrom, items: await readCopy(tx, deps, copy) });
    tx.record({
      event: 'copies.file-shown',
      subjects: sample.map(({ person }) => person),
      items: [file.informationCode],
      detail: { fileId },
    });
    return ok({ file, sample });
  },
});

/**
 * 副本の公開: from here the file's copies count, or never. Only what was checked as a whole; once. What it was lodged with is
 * erased: the file is no longer needed either way.
 */
export const decideFile = act('copies.decide-file', {
  right: ['intermediate-server', 'copy', 'update'],
  async run(
    tx,
    deps: Deps,
    { fileId, decision, reason }: { fileId: string } & Omit<Decision, 'by'>,
    actor,
  ): Promise<Result<{ decision: string }, 'not-found' | 'not-checked' | 'decided-already' | 'older-generation'>> {
    const [file] = await filesStanding(tx, { fileId, batches: fileBatches, limit: 1, offset: 0 });
    if (file === undefined) return err('not-found');
    if (file.check === null) return err('not-checked');
    // Announced while the later one still waited: its release came first.
    if (decision === 'release' && (await isOlderGeneration(tx, file))) return err('older-generation');
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind === 'job' ? `job:${actor.name}` : actor.kind;
    const at = deps.machineClock.now();
    if (!(await insertRelease(tx, fileId, { decision, reason, by }, at))) return err('decided-already');
    for (const { content } of await partsOf(tx, fileId))
      await orderErasure(tx, deps, unitOf(content as SealedId, fileObject), 'copy-file-decided');
    tx.record({
      event: decision === 'release' ? 'copies.file-released' : 'copies.file-refused',
      items: [file.informationCode],
      facts: ['intermediate_server.copy_release'],
      detail: { fileId, accepted: file.check.accepted, rejected: file.check.rejected, leftOut: file.check.leftOut },
    });
    return ok({ decision });
  },
});
