import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '../enforcement/testing.ts';
import { seededRandom } from '../random/random.ts';
import { acceptPassword, fiscalYearEnd, hashPassword, matches, passwordStanding } from './password.ts';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

test('RFC 9106 a hash holds its parameters, opens for its password alone, and two of one password differ', async () => {
  const random = seededRandom('hash');
  const one = await hashPassword('Natsu-no-umi-2026', random);
  const two = await hashPassword('Natsu-no-umi-2026', random);
  assert.match(one, /^argon2id\$19456\$2\$1\$/);
  assert.notEqual(one, two);
  assert.equal(await matches('Natsu-no-umi-2026', one), true);
  assert.equal(await matches('Natsu-no-umi-2027', one), false);
  await assert.rejects(matches('x', 'plain'), /not a hash/);
});

mechanismTest(
  'auth.password-policy',
  'パスワード規則: short, simple, known and id-bearing passwords are refused',
  async () => {
    const rows = [
      ['Ab1-', 'too-short'],
      ['abcdefghijklmnop', 'too-simple'],
      ['Ab1Ab1Ab1Ab1Ab1', 'too-simple'],
      ['Tax-Clerk-01-2026', 'contains-id'],
      ['TaxClerk01-2026!', 'contains-id'],
      ['Password-2026!', 'well-known'],
    ] as const;
    for (const [password, fault] of rows) {
      assert.deepEqual(
        await acceptPassword(password, { staffId: 'tax-clerk-01', former: [] }),
        { ok: false, error: fault },
        fault,
      );
    }
    assert.ok((await acceptPassword('Natsu-no-umi-2026', { staffId: 'tax-clerk-01', former: [] })).ok);
  },
);

mechanismTest(
  'auth.password-age',
  'パスワードの期限と再使用禁止: 180 days or the fiscal year end, whichever is first; former ones do not return',
  async () => {
    const record = { hash: '', setOn: day('2026-06-01'), issued: false };
    assert.equal(passwordStanding(record, day('2026-11-28')), 'good');
    assert.equal(passwordStanding(record, day('2026-11-29')), 'must-change');
    const late = { ...record, setOn: day('2027-03-01') };
    assert.equal(passwordStanding(late, day('2027-03-31')), 'good');
    assert.equal(passwordStanding(late, day('2027-04-01')), 'must-change');
    assert.equal(passwordStanding({ ...record, issued: true }, day('2026-06-01')), 'must-change');
    const former = [await hashPassword('Natsu-no-umi-2026', seededRandom('former'))];
    const again = await acceptPassword('Natsu-no-umi-2026', { staffId: 'tax-clerk-01', former });
    assert.deepEqual(again, { ok: false, error: 'used-before' });
  },
);

test('会計年度の末日は3月31日', () => {
  assert.equal(fiscalYearEnd(day('2026-04-01')).toString(), '2027-03-31');
  assert.equal(fiscalYearEnd(day('2027-03-31')).toString(), '2027-03-31');
});
