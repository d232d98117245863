import { createHash } from 'node:crypto';
import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { DraftChange } from '../domain/draft-rules.ts';
import { explanations } from '../domain/explanations.ts';
import { assessmentRead, assessmentUpdate } from '../service/assessment/functions.ts';
import {
  compareOtherSystem,
  compareWhatIf,
  compareYearBefore,
  listComparisons,
  otherSystemColumns,
  readComparison,
  type StoredComparison,
} from '../service/comparisons/compare.ts';
import { yearField } from './assessment-runs.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

const kinds = { 'what-if': '試算', 'year-before': '前年比較', 'other-system': '新旧突合' } as const;
const classes: Record<string, string> = {
  same: '同じ',
  new: '新たに課税',
  gone: '課税なし',
  'up-to-1000': '1,000円までの増',
  'up-to-10000': '1万円までの増',
  'up-to-100000': '10万円までの増',
  'up-more': '10万円を超える増',
  'down-to-1000': '1,000円までの減',
  'down-to-10000': '1万円までの減',
  'down-to-100000': '10万円までの減',
  'down-more': '10万円を超える減',
};
const causeText = (cause: string | null): string =>
  cause === null ? '' : (Object.entries(explanations).find(([id]) => id === cause)?.[1].title ?? cause);

const list: WorkListDefinition<StoredComparison> = {
  caption: '比較',
  defaultSort: { key: 'made', direction: 'desc' },
  sizes: [50],
  emptyText: 'まだ比較はありません。',
  columns: [
    {
      key: 'title',
      label: '名称',
      heading: true,
      cell: (row) => html`<a href="/comparisons/${row.comparisonId}">${row.title}</a>`,
    },
    { key: 'kind', label: '種別', cell: (row) => kinds[row.kind] },
    { key: 'year', label: '年度', cell: (row) => reiwaYear(row.fiscalYear) },
    { key: 'compared', label: '人数', align: 'end', cell: (row) => grouped(row.compared) },
    { key: 'differing', label: '差のある人', align: 'end', cell: (row) => grouped(row.differing) },
    { key: 'by', label: '差の合計', align: 'end', cell: (row) => yenText(row.afterYen - row.beforeYen) },
    { key: 'made', label: '実施', cell: (row) => time(Temporal.Instant.from(row.madeAt)) },
  ],
};

const titleField = { kind: 'text', name: 'title', label: '名称', maxLength: 100 } as const;
const whatIfFields: readonly Field[] = [
  yearField,
  titleField,
  {
    kind: 'lines',
    name: 'changes',
    label: '改める数値（1行に1つ）',
    hint: '例: basicDeduction.0.value = 480000　／　levy.wardPerIncome = 6/100',
    maxLength: 2_000,
    rows: 4,
  },
];
const fileFields: readonly Field[] = [
  yearField,
  titleField,
  { kind: 'file', name: 'file', label: '旧システムの税額ファイル（CSV）', accept: '.csv' },
];

/** `figure = 480000` or `figure = 6/100`, one a line; undefined where a line is neither. */
export function readChanges(text: string): readonly DraftChange[] | undefined {
  const changes: DraftChange[] = [];
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line === '') continue;
    const match = /^([A-Za-z0-9.]{1,80})\s*=\s*([0-9]{1,12})(?:\s*\/\s*([0-9]{1,9}))?$/.exec(line);
    const [, figure, numerator, denominator] = match ?? [];
    if (figure === undefined || numerator === undefined) return undefined;
    changes.push({
      figure,
      value: denominator === undefined ? Number(numerator) : [Number(numerator), Number(denominator)],
    });
  }
  return changes;
}

const words: Record<string, string> = {
  'no-title': '名称を入力してください',
  'no-changes': '改める数値を1つ以上入力してください',
  'no-such-figure': '税率表にない項目があります',
  'not-an-amount': '金額の項目に金額以外が指定されています',
  'not-a-ratio': '割合の項目は「分子/分母」で入力してください',
  'wrong-head-line': '見出し行が違います',
  'unreadable-line': '読み取れない行があります',
  'person-twice': '同じ宛名番号が2回あります',
  'unknown-person': '登録のない宛名番号があります',
};
const textOf = (word: string): string => words[word] ?? refusalText(word);

/** 比較: a draft of the rules over the whole ward, the year before, an old system's file. */
export function comparisonPages(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', '/comparisons', assessmentRead, async (p) => {
    const query = readListQuery(list, p.query);
    const read = await listComparisons(deps, p.session.actor, { limit: query.size, offset: query.offset });
    if (!read.ok) return p.problem('not-authorised');
    const values = { year: `${workYear(deps)}` };
    const { session } = p;
    return p.view(
      { title: '比較・試算', gloss: 'Comparisons and what-if runs' },
      html`<div class="stack">${workList(list, { path: p.path, query, ...read.value })}${
        (await p.may(assessmentUpdate)) &&
        html`<section aria-labelledby="what-if">${sectionTitle('税率・控除を変えて試算する', 'What if', 'what-if')}<p>区全体の賦課を、改めた数値でもう一度計算します。賦課は変わりません。</p>${form(
          { action: '/comparisons/what-if', session, fields: whatIfFields, values, submit: '試算する' },
        )}</section><section aria-labelledby="year-before">${sectionTitle('前年度と比べる', 'The year before', 'year-before')}${form(
          { action: '/comparisons/year-before', session, fields: [yearField], values, submit: '比べる' },
        )}</section><section aria-labelledby="other-system">${sectionTitle('旧システムの税額と突き合わせる', 'Old system', 'other-system')}<p>見出し行: <code>${['addressee-number', ...otherSystemColumns].join(',')}</code></p>${form(
          { action: '/comparisons/other-system', session, fields: fileFields, values, submit: '突き合わせる' },
        )}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/comparisons/what-if', assessmentUpdate, async (p) => {
    const read = readForm(whatIfFields, p.form);
    const changes = readChanges(`${p.form.get('changes') ?? ''}`);
    if (!read.ok || changes === undefined)
      return p.redirect('/comparisons', { kind: 'error', text: '「項目 = 数値」の形で1行に1つ入力してください。' });
    const { year, title = '' } = read.value.texts;
    const done = await compareWhatIf(deps, p.session.actor, { fiscalYear: Number(year), title, changes });
    if (!done.ok) return p.redirect('/comparisons', { kind: 'error', text: textOf(done.error) });
    return p.redirect(`/comparisons/${done.value.comparisonId}`);
  });

  page(app, 'POST', '/comparisons/year-before', assessmentUpdate, async (p) => {
    const read = readForm([yearField], p.form);
    if (!read.ok) return p.redirect('/comparisons', { kind: 'error', text: '年度を選んでください。' });
    const done = await compareYearBefore(deps, p.session.actor, { fiscalYear: Number(read.value.texts.year) });
    if (!done.ok) return p.redirect('/comparisons', { kind: 'error', text: textOf(done.error) });
    return p.redirect(`/comparisons/${done.value.comparisonId}`);
  });

  page(app, 'POST', '/comparisons/other-system', assessmentUpdate, async (p) => {
    const read = readForm(fileFields, p.form);
    const file = read.ok ? read.value.files.file : undefined;
    if (!read.ok || file === undefined)
      return p.redirect('/comparisons', { kind: 'error', text: 'ファイルを選んでください。' });
    const bytes = Buffer.from(await file.arrayBuffer());
    const { year, title = '' } = read.value.texts;
    const done = await compareOtherSystem(deps, p.session.actor, {
      fiscalYear: Number(year),
      title,
      csv: bytes.toString('utf8'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    if (!done.ok) return p.redirect('/comparisons', { kind: 'error', text: textOf(done.error) });
    return p.redirect(`/comparisons/${done.value.comparisonId}`);
  });

  page(app, 'GET', '/comparisons/:id', assessmentRead, async (p) => {
    const comparisonId = p.param('id');
    if (!isUuid(comparisonId)) return p.problem('not-found');
    const read = await readComparison(deps, p.session.actor, { comparisonId });
    if (!read.ok) return p.problem(read.error === 'not-authorised' ? read.error : 'not-found');
    const { comparison, persons } = read.value;
    return p.view(
      {
        title: comparison.title,
        gloss: 'Comparison',
        breadcrumbs: [{ label: '比較・試算', href: '/comparisons' }],
      },
      html`<div class="stack">${comparison.kind === 'what-if' && notice('info', '試算です', 'この結果で賦課は変わりません。')}${facts(
        [
          { label: '種別', value: kinds[comparison.kind] },
          { label: '年度', value: reiwaYear(comparison.fiscalYear) },
          { label: '人数', value: `${grouped(comparison.compared)}人（差のある人${grouped(comparison.differing)}人）` },
          { label: '前', value: yenText(comparison.beforeYen) },
          { label: '後', value: yenText(comparison.afterYen) },
          { label: '差', value: yenText(comparison.afterYen - comparison.beforeYen) },
        ],
      )}<div class="table-scroll" tabindex="0" role="region" aria-label="差の内訳の表"><table class="data-table"><caption>差の内訳（区分と、最初に違う計算項目）</caption><thead><tr><th scope="col">区分</th><th scope="col">最初に違う項目</th><th scope="col" class="num">人数</th><th scope="col" class="num">差の合計</th></tr></thead><tbody>${comparison.lines.map(
        (line) =>
          html`<tr><th scope="row">${classes[line.class] ?? line.class}</th><td>${causeText(line.cause)}</td><td class="num">${grouped(line.persons)}</td><td class="num">${yenText(line.differenceYen)}</td></tr>`,
      )}</tbody></table></div>
<div class="table-scroll" tabindex="0" role="region" aria-label="差の大きい人の表"><table class="data-table"><caption>差の大きい人 ${persons.length}人</caption><thead><tr><th scope="col">氏名</th><th scope="col">宛名番号</th><th scope="col">区分</th><th scope="col">最初に違う項目</th><th scope="col" class="num">前</th><th scope="col" class="num">後</th></tr></thead><tbody>${persons.map(
        (person) =>
          html`<tr><th scope="row"><a href="/persons/${person.personId}">${person.name}</a></th><td><code>${person.addresseeNumber}</code></td><td>${classes[person.class] ?? person.class}</td><td>${causeText(person.cause)}</td><td class="num">${person.beforeYen === null ? '' : yenText(person.beforeYen)}</td><td class="num">${person.afterYen === null ? '' : yenText(person.afterYen)}</td></tr>`,
      )}</tbody></table></div></div>`,
    );
  });
}
