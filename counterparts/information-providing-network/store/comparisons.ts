import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Disagreement, Word } from '../domain/compare-records.ts';

export interface OwnRecord extends Word {
  readonly inquiryNumber: string;
  readonly asker: string;
  readonly provider: string;
  readonly hasOutcome: boolean;
}

/** Inquiries that got their permit in a span, with what became of them: the last answer, or the last word. */
export async function permittedBetween(tx: Tx, from: string, until: string): Promise<OwnRecord[]> {
  return tx<OwnRecord>`
    select i.inquiry_number as "inquiryNumber", i.asker, i.provider, o.result, o.refusal, o.outcome_id is not null as "hasOutcome"
      from information_providing_network.inquiry as i
      left join lateral (
        select * from information_providing_network.outcome as o where o.inquiry_number = i.inquiry_number
         order by (o.kind = 'answered') desc, o.outcome_at desc limit 1) as o on true
     where i.permitted_at >= ${from}::timestamptz and i.permitted_at < ${until}::timestamptz order by i.inquiry_number`;
}

/** Of these inquiries, those of which the network knows anything: a permit or a refusal. */
export async function knownAmong(tx: Tx, numbers: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ number: string }>`
    select inquiry_number as number from information_providing_network.inquiry where inquiry_number = any (${numbers}::uuid[])
    union
    select inquiry_number from information_providing_network.refusal where inquiry_number = any (${numbers}::uuid[])`;
  return new Set(rows.map(({ number }) => number));
}

export interface FoundDisagreement {
  readonly inquiryNumber: string;
  readonly kind: Disagreement;
  readonly asker: string;
  readonly provider: string;
}

export async function insertComparison(
  tx: Tx,
  c: {
    readonly comparisonId: string;
    readonly from: string;
    readonly until: string;
    readonly compared: number;
    readonly unreached: string[];
    readonly found: readonly FoundDisagreement[];
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into information_providing_network.comparison
      (comparison_id, from_at, until_at, compared, disagreements, unreached, compared_at, event_id)
    values (${c.comparisonId}, ${c.from}::timestamptz, ${c.until}::timestamptz, ${c.compared}, ${c.found.length}, ${c.unreached},
      ${c.at}, ${tx.eventId})`;
  if (c.found.length === 0) return;
  await tx`
    insert into information_providing_network.disagreement (comparison_id, inquiry_number, kind, asker, provider, event_id)
    select ${c.comparisonId}::uuid, u.number, u.kind, u.asker, u.provider, ${tx.eventId}::uuid
      from unnest(${c.found.map((f) => f.inquiryNumber)}::uuid[], ${c.found.map((f) => f.kind)}::text[],
                  ${c.found.map((f) => f.asker)}::text[], ${c.found.map((f) => f.provider)}::text[]) as u(number, kind, asker, provider)`;
}

/** Where the last comparison ended; undefined before the first. */
export async function comparedUntil(tx: Tx): Promise<string | undefined> {
  const [row] = await tx<{ until: string | null }>`
    select max(until_at) as until from information_providing_network.comparison where cardinality(unreached) = 0`;
  return row?.until ?? undefined;
}

export interface ComparisonLine {
  readonly comparisonId: string;
  readonly from: string;
  readonly until: string;
  readonly compared: number;
  readonly disagreements: number;
  readonly unreached: string[];
  readonly total: number;
}

export async function listOfComparisons(tx: Tx, limit: number, offset: number): Promise<ComparisonLine[]> {
  return tx<ComparisonLine>`
    select comparison_id as "comparisonId", from_at as "from", until_at as until, compared, disagreements, unreached,
           count(*) over () as total
      from information_providing_network.comparison order by until_at desc limit ${limit} offset ${offset}`;
}

export async function disagreementsOf(
  tx: Tx,
  limit: number,
): Promise<(FoundDisagreement & { readonly until: string })[]> {
  return tx<FoundDisagreement & { until: string }>`
    select d.inquiry_number as "inquiryNumber", d.kind, d.asker, d.provider, c.until_at as until
      from information_providing_network.disagreement as d join information_providing_network.comparison as c using (comparison_id)
     order by c.until_at desc, d.inquiry_number limit ${limit}`;
}
