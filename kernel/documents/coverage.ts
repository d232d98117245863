/** What one font file can draw, read from its `cmap` table (formats 4, 12 and 14; OpenType 1.9 §cmap). */
export interface Coverage {
  has(codePoint: number): boolean;
  /**
   * A variation sequence (base, selector): `own` where the font has a glyph for it, `default` where the font says that
   * the base's usual glyph is that variant, undefined where it would silently draw the base instead.
   */
  variant(codePoint: number, selector: number): 'own' | 'default' | undefined;
}

/** Reads a TrueType or OpenType file (of a collection the first font). Throws where the file is no font. */
export function readCoverage(file: Uint8Array): Coverage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = view.getUint32(0) === 0x74746366 ? view.getUint32(12) : 0;
  const cmap = tableAt(view, start, 'cmap');
  let wide: number | undefined;
  let basic: number | undefined;
  let variants: number | undefined;
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const record = cmap + 4 + i * 8;
    const offset = cmap + view.getUint32(record + 4);
    const format = view.getUint16(offset);
    if (format === 12) wide = offset;
    if (format === 4) basic ??= offset;
    if (format === 14) variants = offset;
  }
  const has = (codePoint: number): boolean =>
    (wide !== undefined && glyphOfFormat12(view, wide, codePoint) !== 0) ||
    (basic !== undefined && codePoint <= 0xffff && glyphOfFormat4(view, basic, codePoint) !== 0);
  return {
    has,
    variant: (codePoint, selector) =>
      variants === undefined ? undefined : variantOf(view, variants, codePoint, selector),
  };
}

function tableAt(view: DataView, start: number, tag: string): number {
  for (let i = 0; i < view.getUint16(start + 4); i++) {
    const record = start + 12 + i * 16;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(record + k)));
    if (name === tag) return view.getUint32(record + 8);
  }
  throw new Error(`the font has no table ${tag}`);
}

/** Index of the last of `count` entries whose key is not above `wanted`, or -1. */
function lastNotAbove(count: number, keyAt: (i: number) => number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyAt(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function glyphOfFormat12(view: DataView, at: number, codePoint: number): number {
  const group = (i: number) => at + 16 + i * 12;
  const i = lastNotAbove(view.getUint32(at + 12), (k) => view.getUint32(group(k)), codePoint);
  if (i < 0 || codePoint > view.getUint32(group(i) + 4)) return 0;
  return view.getUint32(group(i) + 8) + (codePoint - view.getUint32(group(i)));
}

function glyphOfFormat4(view: DataView, at: number, codePoint: number): number {
  const segments = view.getUint16(at + 6) / 2;
  const ends = at + 14;
  const starts = ends + segments * 2 + 2;
  const deltas = starts + segments * 2;
  const ranges = deltas + segments * 2;
  const i = lastNotAbove(segments, (k) => view.getUint16(starts + k * 2), codePoint);
  if (i < 0 || codePoint > view.getUint16(ends + i * 2)) return 0;
  const range = view.getUint16(ranges + i * 2);
  const delta = view.getUint16(deltas + i * 2);
  if (range === 0) return (codePoint + delta) & 0xffff;
  const glyph = view.getUint16(ranges + i * 2 + range + (codePoint - view.getUint16(starts + i * 2)) * 2);
  return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
}

const uint24 = (view: DataView, at: number): number => (view.getUint16(at) << 8) | view.getUint8(at + 2);

function variantOf(view: DataView, at: number, codePoint: number, selector: number): 'own' | 'default' | undefined {
  const record = (i: number) => at + 10 + i * 11;
  const i = lastNotAbove(view.getUint32(at + 6), (k) => uint24(view, record(k)), selector);
  if (i < 0 || uint24(view, record(i)) !== selector) return undefined;
  const defaults = view.getUint32(record(i) + 3);
  const own = view.getUint32(record(i) + 7);
  if (own !== 0) {
    const table = at + own;
    const k = lastNotAbove(view.getUint32(table), (n) => uint24(view, table + 4 + n * 5), codePoint);
    if (k >= 0 && uint24(view, table + 4 + k * 5) === codePoint) return 'own';
  }
  if (defaults !== 0) {
    const table = at + defaults;
    const k = lastNotAbove(view.getUint32(table), (n) => uint24(view, table + 4 + n * 4), codePoint);
    if (k >= 0 && codePoint <= uint24(view, table + 4 + k * 4) + view.getUint8(table + 4 + k * 4 + 3)) return 'default';
  }
  return undefined;
}
