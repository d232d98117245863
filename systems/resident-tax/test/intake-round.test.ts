import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  acknowledgeDelivery,
  coverType,
  type DeliveryCover,
  type DeliveryOutcome,
  fetchDelivery,
  listDeliveries,
  packageType,
} from '@musubi/contracts/eltax/delivery.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { signJws } from '@musubi/kernel/crypto/jws.ts';
import { createPeerClient } from '@musubi/kernel/http/client.ts';
import { createPeerServer, route } from '@musubi/kernel/http/server.ts';
import { holdCeremony, issueIdentity, trustWithCrl } from '@musubi/kernel/pki/authority.ts';
import type { Identity } from '@musubi/kernel/pki/identity.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { openPackage } from '../clients/eltax.ts';
import type { Deps, PeerDeps } from '../deps.ts';
import { intakeRound } from '../service/intake/intake-round.ts';
import { readIntakes } from '../service/intake/read-intakes.ts';
import { anIntake, clerk, coverOf, fileOf, job, people, recordOf, register, sampleColumns } from './an-intake.ts';

const from = Temporal.Instant.from('2026-06-01T00:00:00Z');
const ceremony = await holdCeremony(from);
const validity = { from: from.subtract({ hours: 24 }), until: Temporal.Now.instant().add({ hours: 24 * 400 }) };
const identityOf = (organisation: string, system: string): Promise<Identity> =>
  issueIdentity(ceremony.issuing, { organisation, system }, validity);
const [portal, meguro, stranger] = await Promise.all([
  identityOf('eltax', 'eltax'),
  identityOf('meguro', 'resident-tax'),
  identityOf('minato', 'resident-tax'),
]);

/** 総括表 of nobody. */
const nobody = {
  designationNumber: null,
  municipality: '131105',
  specialCollection: 0,
  ordinaryCollectionLeft: 0,
  ordinaryCollectionOther: 0,
  total: 0,
};

interface Waiting {
  readonly cover: DeliveryCover;
  readonly file: Buffer;
  outcome: DeliveryOutcome | null;
  fetches: number;
}

const seal = (waiting: Waiting, signer: Identity = portal!, recipient: Identity = meguro!) => ({
  cover: signJws({
    key: signer.signing.key,
    typ: coverType,
    signer: { x5c: signer.signing.chain },
    payload: waiting.cover,
  }),
  package: sealJwe({
    recipient: new X509Certificate(recipient.encryption.chain[0]!).publicKey,
    typ: packageType,
    plaintext: waiting.file,
    members: { deliveryId: waiting.cover.deliveryId, fileSha256: waiting.cover.fileSha256 },
  }),
});

/** The portal's side of the contract over real TLS, and the deps that reach it. */
async function aPortal(deps: Deps, packages: readonly Waiting[], faults: { ackFails?: number } = {}) {
  const trust = await trustWithCrl(ceremony, from, [], 1, 24 * 400);
  const find = (id: string) => packages.find((w) => w.cover.deliveryId === id);
  const { machineClock } = deps;
  const server = createPeerServer({
    identity: portal!,
    trust,
    machineClock,
    routes: [
      route(listDeliveries, async () =>
        ok({
          more: false,
          deliveries: packages
            .filter((w) => w.outcome === null)
            .map(({ cover: c, fetches }) => ({
              deliveryId: c.deliveryId,
              receptionNumber: c.receptionNumber,
              procedure: c.procedure,
              incomeYear: c.incomeYear,
              payer: c.payer,
              municipality: c.municipality,
              records: c.records,
              availableAt: c.receivedAt,
              fetchedAt: null,
              fetches,
              outcome: null,
            })),
        }),
      ),
      route(fetchDelivery, async ({ params }) => {
        const waiting = find(params.deliveryId);
        if (waiting === undefined) return err('no-such-delivery');
        waiting.fetches += 1;
        return ok(seal(waiting));
      }),
      route(acknowledgeDelivery, async ({ params, body }) => {
        const waiting = find(params.deliveryId);
        if (waiting === undefined) return err('no-such-delivery');
        if ((faults.ackFails ?? 0) > 0) {
          faults.ackFails = (faults.ackFails ?? 0) - 1;
          return err('never-fetched');
        }
        if (body.fileSha256 !== waiting.cover.fileSha256) return err('other-file');
        waiting.outcome = body.outcome;
        return ok({ acknowledgedAt: '2026-02-01T00:00:00Z' });
      }),
    ],
  });
  const port = await server.listen(0);
  const peers = createPeerClient({
    identity: meguro!,
    trust,
    machineClock,
    directory: () => `https://127.0.0.1:${port}`,
  });
  const peerDeps: PeerDeps = { ...deps, peers, identity: meguro!, trust, eltax: 'eltax/eltax' };
  return {
    deps: peerDeps,
    async [Symbol.asyncDispose]() {
      await peers.close();
      await server.close();
    },
  };
}

test('design §4 eLTAXから受け取り、取り込み、結果を返す: 二度目は何もせず、返信の失敗は次の回に続く', async () => {
  await using i = await anIntake();
  const everyone = people(5);
  await register(i.deps, everyone);
  const sample = await sampleColumns();
  const file = fileOf(everyone.map((who) => recordOf(sample, who)));
  const cut = file.subarray(0, file.length - 20);
  const packages: Waiting[] = [
    { cover: coverOf(i.deps, file, 5), file, outcome: null, fetches: 0 },
    { cover: coverOf(i.deps, cut, 5), file: cut, outcome: null, fetches: 0 },
  ];
  await using portalSide = await aPortal(i.deps, packages, { ackFails: 1 });
  const first = unwrap(await intakeRound(portalSide.deps, job));
  assert.deepEqual([first.listed, first.received, first.takenIn, first.acknowledged], [2, 2, 1, 1]);
  assert.equal(first.faults.length, 1);
  const second = unwrap(await intakeRound(portalSide.deps, job));
  assert.deepEqual([second.received, second.takenIn, second.acknowledged, second.faults.length], [0, 0, 1, 0]);
  assert.deepEqual(
    packages.map((w) => w.outcome),
    [
      { outcome: 'taken-in', accepted: 5, rejected: 0 },
      { outcome: 'returned', reason: 'cut-short' },
    ],
  );
  const third = unwrap(await intakeRound(portalSide.deps, job));
  assert.deepEqual([third.listed, third.received, third.takenIn, third.acknowledged], [0, 0, 0, 0]);
  const rows = await i.t.owner('select 1 from resident_tax.intake_acknowledged');
  assert.equal(rows.length, 2);
});

test('AC-02 総括表120人・個別の報告書119件の電送: 全体を拒否して1件も保管せず、「120 ≠ 119」を付けてeLTAXの審査へ返す', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const file = fileOf(people(119).map((who) => recordOf(sample, who)));
  const summary = { ...nobody, specialCollection: 120, total: 120 };
  const packages: Waiting[] = [{ cover: coverOf(i.deps, file, 119, { summary }), file, outcome: null, fetches: 0 }];
  await using portalSide = await aPortal(i.deps, packages);
  const round = unwrap(await intakeRound(portalSide.deps, job));
  assert.deepEqual([round.received, round.takenIn, round.acknowledged, round.faults.length], [1, 0, 1, 0]);
  assert.deepEqual(packages[0]?.outcome, { outcome: 'returned', reason: 'summary-total-differs-120-119' });
  assert.deepEqual(await i.t.owner('select 1 from resident_tax.report'), []);
  const [line] = unwrap(
    await readIntakes(i.deps, clerk, { state: 'refused', incomeYear: 2025, ascending: true, limit: 10, offset: 0 }),
  ).rows;
  assert.deepEqual([line?.refusal, line?.accepted, line?.acknowledged], ['summary-total-differs', 0, true]);
});

test('design §4 署名・宛先・配信番号の合わない配信データは開かない', async () => {
  await using i = await anIntake();
  const sample = await sampleColumns();
  const file = fileOf(people(1).map((who) => recordOf(sample, who)));
  const waiting: Waiting = { cover: coverOf(i.deps, file, 1), file, outcome: null, fetches: 0 };
  const trust = await trustWithCrl(ceremony, from, [], 1, 24 * 400);
  const deps = { eltax: 'eltax/eltax', trust, identity: meguro!, machineClock: i.deps.machineClock } as const;
  const id = waiting.cover.deliveryId;
  const word = (id: string, given: { cover: string; package: string }) => {
    const opened = openPackage(deps, id, given.cover, given.package);
    return opened.ok ? 'ok' : opened.error;
  };
  const good = seal(waiting);
  assert.equal(word(id, good), 'ok');
  assert.equal(word(i.deps.newId(), good), 'other-delivery');
  assert.equal(word(id, seal(waiting, stranger)), 'cover-not-signed-by-eltax');
  assert.equal(word(id, seal(waiting, portal, stranger)), 'package-unreadable');
  assert.equal(word(id, { ...good, cover: `${good.cover.slice(0, -4)}AAAA` }), 'cover-not-signed-by-eltax');
  const other: Waiting = { ...waiting, cover: { ...waiting.cover, fileSha256: 'a'.repeat(64) } };
  assert.equal(word(id, { cover: seal(other).cover, package: good.package }), 'other-delivery');
});
