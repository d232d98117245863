import type { Coverage } from './coverage.ts';

/** A character that the fonts cannot draw exactly, and where it stands. Holds part of a name: for the work list, not for logs. */
export interface Unprintable {
  /** Way through the data: `addressee.name`. */
  readonly path: string;
  /** Position in the text, counted in characters as people count them, from 0. */
  readonly index: number;
  readonly character: string;
  /** `no-glyph`: nothing to draw; `other-shape`: the fonts know the character, not this registered shape of it. */
  readonly fault: 'no-glyph' | 'other-shape';
}

/**
 * Text as it stands in a register (names, addresses): drawn with the fonts for registered characters, so that the
 * registered shape appears where a font has it.
 */
export interface RegisteredText {
  readonly registered: string;
}

export const registered = (text: string): RegisteredText => ({ registered: text });

/** Finds what cannot be drawn in all texts of the data. Fonts stand in the order in which the typesetter tries them. */
export function unprintableIn(
  data: unknown,
  fonts: { readonly body: readonly Coverage[]; readonly registered: readonly Coverage[] },
  path = '',
): Unprintable[] {
  if (typeof data === 'string') return inText(data, fonts.body, path);
  if (Array.isArray(data)) return data.flatMap((item, i) => unprintableIn(item, fonts, `${path}[${i}]`));
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return [];
  if ('registered' in data && typeof data.registered === 'string')
    return inText(data.registered, fonts.registered, path);
  return Object.entries(data).flatMap(([key, value]) =>
    unprintableIn(value, fonts, path === '' ? key : `${path}.${key}`),
  );
}

const isSelector = (codePoint: number | undefined): codePoint is number =>
  codePoint !== undefined &&
  ((codePoint >= 0xfe00 && codePoint <= 0xfe0f) || (codePoint >= 0xe0100 && codePoint <= 0xe01ef));

function inText(text: string, fonts: readonly Coverage[], path: string): Unprintable[] {
  const found: Unprintable[] = [];
  const characters = [...text];
  let index = 0;
  for (let i = 0; i < characters.length; i++, index++) {
    let character = characters[i] ?? '';
    const base = character.codePointAt(0) ?? 0;
    const selector = characters[i + 1]?.codePointAt(0);
    if (base === 0x0a || base === 0x20 || base === 0x3000) continue;
    // The typesetter takes the first font that has the base; whether it has the variant decides nothing.
    const font = fonts.find((f) => f.has(base));
    if (isSelector(selector)) {
      i++;
      character += characters[i] ?? '';
      if (font && font.variant(base, selector) === undefined)
        found.push({ path, index, character, fault: 'other-shape' });
    }
    if (!font) found.push({ path, index, character, fault: 'no-glyph' });
  }
  return found;
}
