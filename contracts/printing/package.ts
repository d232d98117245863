import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { boxes, type Face, type Form } from './face.ts';
import { type Entry, readStoredZip, storedZip } from './stored-zip.ts';

/** One document of a package, in the order of the envelopes. */
export interface PrintedDocument {
  readonly position: number;
  readonly documentId: string;
  readonly pages: number;
  readonly subjectCheck: string;
  readonly amountYen: number;
  /** Hex, of the PDF. */
  readonly sha256: string;
  readonly pdf: Uint8Array;
  readonly face: Face;
}

const planHead = 'position,document_id,pages,subject_check,amount_yen,sha256';
const faceHead = ['position', ...boxes].join('\t');
const pdfName = ({ position, documentId }: Pick<PrintedDocument, 'position' | 'documentId'>): string =>
  `${`${position}`.padStart(6, '0')}-${documentId}.pdf`;

/**
 * 印刷用データ, one part: the PDFs as they are, one per envelope; `index.csv`, the envelope plan with its control totals in the last line;
 * `faces.tsv`, the boxes of each envelope's face; `form.json`, the form that they are for. The same bytes for the same documents. Names of
 * entries carry positions and document ids only.
 */
export function writePrintPart(documents: readonly PrintedDocument[], form: Form): Buffer {
  const entries: Entry[] = [
    { name: 'index.csv', content: Buffer.from(envelopePlan(documents), 'utf8') },
    { name: 'faces.tsv', content: Buffer.from(faceLines(documents), 'utf8') },
    { name: 'form.json', content: Buffer.from(JSON.stringify({ id: form.id, version: form.version }), 'utf8') },
    ...documents.map((document) => ({ name: pdfName(document), content: document.pdf })),
  ];
  return storedZip(entries);
}

export function envelopePlan(documents: readonly PrintedDocument[]): string {
  const lines = documents.map(({ position, documentId, pages, subjectCheck, amountYen, sha256 }) =>
    [position, documentId, pages, subjectCheck, amountYen, sha256].join(','),
  );
  const pages = documents.reduce((sum, document) => sum + document.pages, 0);
  const yen = documents.reduce((sum, document) => sum + document.amountYen, 0);
  return [planHead, ...lines, `total,${documents.length},${pages},,${yen},`, ''].join('\r\n');
}

function faceLines(documents: readonly PrintedDocument[]): string {
  const lines = documents.map(({ position, face }) => [position, ...boxes.map((box) => cell(face[box]))].join('\t'));
  return [faceHead, ...lines, ''].join('\r\n');
}

function cell(text: string): string {
  if (/[\t\r\n]/.test(text)) throw new Error('a box of a face holds one line');
  return text;
}

export interface PrintPart {
  readonly form: Form;
  readonly documents: readonly PrintedDocument[];
}
export type PartFault = 'not-a-zip' | 'damaged' | 'plan-unreadable' | 'totals-differ' | 'document-differs';

/** Reads a part as the contractor does: plan, faces and PDFs agree with each other and with the totals, or nothing is taken. */
export function readPrintPart(bytes: Uint8Array): Result<PrintPart, PartFault> {
  const zip = readStoredZip(bytes);
  if (!zip.ok) return zip;
  const lines = (name: string): readonly string[] => zip.value.get(name)?.toString('utf8').split('\r\n') ?? [];
  const [head, ...plan] = lines('index.csv');
  const [faceTop, ...faces] = lines('faces.tsv');
  const form = readForm(zip.value.get('form.json'));
  if (head !== planHead || faceTop !== faceHead || form === undefined) return err('plan-unreadable');
  if (plan.pop() !== '' || faces.pop() !== '') return err('plan-unreadable');
  const total = plan.pop();
  if (plan.length !== faces.length || zip.value.size !== plan.length + 3) return err('totals-differ');
  const documents: PrintedDocument[] = [];
  for (const [i, line] of plan.entries()) {
    const [position, documentId, pages, subjectCheck, amountYen, sha256, ...more] = line.split(',');
    const [facePosition, ...texts] = faces[i]?.split('\t') ?? [];
    if (sha256 === undefined || more.length > 0 || facePosition !== position || texts.length !== boxes.length)
      return err('plan-unreadable');
    const of = { position: Number(position), documentId: documentId ?? '' };
    const pdf = zip.value.get(pdfName(of));
    if (pdf === undefined || createHash('sha256').update(pdf).digest('hex') !== sha256) return err('document-differs');
    const face = Object.fromEntries(boxes.map((box, at) => [box, texts[at] ?? ''])) as Record<
      (typeof boxes)[number],
      string
    >;
    documents.push({
      ...of,
      pages: Number(pages),
      subjectCheck: subjectCheck ?? '',
      amountYen: Number(amountYen),
      sha256,
      pdf,
      face,
    });
  }
  const counted = documents.reduce((sum, document) => sum + document.pages, 0);
  const yen = documents.reduce((sum, document) => sum + document.amountYen, 0);
  return total === `total,${documents.length},${counted},,${yen},` ? ok({ form, documents }) : err('totals-differ');
}

function readForm(bytes: Buffer | undefined): Form | undefined {
  if (bytes === undefined) return undefined;
  const [, id, version] = /^\{"id":"([a-z0-9-]{1,40})","version":([0-9]{1,4})\}$/.exec(bytes.toString('utf8')) ?? [];
  return id === undefined ? undefined : { id, version: Number(version) };
}
