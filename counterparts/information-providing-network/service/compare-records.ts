import { tellExchangeRecords } from '@musubi/contracts/exchange/inquiry-orders.ts';
import { type Actor, act, look } from '@musubi/kernel/db/act.ts';
import type { ResponseOf } from '@musubi/kernel/http/endpoint.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { disagreementOf, type Word } from '../domain/compare-records.ts';
import {
  comparedUntil,
  disagreementsOf,
  type FoundDisagreement,
  insertComparison,
  knownAmong,
  listOfComparisons,
  permittedBetween,
} from '../store/comparisons.ts';

const right = ['information-providing-network', 'comparison', 'update'] as const;
const reading = ['information-providing-network', 'comparison', 'read'] as const;

/** An inquiry and its records lie at most this far apart on three machines' clocks. */
const aroundMinutes = 20;
const perCall = 2_000;

export interface Span {
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
}
type BodyRecord = ResponseOf<typeof tellExchangeRecords>['records'][number];

const readOwn = look('comparison.read-own', {
  right,
  run: (tx, _deps: Deps, { from, until }: { from: string; until: string }) => permittedBetween(tx, from, until),
});
const readKnown = look('comparison.read-known', {
  right,
  run: (tx, _deps: Deps, { numbers }: { numbers: readonly string[] }) => knownAmong(tx, numbers),
});

const noteComparison = act('comparison.note', {
  right,
  async run(
    tx,
    deps: Deps,
    c: { span: Span; compared: number; unreached: string[]; found: readonly FoundDisagreement[] },
  ): Promise<Result<null, never>> {
    const [from, until] = [c.span.from.toString(), c.span.until.toString()];
    await insertComparison(tx, { ...c, from, until, comparisonId: deps.newId(), at: deps.machineClock.now() });
    tx.record({
      event: 'records.compared',
      facts: [
        'information_providing_network.comparison',
        ...(c.found.length > 0 ? ['information_providing_network.disagreement'] : []),
      ],
      detail: { from, until, compared: c.compared, disagreements: c.found.length, unreached: c.unreached.length },
    });
    return ok(null);
  },
});

/** All that a body has on record of a span, in pages; undefined where it does not answer. */
async function recordsOfBody(deps: Deps, ims: string, { from, until }: Span): Promise<BodyRecord[] | undefined> {
  const all: BodyRecord[] = [];
  for (let after: string | null = null; ; ) {
    const told = await deps.peers.call(
      tellExchangeRecords,
      ims,
      {},
      { from: from.toString(), until: until.toString(), after, limit: perCall },
    );
    if (!told.ok) return undefined;
    const { records } = told.value as ResponseOf<typeof tellExchangeRecords>;
    all.push(...records);
    if (records.length < perCall) return all;
    after = records.at(-1)!.recordId;
  }
}

/** The last result where there is one, else the last word. */
function lastWord(records: readonly BodyRecord[]): Word | undefined {
  return records.findLast((r) => r.result !== null) ?? records.at(-1);
}

export interface Compared {
  readonly compared: number;
  readonly found: readonly FoundDisagreement[];
  /** Bodies that did not answer: nothing is said about their side. */
  readonly unreached: readonly string[];
}

/**
 * 三者の記録の突合 (design §4.3) over a span of permits: each body is asked for its records, without persons, and every inquiry is
 * compared; what a body has and the network does not is found too. Kept with its disagreements, and told as an alarm by the caller.
 */
export async function compareRecords(
  deps: Deps,
  actor: Actor,
  span: Span,
): Promise<Result<Compared, 'not-authorised'>> {
  const own = await readOwn(deps, actor, { from: span.from.toString(), until: span.until.toString() });
  if (!own.ok) return own;
  const wide = {
    from: span.from.subtract({ minutes: aroundMinutes }),
    until: span.until.add({ minutes: aroundMinutes }),
  };
  const told = new Map<string, BodyRecord[]>();
  const unreached: string[] = [];
  for (const [organisation, { ims }] of deps.bodies) {
    const records = await recordsOfBody(deps, ims, wide);
    if (records === undefined) unreached.push(organisation);
    else told.set(organisation, records);
  }
  const sideOf = (organisation: string, role: 'asker' | 'provider') =>
    Map.groupBy(
      (told.get(organisation) ?? []).filter((r) => r.role === role && r.inquiryNumber !== null),
      (r) => r.inquiryNumber!,
    );
  const sides = new Map(
    [...deps.bodies.keys()].map(
      (id) => [id, { asker: sideOf(id, 'asker'), provider: sideOf(id, 'provider') }] as const,
    ),
  );

  const found: FoundDisagreement[] = [];
  for (const each of own.value) {
    const { inquiryNumber, asker, provider } = each;
    if (!told.has(asker) || !told.has(provider)) continue;
    const kind = disagreementOf({
      network: each.hasOutcome ? each : null,
      asker: lastWord(sides.get(asker)?.asker.get(inquiryNumber) ?? []),
      provider: lastWord(sides.get(provider)?.provider.get(inquiryNumber) ?? []),
    });
    if (kind !== undefined) found.push({ inquiryNumber, kind, asker, provider });
  }
  const unknown = await unknownToUs(deps, actor, told, span);
  if (!unknown.ok) return unknown;
  found.push(...unknown.value);
  const noted = await noteComparison(deps, actor, { span, compared: own.value.length, unreached, found });
  return noted.ok ? ok({ compared: own.value.length, found, unreached }) : noted;
}

/** Results that bodies have under numbers of which the network knows nothing. */
async function unknownToUs(
  deps: Deps,
  actor: Actor,
  told: ReadonlyMap<string, readonly BodyRecord[]>,
  { from, until }: Span,
): Promise<Result<FoundDisagreement[], 'not-authorised'>> {
  const claimed = new Map<string, BodyRecord>();
  for (const record of [...told.values()].flat()) {
    const at = Temporal.Instant.from(record.recordedAt);
    const isInside = Temporal.Instant.compare(at, from) >= 0 && Temporal.Instant.compare(at, until) < 0;
    if (isInside && record.inquiryNumber !== null && record.result !== null) claimed.set(record.inquiryNumber, record);
  }
  const known = await readKnown(deps, actor, { numbers: [...claimed.keys()] });
  if (!known.ok) return err('not-authorised');
  return ok(
    [...claimed].flatMap(([inquiryNumber, { asker, provider }]) =>
      known.value.has(inquiryNumber) ? [] : [{ inquiryNumber, kind: 'missing-at-network' as const, asker, provider }],
    ),
  );
}

const lastCompared = look('comparison.last', {
  right,
  run: async (tx, _deps: Deps, _query: null) => comparedUntil(tx),
});

/** For the loop: from where the last comparison ended to what is surely over (answers may take the whole chain's time-outs). */
export async function compareSinceLast(deps: Deps, actor: Actor): Promise<Compared | undefined> {
  const last = await lastCompared(deps, actor, null);
  if (!last.ok) return undefined;
  const until = deps.machineClock.now().subtract({ minutes: aroundMinutes });
  const from =
    last.value === undefined ? until.subtract({ hours: 24 }) : Temporal.Instant.from(last.value.replace(' ', 'T'));
  if (Temporal.Instant.compare(from, until) >= 0) return undefined;
  const done = await compareRecords(deps, actor, { from, until });
  return done.ok ? done.value : undefined;
}

export const listComparisons = look('comparison.list', {
  right: reading,
  run: async (tx, _deps: Deps, { limit, offset }: { limit: number; offset: number }) => ({
    lines: await listOfComparisons(tx, limit, offset),
    newest: await disagreementsOf(tx, 100),
  }),
});
