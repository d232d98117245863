import type { ActDeps } from '../db/act.ts';
import type { PageApp, PageRequest } from '../pages/app.ts';
import { html, time } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import type { MediaUseCases } from './acts.ts';
import type { MediaDeps } from './media.ts';
import { refusalText } from './pages-words.ts';
import { type Paper, type PaperKind, type PaperState, paperKinds, paperStates } from './papers.ts';
import { spacedPage } from './spaced-page.ts';

const options = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).map(([value, label]) => ({ value, label }));
const newFields: readonly Field[] = [
  { kind: 'text', name: 'number', label: '番号', maxLength: 40 },
  { kind: 'radio', name: 'kind', label: '種類', options: options(paperKinds) },
  { kind: 'text', name: 'title', label: '名称', hint: '個人を特定する事項は書かない', maxLength: 100 },
  { kind: 'date', name: 'keepUntil', label: '保存期限' },
  { kind: 'text', name: 'place', label: '場所', maxLength: 60 },
  { kind: 'text', name: 'holder', label: '持っている者', maxLength: 60 },
];
const moveFields: readonly Field[] = [
  { kind: 'text', name: 'number', label: '番号', maxLength: 40 },
  { kind: 'text', name: 'from', label: '今の場所', hint: '台帳にある場所', maxLength: 60 },
  { kind: 'radio', name: 'state', label: '移した後の状態', options: options(paperStates) },
  { kind: 'text', name: 'place', label: '移した先', maxLength: 60 },
  { kind: 'text', name: 'holder', label: '持っている者', maxLength: 60 },
  { kind: 'date', name: 'dueOn', label: '返却期限', hint: '持出しのとき', required: false },
  { kind: 'text', name: 'reason', label: '理由', maxLength: 100 },
];
const list: WorkListDefinition<Paper> = {
  caption: '文書・帳票・文書箱の所在',
  filters: [
    {
      kind: 'select',
      name: 'wanted',
      label: '絞込み',
      options: [{ value: 'yes', label: '所在不明・返却期限超過だけ' }],
    },
  ],
  columns: [
    { key: 'number', label: '番号', heading: true, cell: (r) => r.number },
    { key: 'kind', label: '種類', cell: (r) => paperKinds[r.kind] },
    { key: 'title', label: '名称', cell: (r) => r.title },
    {
      key: 'state',
      label: '状態',
      cell: (r) =>
        badge(paperStates[r.state], r.state === 'missing' ? 'error' : r.state === 'out' ? 'warning' : 'plain'),
    },
    { key: 'place', label: '場所', cell: (r) => r.place },
    { key: 'holder', label: '持っている者', cell: (r) => r.holder },
    { key: 'due', label: '返却期限', cell: (r) => r.dueOn && time(r.dueOn) },
    { key: 'keep', label: '保存期限', cell: (r) => time(r.keepUntil) },
  ],
  defaultSort: { key: 'number', direction: 'asc' },
  emptyText: '該当するものはありません。',
};

/** 所在管理簿: where each paper, form, binder and box is. */
export function addPaperPages(app: PageApp, deps: ActDeps & MediaDeps, uses: MediaUseCases): void {
  spacedPage(app, 'GET', '/media/papers', uses.read, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit, filters } = query;
    const found = await uses.papers(deps, p.session.actor, { onlyWanted: filters.wanted === 'yes', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    const mayUpdate = await p.may(uses.update);
    return p.view(
      { title: '文書の所在', gloss: 'Where papers are' },
      html`<p><a href="/media">媒体の管理簿</a></p>${
        mayUpdate &&
        html`<p class="row"><a class="button button-primary" href="/media/papers/new">登録する</a><a class="button" href="/media/papers/move">移動を記録する</a></p>`
      }${workList(list, { path: '/media/papers', query, ...found.value })}`,
    );
  });
  const part = (
    path: string,
    title: { readonly title: string; readonly gloss: string },
    fields: readonly Field[],
    submit: string,
    perform: (p: PageRequest, t: Readonly<Record<string, string>>) => Promise<{ ok: boolean; error?: string }>,
  ) => {
    const draw = (p: PageRequest, again: object = {}) =>
      form({ action: path, session: p.session, fields, submit, cancelHref: '/media/papers', ...again });
    spacedPage(app, 'GET', path, uses.update, (p) => p.view(title, draw(p)));
    spacedPage(app, 'POST', path, uses.update, async (p) => {
      const read = readForm(fields, p.form);
      if (!read.ok) return p.view({ ...title, hasErrors: true, status: 422 }, draw(p, read.error));
      const done = await perform(p, read.value.texts);
      if (done.ok) return p.redirect('/media/papers', { kind: 'done', text: '記録しました。' });
      const again = { errors: { '': refusalText(done.error ?? '') }, values: read.value.texts };
      return p.view({ ...title, hasErrors: true, status: 422 }, draw(p, again));
    });
  };
  part('/media/papers/new', { title: '文書を登録する', gloss: 'Enter a paper' }, newFields, '登録する', (p, t) =>
    uses.registerPaper(deps, p.session.actor, {
      number: t.number ?? '',
      kind: t.kind as PaperKind,
      title: t.title ?? '',
      keepUntil: Temporal.PlainDate.from(t.keepUntil ?? ''),
      place: t.place ?? '',
      holder: t.holder ?? '',
    }),
  );
  part('/media/papers/move', { title: '文書の移動を記録する', gloss: 'Enter a move' }, moveFields, '記録する', (p, t) =>
    uses.movePaper(deps, p.session.actor, {
      number: t.number ?? '',
      from: t.from ?? '',
      state: t.state as PaperState,
      place: t.place ?? '',
      holder: t.holder ?? '',
      dueOn: t.dueOn ? Temporal.PlainDate.from(t.dueOn) : undefined,
      reason: t.reason ?? '',
    }),
  );
}
