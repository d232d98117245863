import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { boxes, differingBoxes, type Face, noticeFace, probeFaces } from './face.ts';
import { envelopePlan, type PrintedDocument, type PrintPart, readPrintPart, writePrintPart } from './package.ts';
import { readStoredZip, storedZip } from './stored-zip.ts';

const pdf = Buffer.from('%PDF-1.7 six pages');
const documents = [1, 2, 5].map(
  (position, i): PrintedDocument => ({
    position,
    documentId: `RTX-2026-00000${position}`,
    firstPage: 1 + 2 * i,
    pages: 2,
    subjectCheck: 'ABC123',
    amountYen: 1_000 * position,
    sha256: createHash('sha256').update(`content ${position}`).digest('hex'),
    face: probeFaces(position).at(-1) as Face,
  }),
);
const part: PrintPart = { form: noticeFace, pdf, documents };

test('002 AC-14 印刷用データ: 一つのファイルに全員の紙面、誰の紙面が何ページからかの計画と宛名面、合計とファイルの要約値が入り、書いたとおりに読める', () => {
  const bytes = writePrintPart(part);
  assert.deepEqual(bytes, writePrintPart(part));
  const zip = readStoredZip(bytes);
  assert.ok(zip.ok);
  assert.deepEqual([...zip.value.keys()], ['index.csv', 'faces.tsv', 'form.json', 'part.pdf']);
  const plan = zip.value.get('index.csv')?.toString() ?? '';
  assert.equal(plan, envelopePlan(part));
  const digest = createHash('sha256').update(pdf).digest('hex');
  assert.equal(plan.trimEnd().split('\r\n').at(-1), `total,3,,6,,8000,${digest}`);
  const read = readPrintPart(bytes);
  assert.ok(read.ok);
  assert.deepEqual(read.value, part);
});

test('design §4.6 印刷用データ: どの一バイトが変わっても受け取らないか、読める内容は書いたとおり', () => {
  const bytes = writePrintPart(part);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ by;
      const read = readPrintPart(altered);
      if (read.ok) assert.deepEqual(read.value, part);
    }),
    { numRuns: 300 },
  );
  for (const length of [0, 21, bytes.length - 1]) assert.ok(!readPrintPart(bytes.subarray(0, length)).ok);
});

test('AC-14 INC-34 印刷用データ: 計画・宛名・紙面の数や合計が合わないもの、二人の紙面が重なるものは受け取らない', () => {
  const zip = readStoredZip(writePrintPart(part));
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
    ['index.csv', (text: string) => text.replace('RTX-2026-000002,3,2', 'RTX-2026-000002,2,2'), 'pages-differ'],
    ['index.csv', (text: string) => text.replace('RTX-2026-000002,3,2', 'RTX-2026-000002,3,0'), 'pages-differ'],
    ['faces.tsv', (text: string) => text.replace('1\t', '2\t'), 'plan-unreadable'],
    ['part.pdf', (text: string) => `${text} `, 'totals-differ'],
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
