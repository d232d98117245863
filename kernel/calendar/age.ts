/**
 * The day at whose end a person reaches an age: the day before the birthday. Born on 29 February: 28 February.
 *
 * @law 年齢計算ニ関スル法律, 民法 第143条第2項
 */
export function reachesAgeOn(bornOn: Temporal.PlainDate, age: number): Temporal.PlainDate {
  // 29 February of a year without it: the term ends with the last day of the month, which is that 28th already.
  const birthday = bornOn.add({ years: age });
  return birthday.day === bornOn.day ? birthday.subtract({ days: 1 }) : birthday;
}

/** Age in law at the end of a day (年齢の現況による判定): someone born on 1 January is a year older on 31 December. */
export function legalAgeOn(bornOn: Temporal.PlainDate, on: Temporal.PlainDate): number {
  const atLeast = Math.max(0, on.year - bornOn.year - 1);
  let age = atLeast;
  while (Temporal.PlainDate.compare(reachesAgeOn(bornOn, age + 1), on) <= 0) age++;
  return age;
}

/** 満年齢 as people say it, counted up on the birthday itself (29 February: on 1 March of other years). */
export function ageOn(bornOn: Temporal.PlainDate, on: Temporal.PlainDate): number {
  const beforeBirthday = on.month < bornOn.month || (on.month === bornOn.month && on.day < bornOn.day);
  return on.year - bornOn.year - (beforeBirthday ? 1 : 0);
}
