import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decrypter } from 'age-encryption';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, ok, unwrap } from '../../result/result.ts';
import { closeCopy, makeCopy, openCopies, requestCopy } from '../copies.ts';
import { aStore } from './a-store.ts';

type Store = Awaited<ReturnType<typeof aStore>>;
const content = Buffer.from('the volume');
const asked = async (h: Store) =>
  unwrap(
    await h.inAct((tx) =>
      requestCopy(tx, h.deps, {
        reason: '機器更改',
        fromPlace: '集約センター1',
        toPlace: '集約センター2',
        recipientKey: h.recipientKey,
        dueOn: Temporal.PlainDate.from('2026-06-05'),
        by: 's1',
      }),
    ),
  );
const make = (h: Store, ticketId: string) =>
  h.inAct((tx) => makeCopy(tx, h.deps, { ticketId, by: 's1' }, async () => content));

mechanismTest('backup.approved-only', '003-III.3-R4-A03 承認されていない計画外の複製はできない', async () => {
  await using h = await aStore();
  const { ticketId, approvalId } = await asked(h);
  assert.deepEqual(await make(h, ticketId), err('not-approved'));
  assert.deepEqual(await h.t.owner('select 1 from media.copy_made'), []);
  unwrap(await h.approve(approvalId));
  assert.ok((await make(h, ticketId)).ok);
});

mechanismTest(
  'backup.approved-only',
  '003-III.4-R0-A04 届いた複製が出したものと違えば作業報告で閉じられない',
  async () => {
    await using h = await aStore();
    const { ticketId, approvalId } = await asked(h);
    unwrap(await h.approve(approvalId));
    const { sha256 } = unwrap(await make(h, ticketId));
    const close = (arrivedSha256: string, report = '作業報告-2') =>
      h.inAct((tx) => closeCopy(tx, h.deps, { ticketId, report, arrivedSha256, by: 's1' }));
    assert.deepEqual(await close('0'.repeat(64)), err('digest-differs'));
    assert.deepEqual(await close(sha256, ' '), err('report-missing'));
    assert.ok((await close(sha256)).ok);
  },
);

test('003-III.4-R0-A04 複製は暗号化され、一つの承認で一度だけ作られ、報告がなければ期限後に知らせる', async () => {
  await using h = await aStore();
  const { ticketId, approvalId } = await asked(h);
  assert.deepEqual(await h.approve(approvalId, 's1'), err('approver-is-requester'));
  unwrap(await h.approve(approvalId));
  const both = await Promise.all([make(h, ticketId), make(h, ticketId)]);
  assert.deepEqual(both.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['already-used', 'ok']);
  const made = both.find((r) => r.ok);
  const bytes = made?.ok ? made.value.bytes : new Uint8Array();
  assert.equal(Buffer.from(bytes).includes(content), false);
  const decrypter = new Decrypter();
  decrypter.addIdentity(h.identity);
  assert.deepEqual(Buffer.from(await decrypter.decrypt(bytes)), content);
  const open = async () =>
    unwrap(await h.inAct(async (tx) => ok(await openCopies(tx, h.deps.civilClock.today())))).map((c) => [
      c.isMade,
      c.overdue,
    ]);
  assert.deepEqual(await open(), [[true, false]]);
  h.t.deps.civilClock.set('2026-06-06');
  assert.deepEqual(await open(), [[true, true]]);
});
