import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { makeAccount } from './banks.ts';
import type { DistinctNumbers } from './distinct.ts';
import { type Draws, drawsOf } from './draws.ts';
import { employmentOf } from './employment.ts';
import { illnesses } from './illnesses.ts';
import { type NameLists, type Reading, rareSurnames } from './names.ts';
import type { Household, Person, Relationship } from './person.ts';
import type { Place } from './places.ts';

/** Everything that the households of one ward have in common. */
export interface WardMaking {
  readonly seed: string;
  readonly code: LocalGovernmentCode;
  /** 東京都目黒区 */
  readonly wardName: string;
  readonly places: readonly Place[];
  /** Which of 64 parts of the number space is this ward's. */
  readonly slot: number;
  readonly names: NameLists;
  readonly numbers: DistinctNumbers;
  readonly employerCount: number;
  readonly civilDate: Temporal.PlainDate;
}

interface Head {
  readonly sex: 'male' | 'female';
  readonly surname: Reading;
  readonly given: Reading;
  readonly birthDate: Temporal.PlainDate;
}
interface Plan {
  readonly relationship: Relationship;
  readonly sex: 'male' | 'female';
  readonly surname: Reading;
  readonly given: Reading;
  readonly birthDate: Temporal.PlainDate;
}

/**
 * What every town must show is placed by household number, the rest is drawn: one pair in 120 with the same name and birth
 * date, one head in 90 born on 29 February, rare surnames in one of 25, a chronically ill child in one of 80, households
 * that moved away in one of 70, single persons who died in one of 110.
 */
const placed = {
  namesake: (no: number) => no % 120 === 60,
  leapDay: (no: number) => no % 90 === 33,
  rareName: (no: number) => no % 25 === 7,
  illChild: (no: number) => no % 80 === 21,
  movedOut: (no: number) => no % 70 === 44,
  died: (no: number) => no % 110 === 71,
  protectedAddress: (no: number) => no % 400 === 150,
} as const;

/** The household with number `no` of a ward, whatever stands before it. */
export function householdAt(ward: WardMaking, no: number): Household {
  const draws = drawsOf(`${ward.seed}/${ward.code}/household/${no}`);
  const head = headOf(ward, no);
  const plans = compose(ward, no, draws, head);
  const [place, chome, postalCode] = draws.pick(ward.places);
  const street = `${ward.wardName}${place}${draws.between(1, chome)}丁目${draws.between(1, 30)}番${draws.between(1, 20)}号`;
  const address = draws.chance(45) ? `${street} ${draws.between(1, 14)}0${draws.between(1, 9)}号室` : street;
  const removal = placed.movedOut(no) ? 'moved-out' : placed.died(no) ? 'died' : null;
  const removedOn = removal === null ? null : ward.civilDate.subtract({ days: draws.between(10, 600) });
  const cameOn = (removedOn ?? ward.civilDate).subtract({ days: draws.between(60, 7_000) });
  const householdNumber = String(no + 1).padStart(10, '0');
  const members = plans.map((plan, member): Person => {
    const age = ageOn(plan.birthDate, ward.civilDate);
    const own = (no * 64 + ward.slot) * 8 + member;
    return {
      key: `${ward.code}-${no + 1}-${member + 1}`,
      individualNumber: ward.numbers.individualNumber(own),
      residentRecordCode: ward.numbers.residentRecordCode(own),
      name: `${plan.surname.kanji}\u3000${plan.given.kanji}`,
      nameKana: `${plan.surname.katakana}\u3000${plan.given.katakana}`,
      birthDate: plan.birthDate,
      sex: plan.sex,
      address,
      postalCode,
      municipalityCode: ward.code,
      addresseeNumber: String(1_000_000_000 + no * 8 + member),
      householdNumber,
      relationship: plan.relationship,
      becameResidentOn: later(plan.birthDate, cameOn),
      status: removal === null ? 'resident' : 'removed',
      removedOn,
      removal,
      addressProtected: placed.protectedAddress(no),
      employment: removal === 'died' ? null : employmentOf(draws, { age, sex: plan.sex, ...ward }),
      illness: illnessOf(draws, no, plan.relationship, age, member),
      account: member === 0 && draws.chance(80) ? makeAccount(draws) : null,
    };
  });
  return { householdNumber, municipalityCode: ward.code, members };
}

/** Made apart from the rest, so that a namesake can be made from the household before. */
function headOf(ward: WardMaking, no: number): Head {
  if (placed.namesake(no)) return headOf(ward, no - 1);
  const draws = drawsOf(`${ward.seed}/${ward.code}/head/${no}`);
  const sex = draws.chance(72) ? 'male' : 'female';
  const drawn = draws.pick(ward.names.surnames);
  const surname = placed.rareName(no) ? rareSurnames[Math.floor(no / 25) % rareSurnames.length]! : drawn;
  const age = placed.illChild(no) ? draws.between(32, 48) : placed.died(no) ? draws.between(70, 98) : adultAge(draws);
  const born = bornOn(draws, age, ward.civilDate);
  return {
    sex,
    surname,
    given: draws.pick(ward.names.given[sex]),
    birthDate: placed.leapDay(no) ? leapDayNear(born) : born,
  };
}

/** Couples and children follow the age of the head; a household has at most six members. */
function compose(ward: WardMaking, no: number, draws: Draws, head: Head): Plan[] {
  const age = ageOn(head.birthDate, ward.civilDate);
  const plans: Plan[] = [{ relationship: '世帯主', ...head }];
  if (placed.died(no)) return plans;
  const { surname } = head;
  const family = age >= 26 && age <= 56;
  const withSpouse = draws.chance(age < 26 ? 8 : age < 75 ? 52 : 40);
  const withChildren = placed.illChild(no) || (family && draws.chance(withSpouse ? 62 : 16));
  const add = (relationship: Relationship, sex: Plan['sex'], years: number): void => {
    const given = draws.pick(ward.names.given[sex]);
    plans.push({ relationship, sex, surname, given, birthDate: bornOn(draws, years, ward.civilDate) });
  };
  if (withSpouse) {
    const sex = head.sex === 'male' ? 'female' : 'male';
    add(sex === 'female' ? '妻' : '夫', sex, Math.max(19, age + draws.between(-6, 4)));
  }
  if (withChildren) {
    const eldest = Math.max(0, Math.min(21, age - draws.between(24, 34)));
    const count = draws.between(1, 3);
    for (let i = 0; i < count && eldest - i * 3 >= 0; i++)
      add('子', draws.chance(51) ? 'male' : 'female', eldest - i * 3);
  }
  if (age >= 40 && age <= 62 && draws.chance(6)) add('母', 'female', age + draws.between(22, 30));
  return plans;
}

function illnessOf(draws: Draws, no: number, relationship: Relationship, age: number, member: number) {
  const drawn = draws.pick(illnesses);
  if (relationship !== '子' || age >= 18) return null;
  // The first child of a placed household: it stands after the head, and after a spouse where there is one.
  const ill = (placed.illChild(no) && member <= 2) || draws.chance(0.7);
  return ill ? drawn : null;
}

const adultAge = (draws: Draws): number => (draws.chance(24) ? draws.between(65, 96) : draws.between(20, 64));

const bornOn = (draws: Draws, age: number, on: Temporal.PlainDate): Temporal.PlainDate =>
  on.subtract({ years: age }).subtract({ days: draws.below(365) });

function leapDayNear(date: Temporal.PlainDate): Temporal.PlainDate {
  const year = date.year - (date.year % 4);
  return Temporal.PlainDate.from({ year: year === 1900 ? 1904 : year, month: 2, day: 29 });
}

/** Whole years by birthdays passed. */
export const ageOn = (birthDate: Temporal.PlainDate, on: Temporal.PlainDate): number =>
  on.year -
  birthDate.year -
  (on.month < birthDate.month || (on.month === birthDate.month && on.day < birthDate.day) ? 1 : 0);

const later = (a: Temporal.PlainDate, b: Temporal.PlainDate): Temporal.PlainDate =>
  Temporal.PlainDate.compare(a, b) > 0 ? a : b;
