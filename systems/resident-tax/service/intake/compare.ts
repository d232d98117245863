import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import type { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { Deps } from '../../deps.ts';
import { type Candidate, matchPerson } from '../../domain/matching.ts';
import { identitiesOf, type MatchState } from '../../store/intake-matching.ts';

/** A report as far as it says who it is about. */
export interface Comparable {
  readonly reportId: string;
  readonly own: IndividualNumber | undefined;
  readonly nameKey: string;
  readonly bornOn: string | null;
  readonly addressKey: string;
}

export interface Compared {
  readonly reportId: string;
  readonly state: Extract<MatchState, 'linked' | 'candidates' | 'none'>;
  /** With `linked`. */
  readonly personId: string | null;
  readonly reasonCode: string;
  readonly candidates: readonly Candidate<string>[];
}

/** Agrees with no one: a date of birth that does not exist waits for a clerk. */
const noBirthDate = Temporal.PlainDate.from('0001-01-01');

/**
 * Compares many reports with the register in three round trips. Numbers are compared by the vault's digests; nothing is revealed.
 */
export async function compareReports(tx: Tx, deps: Deps, reports: readonly Comparable[]): Promise<Compared[]> {
  const numbered = reports.filter((r) => r.own !== undefined);
  const held = await deps.vault.holdersOfMany(
    tx,
    numbered.map((r) => r.own!),
    'resident-tax/match',
    'person:',
  );
  const refsOf = new Map<string, ReadonlySet<string>>();
  const personIds = new Set<string>();
  for (const [i, holders] of held.entries()) {
    const persons = holders.filter(({ holds }) => holds);
    refsOf.set(numbered[i]!.reportId, new Set(persons.map(({ ref }) => ref)));
    for (const { owner } of persons) personIds.add(owner.slice('person:'.length));
  }
  const registered = await identitiesOf(tx, {
    personIds: [...personIds],
    nameKeys: [...new Set(reports.map((r) => r.nameKey))],
  });
  const byName = new Map<string, typeof registered>();
  const byRef = new Map(registered.map((person) => [person.numberDigest, person]));
  for (const person of registered)
    for (const key of new Set([person.nameKey, ...person.otherNameKeys]))
      byName.set(key, [...(byName.get(key) ?? []), person]);

  return reports.map((report) => {
    const refs = refsOf.get(report.reportId);
    const near = new Set([
      ...(byName.get(report.nameKey) ?? []),
      ...[...(refs ?? [])].flatMap((ref) => byRef.get(ref) ?? []),
    ]);
    const match = matchPerson(
      {
        numberDigest: refs === undefined ? null : 'this',
        nameKey: report.nameKey,
        bornOn: report.bornOn === null ? noBirthDate : Temporal.PlainDate.from(report.bornOn),
        addressKey: report.addressKey === '' ? null : report.addressKey,
      },
      [...near].map((person) => ({
        ...person,
        numberDigest: person.numberDigest !== null && refs?.has(person.numberDigest) ? 'this' : person.numberDigest,
      })),
    );
    const base = { reportId: report.reportId, personId: null };
    if (match.outcome === 'none') return { ...base, state: 'none', reasonCode: 'nobody', candidates: [] } as const;
    if (match.outcome === 'candidates') {
      const [first] = match.candidates;
      if (!enforced('matching.no-partial-link') && first !== undefined)
        return { ...base, state: 'linked', personId: first.personId, reasonCode: 'partial', candidates: [] } as const;
      return { ...base, state: 'candidates', reasonCode: 'partial', candidates: match.candidates } as const;
    }
    return {
      ...base,
      state: 'linked',
      personId: match.personId,
      reasonCode: 'three-agree',
      candidates: [{ personId: match.personId, agrees: ['number', 'name', 'birth-date'], differs: [] }],
    } as const;
  });
}
