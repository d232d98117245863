import { readFile } from 'node:fs/promises';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { prepareZXingModule, type ReadResult, readBarcodes } from 'zxing-wasm/reader';

interface Painted {
  readonly canvas: { readonly width: number; readonly height: number };
  readonly context: CanvasRenderingContext2D;
}

/** What an independent reader (ZXing) finds on the pages (the first `sheets`), painted at 288 dots an inch, about what a store's scanner sees; from the top down. */
export async function symbolsOf(pdf: Uint8Array, sheets = Number.POSITIVE_INFINITY): Promise<readonly ReadResult[]> {
  const wasm = await readFile(new URL(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')));
  await prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer }, fireImmediately: true });
  const document = await getDocument({ data: Uint8Array.from(pdf), verbosity: 0 }).promise;
  const factory = document.canvasFactory as { create(width: number, height: number): Painted };
  const found: ReadResult[] = [];
  for (let n = 1; n <= Math.min(sheets, document.numPages); n++) {
    const page = await document.getPage(n);
    const viewport = page.getViewport({ scale: 4 });
    const { canvas, context } = factory.create(Math.ceil(viewport.width), Math.ceil(viewport.height));
    await page.render({ canvas: canvas as HTMLCanvasElement, canvasContext: context, viewport }).promise;
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    const image = { data: new Uint8ClampedArray(data), width, height } as ImageData;
    const read = await readBarcodes(image, { formats: ['QRCode', 'Code128'] });
    found.push(...read.toSorted((a, b) => a.position.topLeft.y - b.position.topLeft.y));
  }
  return found;
}
