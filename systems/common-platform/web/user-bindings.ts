import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  type BindingProposal,
  decideUserBinding,
  endUserBinding,
  proposeUserBinding,
  readUserBindings,
  type UserBinding,
} from '../service/user-bindings.ts';

const read = ['common-platform', 'user-binding', 'read'] as const;
const update = ['common-platform', 'user-binding', 'update'] as const;
const approve = ['common-platform', 'user-binding-approval', 'update'] as const;
const path = '/user-bindings';

const faults: Readonly<Record<string, string>> = {
  unreadable: '業務、職員番号、事務の記号、期間を確かめてください。',
  'reason-missing': '理由を入力してください。',
  'in-the-past': '開始日は今日以後の日付にしてください。',
  'bound-already': 'この職員には、すでにこの事務が割り当てられています。',
  'no-such-request': '該当する申請がありません。',
  'already-decided': 'すでに決定されています。',
  'approver-is-requester': '申請した本人は承認できません。',
  expired: '承認の期限が過ぎています。',
  'no-such-binding': '該当する割当てがありません。',
  'ended-before': 'すでに終了しています。',
};

const fields = [
  ['system', '業務（例 child-chronic）', 60],
  ['staffId', '職員番号', 40],
  ['code', '事務の記号（例 MS2-009）', 14],
  ['validFrom', '開始日', 10],
  ['validUntil', '終了日（定めないときは空）', 10],
  ['reason', '理由', 300],
] as const;
type Typed = Partial<Record<(typeof fields)[number][0], string>>;

/** 利用者の事務: who may ask under which 事務; applied for by one person, granted by another, ended at once. */
export function userBindingPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', path, read, (p) => show(p, deps));

  page(app, 'POST', path, update, async (p) => {
    const typed: Typed = Object.fromEntries(
      fields.map(([name, , max]) => [name, `${p.form.get(name) ?? ''}`.normalize('NFKC').trim().slice(0, max)]),
    );
    const { system = '', staffId = '', code = '', validFrom = '', validUntil = '', reason = '' } = typed;
    const done = await proposeUserBinding(deps, p.session.actor, {
      system,
      staffId,
      code,
      validFrom,
      validUntil: validUntil === '' ? null : validUntil,
      reason,
    });
    if (!done.ok) return show(p, deps, faults[done.error] ?? 'この操作はできません。', typed);
    return p.redirect(path, { kind: 'done', text: '割当てを申請しました。別の職員の承認を待ちます。' });
  });

  page(app, 'POST', `${path}/approvals/:id`, approve, async (p) => {
    const approvalId = p.param('id');
    if (!isUuid(approvalId)) return p.problem('not-found');
    const approved = p.form.get('decision') === 'approve';
    const done = await decideUserBinding(deps, p.session.actor, { approvalId, approve: approved });
    if (!done.ok) return p.redirect(path, { kind: 'error', text: faults[done.error] ?? 'この操作はできません。' });
    return p.redirect(path, { kind: 'done', text: approved ? '割り当てました。' : '認めないことを記録しました。' });
  });

  page(app, 'POST', `${path}/:id/end`, update, async (p) => {
    const userBindingId = p.param('id');
    if (!isUuid(userBindingId)) return p.problem('not-found');
    const done = await endUserBinding(deps, p.session.actor, {
      userBindingId,
      reason: `${p.form.get('reason') ?? ''}`.normalize('NFC'),
    });
    if (!done.ok) return p.redirect(path, { kind: 'error', text: faults[done.error] ?? 'この操作はできません。' });
    return p.redirect(path, { kind: 'done', text: '割当てを終了しました。今日から照会できません。' });
  });
}

async function show(p: PageRequest, deps: Deps, error?: string, typed: Typed = {}): Promise<Response> {
  const [mayPropose, mayApprove] = await Promise.all([p.may(update), p.may(approve)]);
  const list = listOf(p, mayPropose);
  const query = readListQuery(list, p.query);
  const found = await readUserBindings(deps, p.session.actor, {
    all: query.filters.all === 'yes',
    offset: query.offset,
    limit: query.size,
  });
  if (!found.ok) return p.problem('not-authorised');
  const { open, rows, total } = found.value;
  return p.view(
    {
      title: '利用者の事務',
      gloss: 'Which clerk may ask under which task',
      ...(error === undefined ? {} : { hasErrors: true, status: 422 as const }),
    },
    html`<div class="stack">${error && notice('error', error)}<p>割当てが一件でもある業務では、割り当てられた職員だけが、その事務で照会できます。</p>${
      open.length > 0 && proposals(p, open, mayApprove)
    }${workList(list, { path, query, rows, total })}${mayPropose && proposeForm(p, typed)}</div>`,
  );
}

const listOf = (p: PageRequest, mayEnd: boolean): WorkListDefinition<UserBinding> => ({
  caption: '利用者の事務',
  defaultSort: { key: 'system', direction: 'asc' },
  filters: [{ kind: 'select', name: 'all', label: '表示', options: [{ value: 'yes', label: '終了したものも' }] }],
  emptyText: '割当てはありません。',
  columns: [
    { key: 'staff', label: '職員番号', heading: true, cell: (r) => r.staffId },
    { key: 'system', label: '業務', cell: (r) => r.system },
    { key: 'code', label: '事務', cell: (r) => html`<code>${r.code}</code>` },
    {
      key: 'valid',
      label: '期間',
      cell: (r) =>
        html`${time(Temporal.PlainDate.from(r.validFrom))}から${r.validUntil !== null && html`${time(Temporal.PlainDate.from(r.validUntil))}まで`}`,
    },
    {
      key: 'by',
      label: '申請・承認',
      cell: (r) => (r.decidedBy === null ? '設定による' : `${r.proposedBy}・${r.decidedBy}`),
    },
    {
      key: 'end',
      label: '終了',
      cell: (r) =>
        r.endedOn !== null
          ? html`${badge('終了', 'plain')} ${time(Temporal.PlainDate.from(r.endedOn))} ${r.endReason}`
          : mayEnd
            ? html`<form class="row no-print" method="post" action="${path}/${r.userBindingId}/end">${tokenField(p.session)}<label class="visually-hidden" for="end-${r.userBindingId}">終了の理由</label><input class="input" type="text" id="end-${r.userBindingId}" name="reason" maxlength="300"><button class="button" type="submit">終了する</button></form>`
            : '―',
    },
  ],
});

const proposals = (p: PageRequest, open: readonly BindingProposal[], mayApprove: boolean): Html =>
  html`<section class="stack-tight" aria-labelledby="open">${sectionTitle('承認を待つ申請', 'Waiting for a second person', 'open')}<ul class="stack-tight">${open.map(
    (o) =>
      html`<li>${o.system} ${o.staffId} <code>${o.code}</code> ${time(Temporal.PlainDate.from(o.validFrom))}から（${o.reason}）申請 ${o.proposedBy}${
        mayApprove &&
        html`<form class="row no-print" method="post" action="${path}/approvals/${o.approvalId}">${tokenField(p.session)}<button class="button button-primary" type="submit" name="decision" value="approve">承認する</button><button class="button" type="submit" name="decision" value="reject">認めない</button></form>`
      }</li>`,
  )}</ul></section>`;

const proposeForm = (p: PageRequest, typed: Typed): Html =>
  html`<section class="no-print" aria-labelledby="propose">${sectionTitle('割当ての申請', 'Apply for a task', 'propose')}<form class="form" method="post" action="${path}" novalidate>${tokenField(p.session)}${fields.map(
    ([name, label, max]) =>
      html`<div class="field"><label for="${name}">${label}${name === 'validUntil' ? html`<span class="optional">任意</span>` : html`<span class="required">必須</span>`}</label><input class="input" type="${name.startsWith('valid') ? 'date' : 'text'}" id="${name}" name="${name}" maxlength="${max}" value="${typed[name] ?? ''}"></div>`,
  )}<div class="row"><button class="button button-primary" type="submit">申請する</button></div></form></section>`;
