import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { lookAtBranches, noteBranchChange } from '../service/branches.ts';
import { faultText } from './words.ts';

const read = ['accounts', 'mandate', 'read'] as const;
const update = ['accounts', 'mandate', 'update'] as const;

const fields: readonly Field[] = [
  { kind: 'text', name: 'oldBank', label: '旧 金融機関コード', hint: '4桁', width: 'short' },
  { kind: 'text', name: 'oldBranch', label: '旧 支店コード', hint: '3桁', width: 'short' },
  { kind: 'text', name: 'newBank', label: '新 金融機関コード', hint: '4桁', width: 'short' },
  { kind: 'text', name: 'newBranch', label: '新 支店コード', hint: '3桁', width: 'short' },
  { kind: 'date', name: 'fromOn', label: '統廃合の日' },
  { kind: 'text', name: 'source', label: '金融機関の通知', hint: '日付と表題' },
];

/** 金融機関・支店の統廃合: what merged into what, from when, and how many accounts follow. */
export function branchPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/branches', read, (p) => show(p, deps));
  page(app, 'POST', '/branches', update, async (p) => {
    const values = Object.fromEntries(fields.map((f) => [f.name, String(p.form.get(f.name) ?? '').trim()]));
    const changeId = String(p.form.get('changeId') ?? '');
    if (!isUuid(changeId)) return p.problem('unreadable-form');
    const done = await noteBranchChange(deps, p.session.actor, {
      ...(values as Omit<Parameters<typeof noteBranchChange>[2], 'changeId'>),
      changeId,
    });
    if (!done.ok) return show(p, deps, values, faultText(done.error));
    return p.redirect('/branches', { kind: 'done', text: '統廃合を登録しました。' });
  });
}

async function show(
  p: PageRequest,
  deps: Deps,
  values?: Readonly<Record<string, string>>,
  fault?: string,
): Promise<Response> {
  const found = await lookAtBranches(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  return p.view(
    {
      title: '支店の統廃合',
      gloss: 'Mergers of branches',
      ...(fault ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack"><section aria-labelledby="known">${sectionTitle('登録済みの統廃合', 'Noted', 'known')}${
      found.value.length === 0
        ? html`<p class="muted">統廃合の登録はありません。</p>`
        : html`<div class="table-scroll" tabindex="0" role="region" aria-label="統廃合の表"><table class="data-table"><caption class="visually-hidden">統廃合</caption><thead><tr><th scope="col">日</th><th scope="col">旧</th><th scope="col">新</th><th scope="col" class="num">引き継ぐ口座</th><th scope="col">根拠</th></tr></thead><tbody>${found.value.map((c) => html`<tr><th scope="row" class="nowrap">${time(Temporal.PlainDate.from(c.fromOn))}</th><td>${c.oldBank}-${c.oldBranch}</td><td>${c.newBank}-${c.newBranch} ${deps.banks.find(c.newBank, c.newBranch)?.branchName}</td><td class="num">${c.followers}件</td><td>${c.source}</td></tr>`)}</tbody></table></div>`
    }</section>${
      (await p.may(update)) &&
      html`<section aria-labelledby="new">${sectionTitle('登録', 'New', 'new')}${form({ action: '/branches', session: p.session, fields, ...(values ? { values } : {}), ...(fault ? { errors: { '': fault } } : {}), hidden: { changeId: deps.newId() }, submit: '統廃合を登録する' })}</section>`
    }</div>`,
  );
}
