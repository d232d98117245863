import { deferredText, refusalText, resultWords } from '@musubi/contracts/exchange/refusal-words.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { askAnotherBody, type PastInquiry } from '@musubi/kernel/pages/kit/ask-another-body.ts';
import { comparedTable, compareValues } from '@musubi/kernel/pages/kit/compared-values.ts';
import { individualNumber } from '@musubi/kernel/pages/kit/individual-number.ts';
import { badge, type Fact, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { type HistoryLine, recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { tierNames } from '../domain/ceilings.ts';
import { taxYearOf } from '../domain/intake.ts';
import { readTaxAnswer, taxInformation, taxItems, taxProcedure } from '../domain/tax-answer.ts';
import { askTax } from '../service/ask-tax.ts';
import { readEvidence } from '../service/evidence.ts';
import { registerApplicant } from '../service/open-case.ts';
import { type CaseLine, type CaseView, type InquiryLine, listCases, readCase } from '../service/read-cases.ts';
import { computeTier, differsFrom, proposeTier } from '../service/tier.ts';
import { registerPart, registerUse } from './applicant-number.ts';
import { certificatePart } from './certificate-requests.ts';
import { holdWords } from './register-words.ts';
import { askFaults, conditionWords, insurerWords, kindWords, registrationText, sexWords, tierFaults } from './words.ts';

const read = ['child-chronic', 'case', 'read'] as const;
const update = ['child-chronic', 'case', 'update'] as const;
const ask = ['child-chronic', 'inquiry', 'update'] as const;
const tier = ['child-chronic', 'tier', 'update'] as const;

const list: WorkListDefinition<CaseLine> = {
  caption: '申請',
  defaultSort: { key: 'appliedOn', direction: 'desc' },
  emptyText: '申請はまだありません。',
  columns: [
    {
      key: 'number',
      label: '受付番号',
      heading: true,
      cell: (r) => html`<a href="/cases/${r.caseId}">${r.caseNumber}</a>`,
    },
    { key: 'appliedOn', label: '申請日', cell: (r) => time(Temporal.PlainDate.from(r.appliedOn)) },
    { key: 'patient', label: '患者', cell: (r) => r.patientName },
    { key: 'applicant', label: '申請者', cell: (r) => r.applicantName },
    { key: 'state', label: '状態', cell: stateOf },
  ],
};

function stateOf(r: CaseLine): Html {
  if (r.tier) return badge(`決定 ${tierNames[r.tier]}`, 'done');
  if (r.proposed) return badge('承認待ち', 'info');
  if (r.answered) return badge('回答あり', 'info');
  return r.registered ? badge('照会待ち', 'warning') : badge('宛名の確認待ち', 'error');
}

/** Work list, case screen, and what is done from it. */
export function casePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await listCases(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '小児慢性特定疾病医療費の申請', gloss: 'Subsidy cases' },
      html`<div class="stack">${(await p.may(update)) && html`<p><a class="button button-primary" href="/cases/new">申請を受け付ける</a></p>`}${workList(list, { path: '/', query, ...found.value })}</div>`,
    );
  });

  page(app, 'GET', '/cases/:id', read, (p) => showCase(p, deps));

  page(app, 'POST', '/cases/:id/registration', update, async (p) => {
    const done = await registerApplicant(deps, p.session.actor, { caseId: p.param('id') });
    return back(p, done.ok ? '申請者の宛名を登録しました。' : undefined, done.ok ? '' : registrationText(done.error));
  });

  page(app, 'POST', '/cases/:id/inquiries', ask, async (p) => {
    const requestId = p.form.get('requestKey');
    const provider = p.form.get('provider') ?? deps.settings.providers[0]?.organisation;
    if (typeof requestId !== 'string' || !isUuid(requestId) || typeof provider !== 'string')
      return p.problem('unreadable-form');
    const asked = await askTax(deps, p.session.actor, { caseId: p.param('id'), requestId, provider });
    if (!asked.ok) {
      // A doubled click finds the answer of the first.
      if (asked.error === 'already-answered') return back(p, '回答を受け取りました。', '');
      return back(p, undefined, askFaults[asked.error] ?? '照会できませんでした。');
    }
    const { refusal, turn } = asked.value;
    // Taken and waiting is not refused: the clerk leaves with its number.
    if (turn !== undefined) return back(p, `${refusalText('congested')}${deferredText(turn)}`, '');
    return back(p, refusal === undefined ? '回答を受け取りました。' : undefined, refusal ? refusalText(refusal) : '');
  });

  page(app, 'GET', '/cases/:id/inquiries/:request/evidence', read, (p) => showEvidence(p, deps));

  page(app, 'POST', '/cases/:id/tier', tier, async (p) => {
    const done = await proposeTier(deps, p.session.actor, {
      caseId: p.param('id'),
      differenceReason: `${p.form.get('differenceReason') ?? ''}`.normalize('NFC'),
    });
    return back(
      p,
      done.ok ? '階層区分を起案しました。別の職員の承認を待ちます。' : undefined,
      done.ok ? '' : (tierFaults[done.error] ?? '起案できませんでした。'),
    );
  });
}

const back = (p: PageRequest, done: string | undefined, fault: string): Response =>
  p.redirect(
    `/cases/${encodeURIComponent(p.param('id'))}`,
    done === undefined ? { kind: 'error', text: fault } : { kind: 'done', text: done },
  );

async function showCase(p: PageRequest, deps: Deps): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const found = await readCase(deps, p.session.actor, { caseId: id });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const view = found.value;
  const [mayUpdate, mayAsk, mayPropose, mayUse] = await Promise.all([
    p.may(update),
    p.may(ask),
    p.may(tier),
    p.may(registerUse),
  ]);
  return p.view(
    { title: `申請 ${view.file.caseNumber}`, gloss: 'Case' },
    html`<div class="stack">${recordPage({
      sections: [
        { title: '申請', gloss: 'Application', facts: applicationFacts(view) },
        {
          title: '申請者',
          gloss: 'Applicant',
          facts: applicantFacts(view),
          body: registrationPart(p, view, mayUpdate),
        },
        {
          title: '住民基本台帳との照合',
          gloss: 'Check with the resident register',
          body: registerPart(p, view, { use: mayUse, update: mayUpdate }),
        },
        {
          title: '税情報',
          gloss: 'Tax information',
          body: html`${inquiryPart(p, deps, view, mayAsk)}${certificatePart(p, view, mayAsk)}`,
        },
        { title: '階層区分', gloss: 'Tier and ceiling', body: tierPart(p, view, mayPropose) },
      ],
      history: historyOf(view),
    })}<p class="row no-print"><a class="button button-primary" href="/cases/${id}/certification">照合・審査会・認定</a><a class="button" href="/cases/${id}/identity">本人確認の記録</a>${(await p.may(['child-chronic', 'insurer-inquiry', 'read'])) && html`<a class="button" href="/cases/${id}/insurer">保険者照会の同意</a>`}</p></div>`,
  );
}

/** The signed papers of an answer, checked anew while the reader looks; raw, so that anybody can check them without us. */
async function showEvidence(p: PageRequest, deps: Deps): Promise<Response> {
  const [caseId, requestId] = [p.param('id'), p.param('request')];
  if (![caseId, requestId].every((id) => isUuid(id))) return p.problem('not-found');
  const found = await readEvidence(deps, p.session.actor, { caseId, requestId });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const e = found.value;
  return p.view(
    { title: '回答の証跡', gloss: 'Evidence of an answer' },
    html`<div class="stack">${
      e.standing === 'holds'
        ? notice('done', '提供元の署名と許可証を確かめました。この回答のものであることが証明されています。')
        : notice('error', '署名または許可証を確かめられません。情報セキュリティ責任者に連絡してください。')
    }${facts([
      { label: '照会番号', value: html`<code>${e.inquiryNumber}</code>` },
      { label: '許可番号', value: html`<code>${e.permitNumber}</code>` },
      { label: '根拠', value: e.ground },
      { label: '提供元の署名者', value: e.signer },
      { label: '許可証の発行者', value: e.permitSigner },
      { label: '回答のハッシュ値（SHA-256）', value: html`<code>${e.answerDigest}</code>` },
      { label: '回答した時', value: time(Temporal.Instant.from(e.answeredAt)) },
    ])}<details><summary>署名されたままの証跡と許可証</summary><h3>証跡 <span class="gloss" lang="en">Evidence (JWS)</span></h3><pre class="wrap" tabindex="0">${e.evidence}</pre><h3>許可証 <span class="gloss" lang="en">Permit (JWS)</span></h3><pre class="wrap" tabindex="0">${e.permit}</pre></details>
<p><a href="/cases/${caseId}">申請に戻る</a></p></div>`,
  );
}

const applicationFacts = ({ file }: CaseView): Fact[] => [
  { label: '受付番号', value: file.caseNumber },
  { label: '区分', value: kindWords[file.kind] },
  { label: '申請日', value: time(Temporal.PlainDate.from(file.appliedOn)) },
  { label: '患者', value: html`${file.patientName}（${file.patientKana}）` },
  { label: '患者の生年月日', value: time(Temporal.PlainDate.from(file.patientBirthOn)) },
  { label: '医療保険', value: insurerWords[file.insurer] },
  { label: '病状の区分', value: conditionWords[file.condition] },
];

const applicantFacts = ({ file, registrations }: CaseView): Fact[] => [
  { label: '氏名', value: html`${file.applicantName}（${file.applicantKana}）` },
  { label: '続柄', value: file.applicantIsPatient ? '患者本人' : '保護者' },
  { label: '生年月日', value: time(Temporal.PlainDate.from(file.applicantBirthOn)) },
  { label: '性別', value: sexWords[file.applicantSex] },
  { label: '住所', value: file.applicantAddress },
  { label: '個人番号', value: individualNumber(undefined, false) },
  { label: '団体内統合利用番号', value: registrations[0]?.orgPersonNumber ?? '未登録' },
];

function registrationPart(p: PageRequest, { file, registrations }: CaseView, may: boolean): Html | undefined {
  const newest = registrations[0];
  if (newest?.orgPersonNumber) return undefined;
  return html`<div class="mt-4">${newest?.refusal && notice('warning', registrationText(newest.refusal))}${
    may &&
    html`<form class="mt-4 no-print" method="post" action="/cases/${file.caseId}/registration">${tokenField(p.session)}<button class="button" type="submit">申請者の宛名をもう一度登録する</button></form>`
  }</div>`;
}

function inquiryPart(p: PageRequest, deps: Deps, view: CaseView, may: boolean): Html {
  const { file } = view;
  if (file.insurer === 'public-assistance') return notice('info', '生活保護の世帯のため、税情報の照会は要りません。');
  const names = new Map(deps.settings.providers.map((b) => [b.organisation, b.name]));
  const nameOf = (organisation: string): string => names.get(organisation) ?? organisation;
  const registered = view.registrations[0]?.orgPersonNumber;
  const waiting = view.inquiries.find((i) => !i.refusal && (i.result === null || i.result === '60'));
  const taxYear = taxYearOf(Temporal.PlainDate.from(file.appliedOn), file.kind);
  const action = `/cases/${file.caseId}/inquiries`;
  const { hold } = view.register;
  const open = may && registered && !waiting && hold === undefined;
  return askAnotherBody({
    session: p.session,
    ...(open ? { askAction: action } : {}),
    requestKey: deps.newId(),
    procedure: `${taxProcedure} 小児慢性特定疾病医療費の支給認定`,
    information: `${taxInformation} 地方税関係情報（${taxYear}年度）`,
    provider: '申請者の1月1日の住所地の市区町村',
    ground: '番号利用法 第19条第8号（主務省令第2条の表 9の項）',
    asked: taxItems.map((item) => ({ item, ...(itemReasons[item] ? { why: itemReasons[item] } : {}) })),
    providers: likelyFirst(deps.settings.providers, file.applicantAddress).map((b) => ({
      value: b.organisation,
      label: b.name,
    })),
    blocked: hold !== undefined ? holdWords[hold] : registered ? undefined : '申請者の宛名が登録されると照会できます。',
    inquiries: view.inquiries.map((i) => ({
      ...pastInquiry(i, nameOf(i.provider)),
      ...(may && !i.refusal && (i.result === null || i.result === '60')
        ? { takeUp: { action, requestKey: i.requestId, provider: i.provider } }
        : {}),
      ...comparedWith(view, i),
      ...(i.result && !i.refusal ? { evidenceHref: `/cases/${file.caseId}/inquiries/${i.requestId}/evidence` } : {}),
    })),
  });
}

const itemReasons: Readonly<Record<string, string>> = {
  課税区分: '低所得の区分を判定するため',
  合計所得金額: '低所得Ⅰ・Ⅱの判定のため',
  調整控除後所得割額: '一般所得Ⅰ・Ⅱ・上位所得の判定のため',
  市町村民税所得割額: '調整控除後の額がないときに用いるため',
};

/** The body that the applicant's address names comes first and is chosen beforehand; the clerk sees the others. */
const likelyFirst = <B extends { readonly name: string }>(bodies: readonly B[], address: string): readonly B[] => [
  ...bodies.filter((b) => address.includes(b.name)),
  ...bodies.filter((b) => !address.includes(b.name)),
];

const taxedWords = { taxed: '課税', exempt: '非課税' } as const;

/** What the form says beside what the municipality says, where both can be compared. */
function comparedWith(view: CaseView, i: InquiryLine): Pick<PastInquiry, 'compared'> {
  if (!view.declaredTax || i.refusal || i.result !== '00' || i.answer === null) return {};
  const { basis } = readTaxAnswer(i.result, i.answer);
  const rows = compareValues(
    ['市町村民税の区分', '所得割額', '合計所得金額'],
    {
      市町村民税の区分: view.declaredTax.taxed && taxedWords[view.declaredTax.taxed],
      所得割額: view.declaredTax.perIncomeYen,
    },
    {
      市町村民税の区分: basis.taxed && taxedWords[basis.taxed],
      所得割額: basis.perIncomeYen,
      合計所得金額: basis.totalIncomeYen,
    },
  );
  return {
    compared: comparedTable(rows, {
      caption: '申請書と回答の比較',
      declaredHead: '申請書',
      answeredHead: '市区町村の回答',
      show: (value) => (typeof value === 'number' ? yenText(value) : `${value}`),
    }),
  };
}

function pastInquiry(i: InquiryLine, provider: string): PastInquiry {
  const at = i.refusal ? i.refusedAt : i.receivedAt;
  const state = i.refusal ? 'refused' : i.result === null ? 'asked' : i.result === '60' ? 'held' : 'answered';
  const waits =
    state === 'asked' && i.receptionNumber !== null && i.expectedAt !== null
      ? `順番を待っています。${deferredText({ receptionNumber: i.receptionNumber, expectedAt: i.expectedAt })}回答は自動で受け取ります。`
      : undefined;
  const reason =
    waits ?? (i.refusal ? refusalText(i.refusal) : i.result && i.result !== '00' ? resultWords[i.result] : undefined);
  const answer: Fact[] = [
    { label: '照会先', value: provider },
    { label: '許可番号', value: i.permitNumber },
    { label: '根拠', value: i.ground },
    { label: '課税年度', value: `${i.taxYear}年度` },
    ...Object.entries(i.answer ?? {}).map(([label, value]) => ({
      label,
      value: typeof value === 'number' ? yenText(value) : value === null ? undefined : `${value}`,
    })),
  ];
  return {
    inquiryNumber: i.inquiryNumber ?? i.requestId,
    askedAt: Temporal.Instant.from(i.askedAt),
    askedBy: i.askedBy,
    state,
    ...(reason ? { reason } : {}),
    ...(at && state !== 'asked' ? { answeredAt: Temporal.Instant.from(at) } : {}),
    ...(i.result && !i.refusal ? { answer } : {}),
  };
}

function tierPart(p: PageRequest, view: CaseView, may: boolean): Html {
  const [newest] = view.proposals;
  const decided = view.proposals.find((t) => t.decidedBy !== null);
  const shown = decided ?? (newest?.returnReason === null ? newest : undefined);
  if (shown) {
    return html`${notice(decided ? 'done' : 'info', decided ? '決定しました。' : '承認を待っています。')}${facts([
      { label: '階層区分', value: tierNames[shown.tier] },
      { label: '自己負担上限月額', value: yenText(shown.ceilingYen) },
      { label: '理由', value: shown.basis.reason },
      { label: '起案者', value: shown.proposedBy },
      { label: '承認者', value: shown.decidedBy },
    ])}`;
  }
  const computed = computeTier(view.file, view.inquiries);
  return html`${newest?.returnReason && notice('warning', `差し戻し: ${newest.returnReason}`)}${
    computed === undefined
      ? html`<p class="muted">税情報の回答を受け取ると、階層区分の案を示します。</p>`
      : html`${facts([
          { label: '階層区分（案）', value: tierNames[computed.tier] },
          { label: '自己負担上限月額', value: yenText(computed.ceilingYen) },
          { label: '理由', value: computed.reason },
        ])}${computed.caution && notice('warning', computed.caution)}${
          may &&
          html`<form class="mt-4 no-print" method="post" action="/cases/${view.file.caseId}/tier">${tokenField(p.session)}${view.declaredTax && computed.resultId !== null && differsFrom(view.declaredTax, computed.basis) && html`<div class="field"><label for="differenceReason">申請書と異なる回答によって判定する理由<span class="required">必須</span></label><input class="input" id="differenceReason" name="differenceReason" maxlength="300"></div>`}<button class="button button-primary" type="submit">この階層区分で起案する</button></form>`
        }`
  }`;
}

function historyOf({ file, registrations, inquiries, proposals }: CaseView): HistoryLine[] {
  const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);
  const lines: HistoryLine[] = [
    { recordedAt: at(file.receivedAt), what: '申請の受付', who: file.receivedBy },
    ...registrations.map((r) => ({
      recordedAt: at(r.answeredAt),
      what: r.refusal ? '宛名の登録ができなかった' : '申請者の宛名を登録',
      who: '連携サーバー',
    })),
    ...inquiries.flatMap((i): HistoryLine[] => [
      { recordedAt: at(i.askedAt), what: '税情報の照会', reason: '番号利用法 第19条第8号', who: i.askedBy },
      ...(i.receivedAt
        ? [{ recordedAt: at(i.receivedAt), what: '税情報の回答', reason: i.ground ?? '', who: i.provider }]
        : []),
      ...(i.refusedAt && i.refusal
        ? [
            {
              recordedAt: at(i.refusedAt),
              what: '税情報が提供されなかった',
              reason: refusalText(i.refusal),
              who: i.provider,
            },
          ]
        : []),
    ]),
    ...proposals.flatMap((t): HistoryLine[] => [
      {
        recordedAt: at(t.proposedAt),
        what: `階層区分の起案 ${tierNames[t.tier]}`,
        reason: t.basis.reason,
        who: t.proposedBy,
      },
      ...(t.decidedAt && t.decidedBy
        ? [{ recordedAt: at(t.decidedAt), what: `階層区分の決定 ${tierNames[t.tier]}`, who: t.decidedBy }]
        : []),
    ]),
  ];
  return lines.sort((a, b) => Temporal.Instant.compare(b.recordedAt, a.recordedAt));
}
