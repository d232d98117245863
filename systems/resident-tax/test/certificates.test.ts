import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { certificateForms, printedCertificate } from '@musubi/contracts/certificates/content.ts';
import { createRights } from '@musubi/kernel/access/rights.ts';
import { lazyTypesetter } from '@musubi/kernel/documents/lazy.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { screenshotPdf } from '@musubi/kernel/pages/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { rights } from '../rights.ts';
import type { CertificateDeps } from '../service/certificates/content.ts';
import {
  handOverCertificate,
  type IssueCertificate,
  issueCertificate,
  issueProtectedCertificate,
  listCertificates,
  openCertificate,
  readCertificateAsOf,
  reprintCertificate,
  reproduceCertificate,
} from '../service/certificates/issue.ts';
import { confirmRecord, publishNext, type RecordDeps } from '../service/certificates/records.ts';
import { aPerson, assessAll, clerk, decideAll, staff, type TaxTest, taxTest } from './assessment-setup.ts';
import { office } from './notice-office.ts';

const certificateTypesetter = lazyTypesetter({ templatesFolder: certificateForms.pathname });
after(() => certificateTypesetter.close());

const withCertificates = (x: TaxTest): RecordDeps & CertificateDeps => ({
  ...x.deps,
  certificateTypesetter,
  subjectCheckKey: new Uint8Array(32).fill(7),
  office,
  certificateFeeYen: 300,
  convenienceCertificates: 'meguro/convenience-certificates',
});

async function aLevy(deps: CertificateDeps & TaxTest['deps'], name = '目黒 花子', paidYen = 4_000_000) {
  const { personId } = unwrap(await aPerson(deps, clerk, { name, reports: [{ paidYen }] }));
  await assessAll(deps);
  await decideAll(deps);
  return personId;
}
const request = (deps: CertificateDeps, personId: string, more: Partial<IssueCertificate> = {}): IssueCertificate => ({
  issueId: deps.newId(),
  personId,
  fiscalYear: 2026,
  requester: 'self',
  identifiedBy: 'individual-number-card',
  authorised: false,
  purpose: '住宅ローンの申込み',
  copies: 1,
  feeWaiver: null,
  ...more,
});
const protect = (x: TaxTest, personId: string) =>
  x.t.owner('update resident_tax.person_state set address_protected = true where person_id = $1', [personId]);

test('002-RTX-F7.1 ⑩ 窓口の証明書: 決定した賦課から作り、手数料・部数・請求者とともに台帳に残る', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const { documentNo, feeYen } = unwrap(await issueCertificate(deps, clerk, request(deps, personId, { copies: 2 })));
  assert.match(documentNo, /^KZ-2026-[0-9]{8}$/);
  assert.equal(feeYen, 600);
  const { pdf, issue } = unwrap(await openCertificate(deps, clerk, { documentNo }));
  const text = await textOfPdf(pdf);
  const [levy] = await x.t.owner<{ annual_yen: string }>('select annual_yen from resident_tax.assessment');
  for (const part of [
    '目黒 花子',
    '上目黒二丁目',
    documentNo,
    Number(levy?.annual_yen).toLocaleString('ja-JP'),
    '課税証明書',
  ])
    assert.ok(text.includes(part), part);
  assert.ok(text.includes(issue.subjectCheck));
  await screenshotPdf(pdf, 'resident-tax-certificate-pdf');
  const { rows } = unwrap(await listCertificates(deps, clerk, { personId, limit: 9, offset: 0 }));
  assert.deepEqual(
    rows.map((row) => [row.documentNo, row.channel, row.copies, row.feeYen, row.handedOver]),
    [[documentNo, 'counter', 2, 600, false]],
  );
});

test('002-RTX-F7.1 再現: 後から賦課も住所も変わっても、発行時の記録から1バイト違わず作り直せる', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const first = unwrap(await issueCertificate(deps, clerk, request(deps, personId)));
  const before = deps.machineClock.now();
  const late = unwrap(
    await aPerson(deps, clerk, { reports: [{ paidYen: 300_000, columns: { incomeAfterDeductionYen: undefined } }] }),
  );
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [
    personId,
    late.personId,
  ]);
  await x.t.owner(
    `insert into resident_tax.person_state select person_id, 2, gen_random_uuid(), 'moved', '2026-07-01', number_ref, status, name,
       name_kana, birth_date, sex, '東京都目黒区碑文谷一丁目1番1号', postal_code, municipality_code, household_number, relationship,
       became_resident_on, removed_on, address_protected, name_key, kana_key, address_key, now(), event_id
       from resident_tax.person_state where person_id = $1`,
    [personId],
  );
  await x.t.owner('update resident_tax.person set current_version = 2 where person_id = $1', [personId]);
  await assessAll(deps);
  await decideAll(deps);
  const second = unwrap(await issueCertificate(deps, clerk, request(deps, personId)));
  const now = await textOfPdf(unwrap(await openCertificate(deps, clerk, second)).pdf);
  assert.ok(now.includes('碑文谷') && now.includes('上目黒'));
  for (const { documentNo } of [first, second]) {
    const again = unwrap(await reproduceCertificate(deps, clerk, { documentNo }));
    assert.ok(again.same);
    assert.ok(Buffer.from(again.pdf).equals(unwrap(await openCertificate(deps, clerk, { documentNo })).pdf));
  }
  // What was recorded by a moment, read as of it.
  const then = unwrap(await readCertificateAsOf(deps, clerk, { personId, fiscalYear: 2026, until: before }));
  const today = unwrap(
    await readCertificateAsOf(deps, clerk, {
      personId,
      fiscalYear: 2026,
      until: Temporal.Now.instant().add({ hours: 9 }),
    }),
  );
  assert.ok(then.annualYen < today.annualYen);
  assert.ok(then.person.address?.includes('上目黒') && today.person.address?.includes('碑文谷'));
  assert.deepEqual(
    await readCertificateAsOf(deps, clerk, {
      personId,
      fiscalYear: 2026,
      until: Temporal.Instant.from('2020-01-01T00:00:00Z'),
    }),
    { ok: false, error: 'no-such-person' },
  );
});

test('002-RTX-F7.1 拒否: 未申告、区外、委任状のない代理人、目的のない請求、部数の誤り、権限のない者', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const refused = async (more: Partial<IssueCertificate>) => {
    const done = await issueCertificate(deps, clerk, request(deps, personId, more));
    assert.ok(!done.ok);
    return done.error;
  };
  assert.equal(await refused({ fiscalYear: 2025 }), 'not-declared');
  assert.equal(await refused({ requester: 'agent' }), 'no-authorisation');
  assert.equal(await refused({ purpose: ' ' }), 'no-purpose');
  assert.equal(await refused({ copies: 11 }), 'wrong-copies');
  assert.equal(await refused({ personId: deps.newId() }), 'no-such-person');
  const strict = {
    ...deps,
    rights: createRights(rights, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] }),
  };
  for (const role of ['levy-chief'])
    assert.equal(
      ((await issueCertificate(strict, staff(role), request(deps, personId))) as { error: string }).error,
      'not-authorised',
    );
  const away = unwrap(
    await aPerson(deps, clerk, { becameResidentOn: '2026-03-01', reports: [{ paidYen: 4_000_000 }] }),
  );
  await assessAll(deps);
  await decideAll(deps);
  assert.equal(await refused({ personId: away.personId }), 'not-taxable-here');
  const [issues] = await x.t.owner<{ n: string }>('select count(*) as n from resident_tax.certificate_issue');
  assert.equal(Number(issues?.n), 0);
});

test('INC-45 INC-49 支援措置対象者の証明書: 窓口には操作そのものがなく、支援措置担当の証明書にも住所は載らない', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const open = unwrap(await issueCertificate(deps, clerk, request(deps, personId)));
  // The platform knows it first: nothing is made, nothing printed again; without its answer neither. The officer leaves addresses out.
  const told = (answer: Awaited<ReturnType<CertificateDeps['protections']>>) => ({
    ...deps,
    protections: async () => answer,
  });
  const guarded = told(ok({ isProtected: () => true, count: 1, asOf: '' }));
  const again = { documentNo: open.documentNo, reason: '汚損' };
  assert.deepEqual(await issueCertificate(guarded, clerk, request(deps, personId)), err('protected'));
  assert.deepEqual(await reprintCertificate(guarded, clerk, again), err('protected'));
  const away = told(err('protections-unavailable'));
  assert.deepEqual(await issueCertificate(away, clerk, request(deps, personId)), err('protections-unavailable'));
  assert.deepEqual(await reprintCertificate(away, clerk, again), err('protections-unavailable'));
  const byOfficer = unwrap(await issueProtectedCertificate(guarded, clerk, request(deps, personId)));
  const sheet = await textOfPdf(unwrap(await openCertificate(deps, clerk, { documentNo: byOfficer.documentNo })).pdf);
  assert.ok(sheet.includes('（省略）') && !sheet.includes('上目黒二丁目19番15号'));

  await protect(x, personId);
  const strict = {
    ...deps,
    rights: createRights(rights, 'meguro', { rolesOf: async (_tx, actor) => [actor.staffId] }),
  };
  const officer = staff('protection-officer');
  // Enter, Enter, Enter; two windows at once; the officers' act called directly; another sheet of what was issued before.
  const tries = await Promise.all(
    ['levy-clerk', 'tax-viewer', 'levy-clerk', 'tax-viewer'].map((role) =>
      issueCertificate(strict, staff(role), request(deps, personId, { showAddress: true })),
    ),
  );
  for (const done of tries) assert.deepEqual(done, { ok: false, error: 'protected' });
  assert.deepEqual(await issueProtectedCertificate(strict, staff('levy-clerk'), request(deps, personId)), {
    ok: false,
    error: 'not-authorised',
  });
  assert.deepEqual(
    await reprintCertificate(strict, staff('levy-clerk'), { documentNo: open.documentNo, reason: '汚損' }),
    {
      ok: false,
      error: 'protected',
    },
  );
  const printed = async (more: Partial<IssueCertificate>) => {
    const { documentNo } = unwrap(await issueProtectedCertificate(strict, officer, request(deps, personId, more)));
    assert.ok(unwrap(await reproduceCertificate(strict, officer, { documentNo })).same);
    return textOfPdf(unwrap(await openCertificate(strict, officer, { documentNo })).pdf);
  };
  const byAgent = await printed({ requester: 'agent', authorised: true, showAddress: true });
  assert.ok(byAgent.includes('（省略）') && !byAgent.includes('上目黒二丁目19番15号'));
  assert.ok(!(await printed({})).includes('上目黒二丁目19番15号'));
  assert.ok((await printed({ showAddress: true })).includes('上目黒二丁目19番15号'));
  const past = unwrap(
    await readCertificateAsOf(strict, staff('tax-viewer'), {
      personId,
      fiscalYear: 2026,
      until: Temporal.Now.instant().add({ hours: 9 }),
    }),
  );
  assert.equal(past.person.address, null);
});

test('INC-03 INC-01 窓口の証明書: 止まった時計で16人を同時に交付しても、番号も文書も重ならず、どれも本人のもの', async () => {
  await using x = await taxTest();
  const stopped = Temporal.Now.instant();
  const deps = { ...x.deps, ...withCertificates(x), machineClock: { now: () => stopped } };
  const ids = new Map<string, string>();
  for (let i = 0; i < 16; i++) {
    const name = `目黒 花子${String.fromCodePoint(0x3042 + i)}`;
    ids.set(
      unwrap(await aPerson(deps, clerk, { name, reports: [{ paidYen: 3_000_000 + i * 10_000 }] })).personId,
      name,
    );
  }
  await assessAll(deps);
  await decideAll(deps);
  const made = await Promise.all(
    [...ids.keys()].map(async (personId) => ({
      personId,
      ...unwrap(await issueCertificate(deps, clerk, request(deps, personId))),
    })),
  );
  assert.equal(new Set(made.map(({ documentNo }) => documentNo)).size, 16);
  for (const { personId, documentNo } of made) {
    const text = await textOfPdf(unwrap(await openCertificate(deps, clerk, { documentNo })).pdf);
    for (const [id, name] of ids) assert.equal(text.includes(name), id === personId, name);
  }
});

test('INC-04 交付の前に用紙を照合する: 別の証明書のページ、足りないページ、二度目の交付は記録されない', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const [a, b] = [
    unwrap(await issueCertificate(deps, clerk, request(deps, personId))),
    unwrap(await issueCertificate(deps, clerk, request(deps, personId))),
  ];
  const code = async ({ documentNo }: { documentNo: string }) =>
    unwrap(await openCertificate(deps, clerk, { documentNo })).issue.subjectCheck;
  const [own, other] = [await code(a), await code(b)];
  const handOver = (firstCode: string, lastCode: string, sheets = 1) =>
    handOverCertificate(deps, clerk, { documentNo: a.documentNo, firstCode, lastCode, sheets });
  assert.deepEqual(await handOver(own, other), { ok: false, error: 'sheet-of-another-document' });
  assert.deepEqual(await handOver(own, own, 2), { ok: false, error: 'sheets-missing' });
  assert.ok((await handOver(own.toLowerCase(), own)).ok);
  assert.deepEqual(await handOver(own, own), { ok: false, error: 'already-handed-over' });
  const no = { documentNo: a.documentNo };
  assert.deepEqual(await reprintCertificate(deps, clerk, { ...no, reason: '' }), { ok: false, error: 'no-reason' });
  const counts = await Promise.all(
    ['紙づまり', '汚損'].map((reason) => reprintCertificate(deps, clerk, { ...no, reason })),
  );
  assert.deepEqual(counts.map((done) => unwrap(done).reprintNo).sort(), [1, 2]);
});

test('INC-05 コンビニ交付への連携: 事実が変わると古い記録はその時から数えられず、変わった記録だけがまた送られる', async () => {
  await using x = await taxTest();
  const deps = { ...x.deps, ...withCertificates(x) };
  const personId = await aLevy(deps);
  const system = {
    kind: 'system',
    organisation: 'meguro',
    system: 'convenience-certificates',
    certificate: '-',
  } as const;
  const sent = async () => {
    const rows = await x.t.owner<{ n: string }>(
      `select count(*) as n from streams.outgoing where family = 'certificates.record'`,
    );
    return Number(rows[0]?.n);
  };
  assert.equal(await publishNext(deps), 'idle');
  assert.equal(await publishNext(deps), 'idle');
  assert.equal(await sent(), 1);
  const [person] = await x.t.owner<{ org: string }>('select org_person_number as org from resident_tax.person');
  const version = async (restriction: string, personVersion = 1) => {
    const { createHash } = await import('node:crypto');
    const [a] = await x.t.owner<{ id: string }>(
      'select assessment_id as id from resident_tax.assessment order by version desc limit 1',
    );
    return createHash('sha256')
      .update(JSON.stringify(['tax-certificate/1', a?.id, personVersion, restriction]))
      .digest('hex');
  };
  const counts = async (of: string) =>
    unwrap(await confirmRecord(deps, system, { orgPersonNumber: person?.org ?? '', fiscalYear: 2026, version: of }))
      .counts;
  const first = await version('0');
  assert.ok(await counts(first));
  await protect(x, personId);
  assert.ok(!(await counts(first)));
  assert.ok(!(await counts(await version('1'))));
  await publishNext(deps);
  assert.equal(await sent(), 2);
  await x.t.owner('update resident_tax.person_state set address_protected = false');
  assert.ok(await counts(first));
  // INC-05, INC-49: of another year or version, of somebody whom the platform protects, or without its answer no record counts.
  const asked = { orgPersonNumber: person?.org ?? '', fiscalYear: 2026, version: first };
  const guarded = async () => ok({ isProtected: () => true, count: 1, asOf: '' });
  const silent = async () => err('protections-unavailable' as const);
  const answers = [
    await confirmRecord(deps, system, { ...asked, fiscalYear: 2025 }),
    await confirmRecord(deps, system, { ...asked, version: 'f'.repeat(64) }),
    await confirmRecord({ ...deps, protections: guarded }, system, asked),
    await confirmRecord({ ...deps, protections: silent }, system, asked),
  ];
  assert.deepEqual(
    answers.map((answer) => unwrap(answer).counts),
    [false, false, false, false],
  );
  // 更正中: a newer draft takes the record away before anything is sent.
  const late = unwrap(
    await aPerson(deps, clerk, { reports: [{ paidYen: 300_000, columns: { incomeAfterDeductionYen: undefined } }] }),
  );
  await x.t.owner('update resident_tax.report_state set person_id = $1 where person_id = $2', [
    personId,
    late.personId,
  ]);
  await assessAll(deps);
  assert.ok(!(await counts(first)));
  assert.equal(
    unwrap(await confirmRecord(deps, system, { orgPersonNumber: '0'.repeat(15), fiscalYear: 2026, version: first }))
      .counts,
    false,
  );
});

test('INC-45 様式: 住所のない内容からは（省略）だけが印字データになる', () => {
  const content = {
    kind: 'exempt' as const,
    fiscalYear: 2026,
    person: { name: '目黒 花子', birthDate: '1980-04-02', addressOnLevyDate: null, address: null },
    incomes: [],
    deductions: [],
    bases: [],
    levy: [],
    annualYen: 0,
    dependants: '0人',
    remarks: [],
    issuer: { ward: '目黒区', title: '目黒区長', name: '見本 太郎' },
  };
  const at = Temporal.Instant.from('2026-11-21T03:00:00Z');
  const printed = printedCertificate(content, {
    documentNo: 'KZ-2026-00000001',
    issuedOn: Temporal.PlainDate.from('2026-11-21'),
    recordsOf: at,
  });
  assert.equal(printed.person.address.registered, '（省略）');
  assert.equal(printed.title, '非課税証明書');
  assert.equal(printed.person.birthDate, '昭和55年4月2日');
  assert.match(printed.remarks[0] ?? '', /縮退運用中に、2026-11-21 12:00現在/);
});
