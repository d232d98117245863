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
  // What was read from a canonical text, or made in order, the engine writes at once: most of what is signed and checked.
  return isInOrder(value) ? JSON.stringify(value) : written(value, textOf);
}

/** Whether `JSON.stringify` writes the canonical text of the value. @throws TypeError as `canonicalJson` does, where it is found on the way */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    assertScalar(value);
    return true;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isInOrder(value[i])) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  const members = value as Record<string, unknown>;
  let before = '';
  for (const name of Object.keys(members)) {
    if (name < before) return false;
    before = name;
    const member = members[name];
    if (member === undefined) continue;
    assertScalar(name);
    if (!isInOrder(member)) return false;
  }
  return true;
}

function assertScalar(value: unknown): void {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('canonical JSON: lone surrogate');
      return;
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError('canonical JSON: not a safe integer');
      return;
    case 'boolean':
      return;
    default:
      if (value !== null) throw new TypeError(`canonical JSON: ${typeof value}`);
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function written(value: unknown, textOf: TextOf): string {
  if (typeof value !== 'object' || value === null) {
    assertScalar(value);
    return JSON.stringify(value);
  }
  return Array.isArray(value) ? canonicalArray(value, textOf) : canonicalObject(value, textOf);
}

/** The text that stands for an object which is not plain, as a moment's; undefined where there is none. */
type TextOf = (value: object) => string | undefined;
const noText: TextOf = () => undefined;

function canonicalArray(values: readonly unknown[], textOf: TextOf): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + written(values[i], textOf);
  return `${text}]`;
}

function canonicalObject(value: object, textOf: TextOf): string {
  if (!isPlain(value)) {
    const text = textOf(value);
    if (text === undefined) throw new TypeError('canonical JSON: not a plain object');
    return written(text, textOf);
  }
  const members = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) parts.push(`${written(name, textOf)}:${written(member, textOf)}`);
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
