import { setTimeout as delay } from 'node:timers/promises';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { runBatch } from '@musubi/kernel/jobs/run-batch.ts';
import { spacedPage } from '@musubi/kernel/media/spaced-page.ts';
import type { NavEntry, PageApp, PageRequest } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { batchRun, refreshOf } from '@musubi/kernel/pages/kit/batch-run.ts';
import { stepper } from '@musubi/kernel/pages/kit/confirm-page.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  bulkRead,
  decideBulk,
  eraseBulk,
  loadBulkList,
  lookOpenDocuments,
  lookOrder,
  lookOrders,
  orderBulk,
  registerBulkDocument,
  writeBulkMedium,
} from '../service/bulk-orders.ts';
import { bulkBatch, bulkRuns } from '../service/bulk-run.ts';
import { bulkRefusal } from './bulk-words.ts';

const operate = ['prefectural-juki', 'bulk', 'update'] as const;
const approve = ['prefectural-juki', 'bulk-approval', 'update'] as const;

export const bulkNav: readonly NavEntry[] = [{ label: '一括提供', href: '/bulk', right: bulkRead }];

type Order = NonNullable<Extract<Awaited<ReturnType<typeof lookOrder>>, { ok: true }>['value']>;
const stages = ['依頼', 'リストの読込み', '承認', '照会', '媒体への書込み', '受領確認', '消去'] as const;

/** How far an order is: index into the stages of what comes next, and in words. */
function stageOf(o: Order): readonly [number, string, Tone] {
  if (o.isErased) return [stages.length, '終了', 'done'];
  if (o.sha256 === null) return [1, 'リスト待ち', 'info'];
  if (o.decision === null) return [2, '承認待ち', 'warning'];
  if (o.decision === 'rejected') return [2, '却下', 'error'];
  if (o.handOverId === null) return [3, o.answered > 0 ? '照会中' : '照会待ち', 'info'];
  if (o.handOverState === 'requested') return [4, '書込み待ち', 'info'];
  if (['prepared', 'handed-over', 'differs'].includes(o.handOverState ?? '')) return [5, '受領確認待ち', 'warning'];
  return [6, '消去待ち', 'warning'];
}

const list: WorkListDefinition<Order> = {
  caption: '一括提供',
  filters: [{ kind: 'select', name: 'state', label: '表示', options: [{ value: 'all', label: '終わったものも' }] }],
  columns: [
    {
      key: 'no',
      label: '番号',
      heading: true,
      cell: (o) => html`<a href="/bulk/orders/${o.orderId}">第${o.orderNo}号</a>`,
    },
    { key: 'document', label: '依頼文書', cell: (o) => o.documentNo },
    { key: 'recipient', label: '提供先・移転先', cell: (o) => o.recipientName },
    {
      key: 'medium',
      label: '媒体',
      cell: (o) => html`<a href="/media/medium/${o.mediumSerial}">${o.mediumSerial}</a>`,
    },
    { key: 'rows', label: '件数', align: 'end', cell: (o) => o.rows },
    { key: 'stage', label: '状態', cell: (o) => badge(stageOf(o)[1], stageOf(o)[2]) },
  ],
  defaultSort: { key: 'no', direction: 'desc' },
  emptyText: '進行中の一括提供はありません。',
};

const documentFields: readonly Field[] = [
  { kind: 'text', name: 'documentNo', label: '依頼文書番号', maxLength: 60 },
  { kind: 'text', name: 'taskCode', label: '事務コード', hint: '登録され、許可された事務', maxLength: 40 },
  { kind: 'date', name: 'receivedOn', label: '受付日' },
  { kind: 'text', name: 'purpose', label: '利用の目的', maxLength: 200 },
  {
    kind: 'text',
    name: 'statedRows',
    label: '目的の対象の件数',
    hint: '依頼文書に書かれた件数',
    pattern: /^[1-9][0-9]{0,6}$/,
    patternFault: '1以上の数を半角で入力してください',
    maxLength: 7,
    width: 'short',
  },
];
const listFields: readonly Field[] = [
  { kind: 'file', name: 'list', label: '検索条件のリスト', hint: '媒体から、暗号化されたまま（.age）', accept: '.age' },
];

/** Pages of bulk provision at the representative terminal, and of the manager who approves it. */
export function addBulkPages(app: PageApp, deps: Deps, onError: (error: unknown) => void): void {
  addOrderLists(app, deps);
  addOrderPage(app, deps);
  addOrderActions(app, deps, onError);
}

function addOrderLists(app: PageApp, deps: Deps): void {
  spacedPage(app, 'GET', '/bulk', bulkRead, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit, filters } = query;
    const found = await lookOrders(deps, p.session.actor, { open: filters.state !== 'all', offset, limit });
    const documents = await lookOpenDocuments(deps, p.session.actor, undefined);
    if (!found.ok || !documents.ok) return p.problem('not-authorised');
    const mayOperate = await p.may(operate);
    return p.view(
      { title: '一括提供', gloss: 'Bulk provision by medium' },
      html`${mayOperate && html`<p><a class="button button-primary" href="/bulk/documents/new">依頼文書を登録する</a></p>`}
${documents.value.length > 0 && html`${sectionTitle('始めていない依頼', 'Requests without an order')}<ul>${documents.value.map((d) => html`<li>${d.documentNo}　${d.recipientName}　${d.taskCode}　${d.purpose} ${mayOperate && html`<a href="/bulk/orders/new?document=${encodeURIComponent(d.documentNo)}">始める<span class="visually-hidden">（${d.documentNo}）</span></a>`}</li>`)}</ul>`}
${workList(list, { path: '/bulk', query, ...found.value })}`,
    );
  });
  const documentTitle = { title: '依頼文書を登録する', gloss: 'Register a written request' };
  const documentForm = (p: PageRequest, again: object = {}) =>
    form({
      action: '/bulk/documents/new',
      session: p.session,
      fields: documentFields,
      submit: '登録する',
      cancelHref: '/bulk',
      ...again,
    });
  spacedPage(app, 'GET', '/bulk/documents/new', operate, (p) => p.view(documentTitle, documentForm(p)));
  spacedPage(app, 'POST', '/bulk/documents/new', operate, async (p) => {
    const read = readForm(documentFields, p.form);
    if (!read.ok) return p.view({ ...documentTitle, hasErrors: true, status: 422 }, documentForm(p, read.error));
    const { documentNo = '', taskCode = '', receivedOn = '', purpose = '', statedRows = '' } = read.value.texts;
    const done = await registerBulkDocument(deps, p.session.actor, {
      documentNo,
      taskCode,
      receivedOn,
      purpose,
      statedRows: Number(statedRows),
    });
    if (done.ok)
      return p.redirect(`/bulk/orders/new?document=${encodeURIComponent(documentNo)}`, {
        kind: 'done',
        text: '依頼文書を登録しました。',
      });
    const again = { errors: { '': bulkRefusal(done.error) }, values: read.value.texts };
    return p.view({ ...documentTitle, hasErrors: true, status: 422 }, documentForm(p, again));
  });

  const orderTitle = { title: '一括提供を始める', gloss: 'Begin a bulk order' };
  const orderFields: readonly Field[] = [
    { kind: 'text', name: 'documentNo', label: '依頼文書番号', maxLength: 60 },
    { kind: 'text', name: 'mediumSerial', label: '媒体番号', hint: '依頼元に貸し出した媒体', maxLength: 40 },
    { kind: 'date', name: 'settleByOn', label: '消去・返却の期限' },
  ];
  const orderForm = (p: PageRequest, again: object = {}) =>
    form({
      action: '/bulk/orders/new',
      session: p.session,
      fields: orderFields,
      submit: '始める',
      cancelHref: '/bulk',
      ...again,
    });
  spacedPage(app, 'GET', '/bulk/orders/new', operate, (p) =>
    p.view(orderTitle, orderForm(p, { values: { documentNo: p.query.get('document') ?? '' } })),
  );
  spacedPage(app, 'POST', '/bulk/orders/new', operate, async (p) => {
    const read = readForm(orderFields, p.form);
    if (!read.ok) return p.view({ ...orderTitle, hasErrors: true, status: 422 }, orderForm(p, read.error));
    const { documentNo = '', mediumSerial = '', settleByOn = '' } = read.value.texts;
    const done = await orderBulk(deps, p.session.actor, {
      documentNo,
      mediumSerial,
      settleByOn: Temporal.PlainDate.from(settleByOn),
    });
    if (done.ok)
      return p.redirect(`/bulk/orders/${done.value.orderId}`, { kind: 'done', text: '一括提供を始めました。' });
    const again = { errors: { '': bulkRefusal(done.error) }, values: read.value.texts };
    return p.view({ ...orderTitle, hasErrors: true, status: 422 }, orderForm(p, again));
  });
}

/** One order: where it stands, and the one thing that comes next. */
async function showOrder(deps: Deps, p: PageRequest, errors?: FormErrors): Promise<Response> {
  const orderId = p.param('id');
  const found = isUuid(orderId) ? await lookOrder(deps, p.session.actor, { orderId }) : undefined;
  if (!found?.ok || !found.value) return p.problem('not-found');
  const order = found.value;
  const [next, word, tone] = stageOf(order);
  const run = await runOf(deps, p, order);
  return p.view(
    {
      title: `一括提供 第${order.orderNo}号`,
      gloss: 'A bulk order',
      ...(errors ? { hasErrors: true, status: 422 } : {}),
      ...(run ? refreshOf(run) : {}),
    },
    html`<p><a href="/bulk">一括提供の一覧</a></p>${stepper([...stages], next)}
${
  order.rows !== null &&
  order.rows > order.statedRows &&
  notice(
    'warning',
    `目的の対象 ${grouped(order.statedRows)} に対し ${grouped(order.rows)} 件`,
    'リストが依頼文書の件数を超えています。',
  )
}
${facts([
  { label: '状態', value: badge(word, tone) },
  { label: '依頼文書', value: `${order.documentNo}（対象 ${grouped(order.statedRows)}件）` },
  { label: '提供先・移転先', value: order.recipientName },
  { label: '事務', value: order.taskCode },
  { label: '根拠', value: order.ground },
  { label: '項目', value: order.items.map(itemText).join('、') },
  { label: '媒体', value: html`<a href="/media/medium/${order.mediumSerial}">${order.mediumSerial}</a>` },
  { label: '受取側の鍵', value: html`<code>…${order.recipientKey.slice(-12)}</code>` },
  { label: '依頼した者', value: order.requestedBy },
  {
    label: 'リスト',
    value: order.sha256 && html`${order.rows}件　<code>${order.sha256.slice(0, 16)}…</code>　読込み ${order.loadedBy}`,
  },
  { label: '承認', value: order.decidedBy && `${order.decision === 'approved' ? '承認' : '却下'} ${order.decidedBy}` },
  { label: '提供した件数', value: order.given },
  { label: '期限', value: time(Temporal.PlainDate.from(order.settleByOn)) },
])}
${run && batchRun(run)}
${await nextThing(p, order, next, errors)}`,
  );
}

const itemWords: Readonly<Record<string, string>> = {
  residentRecordCode: '住民票コード',
  name: '氏名',
  birthDate: '生年月日',
  sex: '性別',
  address: '住所',
  individualNumber: '個人番号',
  changeReason: '異動事由',
  changedOn: '異動年月日',
};
const itemText = (item: string): string => itemWords[item] ?? item;

async function runOf(deps: Deps, p: PageRequest, order: Order) {
  if (order.runId === null || order.runState === 'done' || !(await p.may(operate))) return undefined;
  const found = await bulkRuns.progress(deps, p.session.actor, { runId: order.runId });
  const step = found.ok ? found.value?.steps[0] : undefined;
  if (!found.ok || !found.value) return undefined;
  const path = `/bulk/orders/${order.orderId}`;
  const state =
    found.value.state === 'blocked' ? 'failed' : (found.value.state as 'running' | 'stopped' | 'failed' | 'done');
  return {
    name: '照会',
    state,
    steps: [],
    total: order.rows ?? 0,
    accepted: step?.out ?? 0,
    rejected: step?.rejected ?? 0,
    ...(step?.secondsLeft === undefined ? {} : { secondsLeft: step.secondsLeft }),
    path,
    session: p.session,
    stopAction: `${path}/stop`,
    resumeAction: `${path}/run`,
  };
}

async function nextThing(p: PageRequest, order: Order, next: number, errors: FormErrors | undefined): Promise<Html> {
  const mayOperate = await p.may(operate);
  const path = `/bulk/orders/${order.orderId}`;
  const button = (action: string, label: string, more: Html | '' = ''): Html =>
    html`<form method="post" action="${path}/${action}">${tokenField(p.session)}${more}<button class="button button-primary" type="submit">${label}</button></form>`;
  const wrong = errors && next !== 1 && notice('error', errors[''] ?? '');
  if (next === 1 && mayOperate)
    return form({
      action: `${path}/list`,
      session: p.session,
      fields: listFields,
      submit: '読み込む',
      ...(errors ? { errors } : {}),
    });
  if (next === 2 && order.decision === null) {
    const me = p.session.actor.kind === 'staff' ? p.session.actor.staffId : '';
    const isOwn = me === order.requestedBy || me === order.loadedBy;
    if (!(await p.may(approve))) return html`${wrong}${notice('info', '別の管理者の承認を待っています。')}`;
    if (isOwn) return html`${wrong}${notice('info', '自分が担当したものは承認できません', '別の管理者が承認します。')}`;
    return html`${wrong}<div class="row">${button('decide', `${order.rows}件の提供を承認する`, html`<input type="hidden" name="decision" value="approved">`)}
<form method="post" action="${path}/decide">${tokenField(p.session)}<input type="hidden" name="decision" value="rejected"><button class="button" type="submit">却下する</button></form></div>`;
  }
  if (!mayOperate) return html`${wrong}`;
  if (next === 3 && order.runId === null && order.decision === 'approved')
    return html`${wrong}${button('run', '照会を始める')}`;
  // Under the id of the run's display, which asks again for itself while it goes on: when it has ended, this stands in its place.
  if (next === 4)
    return html`<section id="batch-run" aria-label="媒体への書込み">${wrong}${button('write', '媒体に書き込むファイルを作る')}</section>`;
  if (next === 5)
    return html`${wrong}<p>引渡しと受領確認は、<a href="/media/medium/${order.mediumSerial}">媒体 ${order.mediumSerial} の記録</a>で行います。</p>`;
  if (next === 6) return html`${wrong}${button('erase', 'サーバの控えを消去する')}`;
  return html`${wrong}`;
}

function addOrderPage(app: PageApp, deps: Deps): void {
  spacedPage(app, 'GET', '/bulk/orders/:id', bulkRead, (p) => showOrder(deps, p));
}

function addOrderActions(app: PageApp, deps: Deps, onError: (error: unknown) => void): void {
  const back = (p: PageRequest, text: string) => p.redirect(`/bulk/orders/${p.param('id')}`, { kind: 'done', text });
  spacedPage(app, 'POST', '/bulk/orders/:id/list', operate, async (p) => {
    const read = readForm(listFields, p.form);
    if (!read.ok) return showOrder(deps, p, read.error.errors);
    const bytes = new Uint8Array(await read.value.files.list!.arrayBuffer());
    const done = await loadBulkList(deps, p.session.actor, { orderId: p.param('id'), bytes });
    return done.ok
      ? back(p, `${done.value.rows}件を読み込みました。承認を待ちます。`)
      : showOrder(deps, p, { list: bulkRefusal(done.error) });
  });
  spacedPage(app, 'POST', '/bulk/orders/:id/decide', approve, async (p) => {
    const decision = p.form.get('decision') === 'approved' ? 'approved' : 'rejected';
    const done = await decideBulk(deps, p.session.actor, { orderId: p.param('id'), decision });
    return done.ok
      ? back(p, decision === 'approved' ? '承認しました。' : '却下しました。')
      : showOrder(deps, p, { '': bulkRefusal(done.error) });
  });
  spacedPage(app, 'POST', '/bulk/orders/:id/run', operate, async (p) => {
    // The run goes on by itself; its page shows how far it is, and it can be stopped and taken up again there.
    const running = runBatch(deps, p.session.actor, bulkBatch, { order: p.param('id') });
    const early = await Promise.race([running, delay(400, undefined)]);
    if (early === undefined) {
      running.catch((error: unknown) => onError(error));
      return back(p, '照会を始めました。');
    }
    if (!early.ok) return showOrder(deps, p, { '': bulkRefusal(early.error) });
    const { state, why } = early.value;
    return state === 'done' ? back(p, '照会が終わりました。') : showOrder(deps, p, { '': bulkRefusal(why ?? state) });
  });
  spacedPage(app, 'POST', '/bulk/orders/:id/stop', operate, async (p) => {
    const found = await lookOrder(deps, p.session.actor, { orderId: p.param('id') });
    const runId = found.ok ? found.value?.runId : undefined;
    if (!runId) return p.problem('not-found');
    const done = await bulkRuns.stop(deps, p.session.actor, { runId });
    return done.ok ? back(p, '停止を求めました。') : showOrder(deps, p, { '': bulkRefusal(done.error) });
  });
  spacedPage(app, 'POST', '/bulk/orders/:id/write', operate, async (p) => {
    const done = await writeBulkMedium(deps, p.session.actor, { orderId: p.param('id') });
    if (!done.ok) return showOrder(deps, p, { '': bulkRefusal(done.error) });
    const file = done.value.files[0]!;
    return p.file(file.bytes, { type: 'application/octet-stream', name: file.fileName });
  });
  spacedPage(app, 'POST', '/bulk/orders/:id/erase', operate, async (p) => {
    const done = await eraseBulk(deps, p.session.actor, { orderId: p.param('id') });
    return done.ok ? back(p, '控えを消去しました。') : showOrder(deps, p, { '': bulkRefusal(done.error) });
  });
}
