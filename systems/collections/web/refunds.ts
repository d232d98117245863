import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { type RefundCause, refundCauses } from '../domain/interest.ts';
import {
  decideLargeRefund,
  decideRefund,
  listRefunds,
  orderRefundAgain,
  previewRefund,
  proposeRefund,
  type Refund,
} from '../service/office/refunds.ts';
import { day } from './accounts.ts';
import { faultText, overpaymentWords } from './words.ts';

const read = ['collections', 'refund', 'read'] as const;
const update = ['collections', 'refund', 'update'] as const;
const largeRight = ['collections', 'refund-large', 'update'] as const;
const approve = ['collections', 'refund-approval', 'update'] as const;

const isCause = (word: string): word is RefundCause => Object.hasOwn(refundCauses, word);
const isDay = (text: string): boolean => /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);

function stateOf(r: Refund) {
  if (r.outcome === 'paid') return badge('支払済', 'done');
  if (r.outcome === 'returned') return badge('振込不能', 'error');
  if (r.decidedBy !== null) return badge(r.customerCode === null ? '充当済' : '支払依頼済', 'done');
  return r.returnReason === null ? badge('決定待ち', 'info') : badge('差戻し', 'warning');
}

/** 還付・充当: proposed by one, decided by another. */
export function refundPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/refunds', read, async (p) => {
    const found = await listRefunds(deps, p.session.actor, {});
    if (!found.ok) return p.problem('not-authorised');
    const { open, refunds } = found.value;
    const may = await p.may(update);
    return p.view(
      { title: '還付・充当', gloss: 'Refunds', personal: true },
      html`<div class="stack"><section aria-labelledby="open">${sectionTitle('未処理の過誤納', 'Overpayments', 'open')}${
        open.length === 0
          ? html`<p class="muted">未処理の過誤納はありません。</p>`
          : html`<ul>${open.map((o) => html`<li>宛名番号 ${o.personNumber} ${overpaymentWords[o.cause] ?? o.cause} ${yenText(o.leftYen)} 納付 ${day(o.paidOn)} ${may && html`<a href="/overpayments/${o.overpaymentNo}">起案する<span class="visually-hidden">（過誤納 ${o.overpaymentNo}）</span></a>`}</li>`)}</ul>`
      }</section>
<section aria-labelledby="refunds">${sectionTitle('還付・充当', 'Refunds', 'refunds')}${
        refunds.length === 0
          ? html`<p class="muted">還付・充当はまだありません。</p>`
          : html`<ul>${refunds.map((r) => html`<li>${stateOf(r)} <a href="/refunds/${r.refundId}">宛名番号 ${r.personNumber} ${yenText(r.principalYen + r.interestYen)}</a>（充当 ${yenText(r.appropriatedYen)}、還付 ${yenText(r.paidOutYen)}） 起案 ${r.proposedBy}</li>`)}</ul>`
      }</section></div>`,
    );
  });
  page(app, 'GET', '/overpayments/:no', update, (p) => proposal(p, deps));
  page(app, 'POST', '/overpayments/:no', update, async (p) => {
    const given = values(p);
    const errors: Record<string, string> = {};
    if (!isCause(given.cause)) errors.cause = '還付の事由（17条の4第1項の号）を選んでください';
    if (!isDay(given.factOn)) errors.factOn = '事由の生じた日を入力してください';
    if (given.evidence.trim() === '') errors.evidence = '根拠資料を付けてください';
    if (Object.keys(errors).length > 0) return proposal(p, deps, errors);
    const done = await proposeRefund(deps, p.session.actor, {
      overpaymentNo: Number(p.param('no')),
      cause: given.cause as RefundCause,
      factOn: given.factOn,
      evidence: given.evidence,
    });
    if (!done.ok) return proposal(p, deps, { '': faultText(done.error) });
    return p.redirect(`/refunds/${done.value.refundId}`, {
      kind: 'done',
      text: '還付・充当を起案しました。別の職員の決定を待ちます。',
    });
  });
  page(app, 'GET', '/refunds/:id', read, (p) => show(p, deps));
  page(app, 'POST', '/refunds/:id', approve, async (p) => {
    const decision = p.form.get('decision');
    if ((decision !== 'approve' && decision !== 'return') || p.form.get('version') !== p.param('id'))
      return p.problem('unreadable-form');
    const done = await decideRefund(deps, p.session.actor, {
      refundId: p.param('id'),
      approve: decision === 'approve',
      reason: String(p.form.get('reason') ?? ''),
    });
    if (!done.ok) return show(p, deps, faultText(done.error));
    return p.redirect('/refunds', {
      kind: 'done',
      text:
        decision === 'approve'
          ? `還付・充当を決定しました（支払 ${yenText(done.value.orderedYen)}）。`
          : '差し戻しました。',
    });
  });
  page(app, 'POST', '/refunds/:id/large', largeRight, async (p) => {
    const keyed = String(p.form.get('keyedYen') ?? '').replaceAll(/[,，\s円]/g, '');
    if (!/^[0-9]{1,11}$/.test(keyed)) return show(p, deps, '過誤納の額を数字で入力してください。');
    const done = await decideLargeRefund(deps, p.session.actor, {
      refundId: p.param('id'),
      approve: true,
      reason: '',
      keyedYen: Number(keyed),
    });
    if (!done.ok) return show(p, deps, faultText(done.error));
    return p.redirect('/refunds', {
      kind: 'done',
      text: `還付・充当を決定しました（支払 ${yenText(done.value.orderedYen)}）。`,
    });
  });
  page(app, 'POST', '/refunds/:id/again', approve, async (p) => {
    const reason = String(p.form.get('reason') ?? '');
    const done = await orderRefundAgain(deps, p.session.actor, { refundId: p.param('id'), reason });
    if (!done.ok) return show(p, deps, faultText(done.error));
    return p.redirect(`/refunds/${p.param('id')}`, { kind: 'done', text: '振込を再度依頼しました。' });
  });
}

const large: readonly Field[] = [
  { kind: 'text', name: 'keyedYen', label: '過誤納の額', hint: '根拠資料から入力します（円）', width: 'short' },
];
const again: readonly Field[] = [
  {
    kind: 'lines',
    name: 'reason',
    label: '再度依頼する理由',
    hint: '口座の訂正など。口座は口座管理システムで訂正します。',
    maxLength: 500,
    rows: 2,
  },
];

const values = (p: PageRequest) => ({
  cause: String(p.form.get('cause') ?? ''),
  factOn: String(p.form.get('factOn') ?? ''),
  evidence: String(p.form.get('evidence') ?? ''),
});

async function proposal(p: PageRequest, deps: Deps, errors?: Readonly<Record<string, string>>): Promise<Response> {
  const overpaymentNo = Number(p.param('no'));
  if (!Number.isSafeInteger(overpaymentNo)) return p.problem('not-found');
  const given = values(p);
  const today = deps.civilClock.today().toString();
  const found = await previewRefund(deps, p.session.actor, {
    overpaymentNo,
    cause: isCause(given.cause) ? given.cause : 'mistake',
    factOn: isDay(given.factOn) ? given.factOn : today,
  });
  if (!found.ok && found.error === 'rates-missing')
    return p.redirect('/refunds', { kind: 'error', text: faultText(found.error) });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { overpayment } = found.value;
  const fields: readonly Field[] = [
    {
      kind: 'radio',
      name: 'cause',
      label: '還付の事由',
      options: Object.entries(refundCauses).map(([value, label]) => ({ value, label })),
    },
    { kind: 'date', name: 'factOn', label: '事由の生じた日', hint: '納付の日、請求の日又は所得税の更正の通知の日' },
    { kind: 'lines', name: 'evidence', label: '根拠資料', maxLength: 500, rows: 2 },
  ];
  const state = errors ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: '還付・充当の起案', gloss: 'Propose a refund', personal: true, ...state },
    html`<div class="stack">${facts([
      { label: '宛名番号', value: overpayment.personNumber },
      { label: '生じた理由', value: overpaymentWords[overpayment.cause] ?? overpayment.cause },
      { label: '納付日', value: day(overpayment.paidOn) },
      { label: '過誤納の額', value: yenText(overpayment.leftYen) },
      { label: '滞納への充当（見込み）', value: yenText(found.value.appropriatedYen) },
    ])}${form({ action: `/overpayments/${overpaymentNo}`, session: p.session, fields, values: given, ...(errors ? { errors } : {}), submit: '起案する', cancelHref: '/refunds' })}</div>`,
  );
}

async function show(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const found = await listRefunds(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const refund = found.value.refunds.find((r) => r.refundId === id);
  if (refund === undefined) return p.problem('not-found');
  const { actor } = p.session;
  const lines = [
    { label: '宛名番号', value: refund.personNumber },
    { label: '過誤納の額', value: yenText(refund.principalYen) },
    { label: '還付加算金', value: yenText(refund.interestYen) },
    { label: '事由', value: refundCauses[refund.cause as RefundCause] },
    { label: '事由の生じた日', value: day(refund.factOn) },
    { label: '根拠資料', value: refund.evidence },
    { label: '滞納への充当', value: yenText(refund.appropriatedYen) },
    { label: '還付する額', value: yenText(refund.paidOutYen) },
    { label: '起案者', value: refund.proposedBy },
    { label: '起案した時', value: time(Temporal.Instant.from(refund.proposedAt)) },
  ];
  const open = refund.decidedBy === null && refund.returnReason === null;
  const isLarge = refund.principalYen + refund.interestYen > deps.refundLimitYen;
  const state = error ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: '還付・充当', gloss: 'Refund', personal: true, ...state },
    open && isLarge && (await p.may(largeRight))
      ? html`<div class="stack">${error && notice('error', error)}${notice('warning', `限度額（${yenText(deps.refundLimitYen)}）を超える還付です。根拠資料を確かめ、金額を入力して決定してください。`)}${facts(lines)}${form({ action: `/refunds/${id}/large`, session: p.session, fields: large, submit: '還付・充当を決定する' })}</div>`
      : open && (await p.may(approve))
        ? approvalDecision({
            session: p.session,
            action: `/refunds/${id}`,
            facts: lines,
            body: undefined,
            isOwn: actor.kind === 'staff' && actor.staffId === refund.proposedBy,
            version: id,
            error,
          })
        : html`<div class="stack">${error && notice('error', error)}<p>${stateOf(refund)} ${refund.returnReason}</p>${facts(lines)}${refund.decidedBy !== null && (await p.may(approve)) && html`<p><a href="/refunds/${id}/notice">還付・充当通知書を印刷する</a></p>`}${refund.outcome === 'returned' && (await p.may(approve)) && form({ action: `/refunds/${id}/again`, session: p.session, fields: again, submit: '振込を再度依頼する' })}</div>`,
  );
}
