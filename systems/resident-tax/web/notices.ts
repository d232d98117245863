import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { documentViewer } from '@musubi/kernel/pages/kit/document-viewer.ts';
import { form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import { assessmentRead, batchWork, noticeRead, noticeUpdate } from '../service/assessment/functions.ts';
import { lookAtOrders, orderNoticeRun } from '../service/assessment/order-run.ts';
import { batches } from '../service/assessment/work-orders.ts';
import { closeNotices, type NoticeGap, readNoticeGaps } from '../service/notices/close-notices.ts';
import type { NoticeDeps } from '../service/notices/notice-deps.ts';
import {
  issueNotice,
  type ListedDocument,
  listNotices,
  lookAtPrintFiles,
  openNotice,
  readNotice,
} from '../service/notices/notices.ts';
import { readServiceDay } from '../service/notices/service-days.ts';
import { printUpdate } from '../service/printing/functions.ts';
import { findOrder, orderTable, runPage, yearField } from './assessment-runs.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';
import { noteService, serviceForm, serviceText } from './service-days.ts';

const kindWords = {
  'tax-notice': '納税通知書',
  'change-notice': '税額変更通知書',
  'reduction-notice': '減免決定通知書',
} as const;

const list: WorkListDefinition<ListedDocument> = {
  caption: '納税通知書',
  defaultSort: { key: 'document', direction: 'asc' },
  sizes: [50, 100],
  emptyText: '作られた通知書はありません。',
  filters: [yearField],
  columns: [
    {
      key: 'document',
      label: '文書番号',
      heading: true,
      cell: (row) => html`<a href="/notices/${row.documentId}">${row.documentId}</a>`,
    },
    { key: 'kind', label: '種別', cell: (row) => kindWords[row.kind] },
    { key: 'name', label: '氏名', cell: (row) => row.name },
    { key: 'addressee', label: '宛名番号', cell: (row) => html`<code>${row.addresseeNumber}</code>` },
    { key: 'amount', label: '年税額', align: 'end', cell: (row) => yenText(row.amountYen) },
    { key: 'pages', label: '頁数', align: 'end', cell: (row) => row.pages },
    { key: 'position', label: '封入順', align: 'end', cell: (row) => row.position ?? '個別' },
    { key: 'issued', label: '発行日', cell: (row) => time(Temporal.PlainDate.from(row.issuedOn)) },
  ],
};

const documentIdPattern = /^RTX-[0-9]{4}-[0-9]{6,}$/;

export function noticePages(app: PageApp, deps: NoticeDeps): void {
  page(app, 'GET', '/notices', noticeRead, async (p) => {
    const query = readListQuery(list, p.query);
    const fiscalYear = Number(query.filters.year ?? workYear(deps));
    const read = await listNotices(deps, p.session.actor, {
      fiscalYear,
      orderId: null,
      limit: query.size,
      offset: query.offset,
    });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: `納税通知書 ${reiwaYear(fiscalYear)}`,
        gloss: 'Tax notices',
        actions: html`<a class="button" href="/notice-gaps?year=${fiscalYear}">通知の締め</a> <a class="button" href="/notice-runs">一括作成</a>`,
      },
      workList(list, { path: p.path, query, ...read.value }),
    );
  });

  page(app, 'GET', '/notice-gaps', noticeRead, async (p) => {
    const fiscalYear = Number(p.query.get('year') ?? workYear(deps));
    if (!Number.isInteger(fiscalYear)) return p.problem('not-found');
    const read = await readNoticeGaps(deps, p.session.actor, { fiscalYear });
    if (!read.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: `通知の締め ${reiwaYear(fiscalYear)}`,
        gloss: 'Closing of notices',
        breadcrumbs: [{ label: '納税通知書', href: `/notices?year=${fiscalYear}` }],
      },
      gapsPage(read.value, fiscalYear, (await p.may(noticeUpdate)) ? tokenField(p.session) : undefined),
    );
  });

  page(app, 'POST', '/notice-gaps', noticeUpdate, async (p) => {
    const fiscalYear = Number(p.form.get('year'));
    if (!Number.isInteger(fiscalYear)) return p.problem('not-found');
    const done = await closeNotices(deps, p.session.actor, { fiscalYear });
    return p.redirect(
      `/notice-gaps?year=${fiscalYear}`,
      done.ok
        ? { kind: 'done', text: `${grouped(done.value.levies)}人の通知を締めました。` }
        : { kind: 'error', text: refusalText(done.error) },
    );
  });

  page(app, 'GET', '/notices/:id', noticeRead, async (p) => {
    const documentId = p.param('id');
    if (!documentIdPattern.test(documentId)) return p.problem('not-found');
    const read = await readNotice(deps, p.session.actor, { documentId });
    if (!read.ok) return p.problem(read.error === 'no-such-document' ? 'not-found' : 'not-authorised');
    const { document, person, ofOrder } = read.value;
    const service = await readServiceDay(deps, p.session.actor, { documentId });
    return p.view(
      {
        title: `${kindWords[document.kind]} ${person.name}`,
        gloss: 'Tax notice',
        breadcrumbs: [{ label: '納税通知書', href: `/notices?year=${document.fiscalYear}` }],
      },
      html`<div class="stack">${documentViewer({
        title: `${kindWords[document.kind]} ${person.name}`,
        href: `/notices/${documentId}/pdf`,
        documentId,
        pages: document.pages,
        issuedOn: Temporal.PlainDate.from(document.issuedOn),
        bytes: document.sizeBytes,
        sha256: document.sha256.toString('hex'),
        ...(document.otherShapes > 0 ? { replaced: [`${document.otherShapes}文字`] } : {}),
      })}${facts([
        { label: '照合符号', gloss: 'Check code', value: html`<code>${document.subjectCheck}</code>` },
        {
          label: '封入順',
          gloss: 'Place in its print order',
          value: document.position === null ? '個別に作成' : `${document.position}（全${ofOrder}通）`,
        },
        { label: '年税額', value: yenText(document.amountYen) },
        { label: '送達日', gloss: 'Served on', value: serviceText(service.ok ? service.value : undefined) },
        { label: '賦課', value: html`<a href="/assessments/${document.assessmentId}">計算の理由を見る</a>` },
      ])}${
        (await p.may(noticeUpdate)) &&
        service.ok &&
        service.value?.returned === false &&
        serviceForm(`/notices/${documentId}/service`, p.session)
      }</div>`,
    );
  });

  page(app, 'POST', '/notices/:id/service', noticeUpdate, async (p) => {
    const documentId = p.param('id');
    if (!documentIdPattern.test(documentId)) return p.problem('not-found');
    return noteService(p, deps, { documentId }, `/notices/${documentId}`);
  });

  page(app, 'GET', '/notices/:id/pdf', noticeRead, async (p) => {
    const documentId = p.param('id');
    if (!documentIdPattern.test(documentId)) return p.problem('not-found');
    const opened = await openNotice(deps, p.session.actor, { documentId });
    if (opened.ok)
      return p.file(opened.value.pdf, { type: 'application/pdf', name: `${documentId}.pdf`, inline: true });
    if (opened.error === 'not-authorised') return p.problem('not-authorised');
    return p.problem(
      opened.error === 'no-such-document'
        ? 'not-found'
        : { status: 409, title: '文書を開けません', gloss: 'Cannot open', advice: refusalText(opened.error) },
    );
  });

  page(app, 'GET', '/notice-runs', noticeRead, async (p) => {
    const orders = await lookAtOrders(deps, p.session.actor, { kind: 'notices' });
    if (!orders.ok) return p.problem('not-authorised');
    return p.view(
      { title: '納税通知書の一括作成', gloss: 'Print runs of tax notices' },
      html`<div class="stack">${orderTable(orders.value)}${
        (await p.may(noticeUpdate)) &&
        html`<section aria-labelledby="start">${sectionTitle('一括作成を始める', 'Start a print run', 'start')}<p>決定済みで、まだ通知していない普通徴収の賦課から作ります。通知した後に変わった賦課は税額変更通知書になります。</p>${form(
          {
            action: '/notice-runs',
            session: p.session,
            fields: [yearField],
            values: { year: `${workYear(deps)}` },
            submit: '作成を始める',
          },
        )}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/notice-runs', noticeUpdate, async (p) => {
    const read = readForm([yearField], p.form);
    if (!read.ok) return p.redirect('/notice-runs', { kind: 'error', text: '年度を選んでください。' });
    const done = await orderNoticeRun(deps, p.session.actor, { fiscalYear: Number(read.value.texts.year) });
    if (!done.ok) return p.redirect('/notice-runs', { kind: 'error', text: refusalText(done.error) });
    return p.redirect(`/notice-runs/${done.value.orderId}`);
  });

  page(app, 'GET', '/notice-runs/:id', assessmentRead, (p) =>
    runPage(p, deps, '納税通知書の一括作成', 'Print run', async (order) => {
      const print = await lookAtPrintFiles(deps, p.session.actor, { orderId: order.orderId });
      if (!print.ok) return html``;
      const ready = order.state === 'done' && print.value.files.length > 0 && (await p.may(printUpdate));
      return html`${printFiles(print.value, order.state === 'done')}${
        order.state === 'done' &&
        (await p.may(noticeUpdate)) &&
        serviceForm(`/notice-runs/${order.orderId}/service`, p.session)
      }${
        ready &&
        html`<form method="post" action="/print-jobs">${tokenField(p.session)}<input type="hidden" name="order" value="${order.orderId}"><button class="button" type="submit">印刷を準備し、承認に回す</button></form>`
      }`;
    }),
  );

  page(app, 'POST', '/notice-runs/:id/service', noticeUpdate, async (p) => {
    const orderId = p.param('id');
    if (!isUuid(orderId)) return p.problem('not-found');
    return noteService(p, deps, { orderId }, `/notice-runs/${orderId}`);
  });

  page(app, 'GET', '/notice-runs/:id/held', batchWork, async (p) => {
    const order = await findOrder(p, deps);
    if (!order?.runId) return p.problem('not-found');
    const rejects = await batches.listRejects(deps, p.session.actor, { runId: order.runId, limit: 500 });
    if (!rejects.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '作成できなかった通知書',
        gloss: 'Notices not made',
        breadcrumbs: [
          { label: '納税通知書の一括作成', href: '/notice-runs' },
          { label: reiwaYear(order.fiscalYear), href: `/notice-runs/${order.orderId}` },
        ],
      },
      html`<div class="table-scroll" tabindex="0" role="region" aria-label="作成できなかった通知書の表"><table class="data-table"><caption>作成できなかった通知書 ${rejects.value.length}件</caption><thead><tr><th scope="col">封入順</th><th scope="col">理由</th><th scope="col">項目</th><th scope="col">賦課</th><th scope="col">対応</th></tr></thead><tbody>${rejects.value.map(
        (reject) =>
          html`<tr><th scope="row">${reject.rowNumber}</th><td>${refusalText(reject.code)}</td><td><code>${reject.field}</code></td><td><a href="/assessments/${reject.ref}">賦課を見る<span class="visually-hidden">（${reject.rowNumber}番）</span></a></td><td><form class="row" method="post" action="/notices">${tokenField(p.session)}<input type="hidden" name="assessment" value="${reject.ref}"><input type="hidden" name="run" value="${order.orderId}"><input type="hidden" name="reject" value="${reject.rejectId}"><button class="button button-small" type="submit" name="shapes" value="refuse">もう一度作る</button>${reject.code === 'unprintable-character' && html`<button class="button button-small" type="submit" name="shapes" value="flag">標準の字形で作る</button>`}</form></td></tr>`,
      )}</tbody></table></div>`,
    );
  });

  page(app, 'POST', '/notices', noticeUpdate, async (p) => {
    const field = (name: string): string => `${p.form.get(name) ?? ''}`;
    if (!isUuid(field('assessment'))) return p.problem('not-found');
    const done = await issueNotice(deps, p.session.actor, {
      assessmentId: field('assessment'),
      allowOtherShapes: field('shapes') === 'flag',
    });
    if (!done.ok)
      return p.redirect(isUuid(field('run')) ? `/notice-runs/${field('run')}/held` : '/notices', {
        kind: 'error',
        text: refusalText(done.error),
      });
    if (isUuid(field('reject')))
      await batches.resolveReject(deps, p.session.actor, { rejectId: field('reject'), resolution: 'corrected' });
    return p.redirect(`/notices/${done.value.documentId}`, { kind: 'done', text: '通知書を作りました。' });
  });
}

const collectionOf: Record<string, string> = {
  ordinary: '普通徴収',
  special: '特別徴収',
  mixed: '併用徴収',
  none: '税額なし',
};

function gapsPage(
  { rows, total }: { readonly rows: readonly NoticeGap[]; readonly total: number },
  fiscalYear: number,
  token: ReturnType<typeof tokenField> | undefined,
) {
  if (total === 0)
    return html`<div class="stack">${notice('done', '決定したすべての賦課に通知があります')}${
      token !== undefined &&
      html`<form method="post" action="/notice-gaps">${token}<input type="hidden" name="year" value="${fiscalYear}"><button class="button button-primary" type="submit">通知を締める</button></form>`
    }</div>`;
  return html`<div class="stack">${notice('warning', `通知のない賦課が${grouped(total)}件あります`, '通知を作るまで締められません。')}
<div class="table-scroll" tabindex="0" role="region" aria-label="通知のない賦課の表"><table class="data-table"><caption>通知のない賦課</caption><thead><tr><th scope="col">氏名</th><th scope="col">徴収方法</th><th scope="col" class="num">年税額</th><th scope="col">決定日</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row"><a href="/assessments/${row.assessmentId}">${row.name}</a></th><td>${collectionOf[row.collection] ?? row.collection}</td><td class="num">${yenText(row.annualYen)}</td><td>${time(Temporal.PlainDate.from(row.decidedOn))}</td></tr>`,
  )}</tbody></table></div></div>`;
}

type Print = Extract<Awaited<ReturnType<typeof lookAtPrintFiles>>, { ok: true }>['value'];

const printFiles = ({ files, totals, balanced }: Print, done: boolean) =>
  html`<section aria-labelledby="print">${sectionTitle('印刷用データ', 'Print files', 'print')}
${done && (balanced ? notice('done', '印刷用データの合計は台帳と一致しています') : notice('error', '印刷用データの合計が台帳と一致しません'))}
<div class="table-scroll" tabindex="0" role="region" aria-label="印刷用データの表"><table class="data-table"><caption class="visually-hidden">印刷用データと合計</caption><thead><tr><th scope="col">分冊</th><th scope="col">封入順</th><th scope="col" class="num">通数</th><th scope="col" class="num">頁数</th><th scope="col" class="num">税額の合計</th><th scope="col">ハッシュ値</th></tr></thead><tbody>${files.map(
    (file) =>
      html`<tr><th scope="row">${file.partNo}${file.handling === 'office' && '（庁内で保管）'}</th><td>${file.firstPosition}～${file.lastPosition}</td><td class="num">${grouped(file.documents)}</td><td class="num">${grouped(file.pages)}</td><td class="num">${yenText(file.totalYen)}</td><td><code>${file.sha256.toString('hex').slice(0, 16)}</code></td></tr>`,
  )}</tbody><tfoot><tr><th scope="row">台帳の合計</th><td></td><td class="num">${grouped(totals.documents)}</td><td class="num">${grouped(totals.pages)}</td><td class="num">${yenText(totals.totalYen)}</td><td></td></tr></tfoot></table></div></section>`;
