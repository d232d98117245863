import { crc32 } from 'node:zlib';
import { create } from 'qrcode';
import { barWidths } from './bars.ts';

/*
 * Symbols as images of one bit a module (PNG), the quiet zone of the symbology around: a typesetter that scales them without smoothing
 * prints each module as an exact rectangle, and reads them twenty times as fast as drawn paths.
 */

/** Rows of modules, 1 is black. A row of bars is stretched by who prints it. */
type Modules = readonly Uint8Array[];

/** GS1-128 of the convenience stores: one row. @param digits of `writeConvenienceCode` */
export function convenienceBarImage(digits: string): Uint8Array {
  const widths = barWidths(digits);
  const quiet = 10;
  const row = new Uint8Array(widths.reduce((sum, width) => sum + width, 2 * quiet));
  let at = quiet;
  for (const [i, width] of widths.entries()) {
    if (i % 2 === 0) row.fill(1, at, at + width);
    at += width;
  }
  return png([row]);
}

/** QR code of the digits of `writeElQr`, as `qrModules` draws it. */
export function qrImage(digits: string): Uint8Array {
  const { data, size } = create([{ data: digits, mode: 'numeric' }], { version: 6, errorCorrectionLevel: 'M' }).modules;
  const quiet = 4;
  const rows = Array.from({ length: size + 2 * quiet }, () => new Uint8Array(size + 2 * quiet));
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) (rows[y + quiet] as Uint8Array)[x + quiet] = data[y * size + x] as number;
  return png(rows);
}

/** Greyscale of one bit, black 0; not compressed, a symbol being a few hundred bytes. @source PNG (ISO/IEC 15948) §5, §11 */
function png(rows: Modules): Uint8Array {
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
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', stored(raw)), chunk('IEND', Buffer.alloc(0))]);
}

/** A zlib stream of one stored block: what starting a compressor costs is more than it saves here. @source RFC 1950, RFC 1951 §3.2.4 */
function stored(raw: Buffer): Buffer {
  const head = Buffer.from([0x78, 0x01, 0x01, 0, 0, 0, 0]);
  head.writeUInt16LE(raw.length, 3);
  head.writeUInt16LE(~raw.length & 0xffff, 5);
  let [a, b] = [1, 0];
  for (const byte of raw) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt16BE(b, 0);
  sum.writeUInt16BE(a, 2);
  return Buffer.concat([head, raw, sum]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const framed = Buffer.alloc(content.length + 12);
  framed.writeUInt32BE(content.length, 0);
  framed.write(type, 4, 'latin1');
  framed.set(content, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, content.length + 8)), content.length + 8);
  return framed;
}
