import { itemText } from '@musubi/contracts/juki/reconciliation.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { Interrupted, reconcile } from '../service/reconcile.ts';
import { approveRepair, readDifferences, readRuns, requestRepair } from '../service/reconciliation-repair.ts';

const read = ['municipal-juki', 'reconciliation', 'read'] as const;
const update = ['municipal-juki', 'reconciliation', 'update'] as const;
const approve = ['municipal-juki', 'reconciliation-approval', 'update'] as const;

type Line = Extract<Awaited<ReturnType<typeof readRuns>>, { ok: true }>['value']['rows'][number];
const scopes = { monthly: '月次', full: '全件（年度）' } as const;
const kinds = { missing: '都に記録がない', surplus: '自団体に記録がない', differing: '項目の相違' } as const;

function stateOf(r: Line) {
  if (r.finishedAt === null) return badge('中断', 'warning');
  if (r.differences === 0) return badge('一致', 'done');
  if (r.approvedBy !== null) return badge('訂正を承認済み', 'done');
  return r.requestedBy === null ? badge(`相違${r.differences}件`, 'error') : badge('訂正の承認待ち', 'warning');
}

const runList: WorkListDefinition<Line> = {
  caption: '整合性確認',
  columns: [
    {
      key: 'at',
      label: '開始',
      heading: true,
      cell: (r) => html`<a href="/reconciliations/${r.runId}">${momentText(r.startedAt)}</a>`,
    },
    { key: 'scope', label: '範囲', cell: (r) => scopes[r.scope] },
    { key: 'counts', label: '自団体／都', align: 'end', cell: (r) => `${r.records}／${r.compared}` },
    { key: 'way', label: '通知が途中', align: 'end', cell: (r) => `${r.underWay}` },
    { key: 'state', label: '結果', cell: stateOf },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '整合性確認はまだ行われていません。',
};

const differenceList: WorkListDefinition<
  Extract<Awaited<ReturnType<typeof readDifferences>>, { ok: true }>['value']['rows'][number]
> = {
  caption: '相違',
  columns: [
    { key: 'code', label: '住民票コード', heading: true, cell: (d) => d.residentRecordCode },
    { key: 'kind', label: '種類', cell: (d) => kinds[d.kind] },
    { key: 'items', label: '項目', cell: (d) => itemText(d.items) },
    {
      key: 'state',
      label: '訂正',
      cell: (d) =>
        d.correction === null
          ? badge('未送信', 'warning')
          : d.correction === 'sent'
            ? badge('通知済み', 'done')
            : badge('自団体に記録なし', 'error'),
    },
  ],
  defaultSort: { key: 'kind', direction: 'asc' },
  emptyText: '相違はありません。',
};

const words = {
  'no-such-run': 'この整合性確認はありません',
  'nothing-to-repair': '訂正するものがありません',
  'already-requested': '訂正は既に求められています',
  'not-requested': '訂正が求められていません',
  'approver-is-requester': '訂正を求めた本人は承認できません',
  'already-approved': '既に承認されています',
  'not-authorised': 'この操作を行う権限がありません',
} as const;

export const reconciliationNav = [{ label: '整合性確認', href: '/reconciliations', right: read }];

/** 整合性確認: runs, differences, the request for correcting notices and the second person's approval. */
export function addReconciliationPages(app: PageApp, host: Pick<Host, 'peers'>, deps: Deps): void {
  page(app, 'GET', '/reconciliations', read, async (p) => {
    const query = readListQuery(runList, p.query);
    const found = await readRuns(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '整合性確認', gloss: 'Reconciliation with the prefecture' },
      html`${workList(runList, { path: '/reconciliations', query, ...found.value })}
${form({ action: '/reconciliations', session: p.session, fields: [], submit: '今すぐ確認する' })}`,
    );
  });
  page(app, 'POST', '/reconciliations', update, async (p) => {
    try {
      const { runId, differences } = await reconcile(host.peers, deps, p.session.actor, 'monthly');
      const text = differences.length === 0 ? '都の記録と一致しました。' : `相違が${differences.length}件あります。`;
      return p.redirect(`/reconciliations/${runId}`, { kind: 'done', text });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      return p.redirect('/reconciliations', { kind: 'error', text: '都のサーバにつながらず、中断しました。' });
    }
  });
  const show = async (p: Parameters<Parameters<typeof page>[4]>[0], message?: string) => {
    const runId = p.param('id');
    if (!isUuid(runId)) return p.problem('not-found');
    const query = readListQuery(differenceList, p.query);
    const runs = await readRuns(deps, p.session.actor, { runId, offset: 0, limit: 1 });
    const found = await readDifferences(deps, p.session.actor, { runId, offset: query.offset, limit: query.size });
    if (!runs.ok || !found.ok) return p.problem('not-authorised');
    const [run] = runs.value.rows;
    if (!run) return p.problem('not-found');
    const path = `/reconciliations/${runId}`;
    const ask = run.differences > 0 && run.requestedBy === null;
    const wait = run.requestedBy !== null && run.approvedBy === null;
    return p.view(
      {
        title: '整合性確認の結果',
        gloss: 'Result of a reconciliation',
        personal: true,
        ...(message === undefined ? {} : { hasErrors: true, status: 409 }),
      },
      html`${message !== undefined && notice('error', message)}
<p>${stateOf(run)}</p>
${workList(differenceList, { path, query, ...found.value })}
${ask && form({ action: `${path}/request`, session: p.session, fields: [], submit: '訂正の通知を求める' })}
${wait && form({ action: `${path}/approve`, session: p.session, fields: [], submit: '訂正の通知を承認する' })}`,
    );
  };
  page(app, 'GET', '/reconciliations/:id', read, (p) => show(p));
  page(app, 'POST', '/reconciliations/:id/request', update, async (p) => {
    const runId = p.param('id');
    const done = await requestRepair(deps, p.session.actor, { runId });
    if (!done.ok) return show(p, words[done.error]);
    return p.redirect(`/reconciliations/${runId}`, {
      kind: 'done',
      text: '訂正を求めました。ほかの方の承認を待ちます。',
    });
  });
  page(app, 'POST', '/reconciliations/:id/approve', approve, async (p) => {
    const runId = p.param('id');
    const done = await approveRepair(deps, p.session.actor, { runId });
    if (!done.ok) return show(p, words[done.error]);
    return p.redirect(`/reconciliations/${runId}`, { kind: 'done', text: '承認しました。訂正の通知が送られます。' });
  });
}
