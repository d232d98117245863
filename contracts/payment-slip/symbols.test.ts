import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
// The default export: the named `raw` of the package is another thing, a symbology of that name.
import bwipjs from 'bwip-js/node';
import fc from 'fast-check';
import { create } from 'qrcode';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { barWidths } from './bars.ts';
import { writeConvenienceCode } from './convenience-code.ts';
import { writeElQr } from './el-qr.ts';
import { qrSymbol } from './qr-symbol.ts';
import { convenienceBarImage, qrImage } from './symbol-images.ts';
import { convenienceBars, qrModules } from './symbols.ts';

const wasm = await readFile(new URL(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')));
await prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer }, fireImmediately: true });

/** Paints the path of an SVG of ours as pixels, `scale` a module: rectangles only, so that no renderer is needed. */
function paint(svg: string, scale: number): { data: Uint8ClampedArray; width: number; height: number } {
  const [, w, h] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const [width, height] = [Number(w) * scale, Number(h) * scale];
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const [, x, y, dx, dy] of svg.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g))
    for (let row = Number(y) * scale; row < (Number(y) + Number(dy)) * scale; row++)
      for (let column = Number(x) * scale; column < (Number(x) + Number(dx)) * scale; column++)
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
  return { data, width, height };
}

const read = async (svg: string) => readBarcodes(paint(svg, 3) as ImageData, { tryHarder: true });

test('formats el-qr §2, §4: an independent reader reads the QR code and the bar as they were meant', async () => {
  const day = Temporal.PlainDate.from('2027-03-31');
  const qr = writeElQr({
    taxItem: '003',
    caseKey: '13110202601000001234',
    confirmationNumber: '567890',
    body: '13110',
    office: '000',
    amountYen: 48_700,
    taxYear: 2026,
    fiscalYear: 2026,
    instalment: 1,
    dueOn: day,
    payableUntil: day,
  });
  const [code] = await read(qrModules(qr));
  assert.deepEqual([code?.format, code?.text, code?.ecLevel], ['QRCode', qr, 'M']);

  const reference = '202601000012340000001';
  const digits = unwrap(
    writeConvenienceCode({ company: '912345', reference, reissue: 0, payableUntil: day, amountYen: 48_700 }),
  );
  const [bar] = await read(convenienceBars(digits));
  assert.equal(bar?.format, 'Code128');
  assert.equal(bar?.text.replaceAll(/\D/g, ''), digits);
  // FNC1 in the first place makes it a GS1 symbol.
  assert.equal(bar?.contentType, 'GS1');
});

test('formats el-qr §2, §4: as images of one bit a module they say the same', async () => {
  const day = Temporal.PlainDate.from('2027-03-31');
  const qr = writeElQr({
    taxItem: '003',
    caseKey: '13110202601000001234',
    confirmationNumber: '567890',
    body: '13110',
    office: '000',
    amountYen: 48_700,
    taxYear: 2026,
    fiscalYear: 2026,
    instalment: 1,
    dueOn: day,
    payableUntil: day,
  });
  const [fromImage] = await readBarcodes(Uint8Array.from(qrImage(qr)), { tryHarder: true });
  assert.equal(fromImage?.text, qr);
  const bar = unwrap(
    writeConvenienceCode({
      company: '912345',
      reference: '012600000000000000001',
      reissue: 0,
      payableUntil: day,
      amountYen: 48_700,
    }),
  );
  const png = Buffer.from(convenienceBarImage(bar));
  // One row: width from the header, the modules as long as those of the drawn bars.
  const [, width] = /viewBox="0 0 (\d+) /.exec(convenienceBars(bar)) ?? [];
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [Number(width), 1]);
  assert.deepEqual(convenienceBarImage(bar), convenienceBarImage(bar));
});

const digitsOf = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((digits) => digits.join(''));

test('formats el-qr §2: whatever the digits, the QR code is module by module the one that the library draws under the mask it chooses', () => {
  fc.assert(
    fc.property(digitsOf(255), (digits) => {
      const { modules } = create([{ data: digits, mode: 'numeric' }], { version: 6, errorCorrectionLevel: 'M' });
      const own = qrSymbol(digits);
      assert.equal(own.size, modules.size);
      assert.deepEqual(own.modules, Uint8Array.from(modules.data));
    }),
    { numRuns: 40, examples: [['0'.repeat(255)], ['9'.repeat(255)], ['01'.repeat(127).padEnd(255, '5')]] },
  );
});

test('formats el-qr §4: whatever the digits, the bar is the one that another generator draws', () => {
  fc.assert(
    fc.property(digitsOf(42), (digits) => {
      const [drawn] = bwipjs.raw({ bcid: 'gs1-128', text: `(91)${digits}` });
      assert.ok(drawn !== undefined && 'sbs' in drawn);
      assert.deepEqual(barWidths(`91${digits}`), [...drawn.sbs]);
    }),
    { numRuns: 40 },
  );
  assert.throws(() => barWidths('123'));
});
