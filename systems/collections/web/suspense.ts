import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { listSuspense, matchSuspense, showSuspense } from '../service/office/match-suspense.ts';
import { day } from './accounts.ts';
import { channelWords, faultText, reasonWords } from './words.ts';

const read = ['collections', 'suspense', 'read'] as const;
const update = ['collections', 'suspense', 'update'] as const;

type Row = Extract<Awaited<ReturnType<typeof listSuspense>>, { ok: true }>['value']['rows'][number];
const list: WorkListDefinition<Row> = {
  caption: '仮受',
  defaultSort: { key: 'paidOn', direction: 'asc' },
  emptyText: '照合を待っている収納はありません。',
  columns: [
    {
      key: 'no',
      label: '収納番号',
      heading: true,
      cell: (r) => html`<a href="/suspense/${r.receiptNo}">${r.receiptNo}</a>`,
    },
    { key: 'channel', label: '収納チャネル', cell: (r) => channelWords[r.channel] ?? r.channel },
    { key: 'paidOn', label: '収納日', cell: (r) => day(r.paidOn) },
    { key: 'yen', label: '金額', align: 'end', cell: (r) => yenText(r.yen) },
    { key: 'reason', label: '理由', cell: (r) => reasonWords[r.reason] ?? r.reason },
  ],
};

/** 仮受: money whose charge is not certain; a clerk decides from ranked candidates. */
export function suspensePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/suspense', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await listSuspense(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, receipts, yen, alarms } = found.value;
    return p.view(
      { title: '仮受の照合', gloss: 'Suspense' },
      html`<div class="stack">${alarms.map((a) => notice('warning', `照合できない収納が${a.waiting}件（通常の${a.timesNormal}倍）: ${channelWords[a.channel] ?? a.channel} ${a.businessOn}。納付書の番号又は消込の誤りがないか、確かめてください。`))}<p>照合を待っている収納 <strong>${receipts}</strong>件、<strong>${yenText(yen)}</strong></p>${workList(list, { path: '/suspense', query, rows, total: receipts })}</div>`,
    );
  });
  page(app, 'GET', '/suspense/:no', read, (p) => show(p, deps));
  page(app, 'POST', '/suspense/:no', update, async (p) => {
    const chargeId = String(p.form.get('chargeId') ?? '');
    const receiptNo = Number(p.param('no'));
    if (!Number.isSafeInteger(receiptNo)) return p.problem('not-found');
    if (!isUuid(chargeId)) return show(p, deps, { chargeId: '消し込む調定を選んでください' });
    const reason = String(p.form.get('reason') ?? '');
    const done = await matchSuspense(deps, p.session.actor, { receiptNo, chargeId, reason });
    if (!done.ok)
      return done.error === 'reason-missing'
        ? show(p, deps, { reason: '理由を入力してください' })
        : p.redirect('/suspense', { kind: 'error', text: faultText(done.error) });
    const { allocated, overpaid } = done.value;
    return p.redirect('/suspense', {
      kind: 'done',
      text: `消し込みました（${yenText(allocated)}${overpaid > 0 ? `、過誤納 ${yenText(overpaid)}` : ''}）。`,
    });
  });
}

async function show(p: PageRequest, deps: Deps, errors?: Readonly<Record<string, string>>): Promise<Response> {
  const receiptNo = Number(p.param('no'));
  if (!Number.isSafeInteger(receiptNo)) return p.problem('not-found');
  const found = await showSuspense(deps, p.session.actor, { receiptNo });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { receipt, candidates } = found.value;
  const fields: readonly Field[] = [
    {
      kind: 'radio',
      name: 'chargeId',
      label: '消し込む調定',
      options: candidates.map((c) => ({
        value: c.chargeId,
        label: `宛名番号 ${c.personNumber}`,
        hint: `${c.because.join('、')}（${c.score}点）`,
      })),
    },
    {
      kind: 'lines',
      name: 'reason',
      label: '理由',
      hint: '領収書の写し、本人への聞き取りなど',
      maxLength: 200,
      rows: 2,
    },
  ];
  const state = errors ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: `仮受 ${receiptNo}`, gloss: 'Receipt in suspense', personal: true, ...state },
    html`<div class="stack">${facts([
      { label: '収納チャネル', value: channelWords[receipt.channel] ?? receipt.channel },
      { label: 'ファイル', value: html`${day(receipt.businessOn)} ${receipt.row}レコード目` },
      { label: '収納日', value: day(receipt.paidOn) },
      { label: '金額', value: yenText(receipt.yen) },
      { label: '記録された番号', value: html`<code>${receipt.reference}</code>` },
      { label: '仮受の理由', value: reasonWords[receipt.reason] ?? receipt.reason },
    ])}${receipt.kind === 'collector' && html`<p><a href="/suspense/${receiptNo}/month">この月の対象者と照合する</a></p>`}
<section aria-labelledby="candidates">${sectionTitle('候補', 'Candidates', 'candidates')}${
      candidates.length === 0
        ? notice('info', '候補が見つかりません。納付者への照会が必要です。')
        : (await p.may(update))
          ? form({
              action: `/suspense/${receiptNo}`,
              session: p.session,
              fields,
              ...(errors ? { errors } : {}),
              submit: '消し込む',
              cancelHref: '/suspense',
            })
          : html`<ul>${candidates.map((c) => html`<li>宛名番号 ${c.personNumber} ${c.because.join('、')}</li>`)}</ul>`
    }</section></div>`,
  );
}
