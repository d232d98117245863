import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { facts, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { printsNumber } from '../domain/number-rule.ts';
import { assessmentRead, batchWork, noticeRead, noticeUpdate } from '../service/assessment/functions.ts';
import { lookAtOrders, orderSpecialNoticeRun } from '../service/assessment/order-run.ts';
import { batches } from '../service/assessment/work-orders.ts';
import { lookAtChannel, noteChannel } from '../service/special-notices/channels.ts';
import type { ElectronicDeps } from '../service/special-notices/electronic.ts';
import type { SpecialNoticeDeps } from '../service/special-notices/special-notice-run.ts';
import {
  type ListedSpecialNotice,
  lookAtSpecialNotices,
  openSpecialNotice,
} from '../service/special-notices/special-notices.ts';
import { findOrder, orderTable, runPage, yearField } from './assessment-runs.ts';
import { refusalText, reiwaYear } from './assessment-words.ts';
import { workYear } from './assessments.ts';
import { deliveryHref, deliveryWords, registerDeliveryPages } from './electronic-notices.ts';

const channelWords = { electronic: '電子', paper: '書面' } as const;
const channelFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'channel',
    label: '受取方法',
    options: Object.entries(channelWords).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'evidence', label: '確認した書類（総括表など）', maxLength: 200, width: 'full' },
];

const list: WorkListDefinition<ListedSpecialNotice> = {
  caption: '特別徴収税額通知',
  defaultSort: { key: 'payer', direction: 'asc' },
  sizes: [50, 100],
  emptyText: '作られた通知はありません。',
  filters: [yearField],
  columns: [
    { key: 'payer', label: '特別徴収義務者', heading: true, cell: (row) => row.collectorName },
    { key: 'designation', label: '指定番号', cell: (row) => html`<code>${row.designationNumber}</code>` },
    { key: 'sequence', label: '連番', align: 'end', cell: (row) => row.sequenceNo },
    { key: 'persons', label: '人員', align: 'end', cell: (row) => grouped(row.persons) },
    { key: 'total', label: '特別徴収税額', align: 'end', cell: (row) => yenText(row.totalYen) },
    {
      key: 'delivery',
      label: '交付',
      cell: (row) =>
        row.channel === 'paper'
          ? '書面'
          : html`<a href="${deliveryHref(row)}">${deliveryWords(row.delivery)}<span class="visually-hidden">（${row.collectorName}）</span></a>`,
    },
    {
      key: 'channel',
      label: '受取方法',
      cell: (row) =>
        html`<a href="/special-notice-payers/${row.designationNumber}">${channelWords[row.channel]}<span class="visually-hidden">（${row.collectorName}）</span></a>`,
    },
    { key: 'numbers', label: '個人番号', cell: (row) => (row.numbersPrinted ? '記載あり' : '記載なし') },
    { key: 'issued', label: '通知日', cell: (row) => time(Temporal.PlainDate.from(row.issuedOn)) },
    {
      key: 'files',
      label: '通知',
      cell: (row) =>
        html`<a href="/special-notices/${row.noticeId}/package">${row.channel === 'paper' ? '義務者用（書面）' : '義務者用（電子）'}<span class="visually-hidden">${row.collectorName}</span></a> <a href="/special-notices/${row.noticeId}/employees">納税義務者用（印刷）<span class="visually-hidden">${row.collectorName}</span></a>`,
    },
  ],
};

/** 特別徴収税額通知: what each payer is told, and the run that makes it. */
export function specialNoticePages(app: PageApp, deps: SpecialNoticeDeps & ElectronicDeps): void {
  registerDeliveryPages(app, deps);
  page(app, 'GET', '/special-notices', noticeRead, async (p) => {
    const query = readListQuery(list, p.query);
    const fiscalYear = Number(query.filters.year ?? workYear(deps));
    const found = await lookAtSpecialNotices(deps, p.session.actor, {
      fiscalYear,
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: `特別徴収税額通知 ${reiwaYear(fiscalYear)}`,
        gloss: 'Notices of special collection',
        actions: html`<a class="button" href="/special-notice-runs">一括作成</a>`,
      },
      workList(list, { path: p.path, query, ...found.value }),
    );
  });

  for (const part of ['package', 'employees'] as const)
    page(app, 'GET', `/special-notices/:id/${part}`, noticeRead, async (p) => {
      const noticeId = p.param('id');
      if (!isUuid(noticeId)) return p.problem('not-found');
      const opened = await openSpecialNotice(deps, p.session.actor, { noticeId, part });
      if (opened.ok)
        return p.file(opened.value.bytes, {
          type: opened.value.name.endsWith('.zip') ? 'application/zip' : 'application/pdf',
          name: opened.value.name,
        });
      if (opened.error === 'not-authorised') return p.problem('not-authorised');
      return p.problem(
        opened.error === 'no-such-notice'
          ? 'not-found'
          : { status: 409, title: '通知を開けません', gloss: 'Cannot open', advice: refusalText(opened.error) },
      );
    });

  const payerPage = async (p: PageRequest, errors: FormErrors = {}) => {
    const designationNumber = p.param('designation');
    const found = await lookAtChannel(deps, p.session.actor, { designationNumber });
    if (!found.ok) return p.problem('not-authorised');
    const payer = found.value;
    if (payer === undefined) return p.problem('not-found');
    const today = deps.civilClock.today();
    return p.view(
      {
        title: `${payer.name}の受取方法`,
        gloss: 'How a payer receives its notices',
        breadcrumbs: [{ label: '特別徴収税額通知', href: '/special-notices' }],
        ...(Object.keys(errors).length > 0 ? { hasErrors: true, status: 422 as const } : {}),
      },
      html`<div class="stack">${facts([
        { label: '指定番号', value: html`<code>${payer.designationNumber}</code>` },
        {
          label: '受取方法',
          value: `${channelWords[payer.channel]}${payer.notedOn === null ? '（届出なし）' : `（${payer.evidence}、${payer.notedOn}）`}`,
        },
        {
          label: '個人番号の記載',
          gloss: 'By the rule of today',
          value: (['electronic', 'paper'] as const)
            .map(
              (one) =>
                `${channelWords[one]}：${printsNumber(deps.numberRules, one, today) ? '記載する' : '記載しない'}`,
            )
            .join('、'),
        },
      ])}${
        (await p.may(noticeUpdate)) &&
        form({
          action: `/special-notice-payers/${payer.designationNumber}`,
          session: p.session,
          fields: channelFields,
          errors,
          values: { channel: payer.channel },
          hidden: { seen: `${payer.version}` },
          submit: '登録する',
        })
      }</div>`,
    );
  };
  page(app, 'GET', '/special-notice-payers/:designation', noticeRead, (p) => payerPage(p));
  page(app, 'POST', '/special-notice-payers/:designation', noticeUpdate, async (p) => {
    const read = readForm(channelFields, p.form);
    if (!read.ok) return payerPage(p, read.error.errors);
    const designationNumber = p.param('designation');
    const done = await noteChannel(deps, p.session.actor, {
      designationNumber,
      channel: read.value.texts.channel === 'paper' ? 'paper' : 'electronic',
      evidence: read.value.texts.evidence ?? '',
      seenVersion: Number(p.form.get('seen')),
    });
    if (!done.ok && done.error === 'no-such-payer') return p.problem('not-found');
    return p.redirect(
      `/special-notice-payers/${encodeURIComponent(designationNumber)}`,
      done.ok
        ? { kind: 'done', text: '受取方法を登録しました。次に作る通知から適用します。' }
        : { kind: 'error', text: refusalText(done.error) },
    );
  });

  page(app, 'GET', '/special-notice-runs', noticeRead, async (p) => {
    const orders = await lookAtOrders(deps, p.session.actor, { kind: 'special-notices' });
    if (!orders.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '特別徴収税額通知の一括作成',
        gloss: 'Runs of notices of special collection',
        breadcrumbs: [{ label: '特別徴収税額通知', href: '/special-notices' }],
      },
      html`<div class="stack">${orderTable(orders.value)}${
        (await p.may(noticeUpdate)) &&
        html`<section aria-labelledby="start">${sectionTitle('一括作成を始める', 'Start a run', 'start')}<p>決定済みで、まだ特別徴収義務者に通知していない特別徴収の税額から、義務者ごとに作ります。</p>${form(
          {
            action: '/special-notice-runs',
            session: p.session,
            fields: [yearField],
            values: { year: `${workYear(deps)}` },
            submit: '作成を始める',
          },
        )}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/special-notice-runs', noticeUpdate, async (p) => {
    const read = readForm([yearField], p.form);
    if (!read.ok) return p.redirect('/special-notice-runs', { kind: 'error', text: '年度を選んでください。' });
    const done = await orderSpecialNoticeRun(deps, p.session.actor, { fiscalYear: Number(read.value.texts.year) });
    if (!done.ok) return p.redirect('/special-notice-runs', { kind: 'error', text: refusalText(done.error) });
    return p.redirect(`/special-notice-runs/${done.value.orderId}`);
  });

  page(app, 'GET', '/special-notice-runs/:id', assessmentRead, (p) =>
    runPage(p, deps, '特別徴収税額通知の一括作成', 'Run of notices'),
  );

  page(app, 'GET', '/special-notice-runs/:id/held', batchWork, async (p) => {
    const order = await findOrder(p, deps);
    if (!order?.runId) return p.problem('not-found');
    const rejects = await batches.listRejects(deps, p.session.actor, { runId: order.runId, limit: 500 });
    if (!rejects.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '通知できなかった人',
        gloss: 'Persons not notified',
        breadcrumbs: [
          { label: '特別徴収税額通知の一括作成', href: '/special-notice-runs' },
          { label: reiwaYear(order.fiscalYear), href: `/special-notice-runs/${order.orderId}` },
        ],
      },
      html`<div class="table-scroll" tabindex="0" role="region" aria-label="通知できなかった人の表"><table class="data-table"><caption>通知できなかった人 ${rejects.value.length}件</caption><thead><tr><th scope="col">順</th><th scope="col">理由</th><th scope="col">項目</th><th scope="col">賦課</th></tr></thead><tbody>${rejects.value.map(
        (reject) =>
          html`<tr><th scope="row">${reject.rowNumber}</th><td>${refusalText(reject.code)}</td><td><code>${reject.field}</code></td><td><a href="/assessments/${reject.ref}">賦課を見る<span class="visually-hidden">（${reject.rowNumber}番）</span></a></td></tr>`,
      )}</tbody></table></div>`,
    );
  });
}
