import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { approvalsSchema } from '@musubi/kernel/access/approvals/schema.ts';
import { createPassing } from '@musubi/kernel/access/passing.ts';
import { passwordPolicy } from '@musubi/kernel/access/password.ts';
import { accessSchema } from '@musubi/kernel/access/schema.ts';
import { terminalStatement } from '@musubi/kernel/access/terminal.ts';
import { auditSchema } from '@musubi/kernel/audit/schema-set.ts';
import { logOrigin, Sequencer } from '@musubi/kernel/audit/sequencer.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { verifyInstance } from '@musubi/kernel/audit/verify.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { testDatabase } from '@musubi/kernel/db/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { ok } from '@musubi/kernel/result/result.ts';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { changeState, unlock } from '../service/account-state.ts';
import { signInActor, townActor } from '../service/actors.ts';
import { type Application, apply, decideApplication } from '../service/applications.ts';
import { grant, revokeGrant } from '../service/grant.ts';
import { importTownPerson } from '../service/import-town.ts';
import { openAccount } from '../service/open-account.ts';
import { changePassword, issuePassword } from '../service/passwords.ts';
import { registerPasskey, registrationChallenge, verifySecondFactor } from '../service/second-factor.ts';
import { completeSignIn, listSignIns, tryPassword } from '../service/sign-in.ts';
import { staffDirectorySchema } from '../store/schema-set.ts';
import { createCredential, type TrainingKey, useCredential } from '../web/browser/training-authenticator.ts';

const origin = 'http://id.meguro.localhost:8080';
const schemas = [auditSchema, accessSchema, approvalsSchema, staffDirectorySchema];
const staff = (staffId: string): Actor => ({
  kind: 'staff',
  organisation: 'meguro',
  staffId,
  sessionId: '0190a000-0000-7000-8000-000000000000',
});
const admin = staff('admin-01x');
const head = staff('head-01x');

async function world(options: { readonly town?: boolean; readonly terminals?: 'required' } = {}) {
  const t = await testDatabase(schemas, {
    audit: auditSink({ instance: 'meguro/staff-directory', random: seededRandom('salts') }),
  });
  const sent: { receiver: string; message: { kind: string } }[] = [];
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
    organisation: 'meguro',
    systems: ['resident-tax', 'common-platform'],
    contractorRoles: [{ system: 'common-platform', role: 'operation-monitor' }],
    policy: passwordPolicy,
    webauthn: { rpId: 'id.meguro.localhost', rpName: '目黒区', origin },
    town: true,
    terminals: options.terminals ?? 'recorded',
  };
  for (const staffId of ['tax-clerk-01', 'head-01x']) {
    const person = {
      staffId,
      displayName: '税務 太郎',
      position: '',
      kind: 'employee' as const,
      grants: [],
      password: 'Kunren-no-machi-2026',
    };
    const imported = await importTownPerson(deps, townActor, { person, validUntil: '2027-03-31' });
    assert.ok(imported.ok);
  }
  const production = { ...deps, town: options.town ?? false };
  return { t, deps: production, town: deps, sent, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

const aGrant = {
  staffId: 'tax-clerk-01',
  system: 'resident-tax',
  role: 'tax-clerk',
  validFrom: '2026-06-01',
  validUntil: '2027-03-31',
} as const;
const anAccount = {
  staffId: 'tax-clerk-09',
  staffNumber: 'M-0009',
  kind: 'employee',
  displayName: '税務 九子',
  position: '税務課',
  validUntil: '2027-03-31',
} as const;

test('design §2.7 every table and column of the directory is declared', async () => {
  await using t = await testDatabase(schemas);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue(schemas));
  await client.end();
  assert.deepEqual(
    faults.filter((f) => /^(staff_directory|access|approvals)\./.test(f)),
    [],
  );
});

test('design §6 an application does nothing until another person approves it, and then once', async () => {
  await using w = await world();
  const applied = await apply(w.deps, admin, { kind: 'grant', payload: aGrant, reason: '異動' });
  assert.ok(applied.ok);
  assert.equal(w.sent.length, 0);
  const { approvalId } = applied.value;
  const decide = (actor: Actor) => decideApplication(w.deps, actor, { approvalId, decision: 'approved' });
  assert.deepEqual(await decide(admin), { ok: false, error: 'approver-is-requester' });
  const both = await Promise.all([decide(head), decide(staff('head-02x'))]);
  assert.equal(both.filter((b) => b.ok).length, 1, 'two at once: one decision');
  assert.equal(w.sent.length, 1);
  assert.deepEqual(w.sent[0]?.receiver, 'meguro/resident-tax');
  assert.deepEqual(await decide(head), { ok: false, error: 'already-decided' });
});

mechanismTest(
  'access.grantor-role',
  '権限付与者の限定: nobody applies for, approves or takes back a right of his own',
  async () => {
    await using w = await world();
    const own = { ...aGrant, staffId: 'head-01x' };
    assert.deepEqual(await apply(w.deps, head, { kind: 'grant', payload: own, reason: '自分' }), {
      ok: false,
      error: 'for-oneself',
    });
    const applied = await apply(w.deps, admin, { kind: 'grant', payload: own, reason: '応援' });
    assert.ok(applied.ok);
    const { approvalId } = applied.value;
    assert.deepEqual(await decideApplication(w.deps, head, { approvalId, decision: 'approved' }), {
      ok: false,
      error: 'for-oneself',
    });
  },
);

const grantNow = act('test.grant', {
  right: ['staff-directory', 'account', 'update'],
  async run(tx, deps: Deps, approvalId: string | null) {
    const given = await grant(tx, deps, { payload: aGrant, by: 'head-01x', approvalId });
    if (!given.ok) return given;
    tx.record(given.value);
    return ok(null);
  },
});

mechanismTest(
  'access.grant-approval',
  'ID・権限の申請承認: a right without an approved application is not given',
  async () => {
    await using w = await world();
    assert.deepEqual(await grantNow(w.deps, head, null), { ok: false, error: 'not-approved' });
    const applied = await apply(w.deps, admin, { kind: 'grant', payload: aGrant, reason: '異動' });
    assert.ok(applied.ok);
    assert.deepEqual(await grantNow(w.deps, head, applied.value.approvalId), { ok: false, error: 'not-approved' });
  },
);

mechanismTest(
  'access.grant-approval',
  'ID・権限の申請承認: an account without an approved application is not opened',
  async () => {
    await using w = await world();
    const payload = {
      staffId: 'tax-clerk-77',
      staffNumber: '770077',
      kind: 'employee',
      displayName: '税務 七海',
      position: '税務課',
      validUntil: '2027-03-31',
    } as const;
    const openNow = act('test.open-account', {
      right: ['staff-directory', 'account', 'update'],
      async run(tx, deps: Deps, approvalId: string | null) {
        const opened = await openAccount(tx, deps, { payload, by: 'head-01x', approvalId, because: '採用' });
        if (!opened.ok) return opened;
        tx.record(opened.value);
        return ok(null);
      },
    });
    const applied = await apply(w.deps, admin, { kind: 'account', payload, reason: '採用' });
    assert.ok(applied.ok);
    // Applied for, and nobody approved.
    assert.deepEqual(await openNow(w.deps, head, applied.value.approvalId), { ok: false, error: 'not-approved' });
    assert.deepEqual(await openNow(w.deps, head, null), { ok: false, error: 'not-approved' });
    assert.deepEqual(await w.t.owner(`select 1 from staff_directory.account where staff_id = 'tax-clerk-77'`), []);
  },
);

test('design §6 what was changed after the application is not what was approved', async () => {
  await using w = await world();
  const applied = await apply(w.deps, admin, { kind: 'grant', payload: aGrant, reason: '異動' });
  assert.ok(applied.ok);
  const { approvalId } = applied.value;
  await w.t.owner(`update staff_directory.application set payload = payload || '{"role": "tax-chief"}'`);
  assert.deepEqual(await decideApplication(w.deps, head, { approvalId, decision: 'approved' }), {
    ok: false,
    error: 'not-approved',
  });
  assert.equal(w.sent.length, 0);
});

mechanismTest(
  'audit.grant-history',
  'ID・権限の変更履歴: every grant stands in the ledger, tied to the log, and cannot be edited',
  async () => {
    await using w = await world();
    const applied = await apply(w.deps, admin, { kind: 'grant', payload: aGrant, reason: '異動' });
    assert.ok(applied.ok);
    await decideApplication(w.deps, head, { approvalId: applied.value.approvalId, decision: 'approved' });
    const ledger = await w.t.owner<{ role: string; given_by: string; n: string }>(
      `select g.role, g.given_by, (select count(*) from audit.intake_event) as n from staff_directory.grant_given g where staff_id = 'tax-clerk-01'`,
    );
    assert.deepEqual(
      ledger.map((row) => [row.role, row.given_by]),
      [['tax-clerk', 'head-01x']],
    );
    await assert.rejects(w.t.db.pool.query(`update staff_directory.grant_given set role = 'x'`), /permission denied/);
    await assert.rejects(w.t.db.pool.query(`delete from staff_directory.grant_given`), /permission denied/);
  },
);

mechanismTest('auth.personal-id', '一人一ID: a shared or generic name is no account', async () => {
  await using w = await world();
  for (const payload of [
    { ...anAccount, displayName: '窓口共用' },
    { ...anAccount, staffId: 'guest-01' },
  ]) {
    assert.deepEqual(await apply(w.deps, admin, { kind: 'account', payload, reason: '新規' }), {
      ok: false,
      error: 'generic-name',
    });
  }
});

test('002-III.3-R2C-01 a staff number has one id, and an id is never given twice', async () => {
  await using w = await world();
  const open = async (payload: Extract<Application, { kind: 'account' }>['payload']) => {
    const applied = await apply(w.deps, admin, { kind: 'account', payload, reason: '新規' });
    assert.ok(applied.ok);
    return decideApplication(w.deps, head, { approvalId: applied.value.approvalId, decision: 'approved' });
  };
  assert.ok((await open(anAccount)).ok);
  assert.deepEqual(await open({ ...anAccount, staffId: 'tax-clerk-10' }), { ok: false, error: 'already-known' });
  assert.deepEqual(await open({ ...anAccount, staffNumber: 'M-0010' }), { ok: false, error: 'already-known' });
  const late = await apply(w.deps, admin, {
    kind: 'account',
    payload: { ...anAccount, validUntil: '2027-04-01' },
    reason: '新規',
  });
  assert.deepEqual(late, { ok: false, error: 'beyond-fiscal-year' });
});

const attempt = (w: { deps: Deps }, password: string) =>
  tryPassword(w.deps, signInActor, { staffId: 'tax-clerk-01', password });

mechanismTest(
  'auth.lock-out',
  '連続失敗時のロック: after five failures the right password is refused too, until unlocked',
  async () => {
    await using w = await world();
    for (let i = 0; i < 5; i++) await attempt(w, `wrong-${i}`);
    const locked = await attempt(w, 'Kunren-no-machi-2026');
    assert.ok(locked.ok);
    assert.deepEqual(locked.value, { outcome: 'refused', why: 'locked' });
    assert.deepEqual(await unlock(w.deps, staff('tax-clerk-01'), { staffId: 'tax-clerk-01', because: 'x' }), {
      ok: false,
      error: 'for-oneself',
    });
    assert.ok((await unlock(w.deps, admin, { staffId: 'tax-clerk-01', because: 'identity-checked' })).ok);
    const after = await attempt(w, 'Kunren-no-machi-2026');
    assert.ok(after.ok && after.value.outcome === 'verified');
  },
);

mechanismTest('auth.password', 'パスワード認証: a wrong password and an unknown id get the same answer', async () => {
  await using w = await world();
  const wrong = await attempt(w, 'Kunren-no-machi-2025');
  const unknown = await tryPassword(w.deps, signInActor, { staffId: 'nobody-99', password: 'Kunren-no-machi-2026' });
  assert.deepEqual(wrong, { ok: true, value: { outcome: 'refused', why: 'wrong' } });
  assert.deepEqual(unknown, wrong);
});

test('design §6 five failures at once are five failures', async () => {
  await using w = await world();
  await Promise.all(Array.from({ length: 5 }, (_, i) => attempt(w, `wrong-${i}`)));
  const locked = await attempt(w, 'Kunren-no-machi-2026');
  assert.deepEqual(locked, { ok: true, value: { outcome: 'refused', why: 'locked' } });
});

test('design §6 an account that is suspended or past its last day does not sign in; closing takes every right back', async () => {
  await using w = await world();
  assert.ok((await changeState(w.deps, admin, { staffId: 'tax-clerk-01', change: 'suspend', because: 'review' })).ok);
  assert.deepEqual(
    w.sent.map((m) => [m.receiver, m.message.kind]),
    [
      ['meguro/resident-tax', 'sign-out'],
      ['meguro/common-platform', 'sign-out'],
    ],
  );
  const refused = { ok: true, value: { outcome: 'refused', why: 'account-not-active' } };
  assert.deepEqual(await attempt(w, 'Kunren-no-machi-2026'), refused);
  assert.ok((await changeState(w.deps, admin, { staffId: 'tax-clerk-01', change: 'resume', because: 'review' })).ok);
  w.t.deps.civilClock.set('2027-04-01');
  assert.deepEqual(await attempt(w, 'Kunren-no-machi-2026'), refused);
});

test('design §6 a revoked right is revoked once', async () => {
  await using w = await world();
  const applied = await apply(w.deps, admin, { kind: 'grant', payload: aGrant, reason: '異動' });
  assert.ok(applied.ok);
  await decideApplication(w.deps, head, { approvalId: applied.value.approvalId, decision: 'approved' });
  const [row] = await w.t.owner<{ grant_id: string }>('select grant_id from staff_directory.grant_given');
  const command = { grantId: row!.grant_id, because: 'transfer' };
  const both = await Promise.all([revokeGrant(w.deps, admin, command), revokeGrant(w.deps, admin, command)]);
  assert.equal(both.filter((b) => b.ok).length, 1);
  assert.deepEqual(
    both.find((b) => !b.ok),
    { ok: false, error: 'already-revoked' },
  );
});

/** A software authenticator outside any browser. */
function authenticator() {
  const kept = new Map<string, TrainingKey>();
  return {
    get: async (rpId: string, staffId: string) => kept.get(`${rpId} ${staffId}`),
    put: async (rpId: string, staffId: string, key: TrainingKey) => void kept.set(`${rpId} ${staffId}`, key),
  };
}

mechanismTest(
  'auth.second-factor',
  '二要素認証: only the passkey of the same person over this very challenge is a factor',
  async () => {
    await using w = await world({ town: true });
    const staffId = 'tax-clerk-01';
    const keys = authenticator();
    const asked = await registrationChallenge(w.deps, signInActor, staffId);
    assert.ok(asked.ok);
    const made = await createCredential(keys, staffId, origin, asked.value as never);
    const registration = { staffId, challenge: asked.value.challenge, label: 'x', response: made } as never;
    assert.ok((await registerPasskey(w.deps, signInActor, registration)).ok);
    const request = (challenge: string) => ({
      challenge,
      rpId: 'id.meguro.localhost',
      allowCredentials: [{ id: made.id }],
    });
    const good = await useCredential(keys, staffId, origin, request('Y2hhbGxlbmdlLTE'));
    const verify = (challenge: string, who = staffId) =>
      verifySecondFactor(w.deps, signInActor, { staffId: who, challenge, response: good as never });
    assert.deepEqual(await verify('Y2hhbGxlbmdlLTI'), { ok: false, error: 'passkey-refused' }, 'another challenge');
    assert.deepEqual(
      await verify('Y2hhbGxlbmdlLTE', 'head-01x'),
      { ok: false, error: 'passkey-refused' },
      'another person',
    );
    assert.deepEqual(await verify('Y2hhbGxlbmdlLTE'), { ok: true, value: { method: 'swk' } });
    assert.deepEqual(
      await verify('Y2hhbGxlbmdlLTE'),
      { ok: false, error: 'passkey-refused' },
      'a second time: the counter stands still',
    );
  },
);

test('design §6 outside a town the software authenticator is refused, and registration needs an issued password', async () => {
  await using w = await world();
  const asked = await registrationChallenge(w.deps, signInActor, 'tax-clerk-01');
  assert.ok(asked.ok);
  const made = await createCredential(authenticator(), 'tax-clerk-01', origin, asked.value as never);
  const registered = await registerPasskey(w.deps, signInActor, {
    staffId: 'tax-clerk-01',
    challenge: asked.value.challenge,
    label: 'x',
    response: made,
  } as never);
  assert.deepEqual(registered, { ok: false, error: 'training-authenticator-outside-a-town' });
});

test('design §6 an issued password opens nothing but its change', async () => {
  await using w = await world();
  const issued = await issuePassword(w.deps, admin, { staffId: 'tax-clerk-01', removePasskeys: true });
  assert.ok(issued.ok);
  const tried = await attempt(w, issued.value.password);
  assert.ok(tried.ok && tried.value.outcome === 'verified' && tried.value.mustChange);
  assert.deepEqual(
    await changePassword(w.deps, signInActor, { staffId: 'tax-clerk-01', password: issued.value.password }),
    { ok: false, error: 'used-before' },
  );
  assert.ok(
    (await changePassword(w.deps, signInActor, { staffId: 'tax-clerk-01', password: 'Atarashii-2026-natsu' })).ok,
  );
  const text = JSON.stringify(await w.t.owner('select p::text from staff_directory.password p'));
  assert.ok(!text.includes('Atarashii') && !text.includes(issued.value.password));
});

mechanismTest(
  'audit.sign-in-recorded',
  'ログイン記録: each sign-in stands in the record with person, methods and terminal',
  async () => {
    await using w = await world();
    assert.ok(
      (
        await completeSignIn(w.deps, signInActor, {
          staffId: 'tax-clerk-01',
          methods: ['pwd', 'hwk'],
          terminalId: null,
        })
      ).ok,
    );
    const list = await listSignIns(w.deps, admin, { limit: 10 });
    assert.ok(list.ok);
    assert.deepEqual(
      list.value.map((s) => [s.staffId, s.methods]),
      [['tax-clerk-01', ['pwd', 'hwk']]],
    );
  },
);

mechanismTest(
  'auth.terminal-binding',
  '端末の限定: only a terminal enrolled by approval, with its own signature, gets past the password',
  async () => {
    await using w = await world({ terminals: 'required' });
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' });
    const terminalId = 't-0123456789abcdef';
    const payload = {
      terminalId,
      kind: 'business',
      label: '税務課1',
      place: '本庁2階',
      key: { kty, crv, x, y },
    } as never;
    const signIn = async (challenge: string, signed = challenge) => {
      const signature = sign('sha256', terminalStatement(origin, signed), {
        key: pair.privateKey,
        dsaEncoding: 'ieee-p1363',
      }).toString('base64url');
      const tried = await tryPassword(w.deps, signInActor, {
        staffId: 'tax-clerk-01',
        password: 'Kunren-no-machi-2026',
        terminal: { terminalId, challenge, signature },
      });
      assert.ok(tried.ok);
      return tried.value;
    };
    const refused = { outcome: 'refused', why: 'terminal' };
    assert.deepEqual(await signIn('a'), refused, 'not enrolled yet');
    const applied = await apply(w.deps, admin, { kind: 'terminal', payload, reason: '更新' });
    assert.ok(applied.ok);
    assert.deepEqual(await signIn('b'), refused, 'only applied for');
    assert.ok(
      (await decideApplication(w.deps, head, { approvalId: applied.value.approvalId, decision: 'approved' })).ok,
    );
    const done = await signIn('c');
    assert.equal(done.outcome === 'verified' && done.terminalId, terminalId);
    assert.deepEqual(await signIn('d', 'c'), refused, 'a signature over another challenge');
  },
);

test('design §8 the list of invented people is refused outside a town', async () => {
  await using w = await world();
  const person = {
    staffId: 'tax-clerk-05',
    displayName: '税務 五郎',
    position: '',
    kind: 'employee' as const,
    grants: [],
    password: 'Kunren-no-machi-2026',
  };
  assert.deepEqual(await importTownPerson(w.deps, townActor, { person, validUntil: '2027-03-31' }), {
    ok: false,
    error: 'not-a-town',
  });
  const open = act('test.open', {
    right: ['staff-directory', 'account', 'update'],
    async run(tx, deps: Deps) {
      const opened = await openAccount(tx, deps, { payload: anAccount, by: 'x', approvalId: null, because: 'x' });
      if (!opened.ok) return opened;
      tx.record(opened.value);
      return ok(null);
    },
  });
  assert.deepEqual(await open(w.deps, admin, null), { ok: false, error: 'not-approved' });
});

test('design §4.7 every fact of the directory is tied to the log: the whole year of a person verifies, and a grant given behind its back is named', async () => {
  await using w = await world({ town: true });
  const applied = await apply(w.deps, admin, {
    kind: 'grant',
    payload: { ...aGrant, system: 'staff-directory', role: 'directory-approver' },
    reason: '異動',
  });
  assert.ok(applied.ok);
  assert.ok((await decideApplication(w.deps, head, { approvalId: applied.value.approvalId, decision: 'approved' })).ok);
  const asked = await registrationChallenge(w.deps, signInActor, 'tax-clerk-01');
  assert.ok(asked.ok);
  const response = await createCredential(authenticator(), 'tax-clerk-01', origin, asked.value as never);
  const registration = { staffId: 'tax-clerk-01', challenge: asked.value.challenge, label: 'x', response } as never;
  assert.ok((await registerPasskey(w.deps, signInActor, registration)).ok);
  assert.ok(
    (await completeSignIn(w.deps, signInActor, { staffId: 'tax-clerk-01', methods: ['pwd', 'swk'], terminalId: null }))
      .ok,
  );
  assert.ok((await issuePassword(w.deps, admin, { staffId: 'tax-clerk-01', removePasskeys: true })).ok);
  assert.ok((await changeState(w.deps, admin, { staffId: 'tax-clerk-01', change: 'close', because: 'retirement' })).ok);
  const keys = generateKeyPairSync('ed25519');
  const instance = 'meguro/staff-directory';
  const name = logOrigin(instance);
  const logKey = { name, publicKey: keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) };
  const signer = { ...logKey, sign: (bytes: Uint8Array) => sign(null, bytes, keys.privateKey) };
  const sequencer = new Sequencer({ db: w.deps.db, machineClock: w.deps.machineClock, signer });
  const verify = async () => {
    await sequencer.drain();
    await sequencer.checkpoint();
    return verifyInstance(w.deps.db, { instance, logKey });
  };
  assert.deepEqual((await verify()).defects, []);
  await w.t.owner(`update access.grant_given set role = 'directory-administrator'`);
  assert.ok((await verify()).defects.length > 0);
});
