import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler, type NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler';
import type { Job, JobAnswer, SheetRequest, WorkerSettings } from './typesetter.ts';

const settings = workerData as WorkerSettings;
const at = (file: string): string => `${settings.templatesFolder}${file}`;
// Fonts are parsed here once, for all documents of this worker.
const compiler = NodeCompiler.create({
  workspace: settings.templatesFolder,
  fontArgs: [{ fontBlobs: settings.fonts.map((font) => Buffer.from(font)) }],
});
compiler.mapShadow(at('/official.typ'), readFileSync(settings.frameFile));
compiler.mapShadow(at('/fonts.json'), Buffer.from(settings.families));
let images = 0;
let sinceCleaning = 0;

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answer(job)));

/*
 * What documents say comes as files, not as inputs of the compiler: with other inputs everything that was laid out before is
 * laid out again, with another file only what reads it.
 */
function answer(job: Job): JobAnswer {
  for (const [i, image] of job.images.entries()) compiler.mapShadow(at(`/image-${i}`), Buffer.from(image));
  for (let i = job.images.length; i < images; i++) compiler.unmapShadow(at(`/image-${i}`));
  images = job.images.length;
  try {
    return (
      set(job, job.documents) ?? set(job, job.documents.map(counted)) ?? { id: job.id, fault: 'pages not counted' }
    );
  } finally {
    // What only earlier documents needed is let go; what templates and fonts share stays.
    sinceCleaning += job.documents.length;
    if (sinceCleaning >= 10) {
      sinceCleaning = 0;
      compiler.evictCache(2);
    }
  }
}

const counted = (document: SheetRequest): SheetRequest => ({ ...document, frame: { ...document.frame, pages: null } });

/**
 * Undefined where the file has not the pages that were expected. A document whose sheets are begun one by one has never fewer than that, so
 * that a sum which agrees means that each agrees.
 */
function set(job: Job, documents: readonly SheetRequest[]): JobAnswer | undefined {
  compiler.mapShadow(at('/request.json'), Buffer.from(JSON.stringify(documents)));
  const compiled = compiler.compile({ mainFilePath: at(`/${job.template}`) });
  const document = compiled.result;
  if (document === null) {
    const error = compiled.takeError();
    return { id: job.id, fault: error ? JSON.stringify(error.shortDiagnostics) : 'no document' };
  }
  const total = document.numOfPages;
  const pages =
    documents.length === 1 && documents[0]?.frame.pages == null ? [total] : pagesOfEach(document, documents);
  if (pages.reduce((sum, each) => sum + each, 0) !== total) return undefined;
  const pdf = compiler.pdf(document, { pdfStandard: job.standard, creationTimestamp: job.timestamp });
  return { id: job.id, pdf: new Uint8Array(pdf), pages };
}

function pagesOfEach(document: NodeTypstDocument, documents: readonly SheetRequest[]): readonly number[] {
  const known = documents.every(({ frame }) => frame.pages !== null);
  const query = { selector: '<pages>', field: 'value' };
  const found = known ? [] : (compiler.query(document, query) as readonly (readonly [number, number])[]);
  const byPlace = new Map(found);
  return documents.map(({ frame }, i) => frame.pages ?? byPlace.get(i) ?? 0);
}
