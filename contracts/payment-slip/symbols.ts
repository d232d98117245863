import { create } from 'qrcode';
import { barWidths } from './bars.ts';

/** Drawn symbols as SVG of one path, a module being one unit, the quiet zone of the symbology around. */

/**
 * GS1-128 of the convenience stores: FNC1, then the 44 digits in code set C.
 *
 * @param digits of `writeConvenienceCode`
 * @param height in modules; the bars of the guideline are at least 10 mm high
 */
export function convenienceBars(digits: string, height = 60): string {
  let at = 10;
  let path = '';
  for (const [i, width] of barWidths(digits).entries()) {
    if (i % 2 === 0) path += `M${at} 0h${width}v${height}h-${width}z`;
    at += width;
  }
  return svg(at + 10, height, path);
}

/** QR code of the 255 digits of `writeElQr`: numeric, error correction level M, which they fill to the last bit in version 6. */
export function qrModules(digits: string): string {
  const { data, size } = create([{ data: digits, mode: 'numeric' }], { version: 6, errorCorrectionLevel: 'M' }).modules;
  const quiet = 4;
  let path = '';
  for (let y = 0; y < size; y++) {
    let x = 0;
    while (x < size) {
      const from = x;
      while (x < size && data[y * size + x] === 1) x++;
      if (x > from) path += `M${from + quiet} ${y + quiet}h${x - from}v1h-${x - from}z`;
      x++;
    }
  }
  return svg(size + 2 * quiet, size + 2 * quiet, path);
}

const svg = (width: number, height: number, path: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><path d="${path}" fill="#000"/></svg>`;
