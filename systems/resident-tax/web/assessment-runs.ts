import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import type { Progress } from '@musubi/kernel/jobs/control.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type BatchRun, batchRun, refreshOf } from '@musubi/kernel/pages/kit/batch-run.ts';
import { form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { type HoldReason, holdReasons } from '../service/assessment/draft.ts';
import { assessmentRead, assessmentUpdate, batchWork } from '../service/assessment/functions.ts';
import {
  type BatchOrder,
  lookAtIntakeGaps,
  lookAtOrders,
  orderAssessmentRun,
  orderReassessmentRun,
  resumeRun,
} from '../service/assessment/order-run.ts';
import { type LinkedReport, readHeldPerson, settleReports } from '../service/assessment/settle.ts';
import { batches } from '../service/assessment/work-orders.ts';
import { blockWords, orderStateWords, refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

export const yearField = {
  kind: 'select',
  name: 'year',
  label: '年度',
  options: supportedFiscalYears.map((year) => ({ value: `${year}`, label: reiwaYear(year) })),
} as const;

const scopeField = {
  kind: 'select',
  name: 'scope',
  label: '対象',
  options: [
    { value: 'all', label: '課税資料のある全員' },
    { value: 'changed', label: '前回の計算の後に変わった人だけ（月次更正）' },
  ],
} as const;

export function runPages(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', '/assessment-runs', assessmentRead, async (p) => {
    const orders = await lookAtOrders(deps, p.session.actor, { kind: 'assessment' });
    const again = await lookAtOrders(deps, p.session.actor, { kind: 'reassessment' });
    const fiscalYear = workYear(deps);
    const gaps = await lookAtIntakeGaps(deps, p.session.actor, { fiscalYear });
    if (!orders.ok || !again.ok || !gaps.ok) return p.problem('not-authorised');
    const { openReports, openDeliveries } = gaps.value;
    return p.view(
      { title: '賦課計算', gloss: 'Assessment runs' },
      html`<div class="stack">
${openDeliveries > 0 && notice('warning', `取込の終わっていない給与支払報告書が${openDeliveries}件あります`, '取込が終わるまで賦課計算は始まりません。')}
${openReports > 0 && notice('info', `本人が決まっていない報告書が${grouped(openReports)}件あります`, '突合が終わるまで、どの賦課にも含まれません。')}
${orderTable(orders.value)}
${again.value.length > 0 && html`<section aria-labelledby="again">${sectionTitle('月次更正', 'Changes of the month', 'again')}${orderTable(again.value)}</section>`}
${
  (await p.may(assessmentUpdate)) &&
  html`<section aria-labelledby="start">${sectionTitle('賦課計算を始める', 'Start a run', 'start')}${form({
    action: '/assessment-runs',
    session: p.session,
    fields: [yearField, scopeField],
    values: { year: `${fiscalYear}`, scope: 'all' },
    submit: '計算を始める',
  })}</section>`
}</div>`,
    );
  });

  page(app, 'POST', '/assessment-runs', assessmentUpdate, async (p) => {
    const read = readForm([yearField, scopeField], p.form);
    if (!read.ok) return p.redirect('/assessment-runs', { kind: 'error', text: '年度を選んでください。' });
    const start = read.value.texts.scope === 'changed' ? orderReassessmentRun : orderAssessmentRun;
    const done = await start(deps, p.session.actor, { fiscalYear: Number(read.value.texts.year) });
    if (!done.ok) return p.redirect('/assessment-runs', { kind: 'error', text: refusalText(done.error) });
    return p.redirect(`/assessment-runs/${done.value.orderId}`);
  });

  page(app, 'GET', '/assessment-runs/:id', assessmentRead, (p) => runPage(p, deps, '賦課計算', 'Assessment run'));

  page(app, 'GET', '/assessment-runs/:id/held', batchWork, async (p) => {
    const order = await findOrder(p, deps);
    if (!order?.runId) return p.problem('not-found');
    const rejects = await batches.listRejects(deps, p.session.actor, { runId: order.runId, limit: 500 });
    if (!rejects.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '確認待ちの人',
        gloss: 'Held for a clerk',
        breadcrumbs: [
          { label: '賦課計算', href: '/assessment-runs' },
          { label: reiwaYear(order.fiscalYear), href: `/assessment-runs/${order.orderId}` },
        ],
      },
      html`<div class="table-scroll" tabindex="0" role="region" aria-label="確認待ちの表"><table class="data-table"><caption>確認待ち ${rejects.value.length}件</caption><thead><tr><th scope="col">番号</th><th scope="col">理由</th><th scope="col">対応</th></tr></thead><tbody>${rejects.value.map(
        (reject) =>
          html`<tr><th scope="row">${reject.rowNumber}</th><td>${holdReasons[reject.code as HoldReason] ?? reject.code}</td><td><a href="/assessment-holds/${order.fiscalYear}/${reject.ref}?run=${order.orderId}&amp;reject=${reject.rejectId}">報告書を確認する<span class="visually-hidden">（${reject.rowNumber}番）</span></a></td></tr>`,
      )}</tbody></table></div>`,
    );
  });

  page(app, 'POST', '/assessment-runs/:id/stop', batchWork, async (p) => {
    const order = await findOrder(p, deps);
    if (!order?.runId) return p.problem('not-found');
    const done = await batches.stop(deps, p.session.actor, { runId: order.runId });
    return p.redirect(`${runPath(order)}`, done.ok ? undefined : { kind: 'error', text: refusalText(done.error) });
  });

  page(app, 'POST', '/assessment-runs/:id/resume', assessmentUpdate, async (p) => {
    const order = await findOrder(p, deps);
    if (!order) return p.problem('not-found');
    const done = await resumeRun(deps, p.session.actor, { orderId: order.orderId });
    return p.redirect(`${runPath(order)}`, done.ok ? undefined : { kind: 'error', text: refusalText(done.error) });
  });

  page(app, 'GET', '/assessment-holds/:year/:person', assessmentUpdate, (p) => holdPage(p, deps, {}, {}));

  page(app, 'POST', '/assessment-holds/:year/:person', assessmentUpdate, async (p) => {
    const seenReportIds = `${p.form.get('seen') ?? ''}`.split(',').filter(isUuid);
    const income = `${p.form.get('spouseIncome') ?? ''}`.replaceAll(',', '').trim();
    const values = { spouseIncome: income, reason: `${p.form.get('reason') ?? ''}`.slice(0, 500) };
    if (income !== '' && !/^[0-9]{1,9}$/.test(income))
      return holdPage(p, deps, values, { spouseIncome: '配偶者の合計所得金額は数字で入力してください' });
    if (!isUuid(p.param('person'))) return p.problem('not-found');
    const done = await settleReports(deps, p.session.actor, {
      personId: p.param('person'),
      fiscalYear: Number(p.param('year')),
      seenReportIds,
      leftOutIds: p.form.getAll('leftOut').map(String).filter(isUuid),
      spouseIncomeYen: income === '' ? null : Number(income),
      reason: values.reason,
    });
    if (!done.ok) return holdPage(p, deps, values, { [fieldOf(done.error)]: refusalText(done.error) });
    const [run, reject] = [`${p.form.get('run') ?? ''}`, `${p.form.get('reject') ?? ''}`];
    if (isUuid(reject))
      await batches.resolveReject(deps, p.session.actor, { rejectId: reject, resolution: 'corrected' });
    return p.redirect(isUuid(run) ? `/assessment-runs/${run}/held` : '/assessments', {
      kind: 'done',
      text: '確認の結果を登録し、賦課を起案しました。',
    });
  });
}

const fieldOf = (word: string): string =>
  word === 'no-reason' ? 'reason' : word === 'spouse-income-needed' ? 'spouseIncome' : '';

/** Notices and assessments are runs of one kind of order, with their own addresses. */
const kinds: Record<BatchOrder['kind'], { readonly list: string; readonly name: string }> = {
  assessment: { list: '/assessment-runs', name: '賦課計算' },
  reassessment: { list: '/assessment-runs', name: '月次更正の計算' },
  notices: { list: '/notice-runs', name: '納税通知書' },
  'special-notices': { list: '/special-notice-runs', name: '特別徴収税額通知' },
};
const runPath = (order: BatchOrder): string => `${kinds[order.kind].list}/${order.orderId}`;

export async function findOrder(p: PageRequest, deps: ActDeps): Promise<BatchOrder | undefined> {
  const orderId = p.param('id');
  if (!isUuid(orderId)) return undefined;
  const found = await lookAtOrders(deps, p.session.actor, { orderId });
  return found.ok ? found.value[0] : undefined;
}

export function orderTable(orders: readonly BatchOrder[]) {
  if (orders.length === 0) return html`<div class="empty"><p>まだ指示はありません。</p></div>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="指示の表"><table class="data-table"><caption>指示と実行の状態</caption><thead><tr><th scope="col">年度</th><th scope="col">指示した時</th><th scope="col">指示した職員</th><th scope="col">状態</th></tr></thead><tbody>${orders.map(
    (order) =>
      html`<tr><th scope="row"><a href="${runPath(order)}">${reiwaYear(order.fiscalYear)}<span class="visually-hidden"> ${order.orderedAt}の指示</span></a></th><td class="nowrap">${time(instantOf(order.orderedAt))}</td><td>${order.orderedBy}</td><td>${badge(...(orderStateWords[order.state] ?? [order.state, 'plain']))}</td></tr>`,
  )}</tbody></table></div>`;
}

const stepLabels: Record<string, string> = {
  assess: '税額の計算',
  set: '通知書の作成',
  payers: '特別徴収義務者ごとの通知の作成',
};

/** The run as the kit draws it; counts are those of the first step, which takes the persons in. */
export function batchOf(order: BatchOrder, progress: Progress | undefined, session: PageSession): BatchRun {
  const [first] = progress?.steps ?? [];
  const state = order.state === 'queued' ? 'waiting' : order.state === 'blocked' ? 'failed' : order.state;
  return {
    name: `${reiwaYear(order.fiscalYear)}の${kinds[order.kind].name}`,
    state,
    ...(order.startedAt === null ? {} : { startedAt: instantOf(order.startedAt) }),
    ...(order.endedAt === null ? {} : { endedAt: instantOf(order.endedAt) }),
    steps: (progress?.steps ?? []).map((step) => ({
      label: stepLabels[step.name] ?? step.name,
      state: step.finished ? 'done' : state === 'running' ? 'running' : state === 'failed' ? 'failed' : 'waiting',
    })),
    total: first?.total ?? 0,
    accepted: first?.out ?? 0,
    rejected: first?.rejected ?? 0,
    ...(first?.secondsLeft === undefined ? {} : { secondsLeft: first.secondsLeft }),
    rejectsHref: `${runPath(order)}/held`,
    path: runPath(order),
    session,
    stopAction: `/assessment-runs/${order.orderId}/stop`,
    resumeAction: `/assessment-runs/${order.orderId}/resume`,
  };
}

export async function runPage(
  p: PageRequest,
  deps: ActDeps,
  title: string,
  gloss: string,
  more?: (order: BatchOrder) => Promise<ReturnType<typeof html>>,
): Promise<Response> {
  const order = await findOrder(p, deps);
  if (!order) return p.problem('not-found');
  const progress =
    order.runId === null ? undefined : await batches.progress(deps, p.session.actor, { runId: order.runId });
  const run = batchOf(order, progress?.ok ? progress.value : undefined, p.session);
  const { list } = kinds[order.kind];
  return p.view(
    { title, gloss, breadcrumbs: [{ label: title, href: list }], ...refreshOf(run) },
    html`<div class="stack">${order.why !== null && notice('warning', blockWords[order.why] ?? `処理が止まりました（${order.why}）`)}
${batchRun(run)}
${order.state === 'done' && (order.kind === 'assessment' || order.kind === 'reassessment') && html`<p><a href="/assessments?year=${order.fiscalYear}">賦課一覧を見る</a></p>`}
${more && (await more(order))}</div>`,
  );
}

async function holdPage(
  p: PageRequest,
  deps: ActDeps,
  values: Record<string, string>,
  errors: Record<string, string>,
): Promise<Response> {
  const fiscalYear = Number(p.param('year'));
  const personId = p.param('person');
  if (!isUuid(personId) || !supportedFiscalYears.some((year) => year === fiscalYear)) return p.problem('not-found');
  const read = await readHeldPerson(deps, p.session.actor, { personId, fiscalYear });
  if (!read.ok) return p.problem(read.error === 'no-such-person' ? 'not-found' : 'not-authorised');
  const { person, reports, questions } = read.value;
  const needsIncome = questions.includes('spouse-income-missing');
  const faulty = Object.keys(errors).length > 0;
  const hidden = {
    seen: reports.map((report) => report.reportId).join(','),
    run: p.query.get('run') ?? `${p.form.get('run') ?? ''}`,
    reject: p.query.get('reject') ?? `${p.form.get('reject') ?? ''}`,
  };
  return p.view(
    {
      title: `${person.name} 資料の確認`,
      gloss: 'Reports that need a clerk',
      breadcrumbs: [{ label: '賦課計算', href: '/assessment-runs' }],
      ...(faulty ? { hasErrors: true, status: 422 } : {}),
    },
    html`<div class="stack">${
      questions.length === 0
        ? notice('done', '確認を要する点はありません')
        : notice(
            'warning',
            '確認が必要です',
            html`<ul>${questions.map((question) => html`<li>${holdReasons[question]}</li>`)}</ul>`,
          )
    }${figures([{ label: '報告書', value: `${reports.length}`, unit: '通' }])}${reportTable(reports)}${
      questions.length > 0 &&
      form({
        action: p.path,
        session: p.session,
        fields: [
          {
            kind: 'checks',
            name: 'leftOut',
            label: '合算しない報告書',
            required: false,
            options: reports.map((report) => ({
              value: report.reportId,
              label: `${report.payerName} ${yenText(report.paidYen)}`,
            })),
          },
          ...(needsIncome
            ? [{ kind: 'yen', name: 'spouseIncome', label: '配偶者の合計所得金額（円）', min: 0 } as const]
            : []),
          { kind: 'lines', name: 'reason', label: '確認の方法と理由', maxLength: 500, rows: 3 },
        ],
        values,
        errors,
        hidden,
        submit: '登録して起案する',
        cancelHref: '/assessment-runs',
      })
    }</div>`,
  );
}

const compared: readonly (readonly [string, string])[] = [
  ['incomeAfterDeductionYen', '給与所得控除後の金額'],
  ['socialInsuranceYen', '社会保険料等'],
  ['otherPayerName', '前職の支払者'],
  ['otherPayerPaidYen', '前職の支払金額'],
  ['spouse', '配偶者'],
  ['spouseDeductionYen', '配偶者（特別）控除'],
  ['spouseTotalIncomeYen', '配偶者の合計所得'],
];

/** The reports side by side, a column each. */
const reportTable = (reports: readonly LinkedReport[]) =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="報告書の比較"><table class="data-table"><caption>給与支払報告書の比較</caption><thead><tr><th scope="col">項目</th>${reports.map((report) => html`<th scope="col">${report.payerName}</th>`)}</tr></thead><tbody><tr><th scope="row">支払金額</th>${reports.map((report) => html`<td class="num">${yenText(report.paidYen)}</td>`)}</tr>${compared.map(
    ([name, label]) =>
      html`<tr><th scope="row">${label}</th>${reports.map((report) => html`<td class="num">${shown(report.columns[name])}</td>`)}</tr>`,
  )}</tbody></table></div>`;

const spouseWords: Record<string, string> = {
  'main-yes': '控除対象配偶者あり',
  'main-no': '控除対象配偶者なし',
  'secondary-yes': '控除対象配偶者あり（従）',
  'secondary-no': '控除対象配偶者なし（従）',
};
const shown = (value: unknown): string =>
  typeof value === 'number' ? yenText(value) : typeof value === 'string' ? (spouseWords[value] ?? value) : '―';
