import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
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
let images = 0;
let sinceCleaning = 0;

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answer(job)));

/*
 * What a document says comes as files, not as inputs of the compiler: with other inputs everything that was laid out before is
 * laid out again, with another file only what reads it.
 */
function bring(job: Job): void {
  compiler.mapShadow(at('/request.json'), Buffer.from(job.request));
  for (const [i, image] of job.images.entries()) compiler.mapShadow(at(`/image-${i}`), Buffer.from(image));
  for (let i = job.images.length; i < images; i++) compiler.unmapShadow(at(`/image-${i}`));
  images = job.images.length;
}

function answer(job: Job): JobAnswer {
  bring(job);
  const compiled = compiler.compile({ mainFilePath: at(`/${job.template}`) });
  const document = compiled.result;
  if (document === null) {
    const error = compiled.takeError();
    return { id: job.id, fault: error ? JSON.stringify(error.shortDiagnostics) : 'no document' };
  }
  const pdf = compiler.pdf(document, { pdfStandard: job.standard, creationTimestamp: job.timestamp });
  // What only earlier documents needed is let go; what templates and fonts share stays.
  if (++sinceCleaning % 10 === 0) compiler.evictCache(2);
  return { id: job.id, pdf: new Uint8Array(pdf), pages: document.numOfPages };
}
