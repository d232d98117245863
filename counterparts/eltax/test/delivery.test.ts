import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledgeDelivery,
  coverType,
  type DeliveryOutcome,
  deliveryBalance,
  deliveryCover,
  fetchDelivery,
  listDeliveries,
  packageMembers,
  packageType,
} from '@musubi/contracts/eltax/delivery.ts';
import { openJwe } from '@musubi/kernel/crypto/jwe.ts';
import { openJws } from '@musubi/kernel/crypto/jws.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { Notifications } from '@musubi/kernel/db/listen.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { carryOutErasures } from '@musubi/kernel/vault/sealed/erasure.ts';
import pg from 'pg';
import { askStatus, submit } from '../client/submit.ts';
import { runExamination } from '../jobs/examination-loop.ts';
import { eraseOldContents } from '../service/retain.ts';
import { eltaxSchema } from '../store/schema-set.ts';
import { aFile, anOrder, aPortal, aRecord, aSummary, identity, type Portal, type Who } from './a-portal.ts';

const portalId = 'eltax/eltax';
const refused = (result: { ok: boolean; error?: unknown }): unknown => (result.ok ? 'accepted' : result.error);

async function filed(portal: Portal, ...records: string[]): Promise<string> {
  const municipalities = [...new Set(records.map((r) => (r.includes('131121') ? '131121' : '131105')))];
  const summaries = municipalities.map((m) => aSummary(m, records.filter((r) => r.includes(m)).length));
  const order = anOrder(portal, aFile(...records), { summaries });
  unwrap(await submit(await portal.filer('payer'), order));
  await portal.examine();
  return order.submissionId;
}
const waiting = async (portal: Portal, who: Who) =>
  unwrap(await portal.peers(who).call(listDeliveries, portalId, {}, { state: 'waiting', after: null, limit: 200 }))
    .deliveries;

async function fetched(portal: Portal, who: Who, deliveryId: string) {
  const answer = unwrap(await portal.peers(who).call(fetchDelivery, portalId, { deliveryId }, {}));
  const jws = openJws(answer.cover, { typ: coverType }, (signer) => {
    assert.ok('x5c' in signer);
    const party = portal.deps.trust.verifyChain(signer.x5c, 'signing', portal.deps.machineClock.now());
    return party.ok && party.value.system === 'eltax' ? party.value.certificate.publicKey : undefined;
  });
  assert.ok(jws.ok);
  const opened = openJwe(answer.package, {
    privateKey: identity(who).encryption.key,
    typ: packageType,
    members: packageMembers,
  });
  return { cover: deliveryCover.parse(jws.value.payload), opened };
}
const state = (portal: Portal, who: Who, deliveryId: string, fileSha256: string, outcome: DeliveryOutcome) =>
  portal.peers(who).call(acknowledgeDelivery, portalId, { deliveryId }, { fileSha256, outcome });
const balanceOf = async (portal: Portal, who: Who) =>
  unwrap(
    await portal
      .peers(who)
      .call(deliveryBalance, portalId, {}, { procedure: 'salary-payment-report', incomeYear: 2025 }),
  );

test('ELT-F1 each ward gets its records: listed, fetched under its own key, taken in, and the payer sees it', async () => {
  await using portal = await aPortal();
  const [a, b, c] = [aRecord({ name: 'a' }), aRecord({ name: 'b', municipality: '131121' }), aRecord({ name: 'c' })];
  const submissionId = await filed(portal, a!, b!, c!);
  const [meguro] = await waiting(portal, 'meguro');
  const [setagaya] = await waiting(portal, 'setagaya');
  assert.deepEqual([meguro!.records, setagaya!.records, meguro!.fetches], [2, 1, 0]);

  const { cover, opened } = await fetched(portal, 'meguro', meguro!.deliveryId);
  assert.ok(opened.ok);
  assert.equal(opened.value.plaintext.toString('latin1'), a! + c!);
  assert.deepEqual(opened.value.members, { deliveryId: meguro!.deliveryId, fileSha256: cover.fileSha256 });
  assert.deepEqual([cover.records, cover.summary?.total, cover.fileLength], [2, 2, (a! + c!).length]);

  unwrap(
    await state(portal, 'meguro', meguro!.deliveryId, cover.fileSha256, {
      outcome: 'taken-in',
      accepted: 1,
      rejected: 1,
    }),
  );
  assert.deepEqual(await waiting(portal, 'meguro'), []);
  const shown = unwrap(await askStatus(await portal.filer('payer'), submissionId));
  assert.deepEqual(
    shown.parts.map((p) => [p.municipality, p.state, p.accepted, p.rejected]),
    [
      ['131105', 'taken-in', 1, 1],
      ['131121', 'waiting', null, null],
    ],
  );
});

test('a ward neither sees nor fetches nor settles another ward’s package; a body that is no destination sees nothing', async () => {
  await using portal = await aPortal();
  await filed(portal, aRecord());
  const [delivery] = await waiting(portal, 'meguro');
  const { deliveryId } = delivery!;
  assert.deepEqual(await waiting(portal, 'setagaya'), []);
  const call = (who: Who) => portal.peers(who).call(fetchDelivery, portalId, { deliveryId }, {});
  assert.equal(refused(await call('setagaya')), 'no-such-delivery');
  assert.equal(refused(await call('stranger')), 'not-a-destination');
  assert.equal(refused(await call('payer')), 'not-authorised');
  const outcome = { outcome: 'returned', reason: 'wrong-body' } as const;
  assert.equal(refused(await state(portal, 'setagaya', deliveryId, '0'.repeat(64), outcome)), 'no-such-delivery');
  const { opened } = await fetched(portal, 'meguro', deliveryId);
  assert.ok(opened.ok);
});

test('INC-22 an outcome is stated once: repeated it is answered the same, another one or wrong counts are refused', async () => {
  await using portal = await aPortal();
  await filed(portal, aRecord({ name: 'a' }), aRecord({ name: 'b' }));
  const [delivery] = await waiting(portal, 'meguro');
  const id = delivery!.deliveryId;
  const taken = { outcome: 'taken-in', accepted: 2, rejected: 0 } as const;
  assert.equal(refused(await state(portal, 'meguro', id, '0'.repeat(64), taken)), 'never-fetched');
  const { cover } = await fetched(portal, 'meguro', id);
  assert.equal(refused(await state(portal, 'meguro', id, '0'.repeat(64), taken)), 'other-file');
  const short = { ...taken, accepted: 1 };
  assert.equal(refused(await state(portal, 'meguro', id, cover.fileSha256, short)), 'counts-differ');
  const [one, two] = await Promise.all([1, 2].map(() => state(portal, 'meguro', id, cover.fileSha256, taken)));
  assert.deepEqual(unwrap(one!), unwrap(two!));
  const other = { outcome: 'returned', reason: 'count-differs' } as const;
  assert.equal(refused(await state(portal, 'meguro', id, cover.fileSha256, other)), 'outcome-already-stated');
  // A lost file may be fetched again after that, and every fetch stands in the record.
  await fetched(portal, 'meguro', id);
  const [row] = await portal.t.owner<{ n: number }>('select count(*)::int as n from eltax.delivery_fetch');
  assert.equal(row!.n, 2);
});

test('INC-22 receptions = taken in + returned + waiting, in packages and in records', async () => {
  await using portal = await aPortal();
  for (let i = 0; i < 4; i++)
    await filed(portal, ...Array.from({ length: i + 1 }, (_, n) => aRecord({ name: `${i}-${n}` })));
  const packages = await waiting(portal, 'meguro');
  assert.deepEqual((await balanceOf(portal, 'meguro')).waiting, { packages: 4, records: 10 });
  const settle = async (at: number, outcome: DeliveryOutcome): Promise<void> => {
    const { cover } = await fetched(portal, 'meguro', packages[at]!.deliveryId);
    unwrap(await state(portal, 'meguro', cover.deliveryId, cover.fileSha256, outcome));
  };
  await settle(3, { outcome: 'taken-in', accepted: 3, rejected: 1 });
  await settle(1, { outcome: 'returned', reason: 'count-differs' });
  unwrap(await submit(await portal.filer('payer'), anOrder(portal, aFile(aRecord({ name: 'late' })))));
  assert.deepEqual(await balanceOf(portal, 'meguro'), {
    municipality: '131105',
    total: { packages: 4, records: 10 },
    waiting: { packages: 2, records: 4 },
    takenIn: { packages: 1, records: 4, accepted: 3, rejected: 1 },
    returned: { packages: 1, records: 2 },
    underExamination: 1,
  });
  assert.equal((await balanceOf(portal, 'setagaya')).total.packages, 0);
});

test('pages of the list follow on each other without gap or repeat', async () => {
  await using portal = await aPortal();
  for (let i = 0; i < 5; i++) await filed(portal, aRecord({ name: `${i}` }));
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const list = { state: 'all' as const, after, limit: 2 };
    const page = unwrap(await portal.peers('meguro').call(listDeliveries, portalId, {}, list));
    seen.push(...page.deliveries.map((d) => d.deliveryId));
    after = seen.at(-1)!;
    more = page.more;
  }
  assert.equal(new Set(seen).size, 5);
  assert.deepEqual(seen, seen.toSorted());
});

test('two examinations at once deliver once; one that died leaves nothing and is done again', async () => {
  await using portal = await aPortal();
  unwrap(await submit(await portal.filer('payer'), anOrder(portal, aFile(aRecord()))));
  await portal.t.owner('alter table eltax.delivery add constraint broken check (records < 0) not valid');
  await assert.rejects(portal.examine());
  assert.deepEqual(await portal.t.owner('select 1 from eltax.examination'), []);
  await portal.t.owner('alter table eltax.delivery drop constraint broken');
  await Promise.all([portal.examine(), portal.examine()]);
  assert.equal((await waiting(portal, 'meguro')).length, 1);
});

test('the examination wakes when something is received', async () => {
  await using portal = await aPortal();
  const stop = new AbortController();
  const notifications = new Notifications(portal.t.db);
  const loop = runExamination(portal.deps, notifications, stop.signal, (error) => {
    throw error;
  });
  const order = anOrder(portal, aFile(aRecord()));
  const filer = await portal.filer('payer');
  unwrap(await submit(filer, order));
  for (let i = 0; i < 100; i++) {
    if (unwrap(await askStatus(filer, order.submissionId)).state === 'accepted') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(unwrap(await askStatus(filer, order.submissionId)).state, 'accepted');
  stop.abort();
  await loop;
  await notifications.close();
});

test('contents go when their time is over and everything was taken in; what waits is kept; the receipt stays', async () => {
  await using portal = await aPortal();
  const job = { kind: 'job', name: 'retention' } as const;
  const done = await filed(portal, aRecord({ name: 'done' }));
  const [delivery] = await waiting(portal, 'meguro');
  const { cover } = await fetched(portal, 'meguro', delivery!.deliveryId);
  unwrap(
    await state(portal, 'meguro', cover.deliveryId, cover.fileSha256, {
      outcome: 'taken-in',
      accepted: 1,
      rejected: 0,
    }),
  );
  await filed(portal, aRecord({ name: 'waits' }));
  const run = async () => unwrap(await eraseOldContents(portal.deps, job, { keepDays: 400 }));
  assert.deepEqual(await run(), { receptions: 0 });
  portal.t.deps.civilClock.set(Temporal.PlainDate.from('2027-04-01'));
  assert.deepEqual(await run(), { receptions: 1 });
  assert.deepEqual(await run(), { receptions: 0 });
  const carryOut = act('test.erase', {
    right: ['eltax', 'retention', 'update'],
    async run(tx, deps: typeof portal.deps) {
      tx.record({ event: 'erasures.carried-out' });
      return ok(await carryOutErasures(tx, deps));
    },
  });
  assert.equal(unwrap(await carryOut(portal.deps, job, undefined)), 3);
  const again = await portal.peers('meguro').call(fetchDelivery, portalId, { deliveryId: cover.deliveryId }, {});
  assert.equal(refused(again), 'delivery-erased');
  assert.ok(unwrap(await askStatus(await portal.filer('payer'), done)).receipt.length > 0);
  assert.equal((await waiting(portal, 'meguro')).length, 1);
});

test('design §2.7 every column is declared in the catalogue', async () => {
  await using portal = await aPortal();
  const catalogue = await readCatalogue([eltaxSchema]);
  const client = new pg.Client({ connectionString: portal.t.url });
  await client.connect();
  const faults = await checkCatalogue(client, catalogue);
  await client.end();
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('eltax.')),
    [],
  );
});

test('refusals and uses stand in the log', async () => {
  await using portal = await aPortal();
  await filed(portal, aRecord());
  await portal.peers('stranger').call(listDeliveries, portalId, {}, { state: 'all', after: null, limit: 1 });
  const events = await portal.t.owner<{ body: string }>('select body from audit.intake_event');
  const text = events.map((e) => e.body).join('\n');
  for (const word of ['reception.received', 'reception.accepted', 'not-a-destination'])
    assert.ok(text.includes(word), word);
});
