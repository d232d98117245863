import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSchema } from '../audit/schema-set.ts';
import type { Actor } from '../db/act.ts';
import { testDatabase } from '../db/testing.ts';
import { accessSchema } from './schema.ts';
import { createStaffAccess } from './staff-access.ts';

const clerk: Actor = {
  kind: 'staff',
  organisation: 'meguro',
  staffId: 'm-2001',
  sessionId: '0190a000-0000-7000-8000-000000000000',
};

test('AC-18 design §2.6: a page that somebody may not open is refused on the record, once, and opens for who may', async () => {
  await using t = await testDatabase([auditSchema, accessSchema], {
    rights: { allows: async (_tx, _actor, [, fn]) => fn === 'person' },
  });
  const staff = createStaffAccess({
    organisation: 'meguro',
    system: 'resident-tax',
    machineClock: t.deps.machineClock,
  });
  staff.start(t.deps);
  assert.equal(await staff.opensPage(clerk, ['resident-tax', 'person', 'read'], 'GET /persons/:personId'), true);
  assert.deepEqual(t.events, []);
  assert.equal(await staff.opensPage(clerk, ['resident-tax', 'assessment', 'update'], 'POST /assessment-runs'), false);
  assert.deepEqual(
    t.events.map(({ act, actor, outcome, refusal }) => ({ act, actor, outcome, refusal })),
    [{ act: 'open POST /assessment-runs', actor: clerk, outcome: 'refused', refusal: 'not-authorised' }],
  );
});
