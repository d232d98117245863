import assert from 'node:assert/strict';
import { layoutFromReiwa7, type WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { yen } from '@musubi/kernel/yen/yen.ts';
import type { Person } from './person.ts';
import { writtenName } from './written-name.ts';

/** What goes wrong with reports in practice. */
export const errorKinds = [
  'wrong-check-digit',
  'missing-column',
  'bad-byte',
  'letters-in-an-amount',
  'no-name',
  'wrong-amounts',
  'unknown-person',
  'name-differs',
  'birth-date-differs',
  'number-missing',
  'duplicate',
] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** Kinds that a reader must reject, with the format's rule; all others are records of the right form. */
export const brokenKinds: Readonly<Partial<Record<ErrorKind, string>>> = {
  'wrong-check-digit': 'W06',
  'missing-column': 'W02',
  'bad-byte': 'C01',
  'letters-in-an-amount': 'W05',
  'no-name': 'W04',
};

interface Means {
  /** Another person, whose surname is borrowed. */
  readonly other: Person;
  /** A number that nobody of the town has. */
  readonly stranger: IndividualNumber;
  readonly write: (record: WageReportRecord) => Uint8Array;
}

const columnOf = (name: keyof WageReportRecord): number => layoutFromReiwa7.fields.findIndex((f) => f.name === name);
const nameColumn = columnOf('name');
const paidColumn = columnOf('paidYen');
const numberColumn = columnOf('individualNumber');

/** The record with its fault, and the bytes that stand for it in the file. */
export function spoil(
  record: WageReportRecord,
  fault: ErrorKind | null,
  { other, stranger, write }: Means,
): { readonly record: WageReportRecord; readonly bytes: Uint8Array } {
  const as = (changed: WageReportRecord) => ({ record: changed, bytes: write(changed) });
  const raw = (change: (columns: string[]) => void) => ({ record, bytes: rewritten(write(record), change) });
  switch (fault) {
    case null:
    case 'duplicate':
      return as(record);
    case 'wrong-check-digit':
      return raw((columns) => {
        const digits = columns[numberColumn]!;
        assert(digits.length === 13);
        columns[numberColumn] = digits.slice(0, 12) + ((Number(digits[12]) + 1) % 10);
      });
    case 'missing-column':
      return raw((columns) => columns.pop());
    case 'bad-byte':
      // A lead byte of CP932 with a trail byte that no character has.
      return raw((columns) => {
        columns[nameColumn] = `\x81\x20${columns[nameColumn]!.slice(2)}`;
      });
    case 'letters-in-an-amount':
      return raw((columns) => {
        columns[paidColumn] = `${columns[paidColumn]!.slice(0, -1)}O`;
      });
    case 'no-name':
      return raw((columns) => {
        columns[nameColumn] = '';
      });
    case 'wrong-amounts':
      return as({ ...record, unpaidYen: yen((record.paidYen ?? 0) + 1_000) });
    case 'unknown-person': {
      const name = `${surnameOf(writtenName(other.name))}\u3000${givenOf(record.name)}`;
      return as({ ...record, name, individualNumber: stranger, bornDay: otherDay(record.bornDay, 7) });
    }
    case 'name-differs': {
      // A surname before marriage: another one than the person's own.
      const same = kanjiSearchKey(surnameOf(other.name)) === kanjiSearchKey(surnameOf(record.name));
      const surname = same ? '一色' : surnameOf(writtenName(other.name));
      return as({ ...record, name: `${surname}\u3000${givenOf(record.name)}` });
    }
    case 'birth-date-differs':
      return as({ ...record, bornDay: otherDay(record.bornDay, 1) });
    case 'number-missing':
      return as({ ...record, individualNumber: undefined });
  }
}

/** Columns as Latin-1 text, so that each byte stays itself. */
function rewritten(bytes: Uint8Array, change: (columns: string[]) => void): Uint8Array {
  const line = Buffer.from(bytes).toString('latin1');
  assert(line.endsWith('\r\n'));
  const columns = line.slice(0, -2).split(',');
  change(columns);
  return Buffer.from(`${columns.join(',')}\r\n`, 'latin1');
}

const surnameOf = (name: string): string => name.split('\u3000')[0]!;
const givenOf = (name: string): string => name.split('\u3000')[1] ?? '';
/** Another day that every month has. */
const otherDay = (day: string, by: number): string => String(((Number(day) - 1 + by) % 28) + 1).padStart(2, '0');
