import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { closeCashDay, readTill, receiveCash, voidCash } from '../service/office/cash.ts';
import { readAccount } from '../service/office/read-accounts.ts';
import { day } from './accounts.ts';
import { faultText } from './words.ts';

const read = ['collections', 'cash', 'read'] as const;
const update = ['collections', 'cash', 'update'] as const;
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

const amount: readonly Field[] = [{ kind: 'yen', name: 'amount', label: '領収する額', hint: '未納額の全部、又は一部' }];
const counted: readonly Field[] = [
  { kind: 'yen', name: 'counted', label: '数えた現金', hint: '領収した職員とは別の職員が数えます。' },
];
const yenOf = (p: PageRequest, name: string): number => {
  const text = String(p.form.get(name) ?? '')
    .replaceAll(',', '')
    .trim();
  return /^[0-9]{1,11}$/.test(text) ? Number(text) : Number.NaN;
};

/** 窓口現金: receipts of the day, taking money, and the closing. */
export function cashPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/cash', read, (p) => till(p, deps));
  page(app, 'POST', '/cash/close', update, async (p) => {
    const on = String(p.form.get('day') ?? '');
    if (!isDay(on)) return p.problem('unreadable-form');
    const done = await closeCashDay(deps, p.session.actor, { day: on, countedYen: yenOf(p, 'counted') });
    if (!done.ok) return till(p, deps, { counted: faultText(done.error) }, on);
    return p.redirect(`/cash?day=${on}`, {
      kind: 'done',
      text: `${on}の窓口現金を締めました（${done.value.receipts}件、${yenText(done.value.yen)}）。`,
    });
  });
  page(app, 'POST', '/cash/:id/void', update, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const reason = String(p.form.get('reason') ?? '');
    const done = await voidCash(deps, p.session.actor, { cashId: p.param('id'), reason });
    return p.redirect(
      '/cash',
      done.ok ? { kind: 'done', text: '領収を取り消しました。' } : { kind: 'error', text: faultText(done.error) },
    );
  });
  page(app, 'GET', '/accounts/:id/cash', update, (p) => take(p, deps));
  page(app, 'POST', '/accounts/:id/cash', update, async (p) => {
    const [chargeId, cashId] = [p.param('id'), String(p.form.get('cashId') ?? '')];
    if (!isUuid(chargeId)) return p.problem('not-found');
    if (!isUuid(cashId)) return p.problem('unreadable-form');
    const done = await receiveCash(deps, p.session.actor, { cashId, chargeId, amountYen: yenOf(p, 'amount') });
    if (!done.ok)
      return done.error === 'not-authorised' ? p.problem('not-authorised') : take(p, deps, faultText(done.error));
    return p.redirect('/cash', { kind: 'done', text: `領収しました（領収番号 ${done.value.cashNo}）。` });
  });
}

async function take(p: PageRequest, deps: Deps, fault?: string): Promise<Response> {
  const chargeId = p.param('id');
  if (!isUuid(chargeId)) return p.problem('not-found');
  const found = await readAccount(deps, p.session.actor, { chargeId });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const charge = found.value.charges.find((c) => c.chargeId === chargeId)!;
  const open = charge.openTaxYen + charge.feeYen + charge.interestYen;
  return p.view(
    {
      title: `窓口での領収 ${found.value.payer.name}`,
      gloss: 'Cash at the counter',
      personal: true,
      ...(fault ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${facts([
      { label: '年度・期別', value: `令和${charge.fiscalYear - 2018}年度 ${charge.instalment}期` },
      { label: '納期限', value: day(charge.dueOn) },
      { label: '未納額', value: yenText(open) },
    ])}${form({
      action: `/accounts/${chargeId}/cash`,
      session: p.session,
      fields: amount,
      values: { amount: String(p.form.get('amount') ?? open) },
      ...(fault ? { errors: { amount: fault } } : {}),
      hidden: { cashId: deps.newId() },
      submit: '領収する',
      cancelHref: `/accounts/${chargeId}`,
    })}</div>`,
  );
}

async function till(
  p: PageRequest,
  deps: Deps,
  errors?: Readonly<Record<string, string>>,
  of: string = p.query.get('day') ?? '',
): Promise<Response> {
  const today = deps.civilClock.today().toString();
  const on = isDay(of) ? of : today;
  const found = await readTill(deps, p.session.actor, { day: on });
  if (!found.ok) return p.problem('not-authorised');
  const { receipts, closing, openDays } = found.value;
  const may = await p.may(update);
  const standing = receipts.filter((r) => r.voidReason === null);
  return p.view(
    {
      title: `窓口現金（${on}）`,
      gloss: 'Till',
      personal: true,
      ...(errors ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${openDays.map((d) => notice('warning', `${d}の窓口現金が締められていません。`, html`<a href="/cash?day=${d}">この日を開く</a>`))}
${figures([
  { label: '領収', value: String(standing.length), unit: '件' },
  ...(closing === undefined
    ? []
    : [{ label: '締めた額', value: closing.countedYen.toLocaleString('ja-JP'), unit: '円' }]),
])}
<section aria-labelledby="receipts">${sectionTitle('領収', 'Receipts', 'receipts')}${
      receipts.length === 0
        ? html`<p class="muted">この日の領収はありません。収納状況照会で期別を選ぶと領収できます。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="領収の表"><table class="data-table"><caption class="visually-hidden">領収</caption><thead><tr><th scope="col">領収番号</th><th scope="col">宛名番号</th><th scope="col" class="num">額</th><th scope="col">領収した職員</th><th scope="col">状態</th></tr></thead><tbody>${receipts.map((r) => html`<tr><th scope="row">${r.cashNo}</th><td><a href="/accounts/${r.chargeId}">${r.personNumber}</a></td><td class="num">${yenText(r.amountYen)}</td><td>${r.takenBy}</td><td>${r.voidReason !== null ? html`${badge('取消', 'plain')} ${r.voidReason}` : html`${may && html`<a class="button" href="/cash/${r.cashId}/receipt">領収証書を印刷する<span class="visually-hidden">（${r.cashNo}）</span></a>`}${may && closing === undefined && html`<form method="post" action="/cash/${r.cashId}/void">${tokenField(p.session)}<label>取消しの理由 <input class="input" name="reason" maxlength="200" aria-label="取消しの理由（${r.cashNo}）"></label><button class="button" type="submit">取り消す<span class="visually-hidden">（${r.cashNo}）</span></button></form>`}`}</td></tr>`)}</tbody></table></div>`
    }</section>
${
  closing !== undefined
    ? notice('done', `${closing.receipts}件、${yenText(closing.countedYen)}で締めました（${closing.closedBy}）。`)
    : may &&
      standing.length > 0 &&
      html`<section aria-labelledby="close">${sectionTitle('日締め', 'Closing', 'close')}${form({ action: '/cash/close', session: p.session, fields: counted, ...(errors ? { errors } : {}), hidden: { day: on }, submit: 'この日を締める' })}</section>`
}</div>`,
  );
}
