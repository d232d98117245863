import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import type { IdentityCheck } from '@musubi/kernel/identifiers/identity-check.ts';
import { type Result, unwrap } from '@musubi/kernel/result/result.ts';
import {
  closeCounterFiling,
  compareCounterFiling,
  type FileAtCounter,
  fileAtCounter,
  listCounterFilings,
  readCounterFiling,
} from '../service/intake/counter-filings.ts';
import { readPerson } from '../service/persons/read-person.ts';
import { anIntake, clerk, type IntakeTest, people, register, type Someone, staff, takeInFile } from './an-intake.ts';

const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);
const second = staff('clerk-2');
const inPerson: IdentityCheck = { numberDocument: 'card', identityDocuments: ['card'], proxy: null };

/** What stands on the paper of somebody with 1,200,000 yen of other income. */
function paperOf(
  who: Someone,
  over: Partial<FileAtCounter> = {},
  items: Readonly<Record<string, string>> = {},
): FileAtCounter {
  return {
    incomeYear: 2025,
    formId: 'meguro-44',
    formVersion: '令和7年分',
    identity: inPerson,
    individualNumber: who.number.digits(),
    items: new Map(
      Object.entries({
        ABA00140: who.name,
        ABA00130: who.kana,
        ABA00200: who.bornOn,
        ABA00120: who.address,
        ABB00110: '1500000',
        ABB01120: '1200000',
        ABB01130: '1200000',
        ABB00410: '1200000',
        ...items,
      }),
    ),
    ...over,
  };
}
const kept = async (i: IntakeTest): Promise<number> =>
  (await i.t.owner<{ n: number }>('select count(*)::int as n from resident_tax.counter_filing'))[0]?.n ?? -1;
const [who, stranger] = people(2, 'counter') as [Someone, Someone];

test('AC-04 窓口入力の個人番号の検査用数字が違えば、その旨で拒否し何も保管しない', async () => {
  await using i = await anIntake();
  await register(i.deps, [who]);
  const refused = await fileAtCounter(i.deps, clerk, paperOf(who, { individualNumber: '123456789010' }));
  assert.equal(word(refused), 'wrong-check-digit');
  assert.equal(await kept(i), 0);
  assert.deepEqual(await i.t.owner("select 1 from sealed.object where kind = 'counter-filing'"), []);
  assert.deepEqual(await i.t.owner('select 1 from resident_tax.report'), []);
});

test('002-RTX-F2.1 窓口申告: 一人が入力し、別の一人が紙と照合したものだけが課税資料になる', async () => {
  await using i = await anIntake();
  const ids = await register(i.deps, [who]);
  const { filingId, scope } = unwrap(await fileAtCounter(i.deps, clerk, paperOf(who)));
  assert.equal(scope, 'resident');
  const { items } = unwrap(await readCounterFiling(i.deps, second, { filingId }));
  assert.equal(items.get('ABB00410'), '1200000');
  const individualNumber = who.number.digits();
  assert.equal(word(await compareCounterFiling(i.deps, clerk, { filingId, individualNumber })), 'entered-by-oneself');
  const other = stranger.number.digits();
  assert.equal(
    word(await compareCounterFiling(i.deps, second, { filingId, individualNumber: other })),
    'number-differs',
  );
  assert.equal(unwrap(await listCounterFilings(i.deps, second, undefined)).length, 1);
  const both = await Promise.all(
    [second, staff('clerk-3')].map((actor) => compareCounterFiling(i.deps, actor, { filingId, individualNumber })),
  );
  assert.deepEqual(both.map(word).toSorted(), ['ended-before', 'ok']);
  await takeInFile(i.deps, unwrap(both.find((one) => one.ok)!).intakeId);
  const read = unwrap(await readPerson(i.deps, clerk, { personId: ids.get(who.no) ?? '', fiscalYear: 2026 }));
  assert.deepEqual(
    read.documents.map(({ kind, payerName, use }) => [kind, payerName.split('-')[0], use]),
    [['ward-return', `帳票 ${i.deps.civilClock.today().toString().replaceAll('-', '')}00000001`, 'counted']],
  );
  assert.deepEqual(unwrap(await listCounterFilings(i.deps, second, undefined)), []);
});

mechanismTest(
  'input.identity-check',
  '002-III.2-R1A-01 窓口では番号と本人を示す書類の組合せを確かめ、なければ何も保管しない',
  async () => {
    await using i = await anIntake();
    await register(i.deps, [who]);
    const unsure: IdentityCheck = { numberDocument: 'certificate', identityDocuments: ['insurance'], proxy: null };
    assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(who, { identity: unsure }))), 'identity-not-checked');
    assert.equal(await kept(i), 0);
  },
);

mechanismTest('input.proxy-authority', '002-III.2-R1A-02 代理人は委任状などと自分の本人確認書類を示す', async () => {
  await using i = await anIntake();
  await register(i.deps, [who]);
  const proxy: IdentityCheck = { ...inPerson, proxy: { authority: null } };
  assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(who, { identity: proxy }))), 'proxy-authority-missing');
  assert.equal(await kept(i), 0);
});

mechanismTest('input.form-version', '002-III.2-R1A-04 定められた様式・年分の申告書だけを入力する', async () => {
  await using i = await anIntake();
  await register(i.deps, [who]);
  const old = paperOf(who, { formVersion: '令和6年分' });
  assert.equal(word(await fileAtCounter(i.deps, clerk, old)), 'form-not-in-force');
});

mechanismTest(
  'input.item-checks',
  '002-III.2-R3-08 内訳と合計が合わない申告書、項目の欠けた申告書は入力できない',
  async () => {
    await using i = await anIntake();
    await register(i.deps, [who]);
    assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(who, {}, { ABB00410: '1250000' }))), 'sum-differs');
    assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(who, {}, { ABA00200: '2026-05-01' }))), 'born-later');
    assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(who, {}, { ABA00120: '' }))), 'item-missing');
  },
);

mechanismTest(
  'input.scope-decision',
  '002-III.2-R1A-03 区で課税する人かを判定し、ほかの団体で課税する人の申告書は使わずそこへ回す',
  async () => {
    await using i = await anIntake();
    await register(i.deps, [who]);
    assert.equal(word(await fileAtCounter(i.deps, clerk, paperOf(stranger))), 'scope-not-decided');
    const elsewhere = { scope: 'elsewhere', detail: '世田谷区 131121' } as const;
    const { filingId } = unwrap(await fileAtCounter(i.deps, clerk, paperOf(stranger, { elsewhere })));
    const individualNumber = stranger.number.digits();
    assert.equal(word(await compareCounterFiling(i.deps, second, { filingId, individualNumber })), 'taxed-elsewhere');
    assert.equal(
      word(await closeCounterFiling(i.deps, second, { filingId, outcome: 'sent-on', note: ' ' })),
      'note-missing',
    );
    unwrap(
      await closeCounterFiling(i.deps, second, { filingId, outcome: 'sent-on', note: '世田谷区へ送付 2026-02-03' }),
    );
    assert.deepEqual(await i.t.owner('select 1 from resident_tax.intake'), []);
  },
);

mechanismTest('input.second-entry', '002-III.2-R3-07 窓口で入力した職員は自分で照合できない', async () => {
  await using i = await anIntake();
  await register(i.deps, [who]);
  const { filingId } = unwrap(await fileAtCounter(i.deps, clerk, paperOf(who)));
  const individualNumber = who.number.digits();
  assert.equal(word(await compareCounterFiling(i.deps, clerk, { filingId, individualNumber })), 'entered-by-oneself');
});
