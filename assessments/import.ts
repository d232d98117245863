import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { z } from 'zod';
import { type AssessmentId, assessmentIds, assessmentOf, type Measure } from './measures.ts';

/**
 * The official wording of one assessment, as its publisher gives it. Musubi holds ids and paraphrases; the sentences stay in
 * a file of the municipality or prefecture, outside the repository, and are joined by id when they are shown.
 *
 *     {"assessment": "003", "title": "…", "publishedOn": "2025-04-01", "sentences": [{"id": "003-II.4-A01", "text": "…"}]}
 */
export const officialTextSchema = z.strictObject({
  assessment: z.enum(assessmentIds as [AssessmentId]),
  title: z.string().min(1),
  publishedOn: z.iso.date(),
  sentences: z.array(z.strictObject({ id: z.string(), text: z.string().trim().min(1).max(4_000) })).min(1),
});
export type OfficialText = Readonly<z.infer<typeof officialTextSchema>>;

export interface JoinedText {
  readonly assessment: AssessmentId;
  readonly title: string;
  readonly publishedOn: Temporal.PlainDate;
  readonly byMeasure: ReadonlyMap<string, string>;
  /** Measures of the assessment for which the file has no sentence. */
  readonly missing: readonly string[];
}

export type ImportRefusal =
  | { readonly word: 'inside-repository' }
  | { readonly word: 'not-the-layout'; readonly faults: readonly string[] }
  | { readonly word: 'unknown-measures'; readonly ids: readonly string[] }
  | { readonly word: 'sentence-twice'; readonly ids: readonly string[] };

/** Reads an operator's file of official sentences and joins it to the measures of its assessment by id. */
export async function importOfficialText(
  file: string,
  { root, measures }: { readonly root: string; readonly measures: readonly Measure[] },
): Promise<Result<JoinedText, ImportRefusal>> {
  const [real, realRoot] = await Promise.all([realpath(file), realpath(root)]);
  if (!path.relative(realRoot, real).startsWith('..')) return err({ word: 'inside-repository' });

  const parsed = officialTextSchema.safeParse(parseJson(await readFile(real, 'utf8')));
  if (!parsed.success) {
    return err({
      word: 'not-the-layout',
      faults: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`),
    });
  }
  const { assessment, title, publishedOn, sentences } = parsed.data;
  const known = new Set(
    measures.filter((measure) => assessmentOf(measure) === assessment).map((measure) => measure.id),
  );
  const unknown = sentences.map((sentence) => sentence.id).filter((id) => !known.has(id));
  if (unknown.length > 0) return err({ word: 'unknown-measures', ids: [...new Set(unknown)] });

  const byMeasure = new Map(sentences.map((sentence) => [sentence.id, sentence.text]));
  if (byMeasure.size < sentences.length) {
    const ids = sentences.map((sentence) => sentence.id);
    return err({ word: 'sentence-twice', ids: [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))] });
  }
  return ok({
    assessment,
    title,
    publishedOn: Temporal.PlainDate.from(publishedOn),
    byMeasure,
    missing: [...known].filter((id) => !byMeasure.has(id)),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
