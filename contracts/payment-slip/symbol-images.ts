import { crc32, deflateSync } from 'node:zlib';
// The default export: the named `raw` of the package is another thing, a symbology of that name.
import bwipjs from 'bwip-js/node';
import { create } from 'qrcode';

/*
 * Symbols as images of one bit a module (PNG), the quiet zone of the symbology around: a typesetter that scales them without smoothing
 * prints each module as an exact rectangle, and reads them twenty times as fast as drawn paths. As lists of bytes, for JSON.
 */

/** Rows of modules, 1 is black. A row of bars is stretched by who prints it. */
type Modules = readonly Uint8Array[];

/** GS1-128 of the convenience stores: one row. @param digits of `writeConvenienceCode` */
export function convenienceBarImage(digits: string): readonly number[] {
  const [drawn] = bwipjs.raw({ bcid: 'gs1-128', text: `(${digits.slice(0, 2)})${digits.slice(2)}` });
  if (drawn === undefined || !('sbs' in drawn)) throw new Error('bars were expected');
  const quiet = 10;
  const row = new Uint8Array(drawn.sbs.reduce((sum, width) => sum + width, 2 * quiet));
  let at = quiet;
  for (const [i, width] of drawn.sbs.entries()) {
    if (i % 2 === 0) row.fill(1, at, at + width);
    at += width;
  }
  return png([row]);
}

/** QR code of the digits of `writeElQr`, as `qrModules` draws it. */
export function qrImage(digits: string): readonly number[] {
  const { data, size } = create([{ data: digits, mode: 'numeric' }], { version: 6, errorCorrectionLevel: 'M' }).modules;
  const quiet = 4;
  const rows = Array.from({ length: size + 2 * quiet }, () => new Uint8Array(size + 2 * quiet));
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) (rows[y + quiet] as Uint8Array)[x + quiet] = data[y * size + x] as number;
  return png(rows);
}

/** Greyscale of one bit, black 0. @source PNG (ISO/IEC 15948) §5, §11 */
function png(rows: Modules): readonly number[] {
  const width = rows[0]?.length ?? 0;
  const stride = 1 + Math.ceil(width / 8);
  const raw = Buffer.alloc(stride * rows.length, 0xff);
  for (const [y, row] of rows.entries()) {
    raw[y * stride] = 0; // no filter
    for (const [x, module] of row.entries())
      if (module === 1) {
        const place = y * stride + 1 + (x >> 3);
        raw[place] = (raw[place] as number) & ~(0x80 >> (x & 7));
      }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header[8] = 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return [
    ...Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(raw)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  ];
}

function chunk(type: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
