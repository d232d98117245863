import { fileHeaderOf, rowsPerPart } from '@musubi/contracts/exchange/copy-files.ts';
import { type Actor, look } from '@musubi/kernel/db/act.ts';
import type { BatchDefinition, Reject } from '@musubi/kernel/jobs/definition.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Deps } from '../deps.ts';
import { faultOf } from '../domain/check-copy.ts';
import { readPart } from '../domain/copy-file.ts';
import {
  type CopyFileRow,
  compareWithStanding,
  filesStanding,
  filesToCheck,
  findFile,
  findPart,
  insertCheck,
  repeatedIn,
} from '../store/copy-files.ts';
import { compareFile, listToCompare } from './compare-copies.ts';
import { checkBatchName, decideFile, fileBatches } from './copy-files.ts';
import { type CheckedCopy, keepManyCopies, readingsOf, ruleOf } from './register-copy.ts';

/**
 * 副本ファイルの検査. Each part is opened, read, checked row by row, sealed again copy by copy and kept; nothing of it counts. At the
 * end the whole is compared with what stands, for whoever releases it.
 */
export const checkFile: BatchDefinition<Deps, { readonly fileId: string }> = {
  name: checkBatchName,
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
        const part = Number(cursor ?? 0) + 1;
        const kept = await findPart(tx, fileId, part);
        if (kept === undefined) return err('part-missing');
        const opened = await deps.sealed.open(tx, kept.content as SealedId, 'check-copy-file');
        if (!opened.ok) return err('file-erased');
        const read = readPart(
          opened.value.toString('utf8'),
          fileHeaderOf(file.informationCode),
          readingsOf(file.informationCode),
        );
        if (read === undefined) return err('not-the-layout');
        const isLast = part === file.parts;
        if (read.length !== (isLast ? file.rows - (file.parts - 1) * rowsPerPart : rowsPerPart))
          return err('rows-not-as-announced');

        const { accepted, rejects } = await sort(tx, deps, file, read, (part - 1) * rowsPerPart);
        const tied = await keepManyCopies(tx, deps, fileId, accepted, deps.machineClock.now());
        tx.record({
          event: 'copies.part-checked',
          subjects: accepted.map(({ orgPersonNumber }) => orgPersonNumber),
          items: [file.informationCode],
          ...tied,
          detail: { fileId, part, accepted: accepted.length, rejected: rejects.length },
        });
        return ok({ next: isLast ? null : String(part), in: read.length, out: accepted.length, rejects });
      },
    },
    {
      name: 'compare',
      total: async () => ok(1),
      async chunk(tx, deps, { params: { fileId } }) {
        const file = (await findFile(tx, fileId))!;
        const [standing] = await filesStanding(tx, { fileId, batches: fileBatches, limit: 1, offset: 0 });
        const compared = await compareWithStanding(tx, file);
        await insertCheck(tx, fileId, { ...compared, rejected: standing?.run?.rejected ?? 0 }, deps.machineClock.now());
        tx.record({
          event: 'copies.file-checked',
          items: [file.informationCode],
          facts: ['intermediate_server.copy_file_check'],
          detail: { fileId, ...compared },
        });
        return ok({ next: null, in: 1, out: 1, rejects: [] });
      },
    },
  ],
};

/** Accepted rows as copies, and the others with the number they have in the whole file. */
async function sort(
  tx: Parameters<typeof repeatedIn>[0],
  deps: Deps,
  file: CopyFileRow,
  rows: NonNullable<ReturnType<typeof readPart>>,
  offset: number,
): Promise<{ readonly accepted: CheckedCopy[]; readonly rejects: Reject[] }> {
  const rule = ruleOf(file.informationCode);
  const condition = file.condition.startsWith('taxYear:')
    ? { taxYear: Number(file.condition.slice('taxYear:'.length)) }
    : undefined;
  const today = deps.civilClock.today();
  const persons = rows.flatMap((row) => (typeof row === 'object' ? [row.orgPersonNumber] : []));
  const seen = new Set(await repeatedIn(tx, file.fileId, persons));
  const accepted: CheckedCopy[] = [];
  const rejects: Reject[] = [];
  for (const [i, row] of rows.entries()) {
    const reject = (code: string): number => rejects.push({ rowNumber: offset + i + 1, code });
    if (typeof row === 'string') {
      reject(row);
      continue;
    }
    const copy = { ...row, informationCode: file.informationCode, condition: condition ?? { asOf: row.validFrom } };
    const fault = faultOf(copy, rule, today) ?? (seen.has(row.orgPersonNumber) ? 'row-repeated' : undefined);
    if (fault !== undefined) reject(fault);
    else {
      seen.add(row.orgPersonNumber);
      accepted.push({ ...copy, condition: file.condition });
    }
  }
  return { accepted, rejects };
}

const listToCheck = look('copies.list-files-to-check', {
  right: ['intermediate-server', 'copy-file', 'update'],
  run: (tx, _deps: Deps, _query: null) => filesToCheck(tx),
});
const readChecked = look('copies.read-checked', {
  right: ['intermediate-server', 'copy-file', 'update'],
  run: (tx, _deps: Deps, { fileId }: { fileId: string }) =>
    filesStanding(tx, { fileId, batches: fileBatches, limit: 1, offset: 0 }),
});

/**
 * For the loop: checks the files that are whole, in their order, and releases what the rule of its information lets through; then
 * compares what came to be compared.
 */
export async function checkFiles(
  deps: Deps,
  actor: Actor,
  options: { signal?: AbortSignal; onError?: (error: unknown) => void } = {},
): Promise<number> {
  const waiting = await listToCheck(deps, actor, null);
  let checked = 0;
  for (const fileId of waiting.ok ? waiting.value : []) {
    const end = await runBatch(deps, actor, checkFile, { fileId }, options);
    if (!end.ok || end.value.state !== 'done') continue;
    checked += 1;
    await releaseByRule(deps, actor, fileId);
  }
  const toCompare = await listToCompare(deps, actor, null);
  for (const fileId of toCompare.ok ? toCompare.value : []) {
    const end = await runBatch(deps, actor, compareFile, { fileId }, options);
    if (end.ok && end.value.state === 'done') checked += 1;
  }
  return checked;
}

async function releaseByRule(deps: Deps, actor: Actor, fileId: string): Promise<void> {
  const found = await readChecked(deps, actor, { fileId });
  const file = found.ok ? found.value[0] : undefined;
  const rule = file && deps.autoRelease.get(file.informationCode);
  if (file === undefined || file.check === null || rule === undefined) return;
  const { rejected, leftOut, replaced } = file.check;
  const isWithin =
    rejected * 10_000 <= rule.rejectedAtMost * file.rows &&
    leftOut * 10_000 <= rule.leftOutAtMost * (replaced + leftOut);
  if (!isWithin) return;
  await decideFile(deps, actor, { fileId, decision: 'release', reason: '基準内のため自動公開' });
}
