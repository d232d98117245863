import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { auditSchema } from '../../audit/schema-set.ts';
import { auditSink } from '../../audit/sink.ts';
import type { ActDeps, Actor } from '../../db/act.ts';
import { act } from '../../db/act.ts';
import { checkCatalogue, readCatalogue } from '../../db/catalogue.ts';
import { withTransaction } from '../../db/database.ts';
import { testDatabase } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { seededRandom } from '../../random/random.ts';
import { ok } from '../../result/result.ts';
import type { Received } from '../../streams/inbox.ts';
import type { DirectoryGrant } from '../directory-grant.ts';
import { applyGrant } from '../grants.ts';
import { createRights, type RightsTable, type StaffRoles } from '../rights.ts';
import { accessSchema } from '../schema.ts';
import { createSessionReader, endSession, openSession, signInActor } from '../session.ts';
import { staffRoles } from '../staff-roles.ts';
import { signedInSession } from '../testing.ts';

const table: RightsTable = {
  system: 'resident-tax',
  staff: { 'tax-clerk': [['assessment', 'update']], 'tax-reader': [['assessment', 'read']] },
  peers: [],
  jobs: [],
};

/** A system with its clock in the test's hand. */
async function world() {
  const clock = {
    at: Temporal.Instant.from('2026-06-01T00:00:00Z'),
    now() {
      return this.at;
    },
    pass(duration: Temporal.DurationLike) {
      this.at = this.at.add(duration);
    },
  };
  const t = await testDatabase([auditSchema, accessSchema], {
    audit: auditSink({ instance: 'meguro/resident-tax', random: seededRandom('salts') }),
  });
  const roles: StaffRoles = staffRoles({ machineClock: clock, civilClock: t.deps.civilClock });
  const deps = { ...t.deps, machineClock: clock, rights: createRights(table, 'meguro', roles) };
  const reader = createSessionReader({ organisation: 'meguro', cookie: 'musubi-session', deps: () => deps });
  const see = (header: string) =>
    reader.read(new Request('http://rtx.meguro.localhost/', { headers: { cookie: header } }));
  return { t, deps, clock, roles, reader, see, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

const assess = act('tax.assess', {
  right: ['resident-tax', 'assessment', 'update'],
  async run(tx, _deps: ActDeps, _command: null) {
    tx.record({ event: 'assessment.made' });
    return ok('assessed');
  },
});

const directory: Actor = { kind: 'system', organisation: 'meguro', system: 'staff-directory', certificate: 'c' };
const received = (message: DirectoryGrant): Received<DirectoryGrant> => ({
  message,
  messageId: 'm',
  sender: 'meguro/staff-directory',
  family: 'directory.grant',
  number: 1,
  digest: new Uint8Array(32),
  bytes: 1,
});

test('design §2.7 every table and column of access is declared', async () => {
  await using t = await testDatabase([auditSchema, accessSchema]);
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  const faults = await checkCatalogue(client, await readCatalogue([auditSchema, accessSchema]));
  await client.end();
  assert.deepEqual(
    faults.filter((f) => f.startsWith('access.')),
    [],
  );
});

test('design §6 a session with its grants opens what the rights table gives and nothing else', async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
  const reader = await signedInSession(w.deps, { staffId: 'tax-reader-01', roles: ['tax-reader'] });
  assert.equal((await w.see(clerk.header))?.displayName, '試験 花子');
  assert.deepEqual(await assess(w.deps, clerk.actor, null), { ok: true, value: 'assessed' });
  assert.deepEqual(await assess(w.deps, reader.actor, null), { ok: false, error: 'not-authorised' });
  const log = await w.t.owner<{ n: string }>(`select count(*) as n from audit.intake_event`);
  assert.equal(Number(log[0]?.n), 6, 'two grants, two sign-ins, one act and one refusal');
});

test("design §6 a cookie's secret is in the database only as a digest, and what is no cookie of ours is nobody", async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
  const rows = await w.t.owner<{ all: string }>('select session::text as all from access.session');
  assert.ok(!JSON.stringify(rows).includes(clerk.cookie.value));
  for (const header of [
    '',
    'musubi-session=',
    `musubi-session=${'A'.repeat(43)}`,
    `${clerk.header}; ${clerk.header}`,
    `${clerk.header}x`,
  ])
    assert.equal(await w.see(header), undefined, header.slice(0, 20));
});

mechanismTest(
  'auth.idle-lock',
  '無操作時のロック: an idle session answers nothing, neither to pages nor to acts',
  async () => {
    await using w = await world();
    const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
    w.clock.pass({ minutes: 9 });
    assert.ok(await w.see(clerk.header), 'nine minutes are not idle, and looking counts');
    w.clock.pass({ minutes: 9 });
    assert.ok(await w.see(clerk.header));
    w.clock.pass({ minutes: 10 });
    assert.equal(await w.see(clerk.header), undefined);
    assert.deepEqual(await assess(w.deps, clerk.actor, null), { ok: false, error: 'not-authorised' });
    assert.equal(await w.see(clerk.header), undefined, 'asking again does not wake it');
  },
);

mechanismTest(
  'auth.session-per-request',
  '要求ごとのセッション確認: an ended session is none for pages and acts',
  async () => {
    await using w = await world();
    const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
    await endSession(w.deps, signInActor, { sessionId: clerk.sessionId, because: 'signed-out' });
    assert.equal(await w.see(clerk.header), undefined);
    assert.deepEqual(await assess(w.deps, clerk.actor, null), { ok: false, error: 'not-authorised' });
  },
);

test('design §6 a session ends after ten hours however busy it is', async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
  for (let i = 0; i < 66; i++) {
    w.clock.pass({ minutes: 9 });
    assert.ok(await w.see(clerk.header));
  }
  w.clock.pass({ minutes: 6 });
  assert.equal(await w.see(clerk.header), undefined);
});

mechanismTest('auth.account-expiry', 'IDの有効期限: the last day of the account ends open sessions', async () => {
  await using w = await world();
  const opened = await openSession(w.deps, signInActor, {
    staffId: 'tax-clerk-01',
    displayName: '試験 花子',
    accountUntil: Temporal.PlainDate.from('2026-06-01'),
  });
  assert.ok(opened.ok);
  const header = `musubi-session=${opened.value.token}`;
  assert.ok(await w.see(header), 'the last day is included');
  w.t.deps.civilClock.set('2026-06-02');
  assert.equal(await w.see(header), undefined);
});

mechanismTest(
  'auth.single-session',
  '同時利用の禁止: a second sign-in ends the first, and both are recorded',
  async () => {
    await using w = await world();
    const first = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
    const second = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: [] });
    assert.equal(await w.see(first.header), undefined);
    assert.ok(await w.see(second.header));
  },
);

test('two sign-ins of one person at once leave one session', async () => {
  await using w = await world();
  const open = () =>
    openSession(w.deps, signInActor, {
      staffId: 'a1',
      displayName: 'A',
      accountUntil: Temporal.PlainDate.from('2027-03-31'),
    });
  const both = await Promise.all([open(), open()]);
  assert.ok(both.every((b) => b.ok));
  const standing = await w.t.owner('select 1 from access.session where ended_at is null');
  assert.equal(standing.length, 1);
});

mechanismTest('access.revocation', '異動・退職時の失効: a revoked grant counts in the next act', async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: [] });
  const apply = applyGrant('meguro');
  const grantId = w.deps.newId();
  const granted = {
    kind: 'granted',
    grantId,
    staffId: 'tax-clerk-01',
    role: 'tax-clerk',
    validFrom: '2026-04-01',
    validUntil: '2027-03-31',
  } as const;
  assert.ok((await apply(w.deps, directory, received(granted))).ok);
  assert.ok((await assess(w.deps, clerk.actor, null)).ok);
  const revoked = { kind: 'revoked', grantId, staffId: 'tax-clerk-01', because: 'transfer' } as const;
  assert.ok((await apply(w.deps, directory, received(revoked))).ok);
  assert.deepEqual(await assess(w.deps, clerk.actor, null), { ok: false, error: 'not-authorised' });
});

mechanismTest('access.temporary-grant', '臨時権限: a grant counts from its first day to its last', async () => {
  await using w = await world();
  const days = { validFrom: '2026-06-02', validUntil: '2026-06-03' };
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'], ...days });
  const outcomes: boolean[] = [];
  for (const day of ['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04']) {
    w.t.deps.civilClock.set(day);
    outcomes.push((await assess(w.deps, clerk.actor, null)).ok);
  }
  assert.deepEqual(outcomes, [false, true, true, false]);
});

test('design §6 the order to sign out everywhere ends the sessions that stand', async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
  const other = await signedInSession(w.deps, { staffId: 'tax-clerk-02', roles: ['tax-clerk'] });
  const order = { kind: 'sign-out', orderId: w.deps.newId(), staffId: 'tax-clerk-01', because: 'suspended' } as const;
  assert.ok((await applyGrant('meguro')(w.deps, directory, received(order))).ok);
  assert.equal(await w.see(clerk.header), undefined);
  assert.ok(await w.see(other.header));
});

mechanismTest('access.tenant-isolation', 'grants come from the own directory alone', async () => {
  await using w = await world();
  const grant = {
    kind: 'granted',
    grantId: w.deps.newId(),
    staffId: 'a1',
    role: 'tax-clerk',
    validFrom: '2026-04-01',
    validUntil: '2027-03-31',
  } as const;
  const apply = applyGrant('meguro');
  for (const actor of [
    { ...directory, organisation: 'setagaya' },
    { ...directory, system: 'common-platform' },
  ] as Actor[])
    assert.deepEqual(await apply(w.deps, actor, received(grant)), { ok: false, error: 'not-our-directory' });
});

test('a grant that is repeated under its id is refused and changes nothing; an unknown one is not revoked', async () => {
  await using w = await world();
  const apply = applyGrant('meguro');
  const grant = {
    kind: 'granted',
    grantId: w.deps.newId(),
    staffId: 'a1',
    role: 'tax-reader',
    validFrom: '2026-04-01',
    validUntil: '2027-03-31',
  } as const;
  assert.ok((await apply(w.deps, directory, received(grant))).ok);
  const again = await apply(w.deps, directory, received({ ...grant, role: 'tax-clerk' }));
  assert.deepEqual(again, { ok: false, error: 'grant-id-reused' });
  const unknown = await apply(
    w.deps,
    directory,
    received({ kind: 'revoked', grantId: w.deps.newId(), staffId: 'a1', because: 'x-y' }),
  );
  assert.deepEqual(unknown, { ok: false, error: 'no-such-grant' });
});

test('design §6 a session of another organisation is refused, whatever its roles are here', async () => {
  await using w = await world();
  const clerk = await signedInSession(w.deps, { staffId: 'tax-clerk-01', roles: ['tax-clerk'] });
  const foreign = { ...clerk.actor, organisation: 'setagaya' };
  assert.deepEqual(await assess(w.deps, foreign, null), { ok: false, error: 'not-authorised' });
  const roles = await withTransaction(w.deps.db, 'test', (tx) =>
    w.roles.rolesOf(tx, { ...clerk.actor, staffId: 'somebody-else' }),
  );
  assert.deepEqual(roles, [], 'a session id of somebody else gives no roles');
});
