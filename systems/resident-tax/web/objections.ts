import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import {
  objectionRead,
  objectionRuling,
  objectionUpdate,
  type ReductionDeps,
} from '../service/reductions/functions.ts';
import {
  fileObjection,
  type ListedObjection,
  listObjections,
  type RuleOnObjection,
  ruleOnObjection,
} from '../service/reductions/objections.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

const outcomes: Readonly<Record<string, readonly [string, Tone]>> = {
  open: ['審理中', 'warning'],
  dismissed: ['却下', 'plain'],
  rejected: ['棄却', 'plain'],
  upheld: ['認容', 'done'],
  'upheld-in-part': ['一部認容', 'done'],
  withdrawn: ['取下げ', 'plain'],
};
const refusals: Readonly<Record<string, string>> = {
  'no-such-levy': '決定された賦課ではありません',
  'no-claim': '請求の趣旨と理由を入力してください',
  'wrong-dates': '日付の前後を確かめてください',
  'already-filed': 'この賦課への審査請求は審理中です',
  'out-of-time': '期間（3か月）を過ぎています。正当な理由の申立てがあれば入力してください',
  'already-ruled': '他の職員が先に入力しました',
  'approver-is-drafter': '受け付けた職員は裁決を入力できません',
};
const wordOf = (word: string): string => refusals[word] ?? refusalText(word);

const list: WorkListDefinition<ListedObjection> = {
  caption: '審査請求の一覧',
  defaultSort: { key: 'filed', direction: 'desc' },
  emptyText: 'この年度の審査請求はありません。',
  filters: [
    {
      kind: 'select',
      name: 'year',
      label: '年度',
      options: supportedFiscalYears.map((year) => ({ value: `${year}`, label: reiwaYear(year) })),
    },
  ],
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (row) => html`<a href="/assessments/${row.assessmentId}">${row.name}</a>`,
    },
    { key: 'known', label: '知った日', cell: (row) => time(Temporal.PlainDate.from(row.knownOn)) },
    {
      key: 'filed',
      label: '請求日',
      cell: (row) =>
        html`${time(Temporal.PlainDate.from(row.filedOn))}${!row.inTime && html` ${badge('期間後', 'warning')}`}`,
    },
    { key: 'claim', label: '趣旨', cell: (row) => row.claim.slice(0, 60) },
    {
      key: 'outcome',
      label: '結果',
      cell: (row) =>
        html`${badge(...(outcomes[row.outcome ?? 'open'] ?? ['―', 'plain']))}${row.outcome === null && html` <a href="/objections/${row.objectionId}/ruling">裁決を入力<span class="visually-hidden">（${row.name}）</span></a>`}`,
    },
  ],
};

const fileFields: readonly Field[] = [
  { kind: 'date', name: 'knownOn', label: '処分があったことを知った日' },
  { kind: 'date', name: 'filedOn', label: '審査請求の日' },
  { kind: 'lines', name: 'claim', label: '趣旨と理由', maxLength: 2000, rows: 5 },
  { kind: 'lines', name: 'lateReason', label: '期間を過ぎた正当な理由', maxLength: 500, rows: 2, required: false },
];
const rulingFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'outcome',
    label: '裁決',
    options: Object.entries(outcomes)
      .filter(([value]) => value !== 'open')
      .map(([value, [label]]) => ({ value, label })),
  },
  { kind: 'date', name: 'ruledOn', label: '裁決（取下げ）の日' },
  { kind: 'lines', name: 'reason', label: '主文と理由の要点', maxLength: 2000, rows: 5 },
];

/** 審査請求: taken by one clerk, the ruling entered by another. */
export function objectionPages(app: PageApp, deps: ReductionDeps): void {
  page(app, 'GET', '/objections', objectionRead, async (p) => {
    const query = readListQuery(list, p.query);
    const fiscalYear = Number(query.filters.year ?? workYear(deps));
    const read = await listObjections(deps, p.session.actor, { fiscalYear, limit: query.size, offset: query.offset });
    if (!read.ok) return p.problem('not-authorised');
    const { rows, total, counts } = read.value;
    return p.view(
      { title: `審査請求 ${reiwaYear(fiscalYear)}`, gloss: 'Objections' },
      html`<div class="stack">${counts.length > 0 && facts(counts.map(({ outcome, n }) => ({ label: outcomes[outcome]?.[0] ?? outcome, value: `${grouped(n)}件` })))}${workList(list, { path: p.path, query, rows, total })}</div>`,
    );
  });

  page(app, 'GET', '/assessments/:id/objection', objectionUpdate, (p) => {
    const assessmentId = p.param('id');
    if (!isUuid(assessmentId)) return p.problem('not-found');
    return p.view(
      {
        title: '審査請求の受付',
        gloss: 'Objection to a levy',
        breadcrumbs: [{ label: '賦課', href: `/assessments/${assessmentId}` }],
      },
      html`<div class="stack"><p>知った日の翌日から3か月以内の請求を受け付けます。審査請求があっても、納付や督促は止まりません（執行停止の決定がある場合を除きます）。</p>${form(
        {
          action: `/assessments/${assessmentId}/objection`,
          session: p.session,
          fields: fileFields,
          values: { filedOn: deps.civilClock.today().toString() },
          submit: '受け付ける',
        },
      )}</div>`,
    );
  });

  page(app, 'POST', '/assessments/:id/objection', objectionUpdate, async (p) => {
    const assessmentId = p.param('id');
    if (!isUuid(assessmentId)) return p.problem('not-found');
    const back = `/assessments/${assessmentId}/objection`;
    const read = readForm(fileFields, p.form);
    if (!read.ok) return p.redirect(back, { kind: 'error', text: '日付と趣旨を入力してください' });
    const { texts } = read.value;
    const done = await fileObjection(deps, p.session.actor, {
      assessmentId,
      knownOn: Temporal.PlainDate.from(texts.knownOn ?? ''),
      filedOn: Temporal.PlainDate.from(texts.filedOn ?? ''),
      claim: texts.claim ?? '',
      lateReason: texts.lateReason ?? '',
    });
    if (!done.ok) return p.redirect(back, { kind: 'error', text: wordOf(done.error) });
    return p.redirect('/objections', { kind: 'done', text: '審査請求を受け付けました。' });
  });

  page(app, 'GET', '/objections/:id/ruling', objectionRuling, (p) => {
    const objectionId = p.param('id');
    if (!isUuid(objectionId)) return p.problem('not-found');
    return p.view(
      { title: '裁決の入力', gloss: 'Ruling', breadcrumbs: [{ label: '審査請求', href: '/objections' }] },
      html`<section>${sectionTitle('裁決', 'Ruling', 'ruling')}<p>認容のときは、この後に資料又は確認の結果を直し、月次更正で税額を改めます。</p>${form(
        { action: `/objections/${objectionId}/ruling`, session: p.session, fields: rulingFields, submit: '記録する' },
      )}</section>`,
    );
  });

  page(app, 'POST', '/objections/:id/ruling', objectionRuling, async (p) => {
    const objectionId = p.param('id');
    if (!isUuid(objectionId)) return p.problem('not-found');
    const back = `/objections/${objectionId}/ruling`;
    const read = readForm(rulingFields, p.form);
    if (!read.ok) return p.redirect(back, { kind: 'error', text: '裁決、日付、理由を入力してください' });
    const { texts } = read.value;
    const done = await ruleOnObjection(deps, p.session.actor, {
      objectionId,
      outcome: texts.outcome as RuleOnObjection['outcome'],
      ruledOn: Temporal.PlainDate.from(texts.ruledOn ?? ''),
      reason: texts.reason ?? '',
    });
    if (!done.ok) return p.redirect(back, { kind: 'error', text: wordOf(done.error) });
    return p.redirect('/objections', { kind: 'done', text: '裁決を記録しました。' });
  });
}
