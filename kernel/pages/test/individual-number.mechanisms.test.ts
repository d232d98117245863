import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '../../enforcement/testing.ts';
import { individualNumber } from '../kit/individual-number.ts';

const shown = { digits: '123456789018', eventId: '01900000-0000-7000-8000-000000000001' };

mechanismTest(
  'vault.no-number-on-screen',
  '001-III.3-R1-02 番号の権限がない人の画面では、個人番号は一桁も示されない',
  async () => {
    const page = String(individualNumber(shown, false));
    assert.ok(!/[0-9]/.test(page.replaceAll(/[a-z-]+="[^"]*"/g, '')));
  },
);

test('with the right, and only as the answer to a recorded look, the number stands on the page with its record', () => {
  assert.match(String(individualNumber(shown, true)), /1234 5678 9018/);
  assert.match(String(individualNumber(shown, true)), /01900000-0000-7000/);
  assert.match(String(individualNumber(undefined, true)), /●●●●/);
});
