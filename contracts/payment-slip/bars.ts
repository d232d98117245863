// The default export: the named `raw` of the package is another thing, a symbology of that name.
import bwipjs from 'bwip-js/node';

/**
 * GS1-128 of the convenience stores.
 *
 * @param digits of `writeConvenienceCode`
 * @returns widths in modules: bar, space, bar, …, without quiet zones
 */
export function barWidths(digits: string): readonly number[] {
  const [drawn] = bwipjs.raw({ bcid: 'gs1-128', text: `(${digits.slice(0, 2)})${digits.slice(2)}` });
  if (drawn === undefined || !('sbs' in drawn)) throw new Error('bars were expected');
  return drawn.sbs;
}
