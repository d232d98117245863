import assert from 'node:assert/strict';
import { mustBeOk } from '@musubi/collections/test/a-town.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err } from '@musubi/kernel/result/result.ts';
import { giveBankFile, prepareDebits } from '../service/debits.ts';
import { registerMandate } from '../service/mandates.ts';
import { anOffice, clerk } from './an-office.ts';

mechanismTest(
  'dispatch.release-comparison',
  '002-ACC-F3 作成時と違う口座振替依頼ファイルは、銀行に渡せない',
  async () => {
    await using o = await anOffice();
    await o.w.charge();
    await mustBeOk(
      registerMandate(o.deps, clerk, {
        requestId: o.deps.newId(),
        personNumber: '1'.padStart(15, '0'),
        purpose: 'debit',
        bank: '9999',
        branch: '002',
        accountKind: 'ordinary',
        accountNumber: '0000001',
        holderKana: 'メグロ タロウ',
        personKana: 'めぐろ　たろう',
        holderConfirmed: false,
        source: 'paper',
        fromOn: '2026-06-01',
      }),
    );
    const batchId = o.deps.newId();
    await mustBeOk(prepareDebits(o.deps, clerk, { batchId, dueOn: '2026-06-30', debitOn: '2026-06-30' }));
    assert.equal((await giveBankFile(o.deps, clerk, { batchId, bank: '9999' })).ok, true);
    // 委託者名 was changed after the batch was approved: the file would no longer be what was approved.
    const deps = { ...o.deps, collector: { ...o.deps.collector, name: 'ﾍﾞﾂﾉﾅﾏｴ' } };
    assert.deepEqual(await giveBankFile(deps, clerk, { batchId, bank: '9999' }), err('differs'));
  },
);

mechanismTest(
  'matching.account-check',
  '002-ACC-F1 還付金の口座は、実在する金融機関・支店の本人名義の口座でなければ登録できない',
  async () => {
    await using o = await anOffice();
    const mandate = {
      requestId: o.deps.newId(),
      personNumber: '1'.padStart(15, '0'),
      purpose: 'refund',
      bank: '9999',
      branch: '002',
      accountKind: 'ordinary',
      accountNumber: '0000001',
      holderKana: 'メグロ ハナコ',
      personKana: 'メグロ タロウ',
      holderConfirmed: true,
      source: 'paper',
      fromOn: '2026-06-01',
    } as const;
    assert.deepEqual(await registerMandate(o.deps, clerk, mandate), err('holder-differs'));
    const nowhere = { ...mandate, holderKana: 'メグロ タロウ', branch: '999' };
    assert.deepEqual(await registerMandate(o.deps, clerk, nowhere), err('no-such-branch'));
  },
);
