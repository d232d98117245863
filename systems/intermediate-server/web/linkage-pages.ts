import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { instantOf } from '../service/answer-inquiry.ts';
import { decideCase, listCases, showCase } from '../service/linkage-life.ts';

const system = 'intermediate-server';
type CaseRow = Awaited<ReturnType<typeof rowsOf>>[number];
const rowsOf = async (deps: Deps, actor: Parameters<typeof listCases>[1], limit: number, offset: number) =>
  unwrap(await listCases(deps, actor, { limit, offset }));

/** 符号の事案: two codes of one person, or the undoing of that; a clerk decides. */
export function addLinkagePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/linkage-cases', [system, 'linkage-case', 'read'], async (p) => {
    const query = readListQuery(caseList, p.query);
    const rows = await rowsOf(deps, p.session.actor, query.size, query.offset);
    return p.view(
      { title: '符号の事案', gloss: 'Linkage cases' },
      workList(caseList, { path: p.path, query, rows, total: rows[0]?.total ?? 0 }),
    );
  });

  page(app, 'GET', '/linkage-cases/:notice', [system, 'linkage-case', 'update'], async (p) => {
    const shown = await showCase(deps, p.session.actor, { noticeId: p.param('notice') });
    if (!shown.ok) return p.problem(shown.error);
    const { kind, person, otherPerson, openedAt, decision } = shown.value;
    return p.view(
      {
        title: '符号の統合の決定',
        gloss: 'Decide on a linkage case',
        breadcrumbs: [{ label: '符号の事案', href: '/linkage-cases' }],
      },
      html`<div class="stack">${facts([
        { label: '通知', value: kinds[kind] },
        { label: '受領', value: time(instantOf(openedAt)) },
        { label: '団体内統合宛名番号', value: html`<code>${person}</code>` },
        { label: 'もう一方の番号', value: otherPerson === null ? 'なし' : html`<code>${otherPerson}</code>` },
      ])}${
        decision === null
          ? form({
              action: p.path,
              session: p.session,
              fields: decisionFields,
              submit: '決定する',
              cancelHref: '/linkage-cases',
            })
          : badge(decisions[decision] ?? decision, 'done')
      }</div>`,
    );
  });

  page(app, 'POST', '/linkage-cases/:notice', [system, 'linkage-case', 'update'], async (p) => {
    const read = readForm(decisionFields, p.form);
    if (!read.ok)
      return p.view(
        { title: '符号の統合の決定', gloss: 'Decide on a linkage case', hasErrors: true, status: 422 },
        form({
          action: p.path,
          session: p.session,
          fields: decisionFields,
          ...read.error,
          submit: '決定する',
          cancelHref: '/linkage-cases',
        }),
      );
    const decided = await decideCase(deps, p.session.actor, {
      noticeId: p.param('notice'),
      decision: read.value.texts.decision === 'same-person' ? 'same-person' : 'not-same-person',
      reason: read.value.texts.reason ?? '',
    });
    if (decided.ok) return p.redirect('/linkage-cases', { kind: 'done', text: '決定しました。' });
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect('/linkage-cases', { kind: 'error', text: faults[decided.error] });
  });
}

const kinds = {
  'code-changed': '住民票コードの変更（番号が重なる）',
  merged: '重複登録の統合',
  undone: '統合の取消し',
} as const;
const decisions: Readonly<Record<string, string>> = { 'same-person': '同一人', 'not-same-person': '別人' };
const faults = {
  'decided-already': 'すでに決定されています。',
  'stands-otherwise': '通知の後に符号が変わっています。最新の通知を確認してください。',
} as const;

const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'same-person', label: '同一人である' },
      { value: 'not-same-person', label: '別人である' },
    ],
  },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 400, rows: 3 },
];

const caseList: WorkListDefinition<CaseRow> = {
  caption: '符号の事案',
  columns: [
    {
      key: 'openedAt',
      label: '受領',
      heading: true,
      cell: (r) => html`<a href="/linkage-cases/${r.noticeId}">${time(instantOf(r.openedAt))}</a>`,
    },
    { key: 'kind', label: '通知', cell: (r) => kinds[r.kind] },
    {
      key: 'decision',
      label: '状態',
      cell: (r) => (r.decision === null ? badge('未決定', 'info') : badge(decisions[r.decision] ?? r.decision, 'done')),
    },
  ],
  defaultSort: { key: 'openedAt', direction: 'desc' },
  emptyText: '事案はありません。',
};
