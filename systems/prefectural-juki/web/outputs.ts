import { spacedPage } from '@musubi/kernel/media/spaced-page.ts';
import type { NavEntry, PageApp, PageRequest } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  decideOutput,
  lookOutputs,
  type OutputState,
  outputThreshold,
  requestOutput,
  takeOutput,
} from '../service/mass-output.ts';
import type { SeenHit } from '../service/search-scope.ts';
import { tasksForOutput } from '../service/tasks.ts';
import { bulkRefusal } from './bulk-words.ts';

const read = ['prefectural-juki', 'outputs', 'read'] as const;
const output = ['prefectural-juki', 'output', 'update'] as const;
const approve = ['prefectural-juki', 'output-approval', 'update'] as const;
export const outputNav: readonly NavEntry[] = [{ label: '一覧の出力', href: '/outputs', right: read }];

const fieldsFor = (tasks: readonly { readonly code: string; readonly name: string }[]): readonly Field[] => [
  {
    kind: 'select',
    name: 'task',
    label: '事務',
    hint: '登録され、あなたが担当する事務',
    options: tasks.map((t) => ({ value: t.code, label: `${t.code} ${t.name}` })),
  },
  { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 40 },
  { kind: 'text', name: 'name', label: '氏名', required: false, maxLength: 100 },
  { kind: 'text', name: 'nameKana', label: '振り仮名', required: false, maxLength: 100 },
  { kind: 'date', name: 'birthDate', label: '生年月日', required: false },
  {
    kind: 'select',
    name: 'sex',
    label: '性別',
    required: false,
    options: [
      { value: 'male', label: '男' },
      { value: 'female', label: '女' },
      { value: 'other', label: 'その他' },
    ],
  },
  { kind: 'text', name: 'address', label: '住所', required: false, maxLength: 200 },
];

const sexes: Readonly<Record<string, string>> = { male: '男', female: '女', other: 'その他' };
const people: WorkListDefinition<SeenHit> = {
  caption: '出力した一覧',
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (h) => h.name ?? '' },
    { key: 'kana', label: '振り仮名', cell: (h) => h.nameKana ?? '' },
    { key: 'birth', label: '生年月日', cell: (h) => h.birthDate ?? '' },
    { key: 'sex', label: '性別', cell: (h) => (h.sex === undefined ? '' : (sexes[h.sex] ?? h.sex)) },
    { key: 'address', label: '住所', cell: (h) => h.address ?? '' },
  ],
  defaultSort: { key: 'kana', direction: 'asc' },
  emptyText: '該当する方はいません。',
};

const standings: Readonly<Record<OutputState['standing'], string>> = {
  usable: '承認済',
  'not-approved': '承認待ち',
  rejected: '却下',
  expired: '期限切れ',
  'already-used': '出力済',
  'differs-from-approved': '無効',
  'no-such-request': '無効',
};

/** 一覧の出力: lists of persons; above a hundred they wait for a manager, and come once (requirement 003 A23). */
export function addOutputPages(app: PageApp, deps: Deps): void {
  const title = { title: '一覧の出力', gloss: 'Output of lists' };
  const tasksOf = async (p: PageRequest) => {
    const held = await tasksForOutput(deps, p.session.actor, undefined);
    return held.ok ? held.value : [];
  };
  const show = async (p: PageRequest, again?: { readonly errors: FormErrors; readonly values: FormValues }) => {
    const found = await lookOutputs(deps, p.session.actor, { limit: 50 });
    if (!found.ok) return p.problem('not-authorised');
    const [mayAsk, mayDecide] = [await p.may(output), await p.may(approve)];
    const tasks = mayAsk ? await tasksOf(p) : [];
    const me = p.session.actor.kind === 'staff' ? p.session.actor.staffId : '';
    const button = (href: string, label: string, decision?: string) =>
      html`<form method="post" action="${href}">${tokenField(p.session)}${decision && html`<input type="hidden" name="decision" value="${decision}">`}<button class="button" type="submit">${label}</button></form>`;
    return p.view(
      { ...title, ...(again ? { hasErrors: true, status: 422 } : {}) },
      html`${mayAsk && html`${notice('info', `${outputThreshold}件を超える出力は、別の管理者の承認を待ちます。`)}${tasks.length === 0 ? notice('info', '担当する有効な事務がありません', '出力するには、事務の登録と許可、担当者の指定が必要です。') : form({ action: '/outputs', session: p.session, fields: fieldsFor(tasks), submit: '出力する', ...again })}`}
${sectionTitle('承認を要する出力', 'Outputs that need approval')}
${
  found.value.length === 0
    ? html`<p class="muted">申請はありません。</p>`
    : html`<ul class="stack">${found.value.map(
        (o) =>
          html`<li class="row">${badge(standings[o.standing], o.standing === 'usable' ? 'done' : o.standing === 'not-approved' ? 'warning' : 'plain')} ${o.task}　${o.document}　${o.records}件　申請 ${o.requestedBy}${
            o.standing === 'not-approved' && mayDecide && o.requestedBy !== me
              ? html`${button(`/outputs/${o.outputId}/decide`, '承認する', 'approved')}${button(`/outputs/${o.outputId}/decide`, '却下する', 'rejected')}`
              : ''
          }${o.standing === 'usable' && o.requestedBy === me && mayAsk && button(`/outputs/${o.outputId}/take`, '一度だけ出力する')}</li>`,
      )}</ul>`
}`,
    );
  };
  const rowsView = (p: PageRequest, rows: readonly SeenHit[]) =>
    p.view(
      { ...title, personal: true },
      workList(people, {
        path: '/outputs',
        query: { ...readListQuery(people, new URLSearchParams()), size: Math.max(1, rows.length) },
        rows,
        total: rows.length,
      }),
    );
  spacedPage(app, 'GET', '/outputs', read, (p) => show(p));
  spacedPage(app, 'POST', '/outputs', output, async (p) => {
    const given = readForm(fieldsFor(await tasksOf(p)), p.form);
    if (!given.ok) return show(p, given.error);
    const { task = '', document = '', ...items } = given.value.texts;
    const done = await requestOutput(deps, p.session.actor, { items, purpose: { task, document } });
    if (!done.ok) return show(p, { errors: { '': bulkRefusal(done.error) }, values: given.value.texts });
    if (done.value.kind === 'rows') return rowsView(p, done.value.rows);
    return p.redirect('/outputs', { kind: 'warning', text: `${done.value.records}件の出力は承認を待ちます。` });
  });
  spacedPage(app, 'POST', '/outputs/:id/decide', approve, async (p) => {
    const decision = p.form.get('decision') === 'approved' ? 'approved' : 'rejected';
    const done = await decideOutput(deps, p.session.actor, { outputId: p.param('id'), decision });
    return p.redirect(
      '/outputs',
      done.ok
        ? { kind: 'done', text: decision === 'approved' ? '承認しました。' : '却下しました。' }
        : { kind: 'error', text: bulkRefusal(done.error) },
    );
  });
  spacedPage(app, 'POST', '/outputs/:id/take', output, async (p) => {
    const done = await takeOutput(deps, p.session.actor, { outputId: p.param('id') });
    return done.ok
      ? rowsView(p, done.value.rows)
      : p.redirect('/outputs', { kind: 'error', text: bulkRefusal(done.error) });
  });
}
