import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tickingClock } from '../clocks/clock.ts';
import { mechanismTest } from '../enforcement/testing.ts';
import { makeIndividualNumber } from '../identifiers/individual-number.ts';
import { numberForms } from '../identifiers/number-forms.ts';
import { seededRandom } from '../random/random.ts';
import { logCatalogue, openLog } from './log.ts';
import { loggable, WITHHELD } from './log-value.ts';
import { openMetrics } from './metrics.ts';
import { childOf, continueTrace, formatTraceparent, newTrace, parseTraceparent } from './trace.ts';

const catalogue = logCatalogue({
  'relay.parked': { level: 'warn', fields: ['stream', 'tries'], meaning: '五回読めなかった通知を止め置いた' },
  'act.failed': { level: 'error', fields: ['act'], meaning: '処理が例外で終わった' },
});

function aLog() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    lines,
    log: openLog({
      instance: 'meguro/resident-tax',
      catalogue,
      machineClock: tickingClock('2026-06-01T00:00:00Z'),
      destination,
    }),
  };
}

test('design §8 a log line is a code, its fields, instance, moment and trace', () => {
  const { lines, log } = aLog();
  const trace = newTrace(seededRandom('t'));
  log.write('relay.parked', { stream: 'national-juki/change', tries: 5 }, { trace });
  assert.deepEqual(JSON.parse(lines[0]!), {
    level: 'warn',
    at: '2026-06-01T00:00:01.000Z',
    instance: 'meguro/resident-tax',
    stream: 'national-juki/change',
    tries: 5,
    trace: trace.traceId,
    span: trace.spanId,
    code: 'relay.parked',
  });
});

test('conventions: 個人番号はログに出ない (every form of a number in every field is withheld)', () => {
  const { lines, log } = aLog();
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const number = makeIndividualNumber(seededRandom(seed)).digits();
      for (const form of numberForms(number)) {
        log.write('relay.parked', { stream: `case-${form}`, tries: Number(number) });
        log.write(
          'act.failed',
          { act: form },
          { error: new Error(`no person ${form}`, { cause: new TypeError(form) }) },
        );
        for (const line of lines.splice(0)) {
          assert.ok(!line.includes(form) && !line.includes(number));
          assert.ok(line.includes(WITHHELD));
        }
      }
    }),
    { numRuns: 30 },
  );
});

mechanismTest('vault.no-number-in-logs', '個人番号になり得る値はログの行に書かれない', () => {
  const { lines, log } = aLog();
  log.write('relay.parked', { stream: 'case-123456789018', tries: 1 });
  assert.ok(!lines[0]!.includes('123456789018'));
});

test('free text is withheld; ids, codes, counts and moments stay', () => {
  for (const text of ['目黒 太郎', 'Taro Meguro', '東京都目黒区上目黒2-19-15', 'a b'])
    assert.equal(loggable(text), WITHHELD, text);
  // 123456789018 has a fitting check digit; inside a UUID it is an id.
  for (const kept of [
    '0190f3c1-0000-7000-8000-123456789018',
    'tax.decide-assessment',
    '2026-06-01T00:00:00.123Z',
    1_780_000_000_123,
    12,
    true,
    '123456789012',
    '',
  ])
    assert.equal(loggable(kept), kept, String(kept));
  assert.equal(loggable('123456789018'), WITHHELD);
});

test('an error leaves its name, code and places, never its message', () => {
  const { lines, log } = aLog();
  const error = Object.assign(new Error('duplicate key (name)=(目黒 太郎)'), { code: '23505' });
  log.write('act.failed', { act: 'tax.decide-assessment' }, { error });
  const { error: written } = JSON.parse(lines[0]!) as { error: { name: string; code: string; at: string[] } };
  assert.equal(written.name, 'Error');
  assert.equal(written.code, '23505');
  assert.match(written.at[0]!, /^kernel\/telemetry\/telemetry\.test\.ts:\d+:\d+$/);
  assert.ok(!lines[0]!.includes('太郎'));
});

test('metrics: a registry for each instance, label values are codes', async () => {
  const [a, b] = [
    openMetrics({ instance: 'meguro/resident-tax' }),
    openMetrics({ instance: 'meguro/common-platform' }),
  ];
  const acts = a.counter('musubi_acts_total', 'acts by outcome', ['act', 'outcome']);
  acts.add({ act: 'tax.decide-assessment', outcome: 'done' });
  acts.add({ act: '123456789018', outcome: 'refused' }, 2);
  a.duration('musubi_act_seconds', 'time of an act', ['act']).observe({ act: 'tax.decide-assessment' }, 0.004);
  b.gauge('musubi_lag', 'waiting messages').set({}, 3);
  const text = await a.text();
  assert.match(
    text,
    /musubi_acts_total\{act="tax.decide-assessment",outcome="done",instance="meguro\/resident-tax"\} 1/,
  );
  assert.match(text, /musubi_acts_total\{act="\[withheld\]",outcome="refused",instance="meguro\/resident-tax"\} 2/);
  assert.match(text, /musubi_act_seconds_bucket\{le="0.005",/);
  assert.ok(!text.includes('musubi_lag'));
  assert.match(await b.text(), /musubi_lag\{instance="meguro\/common-platform"\} 3/);
});

test('W3C Trace Context: a chain keeps its trace id, a step has its own span id', () => {
  const random = seededRandom('t');
  const first = newTrace(random);
  const next = continueTrace(formatTraceparent(first), random);
  assert.equal(next.traceId, first.traceId);
  assert.notEqual(next.spanId, first.spanId);
  assert.deepEqual(parseTraceparent(formatTraceparent(next)), next);
  assert.notEqual(childOf(next, random).spanId, next.spanId);
  assert.deepEqual(parseTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'), {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    sampled: false,
  });
  assert.ok(parseTraceparent('01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later'));
});

for (const header of [
  undefined,
  '',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
]) {
  test(`W3C Trace Context: ${header ?? 'no header'} begins a new chain`, () => {
    assert.equal(parseTraceparent(header), undefined);
    assert.match(formatTraceparent(continueTrace(header, seededRandom('t'))), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
}
