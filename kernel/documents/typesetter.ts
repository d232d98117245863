import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '../result/result.ts';
import { readCoverage } from './coverage.ts';
import { packagedFonts, shared } from './fonts.ts';
import { type Unprintable, unprintableIn } from './unprintable.ts';

export interface TypesetterOptions {
  /** Folder with the templates (`.typ`); they may read nothing outside it but `/official.typ`, the common frame. */
  readonly templatesFolder: string;
  /** IPAmj明朝 (61,179 glyphs, with the registered shapes), where it is installed; names and addresses use it. */
  readonly ipamjFile?: string;
  /** Where the file of a packaged font is; without it where its package is. Only the very file of the build is taken. */
  readonly fontFile?: (name: string) => string;
  /** Threads that set type; each holds the fonts (about 25 MB, with IPAmj 70 MB). Default 1. */
  readonly workers?: number;
}

export interface DocumentRequest {
  /** File in the templates folder. */
  readonly template: string;
  /** What the template prints, as JSON. Names and addresses as `registered(…)`; bytes (a `Uint8Array`) are an image's file. */
  readonly data: object;
  /** On every page, with n/N. */
  readonly documentId: string;
  /** On every page: see `subjectCheckCode`. */
  readonly subjectCheck: string;
  readonly title: string;
  /** In the file's own description; the same request gives the same bytes. */
  readonly issuedAt: Temporal.Instant;
  /**
   * `refuse` (default): a name that would appear in another shape than registered is not printed at all.
   * `flag`: it is printed with the fonts' usual shape and named in the answer. A character without any glyph is
   * refused either way.
   */
  readonly otherShapes?: 'refuse' | 'flag';
  /** Default PDF/A-2a: archival, tagged, with Unicode text. */
  readonly standard?: 'a-2a' | 'a-2b' | 'ua-1';
  /** Sheets that it will have, where that is known from the data; a template of `officials` then need not count. Found wrong, it counts. */
  readonly expectedPages?: number;
}

/** One of many documents in a file. */
export type PartDocument = Pick<
  DocumentRequest,
  'data' | 'documentId' | 'subjectCheck' | 'otherShapes' | 'expectedPages'
>;

const printable = Symbol('printable');
/** A document that `check` found printable. */
export interface PrintableDocument extends PartDocument {
  readonly [printable]: true;
  /** Characters that will be printed in another shape than registered (only with `flag`). */
  readonly otherShapesFound: readonly Unprintable[];
}

/** Many documents of one template in one file: a part of a print run. */
export interface PartRequest extends Pick<DocumentRequest, 'template' | 'title' | 'issuedAt' | 'standard'> {
  readonly documents: readonly PrintableDocument[];
}

export interface TypesetPart {
  readonly pdf: Uint8Array;
  readonly pages: number;
  /** In the order of the request; pages are counted from 1. */
  readonly documents: readonly { readonly firstPage: number; readonly pages: number }[];
}

export interface TypesetDocument {
  readonly pdf: Uint8Array;
  readonly pages: number;
  /** Characters printed in another shape than registered (only with `flag`). */
  readonly otherShapes: readonly Unprintable[];
}

export interface UnprintableCharacters {
  readonly word: 'unprintable-character';
  readonly characters: readonly Unprintable[];
}

export interface Typesetter extends AsyncDisposable {
  /** Sets one document. Refuses what the fonts cannot draw exactly; throws where the template itself is faulty. */
  render(request: DocumentRequest): Promise<Result<TypesetDocument, UnprintableCharacters>>;
  /** Refuses what the fonts cannot draw exactly, by the rules of `render`; sets nothing. */
  check(document: PartDocument): Promise<Result<PrintableDocument, UnprintableCharacters>>;
  /**
   * Sets a part of a print run as one file, laid out and written in one go: fonts are embedded once. The template begins with `officials`.
   * The same request gives the same bytes.
   */
  renderPart(part: PartRequest): Promise<TypesetPart>;
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly templatesFolder: string;
  readonly frameFile: string;
  /** The bytes that were compared with the build's digests: a file exchanged afterwards changes nothing. */
  readonly fonts: readonly SharedArrayBuffer[];
  /** JSON: the families for body and registered text, in order. */
  readonly families: string;
}

/** What `official.typ` reads of a document: its data, and what stands on every page. */
export interface SheetRequest {
  readonly data: unknown;
  readonly frame: {
    readonly documentId: string;
    readonly subjectCheck: string;
    readonly title: string;
    /** Null: to be counted. */
    readonly pages: number | null;
  };
}

export interface Job {
  readonly id: number;
  readonly template: string;
  readonly documents: readonly SheetRequest[];
  readonly images: readonly Uint8Array[];
  readonly standard: string;
  readonly timestamp: number;
}

export type JobAnswer =
  | { readonly id: number; readonly fault: string }
  | { readonly id: number; readonly pdf: Uint8Array; readonly pages: readonly number[] };

/**
 * Starts the typesetter: reads what the fonts can draw, starts the threads. One per process, shared by all documents;
 * close it at the end (`await using`).
 */
export async function createTypesetter(options: TypesetterOptions): Promise<Typesetter> {
  // The layout's own threads spin while they wait, so there are no more of them than of ours. Read once a process, with the first document.
  process.env.RAYON_NUM_THREADS ??= `${options.workers ?? 1}`;
  const packaged = await packagedFonts(options.fontFile);
  const own = options.ipamjFile === undefined ? undefined : shared(await readFile(options.ipamjFile));
  const [gothicCoverage, serifCoverage, ipamjCoverage] = [packaged[0], packaged[2], own].map((font) =>
    font === undefined ? undefined : readCoverage(new Uint8Array(font)),
  );
  const coverage = {
    body: [gothicCoverage, serifCoverage, ipamjCoverage].filter((c) => c !== undefined),
    registered: [ipamjCoverage, serifCoverage].filter((c) => c !== undefined),
  };
  const fonts = {
    body: ['BIZ UDPGothic', 'Noto Serif JP', ...(own ? ['IPAmjMincho'] : [])],
    registered: [...(own ? ['IPAmjMincho'] : []), 'Noto Serif JP'],
  };
  const pool = startPool(options.workers ?? 1, {
    templatesFolder: path.resolve(options.templatesFolder),
    frameFile: path.join(path.dirname(fileURLToPath(import.meta.url)), 'official.typ'),
    fonts: own ? [...packaged, own] : packaged,
    families: JSON.stringify(fonts),
  });

  const refusedIn = (texts: object, otherShapes: DocumentRequest['otherShapes']) => {
    const found = unprintableIn(texts, coverage).map((u) => ({ ...u, path: u.path.replace(/^data\.?/, '') }));
    return found.some((u) => u.fault === 'no-glyph' || otherShapes !== 'flag')
      ? err({ word: 'unprintable-character' as const, characters: found })
      : ok(found);
  };
  const set = (
    part: Omit<PartRequest, 'documents'> & { readonly documents: readonly PartDocument[] },
  ): Promise<Done> => {
    const images: Uint8Array[] = [];
    const { template, title, issuedAt, standard = 'a-2a' } = part;
    const documents = part.documents.map(({ data, documentId, subjectCheck, expectedPages = null }) => ({
      data: JSON.parse(JSON.stringify(data, namingImages(images))) as unknown,
      frame: { documentId, subjectCheck, title, pages: expectedPages },
    }));
    return pool.run({
      template,
      documents,
      images,
      standard,
      timestamp: Math.floor(issuedAt.epochMilliseconds / 1000),
    });
  };

  return {
    async render(request) {
      const { data, title } = request;
      const found = refusedIn({ data, title }, request.otherShapes);
      if (!found.ok) return found;
      const { pdf, pages } = await set({ ...request, documents: [request] });
      return ok({ pdf, pages: pages[0] ?? 0, otherShapes: found.value });
    },
    async check(document) {
      const found = refusedIn({ data: document.data }, document.otherShapes);
      return found.ok ? ok(foundPrintable(document, found.value)) : found;
    },
    async renderPart(part) {
      if (part.documents.length === 0) throw new Error('a part holds at least one document');
      const { pdf, pages } = await set(part);
      let next = 1;
      const documents = pages.map((count) => {
        const firstPage = next;
        next += count;
        return { firstPage, pages: count };
      });
      return { pdf, pages: next - 1, documents };
    },
    close: pool.close,
    [Symbol.asyncDispose]: pool.close,
  };
}

const foundPrintable = (document: PartDocument, otherShapesFound: readonly Unprintable[]): PrintableDocument => ({
  ...document,
  otherShapesFound,
  [printable]: true,
});

/** Puts bytes aside and the name of their file in their place, as the template reads it. */
function namingImages(images: Uint8Array[]): (this: Record<string, unknown>, key: string, value: unknown) => unknown {
  return function (key, value) {
    // The holder's own value: a Buffer has become an object by now.
    const own = this[key];
    if (!(own instanceof Uint8Array)) return value;
    images.push(own);
    return `/image-${images.length - 1}`;
  };
}

type Done = Extract<JobAnswer, { pdf: Uint8Array }>;

interface Waiting {
  readonly job: Job;
  readonly worker: Worker;
  readonly resolve: (answer: Done) => void;
  readonly reject: (error: Error) => void;
}

/** Threads with the fewest open jobs first; a thread that dies fails its open jobs and is replaced. */
function startPool(size: number, settings: WorkerSettings) {
  const waiting = new Map<number, Waiting>();
  const workers: Worker[] = [];
  let next = 0;
  let closed = false;

  const start = (): Worker => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings });
    worker.unref();
    worker.on('message', (answer: JobAnswer) => {
      const open = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) for (const idle of workers) idle.unref();
      if ('fault' in answer) open?.reject(new Error(`the template ${open.job.template} is faulty: ${answer.fault}`));
      else open?.resolve(answer);
    });
    worker.on('error', (error) => fail(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => fail(worker, new Error('the typesetting thread ended')));
    return worker;
  };
  const fail = (worker: Worker, error: Error): void => {
    for (const [id, open] of waiting) {
      if (open.worker !== worker) continue;
      waiting.delete(id);
      open.reject(error);
    }
    const place = workers.indexOf(worker);
    if (place >= 0 && !closed) workers[place] = start();
  };
  for (let i = 0; i < size; i++) workers.push(start());

  const load = (worker: Worker): number => [...waiting.values()].filter((open) => open.worker === worker).length;
  return {
    run(job: Omit<Job, 'id'>): Promise<Done> {
      if (closed) return Promise.reject(new Error('the typesetter is closed'));
      const worker = workers.toSorted((a, b) => load(a) - load(b))[0];
      if (worker === undefined) return Promise.reject(new Error('a typesetter has at least one thread'));
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { job: { ...job, id }, worker, resolve, reject });
        worker.ref();
        worker.postMessage({ ...job, id });
      });
    },
    async close() {
      closed = true;
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Six letters that are the same on all pages of one person's document and differ between persons, so that whoever
 * fills envelopes sees a page of somebody else. Keyed: nothing about the person can be read from it.
 */
export function subjectCheckCode(key: Uint8Array, documentId: string, subject: string): string {
  const mac = createHmac('sha256', key).update(`${documentId}\n${subject}`).digest();
  return Array.from({ length: 6 }, (_, i) => letters[(mac[i] ?? 0) & 31]).join('');
}
