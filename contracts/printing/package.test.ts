import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { boxes, differingBoxes, type Face, noticeFace, probeFaces } from './face.ts';
import { envelopePlan, type PrintedDocument, readPrintPart, writePrintPart } from './package.ts';
import { readStoredZip, storedZip } from './stored-zip.ts';

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
    face: probeFaces(position).at(-1) as Face,
  };
};
const documents = [1, 2, 5].map(document);

test('002 AC-14 印刷用データ: 封筒ごとに一つの文書と宛名面、合計の行のある封入計画が入り、書いたとおりに読める', () => {
  const bytes = writePrintPart(documents, noticeFace);
  assert.deepEqual(bytes, writePrintPart(documents, noticeFace));
  const zip = readStoredZip(bytes);
  assert.ok(zip.ok);
  const pdfs = ['000001-RTX-2026-000001.pdf', '000002-RTX-2026-000002.pdf', '000005-RTX-2026-000005.pdf'];
  assert.deepEqual([...zip.value.keys()], ['index.csv', 'faces.tsv', 'form.json', ...pdfs]);
  assert.equal(zip.value.get('000005-RTX-2026-000005.pdf')?.toString(), '%PDF-5');
  const plan = zip.value.get('index.csv')?.toString() ?? '';
  assert.equal(plan, envelopePlan(documents));
  assert.equal(plan.trimEnd().split('\r\n').at(-1), 'total,3,6,,8000,');
  const read = readPrintPart(bytes);
  assert.ok(read.ok);
  assert.deepEqual(read.value, { form: noticeFace, documents });
});

test('design §4.6 印刷用データ: どの一バイトが変わっても受け取らないか、読める内容は書いたとおり', () => {
  const bytes = writePrintPart(documents, noticeFace);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ by;
      const read = readPrintPart(altered);
      if (read.ok) assert.deepEqual(read.value, { form: noticeFace, documents });
    }),
    { numRuns: 300 },
  );
  for (const length of [0, 21, bytes.length - 1]) assert.ok(!readPrintPart(bytes.subarray(0, length)).ok);
});

test('AC-14 印刷用データ: 計画・宛名・文書の数や合計が合わないものは受け取らない', () => {
  const zip = readStoredZip(writePrintPart(documents, noticeFace));
  assert.ok(zip.ok);
  const withOther = (name: string, change: (text: string) => string) =>
    readPrintPart(
      storedZip(
        [...zip.value].map(([entry, content]) => ({
          name: entry,
          content: entry === name ? Buffer.from(change(content.toString())) : content,
        })),
      ),
    );
  for (const [name, change, fault] of [
    ['index.csv', (text: string) => text.replace('total,3', 'total,2'), 'totals-differ'],
    ['index.csv', (text: string) => text.replace(/^1,.*\r\n/m, ''), 'totals-differ'],
    ['faces.tsv', (text: string) => text.replace('1\t', '2\t'), 'plan-unreadable'],
    ['000001-RTX-2026-000001.pdf', (text: string) => `${text} `, 'document-differs'],
    ['form.json', () => '{}', 'plan-unreadable'],
  ] as const)
    assert.deepEqual(withOther(name, change), { ok: false, error: fault });
});

test('INC-30 試し刷りの見本: どの欄もどの人も違い、空の欄はなく、どの取り違えも見つかる', () => {
  const faces = probeFaces(20);
  const texts = faces.flatMap((face) => boxes.filter((box) => box !== 'honorific').map((box) => face[box]));
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(texts.every((text) => text !== ''));
  for (const face of faces)
    for (const a of boxes)
      for (const b of boxes.filter((box) => box > a)) {
        const swapped = { ...face, [a]: face[b], [b]: face[a] };
        assert.deepEqual(differingBoxes(face, swapped).toSorted(), [a, b].toSorted());
      }
});
