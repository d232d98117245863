import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isServiceTime, type ServiceHours } from './service-hours.ts';

const office: ServiceHours = { from: '08:00', until: '20:00', days: 'open-days' };
const rows = [
  // JST                          open
  ['2026-06-01T07:59:59+09:00', false],
  ['2026-06-01T08:00:00+09:00', true],
  ['2026-06-01T19:59:59+09:00', true],
  ['2026-06-01T20:00:00+09:00', false],
  ['2026-06-06T12:00:00+09:00', false], // Saturday
  ['2026-07-20T12:00:00+09:00', false], // 海の日
  ['2026-12-29T12:00:00+09:00', false], // 年末
  ['2026-05-31T23:30:00Z', true], // Monday morning in Japan
] as const;
for (const [at, open] of rows)
  test(`001-III.6-R2-04 利用時間: ${at} は${open ? '内' : '外'}`, () => {
    assert.equal(isServiceTime(office, Temporal.Instant.from(at)), open);
  });

test('001-III.6-R2-04 毎日とした利用時間は休日も効く', () => {
  assert.equal(
    isServiceTime({ ...office, days: 'every-day' }, Temporal.Instant.from('2026-06-06T12:00:00+09:00')),
    true,
  );
});
