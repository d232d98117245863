import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchDelivery, listDeliveries } from '@musubi/contracts/eltax/delivery.ts';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import { readSalaryPaymentReports } from '@musubi/contracts/wage-report/salary-payment-report.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { parseLocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { makeSalaryReports } from '@musubi/town/people/salary-reports.ts';
import { makeTown } from '@musubi/town/people/town.ts';
import { askStatus, submit } from '../client/submit.ts';
import { anOrder, aPortal, identity } from './a-portal.ts';

test('002-AC-01 a town employer’s 300 reports with faults reach the ward as they were filed, and read as expected', async () => {
  const civilDate = Temporal.PlainDate.from('2026-01-20');
  const town = await makeTown({ seed: 'musubi', residents: 3_000, civilDate });
  const made = makeSalaryReports(town, { employer: 0, fiscalYear: 2026, municipality: '131105', count: 300 });
  const number = made.employer.corporateNumber;
  await using portal = await aPortal(payerParty(number));
  const filer = await portal.filer('townPayer');
  const summaries = made.summaries.map((s) => ({ ...s, designationNumber: s.designationNumber ?? null }));
  const order = anOrder(portal, made.bytes, { payerName: made.employer.name, summaries });
  unwrap(await submit(filer, order));
  await portal.examine();
  const shown = unwrap(await askStatus(filer, order.submissionId));
  assert.deepEqual([shown.state, shown.reasons], ['accepted', []]);

  const ward = portal.peers('meguro');
  const list = unwrap(await ward.call(listDeliveries, 'eltax/eltax', {}, { state: 'waiting', after: null, limit: 10 }));
  const [delivery] = list.deliveries;
  assert.equal(delivery!.records, made.expectation.records);
  const { package: sealed } = unwrap(
    await ward.call(fetchDelivery, 'eltax/eltax', { deliveryId: delivery!.deliveryId }, {}),
  );
  const opened = unwrap(
    openJwe(sealed, {
      privateKey: identity('meguro').encryption.key,
      typ: 'musubi-eltax-package',
      members: ['deliveryId', 'fileSha256'],
    }),
  );
  assert.ok(opened.plaintext.equals(made.bytes));
  const municipality = unwrap(parseLocalGovernmentCode('131105'));
  const read = await readSalaryPaymentReports([opened.plaintext], { municipality, each: () => {} });
  const { records, accepted, rejected } = made.expectation;
  assert.deepEqual(read, { in: records, accepted, rejected, fileFaults: [] });
});
