import { deferredText, refusalText as inquiryRefusalText } from '@musubi/contracts/exchange/refusal-words.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { askAnotherBody, type PastInquiry } from '@musubi/kernel/pages/kit/ask-another-body.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { totalOf } from '../domain/charges.ts';
import { type ReductionGroundId, reductionGrounds, type Support } from '../domain/reduction.ts';
import { readAssessment } from '../service/assessment/read.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import { applyForReduction } from '../service/reductions/apply.ts';
import { askGround, groundInformation, groundItems, groundProcedure } from '../service/reductions/ask-ground.ts';
import { decideReduction } from '../service/reductions/decide-reduction.ts';
import {
  type ReductionDeps,
  reductionApproval,
  reductionRead,
  reductionUpdate,
} from '../service/reductions/functions.ts';
import { notifyReduction } from '../service/reductions/notify.ts';
import { proposeReduction } from '../service/reductions/propose.ts';
import {
  type ListedReduction,
  listReductions,
  type ReductionInquiry,
  readReduction,
} from '../service/reductions/read.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

export interface ReductionPageDeps extends ReductionDeps, NoticeDeps {}

const states: Readonly<Record<string, readonly [string, Tone]>> = {
  received: ['受付', 'plain'],
  'awaiting-approval': ['承認待ち', 'warning'],
  remitted: ['減免', 'done'],
  refused: ['不承認', 'error'],
};
const supports: Readonly<Record<Support, readonly [string, Tone]>> = {
  supported: ['回答は事由を裏付けています', 'done'],
  contradicted: ['回答は事由を裏付けていません（保護の実施なし）', 'error'],
  awaited: ['提供側の確認を待っています', 'warning'],
  'nothing-known': ['事由を裏付ける回答がありません', 'warning'],
};
const refusals: Readonly<Record<string, string>> = {
  'no-statement': '申請の理由を入力してください',
  'applied-in-future': '申請日は今日までの日にしてください',
  'no-levy-in-force': 'この年度に調定された税額がありません',
  'nothing-left-to-remit': '申請日に納期限の来ていない普通徴収の税額がありません',
  'awaits-approval': '起案は承認待ちです',
  'no-such-rate': 'この事由では選べない割合です',
  'already-asking': '前の照会の回答を待っています',
  'already-answered': 'この照会には回答があります',
  'unknown-provider': '照会先を選び直してください',
  'not-by-inquiry': 'この事由は書類で確認します',
  'ground-not-confirmed': '事由を裏付ける回答がありません。承認するときは、回答によらず認める理由を入力してください',
  'charges-changed': '起案の後に期別の税額が変わりました。差し戻してください',
  'not-remitted': '減免の決定がありません',
};
const wordOf = (word: string): string => refusals[word] ?? refusalText(word);

const groundOptions = Object.entries(reductionGrounds).map(([value, { name }]) => ({ value, label: name }));
const applyFields: readonly Field[] = [
  { kind: 'radio', name: 'ground', label: '事由', options: groundOptions },
  { kind: 'lines', name: 'statement', label: '申請の理由', maxLength: 500, rows: 3 },
  { kind: 'date', name: 'appliedOn', label: '申請日', hint: 'この日に納期限の来ていない期が対象です' },
];

const list: WorkListDefinition<ListedReduction> = {
  caption: '減免申請の一覧',
  defaultSort: { key: 'received', direction: 'desc' },
  emptyText: 'この年度の減免申請はありません。',
  filters: [
    {
      kind: 'select',
      name: 'year',
      label: '年度',
      options: supportedFiscalYears.map((year) => ({ value: `${year}`, label: reiwaYear(year) })),
    },
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: Object.entries(states).map(([value, [label]]) => ({ value, label })),
    },
  ],
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (row) => html`<a href="/reductions/${row.applicationId}">${row.name}</a>`,
    },
    { key: 'ground', label: '事由', cell: (row) => reductionGrounds[row.ground as ReductionGroundId].name },
    { key: 'applied', label: '申請日', cell: (row) => time(Temporal.PlainDate.from(row.appliedOn)) },
    { key: 'state', label: '状態', cell: (row) => badge(...(states[row.state] ?? [row.state, 'plain'])) },
    { key: 'yen', label: '減免額', align: 'end', cell: (row) => yenText(row.remittedYen) },
  ],
};

/** 減免: from the application over the inquiry of its ground to the decision and the notice. */
export function reductionPages(app: PageApp, deps: ReductionPageDeps): void {
  page(app, 'GET', '/reductions', reductionRead, async (p) => {
    const query = readListQuery(list, p.query);
    const read = await listReductions(deps, p.session.actor, {
      fiscalYear: Number(query.filters.year ?? workYear(deps)),
      state: query.filters.state ?? null,
      limit: query.size,
      offset: query.offset,
    });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      { title: '減免', gloss: 'Reductions' },
      html`<div class="stack"><p>申請は、賦課一覧から本人の賦課を開いて受け付けます。</p>${workList(list, { path: p.path, query, ...read.value })}</div>`,
    );
  });

  page(app, 'GET', '/assessments/:id/reduction', reductionUpdate, async (p) => {
    const assessmentId = p.param('id');
    const read = isUuid(assessmentId)
      ? await readAssessment(deps, p.session.actor, { assessmentId })
      : ({ ok: false, error: 'no-such-assessment' } as const);
    if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.view(
      {
        title: `${read.value.person.name}さんの減免申請`,
        gloss: 'Application for a reduction',
        breadcrumbs: [{ label: '賦課', href: `/assessments/${assessmentId}` }],
      },
      form({
        action: `/assessments/${assessmentId}/reduction`,
        session: p.session,
        fields: applyFields,
        values: { appliedOn: deps.civilClock.today().toString() },
        submit: '申請を受け付ける',
      }),
    );
  });

  page(app, 'POST', '/assessments/:id/reduction', reductionUpdate, async (p) => {
    const assessmentId = p.param('id');
    if (!isUuid(assessmentId)) return p.problem('not-found');
    const back = `/assessments/${assessmentId}/reduction`;
    const read = readForm(applyFields, p.form);
    if (!read.ok) return p.redirect(back, { kind: 'error', text: '事由、理由、申請日を入力してください' });
    const levy = await readAssessment(deps, p.session.actor, { assessmentId });
    if (!levy.ok) return p.problem(levy.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const { texts } = read.value;
    const done = await applyForReduction(deps, p.session.actor, {
      personId: levy.value.assessment.personId,
      fiscalYear: levy.value.assessment.fiscalYear,
      ground: texts.ground ?? '',
      statement: texts.statement ?? '',
      appliedOn: Temporal.PlainDate.from(texts.appliedOn ?? ''),
    });
    if (!done.ok) return p.redirect(back, { kind: 'error', text: wordOf(done.error) });
    return p.redirect(`/reductions/${done.value.applicationId}`, { kind: 'done', text: '申請を受け付けました。' });
  });

  page(app, 'GET', '/reductions/:id', reductionRead, (p) => showReduction(p, deps));

  const act = (
    path: string,
    right: typeof reductionUpdate,
    run: (p: PageRequest, applicationId: string) => Promise<{ ok: true; text: string } | { ok: false; error: string }>,
  ): void =>
    page(app, 'POST', `/reductions/:id/${path}`, right, async (p) => {
      const applicationId = p.param('id');
      if (!isUuid(applicationId)) return p.problem('not-found');
      const done = await run(p, applicationId);
      return p.redirect(
        `/reductions/${applicationId}`,
        done.ok ? { kind: 'done', text: done.text } : { kind: 'error', text: wordOf(done.error) },
      );
    });
  const text = (p: PageRequest, name: string): string => `${p.form.get(name) ?? ''}`;

  act('inquiries', reductionUpdate, async (p, applicationId) => {
    const requestId = text(p, 'requestKey');
    if (!isUuid(requestId)) return { ok: false, error: 'unknown-provider' };
    const provider = text(p, 'provider');
    const done = await askGround(deps, p.session.actor, { applicationId, requestId, provider });
    if (!done.ok) return done;
    return done.value.refusal === undefined
      ? { ok: true, text: '回答を受け取りました。' }
      : {
          ok: true,
          text: `照会を記録しました。${inquiryRefusalText(done.value.refusal)}${done.value.turn ? deferredText(done.value.turn) : ''}`,
        };
  });
  act('proposal', reductionUpdate, async (p, applicationId) => {
    const outcome = text(p, 'outcome') === 'remit' ? 'remit' : 'refuse';
    const done = await proposeReduction(deps, p.session.actor, {
      applicationId,
      outcome,
      tenths: Number(text(p, 'tenths')),
      forestExempt: text(p, 'forest') === 'exempt',
      reason: text(p, 'reason'),
    });
    return done.ok ? { ok: true, text: '起案しました。別の職員の承認を待ちます。' } : done;
  });
  act('decision', reductionApproval, async (p) => {
    const draftId = text(p, 'draft');
    if (!isUuid(draftId)) return { ok: false, error: 'already-decided' };
    const done = await decideReduction(deps, p.session.actor, {
      draftId,
      decision: text(p, 'decision') === 'approve' ? 'approve' : 'return',
      reason: text(p, 'reason'),
      overrideReason: text(p, 'override'),
    });
    return done.ok
      ? { ok: true, text: done.value.outcome === 'returned' ? '差し戻しました。' : '決定しました。' }
      : done;
  });
  act('notice', reductionUpdate, async (p) => {
    const draftId = text(p, 'draft');
    if (!isUuid(draftId)) return { ok: false, error: 'not-remitted' };
    const done = await notifyReduction(deps, p.session.actor, { draftId });
    return done.ok ? { ok: true, text: '減免決定通知書を作りました。' } : done;
  });
}

type View = Extract<Awaited<ReturnType<typeof readReduction>>, { ok: true }>['value'];

async function showReduction(p: PageRequest, deps: ReductionPageDeps): Promise<Response> {
  const applicationId = p.param('id');
  if (!isUuid(applicationId)) return p.problem('not-found');
  const read = await readReduction(deps, p.session.actor, { applicationId });
  if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const view = read.value;
  const { application: a, person, drafts } = view;
  const [draft] = drafts;
  const [mayUpdate, mayDecide] = [await p.may(reductionUpdate), await p.may(reductionApproval)];
  const open = draft === undefined || draft.decided === 'returned';
  const ground = reductionGrounds[a.ground as ReductionGroundId];
  return p.view(
    {
      title: `${person.name}さんの減免 ${reiwaYear(a.fiscalYear)}`,
      gloss: 'Reduction of one person',
      breadcrumbs: [{ label: '減免', href: `/reductions?year=${a.fiscalYear}` }],
    },
    html`<div class="stack"><section aria-labelledby="application">${sectionTitle('申請', 'Application', 'application')}${facts(
      [
        { label: '事由', value: ground.name },
        { label: '根拠', value: ground.law },
        { label: '申請の理由', value: a.statement },
        { label: '申請日', value: time(Temporal.PlainDate.from(a.appliedOn)) },
        { label: '受付', value: a.receivedBy },
      ],
    )}</section>
${ground.confirmedBy === 'inquiry' ? html`${notice(supports[view.support][1] === 'done' ? 'done' : 'warning', supports[view.support][0])}${inquiryPanel(p.session, deps, view, mayUpdate && open)}` : html`<p class="muted">この事由は、申請者が示した書類で確認します。</p>`}
${chargeTable(view)}
${drafts.map(draftFacts)}
${open && mayUpdate && proposalForm(p.session, applicationId, ground.tenths)}
${draft !== undefined && draft.decided === null && mayDecide && decisionForm(p.session, applicationId, draft.draftId, ground.confirmedBy === 'inquiry' && view.support !== 'supported')}
${draft?.decided === 'remitted' && (view.documentId === undefined ? mayUpdate && form({ action: `/reductions/${applicationId}/notice`, session: p.session, fields: [], hidden: { draft: draft.draftId }, submit: '減免決定通知書を作る' }) : html`<p><a href="/notices/${view.documentId}">減免決定通知書 ${view.documentId}</a></p>`)}</div>`,
  );
}

const inquiriesOf = (view: View): string => `/reductions/${view.application.applicationId}/inquiries`;

const inquiryPanel = (session: PageSession, deps: ReductionPageDeps, view: View, mayAsk: boolean) =>
  askAnotherBody({
    session,
    ...(mayAsk ? { askAction: inquiriesOf(view) } : {}),
    requestKey: deps.newId(),
    procedure: `${groundProcedure} 地方税の賦課徴収`,
    information: `${groundInformation} 生活保護実施関係情報`,
    provider: '保護を実施している福祉事務所の団体',
    ground: '番号利用法 第19条第8号（主務省令第2条の表 48の項）',
    asked: groundItems.map((item) => ({ item })),
    providers: deps.inquiryBodies.map((body) => ({ value: body.organisation, label: body.name })),
    inquiries: view.inquiries.map((inquiry) => ({
      ...pastInquiry(inquiry, deps),
      ...(mayAsk && inquiry.refusal === null && (inquiry.result ?? '60') === '60'
        ? { takeUp: { action: inquiriesOf(view), requestKey: inquiry.requestId, provider: inquiry.provider } }
        : {}),
    })),
  });

function pastInquiry(i: ReductionInquiry, deps: ReductionPageDeps): PastInquiry {
  const _nameOf = deps.inquiryBodies.find((body) => body.organisation === i.provider)?.name ?? i.provider;
  const answer =
    i.answerText === null
      ? undefined
      : (JSON.parse(i.answerText) as { readonly items: Readonly<Record<string, string | boolean | null>> });
  const shown = (value: string | boolean | null): string =>
    value === true ? 'あり' : value === false ? 'なし' : (value ?? '―');
  const state = i.refusal !== null ? 'refused' : i.result === null ? 'asked' : i.result === '60' ? 'held' : 'answered';
  return {
    inquiryNumber: i.inquiryNumber ?? i.requestId,
    askedAt: Temporal.Instant.from(i.askedAt),
    askedBy: i.askedBy,
    state,
    ...(i.refusal === null ? {} : { reason: inquiryRefusalText(i.refusal) }),
    ...(i.receivedAt === null ? {} : { answeredAt: Temporal.Instant.from(i.receivedAt) }),
    ...(answer === undefined
      ? {}
      : {
          answer: [
            ...Object.entries(answer.items).map(([label, value]) => ({ label, value: shown(value) })),
            { label: '回答のダイジェスト', value: html`<code>${i.answerSha256?.toString('hex').slice(0, 16)}</code>` },
          ],
        }),
  };
}

const chargeTable = ({ charges, parts, drafts }: View) =>
  html`<section aria-labelledby="charges">${sectionTitle('期別の税額', 'What is to be paid when', 'charges')}<div class="table-scroll" tabindex="0" role="region" aria-label="期別の税額の表"><table class="data-table"><caption class="visually-hidden">期別の税額</caption><thead><tr><th scope="col">期</th><th scope="col">納期限</th><th scope="col" class="num">税額</th><th scope="col" class="num">${drafts[0]?.decided === 'remitted' ? '減免した額' : '起案の減免額'}</th></tr></thead><tbody>${charges.map(
    (charge) => {
      const part = parts.find(({ chargeId }) => chargeId === charge.chargeId);
      return html`<tr><th scope="row">${charge.method === 'ordinary' ? `第${charge.instalment}期` : `${charge.instalment}月`}</th><td>${time(charge.dueOn)}</td><td class="num">${yenText(totalOf(charge.items))}</td><td class="num">${part === undefined ? '―' : yenText(totalOf(part))}</td></tr>`;
    },
  )}</tbody></table></div></section>`;

const draftFacts = (d: View['drafts'][number]) =>
  html`<section>${sectionTitle(d.outcome === 'remit' ? '減免の起案' : '不承認の起案', 'Draft', `d-${d.draftId}`)}${facts(
    [
      { label: '割合', value: d.outcome === 'remit' ? `10分の${d.tenths}` : '―' },
      {
        label: '森林環境税',
        value: d.forestMonth === null ? '免除しない' : html`${time(Temporal.PlainDate.from(d.forestMonth))}から免除`,
      },
      { label: '理由', value: d.reason },
      { label: '起案者', value: d.draftedBy },
      {
        label: '決定',
        value:
          d.decided === null
            ? badge('承認待ち', 'warning')
            : html`${badge(d.decided === 'returned' ? '差戻し' : (states[d.decided]?.[0] ?? ''), d.decided === 'remitted' ? 'done' : 'error')} ${d.decidedBy} ${d.returnedBecause}`,
      },
      ...(d.overrideReason === null ? [] : [{ label: '回答によらず認めた理由', value: d.overrideReason }]),
    ],
  )}</section>`;

const proposalForm = (session: PageSession, applicationId: string, tenths: readonly number[]) =>
  html`<section aria-labelledby="proposal">${sectionTitle('起案する', 'Propose', 'proposal')}${form({
    action: `/reductions/${applicationId}/proposal`,
    session,
    fields: [
      {
        kind: 'radio',
        name: 'outcome',
        label: '決定の内容',
        options: [
          { value: 'remit', label: '減免する' },
          { value: 'refuse', label: '減免しない' },
        ],
      },
      {
        kind: 'select',
        name: 'tenths',
        label: '特別区民税・都民税の割合',
        options: tenths.map((n) => ({ value: `${n}`, label: n === 10 ? '全部' : `10分の${n}` })),
      },
      {
        kind: 'radio',
        name: 'forest',
        label: '森林環境税',
        options: [
          { value: 'exempt', label: '免除する' },
          { value: 'keep', label: '免除しない' },
        ],
      },
      { kind: 'lines', name: 'reason', label: '理由', maxLength: 500, rows: 3 },
    ],
    values: { tenths: `${tenths[0]}` },
    submit: '決裁に回す',
  })}</section>`;

const decisionForm = (session: PageSession, applicationId: string, draftId: string, unconfirmed: boolean) =>
  html`<section aria-labelledby="decision">${sectionTitle('決定する', 'Decide', 'decision')}${
    unconfirmed &&
    notice('warning', '事由を裏付ける回答がありません', '承認するときは、回答によらず認める理由が必要です。')
  }${form({
    action: `/reductions/${applicationId}/decision`,
    session,
    hidden: { draft: draftId },
    fields: [
      {
        kind: 'radio',
        name: 'decision',
        label: '決定',
        options: [
          { value: 'approve', label: '承認する' },
          { value: 'return', label: '差し戻す' },
        ],
      },
      { kind: 'lines', name: 'override', label: '回答によらず認める理由', maxLength: 500, rows: 2, required: false },
      { kind: 'lines', name: 'reason', label: '差し戻す理由', maxLength: 500, rows: 2, required: false },
    ],
    submit: '決定する',
  })}</section>`;
