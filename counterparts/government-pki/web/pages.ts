import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageRight } from '@musubi/kernel/pages/session.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../service/deps.ts';
import { decideRevocation, requestRevocation } from '../service/revoke.ts';
import {
  type CertificateLine,
  type CertificateState,
  certificateStates,
  endingDays,
  type RevocationReason,
  type RevocationRequest,
  revocationReasons,
  showAuthority,
  showCertificate,
  showCertificates,
  showRequest,
  showRequests,
} from '../service/show.ts';

const read: PageRight = ['government-pki', 'certificate', 'read'];
const ask: PageRight = ['government-pki', 'revocation-request', 'update'];
const approve: PageRight = ['government-pki', 'revocation-approval', 'update'];

export const nav = [
  { label: '認証局の状況', href: '/', right: read },
  { label: '証明書', href: '/certificates', right: read },
  { label: '失効', href: '/revocations', right: read },
  { label: '運用の状況', href: '/operations', right: ['government-pki', 'operations', 'read'] as const },
];

const stateWords = {
  standing: '有効',
  ending: '期限が近い',
  replaced: '更新済み',
  ended: '期限切れ',
  revoked: '失効',
} as const satisfies Record<CertificateState, string>;
const tones = { standing: 'done', ending: 'warning', replaced: 'plain', ended: 'plain', revoked: 'error' } as const;
const stateBadge = (state: CertificateState): Html => badge(stateWords[state], tones[state]);
const purposeWords = { tls: '通信（TLS）', signing: '署名', encryption: '暗号', log: '監査ログ' } as const;
const reasonWords = {
  'key-compromise': '鍵の漏えい・紛失',
  'affiliation-changed': '組織・システムの変更',
  superseded: '取替え',
  cessation: '運用の終了',
} as const satisfies Record<RevocationReason, string>;
const at = (text: string): Html => time(Temporal.Instant.from(text.replace(' ', 'T')));
const reasonText = (reason: string | null): string =>
  reason === null ? '―' : (reasonWords[reason as RevocationReason] ?? reason);

const certificateList: WorkListDefinition<CertificateLine> = {
  caption: '証明書',
  filters: [
    { kind: 'text', name: 'party', label: '組織／システム（先頭から）', maxLength: 130 },
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: certificateStates.map((value) => ({ value, label: stateWords[value] })),
    },
  ],
  columns: [
    {
      key: 'holder',
      label: '組織／システム',
      heading: true,
      cell: (c) => html`<a href="/certificates/${c.fingerprint}">${c.organisation}/${c.system}</a>`,
    },
    { key: 'purpose', label: '用途', cell: (c) => purposeWords[c.purpose] },
    { key: 'from', label: '発行', cell: (c) => at(c.validFrom) },
    { key: 'until', label: '期限', cell: (c) => at(c.validUntil) },
    { key: 'state', label: '状態', cell: (c) => stateBadge(c.state) },
  ],
  defaultSort: { key: 'until', direction: 'asc' },
  emptyText: '該当する証明書はありません。',
};

const requestState = (r: RevocationRequest, now: Temporal.Instant): Html => {
  if (r.decision === 'approved') return badge('失効済み', 'done');
  if (r.decision === 'rejected') return badge('差戻し', 'plain');
  return Temporal.Instant.compare(now, r.expiresAt) >= 0 ? badge('期限切れ', 'plain') : badge('決定待ち', 'warning');
};
const requestList = (now: Temporal.Instant): WorkListDefinition<RevocationRequest> => ({
  caption: '失効の申請',
  columns: [
    {
      key: 'holder',
      label: '組織／システム',
      heading: true,
      cell: (r) => html`<a href="/revocations/${r.requestId}">${r.organisation}/${r.system}</a>`,
    },
    { key: 'count', label: '証明書', align: 'end', cell: (r) => grouped(r.serials.length) },
    { key: 'reason', label: '理由', cell: (r) => reasonText(r.reason) },
    { key: 'asked', label: '申請', cell: (r) => html`${r.requestedBy} ${at(r.requestedAt)}` },
    { key: 'state', label: '状態', cell: (r) => requestState(r, now) },
  ],
  defaultSort: { key: 'asked', direction: 'desc' },
  emptyText: '失効の申請はありません。',
});

const requestFields: Field[] = [
  {
    kind: 'radio',
    name: 'scope',
    label: '失効させる証明書',
    options: [
      { value: 'holder', label: 'このシステムの有効な証明書すべて（鍵の漏えいではこちら）' },
      { value: 'certificate', label: 'この証明書だけ' },
    ],
  },
  {
    kind: 'select',
    name: 'reason',
    label: '理由',
    options: revocationReasons.map((value) => ({ value, label: reasonWords[value] })),
  },
  { kind: 'lines', name: 'explanation', label: '経緯', maxLength: 400, rows: 3 },
];
const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'approve', label: '失効させ、失効リストを公開する（取り消せません）' },
      { value: 'return', label: '差し戻す' },
    ],
  },
];

const requestFaults = {
  'not-staff': '職員だけが行えます。',
  'already-revoked': 'すでに失効しています。',
  'already-requested': 'この証明書の失効は、すでに申請されて決定を待っています。',
  'own-certificate': '認証局自身の証明書は、ここでは失効させられません（鍵の儀式で行います）。',
} as const;
const decisionFaults = {
  'not-staff': '職員だけが行えます。',
  'approval-refused': '自分の申請は決定できません。または、すでに決定されたか、期限が過ぎています。',
} as const;

/** 認証局の運用: what was issued, what ends, what was revoked and why; a revocation by two people. */
export function addPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', read, async (p) => {
    const { counts, authority, waiting, statuses } = unwrap(await showAuthority(deps, p.session.actor, null));
    return p.view(
      { title: '認証局の状況', gloss: 'The authority' },
      html`<div class="stack">${waiting > 0 && notice('warning', `決定を待つ失効の申請が${waiting}件あります。`, html`<a href="/revocations">失効の申請</a>`)}${figures(
        certificateStates.map((state) => ({ label: stateWords[state], value: grouped(counts[state]), unit: '枚' })),
      )}
<section>${sectionTitle('失効リスト', 'Revocation list')}${
        authority === undefined
          ? html`<p class="muted">失効リストはまだありません。</p>`
          : facts([
              { label: '番号', value: grouped(authority.listNumber) },
              { label: '作成', value: at(authority.thisUpdate) },
              { label: '有効', value: html`${at(authority.nextUpdate)}まで（8時間ごとと失効のたびに作ります）` },
              { label: '登録を待つシステム', value: `${grouped(authority.expected)}件` },
            ])
      }</section>
<section>${sectionTitle('証明書の状態の照会（直近1時間）', 'Statuses answered in the last hour')}${figures([
        { label: '有効', value: grouped(statuses.good), unit: '件' },
        { label: '失効', value: grouped(statuses.revoked), unit: '件' },
        { label: '不明', value: grouped(statuses.unknown), unit: '件' },
      ])}</section>
<p><a href="/certificates?state=ending">${endingDays}日以内に期限が来て、更新されていない証明書</a></p></div>`,
    );
  });

  page(app, 'GET', '/certificates', read, async (p) => {
    const query = readListQuery(certificateList, p.query);
    const { party, state } = query.filters;
    const found = unwrap(
      await showCertificates(deps, p.session.actor, {
        ...(state === undefined ? {} : { state: state as CertificateState }),
        ...(party === undefined ? {} : { party }),
        limit: query.size,
        offset: query.offset,
      }),
    );
    return p.view(
      { title: '証明書', gloss: 'Certificates' },
      workList(certificateList, { path: '/certificates', query, ...found }),
    );
  });

  const certificateView = async (p: PageRequest, again?: { readonly state?: object; readonly fault?: string }) => {
    const fingerprint = p.param('fingerprint');
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) return p.problem('not-found');
    const c = unwrap(await showCertificate(deps, p.session.actor, { fingerprint }));
    if (c === undefined) return p.problem('not-found');
    return p.view(
      {
        title: `${c.organisation}/${c.system}`,
        gloss: 'Certificate',
        breadcrumbs: [{ label: '証明書', href: '/certificates' }],
        ...(again === undefined ? {} : { hasErrors: true, status: 422 }),
      },
      html`<div class="stack">${again?.fault && notice('error', again.fault)}${facts([
        { label: '用途', value: purposeWords[c.purpose] },
        { label: '発行番号', value: html`<code>${c.serial}</code>` },
        { label: '指紋（SHA-256）', value: html`<code class="break-all">${c.fingerprint}</code>` },
        { label: '有効', value: html`${at(c.validFrom)}から${at(c.validUntil)}まで` },
        {
          label: '状態の問合せへの回答',
          value: c.revokedAt === null ? html`<code>good</code>` : html`<code>revoked</code> ${at(c.revokedAt)}`,
        },
        ...(c.revokedAt === null ? [] : [{ label: '失効の理由', value: reasonText(c.reason) }]),
      ])}${
        c.revokedAt === null &&
        (await p.may(ask)) &&
        html`<section>${sectionTitle('失効の申請', 'Ask for revocation')}<p>別の職員が決定すると、直ちに失効リストに載り、状態の問合せにも失効と答えます。</p>${form(
          {
            action: `/certificates/${c.fingerprint}/revocation`,
            session: p.session,
            fields: requestFields,
            submit: '失効を申請する',
            ...again?.state,
          },
        )}</section>`
      }</div>`,
    );
  };
  page(app, 'GET', '/certificates/:fingerprint', read, (p) => certificateView(p));

  page(app, 'POST', '/certificates/:fingerprint/revocation', ask, async (p) => {
    const given = readForm(requestFields, p.form);
    if (!given.ok) return certificateView(p, { state: given.error });
    const { scope = '', reason = '', explanation = '' } = given.value.texts;
    const asked = await requestRevocation(deps, p.session.actor, {
      fingerprint: p.param('fingerprint'),
      scope: scope === 'holder' ? 'holder' : 'certificate',
      reason: reason as RevocationReason,
      explanation,
    });
    if (asked.ok)
      return p.redirect(`/revocations/${asked.value.requestId}`, {
        kind: 'done',
        text: '失効を申請しました。別の職員の決定を待ちます。',
      });
    if (asked.error === 'not-authorised') return p.problem(asked.error);
    if (asked.error === 'no-such-certificate') return p.problem('not-found');
    return certificateView(p, { state: { values: given.value.texts }, fault: requestFaults[asked.error] });
  });

  page(app, 'GET', '/revocations', read, async (p) => {
    const list = requestList(deps.machineClock.now());
    const query = readListQuery(list, p.query);
    const found = unwrap(await showRequests(deps, p.session.actor, { limit: query.size, offset: query.offset }));
    return p.view(
      { title: '失効', gloss: 'Revocations' },
      html`<div class="stack"><p>失効は証明書の頁から申請し、別の職員が決定します。</p>${workList(list, { path: '/revocations', query, ...found })}</div>`,
    );
  });

  page(app, 'GET', '/revocations/:request', read, async (p) => {
    const requestId = p.param('request');
    if (!isUuid(requestId)) return p.problem('not-found');
    const r = unwrap(await showRequest(deps, p.session.actor, { requestId }));
    if (r === undefined) return p.problem('not-found');
    const isOwn = p.session.actor.kind === 'staff' && p.session.actor.staffId === r.requestedBy;
    return p.view(
      {
        title: `失効の申請 ${r.organisation}/${r.system}`,
        gloss: 'Revocation',
        breadcrumbs: [{ label: '失効', href: '/revocations' }],
      },
      html`<div class="stack">${facts([
        { label: '状態', value: requestState(r, deps.machineClock.now()) },
        { label: '理由', value: reasonText(r.reason) },
        { label: '経緯', value: r.explanation },
        { label: '証明書', value: html`<ul>${r.serials.map((serial) => html`<li><code>${serial}</code></li>`)}</ul>` },
        { label: '申請', value: html`${r.requestedBy} ${at(r.requestedAt)}` },
        ...(r.decidedAt === null ? [] : [{ label: '決定', value: html`${r.decidedBy} ${at(r.decidedAt)}` }]),
      ])}${
        r.decision === null && isOwn
          ? notice('info', '自分の申請は決定できません', '別の職員が決定します。')
          : r.decision === null &&
            (await p.may(approve)) &&
            form({
              action: `/revocations/${requestId}/decision`,
              session: p.session,
              fields: decisionFields,
              submit: '決定する',
            })
      }</div>`,
    );
  });

  page(app, 'POST', '/revocations/:request/decision', approve, async (p) => {
    const requestId = p.param('request');
    const decision = p.form.get('decision');
    if (!isUuid(requestId)) return p.problem('not-found');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const decided = await decideRevocation(deps, p.session.actor, { requestId, approve: decision === 'approve' });
    const back = `/revocations/${requestId}`;
    if (decided.ok)
      return p.redirect(back, {
        kind: 'done',
        text:
          decided.value.crlNumber === null
            ? '差し戻しました。'
            : `失効させ、第${decided.value.crlNumber}号の失効リストを公開しました。`,
      });
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect(back, { kind: 'error', text: decisionFaults[decided.error] });
  });
}
