import type { Right } from '@musubi/kernel/db/act.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type Group, groups } from '../domain/register.ts';
import { findRegister, groupTitles, registers, registersOf } from '../domain/registers.ts';
import { type CurrentEntry, registerActs } from '../service/registers.ts';
import { summary } from '../service/reminders.ts';
import { addFileRegisterPage, filesPath } from './file-register.ts';
import { mountMessages } from './messages.ts';
import { mountRegister } from './register-pages.ts';

const overview: Right = ['governance', 'overview', 'read'];
const readOf = (group: Group): Right => ['governance', group, 'read'];

/** The start page, the list of what is due, and the pages of every register. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '台帳の一覧', href: '/', right: overview },
      { label: '期限', href: '/due', right: overview },
      { label: '公表中のファイル簿', href: filesPath, right: overview },
      ...groups.map((group) => ({
        label: groupTitles[group].ja,
        href: `/${registersOf(group)[0]!.id}`,
        right: readOf(group),
      })),
    ],
  });
  page(app, 'GET', '/', overview, async (p) => overviewPage(deps, p));
  page(app, 'GET', '/due', overview, async (p) => duePage(deps, p));
  mountMessages(app, deps);
  addFileRegisterPage(app, deps);
  for (const definition of registers) mountRegister(app, deps, definition);
  return app;
}

async function overviewPage(deps: Deps, p: PageRequest): Promise<Response> {
  const counted = await summary(deps, p.session.actor, null);
  if (!counted.ok) return p.problem('not-authorised');
  const countOf = (id: string) => counted.value.find((c) => c.register === id);
  const late = counted.value.reduce((all, c) => all + c.overdue, 0);
  const shown: Group[] = [];
  for (const group of groups) if (await p.may(readOf(group))) shown.push(group);
  return p.view(
    { title: '台帳の一覧', gloss: 'Registers' },
    html`<div class="stack">${late > 0 && notice('warning', `期限を過ぎたものが${late}件あります`, html`<a href="/due">期限を見る</a>`)}
${shown.map(
  (group) =>
    html`<section aria-labelledby="g-${group}">${sectionTitle(groupTitles[group].ja, groupTitles[group].en, `g-${group}`)}
<div class="table-scroll" tabindex="0" role="region" aria-label="${groupTitles[group].ja}の台帳"><table class="data-table"><caption class="visually-hidden">${groupTitles[group].ja}の台帳</caption>
<thead><tr><th scope="col">台帳</th><th scope="col">目的</th><th scope="col" class="num">未完了</th><th scope="col" class="num">期限超過</th><th scope="col" class="num">全件</th></tr></thead>
<tbody>${registersOf(group).map((r) => {
      const c = countOf(r.id);
      return html`<tr><th scope="row"><a href="/${r.id}">${r.title.ja}</a></th><td>${r.purpose}</td><td class="num">${c?.open ?? 0}</td><td class="num">${c && c.overdue > 0 ? badge(`${c.overdue}`, 'error') : '0'}</td><td class="num">${c?.total ?? 0}</td></tr>`;
    })}</tbody></table></div></section>`,
)}</div>`,
  );
}

const dueList: WorkListDefinition<CurrentEntry> = {
  caption: '期限のあるもの',
  filters: [{ kind: 'date', name: 'by', label: 'この日まで' }],
  columns: [
    { key: 'due', label: '期限', cell: (e) => e.dueOn && time(Temporal.PlainDate.from(e.dueOn)) },
    { key: 'what', label: 'すること', cell: (e) => e.dueWhat },
    { key: 'register', label: '台帳', cell: (e) => findRegister(e.register)?.title.ja },
    {
      key: 'entry',
      label: '番号',
      heading: true,
      cell: (e) => html`<a href="/${e.register}/${e.entryId}">${e.label}</a>`,
    },
    { key: 'heading', label: '件名', cell: (e) => e.heading },
  ],
  defaultSort: { key: 'due', direction: 'asc' },
  emptyText: '期限のあるものはありません。',
};

/** What is due in the registers that the reader may read, soonest first. Default: the next 30 days. */
async function duePage(deps: Deps, p: PageRequest): Promise<Response> {
  const query = readListQuery(dueList, p.query);
  const dueBy = query.filters.by ?? deps.civilClock.today().add({ days: 30 }).toString();
  const rows: CurrentEntry[] = [];
  let total = 0;
  for (const group of groups) {
    if (!(await p.may(readOf(group)))) continue;
    const found = await registerActs[group].list(deps, p.session.actor, {
      registers: registersOf(group).map((r) => r.id),
      state: null,
      text: null,
      dueBy,
      offset: 0,
      limit: query.offset + query.size,
      purpose: 'screen',
    });
    if (!found.ok) return p.problem('not-authorised');
    rows.push(...found.value.rows);
    total += found.value.total;
  }
  rows.sort((a, b) => (`${a.dueOn}${a.label}` < `${b.dueOn}${b.label}` ? -1 : 1));
  return p.view(
    { title: '期限', gloss: 'What is due' },
    workList(dueList, { path: '/due', query, rows: rows.slice(query.offset, query.offset + query.size), total }),
  );
}
