import { type PageApp, type PageRequest, page } from '../pages/app.ts';
import { grouped, type Html, html, time } from '../pages/html.ts';
import { badge, facts, figures, notice, sectionTitle } from '../pages/kit/marks.ts';
import { tokenField } from '../pages/layout.ts';
import type { AlertRow, Operations, OperationsDeps } from './operations.ts';
import { type AlertCode, alertWords, type OperationsState } from './state.ts';

const refusals = {
  'not-staff': '職員としてサインインしてください。',
  'no-such-alert': '該当する警報がありません。',
  'already-closed': 'すでに解消しています。',
  'already-acknowledged': 'すでに別の職員が対応しています。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

const detailWords: Readonly<Record<string, string>> = {
  waiting: '送信待ち',
  oldestSeconds: '最も古いもの（秒）',
  failed: '失敗',
  stalled: '応答のないもの',
  done: '成功',
  p99Ms: '99％の回答（ミリ秒）',
  daysLeft: '残り日数',
  count: '件数',
};

/** 運用の状況: alerts first, then queues, services and certificates. */
export function operationsPages<D extends OperationsDeps>(app: PageApp, deps: D, operations: Operations<D>): void {
  page(app, 'GET', '/operations', operations.rights.read, async (p) => {
    const found = await operations.read(deps, p.session.actor, {});
    if (!found.ok) return p.problem('not-authorised');
    const { state, alerts, limits, escalateTo } = found.value;
    const mayAct = await p.may(operations.rights.act);
    const open = alerts.filter((a) => a.closedAt === null);
    const escalated = open.filter((a) => a.escalatedAt !== null && a.acknowledgedAt === null);
    const waiting = state.queues.reduce((sum, q) => sum + q.waiting, 0);
    return p.view(
      { title: '運用の状況', gloss: 'Operations' },
      html`<div class="stack">${
        escalated.length > 0 &&
        notice(
          'error',
          `${limits.escalateMinutes}分のあいだ誰も対応していない警報が${escalated.length}件あり、${escalateTo}に引き上げました。`,
        )
      }${figures([
        { label: '対応中・未対応の警報', value: `${open.length}`, unit: '件' },
        { label: '送信待ち', value: grouped(waiting), unit: '件' },
        {
          label: '直近1時間に届いたもの',
          value: grouped(state.queues.reduce((sum, q) => sum + q.arrived, 0)),
          unit: '件',
        },
      ])}
<section aria-labelledby="alerts">${sectionTitle('警報', 'Alerts', 'alerts')}${
        alerts.length === 0 ? html`<p class="muted">警報はありません。</p>` : alerts.map((a) => alertPart(p, a, mayAct))
      }</section>
${queuePart(state)}${runPart(state)}${servicePart(state)}${certificatePart(state, deps.machineClock.now(), limits.certificateDays)}</div>`,
    );
  });

  page(app, 'POST', '/operations/alerts/:id', operations.rights.act, async (p) => {
    const note = p.form.get('note');
    const text = typeof note === 'string' ? note.trim().slice(0, 300) : '';
    if (text === '') return p.redirect('/operations', { kind: 'error', text: '対応の内容を入力してください。' });
    const done = await operations.acknowledge(deps, p.session.actor, { alertId: p.param('id'), note: text });
    return p.redirect(
      '/operations',
      done.ok ? { kind: 'done', text: '対応を引き受けました。' } : { kind: 'error', text: refusals[done.error] },
    );
  });
}

function alertPart(p: PageRequest, a: AlertRow, mayAct: boolean): Html {
  const state =
    a.closedAt !== null
      ? badge('解消', 'done')
      : a.acknowledgedAt !== null
        ? badge('対応中', 'info')
        : a.escalatedAt !== null
          ? badge('引上げ', 'error')
          : badge('未対応', 'warning');
  const id = `note-${a.alertId}`;
  return html`<article class="panel"><div class="row"><h3>${alertWords[a.code as AlertCode]}: ${a.about}</h3>${state}</div>
${facts([
  { label: '始まり', value: time(Temporal.Instant.from(a.openedAt)) },
  ...Object.entries(a.detail).map(([key, value]) => ({ label: detailWords[key] ?? key, value: grouped(value) })),
  ...(a.escalatedAt === null
    ? []
    : [{ label: '引上げ', value: html`${a.escalatedTo}（${time(Temporal.Instant.from(a.escalatedAt))}）` }]),
  ...(a.acknowledgedAt === null
    ? []
    : [
        {
          label: '対応',
          value: html`${a.acknowledgedBy}（${time(Temporal.Instant.from(a.acknowledgedAt))}）${a.note}`,
        },
      ]),
  ...(a.closedAt === null ? [] : [{ label: '解消', value: time(Temporal.Instant.from(a.closedAt)) }]),
])}${
  mayAct &&
  a.closedAt === null &&
  a.acknowledgedAt === null &&
  html`<form class="row mt-4 no-print" method="post" action="/operations/alerts/${a.alertId}">${tokenField(p.session)}<span class="field"><label for="${id}">対応の内容</label><input class="input" type="text" id="${id}" name="note" maxlength="300"></span><button class="button button-primary" type="submit">対応を引き受ける<span class="visually-hidden">（${a.about}）</span></button></form>`
}</article>`;
}

const seconds = (value: number | null): string => (value === null ? '―' : `${value.toFixed(value < 10 ? 1 : 0)}秒`);
const share = (failed: number, done: number): string =>
  failed + done === 0 ? '―' : `${((100 * failed) / (failed + done)).toFixed(1)}％`;

const queuePart = ({ queues }: OperationsState): Html =>
  html`<section aria-labelledby="queues">${sectionTitle('送信', 'Outgoing streams', 'queues')}${
    queues.length === 0
      ? html`<p class="muted">送信する相手はまだありません。</p>`
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="送信の表"><table class="data-table"><caption class="visually-hidden">送信の状況（直近1時間）</caption>
<thead><tr><th scope="col">相手と種類</th><th scope="col" class="num">待ち</th><th scope="col" class="num">最も古い</th><th scope="col" class="num">届いた</th><th scope="col" class="num">失敗</th><th scope="col" class="num">到着 中央値 / 99％</th><th scope="col">状態</th></tr></thead>
<tbody>${queues.map(
          (q) =>
            html`<tr><th scope="row">${q.receiver}<br><span class="muted">${q.family}</span></th><td class="num">${grouped(q.waiting)}</td><td class="num">${seconds(q.oldestSeconds)}</td><td class="num">${grouped(q.arrived)}</td><td class="num">${grouped(q.failed)}</td><td class="num">${seconds(q.p50Seconds)} / ${seconds(q.p99Seconds)}</td><td>${q.heldBecause === null ? badge('正常', 'done') : badge(`中断 ${q.heldBecause}`, 'warning')}</td></tr>`,
        )}</tbody></table></div>`
  }</section>`;

const runPart = ({ runs }: OperationsState): Html | undefined =>
  runs.length === 0
    ? undefined
    : html`<section aria-labelledby="runs">${sectionTitle('一括処理', 'Batch runs', 'runs')}<div class="table-scroll" tabindex="0" role="region" aria-label="一括処理の表"><table class="data-table"><caption class="visually-hidden">一括処理の状況（直近1時間に終わったものと、終わっていないもの）</caption>
<thead><tr><th scope="col">処理</th><th scope="col" class="num">実行中</th><th scope="col" class="num">完了</th><th scope="col" class="num">受け取らなかった行</th><th scope="col" class="num">失敗</th><th scope="col">状態</th></tr></thead>
<tbody>${runs.map(
        (r) =>
          html`<tr><th scope="row">${r.name}</th><td class="num">${grouped(r.running)}</td><td class="num">${grouped(r.done)}</td><td class="num">${grouped(r.rejected)}</td><td class="num">${grouped(r.failed)}</td><td>${r.stalled > 0 ? badge('応答なし', 'error') : r.failed > 0 ? badge('失敗', 'error') : badge('正常', 'done')}</td></tr>`,
      )}</tbody></table></div></section>`;

const servicePart = ({ services }: OperationsState): Html | undefined =>
  services.length === 0
    ? undefined
    : html`<section aria-labelledby="services">${sectionTitle('処理', 'Services', 'services')}<div class="table-scroll" tabindex="0" role="region" aria-label="処理の表"><table class="data-table"><caption class="visually-hidden">処理の状況（直近1時間）</caption>
<thead><tr><th scope="col">処理</th><th scope="col" class="num">成功</th><th scope="col" class="num">失敗</th><th scope="col" class="num">失敗の割合</th><th scope="col" class="num">中央値 / 99％</th></tr></thead>
<tbody>${services.map(
        (s) =>
          html`<tr><th scope="row">${s.label}</th><td class="num">${grouped(s.done)}</td><td class="num">${grouped(s.failed)}</td><td class="num">${share(s.failed, s.done)}</td><td class="num">${s.p50Ms === null ? '―' : `${Math.round(s.p50Ms)} / ${Math.round(s.p99Ms ?? 0)} ミリ秒`}</td></tr>`,
      )}</tbody></table></div></section>`;

const certificatePart = ({ certificates }: OperationsState, now: Temporal.Instant, days: number): Html =>
  html`<section aria-labelledby="certificates">${sectionTitle('証明書', 'Certificates', 'certificates')}${facts(
    certificates.map((c) => {
      const left = c.validUntil.since(now).total('hours') / 24;
      return {
        label: c.purpose,
        value: html`${time(c.validUntil)}まで ${left < days ? badge(`あと${Math.max(0, Math.floor(left))}日`, 'warning') : badge('有効', 'done')}`,
      };
    }),
  )}</section>`;
