import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { chart } from '@musubi/kernel/pages/kit/chart.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, figures, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { isPaymentChannel, takeFile } from '../service/files/take-file.ts';
import { closeYear } from '../service/office/arrears.ts';
import { type FileLine, lookAtDay, lookAtFiles, lookAtStatistics } from '../service/office/read-accounts.ts';
import { day } from './accounts.ts';
import { channelWords, faultText, ledgerWords } from './words.ts';

const read = ['collections', 'file', 'read'] as const;
const update = ['collections', 'file', 'update'] as const;
const closing = ['collections', 'closing', 'read'] as const;
const close = ['collections', 'closing', 'update'] as const;

const list: WorkListDefinition<FileLine> = {
  caption: '受け入れたファイル',
  defaultSort: { key: 'taken', direction: 'desc' },
  emptyText: 'まだ受け入れたファイルはありません。',
  columns: [
    { key: 'channel', label: '収納チャネル', heading: true, cell: (r) => channelWords[r.channel] ?? r.channel },
    { key: 'sender', label: '送信元', cell: (r) => r.sender },
    { key: 'on', label: '対象日', cell: (r) => html`${day(r.businessOn)}${r.sequence > 1 && `（${r.sequence}）`}` },
    { key: 'records', label: '件数', align: 'end', cell: (r) => r.records.toLocaleString('ja-JP') },
    { key: 'total', label: '合計', align: 'end', cell: (r) => yenText(r.totalYen) },
    { key: 'posted', label: '消込', align: 'end', cell: (r) => yenText(r.postedYen) },
    { key: 'suspense', label: '仮受', align: 'end', cell: (r) => yenText(r.suspenseYen) },
    { key: 'rejected', label: '除外', align: 'end', cell: (r) => yenText(r.rejectedYen) },
    { key: 'noted', label: '記録のみ', align: 'end', cell: (r) => yenText(r.notedYen) },
    { key: 'at', label: '受入', cell: (r) => time(Temporal.Instant.from(r.takenAt)) },
  ],
};
const upload: readonly Field[] = [
  {
    kind: 'select',
    name: 'channel',
    label: '収納チャネル',
    options: Object.entries(channelWords)
      .filter(([value]) => isPaymentChannel(value))
      .map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'file',
    name: 'content',
    label: 'ファイル',
    hint: '全体を受け入れるか、全体を拒否します。同じファイルは一度だけ数えます。',
  },
];
const states: Readonly<Record<'here' | 'awaited' | 'missing', readonly [string, Tone]>> = {
  here: ['受入済', 'done'],
  awaited: ['到着待ち', 'info'],
  missing: ['未着', 'error'],
};

/** 収納データ: what is due, what came, what was refused; and the closing of the day and the year. */
export function filePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/files', read, (p) => showFiles(p, deps));
  page(app, 'POST', '/files', update, async (p) => {
    const channel = String(p.form.get('channel') ?? '');
    const content = p.form.get('content');
    if (!isPaymentChannel(channel)) return showFiles(p, deps, { channel: '収納チャネルを選んでください' });
    if (!(content instanceof File) || content.size === 0)
      return showFiles(p, deps, { content: 'ファイルを選んでください' });
    const done = await takeFile(deps, p.session.actor, {
      channel,
      content: new Uint8Array(await content.arrayBuffer()),
    });
    if (!done.ok) return p.problem('not-authorised');
    if (!done.value.taken) {
      const [first] = done.value.faults;
      const place = first?.row === undefined ? '' : `${first.row}レコード目`;
      return showFiles(p, deps, {
        '': `ファイル全体を拒否しました。${first?.rule} ${place} ${first?.field ?? ''} ${first?.message}`,
      });
    }
    const { file, repeated } = done.value;
    return p.redirect('/files', {
      kind: 'done',
      text: repeated
        ? 'このファイルは受け入れ済みです。何も変わりません。'
        : `受け入れました（${file.records}件、消込 ${yenText(file.postedYen)}、仮受 ${yenText(file.suspenseYen)}）。`,
    });
  });

  page(app, 'GET', '/day', closing, async (p) => {
    const today = deps.civilClock.today();
    const asked = p.query.get('day') ?? '';
    const on = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(asked) ? asked : today.toString();
    const found = await lookAtDay(deps, p.session.actor, { day: on });
    if (!found.ok) return p.problem('not-authorised');
    const view = found.value;
    const total = view.balances.reduce((all, b) => all + b.total, 0);
    const last = today.year - (today.month >= 4 ? 1 : 2);
    const years = [...view.years].reverse();
    return p.view(
      { title: '日次締め・決算', gloss: 'Daily closing' },
      html`<div class="stack">
${view.missing.length > 0 ? notice('warning', `到着期限を過ぎたファイルが${view.missing.length}件あります。`, html`<a href="/files">収納データを見る</a>`) : notice('done', '到着期限を過ぎたファイルはありません。')}
${view.differences > 0 ? notice('error', `帳簿と期別の残高が一致しない調定が${view.differences}件あります。`) : notice('done', '帳簿から作り直した残高と一致しています。')}
${view.withoutRates.map((r) => notice('warning', `令和${r.year - 2018}年の延滞金の割合が登録されていないため、${r.charges}件の延滞金を確定できません。`))}
${figures([
  { label: '仮受の件数', value: view.suspense.receipts.toLocaleString('ja-JP'), unit: '件' },
  { label: '仮受の額', value: view.suspense.yen.toLocaleString('ja-JP'), unit: '円' },
  { label: '借方と貸方の差', value: total.toLocaleString('ja-JP'), unit: '円' },
])}
<section aria-labelledby="came">${sectionTitle(`受け入れた収納（${on}）`, 'Receipts of the day', 'came')}${
        view.lines.length === 0
          ? html`<p class="muted">この日に受け入れたファイルはありません。</p>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="受け入れた収納の表"><table class="data-table"><caption class="visually-hidden">受け入れた収納</caption><thead><tr><th scope="col">収納チャネル</th><th scope="col" class="num">ファイル</th><th scope="col" class="num">件数</th><th scope="col" class="num">合計</th><th scope="col" class="num">消込</th><th scope="col" class="num">仮受</th><th scope="col" class="num">除外</th><th scope="col" class="num">記録のみ</th></tr></thead><tbody>${view.lines.map((l) => html`<tr><th scope="row">${channelWords[l.channel] ?? l.channel}</th><td class="num">${l.files}</td><td class="num">${l.records}</td><td class="num">${yenText(l.totalYen)}</td><td class="num">${yenText(l.postedYen)}</td><td class="num">${yenText(l.suspenseYen)}</td><td class="num">${yenText(l.rejectedYen)}</td><td class="num">${yenText(l.notedYen)}</td></tr>`)}</tbody></table></div>`
      }</section>
<section aria-labelledby="balances">${sectionTitle('勘定残高', 'Balances', 'balances')}<div class="table-scroll" tabindex="0" role="region" aria-label="勘定残高の表"><table class="data-table"><caption class="visually-hidden">勘定残高</caption><thead><tr><th scope="col">勘定</th><th scope="col">年度</th><th scope="col" class="num">残高（借方＋）</th></tr></thead><tbody>${view.balances.map((b) => html`<tr><th scope="row">${ledgerWords[b.ledger]}</th><td>${b.bookYear}</td><td class="num">${yenText(b.total)}</td></tr>`)}</tbody></table></div></section>
<section aria-labelledby="years">${sectionTitle('年度別の収納', 'Collection by year', 'years')}${
        years.length > 0 &&
        chart({
          title: '年度別の調定額と収入済額',
          description: years
            .map((y) => `${y.bookYear}年度 調定 ${yenText(y.chargedYen)} 収入済 ${yenText(y.collectedYen)}`)
            .join('、'),
          unit: '千円',
          labels: years.map((y) => `${y.bookYear}`),
          series: [
            { name: '調定額', values: years.map((y) => Math.max(0, Math.trunc(y.chargedYen / 1_000))) },
            { name: '収入済額', values: years.map((y) => Math.max(0, Math.trunc(y.collectedYen / 1_000))) },
          ],
        })
      }${years.length > 0 && chart({ title: '年度別の収納率', description: years.map((y) => `${y.bookYear}年度 ${rateOf(y)}%`).join('、'), unit: '%', labels: years.map((y) => `${y.bookYear}`), series: [{ name: '収納率', values: years.map(rateOf) }] })}<p>${years.map((y) => html`<a href="/statistics/${y.bookYear}">${y.bookYear}年度の決算統計</a> `)}</p></section>
${(await p.may(close)) && html`<form method="post" action="/closing">${tokenField(p.session)}<input type="hidden" name="year" value="${last}"><button class="button" type="submit">${last}年度の未収額を${last + 1}年度へ繰り越す</button></form>`}
</div>`,
    );
  });

  page(app, 'GET', '/statistics/:year', closing, async (p) => {
    const bookYear = Number(p.param('year'));
    if (!Number.isInteger(bookYear) || bookYear < 2000 || bookYear > 2199) return p.problem('not-found');
    const found = await lookAtStatistics(deps, p.session.actor, { bookYear });
    if (!found.ok) return p.problem('not-authorised');
    const lines = found.value;
    return p.view(
      { title: `令和${bookYear - 2018}年度 決算統計`, gloss: 'Statistics of the settlement' },
      html`<div class="stack">${
        lines.length === 0
          ? notice('info', 'この年度の調定はありません。')
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="決算統計の表"><table class="data-table"><caption class="visually-hidden">決算統計</caption><thead><tr><th scope="col">区分</th><th scope="col">税目</th><th scope="col" class="num">調定額</th><th scope="col" class="num">収入済額</th><th scope="col" class="num">不納欠損額</th><th scope="col" class="num">繰越額</th><th scope="col" class="num">収入未済額</th><th scope="col" class="num">収納率</th></tr></thead><tbody>${lines.map((l) => html`<tr><th scope="row">${l.part === 'current' ? '現年課税分' : '滞納繰越分'}</th><td>${taxWords[l.tax]}</td><td class="num">${yenText(l.chargedYen)}</td><td class="num">${yenText(l.collectedYen)}</td><td class="num">${yenText(l.writtenOffYen)}</td><td class="num">${yenText(l.carriedYen)}</td><td class="num">${yenText(l.openYen)}</td><td class="num">${rateOf(l)}%</td></tr>`)}</tbody></table></div>`
      }</div>`,
    );
  });

  page(app, 'POST', '/closing', close, async (p) => {
    const fiscalYear = Number(p.form.get('year'));
    if (!Number.isInteger(fiscalYear) || fiscalYear < 2000 || fiscalYear > 2199) return p.problem('unreadable-form');
    const done = await closeYear(deps, p.session.actor, { fiscalYear });
    return p.redirect(
      '/day',
      done.ok
        ? { kind: 'done', text: `${done.value.charges}件、${yenText(done.value.yen)}を繰り越しました。` }
        : { kind: 'error', text: faultText(done.error) },
    );
  });
}

const taxWords = {
  ward: '特別区民税',
  metropolitan: '都民税',
  forest: '森林環境税',
  fee: '督促手数料',
  interest: '延滞金',
};
/** 収納率, percent with one digit, cut. */
const rateOf = (y: { readonly chargedYen: number; readonly collectedYen: number }): number =>
  y.chargedYen <= 0 ? 0 : Math.trunc((y.collectedYen / y.chargedYen) * 1_000) / 10;

async function showFiles(p: PageRequest, deps: Deps, errors?: Readonly<Record<string, string>>): Promise<Response> {
  const query = readListQuery(list, p.query);
  const found = await lookAtFiles(deps, p.session.actor, { offset: query.offset, limit: query.size });
  if (!found.ok) return p.problem('not-authorised');
  const { due, files, total, refusals } = found.value;
  const open = due.filter((d) => d.state !== 'here');
  const state = errors ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: '収納データ', gloss: 'Payment files', ...state },
    html`<div class="stack">${(await p.may(update)) && form({ action: '/files', session: p.session, fields: upload, ...(errors ? { errors } : {}), submit: '受け入れる' })}
<section aria-labelledby="due">${sectionTitle('到着予定', 'Files due', 'due')}${
      open.length === 0
        ? notice('done', '前日までのファイルはすべて受け入れています。')
        : html`<ul>${open.slice(0, 60).map((d) => html`<li>${badge(...states[d.state])} ${d.name}（${d.sender}） ${day(d.businessOn)}分 到着期限 ${day(d.arriveBy)}</li>`)}</ul>`
    }</section>
<section aria-labelledby="refused">${sectionTitle('拒否したファイル', 'Refused', 'refused')}${
      refusals.length === 0
        ? html`<p class="muted">拒否したファイルはありません。</p>`
        : html`<ul>${refusals.map((r) => html`<li>${time(Temporal.Instant.from(r.refusedAt))} ${channelWords[r.channel] ?? r.channel} ${r.faults[0]?.rule} ${r.faults[0]?.row !== undefined && `${r.faults[0].row}レコード目 `}${r.faults[0]?.field} ${r.faults[0]?.message}</li>`)}</ul>`
    }</section>
<section aria-labelledby="taken">${sectionTitle('受入済', 'Taken in', 'taken')}${workList(list, { path: '/files', query, rows: files, total })}</section></div>`,
  );
}
