import type { Actor } from '@musubi/kernel/db/act.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { fetchFile, waitingFiles } from '../../clients/pension.ts';
import { prepareOrders, prepareStops, receiveResults, sendFiles } from './files.ts';
import type { PensionDeps } from './functions.ts';
import { stopGone } from './stops.ts';
import { receiveSubjects } from './subjects.ts';

export interface PensionRound {
  readonly faults: readonly string[];
}

/**
 * 年金特別徴収の一巡: takes in what the insurer has, stops who is gone, asks for the month, sends what has no receipt. Repeatable at any time;
 * a part that fails is named and does not hold the others back.
 */
export async function pensionRound(deps: PensionDeps, actor: Actor): Promise<PensionRound> {
  const faults: string[] = [];
  const today = deps.civilClock.today();
  const fiscalYear = today.month >= 4 ? today.year : today.year - 1;
  if (!supportedFiscalYears.some((year) => year === fiscalYear)) return { faults };
  const listed = await waitingFiles(deps, fiscalYear);
  if (!listed.ok) faults.push(`list: ${listed.error}`);
  for (const file of listed.ok ? listed.value.files : []) {
    if (file.kind !== 'subjects' && file.kind !== 'results') continue;
    const content = await fetchFile(deps, file.fileName);
    if (!content.ok) {
      faults.push(`${file.kind}: ${content.error}`);
      continue;
    }
    const command = { fileName: file.fileName, content: content.value };
    const done =
      file.kind === 'subjects'
        ? await receiveSubjects(deps, actor, command)
        : await receiveResults(deps, actor, command);
    if (!done.ok) faults.push(`${file.kind}: ${done.error}`);
  }
  const stopped = await stopGone(deps, actor, { fiscalYear });
  if (!stopped.ok) faults.push(`stop: ${stopped.error}`);
  const quiet = ['ordered-this-month', 'nothing-to-order', 'nothing-to-stop'];
  for (const prepared of [await prepareStops(deps, actor, undefined), await prepareOrders(deps, actor, { fiscalYear })])
    if (!prepared.ok && !quiet.includes(prepared.error)) faults.push(`prepare: ${prepared.error}`);
  await sendFiles(deps, actor);
  return { faults };
}
