import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { supportedFiscalYears } from '@musubi/rates/resident-tax/for-year.ts';
import type { Deps } from '../deps.ts';
import { type CheckAnswer, checkAnswers, checkRules } from '../domain/check-rules.ts';
import { answerFinding, type Finding, makeCheckList, readCheckList } from '../service/checks/check-lists.ts';

const reading = ['resident-tax', 'check', 'read'] as const;
const updating = ['resident-tax', 'check', 'update'] as const;

const answerBadge = ({ answer }: Finding) =>
  answer === null ? badge('未確認', 'warning') : badge(checkAnswers[answer], answer === 'inquiry' ? 'info' : 'done');

const listOf = (fiscalYear: number): WorkListDefinition<Finding> => ({
  caption: 'チェックリスト',
  emptyText: '該当する項目はありません。',
  defaultSort: { key: 'no', direction: 'asc' },
  filters: [
    {
      kind: 'select',
      name: 'year',
      label: '年度',
      options: supportedFiscalYears.map((year) => ({ value: `${year}`, label: `令和${year - 2018}年度` })),
    },
    {
      kind: 'select',
      name: 'rule',
      label: 'チェックの種類',
      options: Object.entries(checkRules).map(([value, { text }]) => ({ value, label: text })),
    },
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: [
        { value: 'open', label: '未確認' },
        { value: 'answered', label: '確認済' },
      ],
    },
  ],
  columns: [
    {
      key: 'no',
      label: '番号',
      heading: true,
      cell: (f) => html`<a href="/checks/${fiscalYear}/${f.findingNo}">${grouped(f.findingNo)}</a>`,
    },
    { key: 'rule', label: 'チェックの種類', cell: (f) => checkRules[f.rule].text },
    { key: 'person', label: '納税義務者', cell: (f) => html`<a href="/persons/${f.personId}">${f.name}</a>` },
    {
      key: 'other',
      label: '相手方',
      cell: (f) => (f.otherId === null ? '―' : html`<a href="/persons/${f.otherId}">${f.otherName}</a>`),
    },
    { key: 'reports', label: '資料', align: 'end', cell: (f) => `${f.reportIds.length}件` },
    { key: 'answer', label: '状態', cell: answerBadge },
  ],
});

const staleNotice = notice(
  'error',
  'この一覧は古くなっています',
  '作成の後に、住民記録・支援措置・資料・賦課のいずれかが変わりました。確認に使う前に作り直してください。',
);

/** チェックリスト: made for a year, worked through, and made anew when anything that it rests on has changed. */
export function registerCheckPages(app: PageApp, deps: Deps): void {
  const yearOf = (text: string | null | undefined): number => {
    const asked = Number(text);
    const years: readonly number[] = supportedFiscalYears;
    return years.includes(asked) ? asked : Math.min(deps.civilClock.today().year, years.at(-1)!);
  };

  page(app, 'GET', '/checks', reading, async (p) => {
    const fiscalYear = yearOf(p.query.get('year'));
    const definition = listOf(fiscalYear);
    const query = readListQuery(definition, p.query);
    const found = await readCheckList(deps, p.session.actor, {
      fiscalYear,
      rule: query.filters.rule ?? null,
      state: query.filters.state ?? null,
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-authorised');
    const { list, isStale, rows, total } = found.value;
    const make =
      (await p.may(updating)) &&
      html`<form method="post" action="/checks/${fiscalYear}">${tokenField(p.session)}<button class="button button-primary" type="submit">${list === undefined ? 'チェックリストを作る' : '作り直す'}</button></form>`;
    return p.view(
      {
        title: `チェックリスト（令和${fiscalYear - 2018}年度）`,
        gloss: 'Checks across documents and households',
        actions: make,
      },
      html`<div class="stack">${isStale && staleNotice}${
        list === undefined
          ? notice('info', 'この年度のチェックリストはまだ作られていません')
          : facts([
              { label: '作成', value: html`${time(list.madeAt)}（${list.madeBy}）` },
              { label: '該当', value: `${grouped(list.findings)}件` },
              { label: '確認済', value: `${grouped(list.answered)}件` },
            ])
      }${workList(definition, { path: p.path, query, rows, total })}</div>`,
    );
  });

  page(app, 'POST', '/checks/:year', updating, async (p) => {
    const fiscalYear = yearOf(p.param('year'));
    const made = await makeCheckList(deps, p.session.actor, { fiscalYear });
    if (!made.ok) return p.problem('not-authorised');
    return p.redirect(`/checks?year=${fiscalYear}`, {
      kind: 'done',
      text: `チェックリストを作りました（${grouped(made.value.findings)}件）。`,
    });
  });

  page(app, 'GET', '/checks/:year/:no', reading, async (p) => {
    const fiscalYear = yearOf(p.param('year'));
    const no = Number(p.param('no'));
    if (!Number.isInteger(no) || no < 1 || no > 10_000_000) return p.problem('not-found');
    const query = { fiscalYear, rule: null, state: null, limit: 1, offset: no - 1 };
    const found = await readCheckList(deps, p.session.actor, query);
    if (!found.ok) return p.problem('not-authorised');
    const [finding] = found.value.rows;
    const { list, isStale } = found.value;
    if (finding === undefined || list === undefined) return p.problem('not-found');
    const rule = checkRules[finding.rule];
    const mayAnswer = finding.answer === null && !isStale && (await p.may(updating));
    return p.view(
      {
        title: `チェック ${grouped(finding.findingNo)}`,
        gloss: 'One finding',
        breadcrumbs: [{ label: 'チェックリスト', href: `/checks?year=${fiscalYear}` }],
      },
      html`<div class="stack">${isStale && staleNotice}${facts([
        { label: '内容', value: rule.text },
        { label: '根拠', value: rule.law },
        { label: '納税義務者', value: html`<a href="/persons/${finding.personId}">${finding.name}</a>` },
        {
          label: '相手方',
          value: finding.otherId === null ? null : html`<a href="/persons/${finding.otherId}">${finding.otherName}</a>`,
        },
        {
          label: '資料',
          value: html`<ul>${finding.reportIds.map((id, i) => html`<li><a href="/matching/${id}">資料${i + 1}</a></li>`)}</ul>`,
        },
        { label: '状態', value: answerBadge(finding) },
        { label: '確認の内容', value: finding.note },
        { label: '確認した人', value: finding.answeredBy },
      ])}${
        mayAnswer &&
        html`<form method="post" action="/checks/${fiscalYear}/${finding.findingNo}" class="stack">${tokenField(p.session)}
<input type="hidden" name="list" value="${list.checkListId}">
<fieldset><legend>確認の結果</legend>${Object.entries(checkAnswers).map(
          ([value, label]) =>
            html`<label class="choice"><input type="radio" name="answer" value="${value}" required> ${label}</label>`,
        )}</fieldset>
<label for="note">確認した内容（必須）</label><textarea id="note" name="note" rows="3" maxlength="1000" required></textarea>
<button class="button button-primary" type="submit">記録する</button></form>`
      }</div>`,
    );
  });

  page(app, 'POST', '/checks/:year/:no', updating, async (p) => {
    const fiscalYear = yearOf(p.param('year'));
    const back = `/checks/${fiscalYear}/${p.param('no')}`;
    const answer = `${p.form.get('answer') ?? ''}`;
    if (!Object.hasOwn(checkAnswers, answer))
      return p.redirect(back, { kind: 'error', text: '確認の結果を選んでください。' });
    const answered = await answerFinding(deps, p.session.actor, {
      fiscalYear,
      checkListId: `${p.form.get('list') ?? ''}`,
      findingNo: Number(p.param('no')),
      answer: answer as CheckAnswer,
      note: `${p.form.get('note') ?? ''}`.slice(0, 1000),
    });
    if (answered.ok)
      return p.redirect(`/checks?year=${fiscalYear}`, { kind: 'done', text: '確認の結果を記録しました。' });
    return p.redirect(back, { kind: 'error', text: refusals[answered.error] ?? '記録できませんでした。' });
  });
}

const refusals: Readonly<Record<string, string>> = {
  'note-missing': '確認した内容を入力してください。',
  'newer-list': '新しいチェックリストが作られています。新しい一覧で確認してください。',
  'stale-list': '作成の後に住民記録や資料が変わったため、この一覧では確認できません。作り直してください。',
  'already-answered': 'すでに確認の結果が記録されています。',
};
