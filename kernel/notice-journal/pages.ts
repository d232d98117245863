import type { Actor, Right } from '../db/act.ts';
import { type PageApp, page } from '../pages/app.ts';
import { html, momentText } from '../pages/html.ts';
import { badge } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import type { Result } from '../result/result.ts';
import type { JournalLine } from './entries.ts';

/** The journal of one system: who may read it, by which act, and how its rules and items are said. */
export interface JournalPage {
  readonly right: Right;
  readonly read: (
    actor: Actor,
    query: { readonly result: string | null; readonly offset: number; readonly limit: number },
  ) => Promise<Result<{ readonly rows: readonly JournalLine[]; readonly total: number }, string>>;
  readonly ruleText: (rule: string) => string;
  readonly itemText?: (items: readonly string[]) => string;
}

/** 通知の記録 at `/notices`. */
export function addJournalPage(app: PageApp, of: JournalPage): void {
  const list: WorkListDefinition<JournalLine> = {
    caption: '通知の記録',
    filters: [
      {
        kind: 'select',
        name: 'result',
        label: '結果',
        options: [
          { value: 'applied', label: '適用' },
          { value: 'refused', label: '拒否' },
        ],
      },
    ],
    columns: [
      { key: 'at', label: '受信', heading: true, cell: (r) => momentText(r.receivedAt) },
      { key: 'peer', label: '相手', cell: (r) => r.peer },
      { key: 'number', label: '番号', align: 'end', cell: (r) => `${r.number}` },
      { key: 'bytes', label: '長さ', align: 'end', cell: (r) => `${r.bytes}` },
      { key: 'counts', label: '受付／拒否', align: 'end', cell: (r) => `${r.accepted}／${r.rejected}` },
      {
        key: 'result',
        label: '結果',
        cell: (r) =>
          r.result === 'applied'
            ? badge('適用', 'done')
            : html`${badge(r.rule ?? '拒否', 'error')} ${r.rule === null ? '' : of.ruleText(r.rule)} ${of.itemText?.(r.items) ?? ''}`,
      },
    ],
    defaultSort: { key: 'at', direction: 'desc' },
    emptyText: '通知の記録はありません。',
  };
  page(app, 'GET', '/notices', of.right, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit, filters } = query;
    const found = await of.read(p.session.actor, { result: filters.result ?? null, offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '通知の記録', gloss: 'Journal of notices' },
      workList(list, { path: '/notices', query, ...found.value }),
    );
  });
}
