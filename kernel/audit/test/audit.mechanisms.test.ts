import assert from 'node:assert/strict';
import type { TestDatabase } from '../../db/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { err, unwrap } from '../../result/result.ts';
import { expireMonth } from '../expiry.ts';
import { Sequencer } from '../sequencer.ts';
import { verifyInstance } from '../verify.ts';
import { cosign, type WitnessDeps } from '../witness.ts';
import { assess, clerk, job, testKey, testWard } from './ward.ts';

const key = testKey('musubi/meguro/ward', 1);
const peer = { kind: 'system', organisation: 'meguro', system: 'ward', certificate: 'c' } as const;

/** Three assessments in a log that is numbered and signed. */
async function grown(seed: string, yen = 100): Promise<TestDatabase & { readonly note: string }> {
  const t = await testWard(seed);
  for (const id of ['1', '2', '3']) unwrap(await assess(t.deps, clerk, { id, yen }));
  const sequencer = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
  await sequencer.drain();
  return Object.assign(t, { note: (await sequencer.checkpoint()).note });
}
const defectsOf = async (t: TestDatabase): Promise<readonly string[]> =>
  (await verifyInstance(t.db, { instance: 'meguro/ward', logKey: key })).defects.map((d) => d.kind);

mechanismTest('audit.tamper-evidence', '書き換えられた記録は検証で名指しされる (design §4.7)', async () => {
  await using t = await grown('tamper');
  assert.deepEqual(await defectsOf(t), []);
  await t.owner(`update audit.entry set body = replace(body, '"yen":100', '"yen":900') where leaf_index = 1`);
  assert.deepEqual(await defectsOf(t), ['entry-altered']);
});

mechanismTest('audit.fact-digest', '記録の裏で書き換え・消された事実は検証で名指しされる (design §4.7)', async () => {
  await using t = await grown('facts');
  await t.owner(`update ward.assessment set levy_yen = 1 where assessment_id = '2'`);
  assert.deepEqual(await defectsOf(t), ['fact-altered']);
  await t.owner(`delete from ward.assessment where assessment_id = '2'`);
  assert.deepEqual(await defectsOf(t), ['fact-missing']);
});

mechanismTest('audit.witness', '他機関の証人は、以前に見た記録と続かない署名を断る (design §4.7)', async () => {
  await using t = await grown('log');
  await using fork = await grown('fork', 200);
  await using w = await testWard('witness');
  const deps: WitnessDeps = {
    ...w.deps,
    signer: testKey('witness/w', 11),
    logKey: (origin) => (origin === key.name ? key.publicKey : undefined),
  };
  const show = async (note: string, oldSize: number) =>
    (await cosign(deps, peer, { checkpoint: note, oldSize, proof: [] })).outcome;
  assert.equal(await show(t.note, 0), 'cosigned');
  assert.equal(await show(t.note, 3), 'cosigned');
  assert.equal(await show(fork.note, 3), 'inconsistent');
  const [conflict] = await w.owner<{ n: number }>('select count(*)::int as n from audit.witness_conflict');
  assert.equal(conflict?.n, 1);
});

mechanismTest('audit.retention', '保存期間の終わらない記録は、動いているシステム自身にも消せない', async (_, point) => {
  await using t = await grown('retention');
  const month = Temporal.PlainYearMonth.from('2026-06');
  assert.deepEqual(await expireMonth(t.deps, job, { month }), err('nothing-to-expire'));
  await point.whenOff('kernel/audit/schema/0001_audit_log.sql#rights', async () => {
    const { rows } = await t.db.pool.query<{ role: string }>('select quote_ident(current_user) as role');
    await t.owner(`grant delete on audit.entry to ${rows[0]!.role}`);
  });
  const outcome = await t.db.pool.query('delete from audit.entry').then(
    () => 'deleted',
    (error: { code?: string }) => error.code,
  );
  assert.equal(outcome, '42501');
});
