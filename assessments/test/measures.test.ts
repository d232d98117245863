import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { mechanismIds } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { assessmentIds, assessmentOf, loadMeasures, measuresByMechanism } from '../measures.ts';
import { type Mechanism, mechanisms } from '../mechanism.ts';

const measures = await loadMeasures();

test('design §7: every measure of the five assessments is there, 1,617 in all and 1,043 for software', () => {
  const counts = Object.fromEntries(
    assessmentIds.map((id) => {
      const own = measures.filter((measure) => assessmentOf(measure) === id);
      return [id, [own.length, own.filter((measure) => measure.kind === 'software').length]];
    }),
  );
  assert.deepEqual(counts, {
    '000': [263, 180],
    '001': [453, 315],
    '002': [271, 155],
    '003': [310, 187],
    '004': [320, 206],
  });
  assert.equal(new Set(measures.map((measure) => measure.id)).size, measures.length);
});

test('design §7: every software measure rests on existing mechanisms or says why software cannot keep it', () => {
  const software = measures.filter((measure) => measure.kind === 'software');
  const resting = software.filter((measure) => measure.mechanisms !== undefined);
  const reclassified = software.filter((measure) => measure.reclassified !== undefined);
  assert.equal(resting.length + reclassified.length, 1_043);
  assert.deepEqual(
    resting
      .flatMap((measure) => measure.mechanisms ?? [])
      .filter((id) => !(mechanismIds as readonly string[]).includes(id)),
    [],
  );
  assert.ok(reclassified.length < 0.01 * software.length, 'reclassification is the exception');
});

test('the repository holds paraphrases alone: plain English, no sentence of the source documents', async () => {
  for (const id of assessmentIds) {
    const text = await readFile(path.join(import.meta.dirname, '../measures', `${id}.json`), 'utf8');
    assert.match(text, /^[\n\x20-\x7e]*$/, `${id}.json is ASCII`);
  }
});

test('each mechanism says what it enforces in one or two sentences, in both languages, at a place inside its system', () => {
  for (const [id, mechanism] of Object.entries<Mechanism>(mechanisms)) {
    assert.match(mechanism.enforces, /^[A-Z].{30,320}\.$/, id);
    assert.match(mechanism.title.ja, /[\p{sc=Han}\p{sc=Katakana}]/u, id);
    assert.match(mechanism.title.en, /^[\x20-\x7e]{4,60}$/, id);
    assert.ok(mechanism.points.length > 0, id);
    for (const point of mechanism.points) {
      assert.match(point, /^(kernel|systems|counterparts|\{system\})\/[a-z0-9/_.-]+\.(ts#[A-Za-z]\w*|sql#[a-z]+)$/, id);
      assert.equal(point.startsWith('{system}/'), mechanism.scope === 'each-system', id);
    }
    assert.match(mechanism.evidence, /^[a-z]+(-[a-z]+)*$/, id);
  }
});

test('mechanisms on which no measure rests are known: the product promises them beyond the assessments', () => {
  const beyond = [...measuresByMechanism(measures)].filter(([, resting]) => resting.length === 0).map(([id]) => id);
  assert.deepEqual(beyond.sort(), [
    'access.support-measure-block',
    'exchange.permit-once',
    'exchange.provision-record-disclosure',
    'jobs.resume-once',
    'transport.strict-message',
    'vault.number-by-definer-function',
    'vault.sealed-carrier',
  ]);
});

test('003 Ⅱ6, 001 Ⅱ6, 002 Ⅱ6: the retention terms of the registers stand with their measures', () => {
  const yearsOf = (id: string) => measures.find((measure) => measure.id === id)?.parameters?.years;
  assert.equal(yearsOf('003-II.6-A08'), 150);
  assert.equal(yearsOf('001-II.6-12'), 5);
  assert.equal(yearsOf('002-II.6-PER-01'), 7);
});
