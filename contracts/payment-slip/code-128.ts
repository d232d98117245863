/**
 * Widths of bars and spaces of each value, 0 to 105.
 * @source Code 128 (ISO/IEC 15417, JIS X 0504) table 1
 */
const patterns = `
  212222 222122 222221 121223 121322 131222 122213 122312 132212 221213
  221312 231212 112232 122132 122231 113222 123122 123221 223211 221132
  221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
  212123 212321 232121 111323 131123 131321 112313 132113 132311 211313
  231113 231311 112133 112331 132131 113123 113321 133121 313121 211331
  231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
  314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
  112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
  111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
  214121 412121 111143 111341 131141 114113 114311 411113 411311 113141
  114131 311141 411131 211412 211214 211232
`
  .trim()
  .split(/\s+/)
  .map((widths) => Array.from(widths, Number));
const startC = 105;
const function1 = 102;
const stop = [2, 3, 3, 1, 1, 1, 2];

/**
 * GS1-128 of an even count of digits: start C, FNC1, two digits a symbol, check symbol, stop.
 *
 * @returns widths in modules: bar, space, bar, …, without quiet zones
 */
export function code128Widths(digits: string): readonly number[] {
  if (digits.length % 2 !== 0 || /\D/.test(digits)) throw new RangeError('code set C takes pairs of digits');
  const pairs = Array.from({ length: digits.length / 2 }, (_, i) => Number(digits.slice(2 * i, 2 * i + 2)));
  const values = [function1, ...pairs];
  const check = values.reduce((sum, value, i) => sum + value * (i + 1), startC) % 103;
  return [startC, ...values, check].flatMap((value) => patterns[value] as readonly number[]).concat(stop);
}
