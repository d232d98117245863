import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContractorStanding } from '@musubi/contracts/governance/contractor-standing.ts';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { createPassing } from '@musubi/kernel/access/passing.ts';
import { passwordPolicy } from '@musubi/kernel/access/password.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { account, accounts } from '../service/account-state.ts';
import { signInActor, townActor } from '../service/actors.ts';
import { apply, decideApplication } from '../service/applications.ts';
import { takeContractorStanding } from '../service/contractors.ts';
import { closeIdReview, idReview, idReviews, openIdReview, readLedger, recordFinding } from '../service/id-review.ts';
import { importTownPerson } from '../service/import-town.ts';
import { completeSignIn, personForTokens, tryPassword } from '../service/sign-in.ts';
import { staffDirectorySchema } from '../store/schema-set.ts';

const schemas = [auditSchema, accessSchema, approvalsSchema, staffDirectorySchema];
const password = 'Kunren-no-machi-2026';
const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'tokyo',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
});
const admin = staff('dir-admin-01');
const head = staff('section-head-01');
const governance: Actor = { kind: 'system', organisation: 'tokyo', system: 'governance', certificate: 'test' };

async function world() {
  const t = await testDatabase(schemas, {
    today: '2027-03-10',
    audit: auditSink({ instance: 'tokyo/staff-directory', random: seededRandom('salts') }),
  });
  const sent: { receiver: string; message: { kind: string; staffId: string } }[] = [];
  const deps: Deps = {
    ...t.deps,
    passing: createPassing(t.deps),
    outbox: {
      async enqueue(_tx: unknown, m: never) {
        sent.push(m);
        return 'm';
      },
    } as unknown as Deps['outbox'],
    alarms: { raise() {} },
    organisation: 'tokyo',
    systems: ['prefectural-juki', 'governance'],
    contractorRoles: [{ system: 'governance', role: 'operation-monitor' }],
    policy: passwordPolicy,
    webauthn: { rpId: 'id.tokyo.localhost', rpName: '東京都', origin: 'http://id.tokyo.localhost:8080' },
    town: true,
    terminals: 'recorded',
  };
  for (const staffId of ['juki-operator-01', 'juki-operator-02', 'dir-admin-01', 'section-head-01']) {
    const grants = staffId.startsWith('juki') ? [{ system: 'prefectural-juki', role: 'juki-operator' }] : [];
    const person = {
      staffId,
      displayName: '住基 太郎',
      position: '振興企画課',
      kind: 'employee' as const,
      grants,
      password,
    };
    assert.ok((await importTownPerson(deps, townActor, { person, validUntil: '2027-03-31' })).ok);
  }
  sent.splice(0);
  const open = async (dueOn = '2027-04-30') => {
    const opened = await openIdReview(deps, admin, { fiscalYear: 2027, dueOn });
    assert.ok(opened.ok);
    return opened.value.reviewId;
  };
  const signIn = (staffId: string) =>
    completeSignIn(deps, signInActor, { staffId, methods: ['pwd', 'hwk'], terminalId: null });
  return { t, deps, sent, open, signIn, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

mechanismTest(
  'access.id-register-review',
  '003-III.3-R2-A04 年度の期限までに確認されなかった操作者IDはログオンできない',
  async () => {
    await using w = await world();
    const reviewId = await w.open();
    const confirm = { reviewId, staffId: 'juki-operator-01', verdict: 'confirmed', note: '' } as const;
    assert.ok((await recordFinding(w.deps, head, confirm)).ok);
    // The account of nobody runs out here: only the confirmation decides.
    await w.t.owner(`update staff_directory.account_state set valid_until = '2028-03-31'`);
    w.t.deps.civilClock.set('2027-04-30');
    assert.ok((await w.signIn('juki-operator-02')).ok, 'until the due date');
    w.t.deps.civilClock.set('2027-05-01');
    assert.ok((await w.signIn('juki-operator-01')).ok, 'confirmed');
    const tried = await tryPassword(w.deps, signInActor, { staffId: 'juki-operator-02', password });
    assert.deepEqual(tried, { ok: true, value: { outcome: 'refused', why: 'not-confirmed' } });
    assert.deepEqual(await w.signIn('juki-operator-02'), { ok: false, error: 'not-confirmed' });
    const refusals = await w.t.owner(`select body from audit.intake_event where body like '%sign-in.not-confirmed%'`);
    assert.equal(refusals.length, 1, 'the refusal stands in the log');
  },
);

test('003-III.3-R2-A04 what the provider says of a person ends with the due date too; a late confirmation opens the id again', async () => {
  await using w = await world();
  const reviewId = await w.open('2027-03-20');
  const signedIn = await w.signIn('juki-operator-01');
  assert.ok(signedIn.ok);
  const token = { staffId: 'juki-operator-01', signedInS: signedIn.value.signedInS };
  const said = async () => {
    const found = await personForTokens(w.deps, signInActor, token);
    assert.ok(found.ok);
    return found.value !== undefined;
  };
  assert.equal(await said(), true);
  w.t.deps.civilClock.set('2027-03-21');
  assert.equal(await said(), false);
  const late = { reviewId, staffId: 'juki-operator-01', verdict: 'confirmed', note: '休職中' } as const;
  assert.ok((await recordFinding(w.deps, head, late)).ok);
  assert.equal(await said(), true);
  const found = await account(w.deps, admin, 'juki-operator-01');
  assert.ok(found.ok);
  assert.equal(found.value?.account.validUntil, '2028-03-31', 'confirmed to the end of the year');
});

test('003-III.3-R2-A04 年度の確認を受けた職員は、今の権限だけを新しい年度の末まで持ち続け、各システムに一度だけ伝わる', async () => {
  await using w = await world();
  const reviewId = await w.open();
  const confirm = { reviewId, staffId: 'juki-operator-01', verdict: 'confirmed', note: '' } as const;
  const both = await Promise.all([recordFinding(w.deps, head, confirm), recordFinding(w.deps, admin, confirm)]);
  assert.equal(both.filter((b) => b.ok).length, 1);
  const rights = await account(w.deps, admin, 'juki-operator-01');
  assert.ok(rights.ok);
  assert.deepEqual(
    rights.value?.grants.map((g) => [g.role, g.validFrom, g.validUntil]),
    [
      ['juki-operator', '2027-03-10', '2027-03-31'],
      ['juki-operator', '2027-04-01', '2028-03-31'],
    ],
  );
  assert.deepEqual(
    w.sent.map((s) => `${s.receiver} ${s.message.kind} ${s.message.staffId}`),
    ['tokyo/prefectural-juki granted juki-operator-01'],
  );
  // Whoever is confirmed late has rights from that day on, not before.
  w.t.deps.civilClock.set('2027-04-20');
  assert.ok((await recordFinding(w.deps, head, { ...confirm, staffId: 'juki-operator-02' })).ok);
  const late = await account(w.deps, admin, 'juki-operator-02');
  assert.ok(late.ok);
  assert.deepEqual(
    late.value?.grants.map((g) => [g.validFrom, g.validUntil]),
    [
      ['2027-03-10', '2027-03-31'],
      ['2027-04-20', '2028-03-31'],
    ],
  );
});

test('003-III.3-R2-A03 an id found needless loses its rights and its sessions in the same act', async () => {
  await using w = await world();
  const reviewId = await w.open();
  const revoke = { reviewId, staffId: 'juki-operator-02', verdict: 'revoke', note: '異動' } as const;
  assert.deepEqual(await recordFinding(w.deps, staff('juki-operator-02'), revoke), { ok: false, error: 'for-oneself' });
  const both = await Promise.all([recordFinding(w.deps, head, revoke), recordFinding(w.deps, admin, revoke)]);
  assert.deepEqual(both.map((b) => (b.ok ? 'done' : b.error)).sort(), ['already-found', 'done'], 'two at once: one');
  assert.deepEqual(w.sent.map((s) => `${s.receiver} ${s.message.kind}`).sort(), [
    'tokyo/governance sign-out',
    'tokyo/prefectural-juki revoked',
    'tokyo/prefectural-juki sign-out',
  ]);
  assert.equal((await w.signIn('juki-operator-02')).ok, false);
  const lines = await readLedger(w.deps, head, { staffId: 'juki-operator-02', offset: 0, limit: 50 });
  assert.ok(lines.ok);
  const kinds = lines.value.rows.map((l) => l.what);
  for (const what of ['issued', 'right-given', 'right-revoked', 'review-revoke', 'state-suspended'])
    assert.ok(kinds.includes(what), what);
});

test('棚卸し: closing before the due date waits for everybody; after it suspends whom nobody confirmed, once', async () => {
  await using w = await world();
  const reviewId = await w.open();
  assert.deepEqual(await openIdReview(w.deps, admin, { fiscalYear: 2027, dueOn: '2027-04-30' }), {
    ok: false,
    error: 'review-open',
  });
  assert.deepEqual(await openIdReview(w.deps, admin, { fiscalYear: 2028, dueOn: '2027-01-01' }), {
    ok: false,
    error: 'due-too-early',
  });
  assert.deepEqual(await closeIdReview(w.deps, admin, { reviewId }), { ok: false, error: 'not-yet-due' });
  for (const staffId of ['juki-operator-01', 'dir-admin-01'])
    assert.ok((await recordFinding(w.deps, head, { reviewId, staffId, verdict: 'confirmed', note: '' })).ok);
  w.t.deps.civilClock.set('2027-05-01');
  const closed = await closeIdReview(w.deps, admin, { reviewId });
  assert.deepEqual(closed, { ok: true, value: { suspended: 2 } });
  assert.deepEqual(await closeIdReview(w.deps, admin, { reviewId }), { ok: false, error: 'already-closed' });
  const list = await accounts(w.deps, admin, { limit: 10 });
  assert.ok(list.ok);
  assert.deepEqual(
    list.value.filter((a) => a.state === 'suspended').map((a) => a.staffId),
    ['juki-operator-02', 'section-head-01'],
  );
  const shown = await idReview(w.deps, head, { reviewId, offset: 0, limit: 50 });
  assert.ok(shown.ok);
  assert.equal(shown.value?.items.length, 4);
  const all = await idReviews(w.deps, head, { limit: 5 });
  assert.ok(all.ok && all.value[0]?.closedOn === '2027-05-01');
});

const aContractor = {
  staffId: 'jlis-engineer-01',
  staffNumber: 'J-0001',
  kind: 'contractor',
  displayName: '運用 一郎',
  position: '集約センター',
  validUntil: '2027-03-31',
} as const;
const oath = { on: '2027-03-01', document: '誓約-026' };

/** As governance says it of a worker that it admitted. */
const admitted = (w: Awaited<ReturnType<typeof world>>) =>
  takeContractorStanding(w.deps, governance, {
    message: { staffId: aContractor.staffId, standing: 'admitted', on: '2027-03-10' },
  } as Received<ContractorStanding>);

async function openContractor(w: Awaited<ReturnType<typeof world>>) {
  assert.ok((await admitted(w)).ok);
  const applied = await apply(w.deps, admin, { kind: 'account', payload: { ...aContractor, oath }, reason: '契約' });
  assert.ok(applied.ok);
  const { approvalId } = applied.value;
  assert.ok((await decideApplication(w.deps, head, { approvalId, decision: 'approved' })).ok);
}

mechanismTest(
  'contractor.documents',
  '003-III.3-R3-A05 受託者の職員IDは、誓約書の日付と文書番号がなければ申請も発行もできない',
  async () => {
    await using w = await world();
    const missing = { ok: false, error: 'oath-missing' };
    assert.deepEqual(await apply(w.deps, admin, { kind: 'account', payload: aContractor, reason: '契約' }), missing);
    const tomorrow = { ...aContractor, oath: { ...oath, on: '2027-03-11' } };
    assert.deepEqual(await apply(w.deps, admin, { kind: 'account', payload: tomorrow, reason: '契約' }), missing);
    await openContractor(w);
    const found = await account(w.deps, admin, aContractor.staffId);
    assert.ok(found.ok && found.value?.account.state === 'active');
  },
);

mechanismTest(
  'access.contractor-role-limit',
  '003-III.4-R0-A03 受託者には記録を閲覧・更新する権限を付与できない',
  async () => {
    await using w = await world();
    await openContractor(w);
    const ask = (system: string, role: string) =>
      apply(w.deps, admin, {
        kind: 'grant',
        payload: { staffId: aContractor.staffId, system, role, validFrom: '2027-03-10', validUntil: '2027-03-31' },
        reason: '運用',
      });
    assert.deepEqual(await ask('prefectural-juki', 'juki-operator'), { ok: false, error: 'contractor-role' });
    assert.ok((await ask('governance', 'operation-monitor')).ok);
  },
);
