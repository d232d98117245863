import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, type OperationsState, usualLimits } from './state.ts';

const now = Temporal.Instant.from('2026-06-01T00:00:00Z');
const queue = {
  receiver: 'meguro/resident-tax',
  family: 'platform.person-change',
  waiting: 0,
  oldestSeconds: null,
  tries: 0,
  heldBecause: null,
  arrived: 10,
  failed: 0,
  p50Seconds: 0.1,
  p99Seconds: 0.4,
};
const service = { name: 'inquiry', label: '照会', done: 100, failed: 0, p50Ms: 80, p99Ms: 300 };
const calm: OperationsState = {
  queues: [queue],
  runs: [],
  services: [service],
  certificates: [{ purpose: '署名', validUntil: now.add({ hours: 24 * 60 }) }],
};
const codes = (state: Partial<OperationsState>) =>
  findingsOf({ ...calm, ...state }, usualLimits, now).map((f) => f.code);

test('C operators: a calm instance raises nothing; each limit raises its own alert just beyond it', () => {
  assert.deepEqual(codes({}), []);
  assert.deepEqual(codes({ matters: [{ label: '副本の不一致', count: 0 }] }), []);
  assert.deepEqual(codes({ matters: [{ label: '副本の不一致', count: 1 }] }), ['matter-open']);
  assert.deepEqual(codes({ queues: [{ ...queue, waiting: 3, oldestSeconds: 300 }] }), []);
  assert.deepEqual(codes({ queues: [{ ...queue, waiting: 3, oldestSeconds: 301 }] }), ['queue-stuck']);
  assert.deepEqual(codes({ queues: [{ ...queue, failed: 1 }] }), ['messages-failed']);
  assert.deepEqual(codes({ services: [{ ...service, done: 95, failed: 5 }] }), []);
  assert.deepEqual(codes({ services: [{ ...service, done: 94, failed: 6 }] }), ['errors-rising']);
  const run = { name: 'tax.assess-all', running: 1, done: 3, failed: 0, stalled: 0, rejected: 4 };
  assert.deepEqual(codes({ runs: [run] }), []);
  assert.deepEqual(codes({ runs: [{ ...run, failed: 1 }] }), ['run-failed']);
  assert.deepEqual(codes({ runs: [{ ...run, stalled: 1 }] }), ['run-failed']);
  // A single failure of three is no rate.
  assert.deepEqual(codes({ services: [{ ...service, done: 2, failed: 1 }] }), []);
  assert.deepEqual(codes({ services: [{ ...service, p99Ms: 2_001 }] }), ['answers-slow']);
  const ends = (hours: number) => ({ certificates: [{ purpose: '署名', validUntil: now.add({ hours }) }] });
  assert.deepEqual(codes(ends(24 * 30)), []);
  assert.deepEqual(codes(ends(24 * 30 - 1)), ['certificate-ending']);
});
