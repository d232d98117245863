import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler, type NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler';
import { splitPdf } from './split-pdf.ts';
import type { Job, JobAnswer, WorkerSettings } from './typesetter.ts';

const settings = workerData as WorkerSettings;
const at = (file: string): string => `${settings.templatesFolder}${file}`;
// Fonts are read and parsed here once, for all documents of this worker.
const compiler = NodeCompiler.create({
  workspace: settings.templatesFolder,
  fontArgs: [{ fontBlobs: settings.fontFiles.map((file) => readFileSync(file)) }],
});
compiler.mapShadow(at('/official.typ'), readFileSync(settings.frameFile));
compiler.mapShadow(at('/fonts.json'), Buffer.from(settings.fonts));
let sinceCleaning = 0;

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answer(job)));

/*
 * What documents say comes as files, not as inputs of the compiler: with other inputs everything that was laid out before is
 * laid out again, with another file only what reads it.
 */
function answer(job: Job): JobAnswer {
  for (const { name, bytes } of job.images) compiler.mapShadow(at(name), Buffer.from(bytes));
  try {
    return set(job, job.onePage) ?? set(job, false) ?? { id: job.id, fault: 'it sets one document at a time' };
  } finally {
    for (const { name } of job.images) compiler.unmapShadow(at(name));
    // What only earlier documents needed is let go; what templates and fonts share stays.
    sinceCleaning += job.documents.length;
    if (sinceCleaning >= 10) {
      sinceCleaning = 0;
      compiler.evictCache(2);
    }
  }
}

/** Undefined where the documents are not the pages that were expected. */
function set(job: Job, onePage: boolean): JobAnswer | undefined {
  const count = job.documents.length;
  const request = `{"onePage":${onePage},"documents":[${job.documents.join(',')}]}`;
  compiler.mapShadow(at('/request.json'), Buffer.from(request));
  const compiled = compiler.compile({ mainFilePath: at(`/${job.template}`) });
  const document = compiled.result;
  if (document === null) {
    const error = compiled.takeError();
    return { id: job.id, fault: error ? JSON.stringify(error.shortDiagnostics) : 'no document' };
  }
  const total = document.numOfPages;
  const pages = count === 1 ? [total] : onePage ? job.documents.map(() => 1) : pagesOfEach(document);
  if (onePage && total !== count) return undefined;
  if (pages.length !== count || pages.reduce((sum, each) => sum + each, 0) !== total) return undefined;
  const pdf = compiler.pdf(document, { pdfStandard: job.standard, creationTimestamp: job.timestamp });
  const pdfs = count === 1 ? [new Uint8Array(pdf)] : splitPdf(pdf, pages);
  return { id: job.id, documents: pdfs.map((one, i) => ({ pdf: one, pages: pages[i] as number })) };
}

const pagesOfEach = (document: NodeTypstDocument): readonly number[] =>
  compiler.query(document, { selector: '<pages>', field: 'value' }) as readonly number[];
