import {
  announceCopyFile,
  copyFilePart,
  headerOf,
  putCopyFilePart,
  rowsPerPart,
  updateKinds,
} from '@musubi/contracts/exchange/copy-files.ts';
import type { LodgedCopy } from '@musubi/contracts/exchange/endpoints.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { addressees } from '../../store/assessment-sources.ts';
import { getAssessments } from '../../store/assessments.ts';
import { originals } from '../../store/lodging.ts';
import { assessOne } from '../assessment/assess-one.ts';
import { lodgingUpdate } from '../assessment/functions.ts';
import { agrees } from '../assessment/read.ts';
import { copyItems, taxInformation } from './copy.ts';
import type { LodgingDeps } from './lodge.ts';

const ground = '番号利用法 第19条第8号, 第21条の2';
type Items = NonNullable<LodgedCopy['items']>;

/** One part of the originals: levies in force of the year in the order of the persons' numbers, after the one before. */
const readPart = act('resident-tax.read-originals', {
  right: lodgingUpdate,
  async run(
    tx,
    deps: LodgingDeps,
    query: { readonly fiscalYear: number; readonly after: string | null },
  ): Promise<Result<{ readonly content: string; readonly rows: number; readonly last: string | null }, never>> {
    const found = await originals(tx, { ...query, limit: rowsPerPart });
    const persons = await addressees(
      tx,
      found.map((one) => one.personId),
    );
    const stored = await getAssessments(
      tx,
      found.map((one) => one.assessmentId),
    );
    const levies = new Map(stored.map((one) => [one.assessmentId, one]));
    const lines = found.map(({ assessmentId, personId, orgPersonNumber, decidedOn }) => {
      const levy = levies.get(assessmentId)!;
      const explained = assessOne(levy.input);
      if (!agrees(levy, explained)) throw new Error(`the levy ${assessmentId} does not agree with its facts`);
      const items = copyItems(explained);
      if (items === null) throw new Error(`the levy ${assessmentId} has no copy`);
      return lineOf(orgPersonNumber, decidedOn, persons.get(personId)!.addressProtected, items);
    });
    tx.record({
      event: 'originals.read',
      ground,
      items: [taxInformation],
      recipient: deps.commonPlatform,
      subjects: found.map((one) => one.personId),
      detail: { fiscalYear: query.fiscalYear, rows: found.length },
    });
    const content = copyFilePart(taxInformation, lines);
    return ok({ content, rows: found.length, last: found.at(-1)?.orgPersonNumber ?? null });
  },
});

function lineOf(orgPersonNumber: string, decidedOn: string, blocked: boolean, items: Items): string {
  const names = headerOf(taxInformation).slice(5);
  const cells = names.map((name) => cellOf(items[name] ?? null));
  return [orgPersonNumber, decidedOn, updateKinds.register, blocked ? '1' : '0', '0', ...cells].join(',');
}

function cellOf(value: Items[string]): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  const text = `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const noteOffer = act('resident-tax.note-comparison', {
  right: lodgingUpdate,
  async run(
    tx,
    deps: LodgingDeps,
    told: { readonly fileId: string; readonly fiscalYear: number; readonly rows: number; readonly word: string | null },
  ): Promise<Result<null, never>> {
    const { fileId, fiscalYear, rows, word } = told;
    tx.record({
      event: word === null ? 'comparison.offered' : 'comparison.not-taken',
      recipient: deps.commonPlatform,
      items: [taxInformation],
      detail: { file: fileId, fiscalYear, rows, ...(word === null ? {} : { word }) },
    });
    return ok(null);
  },
});

/**
 * 副本と原本の突合: the ward's own levies of the year, computed anew from their facts, go to the intermediate server to be held against what
 * stands there. Nothing is lodged by it; what differs is listed there. One that breaks off is offered again as another file.
 *
 * @source 001-III.6-R7-03, R7-04; 002-III.6-R7-04; 番号利用法 第21条の2
 */
export async function offerComparison(
  deps: LodgingDeps,
  actor: Actor,
  { fiscalYear }: { readonly fiscalYear: number },
): Promise<
  Result<{ readonly fileId: string; readonly rows: number }, 'not-authorised' | 'nothing-to-compare' | 'not-taken'>
> {
  const parts: string[] = [];
  let rows = 0;
  for (let after: string | null = null; ; ) {
    const part: Awaited<ReturnType<typeof readPart>> = await readPart(deps, actor, { fiscalYear, after });
    if (!part.ok) return part;
    if (part.value.rows === 0) break;
    parts.push(part.value.content);
    rows += part.value.rows;
    after = part.value.last;
    if (part.value.rows < rowsPerPart) break;
  }
  if (rows === 0) return err('nothing-to-compare');
  const fileId = deps.newId();
  const digest = sha256(parts.map((part) => sha256(part).toString('hex')).join('')).toString('hex');
  const word = await send(deps, { fileId, fiscalYear, rows, digest, parts });
  const noted = await noteOffer(deps, actor, { fileId, fiscalYear, rows, word });
  if (!noted.ok) return noted;
  return word === null ? ok({ fileId, rows }) : err('not-taken');
}

/** @returns null, or why it was not taken */
async function send(
  deps: LodgingDeps,
  file: {
    readonly fileId: string;
    readonly fiscalYear: number;
    readonly rows: number;
    readonly digest: string;
    readonly parts: readonly string[];
  },
): Promise<string | null> {
  const { fileId, fiscalYear, rows, digest } = file;
  const announced = await deps.peers.call(
    announceCopyFile,
    deps.commonPlatform,
    {},
    {
      fileId,
      system: 'resident-tax',
      kind: 'comparison',
      informationCode: taxInformation,
      condition: { taxYear: fiscalYear },
      validFrom: deps.civilClock.today().toString(),
      rows,
      digest,
    },
  );
  if (!announced.ok) return announced.error;
  for (const [i, content] of file.parts.entries()) {
    const put = await deps.peers.call(putCopyFilePart, deps.commonPlatform, {}, { fileId, part: i + 1, content });
    if (!put.ok) return put.error;
  }
  return null;
}
