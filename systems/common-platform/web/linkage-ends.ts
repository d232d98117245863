import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { figures, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { decideLinkageEnds, type Endable, proposeLinkageEnds, showLinkageEnds } from '../service/end-linkage.ts';

const read = ['common-platform', 'linkage-end', 'read'] as const;
const update = ['common-platform', 'linkage-end', 'update'] as const;
const approve = ['common-platform', 'linkage-end-approval', 'update'] as const;

const words: Readonly<Record<string, string>> = {
  nobody: '対象の方はいません。',
  'already-proposed': '承認を待っている起案があります。',
  'no-such-request': '該当する起案がありません。',
  'already-decided': 'すでに決定されています。',
  'approver-is-requester': '起案した本人は承認できません。',
  expired: '承認の期限が過ぎています。',
};
const wordOf = (error: string): string => words[error] ?? 'この操作はできません。';

const list: WorkListDefinition<Endable> = {
  caption: '符号と副本を消去する対象',
  defaultSort: { key: 'removedOn', direction: 'asc' },
  emptyText: '対象の方はいません。',
  columns: [
    {
      key: 'person',
      label: '団体内統合宛名番号',
      heading: true,
      cell: (r) => html`<a href="/persons/${r.personId}">${r.orgPersonNumber}</a>`,
    },
    { key: 'removedOn', label: '住民でなくなった日', cell: (r) => time(Temporal.PlainDate.from(r.removedOn)) },
  ],
};

/** 符号の終了: whose relation to the organisation is over; the list is proposed by one person and decided by another. */
export function linkageEndPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/linkage-ends', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await showLinkageEnds(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { before, rows, total, open, due, done } = found.value;
    const [mayPropose, mayApprove] = await Promise.all([p.may(update), p.may(approve)]);
    return p.view(
      { title: '符号の終了', gloss: 'End of linkage' },
      html`<div class="stack"><p>${time(Temporal.PlainDate.from(before))}より前に住民でなくなった方です。承認されると、中間サーバーの符号と副本が消去されます。提供の記録は残ります。</p>
${figures([
  { label: '対象', value: `${total}`, unit: '人' },
  { label: '消去待ち', value: `${due}`, unit: '件' },
  { label: '消去済み', value: `${done}`, unit: '件' },
])}
${open.map(
  (
    o,
  ) => html`<section class="stack-tight" aria-labelledby="open">${sectionTitle('承認を待つ起案', 'Waiting for a second person', 'open')}
<p>${o.persons.length}人、起案 ${o.proposedBy}（${time(Temporal.Instant.from(o.proposedAt))}）</p>
${mayApprove && html`<div class="row"><form method="post" action="/linkage-ends/${o.approvalId}">${tokenField(p.session)}<button class="button button-danger" type="submit" name="decision" value="approve">承認して消去する</button></form><form method="post" action="/linkage-ends/${o.approvalId}">${tokenField(p.session)}<button class="button" type="submit" name="decision" value="reject">差し戻す</button></form></div>`}</section>`,
)}
${mayPropose && open.length === 0 && total > 0 && html`<form method="post" action="/linkage-ends">${tokenField(p.session)}<button class="button button-primary" type="submit">この一覧の消去を起案する</button></form>`}
${workList(list, { path: p.path, query, rows, total })}</div>`,
    );
  });

  page(app, 'POST', '/linkage-ends', update, async (p) => {
    const done = await proposeLinkageEnds(deps, p.session.actor, {});
    return p.redirect(
      '/linkage-ends',
      done.ok
        ? { kind: 'done', text: `${done.value.persons}人の消去を起案しました。別の職員の承認を待ちます。` }
        : { kind: 'error', text: wordOf(done.error) },
    );
  });

  page(app, 'POST', '/linkage-ends/:approval', approve, async (p) => {
    const approvalId = p.param('approval');
    if (!isUuid(approvalId)) return p.problem('not-found');
    const approved = p.form.get('decision') === 'approve';
    const done = await decideLinkageEnds(deps, p.session.actor, { approvalId, approve: approved });
    if (!done.ok) return p.redirect('/linkage-ends', { kind: 'error', text: wordOf(done.error) });
    const { ended, stayed } = done.value;
    const kept = approved && stayed > 0 ? `起案の後に状態が変わった${stayed}人は残しました。` : '';
    return p.redirect('/linkage-ends', {
      kind: 'done',
      text: approved ? `${ended}人の消去を中間サーバーに依頼しました。${kept}` : '差し戻しました。',
    });
  });
}
