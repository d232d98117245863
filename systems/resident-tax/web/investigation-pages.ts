import { type Body, knownBodies } from '@musubi/contracts/eltax/between-bodies-client.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { askNetwork } from '../service/other-bodies/ask-network.ts';
import {
  investigationRead,
  investigationUpdate,
  networkInquiry,
  type OtherBodiesDeps,
  outgoingApproval,
  outgoingUpdate,
  outsidePersonUpdate,
} from '../service/other-bodies/functions.ts';
import {
  answerInvestigation,
  decideInvestigation,
  draftInvestigation,
  type Finding,
  findings,
  type Investigation,
  type InvestigationLine,
  type InvestigationState,
  readInvestigations,
  readLetter,
  sendInvestigation,
} from '../service/other-bodies/investigate.ts';
import type { LetterDeps } from '../service/other-bodies/letter.ts';
import { listForwarding } from '../service/other-bodies/outgoing.ts';
import { type DocumentElsewhere, readElsewhere } from '../service/other-bodies/read.ts';
import { type OutsideKind, registerOutsidePerson } from '../service/other-bodies/register-outside.ts';
import { documentKinds, matchStates } from './intake-texts.ts';
import { addressees, channels, investigationSteps, outgoingSteps, refusalOf } from './other-bodies-texts.ts';

export type InvestigationPageDeps = OtherBodiesDeps & LetterDeps;

const states: Readonly<Record<InvestigationState, string>> = {
  open: '終わっていないもの',
  overdue: '回答の期限を過ぎたもの',
  'to-approve': '承認を待つもの',
  ended: '終わったもの',
};
const list: WorkListDefinition<InvestigationLine> = {
  caption: '照会一覧',
  emptyText: '該当する照会はありません。',
  defaultSort: { key: 'answerBy', direction: 'asc' },
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: Object.entries(states).map(([value, label]) => ({ value, label })),
    },
  ],
  columns: [
    {
      key: 'name',
      label: '資料に記載された方',
      heading: true,
      cell: (r) => html`<a href="/matching/${r.reportId}/elsewhere">${r.name}</a>`,
    },
    { key: 'payer', label: '作成者', cell: (r) => r.payerName },
    { key: 'channel', label: '方法', cell: (r) => `${channels[r.channel]}（${addressees[r.addresseeKind]}）` },
    { key: 'answerBy', label: '回答の期限', sortable: true, cell: (r) => time(Temporal.PlainDate.from(r.answerBy)) },
    {
      key: 'step',
      label: '状態',
      cell: (r) =>
        r.overdue ? badge('期限超過', 'error') : badge(...(investigationSteps[r.step] ?? [r.step, 'plain'])),
    },
  ],
};

const draftFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'channel',
    label: '方法',
    options: Object.entries(channels).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'radio',
    name: 'addressee',
    label: '照会先',
    options: Object.entries(addressees).map(([value, label]) => ({ value, label })),
  },
  { kind: 'lines', name: 'question', label: '照会する事項', maxLength: 500, hint: '個人番号は書かないでください。' },
  { kind: 'date', name: 'answerBy', label: '回答の期限' },
];
const codeField: Field = {
  kind: 'text',
  name: 'municipalityCode',
  label: '登録・課税されている市区町村（団体コード6桁）',
  required: false,
  maxLength: 6,
  pattern: /^[0-9]{6}$/,
  patternFault: '団体コードは数字6桁です',
  width: 'short',
};
const answerFields: readonly Field[] = [
  {
    kind: 'select',
    name: 'finding',
    label: '照会の結果',
    options: Object.entries(findings).map(([value, label]) => ({ value, label })),
  },
  codeField,
  { kind: 'lines', name: 'note', label: '回答の内容', maxLength: 500, hint: '個人番号は書かないでください。' },
];
const decideFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '確認の結果',
    options: [
      { value: 'approved', label: '承認する' },
      { value: 'rejected', label: '差し戻す' },
    ],
  },
  { kind: 'lines', name: 'note', label: '差戻しの理由', required: false, maxLength: 300 },
];
const networkFields: readonly Field[] = [
  { kind: 'text', name: 'address', label: '照会する住所（資料と違うとき）', required: false, maxLength: 200 },
];
const nameOf: Field = { kind: 'text', name: 'municipalityName', label: '市区町村の名称', maxLength: 60 };
const outsideFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'kind',
    label: '課税の根拠',
    options: [
      { value: 'lives-here', label: '住登外課税（区内に居住。地方税法第294条第3項）' },
      { value: 'office-or-house', label: '事務所・家屋敷（均等割のみ。同条第1項第2号）' },
    ],
  },
  nameOf,
  {
    kind: 'text',
    name: 'postalCode',
    label: '通知を送る郵便番号（7桁）',
    maxLength: 7,
    pattern: /^[0-9]{7}$/,
    patternFault: '郵便番号は数字7桁です',
    width: 'short',
  },
];

/** 照会一覧, and beside a document: 照会, 住基ネット照会, 住登外課税の登録, 回送. */
export function investigationPages(app: PageApp, deps: InvestigationPageDeps): void {
  page(app, 'GET', '/investigations', investigationRead, async (p) => {
    const query = readListQuery(list, p.query);
    const state = (query.filters.state ?? 'open') as InvestigationState;
    const found = await readInvestigations(deps, p.session.actor, { state, limit: query.size, offset: query.offset });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '照会一覧', gloss: 'Inquiries about documents' },
      html`<div class="stack"><p>表示しているもの: ${states[state]}</p>${workList(list, { path: p.path, query, ...found.value })}</div>`,
    );
  });

  page(app, 'GET', '/matching/:reportId/elsewhere', investigationRead, (p) => detail(deps, p));

  /** Does what a form of the document's page asks for; the page says what came of it. */
  const doing = async (
    p: PageRequest,
    fields: readonly Field[],
    run: (
      texts: Readonly<Record<string, string | undefined>>,
    ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly error: string }>,
    text: string,
  ): Promise<Response> => {
    const reportId = p.param('reportId');
    if (!isUuid(reportId)) return p.problem('not-found');
    const read = readForm(fields, p.form);
    if (!read.ok) return detail(deps, p, { status: 422, faults: Object.values(read.error.errors) });
    const done = await run(read.value.texts);
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return detail(deps, p, { status: 409, faults: [refusalOf(done.error)] });
    return p.redirect(`/matching/${reportId}/elsewhere`, { kind: 'done', text });
  };
  const path = (end: string): string => `/matching/:reportId/${end}`;

  page(app, 'POST', path('investigations'), investigationUpdate, (p) =>
    doing(
      p,
      draftFields,
      ({ channel, addressee, question = '', answerBy = '' }) =>
        draftInvestigation(deps, p.session.actor, {
          reportId: p.param('reportId'),
          channel: channel === 'letter' ? 'letter' : 'telephone',
          addressee: addressee === 'person' ? 'person' : 'payer',
          question,
          answerBy,
        }),
      '照会を起案しました。',
    ),
  );
  page(app, 'POST', path('investigations/:investigationId/decide'), outgoingApproval, (p) =>
    doing(
      p,
      decideFields,
      ({ decision, note }) =>
        decideInvestigation(deps, p.session.actor, {
          investigationId: idIn(p),
          decision: decision === 'approved' ? 'approved' : 'rejected',
          note,
        }),
      '照会文書を確認しました。',
    ),
  );
  page(app, 'POST', path('investigations/:investigationId/send'), investigationUpdate, (p) =>
    doing(p, [], () => sendInvestigation(deps, p.session.actor, { investigationId: idIn(p) }), '発送を記録しました。'),
  );
  page(app, 'POST', path('investigations/:investigationId/answer'), investigationUpdate, (p) =>
    doing(
      p,
      answerFields,
      ({ finding, note = '', municipalityCode }) =>
        answerInvestigation(deps, p.session.actor, {
          investigationId: idIn(p),
          finding: finding as Finding,
          note,
          municipalityCode,
        }),
      '回答を記録しました。',
    ),
  );
  page(app, 'GET', path('investigations/:investigationId/letter'), investigationRead, async (p) => {
    const investigationId = p.param('investigationId');
    if (!isUuid(investigationId)) return p.problem('not-found');
    const letter = await readLetter(deps, p.session.actor, { investigationId });
    if (letter.ok) return p.file(letter.value, { type: 'application/pdf', name: `shokai-${investigationId}.pdf` });
    return p.problem(letter.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  });
  page(app, 'POST', path('network-inquiries'), networkInquiry, (p) =>
    doing(
      p,
      networkFields,
      ({ address }) => askNetwork(deps, p.session.actor, { reportId: p.param('reportId'), address }),
      '住基ネットに照会しました。',
    ),
  );
  page(app, 'POST', path('outside-person'), outsidePersonUpdate, async (p) => {
    const typed = (name: string): string => `${p.form.get(name) ?? ''}`;
    return doing(
      p,
      outsideFields,
      ({ kind, municipalityName = '', postalCode = '' }) =>
        registerOutsidePerson(deps, p.session.actor, {
          reportId: p.param('reportId'),
          seenStep: Number(typed('seenStep')),
          inquiryId: isUuid(typed('inquiryId')) ? typed('inquiryId') : '',
          kind: kind as OutsideKind,
          municipalityCode: typed('municipalityCode'),
          municipalityName,
          postalCode,
        }),
      '住登外課税者として登録し、資料を結び付けました。',
    );
  });
  page(app, 'POST', path('forwarding'), outgoingUpdate, (p) =>
    doing(
      p,
      [nameOf],
      ({ municipalityName = '' }) =>
        listForwarding(deps, p.session.actor, {
          reportId: p.param('reportId'),
          seenStep: Number(p.form.get('seenStep')),
          targetCode: `${p.form.get('municipalityCode') ?? ''}`,
          targetName: municipalityName,
        }),
      '他団体への送付一覧に載せました。別の職員の承認後に送られます。',
    ),
  );
}

const idIn = (p: PageRequest): string => {
  const id = p.param('investigationId');
  return isUuid(id) ? id : '00000000-0000-0000-0000-000000000000';
};

async function detail(
  deps: InvestigationPageDeps,
  p: PageRequest,
  shown: { readonly status?: number; readonly faults?: readonly string[] } = {},
): Promise<Response> {
  const reportId = p.param('reportId');
  if (!isUuid(reportId)) return p.problem('not-found');
  const read = await readElsewhere(deps, p.session.actor, { reportId });
  if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { report, state, investigations, answers, outgoing } = read.value;
  const isOpen = state.state === 'none' || state.state === 'candidates';
  const may = {
    write: isOpen && (await p.may(investigationUpdate)),
    approve: await p.may(outgoingApproval),
    ask: isOpen && (await p.may(networkInquiry)),
    register: isOpen && (await p.may(outsidePersonUpdate)),
    forward: isOpen && (await p.may(outgoingUpdate)),
  };
  const said = investigations.flatMap((one) => one.steps).findLast((step) => step.municipalityCode !== null);
  const bodies = may.forward && said?.finding === 'taxed-elsewhere' ? await knownBodies(deps.line) : undefined;
  const base = `/matching/${reportId}`;
  const { faults = [] } = shown;
  return p.view(
    {
      title: `${report.name}さんの資料の照会・回送`,
      gloss: 'Inquiries, outside taxation and forwarding',
      breadcrumbs: [
        { label: '突合作業一覧', href: '/matching' },
        { label: '突合', href: base },
      ],
      ...(faults.length > 0 ? { hasErrors: true, status: shown.status ?? 422 } : {}),
    },
    html`<div class="stack">${faults.length > 0 && notice('error', '処理できません', html`<ul>${faults.map((fault) => html`<li>${fault}</li>`)}</ul>`)}
<p>${badge(...(matchStates[state.state] ?? [state.state, 'plain']))}</p>${facts([
      { label: '資料', value: `${documentKinds[report.kind]}　令和${report.incomeYear - 2018}年分` },
      { label: '作成者', value: report.payerName },
      { label: '氏名', value: report.name },
      {
        label: '生年月日',
        value: report.bornOn === null ? '存在しない日付' : time(Temporal.PlainDate.from(report.bornOn)),
      },
      { label: '住所', value: report.address },
      { label: '個人番号', value: report.numberRef === null ? '記載なし' : '記載あり' },
    ])}
<section aria-labelledby="asked">${sectionTitle('照会の経過', 'Inquiries', 'asked')}${investigations.length === 0 ? html`<p class="muted">照会はありません。</p>` : investigations.map((one) => oneInvestigation(p, base, one, may))}</section>
${may.write && html`<section aria-labelledby="draft">${sectionTitle('新しい照会', 'New inquiry', 'draft')}${form({ action: `${base}/investigations`, session: p.session, fields: draftFields, submit: '照会を起案する' })}</section>`}
<section aria-labelledby="network">${sectionTitle('住基ネット照会', 'Resident register network', 'network')}${networkTable(answers)}${may.ask && form({ action: `${base}/network-inquiries`, session: p.session, fields: networkFields, submit: '住基ネットに照会する' })}</section>
${may.register && said?.finding === 'taxable-here-registered-elsewhere' && outsideForm(p, base, { ...read.value, code: said.municipalityCode ?? '' })}
${may.forward && said?.finding === 'taxed-elsewhere' && forwardingForm(p, base, { ...read.value, code: said.municipalityCode ?? '' }, bodies?.ok ? bodies.value : [])}
${
  outgoing.length > 0 &&
  html`<section aria-labelledby="gone">${sectionTitle('回送', 'Forwarding', 'gone')}<ul>${outgoing.map((item) => html`<li>${item.targetName}（${item.targetCode}）${item.steps.map((step) => html` ${badge(...outgoingSteps[step.step])} ${time(Temporal.PlainDate.from(step.onDay))}${step.note !== null && html`（${step.note}）`}`)}</li>`)}</ul></section>`
}</div>`,
  );
}

function oneInvestigation(
  p: PageRequest,
  base: string,
  one: Investigation,
  may: { readonly write: boolean; readonly approve: boolean },
): Html {
  const last = one.steps.at(-1);
  const here = `${base}/investigations/${one.investigationId}`;
  const answerable = last?.step === 'sent' || (one.channel === 'telephone' && last?.step === 'drafted');
  return html`<article class="stack"><h3>${channels[one.channel]}（${addressees[one.addresseeKind]}）　${one.addresseeName} ${badge(...(investigationSteps[last?.step ?? ''] ?? ['', 'plain']))}</h3>${facts(
    [
      { label: '照会する事項', value: one.question },
      {
        label: '送り先の住所',
        value:
          one.channel === 'letter' ? (one.addresseeAddress ?? '印字しません（支援措置の担当が宛名を書きます）') : null,
      },
      { label: '回答の期限', value: time(Temporal.PlainDate.from(one.answerBy)) },
      { label: '起案', value: `${one.draftedOn} ${one.draftedBy}` },
    ],
  )}<ol>${one.steps.map((step) => html`<li>${time(Temporal.PlainDate.from(step.onDay))} ${step.step === 'drafted' ? '起案' : (investigationSteps[step.step]?.[0] ?? step.step)}（${step.by}）${step.finding !== null && html`　${findings[step.finding]}${step.municipalityCode !== null && `（${step.municipalityCode}）`}`}${step.note !== null && html`　${step.note}`}</li>`)}</ol>
${one.steps.some(({ letterRef }) => letterRef !== null) && html`<p><a href="${here}/letter">照会文書（PDF）を開く</a></p>`}
${may.approve && last?.step === 'drafted' && one.channel === 'letter' && form({ action: `${here}/decide`, session: p.session, fields: decideFields, submit: '確定する' })}
${may.write && last?.step === 'approved' && html`<form method="post" action="${here}/send">${tokenField(p.session)}<button class="button" type="submit">発送を記録する</button></form>`}
${may.write && answerable && form({ action: `${here}/answer`, session: p.session, fields: answerFields, submit: '回答を記録する' })}</article>`;
}

const results: Readonly<Record<'given' | 'not-identified' | 'failed', readonly [string, Tone]>> = {
  given: ['特定された', 'done'],
  'not-identified': ['特定されない', 'warning'],
  failed: ['照会できない', 'error'],
};

const networkTable = (answers: DocumentElsewhere['answers']): Html =>
  answers.length === 0
    ? html`<p class="muted">照会はありません。</p>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="住基ネット照会の表"><table class="data-table"><caption class="visually-hidden">住基ネット照会</caption><thead><tr><th scope="col">日時</th><th scope="col">照会者</th><th scope="col">結果</th><th scope="col">氏名</th><th scope="col">生年月日</th><th scope="col">住所</th><th scope="col">個人番号</th></tr></thead><tbody>${answers.map(
        (a) =>
          html`<tr><th scope="row">${time(a.askedAt)}</th><td>${a.askedBy}</td><td>${a.result === null ? badge('照会中', 'info') : badge(...results[a.result])}${a.word !== null && html` ${refusalOf(a.word)}`}</td><td>${a.name}</td><td>${a.birthDate !== null && time(Temporal.PlainDate.from(a.birthDate))}</td><td>${a.address}</td><td>${a.numberRef === null ? '' : '保管庫に登録済み'}</td></tr>`,
      )}</tbody></table></div>`;

type Known = DocumentElsewhere & { readonly code: string };

function outsideForm(p: PageRequest, base: string, { answers, state, code }: Known): Html {
  const [answer] = answers;
  const heading = sectionTitle('住登外課税者の登録', 'Taxed here, registered elsewhere', 'outside');
  if (answer?.result !== 'given')
    return html`<section aria-labelledby="outside">${heading}${notice('info', '住基ネットの照会が先です', '一人に特定されると登録できます。')}</section>`;
  const hidden = { seenStep: `${state.lastStep}`, inquiryId: answer.inquiryId, municipalityCode: code };
  return html`<section aria-labelledby="outside">${heading}<p>登録地の団体コード: ${code}</p>${form({ action: `${base}/outside-person`, session: p.session, fields: outsideFields, hidden, submit: '住登外課税者として登録する' })}</section>`;
}

function forwardingForm(p: PageRequest, base: string, { state, code }: Known, bodies: readonly Body[]): Html {
  const known = bodies.some(({ municipality }) => municipality === code);
  const hidden = { seenStep: `${state.lastStep}`, municipalityCode: code };
  return html`<section aria-labelledby="forward">${sectionTitle('他の市区町村への回送', 'Forward to another municipality', 'forward')}<p>送付先の団体コード: ${code}</p>${!known && notice('warning', '電子の送付先として確認できません', '団体コードを確かめてください。回線が使えないときは後で送られます。')}${form({ action: `${base}/forwarding`, session: p.session, fields: [nameOf], hidden, submit: '送付一覧に載せる' })}</section>`;
}
