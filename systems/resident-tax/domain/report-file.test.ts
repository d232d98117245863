import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextPiece } from './report-file.ts';

/** The file from a checkpoint on, in parts of these lengths and the rest of it. */
async function* partsOf(file: Uint8Array, from: number, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = from;
  for (const length of lengths) {
    if (at >= file.length) return;
    yield file.subarray(at, at + length);
    at += length;
  }
  if (at < file.length) yield file.subarray(at);
}

test('design §5 however a file is cut into parts, its pieces hold every record once, in order and whole', async () => {
  const record = fc.string({ unit: fc.constantFrom('a', ',', '\r', '"'), maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 5 }),
      async (records, lengths, size) => {
        const file = new TextEncoder().encode(records.map((text) => `${text}\r\n`).join(''));
        const pieces: string[] = [];
        let checkpoint: string | null = '0:0';
        while (checkpoint !== null) {
          const [start, before] = checkpoint.split(':').map(Number) as [number, number];
          const piece = await nextPiece(partsOf(file, start, lengths), { start, before }, size);
          assert.equal(piece.before, pieces.length * size);
          pieces.push(new TextDecoder().decode(piece.bytes));
          checkpoint = piece.next;
        }
        const expected = Array.from({ length: Math.ceil(records.length / size) }, (_, i) =>
          records
            .slice(i * size, (i + 1) * size)
            .map((text) => `${text}\r\n`)
            .join(''),
        );
        assert.deepEqual(pieces, expected);
      },
    ),
    { numRuns: 200 },
  );
});
