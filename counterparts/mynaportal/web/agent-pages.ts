import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import type { AgencyState } from '../domain/agency.ts';
import {
  type AgentScope,
  type AgentUse,
  acceptAgency,
  agentScopes,
  agentTerms,
  changeAgency,
  type GrantLine,
  offerAgency,
  showAgencies,
} from '../service/agents.ts';

const read = ['mynaportal', 'agent', 'read'] as const;
const update = ['mynaportal', 'agent', 'update'] as const;
const top = { label: 'トップ', href: '/' };
const here = { label: '代理人', href: '/agents' };

const scopeWords: Readonly<Record<AgentScope, { readonly label: string; readonly href: string }>> = {
  records: { label: 'やりとり履歴', href: '/records' },
  information: { label: '自己情報', href: '/information' },
  notices: { label: 'お知らせ', href: '/notices' },
};
const stateWords: Readonly<Record<AgencyState, { readonly text: string; readonly tone: Tone }>> = {
  offered: { text: '招待中', tone: 'info' },
  lapsed: { text: '招待の期限切れ', tone: 'plain' },
  'to-confirm': { text: '確認待ち', tone: 'warning' },
  coming: { text: '開始前', tone: 'info' },
  'in-force': { text: '有効', tone: 'done' },
  over: { text: '期間終了', tone: 'plain' },
  ended: { text: '取り消し済み', tone: 'plain' },
};
const refusals = {
  'not-yours': 'この操作はできません。',
  'not-authorised': 'この操作はできません。',
  'not-a-period': `期間は今日以降の日から${agentTerms.longestDays}日以内で指定してください。`,
  'nothing-granted': '見せるものを一つ以上選んでください。',
  'no-such-invitation': 'この招待コードは使えません。期限切れか、すでに使われています。',
  'own-invitation': '自分の招待コードは使えません。',
  'no-such-grant': 'この委任は、すでに確認または取り消されています。',
  'check-number-differs': '確認番号が一致しません。代理人の画面の番号を確かめてください。',
} as const;

const offerFields = (today: Temporal.PlainDate): readonly Field[] => [
  {
    kind: 'checks',
    name: 'scopes',
    label: '見せるもの',
    hint: '電子申請は代理できません。申請は本人のカードの署名で行います。',
    options: agentScopes.map((value) => ({ value, label: scopeWords[value].label })),
  },
  { kind: 'date', name: 'validFrom', label: '初めの日', min: today.toString() },
  { kind: 'date', name: 'validUntil', label: '終わりの日', min: today.toString() },
];
const acceptFields: readonly Field[] = [
  { kind: 'text', name: 'invitation', label: '招待コード', hint: '本人から受け取った20文字', maxLength: 40 },
];
const confirmFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'checkNumber',
    label: '確認番号（6桁）',
    hint: '代理人の画面に表示されている番号を、電話などで本人どうし確かめて入力します。',
    maxLength: 6,
    width: 'short',
    pattern: /^[0-9]{6}$/,
    patternFault: '数字6桁で入力してください。',
  },
];

const uses: WorkListDefinition<AgentUse> = {
  caption: '代理人が見た履歴',
  columns: [
    { key: 'usedAt', label: '日時', heading: true, cell: (u) => time(Temporal.Instant.from(u.usedAt)) },
    { key: 'scope', label: '見たもの', cell: (u) => scopeWords[u.scope].label },
    { key: 'grant', label: '委任', cell: (u) => html`<a href="#grant-${u.grantId}">${nameOf(u.grantId)}</a>` },
  ],
  defaultSort: { key: 'usedAt', direction: 'desc' },
  sizes: [20],
  emptyText: '代理人はまだ何も見ていません。',
};

/** A short name of a grant, since the portal knows nobody by name. */
const nameOf = (grantId: string): string => `委任 ${grantId.slice(-4)}`;

/** 代理人: granted by the card holder for named things and days, confirmed by comparing a number, ended by either at any time. */
export function addAgentPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/agents', read, (p) => overview(p, deps));

  page(app, 'GET', '/agents/new', update, (p) => offerForm(p, deps));
  page(app, 'POST', '/agents', update, async (p) => {
    const { actor } = p.session;
    if (actor.kind !== 'resident') return p.problem('not-authorised');
    const fields = offerFields(deps.civilClock.today());
    const given = readForm(fields, p.form);
    if (!given.ok) return offerForm(p, deps, given.error);
    const { texts, lists } = given.value;
    const done = await offerAgency(deps, actor, {
      accountId: actor.subject,
      scopes: agentScopes.filter((s) => lists.scopes?.includes(s)),
      validFrom: texts.validFrom!,
      validUntil: texts.validUntil!,
    });
    if (!done.ok) return offerForm(p, deps, { values: { ...texts, ...lists }, errors: { '': refusals[done.error] } });
    // Shown in the answer itself and never again: it is kept nowhere, not even for a redirect.
    return p.view(
      {
        title: '招待コード',
        gloss: 'Invitation',
        breadcrumbs: [top, here],
      },
      html`<div class="stack">${notice('done', '委任を用意しました', html`<p>次の招待コードを代理人に渡してください。この画面を閉じると二度と表示されません。${agentTerms.invitationDays}日以内に代理人が受け取り、あなたが確認番号を確かめると有効になります。</p>`)}
<p><code id="invitation">${done.value.invitation}</code></p><p><a class="button" href="/agents">代理人の設定に戻る</a></p></div>`,
    );
  });

  page(app, 'GET', '/agents/accept', update, (p) => acceptForm(p));
  page(app, 'POST', '/agents/accept', update, async (p) => {
    const given = readForm(acceptFields, p.form);
    if (!given.ok) return acceptForm(p, given.error);
    const done = await acceptAgency(deps, p.session.actor, { invitation: given.value.texts.invitation! });
    if (!done.ok) return acceptForm(p, { values: {}, errors: { invitation: refusals[done.error] } });
    return p.redirect('/agents', {
      kind: 'done',
      text: `受け取りました。確認番号は ${done.value.checkNumber} です。本人に伝えてください。`,
    });
  });

  page(app, 'GET', '/agents/:grantId/confirm', update, (p) => confirmForm(p));
  page(app, 'POST', '/agents/:grantId/confirm', update, async (p) => {
    const given = readForm(confirmFields, p.form);
    if (!given.ok) return confirmForm(p, given.error);
    const grantId = p.param('grantId');
    const checkNumber = given.value.texts.checkNumber!;
    const done = await changeAgency(deps, p.session.actor, { grantId, change: 'confirm', checkNumber });
    if (!done.ok) return confirmForm(p, { values: {}, errors: { checkNumber: refusals[done.error] } });
    return p.redirect('/agents', { kind: 'done', text: '代理人を確認しました。' });
  });

  page(app, 'POST', '/agents/:grantId/end', update, async (p) => {
    const done = await changeAgency(deps, p.session.actor, { grantId: p.param('grantId'), change: 'end' });
    return p.redirect(
      '/agents',
      done.ok ? { kind: 'done', text: '取り消しました。' } : { kind: 'error', text: refusals[done.error] },
    );
  });
}

async function overview(p: PageRequest, deps: Deps): Promise<Response> {
  const { actor } = p.session;
  if (actor.kind !== 'resident') return p.problem('not-authorised');
  const query = readListQuery(uses, p.query);
  const found = await showAgencies(deps, actor, { accountId: actor.subject, offset: query.offset, limit: query.size });
  if (!found.ok) return p.problem('not-authorised');
  const { given, held } = found.value;
  return p.view(
    { title: '代理人', gloss: 'Agents', breadcrumbs: [top] },
    html`<div class="stack">
<section class="stack-tight" aria-labelledby="given">${sectionTitle('あなたの代理人', 'Who acts for you', 'given')}
${given.length === 0 ? html`<p class="muted">代理人はいません。</p>` : html`<ul class="stack">${given.map((g) => grant(g, p.session, 'given'))}</ul>`}
<p class="row"><a class="button" href="/agents/new">代理人を頼む</a></p></section>
<section class="stack-tight" aria-labelledby="held">${sectionTitle('あなたが代理人になっている人', 'For whom you act', 'held')}
${held.length === 0 ? html`<p class="muted">ありません。</p>` : html`<ul class="stack">${held.map((g) => grant(g, p.session, 'held'))}</ul>`}
<p class="row"><a class="button" href="/agents/accept">招待コードを受け取った</a></p></section>
<section aria-labelledby="uses">${sectionTitle('代理人が見た履歴', 'What they looked at', 'uses')}
${workList(uses, { path: p.path, query, rows: found.value.uses.rows, total: found.value.uses.total })}</section></div>`,
  );
}

const lasting = new Set<AgencyState>(['offered', 'to-confirm', 'coming', 'in-force']);

function grant(g: GrantLine, session: PageSession, side: 'given' | 'held'): Html {
  const state = stateWords[g.state];
  const checkNumber = side === 'held' && g.checkNumber !== null && lasting.has(g.state);
  return html`<li class="stack-tight" id="grant-${g.grantId}"><p>${badge(state.text, state.tone)} ${nameOf(g.grantId)}${checkNumber && html`（確認番号 ${g.checkNumber}）`}: ${g.scopes.map((s) => scopeWords[s].label).join('、')}</p>
<p class="muted">${time(Temporal.PlainDate.from(g.validFrom))}から${time(Temporal.PlainDate.from(g.validUntil))}まで${g.endedAt !== null && html`。${time(Temporal.Instant.from(g.endedAt))}に${g.endedBy === 'principal' ? '本人' : '代理人'}が取り消し`}</p>
<div class="row">${side === 'held' && g.state === 'in-force' && g.scopes.map((s) => html`<a class="button" href="${scopeWords[s].href}?for=${g.grantId}">${scopeWords[s].label}を見る</a>`)}
${side === 'given' && g.state === 'to-confirm' && html`<a class="button button-primary" href="/agents/${g.grantId}/confirm">確認番号を確かめる</a>`}
${lasting.has(g.state) && html`<form method="post" action="/agents/${g.grantId}/end">${tokenField(session)}<button class="button button-danger" type="submit">取り消す<span class="visually-hidden">: ${nameOf(g.grantId)}</span></button></form>`}</div></li>`;
}

type Faults = Pick<Parameters<typeof form>[0], 'values' | 'errors'>;

const offerForm = (p: PageRequest, deps: Deps, faults: Faults = {}): Promise<Response> =>
  formPage(
    p,
    {
      title: '代理人を頼む',
      gloss: 'Grant an agent',
      action: '/agents',
      fields: offerFields(deps.civilClock.today()),
      submit: '招待コードを作る',
    },
    faults,
  );
const acceptForm = (p: PageRequest, faults: Faults = {}): Promise<Response> =>
  formPage(
    p,
    {
      title: '招待コードを受け取る',
      gloss: 'Take an invitation',
      action: '/agents/accept',
      fields: acceptFields,
      submit: '代理人になる',
    },
    faults,
  );
const confirmForm = (p: PageRequest, faults: Faults = {}): Promise<Response> =>
  formPage(
    p,
    {
      title: '代理人の確認',
      gloss: 'Confirm the agent',
      action: `/agents/${p.param('grantId')}/confirm`,
      fields: confirmFields,
      submit: '確認する',
    },
    faults,
  );

const formPage = (
  p: PageRequest,
  about: { title: string; gloss: string; action: string; fields: readonly Field[]; submit: string },
  faults: Faults,
): Promise<Response> =>
  p.view(
    {
      title: about.title,
      gloss: about.gloss,
      breadcrumbs: [top, here],
      ...(faults.errors ? { hasErrors: true, status: 422 as const } : {}),
    },
    form({ ...about, ...faults, session: p.session, cancelHref: '/agents' }),
  );
