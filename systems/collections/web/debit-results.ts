import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { lookAtDebitResults, prepareDebitNotices } from '../service/office/debit-notices.ts';
import { day } from './accounts.ts';
import { faultText } from './words.ts';

const read = ['collections', 'file', 'read'] as const;
const slip = ['collections', 'slip', 'update'] as const;
const lettersAtOnce = 100;

/** 口座振替の結果: what could not be debited, its slips and notices. The papers themselves are given by `paperPages`. */
export function debitResultPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/debit-results', read, (p) => show(p, deps));
  page(app, 'POST', '/debit-results/:id/slips', slip, async (p) => {
    const fileId = p.param('id');
    if (!isUuid(fileId)) return p.problem('not-found');
    const done = await prepareDebitNotices(deps, p.session.actor, { fileId });
    if (!done.ok) return p.redirect('/debit-results', { kind: 'error', text: faultText(done.error) });
    const { slips, settled, debitOpen, before } = done.value;
    const others = [
      [settled, '納付済み'],
      [debitOpen, '再振替の依頼中'],
      [before, '作成済み'],
    ] as const;
    const rest = others.flatMap(([n, word]) => (n > 0 ? [`${word} ${n}件`] : [])).join('、');
    return p.redirect('/debit-results', {
      kind: 'done',
      text: `${slips}件の納付書を作成しました。${rest && `作成しなかったもの: ${rest}。`}`,
    });
  });
}

async function show(p: PageRequest, deps: Deps): Promise<Response> {
  const found = await lookAtDebitResults(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const may = await p.may(slip);
  const parts = (n: number): readonly number[] => Array.from({ length: Math.ceil(n / lettersAtOnce) }, (_, i) => i + 1);
  return p.view(
    { title: '口座振替の結果', gloss: 'Results of direct debits' },
    html`<div class="stack">${
      found.value.length === 0
        ? html`<p class="muted">口座振替の結果はまだありません。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="結果の表"><table class="data-table"><caption class="visually-hidden">結果</caption><thead><tr><th scope="col">引落日</th><th scope="col">金融機関</th><th scope="col" class="num">件数</th><th scope="col" class="num">振替不能</th><th scope="col" class="num">納付書</th><th scope="col">通知</th></tr></thead><tbody>${found.value.map((f) => html`<tr><th scope="row" class="nowrap">${day(f.businessOn)}</th><td>${f.sender.replace('bank-', '')}</td><td class="num">${f.records}件</td><td class="num">${f.failed}件</td><td class="num">${f.slips}件</td><td>${f.failed === 0 ? badge('なし', 'done') : may && html`${f.slips < f.failed && html`<form method="post" action="/debit-results/${f.fileId}/slips">${tokenField(p.session)}<button class="button" type="submit">納付書を作成する<span class="visually-hidden">（${f.businessOn} ${f.sender}）</span></button></form>`}${f.slips > 0 && parts(f.failed).map((part) => html`<a class="button" href="/debit-results/${f.fileId}/notices/${part}">通知を印刷する<span class="visually-hidden">（${f.businessOn} ${f.sender} ${part}）</span></a>`)}`}</td></tr>`)}</tbody></table></div>`
    }</div>`,
  );
}
