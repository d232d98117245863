import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { approveTransfer, readTransfers, type TransferHead } from '../service/approve-transfer.ts';

const read = ['common-platform', 'transfer-approval', 'read'] as const;
const approve = ['common-platform', 'transfer-approval', 'update'] as const;

const list: WorkListDefinition<TransferHead> = {
  caption: '庁内照会',
  defaultSort: { key: 'at', direction: 'desc' },
  filters: [{ kind: 'select', name: 'state', label: '状態', options: [{ value: 'held', label: '提供元の承認待ち' }] }],
  emptyText: '庁内照会はありません。',
  columns: [
    {
      key: 'id',
      label: '照会',
      heading: true,
      cell: (r) => html`<a href="/transfers/${r.requestId}">${r.requestId.slice(-12)}</a>`,
    },
    { key: 'asker', label: '照会元', cell: (r) => r.asker },
    { key: 'source', label: '提供元', cell: (r) => r.source },
    { key: 'task', label: '事務 / 情報', cell: (r) => `${r.task} / ${r.information}` },
    { key: 'persons', label: '対象者', align: 'end', cell: (r) => `${r.persons}人` },
    { key: 'at', label: '照会した時', cell: (r) => time(Temporal.Instant.from(r.askedAt)) },
    {
      key: 'state',
      label: '提供元の判断',
      cell: (r) => (r.approved === null ? '―' : r.approved ? badge('承認', 'done') : badge('不承認', 'error')),
    },
  ],
};

const fields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '提供元の判断',
    options: [
      { value: 'approve', label: '提供を承認する', hint: '照会元が同じ照会を取りに来たとき、回答が渡ります。' },
      { value: 'refuse', label: '承認しない' },
    ],
  },
  { kind: 'lines', name: 'reason', label: '理由', required: false, hint: '承認しないときは必須です。', maxLength: 300 },
];

const errors = {
  'no-such-request': '該当する照会がありません。',
  'already-decided': 'すでに判断されています。',
  'asker-cannot-approve': '自分が照会したものは承認できません。',
  'reason-missing': '承認しないときは理由を入力してください。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

/** Requests of other businesses for what a source holds, and the source's express answer. */
export function transferPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/transfers', read, async (p) => {
    const query = readListQuery(list, p.query);
    const held = query.filters.state === 'held';
    const found = await readTransfers(deps, p.session.actor, { held, offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '庁内照会', gloss: 'In-house transfers' },
      workList(list, { path: '/transfers', query, ...found.value }),
    );
  });
  page(app, 'GET', '/transfers/:id', read, (p) => showOne(p, deps));
  page(app, 'POST', '/transfers/:id', approve, async (p) => {
    const given = readForm(fields, p.form);
    if (!given.ok) return showOne(p, deps, given.error);
    const { decision, reason = null } = given.value.texts;
    const done = await approveTransfer(deps, p.session.actor, {
      requestId: p.param('id'),
      approved: decision === 'approve',
      reason,
    });
    if (!done.ok) return showOne(p, deps, { errors: { '': errors[done.error] }, values: given.value.texts });
    return p.redirect('/transfers?state=held', {
      kind: 'done',
      text: decision === 'approve' ? '提供を承認しました。' : '承認しないことを照会元に伝えます。',
    });
  });
}

async function showOne(
  p: PageRequest,
  deps: Deps,
  faulty?: { readonly errors: FormErrors; readonly values: FormValues },
): Promise<Response> {
  const requestId = p.param('id');
  if (!isUuid(requestId)) return p.problem('not-found');
  const found = await readTransfers(deps, p.session.actor, { requestId, offset: 0, limit: 1 });
  if (!found.ok) return p.problem('not-authorised');
  const [head] = found.value.rows;
  if (!head) return p.problem('not-found');
  const mayDecide = head.approved === null && (await p.may(approve));
  return p.view(
    {
      title: '庁内照会の承認',
      gloss: 'Approve a transfer',
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${facts([
      { label: '照会元', value: head.asker },
      { label: '照会した職員', value: head.staffId ?? '（定時の処理）' },
      { label: '提供元', value: head.source },
      { label: '根拠', value: head.ground },
      { label: '事務', value: head.task },
      { label: '情報と項目', value: `${head.information}: ${head.items.join('、')}` },
      { label: '対象者', value: `${head.persons}人` },
      { label: '照会した時', value: time(Temporal.Instant.from(head.askedAt)) },
    ])}${head.approved !== null && notice(head.approved ? 'done' : 'info', head.approved ? '提供を承認しました。' : '承認しませんでした。')}${
      mayDecide &&
      html`<section aria-labelledby="decide">${sectionTitle('提供元の判断', 'The source decides', 'decide')}${form({
        action: `/transfers/${requestId}`,
        session: p.session,
        fields,
        submit: '決定する',
        ...(faulty ?? {}),
      })}</section>`
    }</div>`,
  );
}
