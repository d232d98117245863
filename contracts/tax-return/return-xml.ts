import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { SaxesParser } from 'saxes';
import { koa020Elements } from './koa020-elements.ts';
import { dateOfParts, ItemCollector, kindOf, type ReturnFaultAt, type ReturnItems } from './return-items.ts';

export const formNamespace = 'http://xml.e-tax.nta.go.jp/XSD/shotoku';
export const generalNamespace = 'http://xml.e-tax.nta.go.jp/XSD/general';
/** Versions of KOA020 whose elements `koa020Elements` lists. */
const knownVersions: ReadonlySet<string> = new Set(['23.0']);

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const mostNodes = 20_000;
const deepest = 40;

class Stop extends Error {
  readonly fault: ReturnFaultAt;
  constructor(fault: ReturnFaultAt) {
    super(fault.word);
    this.fault = fault;
  }
}

/**
 * One return of e-Tax (手続 RKO0010): the forms' references are replaced by the values of the IT part, and the leaves of KOA020 are
 * given by their code. A document type is refused (no entity is ever expanded), as is a version or an element that is not known.
 * Other attached forms (KOA110, KOA210 …) are named, not read.
 *
 * @source 国税庁 e-Tax 仕様公開資料 (RKO0010 25.0, KOA020 23.0)
 */
export function readReturnXml(
  text: string,
): Result<ReturnItems & { readonly forms: readonly string[] }, ReturnFaultAt> {
  try {
    const root = parse(text);
    const procedure = root.children.find((node) => node.name === 'RKO0010');
    const contents = procedure?.children.find((node) => node.name === 'CONTENTS');
    if (root.name !== 'DATA' || contents === undefined) return err({ word: 'unknown-procedure' });
    const shared = sharedValues(contents.children.find((node) => node.name === 'IT'));
    const forms = contents.children.filter((node) => node.name !== 'IT');
    const collector = new ItemCollector();
    for (const form of forms.filter((node) => node.name === 'KOA020')) {
      if (!knownVersions.has(form.attributes.VR ?? '')) return err({ word: 'unknown-version', element: 'KOA020' });
      for (const page of form.children) {
        // 第四表 and its 付表 are not read yet: a loss that they carry waits for a clerk.
        if (!/^KOA020-[123]$/.test(page.name)) return err({ word: 'unknown-element', element: page.name });
        collect(page, '', shared, collector);
      }
    }
    if (collector.items.size === 0) return err({ word: 'unknown-procedure' });
    const names = forms.map((form) => `${form.name}:${form.attributes.VR ?? ''}`);
    return ok({ items: collector.items, numbers: collector.numbers, forms: names });
  } catch (error) {
    if (error instanceof Stop) return err(error.fault);
    throw error;
  }
}

function parse(text: string): Node {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const top: Node = { name: '', attributes: {}, children: [], text: '' };
  const open: Node[] = [top];
  let nodes = 0;
  parser.on('error', () => {
    throw new Stop({ word: 'not-well-formed' });
  });
  parser.on('doctype', () => {
    throw new Stop({ word: 'document-type-declared' });
  });
  parser.on('opentag', (tag) => {
    if (++nodes > mostNodes || open.length > deepest) throw new Stop({ word: 'too-deep' });
    const attributes = Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
    const node: Node = { name: tag.local, attributes, children: [], text: '' };
    open.at(-1)!.children.push(node);
    if (!tag.isSelfClosing) open.push(node);
  });
  parser.on('text', (piece) => {
    open.at(-1)!.text += piece;
  });
  parser.on('cdata', (piece) => {
    open.at(-1)!.text += piece;
  });
  parser.on('closetag', (tag) => {
    if (!tag.isSelfClosing) open.pop();
  });
  parser.write(text).close();
  const [root] = top.children;
  if (root === undefined) throw new Stop({ word: 'not-well-formed' });
  return root;
}

function sharedValues(it: Node | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const node of it?.children ?? []) {
    const id = node.attributes.ID;
    if (id !== undefined) values.set(id, textOf(node));
  }
  return values;
}

function collect(node: Node, suffix: string, shared: ReadonlyMap<string, string>, into: ItemCollector): void {
  const seen = new Map<string, number>();
  for (const child of node.children) {
    const kind = kindOf(child.name);
    if (kind === 'group') {
      const no = (seen.get(child.name) ?? 0) + 1;
      seen.set(child.name, no);
      collect(child, `_${no}`, shared, into);
    } else if (kind !== undefined) {
      const { IDREF: reference } = child.attributes;
      const value = reference === undefined ? textOf(child) : shared.get(reference);
      if (value === undefined) throw new Stop({ word: 'dangling-reference', element: child.name });
      const fault = into.add(child.name, suffix, value);
      if (fault !== undefined) throw new Stop(fault);
    } else if (child.children.length > 0) {
      collect(child, suffix, shared, into);
    } else if (child.text.trim() !== '' || child.attributes.IDREF !== undefined) {
      throw new Stop({ word: 'unknown-element', element: child.name });
    }
  }
}

/** The value of a leaf: its text, or what its parts make (date, year, code, number, several parts of one text). */
function textOf(node: Node): string {
  if (node.children.length === 0) return node.text.trim();
  const part = (name: string): string | undefined => node.children.find((c) => c.name === name)?.text.trim();
  const code = part('kubun_CD');
  if (code !== undefined) return code;
  const number = part('kojinbango') ?? part('hojinbango');
  if (number !== undefined) return number;
  const [era, year, month, day] = [part('era'), part('yy'), part('mm'), part('dd')];
  if (era !== undefined && year !== undefined && month !== undefined && day !== undefined) {
    const date = dateOfParts(era, year, month, day);
    if (!date.ok) throw new Stop({ word: 'no-such-date', element: node.name });
    return date.value;
  }
  if (era !== undefined && year !== undefined) return `${era}-${year}`;
  return node.children.map((child) => textOf(child)).join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
/** Digit of the era and year of a Western date, chronological order. */
function partsOf(iso: string): string {
  const date = Temporal.PlainDate.from(iso);
  const eras = [
    ['5', '2019-05-01'],
    ['4', '1989-01-08'],
    ['3', '1926-12-25'],
    ['2', '1912-07-30'],
    ['1', '1868-01-25'],
  ] as const;
  const [digit, first] = eras.find(([, from]) => iso >= from)!;
  const year = date.year - Number(first.slice(0, 4)) + 1;
  return `<gen:era>${digit}</gen:era><gen:yy>${year}</gen:yy><gen:mm>${date.month}</gen:mm><gen:dd>${date.day}</gen:dd>`;
}

/** The values of the IT part that the sender fills. */
export interface SharedPart {
  readonly name: string;
  readonly kana: string;
  readonly bornOn: string;
  readonly address: string;
  readonly individualNumber: string | undefined;
}

const references = {
  ABA00120: 'ICHIGATSUIPPI_ADR',
  ABA00125: 'NOZEISHA_BANGO',
  ABA00130: 'NOZEISHA_NM_KN',
  ABA00140: 'NOZEISHA_NM',
  ABA00200: 'BIRTHDAY',
} as const;

/**
 * Writes a return as `readReturnXml` reads it, on one line. Leaves stand in the container of their letters (ABB00000 …) only: the
 * deeper containers of the official schema are not written, so the text is for readers that go by element code.
 */
export function writeReturnXml({ items, numbers }: ReturnItems, shared: SharedPart, version = '23.0'): string {
  const leafOf = (key: string, value: string): string => {
    const code = key.slice(0, 8);
    const kind = kindOf(code);
    if (kind === 'date') return `<${code}>${partsOf(value)}</${code}>`;
    return kind === 'code'
      ? `<${code}><kubun_CD>${value}</kubun_CD></${code}>`
      : `<${code}>${escaped(value)}</${code}>`;
  };
  const leaves = new Map<string, string>();
  for (const [key, value] of items) leaves.set(key, leafOf(key, value));
  for (const [key, number] of numbers) {
    const code = key.slice(0, 8);
    leaves.set(key, `<${code}><gen:kojinbango>${number.digits()}</gen:kojinbango></${code}>`);
  }
  const order = Object.keys(koa020Elements);
  const groups = order.filter((code) => kindOf(code) === 'group');
  const groupOf = (code: string): string | undefined =>
    groups.findLast((g) => g.slice(0, 3) === code.slice(0, 3) && g < code);
  const pages = ['ABA|ABB|ABZ', 'ABC|ABD|ABX|ABE|ABF|ABH|ABY|ABI|ABS', 'ABK|ABL'].map((letters, i) => {
    const sections = letters.split('|').map((letter) => {
      const own = [...leaves].filter(([key]) => key.startsWith(letter));
      const single = own.filter(([key]) => !key.includes('_')).map(([, xml]) => xml);
      const repeated = Map.groupBy(
        own.filter(([key]) => key.includes('_')),
        ([key]) => `${groupOf(key.slice(0, 8))}${key.slice(8)}`,
      );
      const grouped = [...repeated]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([group, its]) => {
          const code = group.slice(0, 8);
          return `<${code}>${its.map(([, xml]) => xml).join('')}</${code}>`;
        });
      const refs =
        letter === 'ABA'
          ? Object.entries(references)
              .filter(([code]) => code !== 'ABA00125' || shared.individualNumber !== undefined)
              .map(([code, id]) => `<${code} IDREF="${id}"/>`)
          : [];
      const body = [...refs, ...single, ...grouped].join('');
      return body === '' ? '' : `<${letter}90000>${body}</${letter}90000>`;
    });
    const body = sections.join('');
    return body === '' ? '' : `<KOA020-${i + 1}>${body}</KOA020-${i + 1}>`;
  });
  const number =
    shared.individualNumber === undefined
      ? ''
      : `<NOZEISHA_BANGO ID="NOZEISHA_BANGO"><gen:kojinbango>${shared.individualNumber}</gen:kojinbango></NOZEISHA_BANGO>`;
  return `<DATA xmlns="${formNamespace}" xmlns:gen="${generalNamespace}" id="DATA"><RKO0010 VR="25.0.0"><CONTENTS><IT VR="1.5" id="IT">${number}<NOZEISHA_NM_KN ID="NOZEISHA_NM_KN">${escaped(shared.kana)}</NOZEISHA_NM_KN><NOZEISHA_NM ID="NOZEISHA_NM">${escaped(shared.name)}</NOZEISHA_NM><ICHIGATSUIPPI_ADR ID="ICHIGATSUIPPI_ADR">${escaped(shared.address)}</ICHIGATSUIPPI_ADR><BIRTHDAY ID="BIRTHDAY">${partsOf(shared.bornOn)}</BIRTHDAY></IT><KOA020 VR="${version}">${pages.join('')}</KOA020></CONTENTS></RKO0010></DATA>`;
}
