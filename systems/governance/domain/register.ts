/**
 * A register (台帳) is data: its fields, its states, the steps between them, and when something falls due. What is special
 * about one are its rules, small pure functions. The engine (service/) does the rest alike for all.
 */
import type { RefusalWord } from './refusals.ts';

/** Everything that stands in a register is text: dates ISO, counts as digits, references as the id of the other entry. */
export type Values = Readonly<Record<string, string>>;

export const groups = ['contractor', 'assurance', 'incident', 'contact', 'storage', 'release'] as const;
/** Registers that the same people keep; each group is a function of the table of rights. */
export type Group = (typeof groups)[number];

interface FieldBase {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** Default true. */
  readonly required?: boolean;
}
export type RegisterField = FieldBase &
  (
    | { readonly kind: 'text'; readonly max: number; readonly pattern?: RegExp; readonly patternFault?: string }
    | { readonly kind: 'lines'; readonly max: number }
    | { readonly kind: 'date' }
    | { readonly kind: 'count' }
    | { readonly kind: 'choice'; readonly options: Readonly<Record<string, string>> }
    | { readonly kind: 'ref'; readonly register: string }
  );

export interface Entry {
  readonly entryId: string;
  readonly register: string;
  /** 2026-契約-0003 */
  readonly label: string;
  readonly heading: string;
  readonly state: string;
  /** Fields and what the steps added, the latest of each. */
  readonly values: Values;
  readonly openedBy: string;
  /** ISO day. */
  readonly openedOn: string;
  readonly lastChangedBy: string;
}

/** What a rule may look at: the day, and the entries that this one names or that name it (only those declared in `reads`). */
export interface RuleContext {
  readonly today: Temporal.PlainDate;
  /** The person who acts. */
  readonly by: string;
  /** The entry that a reference field names. */
  target(field: string): Entry | undefined;
  /** Entries of another register that name this one in `field`. */
  naming(register: string): readonly Entry[];
  /** Whether a system of the organisation holds something personal by its catalogue. */
  isDeclared(system: string): boolean;
}

export interface RegisterStep {
  readonly id: string;
  readonly label: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly fields: readonly RegisterField[];
  /** Not by whoever opened the entry or changed it last. */
  readonly secondPerson?: boolean;
  readonly danger?: boolean;
  check?(entry: Entry, given: Values, context: RuleContext): RefusalWord | undefined;
}

export interface Due {
  readonly on: Temporal.PlainDate;
  /** What must be done by then. */
  readonly what: string;
}

export interface OpenedWith {
  readonly register: string;
  readonly field: string;
  readonly values: Values;
}

export type Tone = 'plain' | 'info' | 'done' | 'warning' | 'error';

export interface RegisterDefinition {
  readonly id: string;
  readonly group: Group;
  readonly title: { readonly ja: string; readonly en: string };
  readonly purpose: string;
  /** Stands in the number of each entry. */
  readonly mark: string;
  readonly heading: (values: Values) => string;
  readonly fields: readonly RegisterField[];
  readonly initial: string;
  readonly states: Readonly<Record<string, { readonly label: string; readonly tone: Tone; readonly open: boolean }>>;
  readonly steps: readonly RegisterStep[];
  /** A correction leads back here: what was checked before it does not hold for what stands now. */
  readonly correctedState?: string;
  /** Registers whose entries name this one, by their field: the rules look at them, the record shows them. */
  readonly reads?: readonly { readonly register: string; readonly field: string }[];
  /** What follows from the values when they are written (a result from a score); it stands beside them. */
  derive?(values: Values, context: RuleContext): Values;
  readonly derived?: readonly {
    readonly name: string;
    readonly label: string;
    readonly words: Readonly<Record<string, string>>;
  }[];
  /** What is still missing of an entry, shown on its record. */
  readonly lacking?: {
    readonly title: string;
    items(entry: Entry, naming: (register: string) => readonly Entry[], today: Temporal.PlainDate): readonly string[];
  };
  /** Another entry that comes into being with this one, in the same act; `field` of this one then names it. */
  opensWith?(values: Values, today: Temporal.PlainDate): OpenedWith | undefined;
  /** Asked when an entry is opened or revised. */
  check?(values: Values, context: RuleContext): RefusalWord | undefined;
  due?(entry: Pick<Entry, 'state' | 'values' | 'openedOn'>): Due | undefined;
}

/** ISO day of a field, or undefined. */
export const day = (values: Values, field: string): Temporal.PlainDate | undefined => {
  const text = values[field];
  return text === undefined || text === '' ? undefined : Temporal.PlainDate.from(text);
};
/** Whether something would be disposed of on `on` although its term runs that day still. */
export const isKeptStill = (values: Values, on: Temporal.PlainDate | undefined): boolean => {
  const keep = day(values, 'keepUntil');
  return keep !== undefined && on !== undefined && !isAfter(on, keep);
};
/** Count of a field; absent counts as nothing. */
export const count = (values: Values, field: string): number => Number(values[field] ?? '0');
export const isAfter = (a: Temporal.PlainDate, b: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(a, b) > 0;
