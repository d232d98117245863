import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { StoreDeps } from '../deps.ts';
import { type ListedRequest, readRequests, requestRead } from '../service/requests.ts';

const results: Record<string, string> = {
  '00': '作成',
  '10': '取扱いなし',
  '11': '未申告',
  '12': '1月1日の住所が区外',
  '20': '発行制限',
  '21': '死亡・転出',
  '30': 'カード未登録',
  '31': '更新中',
  '40': '時間外',
  '90': '作成できず',
};
const outcomes: Record<string, string> = { printed: '印刷済', printFailed: '印刷失敗', cancelled: '取消' };

const list: WorkListDefinition<ListedRequest> = {
  caption: '交付申請',
  defaultSort: { key: 'received', direction: 'desc' },
  sizes: [50, 100],
  emptyText: '該当する申請はありません。',
  filters: [
    {
      kind: 'select',
      name: 'open',
      label: '表示',
      options: [{ value: 'yes', label: '未確定（作成から15分たっても結果がないもの）' }],
    },
  ],
  columns: [
    { key: 'request', label: '申請番号', heading: true, cell: (row) => html`<code>${row.requestId}</code>` },
    { key: 'received', label: '受付', cell: (row) => time(Temporal.Instant.from(row.receivedAt)) },
    { key: 'kiosk', label: '端末', cell: (row) => html`<code>${row.kioskId}</code>` },
    { key: 'year', label: '年度', cell: (row) => `令和${row.taxYear - 2018}年度` },
    { key: 'copies', label: '部数', align: 'end', cell: (row) => row.copies },
    {
      key: 'result',
      label: '結果',
      cell: (row) =>
        row.result === null
          ? badge('処理中', 'info')
          : badge(results[row.result] ?? row.result, row.result === '00' ? 'done' : 'warning'),
    },
    {
      key: 'took',
      label: '所要',
      align: 'end',
      cell: (row) => (row.tookMs === null ? '' : `${grouped(row.tookMs)}ミリ秒`),
    },
    { key: 'document', label: '発行番号', cell: (row) => row.documentNo ?? '' },
    {
      key: 'outcome',
      label: '印刷',
      cell: (row) => (row.outcome === null ? (row.documentNo === null ? '' : '未確定') : outcomes[row.outcome]),
    },
  ],
};

/** 交付申請 and how the service stands. Shows no name: who asked is found by the request number, in the log. */
export function requestPages(app: PageApp, deps: StoreDeps): void {
  page(app, 'GET', '/', requestRead, async (p) => {
    const query = readListQuery(list, p.query);
    const read = await readRequests(deps, p.session.actor, {
      open: query.filters.open === 'yes',
      limit: query.size,
      offset: query.offset,
    });
    if (!read.ok) return p.problem('not-authorised');
    const { rows, total, state } = read.value;
    return p.view(
      { title: '交付申請', gloss: 'Requests of the stores' },
      html`<div class="stack">${
        state.slowestMs > deps.limitMs / 2 &&
        notice(
          'warning',
          '証明書の作成待ちが制限時間の半分を超えています',
          `直近1時間の最長は${grouped(state.slowestMs)}ミリ秒です。`,
        )
      }${facts([
        { label: '証明書情報', value: `${grouped(state.persons)}件（うち発行制限${grouped(state.restricted)}件）` },
        {
          label: '最後の受領',
          value: state.lastReceivedAt === null ? 'なし' : time(Temporal.Instant.from(state.lastReceivedAt)),
        },
      ])}${workList(list, { path: p.path, query, rows, total })}</div>`,
    );
  });
}
