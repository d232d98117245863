import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '../result/result.ts';
import { type Coverage, readCoverage } from './coverage.ts';
import { type Unprintable, unprintableIn } from './unprintable.ts';

const require = createRequire(import.meta.url);
const fontFile = (name: string): string => require.resolve(`@expo-google-fonts/${name}`);
const gothic = [
  'biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf',
  'biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf',
] as const;
const serif = [
  'noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf',
  'noto-serif-jp/700Bold/NotoSerifJP_700Bold.ttf',
] as const;

export interface TypesetterOptions {
  /** Folder with the templates (`.typ`); they may read nothing outside it but `/official.typ`, the common frame. */
  readonly templatesFolder: string;
  /** IPAmj明朝 (61,179 glyphs, with the registered shapes), where it is installed; names and addresses use it. */
  readonly ipamjFile?: string;
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
  /** That it will be one page, which spares counting; where it is not, it is counted after all. Only with `officials`. */
  readonly onePage?: boolean;
}

/** A request of which every character can be drawn, ready to be set. */
export interface CheckedDocument {
  readonly template: string;
  readonly standard: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly title: string;
  readonly onePage: boolean;
  /** JSON: the data, and what the frame prints on every page. */
  readonly content: string;
  readonly images: readonly NamedImage[];
  readonly otherShapes: readonly Unprintable[];
}

export interface NamedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
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
  close(): Promise<void>;
}

/** Sets many documents in one go besides: those of a print run. */
export interface BatchTypesetter extends Typesetter {
  /** Refuses what the fonts cannot draw exactly; sets nothing yet. */
  check(request: DocumentRequest): Promise<Result<CheckedDocument, UnprintableCharacters>>;
  /**
   * Sets many documents of a template that begins with `officials`, each a file of its own as from `render` but for the fonts, which hold the
   * glyphs of all. Laid out and written together they take little more than half of the time; the same list gives the same bytes.
   */
  renderTogether(documents: readonly CheckedDocument[]): Promise<readonly TypesetDocument[]>;
}

export interface WorkerSettings {
  readonly templatesFolder: string;
  readonly frameFile: string;
  readonly fontFiles: readonly string[];
  /** JSON: the families for body and registered text, in order. */
  readonly fonts: string;
}

export interface Job {
  readonly id: number;
  readonly template: string;
  /** JSON of each document. */
  readonly documents: readonly string[];
  readonly onePage: boolean;
  readonly images: readonly NamedImage[];
  readonly standard: string;
  readonly timestamp: number;
}

interface SetDocument {
  readonly pdf: Uint8Array;
  readonly pages: number;
}
export type JobAnswer =
  | { readonly id: number; readonly fault: string }
  | { readonly id: number; readonly documents: readonly SetDocument[] };

/**
 * Starts the typesetter: reads what the fonts can draw, starts the threads. One per process, shared by all documents;
 * close it at the end (`await using`).
 */
export async function createTypesetter(options: TypesetterOptions): Promise<BatchTypesetter> {
  const files = [...gothic, ...serif].map(fontFile);
  const ipamj = options.ipamjFile;
  const [gothicCoverage, serifCoverage, ipamjCoverage] = await Promise.all([
    coverageOf(files[0]),
    coverageOf(files[2]),
    coverageOf(ipamj),
  ]);
  const coverage = {
    body: [gothicCoverage, serifCoverage, ipamjCoverage].filter((c) => c !== undefined),
    registered: [ipamjCoverage, serifCoverage].filter((c) => c !== undefined),
  };
  const fonts = {
    body: ['BIZ UDPGothic', 'Noto Serif JP', ...(ipamj ? ['IPAmjMincho'] : [])],
    registered: [...(ipamj ? ['IPAmjMincho'] : []), 'Noto Serif JP'],
  };
  const pool = startPool(options.workers ?? 1, {
    templatesFolder: path.resolve(options.templatesFolder),
    frameFile: path.join(path.dirname(fileURLToPath(import.meta.url)), 'official.typ'),
    fontFiles: ipamj ? [...files, ipamj] : files,
    fonts: JSON.stringify(fonts),
  });

  let images = 0;
  const check = (request: DocumentRequest): Result<CheckedDocument, UnprintableCharacters> => {
    const own: NamedImage[] = [];
    const named = (bytes: Uint8Array): string => {
      const name = `/image-${images++}`;
      own.push({ name, bytes });
      return name;
    };
    const data = JSON.parse(JSON.stringify(request.data, namingImages(named))) as unknown;
    const found = unprintableIn({ data, title: request.title }, coverage).map((u) => ({
      ...u,
      path: u.path.replace(/^data\.?/, ''),
    }));
    if (found.some((u) => u.fault === 'no-glyph' || request.otherShapes !== 'flag'))
      return err({ word: 'unprintable-character', characters: found });
    const { template, documentId, subjectCheck, title } = request;
    return ok({
      template,
      standard: request.standard ?? 'a-2a',
      timestamp: Math.floor(request.issuedAt.epochMilliseconds / 1000),
      title,
      onePage: request.onePage ?? false,
      content: JSON.stringify({ data, frame: { documentId, subjectCheck, title } }),
      images: own,
      otherShapes: found,
    });
  };
  const set = async (documents: readonly CheckedDocument[]): Promise<readonly TypesetDocument[]> => {
    const [first] = documents;
    if (first === undefined) return [];
    const { template, standard, timestamp } = first;
    const answer = await pool.run({
      template,
      standard,
      timestamp,
      onePage: first.onePage,
      documents: documents.map(({ content }) => content),
      images: documents.flatMap((document) => document.images),
    });
    return answer.documents.map((one, i) => ({ ...one, otherShapes: documents[i]?.otherShapes ?? [] }));
  };
  // One file has one template, one title, one time, and either counts its pages or not.
  const fileOf = (one: CheckedDocument): string =>
    JSON.stringify([one.template, one.standard, one.timestamp, one.title, one.onePage]);

  return {
    async render(request) {
      const checked = check(request);
      if (!checked.ok) return checked;
      const [document] = await set([checked.value]);
      if (document === undefined) throw new Error('a document was expected');
      return ok(document);
    },
    check: async (request) => check(request),
    async renderTogether(documents) {
      const files = Map.groupBy(documents, fileOf);
      const done = new Map<CheckedDocument, TypesetDocument>();
      for (const together of files.values())
        for (const [i, document] of (await set(together)).entries()) done.set(together[i] as CheckedDocument, document);
      return documents.map((document) => done.get(document) as TypesetDocument);
    },
    close: pool.close,
    [Symbol.asyncDispose]: pool.close,
  };
}

/** Puts bytes aside and the name of their file in their place, as the template reads it. */
function namingImages(
  named: (bytes: Uint8Array) => string,
): (this: Record<string, unknown>, key: string, value: unknown) => unknown {
  return function (key, value) {
    // The holder's own value: a Buffer has become an object by now.
    const own = this[key];
    return own instanceof Uint8Array ? named(own) : value;
  };
}

const coverageOf = async (file: string | undefined): Promise<Coverage | undefined> =>
  file === undefined ? undefined : readCoverage(await readFile(file));

type Done = Extract<JobAnswer, { documents: readonly SetDocument[] }>;

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
