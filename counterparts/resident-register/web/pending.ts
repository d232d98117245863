import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { badge, facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import type { Item } from '../domain/changes.ts';
import { type Reason, reasonRules } from '../domain/reasons.ts';
import { decidePending, type PendingView, readPending, showPending } from '../service/pending-changes.ts';
import { withheldAddress } from '../service/read-residents.ts';
import { identityChecks, itemLabels, refusalText } from './words.ts';

const read = ['resident-register', 'approval', 'read'] as const;
const update = ['resident-register', 'approval', 'update'] as const;

type Row = Extract<Awaited<ReturnType<typeof readPending>>, { ok: true }>['value']['rows'][number];
const list: WorkListDefinition<Row> = {
  caption: '承認・付番を待つ異動',
  columns: [
    {
      key: 'what',
      label: '件名',
      heading: true,
      cell: (r) => html`<a href="/pending/${r.pendingId}">${r.summary}</a>`,
    },
    { key: 'by', label: '起案者', cell: (r) => r.filedBy },
    { key: 'at', label: '起案した時', cell: (r) => momentText(r.filedAt) },
    {
      key: 'state',
      label: '状態',
      cell: (r) => (r.approved ? badge('付番待ち', 'info') : badge('承認待ち', 'warning')),
    },
  ],
  defaultSort: { key: 'at', direction: 'asc' },
  emptyText: '承認・付番を待つ異動はありません。',
};

/** 承認: what a second person must see before it takes effect, and what waits for codes. */
export function addPendingPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/pending', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await readPending(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '承認・付番を待つ異動', gloss: 'Changes awaiting approval or codes' },
      workList(list, { path: p.path, query, ...found.value }),
    );
  });
  page(app, 'GET', '/pending/:id', read, async (p) => {
    const pendingId = p.param('id');
    const shown = isUuid(pendingId) ? await showPending(deps, p.session.actor, { pendingId }) : undefined;
    if (!shown?.ok) return p.problem('not-found');
    const mayDecide = await p.may(update);
    return p.view(
      { title: shown.value.pending.summary, gloss: 'Approval', personal: true },
      sheet(p.session, shown.value, mayDecide),
    );
  });
  page(app, 'POST', '/pending/:id', update, async (p) => {
    const pendingId = p.param('id');
    if (!isUuid(pendingId)) return p.problem('not-found');
    const decision = p.form.get('decision') === 'approve' ? 'approve' : 'return';
    const reason = `${p.form.get('reason') ?? ''}`.trim().slice(0, 200);
    const done = await decidePending(deps, p.session.actor, { pendingId, decision, reason });
    if (done.ok) {
      const texts = {
        done: '承認し、登録しました。',
        waiting: '承認しました。付番を待っています。',
        returned: '差し戻しました。',
      };
      const at = done.value.state === 'done' && done.value.personId ? `/residents/${done.value.personId}` : '/pending';
      return p.redirect(at, { kind: 'done', text: texts[done.value.state] });
    }
    const shown = await showPending(deps, p.session.actor, { pendingId });
    if (!shown.ok) return p.problem('not-found');
    return p.view(
      { title: shown.value.pending.summary, gloss: 'Approval', hasErrors: true, status: 409 },
      sheet(p.session, shown.value, true, refusalText(done.error)),
    );
  });
}

function sheet(session: PageSession, { pending, now }: PendingView, mayDecide: boolean, error?: string) {
  const command = pending.command as {
    reason?: string;
    changedOn?: string;
    filedOn?: string;
    document?: string;
    identityCheck?: keyof typeof identityChecks | null;
    set?: Partial<Record<Item, string | null>>;
    name?: string;
    nameKana?: string;
    birthDate?: string;
    address?: string;
  };
  const isWithheld = now?.address_protected === true;
  const value = (item: Item, text: string | null | undefined): string =>
    isWithheld && (item === 'address' || item === 'moved_to') ? withheldAddress : (text ?? '');
  const items = (Object.entries(command.set ?? {}) as [Item, string | null][]).map(([item, text]) => ({
    label: itemLabels[item],
    value: html`${value(item, now?.[item])} → <strong>${value(item, text) || '（空欄）'}</strong>`,
  }));
  const lines = [
    { label: '異動事由', value: command.reason ? reasonRules[command.reason as Reason].ja : '直前の異動の取消し' },
    { label: '対象の方', value: now ? html`<a href="/residents/${now.person_id}">${now.name}</a>` : command.name },
    ...(now
      ? []
      : [
          { label: '振り仮名', value: command.nameKana },
          { label: '生年月日', value: command.birthDate },
          { label: '住所', value: command.address },
        ]),
    { label: '異動日', value: command.changedOn },
    { label: '届出日', value: command.filedOn },
    { label: '受理した書類', value: command.document },
    { label: '本人確認', value: command.identityCheck ? identityChecks[command.identityCheck] : '' },
    ...items,
    { label: '起案者', value: pending.filedBy },
    { label: '起案した時', value: momentText(pending.filedAt) },
  ];
  const isStale = now !== undefined && pending.version !== null && pending.version !== now.sequence && !pending.outcome;
  const version = `${now?.sequence ?? 0}`;
  const isOwn = session.actor.kind === 'staff' && session.actor.staffId === pending.filedBy;
  const isOpen = pending.outcome === null && !pending.approved;
  return html`<div class="stack">${isStale && notice('warning', '起案の後に記録が変わっています', '差し戻して、起案し直してください。')}${
    isOpen && mayDecide
      ? approvalDecision({ session, action: `/pending/${pending.pendingId}`, facts: lines, isOwn, version, error })
      : html`${pending.outcome !== null ? notice('info', pending.outcome === 'done' ? '登録済みです' : `登録されませんでした：${pending.outcome === 'refused' ? refusalText(pending.note ?? '') : pending.note}`) : notice('info', pending.approved ? '付番を待っています' : '承認を待っています')}${facts(lines)}`
  }</div>`;
}
