import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { importOfficialText } from '../import.ts';
import { loadMeasures } from '../measures.ts';

const measures = await loadMeasures();
const root = path.resolve(import.meta.dirname, '../..');

async function imported(content: unknown, at = tmpdir()) {
  const folder = await mkdtemp(path.join(at, 'musubi-official-'));
  try {
    const file = path.join(folder, '003.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return await importOfficialText(file, { root, measures });
  } finally {
    await rm(folder, { recursive: true });
  }
}
const official = (...sentences: { id: string; text: string }[]) => ({
  assessment: '003',
  title: '試験用の評価書',
  publishedOn: '2025-04-01',
  sentences,
});

test('a municipality joins its own official sentences by id; what it lacks is named', async () => {
  const result = await imported(official({ id: '003-II.4-A01', text: '試験用の文一' }));
  assert.ok(result.ok);
  assert.equal(result.value.byMeasure.get('003-II.4-A01'), '試験用の文一');
  assert.equal(result.value.publishedOn.toString(), '2025-04-01');
  assert.equal(result.value.missing.length, 309);
});

test('a file inside the repository is refused: the source sentences stay with their owner', async () => {
  const result = await imported(official({ id: '003-II.4-A01', text: '試験用の文一' }), path.join(root, 'assessments'));
  assert.deepEqual(result, { ok: false, error: { word: 'inside-repository' } });
});

test('ids that are not of that assessment are refused and named', async () => {
  const result = await imported(
    official({ id: '003-II.4-A01', text: 'x' }, { id: '002-III.3-R2A-01', text: 'x' }, { id: '003-none', text: 'x' }),
  );
  assert.deepEqual(result, { ok: false, error: { word: 'unknown-measures', ids: ['002-III.3-R2A-01', '003-none'] } });
});

test('two sentences for one measure are refused', async () => {
  const result = await imported(official({ id: '003-II.4-A01', text: 'x' }, { id: '003-II.4-A01', text: 'y' }));
  assert.deepEqual(result, { ok: false, error: { word: 'sentence-twice', ids: ['003-II.4-A01'] } });
});

test('a file of another layout is refused with field and fault', async () => {
  const notJson = await imported('{"assessment": "003"');
  assert.equal(!notJson.ok && notJson.error.word, 'not-the-layout');
  const surplus = await imported({ ...official({ id: '003-II.4-A01', text: ' ' }), extra: 1 });
  assert.deepEqual(surplus, {
    ok: false,
    error: { word: 'not-the-layout', faults: ['sentences.0.text: too_small', ': unrecognized_keys'] },
  });
});
