import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createRights } from '../../access/rights.ts';
import { auditSchema } from '../../audit/schema-set.ts';
import { at } from '../../db/provision.ts';
import { testDatabase, testServer } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { unwrap } from '../../result/result.ts';
import { dbSessionsSchema } from '../schema-set.ts';
import { sessionActor, sessionsStanding, tellSessions, watchSessions } from '../tell.ts';

/** A database, and a way to sign in at it as the server's administrator, under a name of one's choice. */
async function aDatabase() {
  const own = { system: 'x', staff: {}, peers: [], jobs: [] };
  const rights = createRights(own, 'town', { rolesOf: async () => [] });
  const t = await testDatabase([auditSchema, dbSessionsSchema], { rights });
  const raised: (readonly [string, string])[] = [];
  const alarms = {
    raise: (alarm: string, { account = '' }: Readonly<Record<string, string | number>>) =>
      void raised.push([alarm, `${account}`]),
  };
  const url = at(await testServer(), new URL(t.url).pathname.slice(1));
  // The sessions of the test itself come before.
  await watchSessions({ deps: t.deps, instance: 'town/x', alarms });
  raised.splice(0);
  t.events.splice(0);
  return {
    t,
    raised,
    watch: () => watchSessions({ deps: t.deps, instance: 'town/x', alarms }),
    async signIn(application: string, statement = 'select 1') {
      const client = new pg.Client({ connectionString: url, application_name: application });
      await client.connect();
      try {
        return (await client.query<Record<string, string>>(statement)).rows;
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

mechanismTest(
  'audit.database-session',
  '001-III.4-R0-18 001-III.4-R0-27 002-H-IV.3-01 データベースに直接入った人は、作業指示の有無とともに記録され、指示のないものは警報になる',
  async () => {
    await using d = await aDatabase();
    await d.signIn('order:2026-0003');
    await d.signIn('psql');
    assert.equal(await d.watch(), 2);
    const [told] = d.t.events;
    assert.equal(told?.event, 'database-sessions.told');
    const lines = `${told?.detail?.sessions}`.split('\n').map((line) => line.split(' ').slice(1).join(' '));
    const admin = new URL(await testServer()).username;
    assert.deepEqual(lines, [`${admin} order:2026-0003 local`, `${admin} psql local`]);
    assert.deepEqual(d.raised, [['database-session.without-order', admin]]);
    assert.equal(await d.watch(), 0, 'told once');
  },
);

mechanismTest(
  'audit.database-session',
  '001-III.7-R1-26 記録はサーバーが入場の時に書くもので、実行中のシステムも消せず、止めれば警報になる',
  async (_t, point) => {
    await using d = await aDatabase();
    await point.whenOff('kernel/db-sessions/schema/0001_db_sessions.sql#note_login', () =>
      d.t.owner('alter event trigger musubi_sessions disable'),
    );
    await d.signIn('psql');
    const [row] = await d.t.owner<{ n: number }>(
      `select count(*)::int as n from db_sessions.session where application = 'psql'`,
    );
    assert.equal(row!.n, 1);
    // Each statement of such a session is in the server's own log, outside this database; the running system's are not.
    assert.deepEqual(await d.signIn('psql', 'show log_statement'), [{ log_statement: 'all' }]);
    const app = new pg.Client({ connectionString: d.t.url });
    await app.connect();
    try {
      assert.deepEqual((await app.query('show log_statement')).rows, [{ log_statement: 'none' }]);
      for (const statement of [
        'delete from db_sessions.session',
        'update db_sessions.session set account = current_user',
      ])
        await assert.rejects(app.query(statement), { code: '42501' });
    } finally {
      await app.end();
    }
  },
);

test('the running system’s own sessions and the product’s maintenance raise no alarm; a watch that was switched off does', async () => {
  await using d = await aDatabase();
  await d.signIn('musubi-maintenance');
  assert.equal(await d.watch(), 1);
  assert.deepEqual(d.raised, []);
  await d.t.owner('alter event trigger musubi_sessions disable');
  assert.deepEqual(unwrap(await sessionsStanding(d.t.deps, sessionActor, null)), { untold: 0, watched: false });
  await d.watch();
  assert.deepEqual(d.raised, [['database-sessions.not-watched', '']]);
});

test('two that tell at once tell each session once', async () => {
  await using d = await aDatabase();
  await d.signIn('psql');
  const both = await Promise.allSettled([1, 2].map(() => tellSessions(d.t.deps, sessionActor, null)));
  const told = both.flatMap((r) => (r.status === 'fulfilled' ? unwrap(r.value) : []));
  assert.equal(told.length, 1);
});
