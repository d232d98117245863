import type { Readable } from 'node:stream';

/** What may stand in a `${…}` of a statement. Dates and moments are sent as ISO text; `Json` as jsonb. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Temporal.PlainDate
  | Temporal.Instant
  | Json
  | readonly (string | number | bigint | boolean | null | Uint8Array)[];

/** Marks a value to be sent as jsonb. */
export class Json {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}
export const json = (value: unknown): Json => new Json(value);

/**
 * Runs one statement and gives its rows. The text is prepared once per connection, under a name made from its hash;
 * values never become text. int8 comes as number (throws beyond 2^53), numeric, date and timestamptz as text,
 * bytea as Buffer, json and jsonb parsed.
 */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...values: readonly SqlValue[]
) => Promise<Row[]>;

/** What a store function gets: statements in the caller's transaction. */
export interface Tx extends Sql {
  /** The id under which this act's event will stand; fact rows carry it in their column `event_id`. */
  readonly eventId: string;
  /** The act's own event. Exactly one per act that ends well; see `act`. */
  record(event: ActEvent): void;
  /** COPY … FROM STDIN; gives the number of rows. `statement` is a constant of the program. */
  copyIn(
    statement: string,
    chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  ): Promise<number>;
  /** COPY … TO STDOUT. The stream must be read to its end before the next statement. */
  copyOut(statement: string): Readable;
  /** Reads a long result in blocks of `size` rows. */
  cursor<Row extends object>(
    size: number,
  ): (text: TemplateStringsArray, ...values: readonly SqlValue[]) => AsyncIterable<Row[]>;
}

/** One line of the audit log, as the act states it. Codes, internal ids and counts only: never a personal value. */
export interface ActEvent {
  /** From the system's event catalogue: `assessment.decided`. */
  readonly event: string;
  /** Internal id of the person concerned (person_id, org person number …); stored as a salted commitment. */
  readonly subject?: string;
  /** For bulk acts: the persons concerned; the event commits to the root over them. */
  readonly subjects?: readonly string[];
  /** Tables whose rows of this event (`event_id = tx.eventId`) are tied to the log by their digests. */
  readonly facts?: readonly string[];
  /**
   * Of `facts`, the tables that are tied by one root over their rows and not by a stored digest a row: for acts that write
   * many thousands. Count and root (hexadecimal) where the act made them itself, null where the log is to make them.
   */
  readonly batches?: Readonly<Record<string, { readonly count: number; readonly root: string } | null>>;
  /** Legal ground, as the requirement or the list row names it. */
  readonly ground?: string;
  /** Codes of the items used or given. */
  readonly items?: readonly string[];
  /** Who received it: `organisation/system`, or a kind of addressee. */
  readonly recipient?: string;
  /** Codes, ids and counts that say more. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}
