import { changeReasons } from '@musubi/contracts/juki/codes.ts';
import { providedItems } from '@musubi/contracts/juki/tasks.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, momentText } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { readProvisionRecords } from '../service/provisions.ts';
import { minimumCount, type Published, provisionStatistics, updateStatistics } from '../service/statistics.ts';
import { refusalText } from './refusal-words.ts';

export const statisticsRight = ['prefectural-juki', 'statistics', 'read'] as const;
export const provisionRight = ['prefectural-juki', 'provision', 'read'] as const;

const reasonText = (word: string): string => changeReasons[word as keyof typeof changeReasons] ?? word;
const cellText = (n: number | null): string => (n === null ? 'x' : grouped(n));
const isDay = (text: string | null): text is string => text !== null && /^\d{4}-\d\d-\d\d$/.test(text);

/** From the first of this month, where nothing was asked. */
function periodOf(p: PageRequest, deps: Deps): { from: string; until: string } {
  const [first, last] = daysOf(deps);
  const [from, until] = [p.query.get('from'), p.query.get('until')];
  return {
    from: isDay(from) ? from : first.with({ day: 1 }).toString(),
    until: isDay(until) ? until : last.toString(),
  };
}

/**
 * Today by both clocks, the earlier first: updates are counted by the day that the law sees, provisions by the moment they
 * happened. Only in a training town are these two days.
 */
export function daysOf(deps: Deps): [Temporal.PlainDate, Temporal.PlainDate] {
  const days = [deps.civilClock.today(), deps.machineClock.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate()];
  return days.sort(Temporal.PlainDate.compare) as [Temporal.PlainDate, Temporal.PlainDate];
}

const recordList: WorkListDefinition<ProvisionRow> = {
  caption: '提供・移転の記録',
  filters: [
    { kind: 'text', name: 'recipient', label: '提供先', maxLength: 60 },
    { kind: 'text', name: 'task', label: '事務コード', maxLength: 40 },
    { kind: 'text', name: 'operator', label: '操作者', maxLength: 60 },
    {
      kind: 'select',
      name: 'result',
      label: '結果',
      options: [
        { value: 'given', label: '提供' },
        { value: 'refused', label: '拒否' },
      ],
    },
  ],
  columns: [
    { key: 'at', label: '日時', heading: true, cell: (r) => momentText(r.providedAt) },
    {
      key: 'recipient',
      label: '提供先',
      cell: (r) => `${r.recipient}${r.source === 'national' ? '（全国サーバの回答）' : ''}`,
    },
    { key: 'task', label: '事務・根拠', cell: (r) => `${r.taskCode ?? ''} ${r.ground}` },
    { key: 'document', label: '文書', cell: (r) => r.document },
    { key: 'who', label: '操作者・端末', cell: (r) => `${r.operatorId || r.asker} ${r.terminalId ?? ''}` },
    {
      key: 'items',
      label: '項目',
      cell: (r) => r.items.map((item) => providedItems[item as keyof typeof providedItems] ?? item).join('、'),
    },
    {
      key: 'result',
      label: '結果',
      cell: (r) =>
        r.result === 'given' ? badge('提供', 'done') : html`${badge('拒否', 'warning')} ${refusalText(r.refusal)}`,
    },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '記録はありません。',
};
interface ProvisionRow {
  readonly providedAt: Temporal.Instant;
  readonly recipient: string;
  readonly source: string;
  readonly taskCode: string | null;
  readonly ground: string;
  readonly document: string;
  readonly operatorId: string;
  readonly asker: string;
  readonly terminalId: string | null;
  readonly items: readonly string[];
  readonly result: string;
  readonly refusal: string | null;
}

/** 提供・移転の記録 and 統計資料: what was given to whom, and counts that identify nobody, on paper and as CSV. */
export function addStatisticsPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/provisions', provisionRight, async (p) => {
    const query = readListQuery(recordList, p.query);
    const { recipient, task, operator, result } = query.filters;
    const found = await readProvisionRecords(deps, p.session.actor, {
      recipient: recipient || null,
      taskCode: task || null,
      operatorId: operator || null,
      result: result || null,
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '提供・移転の記録', gloss: 'Records of provision' },
      workList(recordList, { path: '/provisions', query, ...found.value }),
    );
  });

  page(app, 'GET', '/statistics', statisticsRight, async (p) => {
    const period = periodOf(p, deps);
    const updates = await updateStatistics(deps, p.session.actor, period);
    const provisions = await provisionStatistics(deps, p.session.actor, period);
    const choose = searchForm({
      action: '/statistics',
      method: 'get',
      session: p.session,
      label: '期間',
      fields: [
        { kind: 'date', name: 'from', label: 'から' },
        { kind: 'date', name: 'until', label: 'まで' },
      ],
      values: period,
      submit: '集計する',
    });
    const title = { title: '統計資料', gloss: 'Statistics' };
    if (!updates.ok || !provisions.ok)
      return p.view(
        { ...title, hasErrors: true, status: 422 },
        html`${choose}${notice('error', '集計できません', '期間を確かめてください。')}`,
      );
    const range = new URLSearchParams(period).toString();
    return p.view(
      {
        ...title,
        actions: html`<a class="button" href="/statistics/updates.csv?${range}">CSV（更新）</a> <a class="button" href="/statistics/provisions.csv?${range}">CSV（提供）</a>`,
      },
      html`<div class="stack">${choose}
${sectionTitle('市区町村・異動事由別の更新件数', 'Updates by municipality and reason')}
<p class="muted">${minimumCount}件未満の数と、それを引き算で示す数は「x」と表示します。</p>
${updates.value.rows.length === 0 ? html`<p class="muted">この期間の更新はありません。</p>` : updateTable(updates.value)}
${sectionTitle('提供先・事務別の提供件数', 'Provisions by recipient and task')}
${
  provisions.value.length === 0
    ? html`<p class="muted">この期間の提供はありません。</p>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="提供件数の表"><table class="data-table"><caption>提供件数</caption>
<thead><tr><th scope="col">提供先</th><th scope="col">事務</th><th scope="col" class="end">提供</th><th scope="col" class="end">拒否</th></tr></thead>
<tbody>${provisions.value.map((line) => html`<tr><th scope="row">${line.recipient}</th><td>${line.task}</td><td class="end">${grouped(line.given)}</td><td class="end">${grouped(line.refused)}</td></tr>`)}</tbody></table></div>`
}</div>`,
    );
  });
  page(app, 'GET', '/statistics/updates.csv', statisticsRight, async (p) => {
    const made = await updateStatistics(deps, p.session.actor, periodOf(p, deps));
    return made.ok ? csv(p, 'updates.csv', updateLines(made.value)) : p.problem('not-found');
  });
  page(app, 'GET', '/statistics/provisions.csv', statisticsRight, async (p) => {
    const made = await provisionStatistics(deps, p.session.actor, periodOf(p, deps));
    if (!made.ok) return p.problem('not-found');
    const lines = made.value.map((l) => [l.recipient, l.task, `${l.given}`, `${l.refused}`]);
    return csv(p, 'provisions.csv', [['提供先', '事務', '提供', '拒否'], ...lines]);
  });
}

const updateTable = (t: Published) =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="更新件数の表"><table class="data-table"><caption>更新件数</caption>
<thead><tr><th scope="col">市区町村</th>${t.columns.map((c) => html`<th scope="col" class="end">${reasonText(c)}</th>`)}<th scope="col" class="end">計</th></tr></thead>
<tbody>${t.rows.map((row, r) => html`<tr><th scope="row">${row}</th>${t.cells[r]!.map((n) => html`<td class="end">${cellText(n)}</td>`)}<td class="end">${cellText(t.rowTotals[r]!)}</td></tr>`)}
<tr><th scope="row">計</th>${t.columnTotals.map((n) => html`<td class="end">${cellText(n)}</td>`)}<td class="end">${cellText(t.total)}</td></tr></tbody></table></div>`;

const updateLines = (t: Published): string[][] => [
  ['市区町村', ...t.columns.map(reasonText), '計'],
  ...t.rows.map((row, r) => [
    row,
    ...t.cells[r]!.map((n) => (n === null ? 'x' : `${n}`)),
    t.rowTotals[r] === null ? 'x' : `${t.rowTotals[r]}`,
  ]),
  ['計', ...t.columnTotals.map((n) => (n === null ? 'x' : `${n}`)), t.total === null ? 'x' : `${t.total}`],
];

/** UTF-8 with its mark and CRLF, as spreadsheets in offices read it; a text that a spreadsheet would calculate is quoted apart. */
function csv(p: PageRequest, name: string, lines: readonly (readonly string[])[]): Response {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const text = `\ufeff${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
  return p.file(Buffer.from(text), { type: 'text/csv; charset=utf-8', name, inline: false });
}
