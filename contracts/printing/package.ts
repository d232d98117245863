import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { boxes, type Face, type Form } from './face.ts';
import { type Entry, readStoredZip, storedZip } from './stored-zip.ts';

/** One document of a part, in the order of the envelopes. */
export interface PrintedDocument {
  readonly position: number;
  readonly documentId: string;
  /** Page of the part's file on which it begins, from 1. Documents follow each other without a page between. */
  readonly firstPage: number;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly amountYen: number;
  /** Hex, of what it says (文書台帳). */
  readonly sha256: string;
  readonly face: Face;
}

/** A part of a print job: the sheets of all its documents in one file, and where each begins. */
export interface PrintPart {
  readonly form: Form;
  readonly pdf: Uint8Array;
  readonly documents: readonly PrintedDocument[];
}

const planHead = 'position,document_id,first_page,pages,subject_check,amount_yen,sha256';
const faceHead = ['position', ...boxes].join('\t');
/**
 * 印刷用データ, one part: `part.pdf`, the sheets of all envelopes one after another, set in one go; `index.csv`, the envelope plan: which pages
 * are whose, with control totals and the file's digest in the last line; `faces.tsv`, the boxes of each envelope's face; `form.json`, the form
 * that they are for. The same bytes for the same part.
 */
export function writePrintPart({ form, pdf, documents }: PrintPart): Buffer {
  const entries: Entry[] = [
    { name: 'index.csv', content: Buffer.from(envelopePlan({ pdf, documents }), 'utf8') },
    { name: 'faces.tsv', content: Buffer.from(faceLines(documents), 'utf8') },
    { name: 'form.json', content: Buffer.from(JSON.stringify({ id: form.id, version: form.version }), 'utf8') },
    { name: 'part.pdf', content: pdf },
  ];
  return storedZip(entries);
}

export function envelopePlan({ pdf, documents }: Pick<PrintPart, 'pdf' | 'documents'>): string {
  const lines = documents.map(({ position, documentId, firstPage, pages, subjectCheck, amountYen, sha256 }) =>
    [position, documentId, firstPage, pages, subjectCheck, amountYen, sha256].join(','),
  );
  return [planHead, ...lines, totalLine(documents, pdf), ''].join('\r\n');
}

function totalLine(documents: readonly PrintedDocument[], pdf: Uint8Array): string {
  const pages = documents.reduce((sum, document) => sum + document.pages, 0);
  const yen = documents.reduce((sum, document) => sum + document.amountYen, 0);
  return `total,${documents.length},,${pages},,${yen},${createHash('sha256').update(pdf).digest('hex')}`;
}

function faceLines(documents: readonly PrintedDocument[]): string {
  const lines = documents.map(({ position, face }) => [position, ...boxes.map((box) => cell(face[box]))].join('\t'));
  return [faceHead, ...lines, ''].join('\r\n');
}

function cell(text: string): string {
  if (/[\t\r\n]/.test(text)) throw new Error('a box of a face holds one line');
  return text;
}

export type PartFault = 'not-a-zip' | 'damaged' | 'plan-unreadable' | 'totals-differ' | 'pages-differ';

/** Reads a part as the contractor does: plan, faces, pages and totals agree with each other and with the file, or nothing is taken. */
export function readPrintPart(bytes: Uint8Array): Result<PrintPart, PartFault> {
  const zip = readStoredZip(bytes);
  if (!zip.ok) return zip;
  const lines = (name: string): readonly string[] => zip.value.get(name)?.toString('utf8').split('\r\n') ?? [];
  const [head, ...plan] = lines('index.csv');
  const [faceTop, ...faces] = lines('faces.tsv');
  const form = readForm(zip.value.get('form.json'));
  const pdf = zip.value.get('part.pdf');
  if (head !== planHead || faceTop !== faceHead || form === undefined || pdf === undefined)
    return err('plan-unreadable');
  if (plan.pop() !== '' || faces.pop() !== '') return err('plan-unreadable');
  const total = plan.pop();
  if (plan.length !== faces.length || zip.value.size !== 4) return err('totals-differ');
  const documents: PrintedDocument[] = [];
  let page = 1;
  for (const [i, line] of plan.entries()) {
    const [position, documentId, firstPage, pages, subjectCheck, amountYen, sha256, ...more] = line.split(',');
    const [facePosition, ...texts] = faces[i]?.split('\t') ?? [];
    if (sha256 === undefined || more.length > 0 || facePosition !== position || texts.length !== boxes.length)
      return err('plan-unreadable');
    // Each page is somebody's, and no two people's.
    if (Number(firstPage) !== page || !(Number(pages) >= 1)) return err('pages-differ');
    page += Number(pages);
    const face = Object.fromEntries(boxes.map((box, at) => [box, texts[at] ?? ''])) as Record<
      (typeof boxes)[number],
      string
    >;
    documents.push({
      position: Number(position),
      documentId: documentId ?? '',
      firstPage: Number(firstPage),
      pages: Number(pages),
      subjectCheck: subjectCheck ?? '',
      amountYen: Number(amountYen),
      sha256,
      face,
    });
  }
  return total === totalLine(documents, pdf) ? ok({ form, pdf, documents }) : err('totals-differ');
}

function readForm(bytes: Buffer | undefined): Form | undefined {
  if (bytes === undefined) return undefined;
  const [, id, version] = /^\{"id":"([a-z0-9-]{1,40})","version":([0-9]{1,4})\}$/.exec(bytes.toString('utf8')) ?? [];
  return id === undefined ? undefined : { id, version: Number(version) };
}
