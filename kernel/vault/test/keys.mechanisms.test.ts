import assert from 'node:assert/strict';
import path from 'node:path';
import { mechanismTest } from '../../enforcement/testing.ts';
import { fileKeyProvider } from '../key-provider.ts';
import { carryOutErasures, findErasureCertificate, orderErasure } from '../sealed/erasure.ts';
import { Vault } from '../vault.ts';
import { aNumber, aVault } from './a-vault.ts';

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

mechanismTest(
  'vault.encrypted-at-rest',
  'データベースの写しのどこにも個人番号は読めない (design §3)',
  async (_, point) => {
    await using v = await aVault();
    const number = aNumber();
    const digits = number.digits();
    await v.inAct((tx) => v.vault.put(tx, 'person:1', number));
    const tables = await v.t.owner<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('vault', 'sealed', 'audit')`,
    );
    assert.ok(tables.length > 5);
    for (const { name } of tables) {
      const rows = await v.t.owner<{ row: string }>(`select x::text as row from ${name} as x`);
      for (const { row } of rows) {
        assert.equal(row.includes(digits), false, name);
        assert.equal(row.includes(Buffer.from(digits).toString('hex')), false, name);
      }
    }
    // Not even the owner of the tables can put a bare number where ciphertext stands with its nonce and tag.
    await point.whenOff('kernel/vault/schema/0001_vault.sql#number', () =>
      v.t.owner('alter table vault.number drop constraint number_ciphertext_check'),
    );
    const stored = v.t.owner('update vault.number set ciphertext = $1', [Buffer.from(digits)]);
    assert.equal(await outcomeOf(stored), '23514');
  },
);

mechanismTest('vault.key-rotation', '別の鍵を持つ者は、書くことも探すこともできない (design §3)', async () => {
  await using v = await aVault();
  await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
  const keys = await fileKeyProvider(path.join(v.directory, 'foreign-keys'));
  for (const use of ['vault-cipher', 'vault-digest'] as const) await keys.create(use, 1);
  const foreign = new Vault({
    keys,
    machineClock: v.t.deps.machineClock,
    newId: v.t.deps.newId,
  });
  assert.equal(await outcomeOf(v.inAct((tx) => foreign.put(tx, 'person:2', aNumber()))), 'key-differs');
  assert.equal(await outcomeOf(v.inAct((tx) => foreign.find(tx, aNumber(), 'tax/match'))), 'key-differs');
});

mechanismTest(
  'retention.erasure-record',
  '消去は、対象・件数・根拠・時点とともに必ず記録に残る (design §3)',
  async () => {
    await using v = await aVault();
    const deps = { ...v.deps, keyStore: v.keyStore };
    const sealed = await v.inAct((tx) =>
      v.sealed.seal(tx, Buffer.from('x'), { kind: 'wage-report', retentionClass: 'tax-7y' }),
    );
    const erasureId = await v.inAct((tx) => orderErasure(tx, deps, `object:${sealed.ref}`, 'term-over'));
    assert.equal(await v.inAct((tx) => carryOutErasures(tx, deps)), 1);
    const certificate = await v.inAct((tx) => findErasureCertificate(tx, deps, erasureId));
    assert.deepEqual(
      certificate && [certificate.unit, certificate.ground, certificate.objects, certificate.orderedOn.toString()],
      [`object:${sealed.ref}`, 'term-over', 1, '2026-06-01'],
    );
    const [done] = await v.t.owner<{ n: number }>(
      `select count(*)::int as n from sealed.erasure_done d join audit.intake_event e using (event_id)`,
    );
    assert.equal(done?.n, 1);
  },
);
