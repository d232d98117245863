import { type ChangeReason, changeReasons } from '@musubi/contracts/juki/codes.ts';
import { itemText } from '@musubi/contracts/juki/reconciliation.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { readDifferences, readRuns } from '../service/reconciliation-list.ts';
import { closeReview, readReviews } from '../service/reviews.ts';

const journal = ['prefectural-juki', 'journal', 'read'] as const;
const review = ['prefectural-juki', 'review', 'update'] as const;
const removed = ['prefectural-juki', 'removed', 'read'] as const;
type RowsOf<F extends (...args: never[]) => Promise<unknown>> = Extract<
  Awaited<ReturnType<F>>,
  { ok: true }
>['value'] extends { rows: (infer R)[] }
  ? R
  : never;

const reviewList: WorkListDefinition<RowsOf<typeof readReviews>> = {
  caption: '遡及した通知',
  filters: [{ kind: 'select', name: 'state', label: '確認', options: [{ value: 'all', label: '確認済みを含む' }] }],
  columns: [
    {
      key: 'at',
      label: '適用',
      heading: true,
      cell: (r) => html`<a href="/reviews/${r.changeId}">${momentText(r.listedAt)}</a>`,
    },
    { key: 'municipality', label: '市区町村', cell: (r) => r.municipalityCode },
    { key: 'reason', label: '異動事由', cell: (r) => changeReasons[r.reason as ChangeReason] ?? r.reason },
    { key: 'on', label: '異動年月日', cell: (r) => r.changedOn },
    {
      key: 'state',
      label: '確認',
      cell: (r) => (r.reviewedBy === null ? badge('未確認', 'warning') : badge(`確認済み（${r.reviewedBy}）`, 'done')),
    },
  ],
  defaultSort: { key: 'at', direction: 'asc' },
  emptyText: '確認を待つ通知はありません。',
};

const reviewFields: readonly Field[] = [
  { kind: 'lines', name: 'note', label: '確認の内容', hint: '個人番号は書かないでください', maxLength: 200, rows: 3 },
];
const words = {
  'no-such-entry': 'この通知は確認一覧にありません',
  'already-reviewed': 'ほかの担当者が先に確認しました',
  'not-authorised': 'この操作を行う権限がありません',
} as const;

const scopes = { monthly: '月次', full: '全件（年度）' } as const;
const kinds = { missing: '都に記録がない', surplus: '区市町村に記録がない', differing: '項目の相違' } as const;
const runList: WorkListDefinition<RowsOf<typeof readRuns>> = {
  caption: '整合性確認',
  columns: [
    {
      key: 'at',
      label: '開始',
      heading: true,
      cell: (r) => html`<a href="/reconciliations/${r.runId}">${momentText(r.startedAt)}</a>`,
    },
    { key: 'municipality', label: '市区町村', cell: (r) => r.municipalityCode },
    { key: 'scope', label: '範囲', cell: (r) => scopes[r.scope] },
    { key: 'counts', label: '都／区市町村', align: 'end', cell: (r) => `${r.here}／${r.there}` },
    { key: 'way', label: '通知が途中', align: 'end', cell: (r) => `${r.underWay}` },
    {
      key: 'found',
      label: '相違',
      cell: (r) => {
        if (r.finishedAt === null) return badge('中断', 'warning');
        const found = r.missing + r.surplus + r.differing;
        return found === 0 ? badge('一致', 'done') : badge(`${found}件`, 'error');
      },
    },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '整合性確認はまだ行われていません。',
};
type Difference = Extract<Awaited<ReturnType<typeof readDifferences>>, { ok: true }>['value']['rows'][number];
/** Who may look into a record for this purpose gets there from the list; the run is the document. */
const differenceList = (runId: string, opens: boolean): WorkListDefinition<Difference> => ({
  caption: '相違',
  columns: [
    { key: 'kind', label: '種類', heading: true, cell: (d) => kinds[d.kind] },
    {
      key: 'person',
      label: '記録',
      cell: (d) =>
        d.personId === null
          ? '記録なし'
          : opens
            ? html`<a href="/removed/persons/${d.personId}?${new URLSearchParams({ task: 'reconciliation', document: `整合性確認 ${runId}` }).toString()}">記録を見る</a>`
            : '記録あり',
    },
    { key: 'items', label: '項目', cell: (d) => itemText(d.items) },
  ],
  defaultSort: { key: 'kind', direction: 'asc' },
  emptyText: '相違はありません。',
});

export const reviewNav = [
  { label: '遡及の確認', href: '/reviews', right: review },
  { label: '整合性確認', href: '/reconciliations', right: journal },
];

/** 遡及した通知の確認, and what reconciliation found. */
export function addReviewPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/reviews', review, async (p) => {
    const query = readListQuery(reviewList, p.query);
    const { offset, size: limit, filters } = query;
    const found = await readReviews(deps, p.session.actor, { all: filters.state === 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '遡及した通知の確認', gloss: 'Late notices to be reviewed' },
      workList(reviewList, { path: '/reviews', query, ...found.value }),
    );
  });
  const title = { title: '遡及した通知を確認済みにする', gloss: 'Close a review' };
  const closeForm = (action: string, session: Parameters<typeof form>[0]['session'], more = {}) =>
    form({ action, session, fields: reviewFields, submit: '確認済みにする', cancelHref: '/reviews', ...more });
  page(app, 'GET', '/reviews/:id', review, (p) => p.view(title, closeForm(p.path, p.session)));
  page(app, 'POST', '/reviews/:id', review, async (p) => {
    const read = readForm(reviewFields, p.form);
    if (!read.ok) return p.view({ ...title, hasErrors: true, status: 422 }, closeForm(p.path, p.session, read.error));
    const changeId = p.param('id');
    if (!isUuid(changeId)) return p.problem('not-found');
    const done = await closeReview(deps, p.session.actor, { changeId, note: read.value.texts.note ?? '' });
    if (done.ok) return p.redirect('/reviews', { kind: 'done', text: '確認済みにしました。' });
    const errors = { '': words[done.error] };
    return p.view(
      { ...title, hasErrors: true, status: 409 },
      closeForm(p.path, p.session, { errors, values: read.value.texts }),
    );
  });
  page(app, 'GET', '/reconciliations', journal, async (p) => {
    const query = readListQuery(runList, p.query);
    const found = await readRuns(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '整合性確認', gloss: 'Reconciliation with municipalities' },
      workList(runList, { path: '/reconciliations', query, ...found.value }),
    );
  });
  page(app, 'GET', '/reconciliations/:id', journal, async (p) => {
    const runId = p.param('id');
    if (!isUuid(runId)) return p.problem('not-found');
    const list = differenceList(runId, await p.may(removed));
    const query = readListQuery(list, p.query);
    const found = await readDifferences(deps, p.session.actor, { runId, offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '整合性確認の相違',
        gloss: 'Differences found',
        breadcrumbs: [{ label: '整合性確認', href: '/reconciliations' }],
      },
      workList(list, { path: `/reconciliations/${runId}`, query, ...found.value }),
    );
  });
}
