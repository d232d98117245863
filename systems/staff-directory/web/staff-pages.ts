import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type NavEntry, type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, type HtmlValue, html, time } from '@musubi/kernel/pages/html.ts';
import { approvalDecision, approvalInbox } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import {
  account,
  accounts,
  changeState,
  listTerminals,
  revokeTerminal,
  type StateChange,
  unlock,
} from '../service/account-state.ts';
import { application, applicationPayload, applications, apply, decideApplication } from '../service/applications.ts';
import { revokeGrant } from '../service/grant.ts';
import { issuePassword } from '../service/passwords.ts';
import { listSignIns } from '../service/sign-in.ts';
import { type Scripts, withData } from './scripts.ts';
import { sessionNav } from './session-pages.ts';
import { kindWords, orderWords, sentence, stateWords } from './words.ts';

export const navigation: readonly NavEntry[] = [
  { label: '職員', href: '/staff', right: ['staff-directory', 'account', 'read'] },
  { label: '申請と決裁', href: '/applications', right: ['staff-directory', 'decision', 'read'] },
  { label: '端末', href: '/terminals', right: ['staff-directory', 'decision', 'read'] },
  { label: '照合情報等管理簿', href: '/id-ledger', right: ['staff-directory', 'id-finding', 'read'] },
  sessionNav,
  { label: 'サインイン記録', href: '/sign-ins', right: ['staff-directory', 'sign-in-record', 'read'] },
];

const reasonField: Field = {
  name: 'reason',
  label: '理由',
  kind: 'lines',
  maxLength: 400,
  rows: 2,
  hint: '所属長の承認番号や異動の根拠など',
};
const accountFields: readonly Field[] = [
  {
    name: 'staffId',
    label: '職員ID',
    kind: 'text',
    maxLength: 63,
    pattern: /^[a-z0-9][a-z0-9-]{1,62}$/,
    patternFault: '職員IDは英小文字・数字・ハイフンで入力してください',
    width: 'short',
  },
  {
    name: 'staffNumber',
    label: '職員番号',
    kind: 'text',
    maxLength: 20,
    pattern: /^[A-Z0-9-]{1,20}$/,
    patternFault: '職員番号は英大文字・数字・ハイフンで入力してください',
    width: 'short',
  },
  { name: 'displayName', label: '氏名', kind: 'text', maxLength: 60 },
  { name: 'position', label: '所属・職名', kind: 'text', maxLength: 60, required: false },
  {
    name: 'kind',
    label: '区分',
    kind: 'radio',
    options: [
      { value: 'employee', label: '職員' },
      { value: 'contractor', label: '受託者' },
    ],
  },
  { name: 'validUntil', label: '有効期限', kind: 'date', hint: '年度末(3月31日)まで' },
  { name: 'oathOn', label: '誓約書の日付', kind: 'date', required: false, hint: '受託者は必須' },
  {
    name: 'oathDocument',
    label: '誓約書の文書番号',
    kind: 'text',
    maxLength: 60,
    required: false,
    hint: '受託者は必須',
  },
  reasonField,
];
const terminalFields: readonly Field[] = [
  {
    name: 'kind',
    label: '端末の種類',
    kind: 'radio',
    options: [
      { value: 'office', label: '一般の端末' },
      { value: 'business', label: '業務端末' },
      { value: 'representative', label: '代表端末', hint: '一括提供・媒体の書込みはこの端末だけで行えます' },
    ],
  },
  { name: 'label', label: '端末の名称', kind: 'text', maxLength: 60 },
  { name: 'place', label: '設置場所', kind: 'text', maxLength: 60 },
  reasonField,
];
const becauseOptions = [
  { value: 'transfer', label: '異動' },
  { value: 'retirement', label: '退職' },
  { value: 'suspected-misuse', label: '不正利用の疑い' },
  { value: 'review', label: '棚卸し' },
  { value: 'lost', label: '紛失・盗難' },
  { value: 'identity-checked', label: '本人確認のうえ解除' },
];

const table = (caption: string, heads: readonly string[], rows: readonly (readonly HtmlValue[])[]): Html =>
  rows.length === 0
    ? html`<div class="empty"><p>ありません。</p></div>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="${caption}"><table class="data-table"><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;

/** Management of staff, rights, terminals; every change is a use case of its own. */
export function mountStaffPages(
  app: PageApp,
  { deps, scripts }: { readonly deps: Deps; readonly scripts: Scripts },
): void {
  page(app, 'GET', '/', 'signed-in', (p) =>
    p.view(
      { title: '職員認証基盤', gloss: 'Staff directory' },
      html`<p>${p.session.displayName}さんとしてサインインしています。</p><p>自分の権限に応じて、上のメニューに使える機能が並びます。</p>`,
    ),
  );

  page(app, 'GET', '/staff', ['staff-directory', 'account', 'read'], async (p) => {
    const list = await accounts(deps, p.session.actor, { limit: 500 });
    if (!list.ok) return p.problem('not-authorised');
    const canApply = await p.may(['staff-directory', 'application', 'update']);
    return p.view(
      {
        title: '職員',
        gloss: 'Staff',
        actions: canApply && html`<a class="button button-primary" href="/staff/new">職員IDを申請する</a>`,
      },
      table(
        '職員の一覧',
        ['職員ID', '氏名', '所属・職名', '状態', '有効期限'],
        list.value.map((a) => [
          html`<a href="/staff/${a.staffId}">${a.staffId}</a>`,
          a.displayName,
          a.position,
          a.locked ? badge('ロック中', 'error') : badge(stateWords[a.state], a.state === 'active' ? 'done' : 'warning'),
          time(Temporal.PlainDate.from(a.validUntil)),
        ]),
      ),
    );
  });

  const newAccount = (p: PageRequest, shown: Partial<Pick<Parameters<typeof form>[0], 'values' | 'errors'>> = {}) =>
    p.view(
      {
        title: '職員IDの申請',
        gloss: 'Apply for an account',
        hasErrors: shown.errors !== undefined,
        status: shown.errors ? 422 : 200,
        breadcrumbs: [{ label: '職員', href: '/staff' }],
      },
      html`<p>申請は別の職員(所属長)が承認したときに効力を持ちます。</p>${form({ action: '/staff/new', session: p.session, fields: accountFields, submit: '申請する', cancelHref: '/staff', ...shown })}`,
    );
  page(app, 'GET', '/staff/new', ['staff-directory', 'application', 'update'], (p) => newAccount(p));
  page(app, 'POST', '/staff/new', ['staff-directory', 'application', 'update'], async (p) => {
    const read = readForm(accountFields, p.form);
    if (!read.ok) return newAccount(p, read.error);
    const { reason = '', position = '', oathOn: on, oathDocument: document, ...texts } = read.value.texts;
    const oath = on !== undefined && document !== undefined ? { oath: { on, document } } : {};
    const command = applicationPayload.safeParse({ kind: 'account', payload: { ...texts, position, ...oath } });
    if (!command.success)
      return newAccount(p, { values: read.value.texts, errors: { '': '入力内容を確かめてください' } });
    const applied = await apply(deps, p.session.actor, { ...command.data, reason });
    if (!applied.ok) return newAccount(p, { values: read.value.texts, errors: { '': sentence(applied.error) } });
    return p.redirect('/applications', { kind: 'done', text: '申請しました。別の職員の決裁を待っています。' });
  });

  const grantFields = (): readonly Field[] => [
    {
      name: 'system',
      label: 'システム',
      kind: 'select',
      options: ['staff-directory', ...deps.systems].map((value) => ({ value, label: value })),
    },
    {
      name: 'role',
      label: '役割',
      kind: 'text',
      maxLength: 60,
      pattern: /^[a-z][a-z0-9-]*$/,
      patternFault: '役割は権限表のIDで入力してください',
      width: 'short',
    },
    { name: 'validFrom', label: '開始日', kind: 'date' },
    { name: 'validUntil', label: '終了日', kind: 'date', hint: '年度末(3月31日)まで' },
    reasonField,
  ];

  const accountPage = async (
    p: PageRequest,
    staffId: string,
    more: { readonly error?: string | undefined; readonly issued?: string } = {},
  ) => {
    const found = await account(deps, p.session.actor, staffId);
    if (!found.ok) return p.problem('not-authorised');
    if (found.value === undefined) return p.problem('not-found');
    const { account: a, grants, hold, contractor } = found.value;
    const [manage, canApply] = [
      await p.may(['staff-directory', 'account', 'update']),
      await p.may(['staff-directory', 'application', 'update']),
    ];
    const because: Field = { name: 'because', label: '事由', kind: 'select', options: becauseOptions };
    const act = (step: string, submit: string, danger = false) =>
      html`<details><summary>${submit}</summary>${form({ action: `/staff/${staffId}/${step}`, session: p.session, fields: [because], submit, danger })}</details>`;
    const revocation = (grantId: string): Html =>
      html`<details><summary>取り消す</summary>${form({ action: `/grants/${grantId}/revoke`, session: p.session, fields: [{ ...because, name: `because` }], hidden: { staffId }, submit: '取り消す', danger: true })}</details>`;
    return p.view(
      {
        title: a.displayName,
        gloss: 'Staff member',
        breadcrumbs: [{ label: '職員', href: '/staff' }],
        status: more.error ? 422 : 200,
      },
      html`<div class="stack">${more.error && notice('error', more.error)}${
        more.issued &&
        notice(
          'warning',
          '初期パスワード(この画面でだけ表示されます)',
          html`<p><code>${more.issued}</code></p><p>本人に手渡してください。72時間以内の初回サインインで変更と認証器の登録が必要です。</p>`,
        )
      }
${facts([
  { label: '職員ID', value: a.staffId },
  { label: '職員番号', value: a.staffNumber },
  { label: '所属・職名', value: a.position },
  { label: '状態', value: a.locked ? badge('ロック中', 'error') : badge(stateWords[a.state]) },
  { label: '有効期限', value: time(Temporal.PlainDate.from(a.validUntil)) },
  ...(a.kind === 'contractor' ? [{ label: '作業指示', value: orderWords(contractor) }] : []),
])}
${hold && notice('warning', '研修が未受講のため、権限を停止しています', `${hold.heldOn}から、${hold.fiscalYear}年度の研修の受講が個人情報保護管理システムに記録されるまで。`)}
<section class="stack">${sectionTitle('権限', 'Rights')}${table(
        '付与された権限',
        ['システム', '役割', '期間', '状態', ...(manage ? ['操作'] : [])],
        grants.map((g) => [
          g.system,
          g.role,
          html`${time(Temporal.PlainDate.from(g.validFrom))} 〜 ${time(Temporal.PlainDate.from(g.validUntil))}`,
          g.revoked
            ? badge('取消済み')
            : hold && g.system !== 'governance' && g.system !== 'staff-directory'
              ? badge('停止中', 'warning')
              : badge('有効', 'done'),
          ...(manage ? [g.revoked ? '' : revocation(g.grantId)] : []),
        ]),
      )}${canApply && html`<p><a class="button" href="/staff/${staffId}/grant">権限を申請する</a></p>`}</section>
${
  manage &&
  html`<section class="stack">${sectionTitle('管理', 'Administration')}${a.locked && act('unlock', 'ロックを解除する')}${a.state === 'active' && act('suspend', '停止する', true)}${a.state === 'suspended' && act('resume', '停止を解除する')}${a.state !== 'closed' && act('close', '廃止する', true)}
${form({ action: `/staff/${staffId}/password`, session: p.session, fields: [{ name: 'passkeys', label: '認証器', kind: 'checks', required: false, options: [{ value: 'remove', label: '登録済みの認証器も取り消す(紛失・故障のとき)' }] }], submit: '初期パスワードを発行する' })}</section>`
}</div>`,
    );
  };
  page(app, 'GET', '/staff/:id', ['staff-directory', 'account', 'read'], (p) => accountPage(p, p.param('id')));

  page(app, 'POST', '/staff/:id/unlock', ['staff-directory', 'account', 'update'], async (p) => {
    const done = await unlock(deps, p.session.actor, { staffId: p.param('id'), because: chosen(p) });
    if (!done.ok) return accountPage(p, p.param('id'), { error: sentence(done.error) });
    return p.redirect(`/staff/${p.param('id')}`, { kind: 'done', text: 'ロックを解除しました。' });
  });
  for (const change of ['suspend', 'resume', 'close'] as const satisfies readonly StateChange[]) {
    page(app, 'POST', `/staff/:id/${change}`, ['staff-directory', 'account', 'update'], async (p) => {
      const done = await changeState(deps, p.session.actor, { staffId: p.param('id'), change, because: chosen(p) });
      if (!done.ok) return accountPage(p, p.param('id'), { error: sentence(done.error) });
      return p.redirect(`/staff/${p.param('id')}`, {
        kind: 'done',
        text: '状態を変更しました。開いているセッションにも直ちに効力が及びます。',
      });
    });
  }
  page(app, 'POST', '/staff/:id/password', ['staff-directory', 'account', 'update'], async (p) => {
    const staffId = p.param('id');
    const issued = await issuePassword(deps, p.session.actor, {
      staffId,
      removePasskeys: p.form.get('passkeys') === 'remove',
    });
    // Shown in the answer itself: a redirect would have to keep the password somewhere.
    return accountPage(p, staffId, issued.ok ? { issued: issued.value.password } : { error: sentence(issued.error) });
  });

  const grantPage = (p: PageRequest, shown: Partial<Pick<Parameters<typeof form>[0], 'values' | 'errors'>> = {}) =>
    p.view(
      {
        title: '権限の申請',
        gloss: 'Apply for a right',
        hasErrors: shown.errors !== undefined,
        status: shown.errors ? 422 : 200,
        breadcrumbs: [
          { label: '職員', href: '/staff' },
          { label: p.param('id'), href: `/staff/${p.param('id')}` },
        ],
      },
      form({
        action: `/staff/${p.param('id')}/grant`,
        session: p.session,
        fields: grantFields(),
        submit: '申請する',
        cancelHref: `/staff/${p.param('id')}`,
        ...shown,
      }),
    );
  page(app, 'GET', '/staff/:id/grant', ['staff-directory', 'application', 'update'], (p) => grantPage(p));
  page(app, 'POST', '/staff/:id/grant', ['staff-directory', 'application', 'update'], async (p) => {
    const read = readForm(grantFields(), p.form);
    if (!read.ok) return grantPage(p, read.error);
    const { reason = '', ...texts } = read.value.texts;
    const command = applicationPayload.safeParse({ kind: 'grant', payload: { ...texts, staffId: p.param('id') } });
    if (!command.success)
      return grantPage(p, { values: read.value.texts, errors: { '': '入力内容を確かめてください' } });
    const applied = await apply(deps, p.session.actor, { ...command.data, reason });
    if (!applied.ok) return grantPage(p, { values: read.value.texts, errors: { '': sentence(applied.error) } });
    return p.redirect('/applications', { kind: 'done', text: '申請しました。別の職員の決裁を待っています。' });
  });
  page(app, 'POST', '/grants/:id/revoke', ['staff-directory', 'account', 'update'], async (p) => {
    const staffId = `${p.form.get('staffId') ?? ''}`;
    const done = await revokeGrant(deps, p.session.actor, { grantId: p.param('id'), because: chosen(p) });
    if (!done.ok) return accountPage(p, staffId, { error: sentence(done.error) });
    return p.redirect(`/staff/${encodeURIComponent(staffId)}`, { kind: 'done', text: '権限を取り消しました。' });
  });

  page(app, 'GET', '/applications', ['staff-directory', 'decision', 'read'], async (p) => {
    const list = await applications(deps, p.session.actor, { limit: 200 });
    if (!list.ok) return p.problem('not-authorised');
    const open = list.value.filter((a) => a.decision === null);
    return p.view(
      { title: '申請と決裁', gloss: 'Applications and decisions' },
      html`${approvalInbox(
        open.map((a) => ({
          href: `/applications/${a.approvalId}`,
          subject: aboutOf(a.payload),
          kind: kindWords[a.kind],
          draftedBy: a.appliedBy,
          draftedAt: Temporal.Instant.fromEpochMilliseconds(a.appliedAtMs),
          summary: a.reason,
          isOwn: p.session.actor.kind === 'staff' && p.session.actor.staffId === a.appliedBy,
        })),
      )}${sectionTitle('決裁済み', 'Decided')}${table(
        '決裁済みの申請',
        ['件名', '種類', '申請者', '決裁者', '結果'],
        list.value
          .filter((a) => a.decision !== null)
          .map((a) => [
            aboutOf(a.payload),
            kindWords[a.kind],
            a.appliedBy,
            a.decidedBy,
            a.decision === 'approved' ? badge('承認', 'done') : badge('差戻し', 'warning'),
          ]),
      )}`,
    );
  });

  const decisionPage = async (p: PageRequest, error?: string) => {
    const found = await application(deps, p.session.actor, p.param('id'));
    if (!found.ok) return p.problem('not-authorised');
    const a = found.value;
    if (a === undefined) return p.problem('not-found');
    const own = p.session.actor.kind === 'staff' && p.session.actor.staffId === a.appliedBy;
    const content = [
      { label: '種類', value: kindWords[a.kind] },
      ...Object.entries(a.payload).map(([label, value]) => ({
        label: payloadWords[label] ?? label,
        value: typeof value === 'string' ? value : '端末の公開鍵',
      })),
      { label: '理由', value: a.reason },
      { label: '申請者', value: a.appliedBy },
      { label: '申請した時', value: time(Temporal.Instant.fromEpochMilliseconds(a.appliedAtMs)) },
    ];
    const decide = a.decision === null && (await p.may(['staff-directory', 'decision', 'update']));
    return p.view(
      {
        title: '申請の決裁',
        gloss: 'Decide an application',
        breadcrumbs: [{ label: '申請と決裁', href: '/applications' }],
        hasErrors: error !== undefined,
        status: error ? 422 : 200,
      },
      decide
        ? approvalDecision({
            session: p.session,
            action: p.path,
            facts: content,
            isOwn: own,
            version: a.approvalId,
            error,
          })
        : facts(content),
    );
  };
  page(app, 'GET', '/applications/:id', ['staff-directory', 'decision', 'read'], (p) =>
    isUuid(p.param('id')) ? decisionPage(p) : p.problem('not-found'),
  );
  page(app, 'POST', '/applications/:id', ['staff-directory', 'decision', 'update'], async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const approve = p.form.get('decision') === 'approve';
    if (!approve && `${p.form.get('reason') ?? ''}`.trim() === '')
      return decisionPage(p, '差し戻す理由を入力してください');
    const decided = await decideApplication(deps, p.session.actor, {
      approvalId: p.param('id'),
      decision: approve ? 'approved' : 'rejected',
    });
    if (!decided.ok) return decisionPage(p, sentence(decided.error));
    return p.redirect('/applications', {
      kind: 'done',
      text: approve ? '承認しました。直ちに効力を持ちます。' : '差し戻しました。',
    });
  });

  page(app, 'GET', '/terminals', ['staff-directory', 'decision', 'read'], async (p) => {
    const list = await listTerminals(deps, p.session.actor, null);
    if (!list.ok) return p.problem('not-authorised');
    const manage = await p.may(['staff-directory', 'terminal', 'update']);
    return p.view(
      {
        title: '端末',
        gloss: 'Terminals',
        actions: manage && html`<a class="button button-primary" href="/terminals/new">この端末を申請する</a>`,
      },
      table(
        '登録された端末',
        ['名称', '設置場所', '端末番号', '状態', ...(manage ? ['操作'] : [])],
        list.value.map((t) => [
          t.label,
          t.place,
          t.terminalId,
          t.state === 'enrolled' ? badge('登録済み', 'done') : badge('取消済み'),
          ...(manage
            ? [
                t.state === 'enrolled'
                  ? html`<details><summary>取り消す</summary>${form({ action: `/terminals/${t.terminalId}/revoke`, session: p.session, fields: [{ name: 'because', label: '事由', kind: 'select', options: becauseOptions }], submit: '取り消す', danger: true })}</details>`
                  : '',
              ]
            : []),
        ]),
      ),
    );
  });
  const terminalPage = (p: PageRequest, error?: string) =>
    p.view(
      {
        title: 'この端末の登録申請',
        gloss: 'Enrol this terminal',
        hasErrors: error !== undefined,
        status: error ? 422 : 200,
        breadcrumbs: [{ label: '端末', href: '/terminals' }],
      },
      html`<p>このブラウザーの中に取り出せない鍵を作り、その公開鍵を申請します。承認された端末だけがサインインに使えます。</p>${withData(
        form({
          action: '/terminals/new',
          session: p.session,
          fields: terminalFields,
          errors: error ? { '': error } : {},
          hidden: { terminalId: '', key: '' },
          submit: '申請する',
          cancelHref: '/terminals',
        }),
        { 'terminal-enrolment': '' },
      )}${scripts.tags}`,
    );
  page(app, 'GET', '/terminals/new', ['staff-directory', 'terminal', 'update'], (p) => terminalPage(p));
  page(app, 'POST', '/terminals/new', ['staff-directory', 'terminal', 'update'], async (p) => {
    const read = readForm(terminalFields, p.form);
    if (!read.ok) return terminalPage(p, '名称、設置場所、理由を入力してください');
    const { reason = '', ...texts } = read.value.texts;
    const payload = { ...texts, terminalId: p.form.get('terminalId'), key: jsonOf(p.form.get('key')) };
    const command = applicationPayload.safeParse({ kind: 'terminal', payload });
    if (!command.success)
      return terminalPage(p, '端末の鍵を作れませんでした。スクリプトが動くブラウザーで開いてください。');
    const applied = await apply(deps, p.session.actor, { ...command.data, reason });
    if (!applied.ok) return terminalPage(p, sentence(applied.error));
    return p.redirect('/applications', { kind: 'done', text: '申請しました。別の職員の決裁を待っています。' });
  });
  page(app, 'POST', '/terminals/:id/revoke', ['staff-directory', 'terminal', 'update'], async (p) => {
    const done = await revokeTerminal(deps, p.session.actor, { terminalId: p.param('id'), because: chosen(p) });
    return p.redirect(
      '/terminals',
      done.ok ? { kind: 'done', text: '端末を取り消しました。' } : { kind: 'error', text: sentence(done.error) },
    );
  });

  page(app, 'GET', '/sign-ins', ['staff-directory', 'sign-in-record', 'read'], async (p) => {
    const list = await listSignIns(deps, p.session.actor, { limit: 200 });
    if (!list.ok) return p.problem('not-authorised');
    return p.view(
      { title: 'サインイン記録', gloss: 'Sign-ins' },
      table(
        '新しい順',
        ['日時', '職員ID', '氏名', '方法', '端末'],
        list.value.map((s) => [
          time(Temporal.Instant.fromEpochMilliseconds(s.signedInS * 1000)),
          s.staffId,
          s.displayName,
          s.methods.join(' + '),
          s.terminalId ?? '未登録',
        ]),
      ),
    );
  });
}

const payloadWords: Readonly<Record<string, string>> = {
  staffId: '職員ID',
  staffNumber: '職員番号',
  displayName: '氏名',
  position: '所属・職名',
  kind: '区分',
  validUntil: '有効期限',
  validFrom: '開始日',
  system: 'システム',
  role: '役割',
  terminalId: '端末番号',
  label: '名称',
  place: '設置場所',
  key: '公開鍵',
};
const aboutOf = (payload: Readonly<Record<string, unknown>>): string =>
  `${payload.staffId ?? payload.label ?? ''}${payload.role ? `: ${payload.system} ${payload.role}` : ''}`;
const chosen = (p: PageRequest): string => {
  const given = p.form.get('because');
  return becauseOptions.find((o) => o.value === given)?.value ?? 'not-stated';
};
function jsonOf(text: FormDataEntryValue | null): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text.slice(0, 1_000) : '');
  } catch {
    return undefined;
  }
}
