/** Widths of bar, space, bar, … of each value of Code 128, then its start C, and its stop. @source ISO/IEC 15417 §4.3.2, table 1 */
const patterns =
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232'
    .split(' ')
    .map((widths) => Array.from(widths, Number));
const stop = Array.from('2331112', Number);
const [functionOne, startC] = [102, 105];

/**
 * GS1-128 of the convenience stores: pairs of digits in code set C.
 *
 * @param digits of `writeConvenienceCode`
 * @returns widths in modules: bar, space, bar, …, without quiet zones
 * @source ISO/IEC 15417 §4.3.5 (check character); GS1 General Specifications §5.4 (function 1 after the start)
 */
export function barWidths(digits: string): readonly number[] {
  if (!/^(?:\d\d)+$/.test(digits)) throw new Error('a bar is made of pairs of digits');
  const values = [functionOne];
  for (let i = 0; i < digits.length; i += 2) values.push(Number(digits.slice(i, i + 2)));
  const check = values.reduce((sum, value, i) => sum + value * (i + 1), startC) % 103;
  const drawn: number[] = [];
  for (const value of [startC, ...values, check]) drawn.push(...(patterns[value] as number[]));
  return [...drawn, ...stop];
}
