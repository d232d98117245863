import {
  type InvestigationFinding,
  investigatedItems,
  investigationFindings,
} from '@musubi/contracts/juki/investigations.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { dateText, html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormOptions, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { answerInvestigation, readInvestigations } from '../service/investigation.ts';

const read = ['municipal-juki', 'investigation', 'read'] as const;
const update = ['municipal-juki', 'investigation', 'update'] as const;
export const investigationNav = [{ label: '調査の依頼', href: '/investigations', right: read }];

type Line = Extract<Awaited<ReturnType<typeof readInvestigations>>, { ok: true }>['value']['rows'][number];
const day = (text: string): string => dateText(Temporal.PlainDate.from(text));

const list: WorkListDefinition<Line> = {
  caption: '調査の依頼',
  filters: [{ kind: 'select', name: 'state', label: '状態', options: [{ value: 'all', label: '回答済みを含む' }] }],
  columns: [
    {
      key: 'code',
      label: '住民票コード',
      heading: true,
      cell: (r) => html`<a href="/investigations/${r.investigationId}">${r.residentRecordCode}</a>`,
    },
    { key: 'asked', label: '依頼', cell: (r) => `${day(r.askedOn)} ${r.askedBy}` },
    { key: 'by', label: '回答期限', cell: (r) => day(r.answerBy) },
    { key: 'items', label: '項目', cell: (r) => r.claims.map((c) => investigatedItems[c.item]).join('、') },
    {
      key: 'state',
      label: '状態',
      cell: (r) =>
        r.finding === null
          ? badge('未回答', 'warning')
          : html`${badge('回答済み', 'done')} ${investigationFindings[r.finding]}`,
    },
  ],
  defaultSort: { key: 'by', direction: 'asc' },
  emptyText: '調査の依頼はありません。',
};

const fields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'finding',
    label: '調査の結果',
    options: Object.entries(investigationFindings).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'lines',
    name: 'note',
    label: '説明',
    hint: '個人番号は書かないでください',
    required: false,
    maxLength: 400,
    rows: 3,
  },
];
const words = {
  'no-such-investigation': 'この依頼はありません',
  'already-answered': 'ほかの担当者が先に回答しました',
  'not-authorised': 'この操作を行う権限がありません',
} as const;

/** What the prefecture asks about our residents' records, and our findings. */
export function addInvestigationPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/investigations', read, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit } = query;
    const found = await readInvestigations(deps, p.session.actor, {
      all: query.filters.state === 'all',
      offset,
      limit,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '調査の依頼', gloss: 'Investigations asked for by the prefecture' },
      workList(list, { path: '/investigations', query, ...found.value }),
    );
  });
  const show = async (p: PageRequest, more: Partial<FormOptions> = {}): Promise<Response> => {
    const id = p.param('id');
    if (!isUuid(id)) return p.problem('not-found');
    const found = await readInvestigations(deps, p.session.actor, {
      all: true,
      offset: 0,
      limit: 1,
      investigationId: id,
    });
    const asked = found.ok ? found.value.rows[0] : undefined;
    if (asked === undefined) return p.problem('not-found');
    const view = { title: '調査の回答', gloss: 'Answer an investigation' };
    return p.view(
      more.errors ? { ...view, hasErrors: true, status: 409 } : view,
      html`<div class="stack">${facts([
        { label: '住民票コード', value: asked.residentRecordCode },
        { label: '回答期限', value: day(asked.answerBy) },
        ...asked.claims.map((c) => ({
          label: investigatedItems[c.item],
          value: `記録「${c.recorded}」　申出「${c.claimed}」`,
        })),
      ])}${
        asked.finding === null
          ? form({
              action: p.path,
              session: p.session,
              fields,
              submit: '回答する',
              cancelHref: '/investigations',
              ...more,
            })
          : html`<p>${investigationFindings[asked.finding]}（${asked.answeredBy}）</p>`
      }</div>`,
    );
  };
  page(app, 'GET', '/investigations/:id', update, (p) => show(p));
  page(app, 'POST', '/investigations/:id', update, async (p) => {
    const given = readForm(fields, p.form);
    if (!given.ok) return show(p, given.error);
    const { finding, note = '' } = given.value.texts;
    const command = { investigationId: p.param('id'), finding: finding as InvestigationFinding, note };
    if (!isUuid(command.investigationId)) return p.problem('not-found');
    const done = await answerInvestigation(deps, p.session.actor, command);
    return done.ok
      ? p.redirect('/investigations', { kind: 'done', text: '回答しました。' })
      : show(p, { errors: { '': words[done.error] }, values: given.value.texts });
  });
}
