import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { mechanismTest } from '../../enforcement/testing.ts';
import { type Catalogue, checkCatalogue } from '../catalogue.ts';
import { testDatabase } from '../testing.ts';

/** What the check says about tables that are made for it. */
async function faultsOf(ddl: string, catalogue: Catalogue): Promise<string[]> {
  await using t = await testDatabase([]);
  await t.owner(`create schema fuhyo_link; create schema resident_tax; create schema vault; ${ddl}`);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  try {
    return await checkCatalogue(client, catalogue);
  } finally {
    await client.end();
  }
}

mechanismTest('data.catalogue', '003-II.2-B02 an undeclared column, such as 本籍, fails the check', async () => {
  const faults = await faultsOf('create table fuhyo_link.a (name text, registered_domicile text)', {
    'fuhyo_link.a': { retention: 'x', columns: { name: 'personal' } },
  });
  assert.deepEqual(faults, ['fuhyo_link.a.registered_domicile is not declared in the catalogue']);
});

mechanismTest(
  'vault.number-placement',
  '003-II.2-B01 a column for a number fails the check where none may stand',
  async () => {
    const faults = await faultsOf(
      'create table fuhyo_link.a (number_ref uuid, tmp_individual_number text); create table resident_tax.a (number_ref uuid, n text)',
      {
        'fuhyo_link.a': { retention: 'x', columns: { number_ref: 'number', tmp_individual_number: 'personal' } },
        'resident_tax.a': { retention: 'x', columns: { number_ref: 'number', n: 'number' } },
      },
    );
    assert.deepEqual(faults, [
      'fuhyo_link.a.number_ref may not hold an Individual Number',
      'fuhyo_link.a.tmp_individual_number may not hold an Individual Number',
      'resident_tax.a.n may not hold an Individual Number',
    ]);
  },
);

test('design §3 a number in the vault, a reference of a system that may hold one, and a wish for one pass the check', async () => {
  const faults = await faultsOf(
    'create table vault.a (ciphertext bytea); create table resident_tax.a (number_ref uuid, wants_individual_number boolean)',
    {
      'vault.a': { retention: 'x', columns: { ciphertext: 'number' } },
      'resident_tax.a': { retention: 'x', columns: { number_ref: 'number', wants_individual_number: 'none' } },
    },
  );
  assert.deepEqual(faults, []);
});
