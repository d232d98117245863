import type { Draws } from './draws.ts';
import { largeEmployerPercent } from './employers.ts';
import type { Employment } from './person.ts';

interface Worker {
  readonly age: number;
  readonly sex: 'male' | 'female';
  readonly employerCount: number;
  readonly civilDate: Temporal.PlainDate;
}

/** Who works, for whom and for what pay; null where nobody pays a salary. */
export function employmentOf(draws: Draws, { age, sex, employerCount, civilDate }: Worker): Employment | null {
  if (!draws.chance(employedPercent(age, sex))) return null;
  const employer = draws.chance(largeEmployerPercent) ? 0 : draws.between(1, employerCount - 1);
  const partTime = draws.chance(age < 23 || age >= 65 ? 60 : sex === 'female' ? 30 : 6);
  const annualPayYen = (partTime ? draws.between(480, 1_900) : fullPay(draws, age)) * 1_000;
  const insured = !partTime && draws.chance(60);
  const yearsThere = Math.min(draws.between(1, 30), Math.max(1, age - 18));
  const startOfPayYear = Temporal.PlainDate.from({ year: civilDate.year - 1, month: 1, day: 1 });
  const inPayYear = draws.chance(5);
  return {
    employer,
    recipientNumber: String(draws.below(1_000_000)).padStart(6, '0'),
    joinedOn: inPayYear
      ? startOfPayYear.add({ days: draws.between(1, 300) })
      : startOfPayYear.subtract({ days: yearsThere * 365 }),
    annualPayYen,
    newLifePremiumYen: insured ? draws.between(10, 140) * 1_000 : 0,
    medicalCarePremiumYen: insured && draws.chance(50) ? draws.between(8, 90) * 1_000 : 0,
    newPrivatePensionPremiumYen: insured && draws.chance(30) ? draws.between(12, 120) * 1_000 : 0,
    earthquakePremiumYen: insured && draws.chance(35) ? draws.between(5, 60) * 1_000 : 0,
    ordinaryCollection: draws.chance(partTime ? 40 : 15),
  };
}

function employedPercent(age: number, sex: 'male' | 'female'): number {
  if (age < 18) return 0;
  if (age < 23) return 45;
  if (age < 65) return sex === 'male' ? 84 : 72;
  return age < 75 ? 30 : 3;
}

/** In thousands of yen; rises to the middle fifties, with one in thirty far above. */
function fullPay(draws: Draws, age: number): number {
  const peak = 2_600 + Math.max(0, Math.min(age, 55) - 20) * 105;
  const pay = Math.round((peak * draws.between(72, 138)) / 100);
  return draws.chance(3.3) ? pay + draws.between(3_000, 9_000) : pay;
}
