import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MechanismId } from '@musubi/kernel/enforcement/mechanism-ids.ts';
import { controlsReport, type Facts, statusOf } from '../controls.ts';
import { loadMeasures, type Measure } from '../measures.ts';
import type { TestResult } from '../results.ts';

const password = 'kernel/access/password.ts';

const aMeasure = (over: Partial<Measure> = {}): Measure => ({
  id: '003-III.3-R2-A02',
  section: 'III.3',
  system: 'systems/prefectural-juki',
  kind: 'software',
  category: 'authentication',
  paraphrase: 'Users are locked out.',
  mechanisms: ['auth.lock-out'],
  ...over,
});
const aProof = (over: Partial<TestResult> = {}): TestResult => ({
  run: 'r',
  mechanism: 'auth.lock-out',
  title: 'locked',
  file: 'kernel/access/test/password.test.ts',
  passed: true,
  passedAt: [password],
  failsWhenOff: true,
  ...over,
});
const someFacts = (over: {
  points?: readonly (readonly [MechanismId, readonly string[]])[];
  results?: readonly TestResult[];
  built?: boolean;
}): Facts => ({
  measures: [aMeasure()],
  points: new Map((over.points ?? [['auth.lock-out', [password]]]).map(([id, files]) => [id, new Set(files)])),
  results: over.results ?? [aProof()],
  exists: (file) => (file.endsWith('/main.ts') ? (over.built ?? true) : true),
});

test('design §7: tested means passed, went through the point, and fails when the point is off', () => {
  assert.deepEqual(statusOf(aMeasure(), someFacts({})), { status: 'tested' });
});

const hindrances = [
  ['no test', { results: [] }, 'not-proved'],
  ['a test of another mechanism', { results: [aProof({ mechanism: 'auth.password' })] }, 'not-proved'],
  ['the test failed', { results: [aProof({ passed: false, fault: 'failed' })] }, 'test-failed'],
  ['stays green when off', { results: [aProof({ failsWhenOff: false, fault: 'passes-when-off' })] }, 'test-failed'],
  ['went past the point', { results: [aProof({ passedAt: [], fault: 'not-passed' })] }, 'test-failed'],
  ['one proof, one failure', { results: [aProof(), aProof({ passed: false, fault: 'failed' })] }, 'test-failed'],
  ['went through another file', { results: [aProof({ passedAt: ['kernel/access/other.ts'] })] }, 'not-proved'],
  ['no point in the sources', { points: [] }, 'no-enforcement-point'],
  ['a second point unproved', { points: [['auth.lock-out', [password, 'kernel/access/passkey.ts']]] }, 'not-proved'],
  ['system not built', { built: false }, 'system-not-built'],
] as const;
for (const [name, over, because] of hindrances) {
  test(`design §7: open when ${name}`, () => {
    assert.deepEqual(statusOf(aMeasure(), someFacts(over)), { status: 'open', because, mechanisms: ['auth.lock-out'] });
  });
}

test('design §7: a measure needs all of its mechanisms', () => {
  const measure = aMeasure({ mechanisms: ['auth.lock-out', 'auth.second-factor'] });
  const status = statusOf(measure, someFacts({ points: [['auth.lock-out', [password]]] }));
  assert.deepEqual(status, { status: 'open', because: 'no-enforcement-point', mechanisms: ['auth.second-factor'] });
});

test('a mechanism that each system keeps itself is proved for the systems that proved it, and for no other', () => {
  const tax = 'systems/resident-tax/domain/check-items.ts';
  const facts = someFacts({
    points: [['input.item-checks', [tax, 'systems/municipal-juki/domain/check-items.ts']]],
    results: [aProof({ mechanism: 'input.item-checks', passedAt: [tax], file: 'systems/resident-tax/test/a.test.ts' })],
  });
  const of = (system: string) => statusOf(aMeasure({ system, mechanisms: ['input.item-checks'] }), facts);
  assert.equal(of('systems/resident-tax').status, 'tested');
  assert.equal(of('systems/municipal-juki').status, 'open');
  assert.deepEqual(of('systems/accounts'), {
    status: 'open',
    because: 'no-enforcement-point',
    mechanisms: ['input.item-checks'],
  });
});

test('a grant or constraint counts by the file that the test took away, when that file exists', () => {
  const sql = 'kernel/vault/schema/0001_vault.sql';
  const results = [aProof({ mechanism: 'vault.number-by-definer-function', passedAt: [sql] })];
  const measure = aMeasure({ mechanisms: ['vault.number-by-definer-function'] });
  const facts = someFacts({ points: [], results });
  assert.equal(statusOf(measure, facts).status, 'tested');
  assert.equal(statusOf(measure, { ...facts, exists: (file) => file !== sql }).status, 'open');
});

test('issue 2: totals add up per assessment and per system, and nothing is tested without results', async () => {
  const measures = await loadMeasures();
  const report = controlsReport({ measures, points: new Map(), results: [], exists: () => true });
  for (const totals of [...Object.values(report.assessments), ...Object.values(report.systems)]) {
    assert.equal(totals.tested + totals.open + totals.reclassified, totals.software);
    assert.equal(totals.tested, 0);
  }
  const all = (rows: typeof report.systems) =>
    Object.values(rows).reduce((sum, { software, organisational }) => sum + software + organisational, 0);
  assert.equal(all(report.systems), measures.length);
  assert.equal(all(report.assessments), measures.length);
});
