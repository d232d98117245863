import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { ownTasks } from '../service/tasks.ts';
import { allUses, closeUse, decideUse, openUse, ownUses, readTerminalUses, readUse } from '../service/use-ledger.ts';
import { daysOf } from './statistics.ts';

export const ownUseRight = ['prefectural-juki', 'use-ledger', 'read'] as const;
const ownUseUpdate = ['prefectural-juki', 'use-ledger', 'update'] as const;
export const useApprovalRight = ['prefectural-juki', 'use-approval', 'read'] as const;
const useApprovalUpdate = ['prefectural-juki', 'use-approval', 'update'] as const;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const words: Readonly<Record<string, string>> = {
  'no-active-task': 'この事務は有効でないか、あなたの担当ではありません。',
  'number-not-allowed': 'この事務には、個人番号を扱う根拠がありません。',
  'wrong-period': '期限は今日から31日以内で入力してください。',
  'no-such-entry': 'あなたの使用簿ではありません。',
  'already-closed': '既に閉じられています。',
  'approver-is-requester': '自分の使用は承認できません。',
  'already-decided': '既に決定されています。',
  expired: '申出の期限が過ぎています。',
  'no-such-request': '該当する申出がありません。',
  'not-authorised': '権限がありません。',
};

interface UseRow {
  readonly entryId: string;
  readonly taskCode: string;
  readonly taskName: string;
  readonly staffId: string;
  readonly terminalId: string | null;
  readonly purpose: string;
  readonly document: string;
  readonly personLimit: number;
  readonly uses: number;
  readonly validUntil: string;
  readonly openedAt: Temporal.Instant;
  readonly permittedBy: string | null;
  readonly closedBy: string | null;
  readonly outcome: string | null;
}
const stateOf = (e: UseRow) =>
  e.closedBy !== null
    ? badge('閉鎖', 'plain')
    : e.permittedBy !== null
      ? badge('承認済み', 'done')
      : badge('承認待ち', 'warning');
const columns: WorkListDefinition<UseRow>['columns'] = [
  { key: 'at', label: '申出', heading: true, cell: (e) => momentText(e.openedAt) },
  { key: 'task', label: '事務', cell: (e) => `${e.taskCode} ${e.taskName}` },
  { key: 'who', label: '使用者・端末', cell: (e) => `${e.staffId} ${e.terminalId ?? ''}` },
  { key: 'purpose', label: '目的・文書', cell: (e) => `${e.purpose}（${e.document}）` },
  { key: 'count', label: '照会／上限', align: 'end', cell: (e) => `${e.uses}／${e.personLimit}` },
  { key: 'until', label: '期限', cell: (e) => e.validUntil },
  { key: 'state', label: '状態', cell: (e) => html`${stateOf(e)} ${e.outcome ?? ''}` },
];
const ownList: WorkListDefinition<UseRow> = {
  caption: '自分の使用簿',
  columns: [
    ...columns,
    { key: 'no', label: '使用簿の番号', cell: (e) => html`<a href="/uses/${e.entryId}">${e.entryId}</a>` },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '使用の申出はありません。',
};
const approvalList: WorkListDefinition<UseRow> = {
  caption: '使用の申出',
  columns: [
    ...columns,
    { key: 'open', label: '承認', cell: (e) => html`<a href="/use-approvals/${e.entryId}">開く</a>` },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '使用の申出はありません。',
};
const terminalList: WorkListDefinition<{
  readonly usedOn: string;
  readonly terminalId: string | null;
  readonly operatorId: string;
  readonly taskCode: string | null;
  readonly inquiries: number;
  readonly given: number;
}> = {
  caption: '端末使用簿',
  filters: [
    { kind: 'date', name: 'from', label: 'から' },
    { kind: 'date', name: 'until', label: 'まで' },
  ],
  columns: [
    { key: 'on', label: '日', heading: true, cell: (u) => u.usedOn },
    { key: 'terminal', label: '端末', cell: (u) => u.terminalId ?? '' },
    { key: 'operator', label: '操作者', cell: (u) => u.operatorId },
    { key: 'task', label: '事務', cell: (u) => u.taskCode ?? '（登録なし）' },
    { key: 'inquiries', label: '照会', align: 'end', cell: (u) => `${u.inquiries}` },
    { key: 'given', label: '提供', align: 'end', cell: (u) => `${u.given}` },
  ],
  defaultSort: { key: 'on', direction: 'desc' },
  emptyText: 'この期間の使用はありません。',
};

/** 使用簿: operators ask to use numbers and close their entries, a responsible person approves, terminals' use day by day. */
export function addUsePages(app: PageApp, deps: Deps): void {
  const title = { title: '使用簿', gloss: 'Use ledger of Individual Numbers' };
  page(app, 'GET', '/uses', ownUseRight, async (p) => {
    const query = readListQuery(ownList, p.query);
    const found = await ownUses(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const actions = html`<a class="button" href="/uses/new">使用を申し出る</a>`;
    return p.view({ ...title, actions }, workList(ownList, { path: '/uses', query, ...found.value }));
  });
  const useFields = async (actor: Parameters<typeof ownTasks>[1]): Promise<Field[]> => {
    const tasks = await ownTasks(deps, actor, undefined);
    const options = (tasks.ok ? tasks.value : []).filter((t) => t.numberGround !== null);
    return [
      {
        kind: 'select',
        name: 'task',
        label: '事務',
        options: options.map((t) => ({ value: t.code, label: `${t.code} ${t.name}` })),
      },
      { kind: 'text', name: 'purpose', label: '使用の目的', maxLength: 200 },
      { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 60 },
      {
        kind: 'text',
        name: 'persons',
        label: '人数の上限',
        width: 'short',
        pattern: /^([1-9]\d{0,2}|1000)$/,
        patternFault: '1から1000までの数を入力してください',
      },
      { kind: 'date', name: 'until', label: '期限' },
    ];
  };
  const crumbs = [{ label: '使用簿', href: '/uses' }];
  page(app, 'GET', '/uses/new', ownUseUpdate, async (p) =>
    p.view(
      { title: '使用の申出', gloss: 'Ask to use numbers', breadcrumbs: crumbs },
      form({
        action: '/uses/new',
        session: p.session,
        fields: await useFields(p.session.actor),
        submit: '申し出る',
        cancelHref: '/uses',
      }),
    ),
  );
  page(app, 'POST', '/uses/new', ownUseUpdate, async (p) => {
    const fields = await useFields(p.session.actor);
    const read = readForm(fields, p.form);
    const again = (
      errors: Readonly<Record<string, string>>,
      values: Readonly<Record<string, string | readonly string[] | undefined>>,
    ) =>
      p.view(
        { title: '使用の申出', gloss: 'Ask to use numbers', breadcrumbs: crumbs, hasErrors: true, status: 422 },
        form({
          action: '/uses/new',
          session: p.session,
          fields,
          errors,
          values,
          submit: '申し出る',
          cancelHref: '/uses',
        }),
      );
    if (!read.ok) return again(read.error.errors, read.error.values);
    const { task = '', purpose = '', document = '', persons = '', until = '' } = read.value.texts;
    const use = { taskCode: task, purpose, document, personLimit: Number(persons), validUntil: until };
    const opened = await openUse(deps, p.session.actor, use);
    if (!opened.ok) return again({ '': words[opened.error]! }, read.value.texts);
    return p.redirect('/uses', { kind: 'done', text: '使用を申し出ました。承認を待ってください。' });
  });
  const closing: readonly Field[] = [{ kind: 'lines', name: 'outcome', label: '使用の結果', maxLength: 400, rows: 3 }];
  const closePage = { title: '使用簿を閉じる', gloss: 'Close the entry', breadcrumbs: crumbs };
  page(app, 'GET', '/uses/:id', ownUseUpdate, (p) =>
    p.view(
      closePage,
      form({ action: p.path, session: p.session, fields: closing, submit: '閉じる', cancelHref: '/uses' }),
    ),
  );
  page(app, 'POST', '/uses/:id', ownUseUpdate, async (p) => {
    const read = readForm(closing, p.form);
    const again = (errors: Readonly<Record<string, string>>) =>
      p.view(
        { ...closePage, hasErrors: true, status: 422 },
        form({ action: p.path, session: p.session, fields: closing, errors, submit: '閉じる', cancelHref: '/uses' }),
      );
    if (!read.ok) return again(read.error.errors);
    const entryId = p.param('id');
    if (!uuid.test(entryId)) return p.problem('not-found');
    const closed = await closeUse(deps, p.session.actor, { entryId, outcome: read.value.texts.outcome ?? '' });
    return closed.ok
      ? p.redirect('/uses', { kind: 'done', text: '使用簿を閉じました。' })
      : again({ '': words[closed.error]! });
  });

  page(app, 'GET', '/use-approvals', useApprovalRight, async (p) => {
    const query = readListQuery(approvalList, p.query);
    const found = await allUses(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const actions = html`<a class="button" href="/terminal-uses">端末使用簿</a>`;
    return p.view(
      { title: '使用の承認', gloss: 'Approval of number use', actions },
      workList(approvalList, { path: '/use-approvals', query, ...found.value }),
    );
  });
  const decidePage = {
    title: '使用の承認',
    gloss: 'Approval of number use',
    breadcrumbs: [{ label: '使用の承認', href: '/use-approvals' }],
  };
  page(app, 'GET', '/use-approvals/:id', useApprovalRight, async (p) => {
    const entryId = p.param('id');
    const read = uuid.test(entryId) ? await readUse(deps, p.session.actor, { entryId }) : undefined;
    if (!read?.ok) return p.problem('not-found');
    const e = read.value;
    const isOwn = p.session.actor.kind === 'staff' && p.session.actor.staffId === e.staffId;
    const lines = [
      { label: '状態', value: stateOf(e) },
      { label: '事務', value: `${e.taskCode} ${e.taskName}` },
      { label: '使用者', value: e.staffId },
      { label: '目的', value: e.purpose },
      { label: '受付・文書番号', value: e.document },
      { label: '人数の上限', value: `${e.personLimit}` },
      { label: '期限', value: e.validUntil },
    ];
    return p.view(
      decidePage,
      approvalDecision({ session: p.session, action: p.path, facts: lines, isOwn, version: '1' }),
    );
  });
  page(app, 'POST', '/use-approvals/:id', useApprovalUpdate, async (p) => {
    const entryId = p.param('id');
    if (!uuid.test(entryId)) return p.problem('not-found');
    const decision = p.form.get('decision') === 'approve' ? 'approved' : 'rejected';
    const decided = await decideUse(deps, p.session.actor, { entryId, decision });
    if (!decided.ok)
      return p.view(
        { ...decidePage, hasErrors: true, status: 409 },
        notice('error', '決定できません', words[decided.error]),
      );
    return p.redirect('/use-approvals', {
      kind: 'done',
      text: decision === 'approved' ? '使用を承認しました。' : '差し戻しました。',
    });
  });
  page(app, 'GET', '/terminal-uses', useApprovalRight, async (p) => {
    const query = readListQuery(terminalList, p.query);
    const [first, last] = daysOf(deps);
    const from = query.filters.from || first.subtract({ days: 30 }).toString();
    const until = query.filters.until || last.toString();
    const found = await readTerminalUses(deps, p.session.actor, {
      from,
      until,
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      {
        title: '端末使用簿',
        gloss: 'Use of terminals',
        breadcrumbs: [{ label: '使用の承認', href: '/use-approvals' }],
      },
      html`${sectionTitle(`${from} から ${until} まで`, 'Period')}${workList(terminalList, { path: '/terminal-uses', query, ...found.value })}`,
    );
  });
}
