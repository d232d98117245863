import type { Result } from '../result/result.ts';
import { type CharsetPolicy, decodeBytes, type EncodeNote, type EncodeRefusal } from './charset.ts';
import { type Fault, type FaultWord, faultOf } from './faults.ts';
import type { Kind } from './kinds.ts';

export interface Field<Name extends string, V, Required extends boolean> {
  readonly name: Name;
  /** The field's name in the format's document, for faults. */
  readonly label: string;
  readonly kind: Kind<V>;
  readonly required: Required;
}
export type AnyField = Field<string, unknown, boolean>;

export const required = <const N extends string, V>(name: N, label: string, kind: Kind<V>): Field<N, V, true> => ({
  name,
  label,
  kind,
  required: true,
});
export const optional = <const N extends string, V>(name: N, label: string, kind: Kind<V>): Field<N, V, false> => ({
  name,
  label,
  kind,
  required: false,
});

/** The record of a list of fields: required ones have their value, optional ones may be undefined (an empty field). */
export type RecordOf<F extends readonly { name: string }[]> = {
  readonly [E in F[number] as E['name']]: E extends Field<string, infer V, infer R>
    ? R extends true
      ? V
      : V | undefined
    : never;
};

/** What a field's bytes gave: a value, nothing (empty and optional), or the fault to report. */
export function readField(
  bytes: Uint8Array,
  field: AnyField,
  policy: CharsetPolicy,
  place: { row: number; column: number },
  rules: Partial<Record<FaultWord, string>>,
  trim: (text: string) => string = (text) => text,
): { value: unknown } | { fault: Fault } {
  const at = { ...place, field: field.label };
  const decoded = decodeBytes(bytes, policy);
  if (!decoded.ok)
    return { fault: faultOf(decoded.error.word, { ...at, byteOffset: decoded.error.byteOffset }, rules) };
  return readText(trim(decoded.value), field, place, rules);
}

/** As `readField`, for a text that is decoded already. */
export function readText(
  text: string,
  field: AnyField,
  place: { row: number; column: number },
  rules: Partial<Record<FaultWord, string>>,
): { value: unknown } | { fault: Fault } {
  const fault = (word: FaultWord): { fault: Fault } => ({
    fault: faultOf(word, { ...place, field: field.label }, rules),
  });
  if (text === '') return field.required ? fault('missing') : { value: undefined };
  const parsed: Result<unknown, FaultWord> = field.kind.parse(text);
  return parsed.ok ? { value: parsed.value } : fault(parsed.error);
}

/** Why a record could not be written; thrown values of a field never appear in it. */
export interface WriteRefusal {
  readonly column: number;
  readonly field: string;
  readonly word: FaultWord | EncodeRefusal['word'];
}
export interface WriteNote extends EncodeNote {
  readonly row: number;
  readonly column: number;
  readonly field: string;
}
