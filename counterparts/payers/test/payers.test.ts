import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRemittance } from '@musubi/collections/service/files/remittances.ts';
import { takeFile } from '@musubi/collections/service/files/take-file.ts';
import { aTown, agency as wardsAgency } from '@musubi/collections/test/a-town.ts';
import { giveSpecialNotice, readPayerMonths } from '@musubi/contracts/special-collection/line.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer } from '@musubi/kernel/http/server.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { routes as tillRoutes } from '@musubi/payments/http/routes.ts';
import { deliverJob } from '@musubi/payments/jobs/deliver-loop.ts';
import { rights as tillRights } from '@musubi/payments/rights.ts';
import { deliverRound } from '@musubi/payments/service/files.ts';
import { anAgency } from '@musubi/payments/test/an-agency.ts';
import type { PayingDeps } from '../deps.ts';
import { wellBehaved } from '../domain/manners.ts';
import { routes } from '../http/routes.ts';
import { payrollJob } from '../jobs/payroll-loop.ts';
import { definition } from '../main.ts';
import { rights } from '../rights.ts';
import { payMonthsDue } from '../service/pay-months.ts';
import { takeNotice } from '../service/take-notice.ts';
import { payersSchema } from '../store/schema-set.ts';
import { aNotice, numberOf } from './a-notice.ts';

const schemas = [auditSchema, payersSchema];
const conductor: Actor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' };
const twelve = (yen: number): number[] => new Array<number>(12).fill(yen);

test('T02 a payer reads a notice strictly and whole: what is cut, does not add up, names another payer or comes out of order is refused with its place; the same again is one', async () => {
  await using t = await testDatabase(schemas, { today: '2026-05-15' });
  const client = { query: async (text: string) => ({ rows: await t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([payersSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('payers.')),
    [],
  );
  const manners = { leaves: 1, late: 5 };
  const config = { settings: { municipalities: ['131105'], seed: 'town', manners } };
  const started = await definition.start({ deps: t.deps, peers: {}, config } as unknown as Host);
  assert.deepEqual([started.routes?.length, started.loops?.length], [2, 1]);
  const deps = { ...t.deps, municipalities: ['131105'], manners: wellBehaved, seed: '' };
  const give = (content: Uint8Array) => takeNotice(deps, conductor, { content });
  const people = [
    { n: 1, months: twelve(1_000) },
    { n: 2, months: twelve(2_000) },
  ];
  const whole = aNotice(1, people);
  const refused: readonly (readonly [Uint8Array, number, string])[] = [
    [whole.subarray(0, whole.length >> 1), 0, 'not-a-package'],
    [aNotice(1, people, { summary: { persons: 3 } }), 0, 'totals-differ'],
    [aNotice(1, people, { summary: { totalYen: 36_001 } }), 0, 'totals-differ'],
    [aNotice(1, people, { summary: { notice: 'TK-2025-1234567-1' } }), 0, 'totals-differ'],
    [aNotice(1, people, { summary: { kind: 'x' } }), 0, 'summary-unreadable'],
    [aNotice(1, people, { csv: (text) => text.slice(0, -30) }), 2, 'cut-short'],
    [aNotice(1, people, { csv: (text) => text.replace('1234567', '7654321') }), 1, 'another-payer-in-it'],
    [aNotice(1, [people[0]!, people[0]!]), 2, 'person-twice'],
    [aNotice(2, people), 0, 'earlier-notice-missing'],
    [aNotice(1, [people[0]!, { n: 2, months: twelve(0), before: 24_000 }]), 2, 'change-of-nobody'],
  ];
  for (const [content, place, word] of refused)
    assert.deepEqual(await give(content), { ok: true, value: { taken: false, place, word } }, word);
  assert.deepEqual(await give(aNotice(1, people, { municipality: '131121' })), {
    ok: false,
    error: 'unknown-municipality',
  });
  const both = (await Promise.all([give(whole), give(whole)])).map(unwrap);
  assert.deepEqual(both.map((b) => b.taken && b.repeated).sort(), [false, true]);
  assert.deepEqual(unwrap(await give(aNotice(1, [people[0]!]))), { taken: false, place: 0, word: 'number-used' });
  assert.deepEqual(unwrap(await give(aNotice(2, [people[1]!]))), { taken: false, place: 1, word: 'first-told-before' });
  assert.deepEqual(await t.owner('select persons, total_yen::int as yen from payers.notice'), [
    { persons: 2, yen: 36_000 },
  ]);
  // INC-29: a number that the municipality withdrew before it was fetched is not missed; one that it did not is.
  const third = aNotice(3, [{ n: 3, months: twelve(3_000) }]);
  const told = async (withdrawn: readonly number[]) =>
    unwrap(await takeNotice(deps, conductor, { content: third, withdrawn })).taken;
  assert.deepEqual([await told([]), await told([1]), await told([2])], [false, false, true]);
});

test('issue 6 payers over mutual TLS: told by the ward’s own packages, employers pay each month for their people; a list says who left, and the ward posts all of it by itself', async () => {
  const now = Temporal.Now.instant();
  const machineClock = { now: () => Temporal.Now.instant() };
  const ceremony = await holdCeremony(now);
  const trust = await trustWithCrl(ceremony, now);
  const validity = { from: now.subtract({ hours: 1 }), until: now.add({ hours: 1 }) };
  const identityOf = (organisation: string, system: string) =>
    issueIdentity(ceremony.issuing, { organisation, system }, validity);
  const [payersId, tillId, conductorId, stranger] = await Promise.all([
    identityOf('finance', 'payers'),
    identityOf('finance', 'payments'),
    identityOf('town', 'conductor'),
    identityOf('setagaya', 'collections'),
  ]);
  await using w = await aTown();
  await using a = await anAgency();
  await using t = await testDatabase(schemas, { today: '2026-05-15' });
  const none = { rolesOf: async () => [] };
  const ports = new Map<string, number>();
  const directory = (peer: string) => (ports.has(peer) ? `https://127.0.0.1:${ports.get(peer)}` : undefined);
  const clientOf = (identity: typeof tillId) => createPeerClient({ identity, trust, directory, machineClock });
  await using payersClient = clientOf(payersId);
  await using town = clientOf(conductorId);
  await using other = clientOf(stranger);
  const deps: PayingDeps = {
    ...t.deps,
    rights: createRights(rights, 'finance', none),
    municipalities: ['131105'],
    // With this seed the first leaves in July.
    manners: { ...wellBehaved, leaves: 12 },
    seed: 'SEED',
    peers: payersClient,
    payments: 'finance/payments',
  };
  const employers = {
    ...w.deps.schedules[0]!,
    channel: 'special-collection',
    name: '特別徴収',
    days: { dayOfMonth: 12 },
  } as const;
  const collections = { ...w.deps, schedules: [...w.deps.schedules, employers] };
  const agency = {
    ...a.deps,
    rights: createRights(tillRights, 'finance', none),
    tills: a.deps.tills
      .filter((till) => till.channel === 'special-collection')
      .map((till) => ({ ...till, days: { dayOfMonth: 12 } })),
    wards: {
      async tell(
        _body: unknown,
        { paymentId, bodyCode: _code, lines, ...about }: Parameters<typeof a.deps.wards.tell>[1],
      ) {
        const list = { ...about, listId: paymentId, lines: [...lines] };
        return unwrap(await takeRemittance(collections, wardsAgency, list)).repeated ? 'repeated' : 'taken';
      },
      async deliver(_body: unknown, file: Parameters<typeof a.deps.wards.deliver>[1]) {
        return unwrap(await takeFile(collections, wardsAgency, file)).taken ? 'taken' : 'refused';
      },
    } satisfies typeof a.deps.wards,
  };
  const servers = [
    ['finance/payers', createPeerServer({ identity: payersId, trust, machineClock, routes: routes(deps) })],
    ['finance/payments', createPeerServer({ identity: tillId, trust, machineClock, routes: tillRoutes(agency) })],
  ] as const;
  for (const [name, server] of servers) ports.set(name, await server.listen(0));
  const day = async (on: string): Promise<void> => {
    for (const clock of [t.deps.civilClock, a.t.deps.civilClock, w.t.deps.civilClock]) clock.set(on);
    while ((await payMonthsDue(deps, payrollJob)) > 0);
    for (;;) {
      const { written, offered } = await deliverRound(agency, deliverJob);
      if (written + offered === 0) break;
    }
  };
  try {
    const monthly = [8_300, 12_400, 5_000, 20_000];
    for (const instalment of [6, 7])
      for (const [i, total] of monthly.entries())
        await w.charge({ person: i + 1, total, method: 'special', instalment, dueOn: `2026-0${instalment + 1}-10` });
    const content = aNotice(
      1,
      monthly.map((yen, i) => ({ n: i + 1, months: twelve(yen) })),
    ).toString('base64');
    const refused = await other.call(giveSpecialNotice, 'finance/payers', {}, { content });
    assert.deepEqual(refused, { ok: false, error: 'not-authorised' });
    const given = unwrap(await town.call(giveSpecialNotice, 'finance/payers', {}, { content }));
    assert.deepEqual(given, { taken: true, repeated: false, persons: 4, totalYen: 12 * 45_700 });
    for (const on of ['2026-07-10', '2026-07-13', '2026-08-10', '2026-08-13']) await day(on);
    const { months } = unwrap(await town.call(readPayerMonths, 'finance/payers', {}, { municipality: '131105' }));
    assert.deepEqual(
      months.map(({ month, chargedYen, paidYen, manner }) => [month, chargedYen, paidYen, manner]),
      [
        ['2026-06', 45_700, 45_700, 'as-told'],
        ['2026-07', 45_700, 37_400, 'differs'],
      ],
    );
    const open = await w.t.owner<{ number: string; instalment: number; open: number }>(
      `select c.notice_number as number, c.instalment::int, (ward_open + metropolitan_open + forest_open)::int as open
         from collections.charge_state join collections.charge c using (charge_id) where (ward_open + metropolitan_open + forest_open) <> 0`,
    );
    assert.deepEqual(open, [{ number: numberOf(1), instalment: 7, open: 8_300 }], 'who left is the only one who owes');
    const [books] = await w.t.owner<{ cash: number; suspense: number; lists: number }>(
      `select sum(amount_yen) filter (where ledger = 'cash')::int as cash,
              coalesce(sum(amount_yen) filter (where ledger = 'suspense'), 0)::int as suspense,
              (select count(*) from collections.remittance_use)::int as lists from collections.posting`,
    );
    assert.deepEqual(books, { cash: 45_700 + 37_400, suspense: 0, lists: 1 });
    assert.equal(await payMonthsDue(deps, payrollJob), 0, 'nothing is paid twice');
  } finally {
    for (const [, server] of servers) await server.close();
  }
});
