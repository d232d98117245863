import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { RegisterField, Values } from './register.ts';

/** Groups of four as they stand on a card, with one separator throughout. */
const groupedDigits = /(?<![0-9])([0-9]{4})([ \-‐-―ー.・])([0-9]{4})\2([0-9]{4})(?![0-9])/g;

/** Whether a text holds twelve digits, in a row or in fours, in any width, that are a valid Individual Number. */
export function holdsIndividualNumber(text: string): boolean {
  const plain = text.normalize('NFKC').replaceAll(groupedDigits, '$1$3$4');
  for (const run of plain.match(/[0-9]{12,}/g) ?? [])
    for (let at = 0; at + 12 <= run.length; at++) if (IndividualNumber.parse(run.slice(at, at + 12)).ok) return true;
  return false;
}

export type FieldFault =
  | 'missing'
  | 'too-long'
  | 'not-a-date'
  | 'not-a-count'
  | 'not-an-option'
  | 'not-an-id'
  | 'wrong-form';

/** What is wrong with the value of one field; the pages find most of it before, the service asks again. */
export function fieldFault(field: RegisterField, text: string | undefined): FieldFault | undefined {
  if (text === undefined || text === '') return field.required === false ? undefined : 'missing';
  switch (field.kind) {
    case 'text':
      if ([...text].length > field.max) return 'too-long';
      return field.pattern && !field.pattern.test(text) ? 'wrong-form' : undefined;
    case 'lines':
      return [...text].length > field.max ? 'too-long' : undefined;
    case 'date':
      return isDay(text) ? undefined : 'not-a-date';
    case 'count':
      return /^(0|[1-9][0-9]{0,8})$/.test(text) ? undefined : 'not-a-count';
    case 'choice':
      return Object.hasOwn(field.options, text) ? undefined : 'not-an-option';
    case 'ref':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? undefined : 'not-an-id';
  }
}

function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}

/** The values of the declared fields alone; undefined where one is faulty or a field was sent that does not exist. */
export function declaredValues(fields: readonly RegisterField[], given: Values): Values | undefined {
  if (Object.keys(given).some((name) => !fields.some((f) => f.name === name))) return undefined;
  const isFaulty = fields.some((f) => fieldFault(f, given[f.name]) !== undefined);
  if (enforced('input.item-checks') && isFaulty) return undefined;
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''));
}
