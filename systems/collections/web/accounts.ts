import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  type AccountView,
  type ChargeLine,
  findAccounts,
  type JournalLine,
  type PersonLine,
  readAccount,
} from '../service/office/read-accounts.ts';
import { reissueSlip } from '../service/office/slips.ts';
import {
  channelWords,
  entryWords,
  faultText,
  methodWords,
  outcomeWords,
  overpaymentWords,
  reasonWords,
} from './words.ts';

const read = ['collections', 'account', 'read'] as const;
const demandRight = ['collections', 'reminder', 'update'] as const;
const slipRight = ['collections', 'slip', 'update'] as const;
export const day = (date: string): Html => time(Temporal.PlainDate.from(date));

const persons: WorkListDefinition<PersonLine> = {
  caption: '検索結果',
  defaultSort: { key: 'kana', direction: 'asc' },
  emptyText: '該当する納税義務者はありません。',
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (r) => html`<a href="/accounts/${r.chargeId}">${r.name}</a>` },
    { key: 'kana', label: 'カナ', cell: (r) => r.nameKana },
    { key: 'number', label: '宛名番号', cell: (r) => html`<code>${r.personNumber}</code>` },
    { key: 'open', label: '未納額', align: 'end', cell: (r) => yenText(r.openYen) },
  ],
};

/** 収納状況照会: search, and a person's account over all years with every yen's path. */
export function accountPages(app: PageApp, deps: Deps): void {
  const search = (p: PageRequest, text: string, body?: Html, hasErrors = false): Promise<Response> =>
    p.view(
      {
        title: '収納状況照会',
        gloss: 'Accounts',
        personal: body !== undefined,
        ...(hasErrors ? { hasErrors, status: 422 as const } : {}),
      },
      html`<div class="stack">${searchForm({
        action: '/accounts',
        method: 'post',
        session: p.session,
        label: '納税義務者の検索',
        fields: [{ kind: 'text', name: 'text', label: '宛名番号、通知書番号又はカナ氏名の先頭' }],
        values: { text },
      })}${body}</div>`,
    );
  page(app, 'GET', '/', read, (p) => search(p, ''));
  page(app, 'POST', '/accounts', read, async (p) => {
    const text = String(p.form.get('text') ?? '').slice(0, 100);
    const found = await findAccounts(deps, p.session.actor, { text });
    if (!found.ok)
      return found.error === 'too-short'
        ? search(p, text, notice('error', '2文字以上を入力してください。'), true)
        : p.problem('not-authorised');
    const query = { filters: {}, sort: persons.defaultSort, page: 1, size: 50, offset: 0 };
    return search(p, text, workList(persons, { path: '/', query, rows: found.value, total: found.value.length }));
  });

  page(app, 'GET', '/accounts/:id', read, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const found = await readAccount(deps, p.session.actor, { chargeId: p.param('id') });
    if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.view(
      { title: `収納状況 ${found.value.payer.name}`, gloss: 'Account', personal: true },
      accountBody(
        p,
        found.value,
        { slip: await p.may(slipRight), demand: await p.may(demandRight) },
        deps.civilClock.today().toString(),
      ),
    );
  });

  page(app, 'POST', '/accounts/:id/slips', slipRight, async (p) => {
    const chargeId = String(p.form.get('chargeId') ?? '');
    if (!isUuid(chargeId)) return p.problem('unreadable-form');
    const done = await reissueSlip(deps, p.session.actor, {
      chargeId,
      payableUntil: deps.civilClock.today().add({ days: 30 }).toString(),
      reason: '窓口での再発行',
    });
    const to = `/accounts/${encodeURIComponent(p.param('id'))}`;
    return done.ok
      ? p.redirect(to, {
          kind: 'done',
          text: `納付書を再発行しました（${yenText(done.value.amountYen)}、案件特定キー ${done.value.caseKey}）。`,
        })
      : p.redirect(to, { kind: 'error', text: faultText(done.error) });
  });
}

interface May {
  readonly slip: boolean;
  readonly demand: boolean;
}
function accountBody(p: PageRequest, view: AccountView, may: May, today: string): Html {
  const open = view.charges.reduce((all, c) => all + c.openTaxYen + c.feeYen + c.interestYen, 0);
  const overdue = view.charges.filter((c) => c.dueOn < today).reduce((all, c) => all + c.openTaxYen, 0);
  const over = view.overpayments.reduce((all, o) => all + o.leftYen, 0);
  return html`<div class="stack">
${figures([
  { label: '未納額', value: open.toLocaleString('ja-JP'), unit: '円' },
  { label: 'うち納期限を過ぎた税', value: overdue.toLocaleString('ja-JP'), unit: '円' },
  { label: '過誤納（未処理）', value: over.toLocaleString('ja-JP'), unit: '円' },
])}
${facts([
  { label: '宛名番号', value: view.payer.personNumber },
  { label: 'カナ氏名', value: view.payer.nameKana },
  { label: '住所', value: view.payer.address },
])}
${may.demand && overdue > 0 && html`<p class="no-print"><a href="/accounts/${p.param('id')}/demand">催告書を印刷する</a></p>`}
${[...Map.groupBy(view.charges, (c) => c.fiscalYear)].map(([year, charges]) => yearPart(p, view, year, charges, may.slip))}
${view.overpayments.length > 0 && overpaymentPart(view)}
</div>`;
}

function yearPart(
  p: PageRequest,
  view: AccountView,
  year: number,
  charges: readonly ChargeLine[],
  mayReissue: boolean,
): Html {
  const ids = new Set(charges.map((c) => c.chargeId));
  const path = view.path.filter((line) => line.chargeId !== null && ids.has(line.chargeId));
  const receipts = view.receipts.filter((r) => ids.has(r.chargeId) && r.outcome !== 'posted');
  const instalmentOf = new Map(charges.map((c) => [c.chargeId, c.instalment]));
  const token = tokenField(p.session);
  return html`<section aria-labelledby="y${year}">${sectionTitle(`令和${year - 2018}年度`, `Fiscal ${year}`, `y${year}`)}
<div class="table-scroll" tabindex="0" role="region" aria-label="${year}年度の期別の表"><table class="data-table"><caption class="visually-hidden">期別の状況</caption>
<thead><tr><th scope="col">期・月</th><th scope="col">徴収方法</th><th scope="col">納期限</th><th scope="col" class="num">税額</th><th scope="col" class="num">未納の税</th><th scope="col" class="num">督促手数料</th><th scope="col" class="num">延滞金</th><th scope="col">状態</th><th scope="col">納付書</th></tr></thead>
<tbody>${charges.map(
    (c) =>
      html`<tr><th scope="row">${c.instalment}${c.method === 'ordinary' ? '期' : '月分'}</th><td>${methodWords[c.method]}${c.collectorName && html`<br><small>${c.collectorName}</small>`}</td><td class="nowrap">${day(c.dueOn)}</td><td class="num">${yenText(c.taxYen)}</td><td class="num">${yenText(c.openTaxYen)}</td><td class="num">${yenText(c.feeYen)}</td><td class="num">${yenText(c.interestYen)}</td><td>${stateOf(c, view)}</td><td>${
        mayReissue && c.method === 'ordinary' && c.openTaxYen + c.feeYen + c.interestYen > 0
          ? html`<form method="post" action="/accounts/${p.param('id')}/slips" class="no-print">${token}<input type="hidden" name="chargeId" value="${c.chargeId}"><button class="button" type="submit">再発行<span class="visually-hidden">（${c.instalment}期）</span></button></form>`
          : `${slipsOf(view, c).length}枚`
      }${chargeLinks(view, c, mayReissue)}</td></tr>`,
  )}</tbody></table></div>
${mayReissue && html`<p class="no-print"><a href="/accounts/${charges[0]!.chargeId}/certificate">納税証明書を印刷する<span class="visually-hidden">（令和${year - 2018}年度）</span></a></p>`}
<details><summary>入出金の経過（${path.length}件）</summary>${pathTable(path, instalmentOf, year)}</details>
${receipts.length > 0 && html`<details><summary>消込に至らなかった記録（${receipts.length}件）</summary><ul>${receipts.map((r) => html`<li>${day(r.paidOn)} ${channelWords[r.channel] ?? r.channel} ${yenText(r.amountYen)} ${badge(...(outcomeWords[r.outcome] ?? [r.outcome, 'plain']))} ${reasonWords[r.reason] ?? r.reason}</li>`)}</ul></details>`}
</section>`;
}

const slipsOf = (view: AccountView, c: ChargeLine) =>
  view.slips.filter((s) => s.chargeId === c.chargeId && s.kind === 'slip');

function stateOf(c: ChargeLine, view: AccountView): Html {
  const held = view.holds.find((h) => h.chargeId === c.chargeId && h.endedOn === null);
  if (c.openTaxYen + c.feeYen + c.interestYen === 0) return badge(c.taxYen === 0 ? '税額なし' : '完納', 'done');
  if (held) return badge('猶予・停止・分納', 'info');
  if (c.preliminary) return badge('速報あり', 'info');
  return c.openTaxYen === 0 ? badge('延滞金等のみ', 'warning') : badge('未納', 'warning');
}

/** What can be done about one instalment, apart enough to be hit. */
function chargeLinks(view: AccountView, c: ChargeLine, mayReissue: boolean) {
  const open = c.openTaxYen + c.feeYen + c.interestYen;
  if (open === 0) return '';
  const of = html`<span class="visually-hidden">（${c.instalment}期）</span>`;
  const printable = mayReissue ? slipsOf(view, c).filter((s) => s.amountYen === open) : [];
  return html`<ul class="row no-print mt-2">${mayReissue && c.method === 'ordinary' && html`<li><a href="/accounts/${c.chargeId}/cash">窓口で領収${of}</a></li>`}<li><a href="/accounts/${c.chargeId}/arrears">滞納整理${of}</a></li>${printable.map((s) => html`<li><a href="/accounts/${c.chargeId}/slips/${s.slipNo}">印刷<span class="visually-hidden">（${c.instalment}期 ${s.issue}回目の発行）</span></a></li>`)}</ul>`;
}

/** Every entry that touched the year's charges: what came, where it went, what remained. */
function pathTable(path: readonly JournalLine[], instalmentOf: ReadonlyMap<string, number>, year: number): Html {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="${year}年度の入出金の経過の表"><table class="data-table"><caption class="visually-hidden">入出金の経過</caption>
<thead><tr><th scope="col">日付</th><th scope="col">仕訳番号</th><th scope="col">内容</th><th scope="col">期・月</th><th scope="col" class="num">区民税</th><th scope="col" class="num">都民税</th><th scope="col" class="num">森林環境税</th><th scope="col" class="num">督促手数料</th><th scope="col" class="num">延滞金</th><th scope="col">根拠</th></tr></thead>
<tbody>${path.map(
    (l) =>
      html`<tr><td class="nowrap">${day(l.validOn)}</td><td>${l.entryNo}</td><th scope="row" class="nowrap">${entryWords[l.kind]}</th><td>${instalmentOf.get(l.chargeId ?? '')}</td><td class="num">${yenText(l.ward)}</td><td class="num">${yenText(l.metropolitan)}</td><td class="num">${yenText(l.forest)}</td><td class="num">${yenText(l.fee)}</td><td class="num">${yenText(l.interest)}</td><td><small>${l.decision}</small></td></tr>`,
  )}</tbody></table></div>`;
}

const overpaymentPart = (view: AccountView): Html =>
  html`<section aria-labelledby="over">${sectionTitle('過誤納', 'Overpayments', 'over')}<ul>${view.overpayments.map(
    (o) =>
      html`<li>${day(o.aroseOn)} ${overpaymentWords[o.cause] ?? o.cause} ${yenText(o.amountYen)} ${
        o.leftYen > 0
          ? html`<a href="/overpayments/${o.overpaymentNo}">還付・充当を起案する</a>`
          : badge('処理済', 'done')
      }</li>`,
  )}</ul></section>`;
