import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { err, ok, unwrap } from '@musubi/kernel/result/result.ts';
import { decideCandidate } from '../service/applicant-number.ts';
import { askTax } from '../service/ask-tax.ts';
import { openCase, registerApplicant } from '../service/open-case.ts';
import { readCase } from '../service/read-cases.ts';
import { requestCertificate } from '../service/request-certificate.ts';
import { decideTierProposal, proposeTier } from '../service/tier.ts';
import { anApplication, answerTo, approver, aWorld, officer, refuse, staff, viewer, type World } from './world.ts';

const opened = async (w: World): Promise<string> => {
  const { caseId } = unwrap(await openCase(w.deps, officer, anApplication(w)));
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  return caseId;
};
/** The register's word that number and particulars belong together, as `importer` took it in (the way there is 001-8.06 to 8.09). */
const answeredBy = (w: World, importer: string, caseId: string, keyKind: 'number' | 'particulars') =>
  w.t.owner(
    `with u as (insert into child_chronic.register_use
                values (gen_random_uuid(), '使-1', 'MED-01', '資格の確認', '届-1', gen_random_uuid(), 'officer1', now(), gen_random_uuid()) returning entry_id),
          r as (insert into child_chronic.register_use_row select entry_id, 1, $1, $2, gen_random_uuid() from u returning entry_id),
          i as (insert into child_chronic.register_use_import
                select gen_random_uuid(), entry_id, 'DVD-1', 1, $3, now(), gen_random_uuid() from r returning import_id, entry_id)
     insert into child_chronic.register_answer
     select i.entry_id, 1, i.import_id, 'given', f.applicant_name, f.applicant_birth_on, f.applicant_sex, f.applicant_address,
            case when $2 = 'particulars' then gen_random_uuid() end, now(), gen_random_uuid()
       from i, child_chronic.case_now f where f.case_id = $1`,
    [caseId, keyKind, importer],
  );
const ask = (w: World, caseId: string, requestId = w.deps.newId()) =>
  askTax(w.deps, officer, { caseId, requestId, provider: 'meguro' });

test('001 ⑦⑦ʹ 税情報を照会し、回答・許可番号・証跡が申請に保存され、監査ログに結び付く', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  assert.deepEqual(await ask(w, caseId), ok({ refusal: undefined }));
  const [sent] = w.platform.asked;
  assert.deepEqual(sent?.condition, { taxYear: 2026 });
  assert.deepEqual(
    [sent?.procedure, sent?.informationCode, sent?.orgPersonNumber],
    ['MS2-009', 'TKX-0001', '123456789012345'],
  );
  const view = unwrap(await readCase(w.deps, officer, { caseId }));
  assert.equal(view.inquiries[0]?.answer?.調整控除後所得割額, 81_000);
  assert.match(view.inquiries[0]?.ground ?? '', /2026-04-01 009-TKX-0001-W/);
  const [tied] = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from child_chronic.inquiry_result r join audit.fact f on f.event_id = r.event_id and f.fact_table = 'child_chronic.inquiry_result' where r.evidence <> '' and r.permit <> ''",
  );
  assert.equal(tied!.n, 1);
  assert.deepEqual(w.faults, []);
});

test('001-8.12 照会には職員と端末が付き、別の端末から確かめ直しても同じ照会のまま', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  const requestId = w.deps.newId();
  const from = (terminalId: string) => ({ ...officer, terminalId });
  w.platform.answer = async (a) => ok(answerTo(a, { result: '60' }));
  unwrap(await askTax(w.deps, from('t-01'), { caseId, requestId, provider: 'meguro' }));
  unwrap(await askTax(w.deps, from('t-02'), { caseId, requestId, provider: 'meguro' }));
  assert.deepEqual(
    w.platform.asked.map((a) => [a.asker.staffId, a.asker.terminalId]),
    [0, 0].map(() => ['officer1', 't-01']),
  );
});

test('design §3: the Individual Number stands in the vault alone, not in tables, events or the inquiry', async () => {
  await using w = await aWorld();
  const application = anApplication(w);
  const { caseId } = unwrap(await openCase(w.deps, officer, application));
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  unwrap(await ask(w, caseId));
  const tables = await w.t.owner<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('child_chronic', 'audit', 'vault', 'approvals')",
  );
  for (const { name } of tables) {
    const [found] = await w.t.owner<{ n: number }>(
      `select count(*)::int as n from ${name} x where position($1 in to_jsonb(x)::text) > 0`,
      [application.individualNumber],
    );
    assert.equal(found!.n, 0, name);
  }
  assert.ok(!JSON.stringify(w.platform.asked).includes(application.individualNumber));
});

mechanismTest(
  'juki.confirmed-first',
  '001-III.2-R3-06 001-III.2-R3-13 住基ネットで番号と4情報を確かめるまで、宛名の登録も他機関への照会もできない',
  async () => {
    await using w = await aWorld();
    const { caseId } = unwrap(await openCase(w.deps, officer, anApplication(w)));
    const first = { ...w.deps, settings: { ...w.deps.settings, confirmFirst: true } };
    const tries = [
      await registerApplicant(first, officer, { caseId }),
      await askTax(first, officer, { caseId, requestId: w.deps.newId(), provider: 'meguro' }),
    ];
    assert.deepEqual(tries, [err('register-not-confirmed'), err('register-not-confirmed')]);
    assert.deepEqual(w.platform.asked, [], 'nothing left the house');
    // Confirmed by the register, item by item (the way of the list is 001-8.06 to 8.09).
    await answeredBy(w, 'officer1', caseId, 'number');
    unwrap(await registerApplicant(first, officer, { caseId }));
    unwrap(await askTax(first, officer, { caseId, requestId: w.deps.newId(), provider: 'meguro' }));
  },
);

mechanismTest(
  'input.second-entry',
  '001-III.2-R3-16 住基の回答を取り込んだ職員は、候補の番号を自分で確かめられない',
  async () => {
    await using w = await aWorld();
    const { caseId } = unwrap(await openCase(w.deps, officer, anApplication(w, { individualNumber: null })));
    await answeredBy(w, officer.staffId, caseId, 'particulars');
    const decide = (by = officer) => decideCandidate(w.deps, by, { caseId, accept: false, reason: '書類と照合した' });
    assert.deepEqual(await decide(), err('confirmer-is-importer'));
    assert.deepEqual(await decide(staff('officer2')), ok(null));
  },
);

test('001 同じ画面からの二度の受付・照会は一度だけ行われる。二人同時でも同じ', async () => {
  await using w = await aWorld();
  const application = anApplication(w);
  const twice = await Promise.all([openCase(w.deps, officer, application), openCase(w.deps, officer, application)]);
  assert.equal(unwrap(twice[0]).caseId, unwrap(twice[1]).caseId);
  const { caseId } = unwrap(twice[0]);
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  const requestId = w.deps.newId();
  const both = await Promise.all([ask(w, caseId), ask(w, caseId)]);
  assert.deepEqual(both.map((r) => r.ok).sort(), [false, true]);
  unwrap(await ask(w, caseId, requestId));
  assert.deepEqual(await ask(w, caseId, requestId), err('already-answered'));
});

test('001 回答を待つ間に止まった照会は、同じ照会番号で続きから行える', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  const requestId = w.deps.newId();
  const { answer } = w.platform;
  // The act before the call has committed; the process dies before the answer is stored.
  const crashed = {
    ...w.deps,
    audit: {
      write: async (...args: Parameters<typeof w.deps.audit.write>) => {
        if (args[1].act === 'child-chronic.note-inquiry-outcome') throw new Error('killed');
        return w.deps.audit.write(...args);
      },
    },
  };
  await assert.rejects(askTax(crashed, officer, { caseId, requestId, provider: 'meguro' }), /killed/);
  assert.deepEqual(await ask(w, caseId), err('already-asking'));
  w.platform.answer = answer;
  unwrap(await ask(w, caseId, requestId));
  assert.deepEqual(
    w.platform.asked.map((a) => a.requestId),
    [requestId, requestId],
  );
  const [results] = await w.t.owner<{ n: number }>('select count(*)::int as n from child_chronic.inquiry_result');
  assert.equal(results!.n, 1);
});

test('INC-11 混雑で順番を待つ照会は拒否ではなく、後で同じ照会として回答を受け取り、二重に照会しない', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  const requestId = w.deps.newId();
  const { answer } = w.platform;
  w.platform.answer = async () => err('congested');
  assert.deepEqual(unwrap(await ask(w, caseId, requestId)), { refusal: 'congested' });
  assert.deepEqual(await ask(w, caseId), err('already-asking'));
  w.platform.answer = answer;
  assert.deepEqual(unwrap(await ask(w, caseId, requestId)), { refusal: undefined });
  assert.equal((await w.t.owner('select 1 from child_chronic.inquiry_refusal')).length, 0);
});

test('001 職員確認待ち（60）の回答は、後で同じ照会として確かめられる', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  const requestId = w.deps.newId();
  w.platform.answer = async (a) => ok(answerTo(a, { result: '60' }));
  unwrap(await ask(w, caseId, requestId));
  assert.deepEqual(await proposeTier(w.deps, officer, { caseId }), err('not-answered'));
  w.platform.answer = async (a) => ok(answerTo(a));
  unwrap(await ask(w, caseId, requestId));
  assert.ok((await proposeTier(w.deps, officer, { caseId })).ok);
});

mechanismTest('exchange.answer-binding', '001 署名・許可・照会番号が一致しない回答は保存しない', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  const bent = [
    (a: Parameters<typeof answerTo>[0]) => answerTo(a, { signer: 'otherWard' }),
    (a: Parameters<typeof answerTo>[0]) =>
      answerTo(a, { permitNumberInPermit: '7b1f2f0e-0000-4000-8000-00000000000f' }),
    (a: Parameters<typeof answerTo>[0]) => ({ ...answerTo(a), result: '10' as const, items: {} }),
    (a: Parameters<typeof answerTo>[0]) => answerTo(a, { items: { 扶養親族数: 2 } }),
  ];
  for (const bend of bent) {
    w.platform.answer = async (a) => ok(bend(a));
    assert.deepEqual(await ask(w, caseId), ok({ refusal: 'answer-not-verified' }));
  }
  const [stored] = await w.t.owner<{ n: number }>('select count(*)::int as n from child_chronic.inquiry_result');
  assert.equal(stored!.n, 0);
});

mechanismTest(
  'input.last-resort-certificate',
  '001-8.14 照会が「該当なし」で終わったときだけ課税証明書の提出を求められ、理由とその照会が残る',
  async () => {
    await using w = await aWorld();
    const caseId = await opened(w);
    const request = (as = officer) => requestCertificate(w.deps, as, { caseId });
    assert.deepEqual(await request(), err('network-first'));
    // A refusal for the moment, and an answer that a clerk over there still decides, are no end.
    w.platform.answer = refuse('permit-expired');
    unwrap(await ask(w, caseId));
    assert.deepEqual(await request(), err('network-first'));
    const requestId = w.deps.newId();
    w.platform.answer = async (a) => ok(answerTo(a, { result: '60' }));
    unwrap(await ask(w, caseId, requestId));
    assert.deepEqual(await request(), err('network-first'));
    w.platform.answer = async (a) => ok(answerTo(a, { result: '10' }));
    unwrap(await ask(w, caseId, requestId));
    assert.deepEqual(await request(viewer), err('not-authorised'));
    assert.deepEqual(await request(), ok({ reason: 'result-10' }));
    assert.deepEqual(await request(), err('already-requested'));
    const { certificates } = unwrap(await readCase(w.deps, officer, { caseId }));
    assert.deepEqual(
      certificates.map((c) => [c.inquiryRequestId, c.reason, c.askedBy]),
      [[requestId, 'result-10', officer.staffId]],
    );
    // Once the network gives the data, nothing more is asked of the applicant.
    w.platform.answer = async (a) => ok(answerTo(a));
    unwrap(await ask(w, caseId));
    assert.deepEqual(await request(), err('network-first'));
  },
);

test('001 拒否はそのまま記録され、すべての拒否に職員向けの説明がある', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  for (const word of ['no-linkage-code', 'not-on-list', 'own-list-refuses', 'permit-expired'] as const) {
    w.platform.answer = refuse(word);
    assert.deepEqual(await ask(w, caseId), ok({ refusal: word }));
  }
  const words = await w.t.owner<{ word: string }>('select word from child_chronic.inquiry_refusal order by refused_at');
  assert.deepEqual(
    words.map((r) => r.word),
    ['no-linkage-code', 'not-on-list', 'own-list-refuses', 'permit-expired'],
  );
  const [recorded] = await w.t.owner<{ n: number }>(
    "select count(*)::int as n from audit.fact where fact_table = 'child_chronic.inquiry_refusal'",
  );
  assert.equal(recorded!.n, 4);
});

test('INC-50 宛名の登録が断られた申請では照会できず、確認後にもう一度登録できる', async () => {
  await using w = await aWorld();
  const { register } = w.platform;
  w.platform.register = () => err('particulars-disagree');
  const { caseId } = unwrap(await openCase(w.deps, officer, anApplication(w)));
  assert.deepEqual(await registerApplicant(w.deps, officer, { caseId }), err('particulars-disagree'));
  assert.deepEqual(await ask(w, caseId), err('not-registered'));
  w.platform.register = register;
  unwrap(await registerApplicant(w.deps, officer, { caseId }));
  assert.deepEqual(await registerApplicant(w.deps, officer, { caseId }), err('already-registered'));
  assert.ok((await ask(w, caseId)).ok);
});

test('001 受付の誤り: 検査数字、成年、未来の日付、権限のない職員', async () => {
  await using w = await aWorld();
  const open = (more: Parameters<typeof anApplication>[1], as = officer) =>
    openCase(w.deps, as, anApplication(w, more));
  assert.deepEqual(await open({ individualNumber: '123456789019' }), err('wrong-check-digit'));
  assert.deepEqual(await open({ patientBirthOn: '2008-01-01' }), err('adult-patient-applies'));
  assert.deepEqual(await open({ appliedOn: '2026-07-11' }), err('applied-in-future'));
  assert.deepEqual(await open({}, viewer), err('not-authorised'));
  const caseId = await opened(w);
  assert.deepEqual(
    await askTax(w.deps, viewer, { caseId, requestId: w.deps.newId(), provider: 'meguro' }),
    err('not-authorised'),
  );
  assert.deepEqual(
    await askTax(w.deps, officer, { caseId, requestId: w.deps.newId(), provider: 'ota' }),
    err('unknown-provider'),
  );
  assert.equal(w.platform.asked.length, 0);
});

test('002 §6 階層区分は別の職員が承認する。起案者・二人同時・理由のない差し戻しは断る', async () => {
  await using w = await aWorld();
  const caseId = await opened(w);
  assert.deepEqual(await proposeTier(w.deps, officer, { caseId }), err('not-answered'));
  unwrap(await ask(w, caseId));
  const { approvalId } = unwrap(await proposeTier(w.deps, officer, { caseId }));
  assert.deepEqual(await proposeTier(w.deps, officer, { caseId }), err('already-proposed'));
  const decide = (as: ReturnType<typeof staff>, more: object = {}) =>
    decideTierProposal(w.deps, as, { approvalId, approve: true, reason: '', ...more });
  assert.deepEqual(await decide(officer), err('not-authorised'));
  // Someone who holds both roles still does not approve their own.
  const both = { ...w.deps, rights: { allows: async () => true } };
  assert.deepEqual(
    await decideTierProposal(both, officer, { approvalId, approve: true, reason: '' }),
    err('approver-is-requester'),
  );
  assert.deepEqual(await decide(approver, { approve: false }), err('reason-missing'));
  const two = await Promise.all([decide(approver), decide(staff('approver2'))]);
  assert.deepEqual(two.map((r) => r.ok).sort(), [false, true]);
  const view = unwrap(await readCase(w.deps, viewer, { caseId }));
  assert.deepEqual([view.proposals[0]?.tier, view.proposals[0]?.ceilingYen], ['5', 10_000]);
  assert.match(view.proposals[0]?.decidedBy ?? '', /^approver/);
  assert.deepEqual(await proposeTier(w.deps, officer, { caseId }), err('already-decided'));
});
