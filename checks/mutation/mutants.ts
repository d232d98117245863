import { stripTypeScriptTypes } from 'node:module';

export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Exchanges that keep the code readable to the parser. Operators stand between blanks, as the formatter writes them. */
const exchanges: readonly (readonly [RegExp, (found: string) => readonly string[]])[] = [
  [/ < /g, () => [' <= ', ' >= ']],
  [/ <= /g, () => [' < ', ' > ']],
  [/ > /g, () => [' >= ', ' <= ']],
  [/ >= /g, () => [' > ', ' < ']],
  [/ === /g, () => [' !== ']],
  [/ !== /g, () => [' === ']],
  [/ && /g, () => [' || ']],
  [/ \|\| /g, () => [' && ']],
  [/ \+ /g, () => [' - ']],
  [/ - /g, () => [' + ']],
  [/ \* /g, () => [' / ']],
  [/ \+= /g, () => [' -= ']],
  [/ -= /g, () => [' += ']],
  [/\bMath\.min\b/g, () => ['Math.max']],
  [/\bMath\.max\b/g, () => ['Math.min']],
  [/\btrue\b/g, () => ['false']],
  [/\bfalse\b/g, () => ['true']],
  [/(?<=[([ ])!(?=[a-zA-Z(])/g, () => ['']],
  [/(?<![\w.'])\d[\d_]*(?![\w.'])/g, (n) => [String(Number(n.replaceAll('_', '')) + 1)]],
  [/\b(ceil|floor)(?=To|Div|\()/g, (w) => [w === 'ceil' ? 'floor' : 'ceil']],
];

/** Blanks out comments, strings and types' declarations, position by position, so that only what computes is changed. */
export function computing(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  return source
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:])\/\/[^\n]*/g, blank)
    .replace(/'(?:[^'\\\n]|\\.)*'/g, blank)
    .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, blank)
    .replace(/^import [\s\S]*?;$/gm, blank)
    .replace(/^(export )?(type|interface) [\s\S]*?^(?:\}|.*;$)/gm, blank);
}

/** Every single change of a file that still parses. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const code = computing(source);
  const found: Mutant[] = [];
  for (const [pattern, replacements] of exchanges)
    for (const match of code.matchAll(pattern))
      for (const to of replacements(match[0])) {
        const text = source.slice(0, match.index) + to + source.slice(match.index + match[0].length);
        if (!parses(text)) continue;
        const line = source.slice(0, match.index).split('\n').length;
        found.push({ file, line, from: match[0].trim(), to: to.trim(), text });
      }
  return found;
}

function parses(text: string): boolean {
  try {
    stripTypeScriptTypes(text);
    return true;
  } catch {
    return false;
  }
}
