import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { instantOf } from '../service/answer-inquiry.ts';
import { listInquiryOrders } from '../service/inquiry-orders.ts';

const system = 'intermediate-server';
type OrderRow = Awaited<ReturnType<typeof rowsOf>>[number];
const rowsOf = async (deps: Deps, actor: Parameters<typeof listInquiryOrders>[1], limit: number, offset: number) =>
  unwrap(await listInquiryOrders(deps, actor, { limit, offset }));

/** 一括照会: how far each order is. No person is shown. */
export function addOrderPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/orders', [system, 'statistics', 'read'], async (p) => {
    const query = readListQuery(orderList, p.query);
    const rows = await rowsOf(deps, p.session.actor, query.size, query.offset);
    return p.view(
      { title: '一括照会', gloss: 'Inquiry orders' },
      workList(orderList, { path: p.path, query, rows, total: rows[0]?.total ?? 0 }),
    );
  });
}

const orderList: WorkListDefinition<OrderRow> = {
  caption: '一括照会',
  columns: [
    { key: 'orderId', label: '依頼', heading: true, cell: (r) => html`<code>${r.orderId}</code>` },
    { key: 'orderedAt', label: '受付', cell: (r) => time(instantOf(r.orderedAt)) },
    { key: 'system', label: '業務', cell: (r) => r.system },
    { key: 'procedure', label: '事務手続', cell: (r) => r.procedure },
    { key: 'provider', label: '提供者', cell: (r) => r.provider },
    { key: 'notBefore', label: '照会開始', cell: (r) => dateText(Temporal.PlainDate.from(r.notBefore)) },
    { key: 'persons', label: '人数', align: 'end', cell: (r) => grouped(r.persons) },
    { key: 'done', label: '済み', align: 'end', cell: (r) => grouped(r.done) },
    { key: 'refused', label: '回答なし', align: 'end', cell: (r) => grouped(r.refused) },
    {
      key: 'state',
      label: '状態',
      cell: (r) => (r.done === r.persons ? badge('完了', 'done') : badge('処理中', 'info')),
    },
  ],
  defaultSort: { key: 'orderedAt', direction: 'desc' },
  emptyText: '一括照会はまだありません。',
};
