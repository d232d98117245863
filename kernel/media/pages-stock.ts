import type { ActDeps } from '../db/act.ts';
import { isUuid } from '../ids/uuid.ts';
import type { PageApp, PageRequest } from '../pages/app.ts';
import { html, time } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, figures, notice, sectionTitle } from '../pages/kit/marks.ts';
import { tokenField } from '../pages/layout.ts';
import type { MediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import type { MediaPages } from './pages.ts';
import { refusalText } from './pages-words.ts';
import { spacedPage } from './spaced-page.ts';

const countFields: readonly Field[] = [
  {
    kind: 'lines',
    name: 'serials',
    label: '数えた媒体の番号',
    hint: '一行に一つ。読取り器で続けて入力できます',
    rows: 8,
    maxLength: 20_000,
  },
];
const explainFields = (serial: string): readonly Field[] => [
  { kind: 'text', name: 'explanation', label: `${serial} の理由`, maxLength: 200 },
];

/** 在庫照合: weeks, counting, differences with their reasons, closing, monthly report. */
export function addStockPages(app: PageApp, deps: ActDeps & MediaDeps, uses: MediaUseCases, options: MediaPages): void {
  const nav = html`<p><a href="/media">媒体の管理簿</a></p>`;
  spacedPage(app, 'GET', '/media/stock-taking', uses.read, async (p) => {
    const found = await uses.weeks(deps, p.session.actor, { limit: 60 });
    if (!found.ok) return p.problem('not-authorised');
    const weeks = found.value;
    const mayOpen = (await p.may(uses.update)) && weeks.some((w) => w.state === 'due' && w.takingId === undefined);
    const thisMonth = deps.civilClock.today().toPlainYearMonth();
    const [month, before] = [`${thisMonth}`, `${thisMonth.subtract({ months: 1 })}`];
    return p.view(
      { title: '在庫照合', gloss: 'Stock-taking' },
      html`${nav}
${weeks.some((w) => w.state === 'missed') && notice('error', '在庫照合のない週があります', '理由を月次報告に添えてください。')}
<div class="row">${mayOpen && html`<form method="post" action="/media/stock-taking">${tokenField(p.session)}<button class="button button-primary" type="submit">今週の照合を始める</button></form>`}
<a class="button" href="/media/stock-taking/report?month=${month}">今月の報告（PDF）</a><a class="button" href="/media/stock-taking/report?month=${before}">先月の報告（PDF）</a></div>
<div class="table-scroll" tabindex="0" role="region" aria-label="週ごとの照合"><table class="data-table"><caption>週ごとの照合</caption>
<thead><tr><th scope="col">週（月曜日）</th><th scope="col">結果</th><th scope="col">台帳</th><th scope="col">実数</th><th scope="col">差</th><th scope="col">確認者</th></tr></thead>
<tbody>${weeks.map(
        (w) =>
          html`<tr><th scope="row">${w.takingId ? html`<a href="/media/stock-taking/${w.takingId}">${time(w.weekOn)}</a>` : time(w.weekOn)}</th><td>${
            w.state === 'closed'
              ? badge('照合済', 'done')
              : w.state === 'due'
                ? badge('今週', 'info')
                : badge('実施なし', 'error')
          }</td><td>${w.expected}</td><td>${w.counted}</td><td>${w.differences}</td><td>${w.closedBy}</td></tr>`,
      )}</tbody></table></div>`,
    );
  });
  spacedPage(app, 'POST', '/media/stock-taking', uses.update, async (p) => {
    const opened = await uses.openTaking(deps, p.session.actor, {});
    return opened.ok
      ? p.redirect(`/media/stock-taking/${opened.value.takingId}`, { kind: 'done', text: '照合を始めました。' })
      : p.redirect('/media/stock-taking', { kind: 'error', text: refusalText(opened.error) });
  });
  spacedPage(app, 'GET', '/media/stock-taking/report', uses.read, async (p) => {
    const given = p.query.get('month') ?? '';
    if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(given)) return p.problem('not-found');
    const month = Temporal.PlainYearMonth.from(given);
    const from = month.toPlainDate({ day: 1 });
    const until = month.toPlainDate({ day: month.daysInMonth });
    const weeks = await uses.weeks(deps, p.session.actor, { from, until, limit: 6 });
    if (!weeks.ok) return p.problem('not-authorised');
    const print = { office: options.office, on: deps.civilClock.today(), at: deps.machineClock.now() };
    const pdf = await options.printer.monthly(month, weeks.value, print);
    return p.file(pdf, { type: 'application/pdf', name: `stock-${month}.pdf`, inline: true });
  });

  const show = async (p: PageRequest, wrong = '') => {
    const takingId = p.param('id');
    if (!isUuid(takingId)) return p.problem('not-found');
    const weeks = await uses.weeks(deps, p.session.actor, { limit: 500 });
    const week = weeks.ok ? weeks.value.find((w) => w.takingId === takingId) : undefined;
    const found = await uses.differences(deps, p.session.actor, { takingId });
    if (!found.ok || !week) return p.problem('not-found');
    const isOpen = week.state !== 'closed' && (await p.may(uses.update));
    return p.view(
      { title: '在庫照合の記録', gloss: 'One stock-taking', ...(wrong ? { hasErrors: true, status: 422 } : {}) },
      html`${nav}${wrong && notice('error', wrong)}
${
  week.state === 'closed' &&
  figures([
    { label: '台帳の数', value: `${week.expected}` },
    { label: '数えた数', value: `${week.counted}` },
    { label: '差', value: `${week.differences}` },
  ])
}
${isOpen && form({ action: `/media/stock-taking/${takingId}/count`, session: p.session, fields: countFields, submit: '数を加える' })}
${sectionTitle('台帳との差', 'Differences')}
${
  found.value.length === 0
    ? html`<p>差はありません。</p>`
    : html`<ul class="stack">${found.value.map(
        (d) =>
          html`<li>${badge(d.kind === 'missing' ? '見当たらない' : '台帳にない・貸出中', 'warning')} ${d.serial}　${d.explanation}${
            isOpen && !d.explanation
              ? form({
                  action: `/media/stock-taking/${takingId}/explain`,
                  session: p.session,
                  fields: explainFields(d.serial).map((f) => ({ ...f, name: `explanation-${d.serial}` }) as Field),
                  hidden: { serial: d.serial },
                  submit: '理由を記録する',
                })
              : ''
          }</li>`,
      )}</ul>`
}
${isOpen && html`<form method="post" action="/media/stock-taking/${takingId}/close">${tokenField(p.session)}<button class="button button-primary" type="submit">照合を終える</button></form>`}`,
    );
  };
  spacedPage(app, 'GET', '/media/stock-taking/:id', uses.read, (p) => show(p));
  spacedPage(app, 'POST', '/media/stock-taking/:id/count', uses.update, async (p) => {
    const read = readForm(countFields, p.form);
    if (!read.ok) return show(p, '数えた媒体の番号を入力してください');
    const serials = (read.value.texts.serials ?? '').split(/\s+/).filter(Boolean);
    const done = await uses.count(deps, p.session.actor, { takingId: p.param('id'), serials });
    return done.ok ? p.redirect(`/media/stock-taking/${p.param('id')}`) : show(p, refusalText(done.error));
  });
  spacedPage(app, 'POST', '/media/stock-taking/:id/explain', uses.update, async (p) => {
    const serial = `${p.form.get('serial') ?? ''}`;
    const explanation = `${p.form.get(`explanation-${serial}`) ?? ''}`.trim();
    const done = await uses.explain(deps, p.session.actor, { takingId: p.param('id'), serial, explanation });
    return done.ok ? p.redirect(`/media/stock-taking/${p.param('id')}`) : show(p, refusalText(done.error));
  });
  spacedPage(app, 'POST', '/media/stock-taking/:id/close', uses.update, async (p) => {
    const done = await uses.closeTaking(deps, p.session.actor, { takingId: p.param('id') });
    return done.ok
      ? p.redirect('/media/stock-taking', { kind: 'done', text: '照合を終えました。' })
      : show(p, refusalText(done.error));
  });
}
