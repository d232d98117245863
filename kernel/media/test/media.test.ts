import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, unwrap } from '../../result/result.ts';
import { recordCounts, recordErased, recordHandedOver, recordReturned, requestHandOver } from '../media.ts';
import { aHouse, content, counted } from './a-house.ts';

test('design §4.6 the receiver opens the file with a standard age tool; slip and ledger agree with it', async () => {
  await using h = await aHouse();
  assert.ok((await h.approve()).ok);
  const { slip, files } = unwrap(await h.prepare());
  const [file] = files;
  assert.equal(Buffer.from(file!.bytes.subarray(0, 21)).toString(), 'age-encryption.org/v1');
  const decrypter = new Decrypter();
  decrypter.addIdentity(h.identity);
  assert.deepEqual(Buffer.from(await decrypter.decrypt(file!.bytes)), content);
  const other = new Decrypter();
  other.addIdentity(await generateIdentity());
  await assert.rejects(other.decrypt(file!.bytes));
  assert.deepEqual(slip, {
    handOverId: h.handOverId,
    kind: 'report-file',
    receiver: 'tokyo/tax-office',
    settleByOn: '2026-06-30',
    fileCount: 1,
    recordCount: 2,
    files: [
      {
        fileName: 'reports.csv.age',
        records: 2,
        totals: { payment_yen: 7_000_000 },
        sha256: createHash('sha256').update(file!.bytes).digest('hex'),
        length: file!.bytes.length,
      },
    ],
  });
  assert.equal((await h.ledger())[0]!.state, 'prepared');
  const opened = await h.t.owner(`select ref, purpose from sealed.use where operation = 'open'`);
  assert.deepEqual(opened, [{ ref: h.sealed.ref, purpose: 'media/report-file' }]);
});

mechanismTest('media.approval', '承認のない媒体の持出しはできない (design §4.6, §6)', async () => {
  await using h = await aHouse();
  assert.deepEqual(await h.prepare(), err('not-approved'));
});

mechanismTest('media.slip-counts', '送付票の件数・合計と合わない受領は突合済みにならない (design §4.6)', async () => {
  await using h = await aHouse();
  unwrap(await h.approve());
  unwrap(await h.prepare());
  unwrap(await h.inAct((tx) => recordHandedOver(tx, h.deps, { ...h, by: 's1', handedTo: 'r7' })));
  const less = [{ ...counted[0]!, records: 1, totals: { payment_yen: 3_000_000 } }];
  const { differences } = unwrap(
    await h.inAct((tx) => recordCounts(tx, h.deps, { handOverId: h.handOverId, by: 's1', counted: less })),
  );
  assert.deepEqual(
    differences.map((d) => [d.what, d.stated, d.counted]),
    [
      ['records', 2, 1],
      ['payment_yen', 7_000_000, 3_000_000],
    ],
  );
  assert.equal((await h.ledger())[0]!.state, 'differs');
});

test('design §6 the person who asked cannot approve, and a rejected hand-over is not prepared', async () => {
  await using h = await aHouse();
  assert.deepEqual(await h.approve('s1'), err('approver-is-requester'));
  assert.ok((await h.approve('s2', 'rejected')).ok);
  assert.deepEqual(await h.prepare(), err('rejected'));
});

test('design §4.6 what was approved is what goes out: a receiver key exchanged behind the approval is refused', async () => {
  await using h = await aHouse();
  unwrap(await h.approve());
  await h.t.owner('update media.hand_over set recipient_key = $1', [
    await identityToRecipient(await generateIdentity()),
  ]);
  assert.deepEqual(await h.prepare(), err('differs-from-approved'));
});

test('two clerks prepare at once: one medium', async () => {
  await using h = await aHouse();
  unwrap(await h.approve());
  const results = await Promise.all([h.prepare(), h.prepare()]);
  assert.deepEqual(results.map((r) => (r.ok ? 'ok' : r.error)).sort(), ['not-in-this-state', 'ok']);
});

test('design §4.6 授受簿: hand-over, reconciliation, return and erasure are steps in their order, overdue ones are marked', async () => {
  await using h = await aHouse();
  const { deps, handOverId } = h;
  const by = 's1';
  assert.deepEqual(
    await h.inAct((tx) => recordHandedOver(tx, deps, { handOverId, by, handedTo: 'r7' })),
    err('not-in-this-state'),
  );
  unwrap(await h.approve());
  unwrap(await h.prepare());
  assert.deepEqual(await h.inAct((tx) => recordReturned(tx, deps, { handOverId, by })), err('not-in-this-state'));
  unwrap(await h.inAct((tx) => recordHandedOver(tx, deps, { handOverId, by, handedTo: 'r7' })));
  assert.deepEqual(unwrap(await h.inAct((tx) => recordCounts(tx, deps, { handOverId, by, counted }))), {
    differences: [],
  });
  h.t.deps.civilClock.set('2026-07-01');
  assert.deepEqual(
    (await h.ledger()).map((l) => [l.state, l.files, l.records, l.overdue]),
    [['reconciled', 1, 2, true]],
  );
  unwrap(await h.inAct((tx) => recordErased(tx, deps, { handOverId, by, certificate: 'C-2026-7' })));
  assert.deepEqual(
    (await h.ledger()).map((l) => [l.state, l.overdue]),
    [['erased', false]],
  );
  assert.deepEqual(await h.inAct((tx) => recordReturned(tx, deps, { handOverId, by })), err('not-in-this-state'));
  const steps = await h.t.owner<{ state: string }>('select state from media.step order by step_no');
  assert.deepEqual(
    steps.map((s) => s.state),
    ['prepared', 'handed-over', 'reconciled', 'erased'],
  );
  await assert.rejects(h.t.db.pool.query('update media.step set by_staff = by_staff'), { code: '42501' });
});

test('a hand-over of nothing, of one name twice, or one that nobody asked for is refused', async () => {
  await using h = await aHouse();
  assert.deepEqual(await h.inAct((tx) => requestHandOver(tx, h.deps, { ...h.request, files: [] })), err('no-files'));
  const twice = { ...h.request, files: [h.request.files[0]!, h.request.files[0]!] };
  assert.deepEqual(await h.inAct((tx) => requestHandOver(tx, h.deps, twice)), err('file-name-twice'));
  assert.deepEqual(
    await h.inAct((tx) => recordReturned(tx, h.deps, { handOverId: h.deps.newId(), by: 's1' })),
    err('no-such-hand-over'),
  );
});
