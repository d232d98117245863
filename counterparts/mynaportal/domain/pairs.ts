/** What a body tells of one inquiry, as far as the two sides can be held against each other. */
export interface ToldRecord {
  readonly inquiryNumber: string;
  readonly toldBy: string;
  readonly role: 'asker' | 'provider';
  readonly asker: string;
  readonly provider: string;
  readonly procedure: string;
  readonly informationCode: string;
  readonly items: readonly string[];
  readonly ground: string;
  readonly result: string;
  readonly at: string;
}

export const comparedMembers = [
  'asker',
  'provider',
  'procedure',
  'informationCode',
  'items',
  'ground',
  'result',
] as const;
export type ComparedMember = (typeof comparedMembers)[number];

/** How the two sides of one inquiry stand to each other. */
export type Agreement =
  | { readonly kind: 'agree' }
  | { readonly kind: 'differ'; readonly members: readonly ComparedMember[] }
  /** The other side answered this request and has no such record, although information was exchanged. */
  | { readonly kind: 'one-sided'; readonly missing: string }
  /** The inquiry ended before it reached the provider: one record is all there is. */
  | { readonly kind: 'ended-before' }
  /** The other side has not answered this request: nothing can be said. */
  | { readonly kind: 'other-silent'; readonly missing: string };

export interface Exchange<R extends ToldRecord> {
  readonly inquiryNumber: string;
  /** The newest record of each side; a provider that first held the answer has older ones too. */
  readonly asker: R | undefined;
  readonly provider: R | undefined;
  /** Every record, oldest first. */
  readonly records: readonly R[];
  readonly agreement: Agreement;
}

const byTime = (a: ToldRecord, b: ToldRecord): number =>
  Temporal.Instant.compare(Temporal.Instant.from(a.at), Temporal.Instant.from(b.at));

/**
 * Puts both bodies' records of each inquiry side by side, newest inquiry first.
 * @param answered bodies whose answer could be read
 */
export function pairRecords<R extends ToldRecord>(records: readonly R[], answered: ReadonlySet<string>): Exchange<R>[] {
  const groups = Map.groupBy(records, (record) => record.inquiryNumber);
  const exchanges = [...groups].map(([inquiryNumber, group]) => {
    const sorted = group.toSorted(byTime);
    const asker = sorted.findLast((r) => r.role === 'asker');
    const provider = sorted.findLast((r) => r.role === 'provider');
    return { inquiryNumber, asker, provider, records: sorted, agreement: agreementOf(asker, provider, answered) };
  });
  return exchanges.sort((a, b) => byTime(b.records.at(-1)!, a.records.at(-1)!));
}

/** Result codes with which a provider spoke; anything else is a word with which an inquiry ended. */
const providerSpoke = /^[0-9]{2}$/;

function agreementOf(
  asker: ToldRecord | undefined,
  provider: ToldRecord | undefined,
  answered: ReadonlySet<string>,
): Agreement {
  if (asker && provider) {
    const members = comparedMembers.filter((member) => !same(asker[member], provider[member]));
    return members.length === 0 ? { kind: 'agree' } : { kind: 'differ', members };
  }
  const only = (asker ?? provider)!;
  const missing = asker ? only.provider : only.asker;
  if (asker && !providerSpoke.test(only.result)) return { kind: 'ended-before' };
  return answered.has(missing) ? { kind: 'one-sided', missing } : { kind: 'other-silent', missing };
}

const same = (a: string | readonly string[], b: string | readonly string[]): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.toSorted().join('\n') === b.toSorted().join('\n');
