import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { look } from '@musubi/kernel/db/act.ts';
import { disclosureTemplates } from '@musubi/kernel/disclosure/disclosure.ts';
import { disclosureSchema } from '@musubi/kernel/disclosure/schema-set.ts';
import type { DisclosureDeps } from '@musubi/kernel/disclosure/setup.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import { taxDisclosure } from '../service/disclosure/tax-disclosure.ts';
import { findPersons, readPerson } from '../service/persons/read-person.ts';
import { answerWithLevies } from '../service/transfers/answer-transfer.ts';
import { aPerson, assessAll, chargeAll, clerk, decideAll, staff, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

/* 開示請求の窓口 of the tax office, over a levy that was decided, charged, looked at and told to another section. */

const sheets = lazyTypesetter({ templatesFolder: disclosureTemplates.pathname });
after(() => sheets.close());
const disclosure = taxDisclosure({
  authority: office.issuer,
  office: { name: office.contact.office, telephone: office.contact.telephone, address: office.contact.address },
});
const counterClerk = staff('disclosure-clerk');
const manager = staff('disclosure-manager');

async function aCounter() {
  const x = await taxTest([disclosureSchema]);
  const roles = { rolesOf: async (_tx: unknown, { staffId }: { staffId: string }) => [staffId.replace(/-1$/, '')] };
  const deps = { ...x.deps, typesetter: sheets, subjectCheckKey: randomBytes(32) };
  return {
    x,
    deps,
    /** With the system's own table of rights; the id says the role. */
    ruled: { ...deps, rights: createRights(rights, 'meguro', roles as never) },
    [Symbol.asyncDispose]: () => x[Symbol.asyncDispose](),
  };
}

const hanako = {
  kind: 'disclosure',
  channel: 'post',
  role: 'self',
  name: '目黒 花子',
  nameKana: 'メグロ ハナコ',
  birthDate: '1982-08-15',
  sex: 'female',
  address: '東京都目黒区上目黒二丁目19番15号',
  requesterName: '目黒 花子',
  requesterAddress: '東京都目黒区上目黒二丁目19番15号',
  scope: '私の個人住民税のすべて',
  keptAt: '金庫T-1',
} as const;

test('AC-40 書面による開示請求: 本人確認の後、期限が示され、抽出に項目・提供先・利用の記録が並び、閲覧は0円、写しは実費', async () => {
  await using c = await aCounter();
  const { x, deps, ruled } = c;
  const { personId } = unwrap(
    await aPerson(deps, clerk, { name: hanako.name, born: hanako.birthDate, reports: [{ paidYen: 4_000_000 }] }),
  );
  const other = unwrap(await aPerson(deps, clerk, { name: '佐藤 次郎', reports: [{ paidYen: 9_876_000 }] }));
  await assessAll(deps);
  await decideAll(deps);
  await chargeAll(x.deps);
  // What happened to the record: a search, a look, and a transfer to the section of child allowances.
  unwrap(await findPersons(deps as never, clerk, { name: hanako.name }));
  unwrap(await readPerson(deps as never, clerk, { personId, fiscalYear: 2026 }));
  const [person] = await x.t.owner<{ org: string }>(
    `select org_person_number as org from resident_tax.person where person_id = '${personId}'`,
  );
  const told = await answerWithLevies(
    deps,
    { kind: 'system', organisation: 'meguro', system: 'common-platform', certificate: 'x' },
    {
      transferId: '0190a000-0000-7000-8000-000000000001',
      asker: '児童手当',
      ground: '番号利用条例 別表第二',
      approvedBy: 'rule',
      task: 'TRN-34',
      information: 'TAX-001',
      items: ['TK00001000000010'],
      rows: [{ rowId: '1', orgPersonNumber: person?.org }],
    } as never,
  );
  unwrap(told);

  const { requestId, receiptNo, dueOn } = unwrap(await disclosure.receive(ruled, counterClerk, hanako));
  assert.equal(dueOn, '2026-06-30', '30 days, the day of receipt among them');
  const listed = unwrap(
    await disclosure.list(ruled, counterClerk, { which: 'open', kind: null, offset: 0, limit: 10 }),
  );
  assert.deepEqual(
    listed.rows.map((r) => [r.receiptNo, r.dueOn]),
    [[receiptNo, '2026-06-30']],
  );
  // Nothing goes on before it is shown who asks.
  assert.deepEqual(await disclosure.match(ruled, counterClerk, { requestId }), {
    ok: false,
    error: 'identity-not-checked',
  });
  const identity = { requestId, documents: ['individual-number-card'], proxyProof: null } as const;
  unwrap(await disclosure.checkIdentity(ruled, counterClerk, identity));
  unwrap(await disclosure.match(ruled, counterClerk, { requestId }));
  const granted = { requestId, decision: { word: 'granted' } } as const;
  unwrap(await disclosure.propose(ruled, counterClerk, granted));
  assert.deepEqual(await disclosure.decide(ruled, counterClerk, { requestId }), { ok: false, error: 'not-authorised' });
  unwrap(await disclosure.decide(ruled, manager, { requestId }));
  const made = unwrap(await disclosure.print(ruled, counterClerk, { requestId, formType: 'record-disclosure' }));
  const { pdf } = unwrap(await disclosure.openSheet(ruled, counterClerk, { serial: made.serial }));
  const text = (await textOfPdf(pdf)).replaceAll(/\s/g, '');
  for (const part of [
    '個人住民税関係情報開示書',
    '目黒花子',
    '給与支払報告書',
    '4,000,000円',
    '賦課（1件）',
    '納期ごとの額',
    '児童手当',
    '番号利用条例別表第二',
    '個人画面の閲覧',
    '個人検索',
    '庁内への移転',
  ])
    assert.ok(text.includes(part), part);
  for (const foreign of ['佐藤', '9,876,000', other.personId]) assert.ok(!text.includes(foreign), foreign);
  assert.doesNotMatch(text, /(?<!\d)\d{12}(?!\d)/, 'no Individual Number');

  // Seen at the counter: 0 yen, and the sheet stays in the ledger until it is shredded.
  unwrap(await disclosure.handOver(ruled, counterClerk, { requestId, method: 'inspection' }));
  const fees = await x.t.owner<{ yen: number }>(
    `select (detail->>'yen')::int as yen from disclosure.step where kind = 'fee-fixed' order by no`,
  );
  assert.deepEqual(
    fees.map((f) => f.yen),
    [made.sheets * 10, 0],
  );
  const after = unwrap(await disclosure.read(ruled, counterClerk, { requestId }));
  assert.equal(after.found.state.feeYen, 0);
  assert.ok(after.found.state.closed);
  assert.ok(!after.forms.some((f) => f.serial === made.serial && f.steps.some((s) => s.kind === 'handed-over')));

  // The same again as a copy: paid before it leaves.
  const copy = unwrap(await disclosure.receive(ruled, counterClerk, hanako));
  const again = { ...identity, requestId: copy.requestId };
  unwrap(await disclosure.checkIdentity(ruled, counterClerk, again));
  unwrap(await disclosure.match(ruled, counterClerk, again));
  unwrap(await disclosure.propose(ruled, counterClerk, { ...granted, requestId: copy.requestId }));
  unwrap(await disclosure.decide(ruled, manager, again));
  const second = unwrap(await disclosure.print(ruled, counterClerk, { ...again, formType: 'record-disclosure' }));
  const hand = () => disclosure.handOver(ruled, counterClerk, { ...again, method: 'counter' });
  assert.deepEqual(await hand(), { ok: false, error: 'fee-not-paid' });
  const slip = unwrap(await disclosure.print(ruled, counterClerk, { ...again, formType: 'payment-slip' }));
  const paid = { ...again, yen: second.sheets * 10, slip: slip.serial };
  unwrap(await disclosure.recordPayment(ruled, counterClerk, paid));
  const shown = { ...again, method: 'inspection' } as const;
  assert.deepEqual(await disclosure.handOver(ruled, counterClerk, shown), { ok: false, error: 'no-inspection' });
  unwrap(await hand());
});

const history = look('test.provision-history', {
  right: ['resident-tax', 'disclosure', 'read'],
  run: (tx, deps: DisclosureDeps, personId: string) => disclosure.setup.provisionHistory(tx, deps, personId),
});

mechanismTest(
  'disclosure.provision-history',
  '002-V.1 提供の記録の開示: 移転した先と根拠が、請求した本人の分だけ並ぶ',
  async () => {
    await using c = await aCounter();
    const { deps } = c;
    const { personId } = unwrap(await aPerson(deps, clerk, { reports: [{ paidYen: 4_000_000 }] }));
    await assessAll(deps);
    await decideAll(deps);
    const [person] = await c.x.t.owner<{ org: string }>(
      `select org_person_number as org from resident_tax.person where person_id = '${personId}'`,
    );
    const asked = {
      transferId: '0190a000-0000-7000-8000-000000000001',
      asker: '児童手当',
      ground: '番号利用条例 別表第二',
      approvedBy: 'rule',
      task: 'TRN-34',
      information: 'TAX-001',
      items: ['TK00001000000010'],
      rows: [{ rowId: '1', orgPersonNumber: person?.org }],
    };
    unwrap(await answerWithLevies(deps, clerk, asked as never));
    const parts = unwrap(await history(deps, clerk, personId));
    assert.equal(parts[0]?.table?.rows[0]?.[1], '児童手当');
  },
);
