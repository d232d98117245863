import { err, ok, type Result } from '../result/result.ts';
import type { JsonValue } from './canonical-json.ts';

export type StrictJsonRefusal = 'malformed-json' | 'json-too-deep' | 'json-member-doubled' | 'json-not-well-formed';

/**
 * Parses JSON from a peer. White space and member order are free (unlike {@link parseCanonicalJson}), but a member may
 * stand only once per object: two parsers that pick different ones would disagree on what was asked.
 * @param maxDepth deepest nesting of objects and arrays, counted from 1
 * @source RFC 7493 (I-JSON) §2.1, §2.3
 */
export function parseStrictJson(text: string, maxDepth = 32): Result<JsonValue, StrictJsonRefusal> {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return err('malformed-json');
  }
  const fault = scan(text, maxDepth);
  return fault === undefined ? ok(value) : err(fault);
}

/** Walks the tokens of a text already known to be JSON. Most of a message is a few long strings without an escape: they are leapt over. */
function scan(text: string, maxDepth: number): StrictJsonRefusal | undefined {
  const open: (Set<string> | undefined)[] = [];
  const token = /["{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [mark] = match;
    if (mark === '{' || mark === '[') {
      open.push(mark === '{' ? new Set() : undefined);
      if (open.length > maxDepth) return 'json-too-deep';
    } else if (mark === '"') {
      const from = match.index;
      let end = text.indexOf('"', from + 1);
      let string = text.slice(from + 1, end);
      if (string.includes('\\')) {
        escaped.lastIndex = from;
        const [word] = escaped.exec(text)!;
        end = from + word.length - 1;
        string = JSON.parse(word);
      }
      if (!string.isWellFormed()) return 'json-not-well-formed';
      token.lastIndex = end + 1;
      const names = open.at(-1);
      if (names === undefined || !isName(text, end + 1)) continue;
      if (names.has(string)) return 'json-member-doubled';
      names.add(string);
    } else open.pop();
  }
  return undefined;
}
const escaped = /"(?:[^"\\]|\\.)*"/y;

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
  return text[at] === ':';
}
