import { type PensionFile, pensionFileName, writePensionFile } from '@musubi/contracts/pension-collection/files.ts';
import { pensionMonths, resultsFrom } from '@musubi/contracts/pension-collection/months.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { asSent, daysLate } from '../domain/manners.ts';
import * as store from '../store/books.ts';
import { municipalityOf } from './take-file.ts';

type Given = PensionFile<'subjects'> | PensionFile<'results'>;

const nameOf = (file: Given): string => pensionFileName(file);
const write = (file: Given): Buffer =>
  file.kind === 'subjects' ? writePensionFile<'subjects'>(file) : writePensionFile<'results'>(file);

/**
 * Files of a fiscal year that are there today: 対象者情報 from 25 May, 結果 of each month from the first of the month after. Made from the
 * books each time, the same bytes for the same books.
 */
async function filesOf(tx: Tx, deps: Deps, municipality: string, fiscalYear: number): Promise<Given[]> {
  const today = deps.civilClock.today();
  const since = (day: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(today, day) >= 0;
  const head = { municipality, insurer: deps.insurer, fiscalYear };
  const files: Given[] = [];
  const told = Temporal.PlainDate.from({ year: fiscalYear, month: 5, day: 25 });
  if (since(told)) {
    const rows = (await store.recipientsOf(tx, municipality)).map(({ municipality: _, ...row }) => row);
    files.push({ ...head, kind: 'subjects', number: 1, madeOn: told.toString(), rows });
  }
  for (const [i, monthNumber] of pensionMonths.entries()) {
    const year = monthNumber >= 4 ? fiscalYear : fiscalYear + 1;
    const month = `${year}-${`${monthNumber}`.padStart(2, '0')}`;
    if (!since(resultsFrom(month))) continue;
    const rows = (await store.resultsOf(tx, municipality, month)).map(({ paymentId: _, ...row }) => row);
    const file: Given = { ...head, kind: 'results', number: i + 1, madeOn: resultsFrom(month).toString(), rows };
    if (since(resultsFrom(month).add({ days: daysLate(deps.seed, deps.manners, nameOf(file)) }))) files.push(file);
  }
  return files;
}

export const listFiles = act('pension.list-files', {
  right: ['pension', 'collection', 'read'],
  async run(tx, deps: Deps, { fiscalYear }: { readonly fiscalYear: number }, actor) {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-municipality');
    const files = (await filesOf(tx, deps, municipality, fiscalYear)).map((file) => ({
      fileName: nameOf(file),
      kind: file.kind,
      sha256: sha256Hex(write(file)),
    }));
    tx.record({ event: 'file.listed', detail: { municipality, fiscalYear, files: files.length } });
    return ok({ files });
  },
});

export const fetchFile = act('pension.fetch-file', {
  right: ['pension', 'collection', 'read'],
  async run(tx, deps: Deps, { fileName }: { readonly fileName: string }, actor) {
    const municipality = municipalityOf(deps, actor);
    if (municipality === undefined) return err('not-a-municipality');
    const fiscalYear = Number(/^NT_[0-9]{6}_([0-9]{4})_/.exec(fileName)?.[1] ?? 0);
    const file = (await filesOf(tx, deps, municipality, fiscalYear)).find((one) => nameOf(one) === fileName);
    if (file === undefined) return err('no-such-file');
    const content = write(file);
    tx.record({
      event: 'file.given',
      recipient: municipality,
      items: file.kind === 'subjects' ? ['年金特別徴収対象者情報'] : ['年金特別徴収結果'],
      detail: { file: fileName, records: file.rows.length },
    });
    const sent = asSent(deps.seed, deps.manners, fileName, content, !deps.given.has(fileName));
    deps.given.add(fileName);
    return ok({ content: sent.toString('utf8'), sha256: sha256Hex(content) });
  },
});
