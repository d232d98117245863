import { gunzipSync, unzipSync } from 'fflate';

export interface Part {
  /** Where in the file: `''` the file itself, else the entry of an archive or the pages of a PDF. */
  readonly inside: string;
  readonly bytes: Uint8Array;
}

/** A file and what it holds: entries of ZIP and gzip (nested too), the text of a PDF. */
export async function* readableParts(bytes: Uint8Array, inside = '', depth = 0): AsyncGenerator<Part> {
  yield { inside, bytes };
  if (depth >= 4) return;
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    for (const [name, entry] of Object.entries(unzipSync(bytes)))
      yield* readableParts(entry, `${inside}/${name}`, depth + 1);
  } else if (startsWith(bytes, [0x1f, 0x8b])) {
    yield* readableParts(gunzipSync(bytes), `${inside}/gzip`, depth + 1);
  } else if (startsWith(bytes, [0x25, 0x50, 0x44, 0x46])) {
    yield { inside: `${inside}/pdf-text`, bytes: Buffer.from(await pdfText(bytes)) };
  }
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((b, i) => bytes[i] === b);

/** Text of a PDF, item by item and again without the breaks, so that a number set in pieces is found too. */
export async function pdfText(bytes: Uint8Array): Promise<string> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const loading = getDocument({ data: Uint8Array.from(bytes), useSystemFonts: false, verbosity: 0 });
  const document = await loading.promise;
  const pages: string[] = [];
  for (let no = 1; no <= document.numPages; no++) {
    const { items } = await (await document.getPage(no)).getTextContent();
    const texts = items.flatMap((item) => ('str' in item ? [item.str] : []));
    pages.push(texts.join(' '), texts.join(''));
  }
  await loading.destroy();
  return pages.join('\n');
}
