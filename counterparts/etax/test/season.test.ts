import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { readTaxReturns, type TaxReturn } from '@musubi/contracts/tax-return/tax-return.ts';
import { askStatus, submit } from '@musubi/eltax/client/submit.ts';
import { anOrder, aPortal } from '@musubi/eltax/test/a-portal.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import type { Outcome } from '@musubi/kernel/records/faults.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { mischiefs, spoil } from '../client/mischief.ts';
import { type Filer, returnsOf } from '../client/returns.ts';
import { seasonFile, taxAgency } from '../client/season.ts';

const meguro = unwrap(parseLocalGovernmentCode('131105'));
const setagaya = unwrap(parseLocalGovernmentCode('131121'));
const random = seededRandom('people who file');
const filers: Filer[] = Array.from({ length: 60 }, (_, i) => ({
  individualNumber: makeIndividualNumber(random),
  name: `目黒　${i + 1}郎`,
  kana: 'メグロ　ロウ',
  bornOn: Temporal.PlainDate.from('1960-01-05').add({ days: i * 37 }),
  address: '東京都目黒区上目黒１－２－３',
  salaryYen: 4_000_000 + i * 10_000,
  salaryIncomeYen: 2_760_000,
  pensionYen: 0,
}));
const season = { incomeYear: 2025, municipality: meguro, taxOffice: '01119', seed: 'season' };

async function read(bytes: Uint8Array) {
  const outcomes: Outcome<TaxReturn>[] = [];
  await readTaxReturns([bytes], { municipality: meguro, each: (o) => void outcomes.push(o) });
  return outcomes;
}

test('002-NTL 同じ種からは同じ申告書ができ、受け手は e-Tax と書面のどちらも読める', async () => {
  const { bytes } = seasonFile(returnsOf(filers, season));
  assert.deepEqual(seasonFile(returnsOf(filers, season)).bytes, bytes);
  const outcomes = await read(bytes);
  assert.ok(outcomes.every((o) => o.accepted && o.warnings.length === 0));
  assert.deepEqual([...new Set(outcomes.map((o) => (o.accepted ? o.value.record.medium : '')))].sort(), [
    'e-tax',
    'paper',
  ]);
});

test('002-NTL わざと壊した申告書は、受け手が一つ残らず見つけ、ほかの申告書は影響を受けない', async () => {
  const { records, spoiled } = spoil(returnsOf(filers, season), seededRandom('mischief'), 2);
  assert.deepEqual(new Set(spoiled.values()), new Set(Object.keys(mischiefs)));
  const outcomes = await read(seasonFile(records).bytes);
  assert.deepEqual(
    outcomes.filter((o) => !o.accepted).map((o) => o.row),
    [...spoiled.keys()],
  );
});

test('002-NTL-F1 国税庁が署名して送った e-Tax と書面の申告書は、宛先の区ごとに分かれて届く', async () => {
  const agency = payerParty(taxAgency.corporateNumber);
  await using portal = await aPortal(agency);
  const file = seasonFile([
    ...returnsOf(filers.slice(0, 4), season),
    ...returnsOf(filers.slice(4, 6), { ...season, municipality: setagaya }),
  ]);
  const order = anOrder(portal, Buffer.from(file.bytes), { procedure: 'tax-return', payerName: taxAgency.name });
  const filer = await portal.filer('townPayer');
  unwrap(await submit(filer, { ...order, records: file.records }));
  await portal.examine();
  const status = unwrap(await askStatus(filer, order.submissionId));
  assert.equal(status.state, 'accepted');
  assert.deepEqual(status.parts.map(({ municipality, records }) => [municipality, records]).toSorted(), [
    ['131105', 4],
    ['131121', 2],
  ]);
});
