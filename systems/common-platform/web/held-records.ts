import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { approvalDecision, approvalInbox } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { correctionKinds } from '../domain/corrections.ts';
import { decisions, type HeldDecision, heldReasons } from '../domain/identify.ts';
import { differences, type ParticularName, type Particulars } from '../domain/particulars.ts';
import { listCorrectionProposals } from '../service/corrections.ts';
import {
  approveDecision,
  type HeldCase,
  type HeldView,
  listHeldCases,
  listProposals,
  proposeDecision,
  showHeldCase,
} from '../service/held-records.ts';
import { approveErrors, particularWords, proposeErrors, sexWords } from './words.ts';

const read = ['common-platform', 'held-record', 'read'] as const;
const update = ['common-platform', 'held-record', 'update'] as const;
const approve = ['common-platform', 'held-approval', 'update'] as const;

const list: WorkListDefinition<HeldCase> = {
  caption: '確認が必要な記録',
  defaultSort: { key: 'openedOn', direction: 'asc' },
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: [
        { value: 'open', label: '確認待ち' },
        { value: 'decided', label: '決定済み' },
      ],
    },
  ],
  emptyText: '確認が必要な記録はありません。',
  columns: [
    {
      key: 'case',
      label: '案件',
      heading: true,
      cell: (r) => html`<a href="/held-records/${r.caseId}">${r.caseId.slice(-12)}</a>`,
    },
    { key: 'why', label: '理由', cell: (r) => heldReasons[r.why] },
    { key: 'differing', label: '相違', cell: (r) => r.differing.map((d) => particularWords[d]).join('、') || '―' },
    { key: 'source', label: '送付元', cell: (r) => r.source },
    { key: 'openedOn', label: '受付日', cell: (r) => time(Temporal.PlainDate.from(r.openedOn)) },
    { key: 'changes', label: '届いた記録', align: 'end', cell: (r) => `${r.changes}件` },
    {
      key: 'state',
      label: '状態',
      cell: (r) =>
        r.decided !== null
          ? badge('決定済み', 'done')
          : r.proposedBy !== null
            ? badge('承認待ち', 'info')
            : badge('確認待ち', 'warning'),
    },
  ],
};

/** Work list of records that do not agree, the two sides beside each other, and the second person's decision. */
export function heldRecordPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/held-records', read, async (p) => {
    const query = readListQuery(list, p.query);
    const state = query.filters.state as 'open' | 'decided' | undefined;
    const found = await listHeldCases(deps, p.session.actor, {
      ...(state ? { state } : {}),
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '確認が必要な記録', gloss: 'Records that do not agree' },
      workList(list, { path: '/held-records', query, ...found.value }),
    );
  });

  page(app, 'GET', '/held-records/:id', read, (p) => showCase(p, deps));

  page(app, 'POST', '/held-records/:id', update, async (p) => {
    const view = await showHeldCase(deps, p.session.actor, { caseId: p.param('id') });
    if (!view.ok) return p.problem('not-found');
    const given = readForm(fieldsFor(view.value), p.form);
    if (!given.ok) return showCase(p, deps, given.error);
    const { decision = '', evidence = '', reason = '' } = given.value.texts;
    const done = await proposeDecision(deps, p.session.actor, {
      caseId: p.param('id'),
      decision: decision as HeldDecision,
      evidence,
      reason,
    });
    if (!done.ok) return showCase(p, deps, { errors: { '': proposeErrors[done.error] }, values: given.value.texts });
    return p.redirect(`/held-records/${p.param('id')}`, {
      kind: 'done',
      text: '起案しました。別の職員の承認を待ちます。',
    });
  });

  page(app, 'GET', '/approvals', approve, async (p) => {
    const found = await listProposals(deps, p.session.actor, {});
    const corrections = await listCorrectionProposals(deps, p.session.actor, {});
    if (!found.ok || !corrections.ok) return p.problem('not-authorised');
    const { actor } = p.session;
    return p.view(
      { title: '承認待ち', gloss: 'Awaiting approval' },
      approvalInbox([
        ...corrections.value.map((row) => ({
          href: `/correction-approvals/${row.approvalId}`,
          subject: `訂正 ${row.approvalId.slice(-12)}`,
          kind: correctionKinds[row.kind],
          draftedBy: row.proposedBy,
          draftedAt: Temporal.Instant.from(row.proposedAt),
          summary: row.reason,
          isOwn: actor.kind === 'staff' && actor.staffId === row.proposedBy,
        })),
        ...found.value.map((row) => ({
          href: `/approvals/${row.approvalId}/${row.caseId}`,
          subject: `案件 ${row.caseId.slice(-12)}`,
          kind: '宛名の確認',
          draftedBy: row.proposedBy,
          draftedAt: Temporal.Instant.from(row.proposedAt),
          summary: decisions[row.decision],
          isOwn: actor.kind === 'staff' && actor.staffId === row.proposedBy,
        })),
      ]),
    );
  });

  page(app, 'GET', '/approvals/:approval/:case', approve, (p) => showApproval(p, deps));

  page(app, 'POST', '/approvals/:approval/:case', approve, async (p) => {
    const decision = p.form.get('decision');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    if (p.form.get('version') !== p.param('approval')) return p.problem('unreadable-form');
    const done = await approveDecision(deps, p.session.actor, {
      approvalId: p.param('approval'),
      approve: decision === 'approve',
    });
    if (!done.ok) return showApproval(p, deps, approveErrors[done.error]);
    const text = decision === 'approve' ? '承認し、記録に反映しました。' : '差し戻しました。';
    return p.redirect('/approvals', { kind: 'done', text });
  });
}

async function showCase(
  p: PageRequest,
  deps: Deps,
  faulty?: { readonly errors: FormErrors; readonly values: FormValues },
): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const found = await showHeldCase(deps, p.session.actor, { caseId: id });
  if (!found.ok) return p.problem(found.error === 'no-such-case' ? 'not-found' : 'not-authorised');
  const { held, proposal } = found.value;
  const mayPropose = held.decided === null && proposal === undefined && (await p.may(update));
  return p.view(
    {
      title: '記録の確認',
      gloss: 'Decide a record that does not agree',
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${bothSides(found.value)}
${held.decided !== null && notice('done', `決定済み: ${decisions[held.decided]}`)}
${proposal && notice('info', `${proposal.proposedBy}が起案し、承認を待っています: ${decisions[proposal.decision]}`)}
${
  mayPropose &&
  html`<section aria-labelledby="decide">${sectionTitle('決定の起案', 'Propose a decision', 'decide')}${form({
    action: `/held-records/${id}`,
    session: p.session,
    fields: fieldsFor(found.value),
    submit: '承認を依頼する',
    ...(faulty ? { errors: faulty.errors, values: faulty.values } : {}),
  })}</section>`
}</div>`,
  );
}

async function showApproval(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const found = await showHeldCase(deps, p.session.actor, { caseId: p.param('case') });
  if (!found.ok) return p.problem('not-found');
  const { proposal } = found.value;
  if (proposal?.approvalId !== p.param('approval')) {
    return p.view(
      { title: '承認', gloss: 'Approval', status: 409 },
      notice('info', error ?? approveErrors['no-such-request']),
    );
  }
  const { actor } = p.session;
  return p.view(
    { title: '承認', gloss: 'Approve a decision', ...(error ? { hasErrors: true, status: 422 as const } : {}) },
    approvalDecision({
      session: p.session,
      action: `/approvals/${proposal.approvalId}/${proposal.caseId}`,
      facts: [
        { label: '決定', value: decisions[proposal.decision] },
        { label: '確認した資料', value: proposal.evidence },
        { label: '理由', value: proposal.reason },
        { label: '起案者', value: proposal.proposedBy },
        { label: '起案した時', value: time(Temporal.Instant.from(proposal.proposedAt)) },
      ],
      body: bothSides(found.value),
      isOwn: actor.kind === 'staff' && actor.staffId === proposal.proposedBy,
      version: proposal.approvalId,
      error,
    }),
  );
}

const fieldsFor = (view: HeldView): readonly Field[] => [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: view.possible.map((value) => ({ value, label: decisions[value] })),
  },
  { kind: 'text', name: 'evidence', label: '確認した資料', hint: '例: 運転免許証、住民票の写し', maxLength: 100 },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 500, rows: 3 },
];

function bothSides({ held, registered, arrived }: HeldView) {
  const last = arrived.at(-1)?.particulars;
  const rows: readonly [ParticularName, (v: Particulars) => ReturnType<typeof html> | string][] = [
    ['name', (v) => v.name],
    ['name-kana', (v) => v.nameKana],
    ['birth-date', (v) => time(Temporal.PlainDate.from(v.birthOn))],
    ['sex', (v) => sexWords[v.sex]],
    ['address', (v) => v.address],
  ];
  const differing = registered && last ? differences(registered, last) : [];
  return html`<section class="stack-tight" aria-labelledby="sides">${sectionTitle('届いた記録と登録済みの記録', 'Both sides', 'sides')}
${facts([
  { label: '理由', value: heldReasons[held.why] },
  { label: '送付元', value: held.source },
  { label: '届いた記録', value: `${held.changes}件（最新の内容を表示）` },
])}
<div class="table-scroll" tabindex="0" role="region" aria-label="二つの記録の比較"><table class="data-table"><caption class="visually-hidden">二つの記録の比較</caption>
<thead><tr><th scope="col">項目</th><th scope="col">届いた記録</th><th scope="col">登録済みの記録</th><th scope="col">一致</th></tr></thead>
<tbody>${rows.map(
    ([name, show]) =>
      html`<tr><th scope="row">${particularWords[name]}</th><td>${last && show(last)}</td><td>${registered && show(registered)}</td><td>${differing.includes(name) ? badge('相違', 'error') : badge('一致', 'done')}</td></tr>`,
  )}</tbody></table></div></section>`;
}
