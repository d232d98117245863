import { err, ok, type Result } from '../result/result.ts';

/** What may be signed or fingerprinted. Numbers are safe integers; amounts beyond and fractions travel as text. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * The one text of a value: members sorted by UTF-16 code units, no white space, shortest escapes.
 * Members that are `undefined` are left out, as `JSON.stringify` does.
 *
 * @param textOf asked for what is no plain JSON
 * @throws TypeError on fractions, unsafe integers, lone surrogates, and anything that is not plain JSON: the program built a wrong value.
 * @source RFC 8785 (JCS), with numbers narrowed to safe integers
 */
export function canonicalJson(value: unknown, textOf: TextOf = noText): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('canonical JSON: lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError('canonical JSON: not a safe integer');
      return String(value); // String(-0) is '0', as JCS writes it
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value, textOf) : canonicalObject(value, textOf);
    default:
      throw new TypeError(`canonical JSON: ${typeof value}`);
  }
}

/** The text that stands for an object which is not plain, as a moment's; undefined where there is none. */
type TextOf = (value: object) => string | undefined;
const noText: TextOf = () => undefined;

function canonicalArray(values: readonly unknown[], textOf: TextOf): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(values[i], textOf);
  return `${text}]`;
}

function canonicalObject(value: object, textOf: TextOf): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const text = textOf(value);
    if (text === undefined) throw new TypeError('canonical JSON: not a plain object');
    return canonicalJson(text);
  }
  const members = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) parts.push(`${canonicalJson(name)}:${canonicalJson(member, textOf)}`);
  }
  return `{${parts.join(',')}}`;
}

/**
 * Parses a text that must be the canonical one. Doubled members, fractions, other spellings of a number, needless
 * escapes, white space and lone surrogates all fail the same test: writing the value again gives another text.
 */
export function parseCanonicalJson(text: string): Result<JsonValue, 'not-canonical-json'> {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? ok(value as JsonValue) : err('not-canonical-json');
  } catch {
    return err('not-canonical-json');
  }
}

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The same from bytes; overlong or broken UTF-8 and a byte order mark are refused. */
export function parseCanonicalJsonBytes(bytes: Uint8Array): Result<JsonValue, 'not-canonical-json'> {
  const text = decodeUtf8(bytes);
  return text === undefined ? err('not-canonical-json') : parseCanonicalJson(text);
}

/** Text of well-formed UTF-8, or undefined. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return fatalUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
