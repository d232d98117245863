import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, yenText } from '@musubi/kernel/pages/html.ts';
import { assessmentRead } from '../service/assessment/functions.ts';
import { levyStatistics, minimumCount } from '../service/statistics/levy-statistics.ts';
import { reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';

/** 課税状況調 */
export function statisticsPages(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', '/statistics', assessmentRead, async (p) => {
    const fiscalYear = Number(p.query.get('year') ?? workYear(deps));
    if (!Number.isInteger(fiscalYear)) return p.problem('not-found');
    const read = await levyStatistics(deps, p.session.actor, { fiscalYear });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: `課税状況調 ${reiwaYear(fiscalYear)}`,
        gloss: 'Statistics of the levy',
        breadcrumbs: [{ label: '賦課一覧', href: '/assessments' }],
      },
      html`<div class="stack"><p>${minimumCount}人に満たない段階は表示しません（－）。</p><div class="table-scroll" tabindex="0" role="region" aria-label="課税標準額の段階別の表"><table class="data-table"><caption>課税標準額の段階別（所得割のある人）</caption><thead><tr><th scope="col">課税標準額</th><th scope="col" class="num">人数</th><th scope="col" class="num">課税標準額の計</th><th scope="col" class="num">特別区民税 所得割</th><th scope="col" class="num">都民税 所得割</th></tr></thead><tbody>${read.value.map(
        ({ label, figures }) =>
          html`<tr><th scope="row">${label}</th>${
            figures === null
              ? html`<td class="num">－</td><td class="num">－</td><td class="num">－</td><td class="num">－</td>`
              : html`<td class="num">${grouped(figures.persons)}</td><td class="num">${yenText(figures.taxableYen)}</td><td class="num">${yenText(figures.wardYen)}</td><td class="num">${yenText(figures.metropolisYen)}</td>`
          }</tr>`,
      )}</tbody></table></div></div>`,
    );
  });
}
