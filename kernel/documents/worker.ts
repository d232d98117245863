import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import type { Job, JobAnswer, WorkerSettings } from './typesetter.ts';

const settings = workerData as WorkerSettings;
// Fonts are read and parsed here once, for all documents of this worker.
const compiler = NodeCompiler.create({
  workspace: settings.templatesFolder,
  fontArgs: [{ fontBlobs: settings.fontFiles.map((file) => readFileSync(file)) }],
});
compiler.mapShadow(`${settings.templatesFolder}/official.typ`, readFileSync(settings.frameFile));
let sinceCleaning = 0;

parentPort?.on('message', (job: Job) => parentPort?.postMessage(answer(job)));

function answer(job: Job): JobAnswer {
  const compiled = compiler.compile({
    mainFilePath: `${settings.templatesFolder}/${job.template}`,
    inputs: { data: job.data, frame: job.frame, fonts: settings.fonts },
  });
  const document = compiled.result;
  if (document === null) {
    const error = compiled.takeError();
    return { id: job.id, fault: error ? JSON.stringify(error.shortDiagnostics) : 'no document' };
  }
  const pdf = compiler.pdf(document, { pdfStandard: job.standard, creationTimestamp: job.timestamp });
  // Memory of earlier documents is let go now and then; what templates and fonts share stays.
  if (++sinceCleaning % 50 === 0) compiler.evictCache(10);
  return { id: job.id, pdf: new Uint8Array(pdf), pages: document.numOfPages };
}
