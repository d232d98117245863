import { createHash } from 'node:crypto';

/*
 * Cuts a file of many documents, as the typesetter writes it (plain objects, one table of places), into one file a document. Each
 * part is a whole PDF/A of its own: its pages, the structure elements of these pages, the fonts, its own identifiers. Nothing else of the
 * other documents comes along; fonts hold the glyphs of all documents that were set together, without saying of whom.
 *
 * @source PDF 1.7 (ISO 32000-1) §7.5 file structure, §14.7 logical structure; ISO 19005-2
 */

/** An object between `obj` and `endobj`: text with references taken out of it, and the stream after it. */
interface PdfObject {
  readonly source: string;
  /** Text before, between and after the references: one more than these. */
  readonly text: readonly string[];
  readonly references: readonly number[];
  readonly stream: Uint8Array | undefined;
}

interface PdfFile {
  readonly objects: ReadonlyMap<number, PdfObject>;
  readonly catalog: number;
  readonly info: number | undefined;
  readonly identifier: string;
}

/**
 * @param pages of each document, in order
 * @throws where the file is not of the shape that the typesetter writes, or the pages do not add up
 */
export function splitPdf(pdf: Uint8Array, pages: readonly number[]): Uint8Array[] {
  const file = read(Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength));
  const tree = treeOf(file);
  if (pages.reduce((sum, count) => sum + count, 0) !== tree.pages.length) throw fault('its pages do not add up');
  let first = 0;
  return pages.map((count) => {
    const own = tree.pages.slice(first, first + count);
    first += count;
    return write(file, partOf(file, tree, own));
  });
}

const fault = (what: string): Error => new Error(`a PDF cannot be cut: ${what}`);

/** References, and literal strings so that nothing in them is taken for one (brackets in them nest once at most). */
const referenceOrString = /\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|\b(\d+) 0 R\b/gs;

function parse(source: string, stream: Uint8Array | undefined): PdfObject {
  if (!source.includes(' 0 R')) return { source, text: [source], references: [], stream };
  const pieces: string[] = [];
  const references: number[] = [];
  let from = 0;
  for (const match of source.matchAll(referenceOrString)) {
    if (match[1] === undefined) continue;
    pieces.push(source.slice(from, match.index));
    references.push(Number(match[1]));
    from = match.index + match[0].length;
  }
  pieces.push(source.slice(from));
  return { source, text: pieces, references, stream };
}

function read(bytes: Buffer): PdfFile {
  const [, start] = /startxref\n(\d+)\n%%EOF\s*$/.exec(bytes.toString('latin1', bytes.length - 64)) ?? [];
  const table = bytes.toString('latin1', Number(start));
  const [, size] = /^xref\n0 (\d+)\n/.exec(table) ?? [];
  const [, catalog] = /\/Root (\d+) 0 R/.exec(table) ?? [];
  const [, identifier] = /\/ID \[\(([^()\\]+)\)/.exec(table) ?? [];
  if (size === undefined || catalog === undefined || identifier === undefined) throw fault('no table of places');
  const places = [...table.matchAll(/(\d{10}) \d{5} ([nf])/g)].map(([, place, use]) =>
    use === 'n' ? Number(place) : 0,
  );
  if (places.length !== Number(size)) throw fault('its table of places is not whole');
  const order = places.map((place, id) => ({ place, id })).filter(({ place }) => place > 0);
  order.sort((a, b) => a.place - b.place);
  const objects = new Map<number, PdfObject>();
  for (const [i, { place, id }] of order.entries())
    objects.set(id, objectAt(bytes, place, order[i + 1]?.place ?? Number(start), id));
  const [, info] = /\/Info (\d+) 0 R/.exec(table) ?? [];
  return { objects, catalog: Number(catalog), info: info === undefined ? undefined : Number(info), identifier };
}

const streamMark = Buffer.from('\nstream\n');

function objectAt(bytes: Buffer, from: number, to: number, id: number): PdfObject {
  const head = `${id} 0 obj\n`;
  const end = bytes.lastIndexOf('endobj', to);
  if (bytes.toString('latin1', from, from + head.length) !== head || end < from) throw fault(`no object ${id}`);
  const begin = from + head.length;
  const mark = begin + bytes.subarray(begin, end).indexOf(streamMark);
  if (mark < begin) return parse(bytes.toString('latin1', begin, end).trimEnd(), undefined);
  const text = bytes.toString('latin1', begin, mark);
  const [, length] = /\/Length (\d+)(?! 0 R)/.exec(text) ?? [];
  const at = mark + streamMark.length;
  if (length === undefined || at + Number(length) > end) throw fault(`the stream ${id} says no length`);
  return parse(text, bytes.subarray(at, at + Number(length)));
}

interface Tree {
  readonly pageList: number;
  readonly pages: readonly number[];
  /** Keys of the pages in the structure's parent tree, with what they stand for. */
  readonly structure:
    | {
        readonly root: number;
        readonly document: number;
        /** Elements right under the document's, each with its page. */
        readonly elements: readonly { readonly id: number; readonly page: number | undefined }[];
      }
    | undefined;
  readonly metadata: number;
}

const get = (file: PdfFile, id: number): PdfObject => {
  const object = file.objects.get(id);
  if (object === undefined) throw fault(`no object ${id}`);
  return object;
};

const keyOf = (key: string): RegExp => new RegExp(`/${key} (?:\\[([^\\]]*)\\]|(\\d+) 0 R)`);
const keyed = {
  Contents: keyOf('Contents'),
  K: keyOf('K'),
  Kids: keyOf('Kids'),
  Metadata: keyOf('Metadata'),
  Pages: keyOf('Pages'),
  Pg: keyOf('Pg'),
  StructTreeRoot: keyOf('StructTreeRoot'),
};

/** The references of `/Key` in an object, be it one or a list. */
function under(object: PdfObject, key: keyof typeof keyed): readonly number[] {
  const [, list, one] = keyed[key].exec(object.source) ?? [];
  if (one !== undefined) return [Number(one)];
  return [...(list ?? '').matchAll(/(\d+) 0 R/g)].map(([, id]) => Number(id));
}

function treeOf(file: PdfFile): Tree {
  const catalog = get(file, file.catalog);
  // What points from the whole into its pages would carry the others along.
  if (/\/(?:Outlines|Dests|Names|PageLabels) /.test(catalog.source)) throw fault('it has an outline or names');
  const [pageList] = under(catalog, 'Pages');
  const [metadata] = under(catalog, 'Metadata');
  if (pageList === undefined || metadata === undefined) throw fault('no pages');
  const pages = under(get(file, pageList), 'Kids');
  if (pages.some((id) => !/\/Type \/Page\b(?!s)/.test(get(file, id).source))) throw fault('its pages stand in groups');
  const [root] = under(catalog, 'StructTreeRoot');
  if (root === undefined) return { pageList, pages, structure: undefined, metadata };
  const [document, ...more] = under(get(file, root), 'K');
  if (document === undefined || more.length > 0) throw fault('its structure has no single root');
  const elements = under(get(file, document), 'K').map((id) => ({ id, page: pageOfElement(file, id) }));
  return { pageList, pages, structure: { root, document, elements }, metadata };
}

/** The first page on which something of an element stands; undefined where nothing of it is on any. */
function pageOfElement(file: PdfFile, id: number): number | undefined {
  const element = get(file, id);
  const [own] = under(element, 'Pg');
  if (own !== undefined) return own;
  for (const child of under(element, 'K')) {
    const page = pageOfElement(file, child);
    if (page !== undefined) return page;
  }
  return undefined;
}

const listed = (ids: readonly number[]): string => ids.map((id) => `${id} 0 R`).join(' ');

interface Part {
  /** What is another object in the part than in the whole. */
  readonly changed: ReadonlyMap<number, PdfObject>;
  readonly identifier: string;
}

function partOf(file: PdfFile, tree: Tree, pages: readonly number[]): Part {
  const own = new Set(pages);
  const changed = new Map<number, PdfObject>();
  const change = (id: number, edit: (text: string) => string): void => {
    const object = get(file, id);
    changed.set(id, parse(edit(object.source), object.stream));
  };
  change(tree.pageList, (text) =>
    text.replace(/\/Kids \[[^\]]*\]/, `/Kids [${listed(pages)}]`).replace(/\/Count \d+/, `/Count ${pages.length}`),
  );
  if (tree.structure !== undefined) {
    const { root, document, elements } = tree.structure;
    const kept = elements.filter(({ page }) => page !== undefined && own.has(page)).map(({ id }) => id);
    change(document, (text) => text.replace(/\/K \[[^\]]*\]/, `/K [${listed(kept)}]`));
    const keys = new Set(pages.map((id) => /\/StructParents (\d+)/.exec(get(file, id).source)?.[1]));
    change(root, (text) =>
      text.replace(/\/Nums \[([^\]]*)\]/, (_all, nums: string) => {
        const entries = [...nums.matchAll(/(\d+) (\d+) 0 R/g)].filter(([, key]) => keys.has(key));
        return `/Nums [${entries.map(([entry]) => entry).join(' ')}]`;
      }),
    );
  }
  const identifier = identifierOf(file, pages);
  const description = Buffer.from(get(file, tree.metadata).stream ?? [])
    .toString('utf8')
    .replace(/<xmpTPg:NPages>\d+</, `<xmpTPg:NPages>${pages.length}<`)
    .replaceAll(file.identifier, identifier);
  const stream = Buffer.from(description, 'utf8');
  const head = get(file, tree.metadata).source.replace(/\/Length \d+/, `/Length ${stream.length}`);
  changed.set(tree.metadata, parse(head, stream));
  return { changed, identifier };
}

/** Of the pages' own content: the same documents give the same identifiers. */
function identifierOf(file: PdfFile, pages: readonly number[]): string {
  const hash = createHash('sha256').update(file.identifier);
  for (const page of pages)
    for (const id of under(get(file, page), 'Contents')) hash.update(get(file, id).stream ?? '');
  return hash.digest().subarray(0, 16).toString('base64');
}

/** Writes what can be reached from the catalogue, numbered anew in the order in which it stood. */
function write(file: PdfFile, { changed, identifier }: Part): Uint8Array {
  const objectOf = (id: number): PdfObject => changed.get(id) ?? get(file, id);
  const reached = new Set<number>([file.catalog, ...(file.info === undefined ? [] : [file.info])]);
  for (const id of reached) for (const next of objectOf(id).references) reached.add(next);
  const order = [...reached].sort((a, b) => a - b);
  const numbers = new Map(order.map((id, i) => [id, i + 1]));
  const chunks: Uint8Array[] = [];
  let length = 0;
  const put = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    length += chunk.length;
  };
  put(Buffer.from('%PDF-1.7\n%\x80\x80\x80\x80\n\n', 'latin1'));
  const places: number[] = [];
  for (const [i, id] of order.entries()) {
    const { text, references, stream } = objectOf(id);
    places.push(length);
    let head = `${i + 1} 0 obj\n${text[0]}`;
    for (let at = 0; at < references.length; at++)
      head += `${numbers.get(references[at] as number)} 0 R${text[at + 1]}`;
    if (stream === undefined) put(Buffer.from(`${head}\nendobj\n\n`, 'latin1'));
    else {
      put(Buffer.from(`${head}\nstream\n`, 'latin1'));
      put(stream);
      put(Buffer.from('\nendstream\nendobj\n\n', 'latin1'));
    }
  }
  const entries = places.map((place) => `${`${place}`.padStart(10, '0')} 00000 n\r\n`).join('');
  const info = file.info === undefined ? '' : `\n  /Info ${numbers.get(file.info)} 0 R`;
  const trailer = `trailer\n<<\n  /Size ${order.length + 1}\n  /Root ${numbers.get(file.catalog)} 0 R${info}\n  /ID [(${identifier}) (${identifier})]\n>>`;
  put(
    Buffer.from(
      `xref\n0 ${order.length + 1}\n0000000000 65535 f\r\n${entries}${trailer}\nstartxref\n${length}\n%%EOF`,
      'latin1',
    ),
  );
  return Buffer.concat(chunks, length);
}
