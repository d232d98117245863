import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { form } from '@musubi/kernel/pages/kit/form.ts';
import { notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import type { SessionsOf } from '../service/sessions.ts';
import { endSessionAt, readSessions, type SessionLine } from '../service/sessions.ts';
import { sentence } from './words.ts';

const read = ['staff-directory', 'session', 'read'] as const;
const end = ['staff-directory', 'session', 'update'] as const;
export const sessionNav = { label: 'サインイン中', href: '/sessions', right: read } as const;

const reasons = [
  { value: 'suspected-misuse', label: '不正利用の疑い' },
  { value: 'left-unattended', label: '離席・放置' },
  { value: 'lost', label: '端末の紛失・盗難' },
  { value: 'maintenance', label: '保守のため' },
];

const listOf = (p: PageRequest, deps: Deps, mayEnd: boolean): WorkListDefinition<SessionLine> => ({
  caption: 'サインイン中の職員',
  filters: [
    { kind: 'text', name: 'staffId', label: '職員ID', maxLength: 63 },
    {
      kind: 'select',
      name: 'system',
      label: 'システム',
      options: ['staff-directory', ...deps.systems].map((value) => ({ value, label: value })),
    },
  ],
  columns: [
    { key: 'staffId', label: '職員ID', heading: true, cell: (s) => s.staffId },
    { key: 'name', label: '氏名', cell: (s) => s.displayName },
    { key: 'system', label: 'システム', cell: (s) => s.system },
    { key: 'terminal', label: '端末', cell: (s) => s.terminalId ?? '未登録' },
    { key: 'opened', label: 'サインイン', cell: (s) => time(Temporal.Instant.from(s.openedAt)) },
    { key: 'seen', label: '最後の操作', cell: (s) => time(Temporal.Instant.from(s.lastSeenAt)) },
    ...(mayEnd
      ? [
          {
            key: 'end',
            label: '操作',
            cell: (s: SessionLine) =>
              p.session.actor.kind === 'staff' && p.session.actor.staffId === s.staffId
                ? ''
                : html`<details><summary>終了させる</summary>${form({
                    action: '/sessions/end',
                    session: p.session,
                    fields: [{ name: 'because', label: `${s.staffId} の終了の事由`, kind: 'select', options: reasons }],
                    hidden: { staffId: s.staffId, system: s.system },
                    submit: `${s.staffId} の ${s.system} を終了させる`,
                    danger: true,
                  })}</details>`,
          },
        ]
      : []),
  ],
  defaultSort: { key: 'seen', direction: 'desc' },
  emptyText: 'サインインしている職員はいません。',
});

/** Who is signed in where in the organisation, and the end of one. */
export function mountSessionPages(app: PageApp, deps: Deps, sessionsOf: SessionsOf): void {
  const show = async (p: PageRequest, error?: string): Promise<Response> => {
    const found = await readSessions(deps, p.session.actor, { sessionsOf });
    if (!found.ok) return p.problem('not-authorised');
    const list = listOf(p, deps, await p.may(end));
    const query = readListQuery(list, p.query);
    const { staffId = '', system } = query.filters;
    const chosen = found.value.lines.filter(
      (s) => s.staffId.includes(staffId) && (system === undefined || s.system === system),
    );
    const rows = chosen.slice(query.offset, query.offset + query.size);
    const { silent } = found.value;
    return p.view(
      {
        title: 'サインイン中の職員',
        gloss: 'Who is signed in now',
        ...(error === undefined ? {} : { hasErrors: true, status: 422 }),
      },
      html`<div class="stack">${error && notice('error', error)}
${silent.length > 0 && notice('warning', '応答のないシステムがあります', `${silent.join('、')} のサインインの状況は分かりません。`)}
${workList(list, { path: '/sessions', query, rows, total: chosen.length })}</div>`,
    );
  };
  page(app, 'GET', '/sessions', read, (p) => show(p));
  page(app, 'POST', '/sessions/end', end, async (p) => {
    const text = (name: string): string => `${p.form.get(name) ?? ''}`;
    const because = reasons.find((r) => r.value === text('because'))?.value;
    if (because === undefined) return show(p, '終了の事由を選んでください。');
    const done = await endSessionAt(deps, p.session.actor, {
      staffId: text('staffId'),
      system: text('system'),
      because,
    });
    if (!done.ok) return show(p, sentence(done.error));
    return p.redirect('/sessions', { kind: 'done', text: 'セッションの終了を指示しました。' });
  });
}
