import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  applicationContent,
  applicationEnvelope,
  fetchApplication,
  listApplications,
  takeOverApplication,
} from '@musubi/contracts/portal/applications.ts';
import { cardAuthorities, certificateStatus } from '@musubi/contracts/portal/card.ts';
import { SoftwareCard } from '@musubi/jpki/card/software-card.ts';
import { issueCard } from '@musubi/jpki/service/issue-card.ts';
import { aJpki, authorities, conductor, hanako } from '@musubi/jpki/test/a-town.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { sha256 } from '@musubi/kernel/crypto/digest.ts';
import { sealJwe } from '@musubi/kernel/crypto/jwe.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { route } from '@musubi/kernel/http/server.ts';
import { modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { readApplications, receiveApplications } from '../service/receive-application.ts';
import { takeResidentChange } from '../service/take-resident-change.ts';
import { aChange, aPlatform, identityOf, received, staffActor, systemActor } from './world.ts';

const residentRecordCode = `1000000000${modulus11CheckDigit('1000000000')}`;
const job = { kind: 'job', name: 'applications' } as const;
const clerk = { ...staffActor('c1'), organisation: 'meguro' };

/** A portal that holds sealed applications, the card service, and one card. */
async function aPortalWithCard() {
  const jpki = await aJpki();
  const issued = unwrap(await issueCard(jpki.jpki, conductor, { ...hanako, residentRecordCode }));
  const w = await aPlatform('ward', {
    portal: 'portal/mynaportal',
    procedures: [
      {
        procedure: 'TAX-001',
        receiver: 'meguro/resident-tax',
        forms: [{ version: '2026-04', validFrom: '2026-04-01', validUntil: '2027-03-31' }],
      },
    ],
  });
  const card = unwrap(SoftwareCard.open(issued.cardFile));
  const held = new Map<string, { envelope: string; sha256: string; content: string; formVersion: string }>();
  const state = { revoked: false, jpkiDown: false, acknowledges: true };
  await w.serve('portal/mynaportal', [
    route(listApplications, async () =>
      ok({
        applications: [...held].map(([receiptNumber, h]) => ({
          receiptNumber,
          procedure: 'TAX-001',
          formVersion: h.formVersion,
          acceptedAt: w.deps.machineClock.now().toString(),
          sha256: h.sha256,
        })),
      }),
    ),
    route(fetchApplication, async ({ body }) => {
      const found = held.get(body.receiptNumber);
      return found ? ok({ envelope: found.envelope }) : err('no-such-application');
    }),
    route(takeOverApplication, async ({ body }) => {
      if (!state.acknowledges) throw new Error('cut');
      held.delete(body.receiptNumber);
      return ok({ erased: true as const });
    }),
  ]);
  await w.serve('jlis/jpki', [
    route(cardAuthorities, async () =>
      ok({
        signature: authorities.signature.certificate.toString('base64'),
        userAuthentication: authorities['user-authentication'].certificate.toString('base64'),
      }),
    ),
    route(certificateStatus, async () => {
      if (state.jpkiDown) throw new Error('down');
      return ok({ state: state.revoked ? ('revoked' as const) : ('good' as const), checkedAt: '2026-06-01T00:00:00Z' });
    }),
  ]);
  const platform = await identityOf('meguro/common-platform');
  const { name, birthDate, sex, address } = hanako;
  const apply = async (
    more: {
      applicant?: object;
      spoil?: (content: string) => string;
      key?: 'userAuthentication';
      procedure?: string;
      formVersion?: string;
    } = {},
  ) => {
    const receiptNumber = w.deps.newId();
    const content = canonicalJson(
      applicationContent.parse({
        v: 1,
        receiptNumber,
        organisation: 'meguro',
        procedure: more.procedure ?? 'TAX-001',
        formVersion: more.formVersion ?? '2026-04',
        applicant: { name, birthDate, sex, address, ...more.applicant },
        fields: { 申告内容: '給与のみ' },
        at: '2026-06-01T00:00:00Z',
      }),
    );
    const key = more.key ?? 'signature';
    const pin = key === 'signature' ? hanako.signaturePin : hanako.userAuthenticationPin;
    const signature = unwrap(await card.signChallenge(pin, content, key));
    const sent = more.spoil?.(content) ?? content;
    const certificate = Buffer.from(card.certificate(key)).toString('base64');
    held.set(receiptNumber, {
      content: sent,
      formVersion: more.formVersion ?? '2026-04',
      sha256: sha256(sent).toString('hex'),
      envelope: sealJwe({
        recipient: new X509Certificate(platform.encryption.chain[0]!).publicKey,
        typ: applicationEnvelope,
        plaintext: Buffer.from(JSON.stringify({ content: sent, certificate, signature })),
        members: { rcp: receiptNumber },
      }),
    });
    return receiptNumber;
  };
  const rows = async () => unwrap(await readApplications(w.deps, clerk, { offset: 0, limit: 20 })).rows;
  return {
    w,
    held,
    state,
    apply,
    rows,
    async [Symbol.asyncDispose]() {
      await jpki[Symbol.asyncDispose]();
      await w[Symbol.asyncDispose]();
    },
  };
}

test('002 AC-09 署名を確かめた申請を取り込み、4情報の一致する方を特定して業務へ渡し、ポータルの写しが消える', async () => {
  await using c = await aPortalWithCard();
  const { name, birthDate, sex, address } = hanako;
  unwrap(
    await takeResidentChange(
      c.w.deps,
      systemActor('meguro/resident-register'),
      received(aChange(c.w, { state: { name, birthDate, sex, address } })),
    ),
  );
  const receipt = await c.apply();
  assert.equal(unwrap(await receiveApplications(c.w.deps, job)), 1);
  assert.equal(c.held.size, 0);
  const [row] = await c.rows();
  assert.deepEqual(
    [row!.receiptNumber, row!.state, row!.receiver, row!.acknowledged],
    [receipt, 'accepted', 'meguro/resident-tax', true],
  );
  assert.notEqual(row!.personId, null);
  const sent = await c.w.t.owner<{ family: string }>(
    "select family from streams.outgoing where family = 'platform.application'",
  );
  assert.equal(sent.length, 1);
  assert.equal(unwrap(await receiveApplications(c.w.deps, job)), 0);
});

test('002 CIP-F1 引渡しの途中で切れても、二度取り込まず、次に消去だけを伝える。失効の確認ができない間はポータルに残る', async () => {
  await using c = await aPortalWithCard();
  await c.apply();
  c.state.jpkiDown = true;
  assert.equal(unwrap(await receiveApplications(c.w.deps, job)), 0);
  assert.equal((await c.rows()).length, 0);
  c.state.jpkiDown = false;
  c.state.acknowledges = false;
  assert.equal(unwrap(await receiveApplications(c.w.deps, job)), 1);
  assert.equal((await c.rows())[0]!.acknowledged, false);
  c.state.acknowledges = true;
  assert.equal(unwrap(await receiveApplications(c.w.deps, job)), 0);
  assert.equal((await c.rows())[0]!.acknowledged, true);
  const sent = await c.w.t.owner("select 1 from streams.outgoing where family = 'platform.application'");
  assert.equal(sent.length, 1);
});

mechanismTest(
  'input.application-signature',
  '公的個人認証 J05 J08 署名の合わない申請、利用者証明用の証明書による申請は隔離し、業務へ渡さない',
  async () => {
    await using c = await aPortalWithCard();
    await c.apply({ spoil: (content) => content.replace('給与のみ', '年金のみ') });
    await c.apply({ key: 'userAuthentication' });
    unwrap(await receiveApplications(c.w.deps, job));
    assert.deepEqual((await c.rows()).map((r) => r.why).sort(), ['certificate-refused', 'signature-wrong']);
    const sent = await c.w.t.owner("select 1 from streams.outgoing where family = 'platform.application'");
    assert.equal(sent.length, 0);
  },
);

mechanismTest(
  'input.form-version',
  '002-III.2-R1B-05 受け付けていない版の様式による申請は隔離し、業務へ渡さない',
  async () => {
    await using c = await aPortalWithCard();
    await c.apply({ formVersion: '2025-04' });
    await c.apply({ formVersion: '2026-10' });
    unwrap(await receiveApplications(c.w.deps, job));
    assert.deepEqual(
      (await c.rows()).map((r) => r.why),
      ['unknown-form', 'unknown-form'],
    );
    assert.equal((await c.w.t.owner("select 1 from streams.outgoing where family = 'platform.application'")).length, 0);
  },
);

test('公的個人認証 J01 署名者と違う申請者、失効した証明書の申請は隔離する', async () => {
  await using c = await aPortalWithCard();
  await c.apply({ applicant: { name: '別人 太郎' } });
  unwrap(await receiveApplications(c.w.deps, job));
  c.state.revoked = true;
  await c.apply();
  unwrap(await receiveApplications(c.w.deps, job));
  assert.deepEqual((await c.rows()).map((r) => r.why).sort(), ['certificate-revoked', 'signer-is-not-applicant']);
  assert.equal(c.held.size, 0);
});

mechanismTest(
  'input.machine-only',
  '002 II.6 申請データは共通連携基盤の識別だけが取り込み、職員の操作では取り込めない',
  async () => {
    await using c = await aPortalWithCard();
    await c.apply();
    // Even were a role given the right one day, a person's session brings nothing in.
    const generous = { ...c.w.deps, rights: { allows: async () => true } };
    assert.deepEqual(await receiveApplications(generous, clerk), { ok: false, error: 'not-a-machine' });
    assert.deepEqual(await receiveApplications(c.w.deps, clerk), { ok: false, error: 'not-authorised' });
    assert.equal((await c.rows()).length, 0);
  },
);
