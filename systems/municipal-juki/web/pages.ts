import { type NoticeRule, noticeRules } from '@musubi/contracts/juki/codes.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { addJournalPage } from '@musubi/kernel/notice-journal/pages.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { readNotices, readReturned, resolveReturned } from '../service/returned.ts';
import { addInvestigationPages, investigationNav } from './investigations.ts';
import { addQueuePages, queueNav } from './queues.ts';
import { addReconciliationPages, reconciliationNav } from './reconciliation.ts';

const returnedRead = ['municipal-juki', 'returned', 'read'] as const;
const returnedUpdate = ['municipal-juki', 'returned', 'update'] as const;
const journal = ['municipal-juki', 'journal', 'read'] as const;
const ruleText = (rule: string | null): string => (rule === null ? '' : (noticeRules[rule as NoticeRule] ?? ''));

interface Line {
  readonly returnId: string;
  readonly kind: string;
  readonly changeId: string | null;
  readonly refusedBy: string | null;
  readonly rule: string | null;
  readonly items: readonly string[];
  readonly presentAt: string | null;
  readonly otherMunicipality: string | null;
  readonly returnedAt: Temporal.Instant;
  readonly resolvedBy: string | null;
}

const kinds: Readonly<Record<string, string>> = {
  refused: '通知の拒否',
  'claimed-elsewhere': '他団体からの転入通知（現存）',
  'moved-in-elsewhere': '転入通知',
};

const returnedList: WorkListDefinition<Line> = {
  caption: '返戻一覧',
  filters: [{ kind: 'select', name: 'state', label: '処理', options: [{ value: 'all', label: '処理済みを含む' }] }],
  columns: [
    {
      key: 'at',
      label: '返戻',
      heading: true,
      cell: (r) => html`<a href="/returned/${r.returnId}">${momentText(r.returnedAt)}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => kinds[r.kind] },
    { key: 'rule', label: '規則', cell: (r) => r.rule !== null && html`${badge(r.rule, 'error')} ${ruleText(r.rule)}` },
    { key: 'items', label: '項目', cell: (r) => r.items.join(' ') },
    { key: 'where', label: '市区町村', cell: (r) => r.presentAt ?? r.otherMunicipality ?? '' },
    { key: 'by', label: '拒否した先', cell: (r) => r.refusedBy ?? '' },
    {
      key: 'state',
      label: '処理',
      cell: (r) => (r.resolvedBy === null ? badge('未処理', 'warning') : badge('処理済み', 'done')),
    },
  ],
  defaultSort: { key: 'at', direction: 'asc' },
  emptyText: '返戻はありません。',
};

const resolveFields: readonly Field[] = [
  { kind: 'lines', name: 'note', label: '処理の内容', hint: '個人番号は書かないでください', maxLength: 200, rows: 3 },
];

const words = {
  'no-such-entry': 'この返戻はありません',
  'already-resolved': 'ほかの担当者が先に処理しました',
  'not-authorised': 'この操作を行う権限がありません',
} as const;

/** Pages of 住基担当: what came back, and the journal of notices. */
export async function addPages(host: Pick<Host, 'pages' | 'peers' | 'sealed'>, deps: Deps): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '返戻一覧', href: '/', right: returnedRead },
      { label: '通知の記録', href: '/notices', right: journal },
      ...queueNav,
      ...reconciliationNav,
      ...investigationNav,
    ],
  });
  page(app, 'GET', '/', returnedRead, async (p) => {
    const query = readListQuery(returnedList, p.query);
    const { offset, size: limit } = query;
    const found = await readReturned(deps, p.session.actor, { all: query.filters.state === 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '返戻一覧', gloss: 'Returned notices' },
      workList(returnedList, { path: '/', query, ...found.value }),
    );
  });
  const resolveForm = (action: string, session: Parameters<typeof form>[0]['session'], more = {}) =>
    form({ action, session, fields: resolveFields, submit: '処理済みにする', cancelHref: '/', ...more });
  const title = { title: '返戻の処理', gloss: 'Resolve a returned notice' };
  page(app, 'GET', '/returned/:id', returnedUpdate, (p) => p.view(title, resolveForm(p.path, p.session)));
  page(app, 'POST', '/returned/:id', returnedUpdate, async (p) => {
    const read = readForm(resolveFields, p.form);
    if (!read.ok) return p.view({ ...title, hasErrors: true, status: 422 }, resolveForm(p.path, p.session, read.error));
    const id = p.param('id');
    if (!isUuid(id)) return p.problem('not-found');
    const done = await resolveReturned(deps, p.session.actor, { returnId: id, note: read.value.texts.note ?? '' });
    if (done.ok) return p.redirect('/', { kind: 'done', text: '処理済みにしました。' });
    const errors = { '': words[done.error] };
    return p.view(
      { ...title, hasErrors: true, status: 409 },
      resolveForm(p.path, p.session, { errors, values: read.value.texts }),
    );
  });
  addJournalPage(app, {
    right: journal,
    read: (actor, query) => readNotices(deps, actor, query),
    ruleText,
  });
  addQueuePages(app, host, deps);
  addInvestigationPages(app, deps);
  addReconciliationPages(app, host, deps);
  return app;
}
