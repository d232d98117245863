import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { fetchDebitResult, fetchTransferOutcomes, sendDebitFile, sendTransferFile } from '../service/bank-line.ts';
import { giveBankFile, lookAtDebits, prepareDebits, type ResultTaken, takeBankResult } from '../service/debits.ts';
import { giveTransferFile, lookAtTransfers, noteTransferDay, prepareTransfers } from '../service/transfers.ts';
import { faultText } from './words.ts';

const readDebit = ['accounts', 'debit', 'read'] as const;
const debit = ['accounts', 'debit', 'update'] as const;
const readTransfer = ['accounts', 'transfer', 'read'] as const;
const transfer = ['accounts', 'transfer', 'update'] as const;
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);
const day = (date: string) => time(Temporal.PlainDate.from(date));

const orderFields: readonly Field[] = [
  { kind: 'date', name: 'dueOn', label: '納期限' },
  { kind: 'date', name: 'debitOn', label: '引落日', hint: '銀行営業日' },
];
const resultFields: readonly Field[] = [{ kind: 'file', name: 'content', label: '結果ファイル' }];
const payFields: readonly Field[] = [{ kind: 'date', name: 'payOn', label: '振込指定日', hint: '銀行営業日' }];

type Errors = Readonly<Record<string, string>>;
const faulty = (errors?: Errors) => (errors ? { hasErrors: true, status: 422 as const } : {});

/** 口座振替 and 口座振込: files to the banks and what they said. */
export function bankPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/debits', readDebit, (p) => debits(p, deps));
  page(app, 'POST', '/debits', debit, async (p) => {
    const [dueOn, debitOn, batchId] = ['dueOn', 'debitOn', 'batchId'].map((n) => String(p.form.get(n) ?? '')) as [
      string,
      string,
      string,
    ];
    if (!isUuid(batchId)) return p.problem('unreadable-form');
    if (!isDay(dueOn) || !isDay(debitOn)) return debits(p, deps, { dueOn: '納期限と引落日を入力してください' });
    const done = await prepareDebits(deps, p.session.actor, { batchId, dueOn, debitOn });
    if (!done.ok) return debits(p, deps, { debitOn: faultText(done.error) });
    return p.redirect('/debits', {
      kind: 'done',
      text: `${done.value.requests}件の引落しを依頼するファイルを作成しました。`,
    });
  });
  page(app, 'POST', '/debits/results', debit, async (p) => {
    const content = p.form.get('content');
    if (!(content instanceof File) || content.size === 0)
      return debits(p, deps, undefined, { content: 'ファイルを選んでください' });
    const done = await takeBankResult(deps, p.session.actor, new Uint8Array(await content.arrayBuffer()));
    if (!done.ok) return debits(p, deps, undefined, { '': faultText(done.error) });
    if (!done.value.taken) return debits(p, deps, undefined, { '': refusalText(done.value) });
    return p.redirect('/debits', { kind: 'done', text: takenText(done.value) });
  });
  page(app, 'POST', '/debits/:id/:bank/send', debit, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const done = await sendDebitFile(deps, p.session.actor, { batchId: p.param('id'), bank: p.param('bank') });
    return p.redirect('/debits', sentMessage(done));
  });
  page(app, 'POST', '/debits/:id/:bank/fetch', debit, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const done = await fetchDebitResult(deps, p.session.actor, { batchId: p.param('id'), bank: p.param('bank') });
    if (!done.ok) return p.redirect('/debits', { kind: 'error', text: faultText(done.error) });
    return p.redirect(
      '/debits',
      done.value.taken
        ? { kind: 'done', text: takenText(done.value) }
        : { kind: 'error', text: refusalText(done.value) },
    );
  });
  page(app, 'GET', '/debits/:id/:bank', debit, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const done = await giveBankFile(deps, p.session.actor, { batchId: p.param('id'), bank: p.param('bank') });
    return done.ok
      ? p.file(done.value.bytes, { type: 'application/octet-stream', name: done.value.name })
      : p.problem('not-found');
  });

  page(app, 'GET', '/transfers', readTransfer, (p) => transfers(p, deps));
  page(app, 'POST', '/transfers', transfer, async (p) => {
    const [payOn, batchId] = ['payOn', 'batchId'].map((n) => String(p.form.get(n) ?? '')) as [string, string];
    if (!isUuid(batchId)) return p.problem('unreadable-form');
    if (!isDay(payOn)) return transfers(p, deps, { payOn: '振込指定日を入力してください' });
    const done = await prepareTransfers(deps, p.session.actor, { batchId, payOn });
    if (!done.ok) return transfers(p, deps, { payOn: faultText(done.error) });
    const { records, excluded, withoutAccount, sameAccount } = done.value;
    const text = `${records}件の振込依頼を作成しました。${excluded > 0 ? `支払済みの決定 ${excluded}件を除外しました。` : ''}${withoutAccount > 0 ? `口座のないもの ${withoutAccount}件。` : ''}${sameAccount > 0 ? `振込不能になった口座のままのもの ${sameAccount}件（口座を訂正してください）。` : ''}`;
    return p.redirect('/transfers', { kind: 'done', text });
  });
  page(app, 'POST', '/transfers/:id/paid', transfer, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const on = deps.civilClock.today().toString();
    const done = await noteTransferDay(deps, p.session.actor, { batchId: p.param('id'), returned: [], on });
    return p.redirect(
      '/transfers',
      done.ok
        ? { kind: 'done', text: `${done.value.paid}件の支払を記録しました。` }
        : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'POST', '/transfers/:id/send', transfer, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    return p.redirect(
      '/transfers',
      sentMessage(await sendTransferFile(deps, p.session.actor, { batchId: p.param('id') })),
    );
  });
  page(app, 'POST', '/transfers/:id/fetch', transfer, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const done = await fetchTransferOutcomes(deps, p.session.actor, { batchId: p.param('id') });
    if (!done.ok) return p.redirect('/transfers', { kind: 'error', text: faultText(done.error) });
    const { paid, returned } = done.value;
    return p.redirect('/transfers', {
      kind: returned > 0 ? 'error' : 'done',
      text: `振込結果を受信しました（支払 ${paid}件、振込不能 ${returned}件）。`,
    });
  });
  page(app, 'GET', '/transfers/:id', transfer, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const done = await giveTransferFile(deps, p.session.actor, { batchId: p.param('id') });
    return done.ok
      ? p.file(done.value.bytes, { type: 'application/octet-stream', name: done.value.name })
      : p.problem('not-found');
  });
}

function refusalText({ faults }: Extract<ResultTaken, { taken: false }>): string {
  const [first] = faults;
  const place = first?.row === undefined ? '' : `${first.row}レコード目 `;
  return `ファイル全体を拒否しました。${first?.rule} ${place}${first?.field ?? ''} ${first?.message}`;
}
const takenText = ({ paid, failed }: Extract<ResultTaken, { taken: true }>): string =>
  `結果を受け入れました（振替済 ${paid}件、振替不能 ${failed}件）。`;

function sentMessage(done: Awaited<ReturnType<typeof sendDebitFile>>): { kind: 'done' | 'error'; text: string } {
  if (!done.ok) return { kind: 'error', text: faultText(done.error) };
  const { value } = done;
  return value.taken
    ? { kind: 'done', text: `金融機関が${value.records}件、${yenText(value.totalYen)}の依頼を受け付けました。` }
    : { kind: 'error', text: `金融機関が拒否しました。${value.faults[0]?.rule} ${value.faults[0]?.message}` };
}

const button = (p: PageRequest, action: string, label: string, about: string) =>
  html`<form method="post" action="${action}">${tokenField(p.session)}<button class="button" type="submit">${label}<span class="visually-hidden">（${about}）</span></button></form>`;

async function debits(p: PageRequest, deps: Deps, orderErrors?: Errors, resultErrors?: Errors): Promise<Response> {
  const found = await lookAtDebits(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const may = await p.may(debit);
  return p.view(
    { title: '口座振替', gloss: 'Direct debits', ...faulty(orderErrors ?? resultErrors) },
    html`<div class="stack">${
      may &&
      html`<section aria-labelledby="order">${sectionTitle('依頼の作成', 'Request', 'order')}${form({ action: '/debits', session: p.session, fields: orderFields, ...(orderErrors ? { errors: orderErrors } : {}), hidden: { batchId: deps.newId() }, submit: '依頼ファイルを作成する' })}</section>
<section aria-labelledby="result">${sectionTitle('結果の受入れ', 'Results', 'result')}${form({ action: '/debits/results', session: p.session, fields: resultFields, ...(resultErrors ? { errors: resultErrors } : {}), submit: '結果を受け入れる' })}</section>`
    }
<section aria-labelledby="files">${sectionTitle('金融機関別の依頼', 'Files', 'files')}${
      found.value.length === 0
        ? html`<p class="muted">依頼はまだありません。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="依頼の表"><table class="data-table"><caption class="visually-hidden">依頼</caption><thead><tr><th scope="col">引落日</th><th scope="col">金融機関</th><th scope="col" class="num">件数</th><th scope="col" class="num">金額</th><th scope="col">結果</th><th scope="col">ファイル</th></tr></thead><tbody>${found.value.map((f) => html`<tr><th scope="row" class="nowrap">${day(f.debitOn)}</th><td>${f.bank} ${deps.banks.nameOf(f.bank)}</td><td class="num">${f.records}</td><td class="num">${yenText(f.totalYen)}</td><td>${f.resultSha256 === null ? badge('結果待ち', 'info') : html`${badge('受入済', 'done')} 振替済 ${f.paid}件、不能 ${f.failed}件`}</td><td>${may && html`<a href="/debits/${f.batchId}/${f.bank}">依頼ファイル<span class="visually-hidden">（${f.debitOn} ${f.bank}）</span></a>${deps.line.has(f.bank) && f.resultSha256 === null && (f.sent ? button(p, `/debits/${f.batchId}/${f.bank}/fetch`, '結果を受信する', `${f.debitOn} ${f.bank}`) : button(p, `/debits/${f.batchId}/${f.bank}/send`, '伝送する', `${f.debitOn} ${f.bank}`))}`}</td></tr>`)}</tbody></table></div>`
    }</section></div>`,
  );
}

async function transfers(p: PageRequest, deps: Deps, errors?: Errors): Promise<Response> {
  const found = await lookAtTransfers(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const may = await p.may(transfer);
  return p.view(
    { title: '還付金の口座振込', gloss: 'Transfers', ...faulty(errors) },
    html`<div class="stack">${may && form({ action: '/transfers', session: p.session, fields: payFields, ...(errors ? { errors } : {}), hidden: { batchId: deps.newId() }, submit: '振込依頼を作成する' })}${
      found.value.length === 0
        ? notice('info', '振込依頼はまだありません。')
        : html`<ul>${found.value.map((b) => html`<li>振込日 ${day(b.payOn)} ${b.records}件 ${yenText(b.totalYen)} ${b.returned > 0 && badge(`振込不能 ${b.returned}件`, 'error')} ${b.noted === b.records ? badge('結果受入済', 'done') : may && html`<a href="/transfers/${b.batchId}">依頼ファイル<span class="visually-hidden">（${b.payOn}）</span></a> ${deps.line.has(deps.collector.bank) && (b.sent ? button(p, `/transfers/${b.batchId}/fetch`, '結果を受信する', b.payOn) : button(p, `/transfers/${b.batchId}/send`, '伝送する', b.payOn))} <form method="post" action="/transfers/${b.batchId}/paid">${tokenField(p.session)}<button class="button" type="submit">支払を記録する</button></form>`}</li>`)}</ul>`
    }</div>`,
  );
}
