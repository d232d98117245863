import { fileHeaderOf, rowsPerPart } from '@musubi/contracts/exchange/copy-files.ts';
import { look } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { BatchDefinition } from '@musubi/kernel/jobs/definition.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { orderErasure } from '@musubi/kernel/vault/sealed/erasure.ts';
import { type SealedId, unitOf } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { type ComparedCopy, compareRange } from '../domain/compare-copy.ts';
import { type FileRow, readPart } from '../domain/copy-file.ts';
import {
  copiesInRange,
  earlierParts,
  filesToCompare,
  insertComparison,
  insertDifferences,
} from '../store/copy-comparisons.ts';
import { type CopyFileRow, findFile, findPart, partsOf } from '../store/copy-files.ts';
import { compareBatchName, fileObject } from './copy-files.ts';
import { readCopy } from './copy-pages.ts';
import { readingsOf } from './register-copy.ts';

type Reading = Parameters<typeof findPart>[0];
const hasValues = (row: FileRow): row is FileRow & { items: NonNullable<FileRow['items']> } => row.items !== null;

/** The rows of one part of a comparison, each of another person and in the order of their numbers. */
export async function originalsIn(
  tx: Reading,
  deps: Deps,
  file: CopyFileRow,
  part: number,
): Promise<Result<readonly (FileRow & { items: NonNullable<FileRow['items']> })[], string>> {
  const kept = await findPart(tx, file.fileId, part);
  if (kept === undefined) return err('part-missing');
  const opened = await deps.sealed.open(tx, kept.content as SealedId, 'compare-copies');
  if (!opened.ok) return err('file-erased');
  const rows = readPart(
    opened.value.toString('utf8'),
    fileHeaderOf(file.informationCode),
    readingsOf(file.informationCode),
  );
  if (rows === undefined) return err('not-the-layout');
  const read = rows.filter((row) => typeof row === 'object').filter(hasValues);
  if (read.length !== rows.length) return err('row-faulty');
  const isOrdered = read.every((row, i) => i === 0 || read[i - 1]!.orgPersonNumber < row.orgPersonNumber);
  return isOrdered ? ok(read) : err('not-in-order');
}

/**
 * 副本と原本の突合. The originals come in the order of their numbers, so that each part speaks for everyone between the last person of the
 * part before and its own last: whoever has a copy there and no original is told too. Nothing is changed; a file with a faulty row is
 * compared not at all, since whom the row was about cannot be told.
 *
 * @source 001-III.6-R7-03, R7-04; 002-III.6-R7-04
 */
export const compareFile: BatchDefinition<Deps, { readonly fileId: string }> = {
  name: compareBatchName,
  right: ['intermediate-server', 'copy-file', 'update'],
  steps: [
    {
      name: 'rows',
      async total(tx, _deps, { fileId }) {
        const file = await findFile(tx, fileId);
        return file === undefined ? err('no-such-file') : ok(file.rows);
      },
      async chunk(tx, deps, { params: { fileId }, cursor }) {
        const file = (await findFile(tx, fileId))!;
        const [done = '0', after = ''] = (cursor ?? '0:').split(':');
        const part = Number(done) + 1;
        const read = await originalsIn(tx, deps, file, part);
        if (!read.ok) return read;
        const isLast = part === file.parts;
        const last = read.value.at(-1)?.orgPersonNumber ?? after;
        if (read.value.length !== (isLast ? file.rows - (file.parts - 1) * rowsPerPart : rowsPerPart))
          return err('rows-not-as-announced');
        if (read.value[0] !== undefined && read.value[0].orgPersonNumber <= after) return err('not-in-order');
        const range = { after, until: isLast ? null : last, on: deps.civilClock.today() };
        const copies = new Map<string, ComparedCopy>();
        for (const copy of await copiesInRange(tx, file, range))
          copies.set(copy.person, { ...copy, items: (await readCopy(tx, deps, copy)) ?? {} });
        const originals = new Map(read.value.map((row) => [row.orgPersonNumber, row]));
        const found = enforced('exchange.copy-comparison') ? compareRange(originals, copies) : [];
        await insertDifferences(tx, fileId, found);
        tx.record({
          event: 'copies.part-compared',
          subjects: found.map(({ person }) => person),
          items: [file.informationCode],
          facts: found.length === 0 ? [] : ['intermediate_server.copy_difference'],
          detail: { fileId, part, persons: read.value.length, copies: copies.size, differences: found.length },
        });
        const count = read.value.length;
        return ok({ next: isLast ? null : `${part}:${last}`, in: count, out: count, rejects: [] });
      },
    },
    {
      name: 'result',
      total: async () => ok(1),
      async chunk(tx, deps, { params: { fileId } }) {
        const file = (await findFile(tx, fileId))!;
        const at = deps.machineClock.now();
        const compared = await insertComparison(tx, fileId, file.rows, { at, on: deps.civilClock.today() });
        const agrees = compared.missing + compared.surplus + compared.differing === 0;
        // What was lodged to be compared is kept only as long as something may be repaired from it.
        const over = await earlierParts(tx, file);
        if (agrees) over.push(...(await partsOf(tx, fileId)).map(({ content }) => content));
        for (const content of over)
          await orderErasure(tx, deps, unitOf(content as SealedId, fileObject), 'copies-compared');
        tx.record({
          event: agrees ? 'copies.agree' : 'copies.disagree',
          items: [file.informationCode],
          facts: ['intermediate_server.copy_comparison'],
          detail: { fileId, ...compared },
        });
        return ok({ next: null, in: 1, out: 1, rejects: [] });
      },
    },
  ],
};

/** For the loop: comparisons that are whole and wait. */
export const listToCompare = look('copies.list-files-to-compare', {
  right: ['intermediate-server', 'copy-file', 'update'],
  run: (tx, _deps: Deps, _query: null) => filesToCompare(tx),
});
