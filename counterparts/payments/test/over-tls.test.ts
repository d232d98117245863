import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routes as collectionsRoutes } from '@musubi/collections/http/routes.ts';
import { rights as collectionsRights } from '@musubi/collections/rights.ts';
import { aTown, bodyCode, totalOfCharge } from '@musubi/collections/test/a-town.ts';
import { writeElQr } from '@musubi/contracts/payment-slip/el-qr.ts';
import { deliverPaymentFile } from '@musubi/contracts/payments/delivery.ts';
import { writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { payAtTill, readPaymentFiles } from '@musubi/contracts/payments/till.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { wardsClient } from '../clients/wards.ts';
import { routes } from '../http/routes.ts';
import { deliverJob } from '../jobs/deliver-loop.ts';
import { rights } from '../rights.ts';
import { deliverRound } from '../service/files.ts';
import { anAgency } from './an-agency.ts';

test('002-COL-F1 over mutual TLS: what a payer holds before the till is posted to its charge from the agency’s own files; nobody else may pay or deliver', async () => {
  const now = Temporal.Now.instant();
  const machineClock = { now: () => Temporal.Now.instant() };
  const { root, issuing } = await holdCeremony(now);
  const trust = await trustWithCrl({ root, issuing }, now);
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 1 }) };
  const identityOf = (organisation: string, system: string) =>
    issueIdentity(issuing, { organisation, system }, validity);
  const [till, ward, conductor, stranger] = await Promise.all([
    identityOf('finance', 'payments'),
    identityOf('meguro', 'collections'),
    identityOf('town', 'conductor'),
    identityOf('setagaya', 'resident-tax'),
  ]);
  await using w = await aTown();
  await using a = await anAgency({ doubled: 30, cut: 30 });
  const none = { rolesOf: async () => [] };
  const employers = { ...w.deps.schedules[0]!, channel: 'special-collection', name: '特別徴収' };
  const schedules = [...w.deps.schedules, employers];
  const collections = { ...w.deps, schedules, rights: createRights(collectionsRights, 'meguro', none) };
  const ports = new Map<string, number>();
  const directory = (peer: string) => (ports.has(peer) ? `https://127.0.0.1:${ports.get(peer)}` : undefined);
  const clientOf = (identity: typeof till) => createPeerClient({ identity, trust, directory, machineClock });
  await using tillClient = clientOf(till);
  await using payer = clientOf(conductor);
  await using other = clientOf(stranger);
  const agency = { ...a.deps, rights: createRights(rights, 'finance', none), wards: wardsClient(tillClient) };
  const wardServer = createPeerServer({ identity: ward, trust, machineClock, routes: collectionsRoutes(collections) });
  const tillServer = createPeerServer({ identity: till, trust, machineClock, routes: routes(agency) });
  ports.set('meguro/collections', await wardServer.listen(0));
  ports.set('finance/payments', await tillServer.listen(0));
  try {
    const charge = await w.charge();
    const slip = charge.slip!;
    const text = writeElQr({
      taxItem: '003',
      caseKey: slip.caseKey,
      confirmationNumber: slip.confirmationNumber,
      body: bodyCode.slice(0, 5),
      office: '000',
      amountYen: totalOfCharge(charge),
      taxYear: 2026,
      fiscalYear: 2026,
      instalment: 1,
      dueOn: Temporal.PlainDate.from('2026-06-30'),
      payableUntil: Temporal.PlainDate.from(slip.payableUntil),
    });
    const payments = [{ paymentId: a.deps.newId(), presented: { kind: 'el-qr' as const, text } }];
    const refused = await other.call(payAtTill, 'finance/payments', {}, { payments });
    assert.deepEqual(refused, { ok: false, error: 'not-authorised' });
    const taken = unwrap(await payer.call(payAtTill, 'finance/payments', {}, { payments }));
    assert.deepEqual(
      taken.results.map((r) => r.taken && r.yen),
      [totalOfCharge(charge)],
    );
    // An employer pays for two of three: one left, another's tax changed.
    const staff = [8_300, 12_400, 5_000];
    const people: Awaited<ReturnType<typeof w.charge>>[] = [];
    for (const [i, total] of staff.entries())
      people.push(await w.charge({ person: 50 + i, total, method: 'special', instalment: 6, dueOn: '2026-07-10' }));
    const line = (i: number, amount: number, difference: 'left' | 'amount-changed' | null) => ({
      noticeNumber: people[i]!.noticeNumber,
      amount,
      difference,
    });
    const lines = [line(0, 8_300, null), line(1, 0, 'left'), line(2, 4_000, 'amount-changed')];
    const monthly = (amount: number) => ({
      paymentId: a.deps.newId(),
      presented: {
        kind: 'collector' as const,
        bodyCode,
        designationNumber: '1234567',
        month: '2026-06',
        amount,
        lines,
      },
    });
    const paid = await payer.call(payAtTill, 'finance/payments', {}, { payments: [monthly(12_301), monthly(12_300)] });
    assert.deepEqual(
      unwrap(paid).results.map((r) => (r.taken ? r.yen : r.word)),
      ['unreadable', 12_300],
      'a list that does not add up is no list',
    );
    const forged = writePaymentFile({
      channel: 'common-tax',
      sender: 'eltax',
      bodyCode,
      businessOn: '2026-06-09',
      sequence: 1,
      payments: [
        { paidOn: '2026-06-09', amount: totalOfCharge(charge), key: slip.caseKey, second: slip.confirmationNumber },
      ],
    });
    const delivery = { channel: 'common-tax' as const, content: Buffer.from(forged).toString('base64') };
    const kept = await other.call(deliverPaymentFile, 'meguro/collections', {}, delivery);
    assert.deepEqual(kept, { ok: false, error: 'not-authorised' });

    for (const day of ['2026-06-26', '2026-06-27', '2026-06-28']) {
      a.at(day);
      w.at(day);
      for (let i = 0; i < 20; i++) {
        const { written, offered } = await deliverRound({ ...agency, tills: agency.tills.map(eltaxSends) }, deliverJob);
        if (written + offered === 0) break;
      }
    }
    const files = unwrap(await payer.call(readPaymentFiles, 'finance/payments', {}, { bodyCode, from: '2026-06-25' }));
    const own = files.files.filter((f) => f.channel === 'common-tax' || f.channel === 'convenience');
    assert.ok(own.length >= 6 && own.every((f) => f.delivered), JSON.stringify(own));
    const [state] = await w.t.owner<{ open: number; settled: string }>(
      `select (ward_open + metropolitan_open + forest_open)::int as open, settled_on::text as settled
         from collections.charge_state where method = 'ordinary'`,
    );
    const employees = await w.t.owner<{ open: number }>(
      `select (ward_open + metropolitan_open + forest_open)::int as open from collections.charge_state join collections.charge c using (charge_id)
        where c.method = 'special' order by c.notice_number`,
    );
    assert.deepEqual(
      employees.map((e) => e.open),
      [0, 12_400, 1_000],
      'the list that came before the file says for whom the money is',
    );
    assert.deepEqual(state, { open: 0, settled: '2026-06-25' });
    const [cash] = await w.t.owner<{ yen: number }>(
      `select sum(amount_yen)::int as yen from collections.posting where ledger = 'cash'`,
    );
    assert.equal(cash?.yen, totalOfCharge(charge) + 12_300, 'cut and doubled files change nothing');
  } finally {
    await wardServer.close();
    await tillServer.close();
  }
});

/** The ward of the tests knows the eL-QR centre as `eltax`. */
const eltaxSends = <T extends { readonly channel: string }>(plan: T): T =>
  plan.channel === 'common-tax' ? { ...plan, sender: 'eltax' } : plan;
