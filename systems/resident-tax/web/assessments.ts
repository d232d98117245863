import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { type RecordSection, recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import { assessmentRead, assessmentUpdate } from '../service/assessment/functions.ts';
import {
  type AssessmentView,
  type ListedAssessment,
  listAssessments,
  readAssessment,
} from '../service/assessment/read.ts';
import { submitAssessments, withdrawSubmission } from '../service/assessment/submit.ts';
import { objectionUpdate, reductionUpdate } from '../service/reductions/functions.ts';
import { collectionWords, refusalText, reiwaYear, stateWords, statusWords } from './assessment-words.ts';

const options = (words: Readonly<Record<string, string | readonly [string, ...unknown[]]>>) =>
  Object.entries(words).map(([value, word]) => ({ value, label: typeof word === 'string' ? word : word[0] }));

const list: WorkListDefinition<ListedAssessment> = {
  caption: '賦課一覧',
  defaultSort: { key: 'name', direction: 'asc' },
  sizes: [50, 100],
  emptyText: 'この年度の賦課はまだありません。',
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
      options: options(stateWords).filter((option) => option.value !== 'superseded'),
    },
    { kind: 'select', name: 'status', label: '課税区分', options: options(statusWords) },
    { kind: 'select', name: 'collection', label: '徴収方法', options: options(collectionWords) },
  ],
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      sortable: true,
      cell: (row) => html`<a href="/assessments/${row.assessmentId}">${row.name}</a>`,
    },
    { key: 'addressee', label: '宛名番号', cell: (row) => html`<code>${row.addresseeNumber}</code>` },
    { key: 'version', label: '版', cell: (row) => `第${row.version}版` },
    { key: 'state', label: '状態', cell: (row) => badge(...(stateWords[row.state] ?? [row.state, 'plain'])) },
    { key: 'status', label: '課税区分', cell: (row) => statusWords[row.status] },
    { key: 'collection', label: '徴収方法', cell: (row) => collectionWords[row.collection] },
    { key: 'income', label: '合計所得金額', align: 'end', sortable: true, cell: (row) => yenText(row.totalIncomeYen) },
    { key: 'annual', label: '年税額', align: 'end', sortable: true, cell: (row) => yenText(row.annualYen) },
    {
      key: 'notice',
      label: '通知書',
      cell: (row) => row.documentId && html`<a href="/notices/${row.documentId}">${row.documentId}</a>`,
    },
  ],
};

/** The year that is worked on: the levy of a calendar year is made from its January. */
export const workYear = (deps: ActDeps): number => deps.civilClock.today().year;

export function assessmentPages(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', '/assessments', assessmentRead, async (p) => {
    const query = readListQuery(list, p.query);
    const fiscalYear = Number(query.filters.year ?? workYear(deps));
    const read = await listAssessments(deps, p.session.actor, {
      fiscalYear,
      state: query.filters.state ?? null,
      status: query.filters.status ?? null,
      collection: query.filters.collection ?? null,
      sort: `${query.sort.key}.${query.sort.direction}`,
      limit: query.size,
      offset: query.offset,
    });
    if (!read.ok) return p.problem('not-authorised');
    const submit =
      (await p.may(assessmentUpdate)) &&
      html`<form method="post" action="/assessments/submissions">${tokenField(p.session)}<input type="hidden" name="year" value="${fiscalYear}"><button class="button button-primary" type="submit">起案をまとめて決裁に回す</button></form>`;
    return p.view(
      { title: `賦課一覧 ${reiwaYear(fiscalYear)}`, gloss: 'Assessments', actions: submit },
      workList(list, { path: p.path, query, ...read.value }),
    );
  });

  page(app, 'POST', '/assessments/submissions', assessmentUpdate, async (p) => {
    const fiscalYear = Number(p.form.get('year'));
    const done = await submitAssessments(deps, p.session.actor, { fiscalYear, assessmentIds: null });
    if (!done.ok)
      return p.redirect(`/assessments?year=${fiscalYear}`, { kind: 'error', text: refusalText(done.error) });
    return p.redirect('/assessment-approvals', {
      kind: 'done',
      text: `${grouped(done.value.count)}件を決裁に回しました。別の職員の承認を待ちます。`,
    });
  });

  page(app, 'POST', '/assessments/submissions/:id/withdrawal', assessmentUpdate, async (p) => {
    const done = await withdrawSubmission(deps, p.session.actor, {
      submissionId: p.param('id'),
      reason: `${p.form.get('reason') ?? ''}`,
    });
    return p.redirect(
      '/assessment-approvals',
      done.ok ? { kind: 'done', text: '取り下げました。' } : { kind: 'error', text: refusalText(done.error) },
    );
  });

  page(app, 'GET', '/assessments/:id', assessmentRead, async (p) => {
    const assessmentId = p.param('id');
    if (!isUuid(assessmentId)) return p.problem('not-found');
    const read = await readAssessment(deps, p.session.actor, { assessmentId });
    if (!read.ok) return p.problem(read.error === 'no-such-assessment' ? 'not-found' : 'not-authorised');
    const { assessment, person } = read.value;
    return p.view(
      {
        title: `${person.name} ${reiwaYear(assessment.fiscalYear)} 賦課`,
        gloss: 'Assessment of one person',
        breadcrumbs: [{ label: '賦課一覧', href: `/assessments?year=${assessment.fiscalYear}` }],
      },
      html`${
        assessment.state === 'decided' &&
        html`<p class="row">${(await p.may(reductionUpdate)) && html`<a href="/assessments/${assessmentId}/reduction">減免の申請を受け付ける</a>`} ${(await p.may(objectionUpdate)) && html`<a href="/assessments/${assessmentId}/objection">審査請求を受け付ける</a>`}</p>`
      }${!read.value.agrees && notice('error', '保存された税額が計算の理由と一致しません', '監査担当に連絡してください。この賦課から通知書や副本は作られません。')}
${recordPage({ sections: sections(read.value), history: history(read.value) })}`,
    );
  });
}

function sections(view: AssessmentView): RecordSection[] {
  const { assessment: a, person } = view;
  return [
    {
      title: '税額',
      gloss: 'Tax',
      facts: [
        { label: '状態', value: badge(...(stateWords[a.state] ?? [a.state, 'plain'])) },
        { label: '宛名番号', gloss: 'Addressee number', value: html`<code>${person.addresseeNumber}</code>` },
        { label: '課税区分', value: statusWords[a.status] },
        { label: '年税額', gloss: 'Annual tax', value: html`<strong>${yenText(a.annualYen)}</strong>` },
        { label: '特別区民税 所得割・均等割', value: `${yenText(a.wardPerIncomeYen)}・${yenText(a.wardPerCapitaYen)}` },
        {
          label: '都民税 所得割・均等割',
          value: `${yenText(a.metropolisPerIncomeYen)}・${yenText(a.metropolisPerCapitaYen)}`,
        },
        { label: '森林環境税', value: yenText(a.forestTaxYen) },
        ...(view.flatCutShortfallYen > 0
          ? [
              {
                label: '定額減税控除不足額',
                gloss: 'Flat cut beyond the levy',
                value: yenText(view.flatCutShortfallYen),
              },
            ]
          : []),
        { label: '徴収方法', gloss: 'Collection', value: collectionWords[a.collection] },
        { label: '起案者', value: a.draftedBy },
        {
          label: '決定',
          value: a.decidedOn === null ? null : html`${time(Temporal.PlainDate.from(a.decidedOn))} ${a.decidedBy}`,
        },
        {
          label: '規則と税率表の版',
          gloss: 'Versions',
          value: html`<code>${a.rulesVersion} / ${a.ratesVersion}</code>`,
        },
      ],
    },
    ...(view.listed === null
      ? []
      : [
          {
            title: '上場株式等の所得',
            gloss: 'Listed shares: declared and served when',
            facts: listedFacts(view.listed),
          },
        ]),
    ...(view.instalments.length > 0 ? [{ title: '期割', gloss: 'Instalments', body: instalments(view) }] : []),
    ...(view.charges.length > 0
      ? [{ title: '調定と納付番号', gloss: 'What is to be paid when, and by which number', body: charges(view) }]
      : []),
    ...(view.differences.length > 0
      ? [{ title: '前の版との違い', gloss: 'Changes since the version before', body: differences(view) }]
      : []),
    { title: '計算の理由', gloss: 'Every figure with its reason and article', body: reasons(view) },
  ];
}

const verdictWords = {
  enter: '算入する',
  'left-out': '算入しない（通知書の送達までに申告されていません）',
  'service-day-missing': '送達日が記録されていません',
  'filing-day-missing': '提出日が分かりません',
} as const;

/** Both days, and what follows from them by which article (INC-19). */
function listedFacts({ declaredOn, service, shares }: NonNullable<AssessmentView['listed']>) {
  const article = 'article' in shares ? shares.article : null;
  return [
    { label: '最初に申告された日', value: declaredOn === null ? null : time(Temporal.PlainDate.from(declaredOn)) },
    {
      label: '通知書の送達日',
      value:
        service.state === 'served'
          ? time(Temporal.PlainDate.from(service.on))
          : service.state === 'not-served'
            ? '送達していません'
            : '記録がありません',
    },
    { label: '賦課への算入', value: `${verdictWords[shares.verdict]}${article === null ? '' : `（${article}）`}` },
  ];
}

const table = (caption: string, body: ReturnType<typeof html>) =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="${caption}の表"><table class="data-table"><caption class="visually-hidden">${caption}</caption>${body}</table></div>`;

const instalments = ({ assessment, instalments: parts }: AssessmentView) =>
  table(
    '期割',
    html`<thead><tr><th scope="col">期別・徴収月</th><th scope="col">納期限・月の初日</th><th scope="col" class="num">税額</th></tr></thead><tbody>${parts.map(
      (part) =>
        html`<tr><th scope="row">${partName(assessment.collection, part)}</th><td>${time(Temporal.PlainDate.from(part.dueOn))}</td><td class="num">${yenText(part.amountYen)}</td></tr>`,
    )}</tbody>`,
  );

/** The parts of 併徴 are twelve months, then four due dates; of a pension two due dates, then six months. */
function partName(collection: string, { partNo, dueOn }: AssessmentView['instalments'][number]): string {
  const { month } = Temporal.PlainDate.from(dueOn);
  if (collection === 'special' || (collection === 'mixed' && partNo <= 12)) return `${month}月（給与）`;
  if (collection === 'mixed') return `第${partNo - 12}期`;
  if (collection === 'pension' && partNo > 2) return `${[4, 6, 8, 10, 12, 2][partNo - 3]}月（年金）`;
  return `第${partNo}期`;
}

const charges = ({ charges: all }: AssessmentView) =>
  table(
    '調定と納付番号',
    html`<thead><tr><th scope="col">期</th><th scope="col">納期限</th><th scope="col" class="num">税額</th><th scope="col">版</th><th scope="col">案件特定キー・指定番号</th></tr></thead><tbody>${all.map(
      (charge) =>
        html`<tr><th scope="row">${charge.method !== 'ordinary' ? `${charge.instalment}月（${charge.method === 'special' ? '給与' : '年金'}）` : `第${charge.instalment}期`}</th><td>${time(Temporal.PlainDate.from(charge.dueOn))}</td><td class="num">${yenText(charge.amountYen)}</td><td>${charge.revision}</td><td><code>${charge.caseKey ?? charge.designationNumber ?? '―'}</code></td></tr>`,
    )}</tbody>`,
  );

const differences = ({ differences: all }: AssessmentView) =>
  table(
    '前の版との違い',
    html`<thead><tr><th scope="col">項目</th><th scope="col" class="num">前の版</th><th scope="col" class="num">この版</th><th scope="col" class="num">差</th></tr></thead><tbody>${all.map(
      (d) =>
        html`<tr><th scope="row">${d.title}</th><td class="num">${grouped(d.before)}</td><td class="num">${grouped(d.now)}</td><td class="num">${grouped(d.now - d.before)}</td></tr>`,
    )}</tbody>`,
  );

const reasons = ({ explained }: AssessmentView) =>
  table(
    '計算の理由',
    html`<thead><tr><th scope="col">項目</th><th scope="col" class="num">結果</th><th scope="col">計算に使った値</th><th scope="col">根拠</th></tr></thead><tbody>${explained.explained.map(
      (step) =>
        html`<tr><th scope="row">${step.title}</th><td class="num">${step.result}</td><td>${step.inputs.map((input, i) => html`${i > 0 && '、'}${input.name} ${grouped(input.value)}`)}</td><td>${step.law}</td></tr>`,
    )}</tbody>`,
  );

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

const history = ({ versions }: AssessmentView) =>
  versions.toReversed().map((version) => ({
    recordedAt: instantOf(version.draftedAt),
    ...(version.decidedOn === null ? {} : { validFrom: Temporal.PlainDate.from(version.decidedOn) }),
    what: `第${version.version}版 ${yenText(version.annualYen)}（${stateWords[version.state]?.[0] ?? version.state}）`,
    who: version.decidedBy === null ? version.draftedBy : `起案 ${version.draftedBy}、決定 ${version.decidedBy}`,
  }));
