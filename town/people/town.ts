import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { distinctNumbers } from './distinct.ts';
import { makeEmployers } from './employers.ts';
import { householdAt, type WardMaking } from './household.ts';
import { readNameLists } from './names.ts';
import type { Household, Town, TownOptions, WardShare } from './person.ts';
import { wardPlaces } from './places.ts';

const defaultWards: readonly WardShare[] = [
  { municipalityCode: '131105', share: 0.6 },
  { municipalityCode: '131121', share: 0.4 },
];

/**
 * A town of invented people, the same for the same seed. People are made as they are walked through, one household at a
 * time, so that fourteen million need no more memory than three thousand; a household keeps its people whatever the
 * town's size is.
 *
 * @throws where a ward has no list of places, or the shares do not add up to 1
 */
export async function makeTown(options: TownOptions): Promise<Town> {
  const { seed, residents, civilDate, wards = defaultWards } = options;
  if (!Number.isSafeInteger(residents) || residents < 1) throw new RangeError('residents: at least 1');
  if (Math.abs(wards.reduce((all, ward) => all + ward.share, 0) - 1) > 1e-9) throw new RangeError('shares add up to 1');
  const names = await readNameLists();
  const numbers = distinctNumbers(seed);
  const employers = makeEmployers(seed, residents, numbers);
  const slots = Object.keys(wardPlaces);
  const makings = wards.map(({ municipalityCode }): WardMaking => {
    const code = parseLocalGovernmentCode(municipalityCode);
    const ward = wardPlaces[municipalityCode];
    if (!code.ok || ward === undefined) throw new RangeError(`no places for ward ${municipalityCode}`);
    return {
      seed,
      code: code.value,
      wardName: ward.name,
      places: ward.places,
      slot: slots.indexOf(municipalityCode),
      names,
      numbers,
      employerCount: employers.length,
      civilDate,
    };
  });
  const targets = spread(
    residents,
    wards.map((ward) => ward.share),
  );

  function* households(): Generator<Household> {
    for (const [at, ward] of makings.entries()) yield* householdsOf(ward, targets[at]!);
  }
  return {
    options,
    employers,
    households,
    *persons() {
      for (const household of households()) yield* household.members;
    },
  };
}

/** Households until so many live there; the last one is cut, never below its head. */
function* householdsOf(ward: WardMaking, residents: number): Generator<Household> {
  let living = 0;
  for (let no = 0; living < residents; no++) {
    const household = householdAt(ward, no);
    if (household.members[0]!.status === 'removed') {
      yield household;
      continue;
    }
    const members = household.members.slice(0, residents - living);
    living += members.length;
    yield members.length === household.members.length ? household : { ...household, members };
  }
}

/** Whole parts that add up to the total: the last part takes what rounding left. */
function spread(total: number, shares: readonly number[]): number[] {
  const parts = shares.map((share) => Math.floor(total * share));
  const given = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, at) => (at === parts.length - 1 ? part + total - given : part));
}
