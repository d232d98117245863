import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { type PaymentsDeps, type PaymentsOfPerson, readPaymentsOfPerson } from '../service/persons/read-payments.ts';

const reading = ['resident-tax', 'person', 'read'] as const;
const day = (date: string) => time(Temporal.PlainDate.from(date));
const methods = { ordinary: '普通徴収', special: '給与特別徴収', pension: '年金特別徴収' } as const;
const channels: Readonly<Record<string, string>> = {
  convenience: 'コンビニ収納',
  'common-tax': '地方税共通納税（eL-QR）',
  'pay-easy': 'ペイジー',
  counter: '窓口納付',
  'special-collection': '特別徴収',
  pension: '年金特別徴収',
  credit: 'クレジット',
  'direct-debit': '口座振替',
};

/** 納付の状況: what collections says of a person, on the tax console. */
export function registerPaymentPages(app: PageApp, deps: PaymentsDeps): void {
  page(app, 'GET', '/persons/:personId/payments', reading, async (p) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const found = await readPaymentsOfPerson(deps, p.session.actor, { personId });
    if (!found.ok && (found.error === 'not-authorised' || found.error === 'no-such-person'))
      return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const about = {
      gloss: 'Payments',
      personal: true,
      breadcrumbs: [
        { label: '個人検索', href: '/persons' },
        { label: '個人の記録', href: `/persons/${personId}` },
      ],
    };
    if (!found.ok)
      return p.view(
        { title: '納付の状況', ...about },
        notice(
          'error',
          '収納消込システムに確認できません。',
          '時間をおいてもう一度開いてください。納付の有無はこの画面では分かりません。',
        ),
      );
    const { name, payments } = found.value;
    return p.view(
      { title: `${name}さんの納付の状況`, ...about },
      payments === undefined ? notice('info', '調定された税はありません。') : paymentsBody(payments),
    );
  });
}

export function paymentsBody({ charges, receipts, overpaidYen }: NonNullable<PaymentsOfPerson['payments']>) {
  const open = charges.reduce((all, c) => all + c.openTaxYen + c.feeYen + c.interestYen, 0);
  return html`<div class="stack">${figures([
    { label: '未納額', value: open.toLocaleString('ja-JP'), unit: '円' },
    { label: '過誤納（未処理）', value: overpaidYen.toLocaleString('ja-JP'), unit: '円' },
  ])}
<section aria-labelledby="charges">${sectionTitle('期別の状況', 'Instalments', 'charges')}<div class="table-scroll" tabindex="0" role="region" aria-label="期別の状況の表"><table class="data-table"><caption class="visually-hidden">期別の状況</caption><thead><tr><th scope="col">年度</th><th scope="col">期・月</th><th scope="col">徴収方法</th><th scope="col">納期限</th><th scope="col" class="num">税額</th><th scope="col" class="num">未納の税</th><th scope="col" class="num">督促手数料</th><th scope="col" class="num">延滞金</th><th scope="col">状態</th></tr></thead><tbody>${charges.map((c) => html`<tr><th scope="row">令和${c.fiscalYear - 2018}年度</th><td>${c.instalment}${c.method === 'ordinary' ? '期' : '月分'}</td><td>${methods[c.method]}${c.collector !== null && html`<br><small>${c.collector}</small>`}</td><td class="nowrap">${day(c.dueOn)}</td><td class="num">${yenText(c.taxYen)}</td><td class="num">${yenText(c.openTaxYen)}</td><td class="num">${yenText(c.feeYen)}</td><td class="num">${yenText(c.interestYen)}</td><td>${state(c)}</td></tr>`)}</tbody></table></div></section>
<section aria-labelledby="receipts">${sectionTitle('納付の記録', 'Receipts', 'receipts')}${
    receipts.length === 0
      ? html`<p class="muted">納付の記録はありません。</p>`
      : html`<ul>${receipts.slice(0, 100).map((r) => html`<li>${day(r.paidOn)} ${channels[r.channel] ?? r.channel} ${yenText(r.amountYen)}${r.outcome !== 'posted' && '（消込に至っていません）'}</li>`)}</ul>`
  }</section></div>`;
}

type Charge = NonNullable<PaymentsOfPerson['payments']>['charges'][number];
function state(c: Charge) {
  if (c.openTaxYen + c.feeYen + c.interestYen === 0)
    return html`${badge('完納', 'done')} ${c.settledOn !== null && day(c.settledOn)}`;
  if (c.preliminary) return badge('納付の確認中（速報）', 'info');
  return c.held ? badge('猶予・停止・分納', 'info') : badge('未納', 'warning');
}
