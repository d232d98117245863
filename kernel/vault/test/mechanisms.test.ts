import assert from 'node:assert/strict';
import { withTransaction } from '../../db/database.ts';
import type { Point } from '../../enforcement/testing.ts';
import { mechanismTest } from '../../enforcement/testing.ts';
import { carryOutErasures, orderErasure } from '../sealed/erasure.ts';
import { aNumber, aVault, type VaultTest } from './a-vault.ts';

const appRole = async (v: VaultTest): Promise<string> => {
  const { rows } = await v.t.db.pool.query<{ role: string }>('select quote_ident(current_user) as role');
  return rows[0]!.role;
};
/** What the running system gets when it reads a table past the functions: the server's code, or `rows`. */
const readAsApp = async (v: VaultTest, statement: string): Promise<string> =>
  v.t.db.pool.query(statement).then(
    () => 'rows',
    (error: { code?: string }) => error.code ?? 'error',
  );

/** Roles outlive a test's database, so what is granted in it goes with the database. */
const granting = (v: VaultTest, schema: string, table: string) => async (): Promise<void> => {
  await v.t.owner(`grant select on ${schema}.${table} to ${await appRole(v)}`);
};

mechanismTest(
  'vault.number-by-definer-function',
  '業務の役割は個人番号の表を読めず、関数だけを呼べる (design §3)',
  async (_, point: Point) => {
    await using v = await aVault();
    await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
    await point.whenOff('kernel/vault/schema/0001_vault.sql#grant', granting(v, 'vault', 'number'));
    assert.equal(await readAsApp(v, 'select ciphertext from vault.number'), '42501');
  },
);

mechanismTest(
  'vault.digest-equality',
  '002-III.2-R3-05 番号は鍵付きの照合値の一致でだけ探せ、一部・順序・一覧では探せない (design §3)',
  async (_, point) => {
    await using v = await aVault();
    const [mine, other] = [aNumber(), aNumber()];
    await v.inAct((tx) => v.vault.put(tx, 'person:1', mine));
    assert.equal((await v.inAct((tx) => v.vault.find(tx, mine, 'test/find'))).length, 1);
    assert.equal((await v.inAct((tx) => v.vault.find(tx, other, 'test/find'))).length, 0);
    await point.whenOff('kernel/vault/schema/0001_vault.sql#grant', granting(v, 'vault', 'number'));
    // Whoever reads the digests may list, order and compare them by part.
    assert.equal(await readAsApp(v, 'select digest from vault.number order by digest'), '42501');
    assert.equal(await readAsApp(v, "select 1 from vault.number where encode(digest, 'hex') like 'a%'"), '42501');
  },
);

mechanismTest(
  'vault.sealed-carrier',
  '個人番号を含み得るファイルの中身は関数を通さずに読めない (design §3)',
  async (_, point) => {
    await using v = await aVault();
    await v.inAct((tx) => v.sealed.seal(tx, Buffer.from('x'), { kind: 'wage-report', retentionClass: 'tax-7y' }));
    await point.whenOff('kernel/vault/sealed/schema/0001_sealed.sql#grant', granting(v, 'sealed', 'chunk'));
    assert.equal(await readAsApp(v, 'select bytes from sealed.chunk'), '42501');
  },
);

mechanismTest('vault.reveal-with-event', '記録のない個人番号の表示は確定しない (design §2.6, §3)', async (_, point) => {
  await using v = await aVault();
  const ref = await v.inAct((tx) => v.vault.put(tx, 'person:1', aNumber()));
  await point.whenOff('kernel/vault/schema/0001_vault.sql#use_has_event', () =>
    v.t.owner('alter table vault.use disable trigger use_has_event'),
  );
  const outcome = await withTransaction(v.t.db, v.deps.newId(), (tx) => v.vault.reveal(tx, ref, 'tax/report')).then(
    () => 'committed',
    (error: { code?: string }) => error.code,
  );
  assert.equal(outcome, 'MV001');
});

mechanismTest('retention.key-erasure', '消去した単位の鍵は鍵保管庫に残らない (design §3)', async () => {
  await using v = await aVault();
  const deps = { ...v.deps, keyStore: v.keyStore };
  const sealed = await v.inAct((tx) =>
    v.sealed.seal(tx, Buffer.from('x'), { kind: 'wage-report', retentionClass: 'tax-7y' }),
  );
  await v.inAct((tx) => orderErasure(tx, deps, `object:${sealed.ref}`, 'term-over'));
  await v.inAct((tx) => carryOutErasures(tx, deps));
  assert.equal(await v.keyStore.find(`object:${sealed.ref}`), 'erased');
});
