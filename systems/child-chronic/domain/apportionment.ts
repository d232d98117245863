import { roundDownTo, type Yen, yen } from '@musubi/kernel/yen/yen.ts';

/**
 * 世帯内按分: where several persons of one insurance have ceilings, the household's is the highest, and each person's is that, in the proportion of
 * their own to the sum; less than ten yen is cut.
 *
 * @param own yen a month
 * @param others ceilings of the others, 小児慢性 and 難病 alike
 * @law 児童福祉法施行令 第22条第1項ただし書 (端数の切捨ては条文で確認が要る)
 */
export function apportionedCeiling(own: Yen, others: readonly Yen[]): Yen {
  const sum = others.reduce((total, ceiling) => total + ceiling, Number(own));
  if (sum === 0 || others.length === 0) return own;
  const household = Math.max(own, ...others);
  return roundDownTo(10, yen(Math.trunc((household * own) / sum)));
}
