import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type MechanismId, mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { z } from 'zod';

/** The five assessments, by the number that begins each measure's id. */
export const assessments = {
  '000': 'Statutory reports (法定調書等)',
  '001': 'Medical subsidy, specified chronic childhood diseases (小児慢性特定疾病医療費助成)',
  '002': 'Resident tax (個人住民税)',
  '003': 'Resident register network (住民基本台帳ネットワーク)',
  '004': 'Register of licensed cooks (調理師名簿)',
} as const;
export type AssessmentId = keyof typeof assessments;
export const assessmentIds = Object.keys(assessments) as AssessmentId[];

/** What a section code of the official form is about. */
export const sections = {
  'I-B1': 'Content of the affairs (appendix 1)',
  'II.2': 'Basic information on the file',
  'II.3': 'Acquisition and use',
  'II.4': 'Entrusting of handling',
  'II.5': 'Provision and transfer',
  'II.6': 'Storage and deletion',
  'II.7': 'Remarks on the file',
  'III.2': 'Risks in acquisition',
  'III.3': 'Risks in use',
  'III.4': 'Risks in entrusting',
  'III.5': 'Risks in provision and transfer',
  'III.6': 'Risks in connecting to the information network',
  'III.7': 'Risks in storage and deletion',
  'IV.1': 'Self-inspection and audit',
  'IV.2': 'Education',
  'IV.3': 'Other risk measures',
  'V.1': 'Requests for disclosure, correction and suspension',
  'V.2': 'Inquiries on handling',
} as const;

const measureSchema = z
  .strictObject({
    id: z.string().regex(/^00[0-4]-[A-Za-z0-9.-]+$/),
    section: z.enum(Object.keys(sections) as [keyof typeof sections]),
    /** Folder of the system that has to keep it, from the root. */
    system: z.string().regex(/^(systems|counterparts)\/[a-z-]+$/),
    kind: z.enum(['software', 'organisational', 'physical', 'deployment']),
    category: z.string().regex(/^[a-z-]+$/),
    /** Our own short English sentence; the official wording is imported by its owner (`import.ts`). */
    paraphrase: z.string().regex(/^[\x20-\x7e]{4,400}$/),
    /** All of them must be kept for the measure to be kept. */
    mechanisms: z
      .array(z.enum(mechanismIds))
      .min(1)
      .refine((ids) => new Set(ids).size === ids.length, 'each mechanism once')
      .optional(),
    /** What this measure fixes of its mechanisms: years, days, thresholds, roles, documents, articles. */
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
    /** Why software cannot keep it although the source assigns it to a system. */
    reclassified: z.string().min(20).optional(),
  })
  .refine(
    (measure) =>
      measure.kind === 'software'
        ? (measure.mechanisms === undefined) !== (measure.reclassified === undefined)
        : measure.mechanisms === undefined && measure.reclassified === undefined,
    'a software measure has mechanisms or the reason why it has none; any other measure has neither',
  );

/** One atomic promise of an assessment. */
export type Measure = Readonly<z.infer<typeof measureSchema>>;

/** All measures in the order of their assessments. Throws on data that breaks the schema. */
export async function loadMeasures(): Promise<readonly Measure[]> {
  const files = await Promise.all(
    assessmentIds.map((id) => readFile(path.join(import.meta.dirname, 'measures', `${id}.json`), 'utf8')),
  );
  return files.flatMap((text) => z.array(measureSchema).parse(JSON.parse(text)));
}

export function assessmentOf(measure: Pick<Measure, 'id'>): AssessmentId {
  return measure.id.slice(0, 3) as AssessmentId;
}

/** How many measures rest on each mechanism; one that nothing rests on protects the product beyond what was promised. */
export function measuresByMechanism(measures: readonly Measure[]): ReadonlyMap<MechanismId, readonly Measure[]> {
  const byMechanism = new Map<MechanismId, Measure[]>(mechanismIds.map((id) => [id, []]));
  for (const measure of measures) for (const id of measure.mechanisms ?? []) byMechanism.get(id)?.push(measure);
  return byMechanism;
}
