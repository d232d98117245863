import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, figures, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { endCopies, type KeepingDeps, listQuiet, type QuietCase, retention } from '../service/retention.ts';

const read = ['child-chronic', 'retention', 'read'] as const;
const update = ['child-chronic', 'retention', 'update'] as const;
const path = '/quiet-cases';

const faults: Readonly<Record<string, string>> = {
  'nothing-to-end': '終了させる副本はありません。',
  'not-staff': '職員としてサインインしてください。',
  'reason-missing': '除外する理由を入力してください。',
  'no-such-hold': 'この除外はすでに取り消されています。',
  'not-authorised': 'この操作の権限がありません。',
};
const wordOf = (fault: string): string =>
  faults[fault] ?? '副本を終了できませんでした。時間をおいて、もう一度行ってください。';

const listOf = (session: PageSession, mayUpdate: boolean, mayOpen: boolean): WorkListDefinition<QuietCase> => ({
  caption: '5年間異動のない申請',
  defaultSort: { key: 'movedOn', direction: 'asc' },
  emptyText: '5年間異動のない申請はありません。',
  columns: [
    {
      key: 'caseNumber',
      label: '申請',
      heading: true,
      cell: (r) => (mayOpen ? html`<a href="/cases/${r.caseId}">${r.caseNumber}</a>` : html`${r.caseNumber}`),
    },
    { key: 'patient', label: '患者', cell: (r) => r.patientName },
    { key: 'movedOn', label: '最後の異動', cell: (r) => time(Temporal.PlainDate.from(r.movedOn)) },
    { key: 'keptUntil', label: '保存する最後の日', cell: (r) => time(Temporal.PlainDate.from(r.keptUntil)) },
    {
      key: 'copy',
      label: '副本',
      cell: (r) => (r.copyStands ? badge('登録中', 'warning') : badge('なし・終了', 'done')),
    },
    {
      key: 'hold',
      label: '消去からの除外',
      cell: (r) => holdPart(r, session, mayUpdate),
    },
  ],
});

const holdPart = (r: QuietCase, session: PageSession, may: boolean): Html =>
  r.holdId === null
    ? html`${
        may
          ? html`<form class="row no-print" method="post" action="${path}/${r.caseId}/hold">${tokenField(session)}<label class="visually-hidden" for="reason-${r.caseId}">${r.caseNumber}を除外する理由</label><input class="input" id="reason-${r.caseId}" name="reason" maxlength="300" required placeholder="除外する理由"><button class="button" type="submit">除外する<span class="visually-hidden">（${r.caseNumber}）</span></button></form>`
          : '消去の対象'
      }`
    : html`${badge('除外', 'info')} ${r.holdReason}（${r.holdBy}）${
        may &&
        html`<form class="no-print" method="post" action="${path}/holds/${r.holdId}/release">${tokenField(session)}<button class="button" type="submit">除外を取り消す<span class="visually-hidden">（${r.caseNumber}）</span></button></form>`
      }`;

/** 5年間異動のない申請: the list before anything goes, whom somebody excludes, and the end of the copies of the others. */
export function quietCasePages(app: PageApp, deps: KeepingDeps): void {
  page(app, 'GET', path, read, async (p) => {
    const mayUpdate = await p.may(update);
    const list = listOf(p.session, mayUpdate, await p.may(['child-chronic', 'case', 'read']));
    const query = readListQuery(list, p.query);
    const found = await listQuiet(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, counts } = found.value;
    return p.view(
      { title: '5年間異動のない申請', gloss: 'Cases without movement for five years' },
      html`<div class="stack">${figures([
        { label: '一覧の申請', value: `${counts.all}`, unit: '件' },
        { label: '除外した申請', value: `${counts.held}`, unit: '件' },
        { label: '副本が登録中', value: `${counts.copies}`, unit: '件' },
      ])}
${notice('info', '一覧に載って30日が過ぎると、除外していない申請は封緘され、満了の日に承認を受けて消去されます。', '副本が登録中の申請は、副本を終了させるまで消去されません。')}
${mayUpdate && counts.copies > 0 && html`<form class="no-print" method="post" action="${path}/copies">${tokenField(p.session)}<button class="button button-primary" type="submit">除外していない申請の副本を終了させる</button></form>`}
${workList(list, { path, query, rows, total: counts.all })}<p><a href="/retention">封緘・起案・消去の記録を見る</a></p></div>`,
    );
  });

  page(app, 'POST', `${path}/copies`, update, async (p) => {
    const done = await endCopies(deps, p.session.actor);
    if (!done.ok) return p.redirect(path, { kind: 'error', text: wordOf(done.error) });
    const { ended, rejected } = done.value;
    return p.redirect(
      path,
      rejected === 0
        ? { kind: 'done', text: `副本${ended}件を終了させました。` }
        : {
            kind: 'error',
            text: `副本${ended}件を終了させ、${rejected}件は終了できませんでした。もう一度行ってください。`,
          },
    );
  });

  page(app, 'POST', `${path}/:id/hold`, update, async (p) => {
    const subject = p.param('id');
    if (!isUuid(subject)) return p.problem('not-found');
    const done = await retention.hold(deps, p.session.actor, { subject, reason: `${p.form.get('reason') ?? ''}` });
    return p.redirect(
      path,
      done.ok ? { kind: 'done', text: '消去から除外しました。' } : { kind: 'error', text: wordOf(done.error) },
    );
  });

  page(app, 'POST', `${path}/holds/:id/release`, update, async (p) => {
    const holdId = p.param('id');
    if (!isUuid(holdId)) return p.problem('not-found');
    const done = await retention.release(deps, p.session.actor, { holdId, reason: '一覧からの取消し' });
    return p.redirect(
      path,
      done.ok ? { kind: 'done', text: '除外を取り消しました。' } : { kind: 'error', text: wordOf(done.error) },
    );
  });
}
