import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { envelopePlan, type PrintedDocument, printFile } from './print-file.ts';

const document = (position: number): PrintedDocument => {
  const pdf = Buffer.from(`%PDF-${position}`);
  return {
    position,
    documentId: `RTX-2026-00000${position}`,
    pages: 2,
    subjectCheck: 'ABC123',
    amountYen: 1_000 * position,
    sha256: createHash('sha256').update(pdf).digest('hex'),
    pdf,
  };
};

/** Reads a ZIP by its central directory, as an unpacker does. */
function entriesOf(zip: Buffer): Map<string, Buffer> {
  const end = zip.subarray(-22);
  assert.equal(end.readUInt32LE(0), 0x06054b50);
  const entries = new Map<string, Buffer>();
  let at = end.readUInt32LE(16);
  for (let i = 0; i < end.readUInt16LE(10); i++) {
    assert.equal(zip.readUInt32LE(at), 0x02014b50);
    const [crc, size, nameLength] = [zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    assert.equal(zip.readUInt32LE(local), 0x04034b50);
    const start = local + 30 + zip.readUInt16LE(local + 26);
    const content = zip.subarray(start, start + size);
    assert.equal(crc32(content), crc);
    entries.set(zip.subarray(at + 46, at + 46 + nameLength).toString(), content);
    at += 46 + nameLength;
  }
  return entries;
}

test('002 AC-14 印刷用データ: 封筒ごとに一つの文書と、合計の行のある封入計画が入る', () => {
  const documents = [1, 2, 5].map(document);
  const entries = entriesOf(printFile(documents));
  assert.deepEqual(
    [...entries.keys()],
    ['index.csv', '000001-RTX-2026-000001.pdf', '000002-RTX-2026-000002.pdf', '000005-RTX-2026-000005.pdf'],
  );
  assert.equal(entries.get('000005-RTX-2026-000005.pdf')?.toString(), '%PDF-5');
  const plan = entries.get('index.csv')?.toString() ?? '';
  assert.equal(plan, envelopePlan(documents));
  assert.equal(plan.trimEnd().split('\r\n').at(-1), 'total,3,6,,8000,');
});

test('002 AC-14 印刷用データ: 同じ文書からは同じファイルができる', () => {
  assert.deepEqual(printFile([document(1)]), printFile([document(1)]));
});
