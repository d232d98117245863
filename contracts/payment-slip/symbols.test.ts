import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { writeConvenienceCode } from './convenience-code.ts';
import { writeElQr } from './el-qr.ts';
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
