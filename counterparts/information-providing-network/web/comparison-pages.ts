import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import type { Disagreement } from '../domain/compare-records.ts';
import { listComparisons } from '../service/compare-records.ts';

const system = 'information-providing-network';
type Line = Awaited<ReturnType<typeof pageOf>>['lines'][number];
const pageOf = async (deps: Deps, actor: Parameters<typeof listComparisons>[1], limit: number, offset: number) =>
  unwrap(await listComparisons(deps, actor, { limit, offset }));
const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

/** 記録の突合: when the three records were compared, and where they disagree. */
export function addComparisonPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/comparisons', [system, 'comparison', 'read'], async (p) => {
    const query = readListQuery(lineList, p.query);
    const { lines, newest } = await pageOf(deps, p.session.actor, query.size, query.offset);
    return p.view(
      { title: '記録の突合', gloss: 'Comparison of the three records' },
      html`<div class="stack">${workList(lineList, { path: p.path, query, rows: lines, total: lines[0]?.total ?? 0 })}<section>${sectionTitle('不一致', 'Disagreements')}${
        newest.length === 0
          ? html`<p class="muted">ありません。</p>`
          : html`<ul>${newest.map(
              (d) => html`<li><code>${d.inquiryNumber}</code> ${d.asker}→${d.provider}：${kinds[d.kind]}</li>`,
            )}</ul>`
      }</section></div>`,
    );
  });
}

const kinds = {
  'missing-at-asker': '照会者に記録がない',
  'missing-at-provider': '提供者に記録がない',
  'missing-at-network': 'ネットワークに記録がない',
  'results-differ': '結果が異なる',
  'not-taken': '回答が受け取られていない',
} as const satisfies Record<Disagreement, string>;

const lineList: WorkListDefinition<Line> = {
  caption: '記録の突合',
  columns: [
    {
      key: 'until',
      label: '対象',
      heading: true,
      cell: (r) => html`${time(instantOf(r.from))}～${time(instantOf(r.until))}`,
    },
    { key: 'compared', label: '照会', align: 'end', cell: (r) => grouped(r.compared) },
    {
      key: 'disagreements',
      label: '不一致',
      cell: (r) => (r.disagreements === 0 ? badge('なし', 'done') : badge(`${r.disagreements}件`, 'error')),
    },
    { key: 'unreached', label: '応答のない機関', cell: (r) => r.unreached.join('、') },
  ],
  defaultSort: { key: 'until', direction: 'desc' },
  emptyText: '突合はまだ行われていません。',
};
