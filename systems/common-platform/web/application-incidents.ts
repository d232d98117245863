import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  type ApplicationIncident,
  closeApplicationIncident,
  readApplicationIncidents,
} from '../service/application-incidents.ts';

const read = ['common-platform', 'application-incident', 'read'] as const;
const update = ['common-platform', 'application-incident', 'update'] as const;
const path = '/application-incidents';

const faults: Readonly<Record<string, string>> = {
  'done-missing': '行った対応を入力してください。',
  'no-such-incident': '該当する記録がありません。',
  'closed-before': 'すでに対応が記録されています。',
};

/** 引き取れなかった申請: for the clerk who tells the applicant; a list to be printed and acted on. */
export function applicationIncidentPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', path, read, (p) => show(p, deps));

  page(app, 'POST', path, update, async (p) => {
    const receiptNumber = `${p.form.get('receiptNumber')}`;
    if (!isUuid(receiptNumber)) return p.problem('unreadable-form');
    const done = await closeApplicationIncident(deps, p.session.actor, {
      receiptNumber,
      done: `${p.form.get('done') ?? ''}`.normalize('NFC'),
    });
    if (!done.ok) return show(p, deps, faults[done.error] ?? 'この操作はできません。');
    return p.redirect(path, { kind: 'done', text: '対応を記録しました。' });
  });
}

async function show(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const mayClose = await p.may(update);
  const list: WorkListDefinition<ApplicationIncident> = {
    caption: '引き取れなかった申請',
    defaultSort: { key: 'erasedOn', direction: 'asc' },
    filters: [{ kind: 'select', name: 'open', label: '表示', options: [{ value: 'yes', label: '未対応のみ' }] }],
    emptyText: '引き取れずに消去された申請はありません。',
    columns: [
      { key: 'receipt', label: '受付番号', heading: true, cell: (r) => html`<code>${r.receiptNumber}</code>` },
      { key: 'procedure', label: '手続', cell: (r) => r.procedure },
      { key: 'acceptedAt', label: 'ポータルの受付', cell: (r) => time(Temporal.Instant.from(r.acceptedAt)) },
      { key: 'erasedOn', label: '消去された日', cell: (r) => time(Temporal.PlainDate.from(r.erasedOn)) },
      {
        key: 'done',
        label: '対応',
        cell: (r) =>
          r.done !== null
            ? html`${badge('対応済み', 'done')} ${r.done}（${r.closedBy}、${time(Temporal.Instant.from(r.closedAt ?? ''))}）`
            : html`${badge('未対応', 'error')}${
                mayClose &&
                html`<form class="row no-print" method="post" action="${path}">${tokenField(p.session)}<input type="hidden" name="receiptNumber" value="${r.receiptNumber}"><label class="visually-hidden" for="done-${r.receiptNumber}">行った対応</label><input class="input" type="text" id="done-${r.receiptNumber}" name="done" maxlength="500"><button class="button" type="submit">対応を記録する</button></form>`
              }`,
      },
    ],
  };
  const query = readListQuery(list, p.query);
  const found = await readApplicationIncidents(deps, p.session.actor, {
    open: query.filters.open === 'yes',
    offset: query.offset,
    limit: query.size,
  });
  if (!found.ok) return p.problem('not-authorised');
  const { open, rows, total } = found.value;
  return p.view(
    {
      title: '引き取れなかった申請',
      gloss: 'Applications erased unfetched',
      ...(error === undefined ? {} : { hasErrors: true, status: 422 as const }),
    },
    html`<div class="stack">${error && notice('error', error)}${
      open > 0 &&
      notice(
        'warning',
        `未対応が${open}件あります`,
        html`<p>5開庁日以内に引き取れず、ポータルで内容が消去された申請です。申請の内容はどこにも残っていません。受付番号で申請者にお知らせし、もう一度申請していただいてください。</p>`,
      )
    }${workList(list, { path, query, rows, total })}</div>`,
  );
}
