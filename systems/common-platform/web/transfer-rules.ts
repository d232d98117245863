import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, type Fact, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  changeRules,
  draftRule,
  type RuleDraft,
  readRules,
  type TransferRule,
  tryRule,
} from '../service/change-rules.ts';

const read = ['common-platform', 'transfer-rule', 'read'] as const;
const update = ['common-platform', 'transfer-rule', 'update'] as const;
const approve = ['common-platform', 'transfer-rule-approval', 'update'] as const;

const day = (text: string) => time(Temporal.PlainDate.from(text));
const rules: WorkListDefinition<TransferRule> = {
  caption: '条例の表',
  defaultSort: { key: 'asker', direction: 'asc' },
  sizes: [200],
  emptyText: '行はありません。',
  columns: [
    { key: 'task', label: '事務', heading: true, cell: (r) => r.task },
    { key: 'asker', label: '照会元', cell: (r) => r.asker },
    { key: 'source', label: '提供元', cell: (r) => r.source },
    { key: 'items', label: '情報と項目', cell: (r) => `${r.information}: ${r.items.join('、')}` },
    { key: 'ground', label: '根拠', cell: (r) => html`${r.ground}<br><span class="muted">${r.lawRevision}</span>` },
    { key: 'approval', label: '承認', cell: (r) => (r.approval === 'rule' ? '表による' : '提供元の職員') },
    {
      key: 'days',
      label: '期間',
      cell: (r) => html`${day(r.validFrom)}～${r.validUntil !== null && day(r.validUntil)}`,
    },
  ],
};

const states = {
  drafted: badge('起案', 'plain'),
  tried: badge('承認待ち', 'warning'),
  'in-list': badge('表に登載', 'done'),
  'sent-back': badge('差し戻し', 'error'),
} as const;

const code = /^[A-Z]{2,4}-[0-9]{3}$/;
const system = /^[a-z0-9-]{1,40}$/;
const fields: readonly Field[] = [
  {
    kind: 'text',
    name: 'asker',
    label: '照会元の業務',
    maxLength: 40,
    pattern: system,
    patternFault: '業務の識別名で入力してください',
  },
  {
    kind: 'text',
    name: 'source',
    label: '提供元の業務',
    maxLength: 40,
    pattern: system,
    patternFault: '業務の識別名で入力してください',
  },
  {
    kind: 'text',
    name: 'task',
    label: '事務',
    hint: '例 ORD-012',
    pattern: code,
    patternFault: '英大文字2～4字、ハイフン、数字3桁です',
    width: 'short',
  },
  {
    kind: 'text',
    name: 'information',
    label: '情報',
    hint: '例 WEL-001',
    pattern: code,
    patternFault: '英大文字2～4字、ハイフン、数字3桁です',
    width: 'short',
  },
  { kind: 'lines', name: 'items', label: '項目', hint: '1行に1項目', maxLength: 1000 },
  { kind: 'text', name: 'ground', label: '根拠（条例と項）', maxLength: 100 },
  { kind: 'text', name: 'lawRevision', label: '条例の改正', maxLength: 60 },
  {
    kind: 'radio',
    name: 'approval',
    label: '提供元の承認',
    options: [
      { value: 'rule', label: 'この表による（提供元が表の行に同意済み）' },
      { value: 'person', label: '照会ごとに提供元の職員が承認する' },
    ],
  },
  { kind: 'date', name: 'validFrom', label: '施行日' },
  { kind: 'date', name: 'validUntil', label: '終わりの日', required: false },
  { kind: 'lines', name: 'reason', label: '変更の理由', maxLength: 300 },
];

const errors = {
  'not-staff': '職員としてサインインしてください。',
  'in-the-past': '施行日は今日以後にしてください。',
  'ends-before-it-begins': '終わりの日は施行日以後にしてください。',
  'no-rule-row': '移転先一覧（別表2）に、この日に効いている行がありません。',
  'row-not-settled': '移転先一覧（別表2）のこの行は内容が確定していないため、使えません。',
  'paper-only': '移転先一覧（別表2）のこの行は紙によります。',
  'item-not-on-row': '移転先一覧（別表2）の行にない項目です。',
  'no-such-draft': '該当する起案がありません。',
  'not-possible': 'すでに承認待ちか、登載済みです。',
  'not-tried': '試行していない起案は承認できません。',
  'no-such-request': '該当する承認依頼がありません。',
  'already-decided': 'すでに決定されています。',
  expired: '承認の期限が過ぎています。',
  'approver-is-requester': '自分が試行したものは承認できません。',
  'not-authorised': 'この操作の権限がありません。',
} as const;

/** The ordinance list: as it stands and stood, and changes of it from draft to force. */
export function transferRulePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/transfer-rules', read, async (p) => {
    const found = await readRules(deps, p.session.actor, {});
    if (!found.ok) return p.problem('not-authorised');
    const query = readListQuery(rules, p.query);
    const rows = found.value.rules.slice(query.offset, query.offset + query.size);
    const { drafts } = found.value;
    return p.view(
      { title: '庁内連携の表', gloss: 'Ordinance list of transfers' },
      html`<div class="stack">${(await p.may(update)) && html`<p><a class="button button-primary" href="/transfer-rules/new">行の変更を起案する</a></p>`}
<section aria-labelledby="drafts">${sectionTitle('変更の起案', 'Drafts', 'drafts')}${
        drafts.length === 0
          ? html`<p class="muted">起案はありません。</p>`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label="起案の表"><table class="data-table"><caption class="visually-hidden">変更の起案</caption>
<thead><tr><th scope="col">事務</th><th scope="col">照会元 → 提供元への照会</th><th scope="col">施行日</th><th scope="col">試行</th><th scope="col">状態</th></tr></thead>
<tbody>${drafts.map(
              (d) =>
                html`<tr><th scope="row"><a href="/transfer-rules/drafts/${d.changeId}">${d.task}</a></th><td>${d.asker} → ${d.source}</td><td class="nowrap">${day(d.validFrom)}</td><td>${d.trial === null ? '未実施' : `${d.trial.tried}件で試行（新たに許可 ${d.trial.newlyLet}、新たに拒否 ${d.trial.newlyRefused}）`}</td><td>${states[d.state]}</td></tr>`,
            )}</tbody></table></div>`
      }</section>
${workList(rules, { path: '/transfer-rules', query, rows, total: found.value.rules.length })}</div>`,
    );
  });

  page(app, 'GET', '/transfer-rules/new', update, (p) => drawForm(p));
  page(app, 'POST', '/transfer-rules/new', update, async (p) => {
    const given = readForm(fields, p.form);
    if (!given.ok) return drawForm(p, given.error);
    const t = given.value.texts;
    const items = [...new Set((t.items ?? '').split(/\r?\n/).map((x) => x.trim()))].filter((x) => x !== '');
    const done = await draftRule(deps, p.session.actor, {
      asker: t.asker!,
      source: t.source!,
      task: t.task!,
      information: t.information!,
      items,
      ground: t.ground!,
      lawRevision: t.lawRevision!,
      approval: t.approval as 'rule' | 'person',
      validFrom: t.validFrom!,
      validUntil: t.validUntil ?? null,
      reason: t.reason!,
    });
    if (!done.ok) return drawForm(p, { errors: { '': errors[done.error] }, values: t });
    return p.redirect(`/transfer-rules/drafts/${done.value.changeId}`, {
      kind: 'done',
      text: '起案しました。次に試行します。',
    });
  });

  page(app, 'GET', '/transfer-rules/drafts/:id', read, (p) => showDraft(p, deps));
  page(app, 'POST', '/transfer-rules/drafts/:id/trial', update, async (p) => {
    const done = await tryRule(deps, p.session.actor, { changeId: p.param('id') });
    return p.redirect(
      `/transfer-rules/drafts/${encodeURIComponent(p.param('id'))}`,
      done.ok
        ? { kind: 'done', text: '試行し、別の職員に承認を依頼しました。' }
        : { kind: 'error', text: errors[done.error] },
    );
  });
  page(app, 'POST', '/transfer-rules/drafts/:id', approve, async (p) => {
    const decision = p.form.get('decision');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const done = await changeRules(deps, p.session.actor, { changeId: p.param('id'), approve: decision === 'approve' });
    if (!done.ok) return showDraft(p, deps, errors[done.error]);
    return p.redirect('/transfer-rules', {
      kind: 'done',
      text: decision === 'approve' ? '表に登載しました。施行日から効きます。' : '差し戻しました。',
    });
  });
}

const drawForm = (
  p: PageRequest,
  faulty?: { readonly errors: FormErrors; readonly values: FormValues },
): Promise<Response> =>
  p.view(
    { title: '表の変更の起案', gloss: 'Draft a change', ...(faulty ? { hasErrors: true, status: 422 as const } : {}) },
    form({
      action: '/transfer-rules/new',
      session: p.session,
      fields,
      submit: '起案する',
      cancelHref: '/transfer-rules',
      ...(faulty ?? {}),
    }),
  );

const factsOf = (d: RuleDraft): Fact[] => [
  { label: '照会元', value: d.asker },
  { label: '提供元', value: d.source },
  { label: '事務', value: d.task },
  { label: '情報と項目', value: `${d.information}: ${d.items.join('、')}` },
  { label: '根拠', value: `${d.ground}（${d.lawRevision}）` },
  { label: '提供元の承認', value: d.approval === 'rule' ? '表による' : '照会ごとに提供元の職員' },
  { label: '期間', value: html`${day(d.validFrom)}～${d.validUntil !== null && day(d.validUntil)}` },
  { label: '変更の理由', value: d.reason },
  { label: '起案', value: html`${d.draftedBy}（${time(Temporal.Instant.from(d.draftedAt))}）` },
  {
    label: '試行',
    value:
      d.trial === null
        ? '未実施'
        : `直近の照会${d.trial.tried}件: 新たに許可 ${d.trial.newlyLet}件、新たに拒否 ${d.trial.newlyRefused}件（${d.trial.triedBy}）`,
  },
  { label: '状態', value: states[d.state] },
];

async function showDraft(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const found = await readRules(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const draft = found.value.drafts.find((d) => d.changeId === p.param('id'));
  if (!draft) return p.problem('not-found');
  const { actor } = p.session;
  const view = {
    title: '表の変更',
    gloss: 'Change of the list',
    ...(error ? { hasErrors: true, status: 422 as const } : {}),
  };
  if (draft.state === 'tried' && (await p.may(approve)))
    return p.view(
      view,
      approvalDecision({
        session: p.session,
        action: `/transfer-rules/drafts/${draft.changeId}`,
        facts: factsOf(draft),
        isOwn: actor.kind === 'staff' && actor.staffId === draft.trial?.triedBy,
        version: draft.changeId,
        error,
      }),
    );
  const mayTry = (draft.state === 'drafted' || draft.state === 'sent-back') && (await p.may(update));
  return p.view(
    view,
    html`<div class="stack">${error && notice('error', error)}${facts(factsOf(draft))}${
      mayTry &&
      html`<form class="no-print" method="post" action="/transfer-rules/drafts/${draft.changeId}/trial">${tokenField(p.session)}<button class="button button-primary" type="submit">直近の照会で試行し、承認を依頼する</button></form>`
    }</div>`,
  );
}
