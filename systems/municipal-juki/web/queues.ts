import { type NoticeRule, noticeRules } from '@musubi/contracts/juki/codes.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { badge, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { sealedPayloads } from '@musubi/kernel/streams/sealed-payloads.ts';
import type { Deps } from '../deps.ts';
import { closeUndelivered, type Queue, readQueues, readUndelivered, resendUndelivered } from '../service/queues.ts';

const read = ['municipal-juki', 'queue', 'read'] as const;
const update = ['municipal-juki', 'queue', 'update'] as const;
export const queueNav = [{ label: '送信の状況', href: '/queues', right: read }] as const;

type Undelivered = Extract<Awaited<ReturnType<typeof readUndelivered>>, { ok: true }>['value'][number];

const families: Readonly<Record<string, string>> = {
  'juki.resident-change': '本人確認情報の通知',
  'juki.resident-load': '初期移行',
  'juki.return-notice': '返戻（住民記録システムへ）',
};
/** Above this the lag is shown as a warning: a notice goes each time a change occurs, at once. */
const slowSeconds = 60;

const lagText = (seconds: number): string =>
  seconds < 120
    ? `${seconds}秒`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)}分`
      : `${Math.round(seconds / 3_600)}時間`;

const words: Readonly<Record<string, string>> = {
  'no-such-message': 'この通知は未達の一覧にありません',
  'already-resolved': 'ほかの担当者が先に処理しました',
};

/** 送信の状況: how far each stream is behind, and what did not arrive, to be sent again or closed. */
export function addQueuePages(app: PageApp, host: Pick<Host, 'sealed'>, deps: Deps): void {
  const sending = { ...deps, payloads: sealedPayloads(host.sealed, deps.machineClock) };
  const title = { title: '送信の状況', gloss: 'Streams and what did not arrive' };
  page(app, 'GET', '/queues', read, async (p) => {
    const queues = await readQueues(deps, p.session.actor, {});
    const undelivered = await readUndelivered(deps, p.session.actor, { limit: 200 });
    if (!queues.ok || !undelivered.ok) return p.problem('not-authorised');
    return p.view(title, view(p.session, queues.value, undelivered.value, await p.may(update)));
  });
  page(app, 'POST', '/queues/:id', update, async (p) => {
    const messageId = p.param('id');
    if (!isUuid(messageId)) return p.problem('not-found');
    const isResend = p.form.get('what') === 'resend';
    const done = isResend
      ? await resendUndelivered(sending, p.session.actor, { messageId })
      : await closeUndelivered(deps, p.session.actor, { messageId, resolution: 'not-needed' });
    const text = done.ok
      ? isResend
        ? '再送しました。'
        : '処理済みにしました。'
      : (words[done.error] ?? '受け付けられませんでした');
    return p.redirect('/queues', { kind: done.ok ? 'done' : 'error', text });
  });
}

function view(session: PageSession, queues: readonly Queue[], undelivered: readonly Undelivered[], mayAct: boolean) {
  const button = (u: Undelivered, what: string, label: string, tone: string) =>
    html`<form method="post" action="/queues/${u.messageId}">${tokenField(session)}<input type="hidden" name="what" value="${what}"><button class="button ${tone}" type="submit" aria-label="番号${u.number}を${label}">${label}</button></form>`;
  return html`<div class="stack"><section aria-labelledby="streams">${sectionTitle('送信待ち', 'Waiting', 'streams')}${
    queues.length === 0
      ? html`<p class="muted">まだ何も送られていません。</p>`
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="送信待ちの表"><table class="data-table"><caption class="visually-hidden">送信待ち</caption><thead><tr><th scope="col">送り先</th><th scope="col">種類</th><th scope="col">待ち</th><th scope="col">遅れ</th><th scope="col">適用／拒否</th><th scope="col">状態</th></tr></thead><tbody>${queues.map(
          (q) =>
            html`<tr><th scope="row">${q.receiver}</th><td>${families[q.family] ?? q.family}</td><td>${q.waiting}</td><td>${q.waiting === 0 ? '―' : lagText(q.lagSeconds)}</td><td>${q.applied}／${q.refused}</td><td>${
              q.heldBecause !== null
                ? badge(`停止：${q.heldBecause}`, 'error')
                : q.waiting > 0 && q.lagSeconds > slowSeconds
                  ? badge('遅れています', 'warning')
                  : badge('正常', 'done')
            }</td></tr>`,
        )}</tbody></table></div>`
  }</section><section aria-labelledby="undelivered">${sectionTitle('未達の通知', 'Refused or unreadable', 'undelivered')}${
    undelivered.length === 0
      ? html`<p class="muted">未達の通知はありません。</p>`
      : html`<p>内容の訂正は住民記録システムの返戻一覧で行います。相手側の事情で拒まれたものは、ここから同じ内容で再送できます。</p><div class="table-scroll" tabindex="0" role="region" aria-label="未達の通知の表"><table class="data-table"><caption class="visually-hidden">未達の通知</caption><thead><tr><th scope="col">番号</th><th scope="col">送り先</th><th scope="col">種類</th><th scope="col">時</th><th scope="col">理由</th><th scope="col">処理</th></tr></thead><tbody>${undelivered.map(
          (u) =>
            html`<tr><th scope="row">${u.number}</th><td>${u.receiver}</td><td>${families[u.family] ?? u.family}</td><td class="nowrap">${momentText(u.settledAt)}</td><td>${
              u.word === undefined
                ? badge('読み取れません', 'error')
                : html`${badge(u.word, 'error')} ${noticeRules[u.word as NoticeRule] ?? ''}`
            }</td><td>${mayAct && html`<div class="row">${button(u, 'resend', '再送する', '')}${button(u, 'close', '再送しない', 'button-quiet')}</div>`}</td></tr>`,
        )}</tbody></table></div>`
  }</section></div>`;
}
