import type { Actor } from '@musubi/kernel/db/act.ts';
import { type Html, html, idOf, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { RecordSection } from '@musubi/kernel/pages/kit/record-page.ts';
import type { NoticeOfPerson, TakenOverLevy } from '../service/persons/read-file.ts';
import { askPayments, type PaymentsDeps } from '../service/persons/read-payments.ts';
import { reiwaYear } from './assessment-words.ts';
import { paymentsBody } from './payments.ts';

const kindWords = {
  'tax-notice': '納税通知書',
  'change-notice': '税額変更通知書',
  'reduction-notice': '減免決定通知書',
  'special-notice': '特別徴収税額通知書',
} as const;

/** The sections of a page as links to them: a long page is reached by keyboard in one step. */
export const contents = (sections: readonly RecordSection[]): Html =>
  html`<nav aria-label="この画面の目次"><ul class="row">${[
    ...sections.map((section, i) => [section.title, idOf('s', `${i}`)] as const),
    ['履歴', 'history'] as const,
  ].map(([title, id]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;

const table = (caption: string, body: Html): Html =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="${caption}の表"><table class="data-table"><caption class="visually-hidden">${caption}</caption>${body}</table></div>`;

export const noticeSection = (notices: readonly NoticeOfPerson[]): RecordSection => ({
  title: '通知',
  gloss: 'Notices',
  body:
    notices.length === 0
      ? html`<p class="muted">通知はまだありません。</p>`
      : table(
          '通知',
          html`<thead><tr><th scope="col">年度</th><th scope="col">種類</th><th scope="col">通知日</th><th scope="col">通知先</th><th scope="col" class="num">税額</th><th scope="col">状態</th></tr></thead><tbody>${notices.map(
            (n) =>
              html`<tr><th scope="row">${reiwaYear(n.fiscalYear)}</th><td>${n.kind === 'special-notice' ? kindWords[n.kind] : html`<a href="/notices/${n.id}">${kindWords[n.kind]} ${n.id}</a>`}</td><td class="nowrap">${time(Temporal.PlainDate.from(n.issuedOn))}</td><td>${n.payer ?? '本人'}</td><td class="num">${yenText(n.amountYen)}</td><td>${n.undelivered ? badge('返戻（未送達）', 'error') : badge('通知済', 'done')}</td></tr>`,
          )}</tbody>`,
        ),
});

/** What an old ledger had, where anything was taken over. */
export const takenOverSections = (levies: readonly TakenOverLevy[]): readonly RecordSection[] =>
  levies.length === 0
    ? []
    : [
        {
          title: '移行した賦課',
          gloss: 'Levies taken over from the old ledger',
          body: table(
            '移行した賦課',
            html`<thead><tr><th scope="col">年度</th><th scope="col" class="num">特別区民税</th><th scope="col" class="num">都民税</th><th scope="col" class="num">納付済額</th></tr></thead><tbody>${levies.map(
              (l) =>
                html`<tr><th scope="row">${reiwaYear(l.fiscalYear)}</th><td class="num">${yenText(l.wardYen)}</td><td class="num">${yenText(l.metropolisYen)}</td><td class="num">${yenText(l.paidYen)}</td></tr>`,
            )}</tbody>`,
          ),
        },
      ];

/** Longer is not waited for: the page of a person opens without what collections would say. */
const patienceMs = 2_000;

/** 納付: as collections answers now; without an answer the page says so, and never that nothing was paid. */
export async function paymentSection(
  deps: PaymentsDeps,
  actor: Actor,
  person: { readonly personId: string; readonly orgPersonNumber: string },
): Promise<RecordSection> {
  const late = new Promise<'unreachable'>((resolve) => setTimeout(resolve, patienceMs, 'unreachable').unref());
  const payments = await Promise.race([askPayments(deps, actor, person.orgPersonNumber), late]);
  return {
    title: '納付',
    gloss: 'Payments, as collections says now',
    body:
      payments === 'unreachable'
        ? notice(
            'error',
            '収納消込システムに確認できません。',
            html`納付の有無はこの画面では分かりません。<a href="/persons/${person.personId}/payments">もう一度確かめる</a>`,
          )
        : payments === undefined
          ? html`<p class="muted">調定された税はありません。</p>`
          : paymentsBody(payments),
  };
}
