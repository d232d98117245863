import type { Typesetter } from '../documents/typesetter.ts';
import { isUuid } from '../ids/uuid.ts';
import { type PageApp, page } from '../pages/app.ts';
import { dateText, type Html, html, momentText } from '../pages/html.ts';
import { form } from '../pages/kit/form.ts';
import { badge, figures, notice, sectionTitle } from '../pages/kit/marks.ts';
import type { Retention, RetentionDeps } from './retention.ts';

const day = (text: string | null): string => (text === null ? '' : dateText(Temporal.PlainDate.from(text)));

export const retentionNav = (system: string) => [
  { label: '保存期間と消去', href: '/retention', right: [system, 'retention', 'read'] as const },
];

const words: Readonly<Record<string, string>> = {
  'nothing-due': '保存期間の満了した記録はありません',
  'no-such-request': 'この起案はありません',
  'approver-is-requester': '起案した者は承認できません',
  'already-decided': '既に決裁されています',
  'not-approved': '承認されていません',
  'already-used': '既に消去しました',
  'differs-from-approved': '承認された内容と異なるため、消去しませんでした',
  cooling: '承認から消去までの猶予期間が終わっていません',
  'term-not-over': '保存期間が満了していないため、消去しませんでした',
  rejected: '差し戻されています',
  expired: '起案の期限が過ぎています',
  'not-yet': '鍵の廃棄が終わっていません',
  'not-authorised': 'この操作を行う権限がありません',
};

const table = (
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (Html | string)[])[],
  none: string,
): Html =>
  rows.length === 0
    ? html`<p class="muted">${none}</p>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="${caption}の表"><table class="data-table"><caption>${caption} ${rows.length}件</caption><thead><tr>${heads.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead><tbody>${rows.map((r) => html`<tr>${r.map((c, i) => (i === 0 ? html`<th scope="row">${c}</th>` : html`<td>${c}</td>`))}</tr>`)}</tbody></table></div>`;

/** What is sealed for its last days, what waits for a second person, what was erased, with its certificate. */
export function addRetentionPages<D extends RetentionDeps & { readonly typesetter: Typesetter }>(
  app: PageApp,
  retention: Retention<D>,
  deps: D,
  authority: string,
): void {
  const { system } = retention.setup;
  const [read, update, decide] = [
    [system, 'retention', 'read'],
    [system, 'retention', 'update'],
    [system, 'retention-approval', 'update'],
  ] as const;

  page(app, 'GET', '/retention', read, async (p) => {
    const found = await retention.overview(deps, p.session.actor, null);
    if (!found.ok) return p.problem('not-authorised');
    const { sealed, excludedRows, proposals, erasures } = found.value;
    const kept = await retention.backups(deps, p.session.actor, { limit: 40 });
    const backups = kept.ok ? kept.value : [];
    const today = deps.civilClock.today().toString();
    const over = sealed.filter((s) => s.endsOn < today);
    const changed = sealed.filter((s) => s.endsOn !== s.keptUntil);
    const [mayPropose, mayDecide] = [await p.may(update), await p.may(decide)];
    const button = (action: string, submit: string, hidden: Record<string, string> = {}, danger = false) =>
      form({ action, session: p.session, fields: [], submit, hidden, danger });
    return p.view(
      { title: '保存期間と消去', gloss: 'Retention and erasure' },
      html`<div class="stack">${figures([
        { label: '満了した記録', value: `${over.reduce((n, s) => n + s.rows, 0)}`, unit: '件' },
        { label: '満了の近い記録（封緘済み）', value: `${sealed.reduce((n, s) => n + s.rows, 0)}`, unit: '件' },
        { label: '消去の停止', value: `${sealed.filter((s) => s.held > 0).length}`, unit: '件' },
      ])}
${over.length > 0 && notice('warning', '保存期間の満了した記録があります', '消去を起案し、別の職員の承認を受けて消去します。')}
${
  excludedRows > 0 &&
  notice(
    'warning',
    `保存期間の改正対象 ${excludedRows} 件を除外しました`,
    'セキュリティ責任者は、改正の前後の期間と根拠を確かめてください。除外した記録は、最も長い期間が満了するまで消去されません。',
  )
}
${mayPropose && button('/retention/propose', '満了した記録の消去を起案する')}
<section>${sectionTitle('封緘した記録', 'Sealed for their last days')}${table(
        '封緘した記録',
        ['満了日', '根拠と版', '件数', '個人番号', '封緘した日', '状態'],
        sealed.map((s) => [
          day(s.endsOn),
          s.ruleVersion === null ? '—' : `${s.rule} 第${s.ruleVersion}版`,
          `${s.rows}`,
          `${s.numbers}`,
          day(s.sealedOn),
          s.held > 0 ? badge('停止中', 'error') : s.endsOn < today ? badge('満了', 'warning') : badge('保存中'),
        ]),
        '満了の近い記録はありません。',
      )}</section>
${
  changed.length > 0 &&
  html`<section>${sectionTitle('保存期間の改正対象', 'Terms that changed')}${table(
    '保存期間の改正対象',
    ['満了日（改正後）', '封緘したときの満了日', '根拠と版', '件数'],
    changed.map((s) => [day(s.endsOn), day(s.keptUntil), `${s.rule} 第${s.ruleVersion}版`, `${s.rows}`]),
    '',
  )}</section>`
}
<section>${sectionTitle('起案', 'Proposals')}${table(
        '起案',
        ['起案した日', '起案者', '対象', '状態', '操作'],
        proposals.map((r) => [
          day(r.proposedOn),
          r.proposedBy,
          `${r.objects}件`,
          r.erased
            ? badge('消去済み', 'done')
            : r.decision === 'approved'
              ? html`${badge('承認済み', 'info')} ${day(r.erasableFrom)}から消去できます`
              : r.decision === 'rejected'
                ? badge('差戻し', 'error')
                : badge('承認待ち', 'warning'),
          html`${
            r.decision === null &&
            mayDecide &&
            html`${button(`/retention/${r.proposalId}/decide`, '承認する', { decision: 'approved' })}${button(`/retention/${r.proposalId}/decide`, '差し戻す', { decision: 'rejected' })}`
          }${r.decision === 'approved' && !r.erased && r.erasableFrom !== null && r.erasableFrom <= today && mayPropose && button(`/retention/${r.proposalId}/erase`, '消去する', {}, true)}`,
        ]),
        '起案はありません。',
      )}</section>
<section>${sectionTitle('消去の記録', 'Records of erasure')}${table(
        '消去の記録',
        ['消去した日', '満了日', '件数', '根拠', '承認者', '証明書'],
        erasures.map((e) => [
          day(e.erasedOn),
          day(e.keptUntil),
          `${e.rows}`,
          e.rule,
          e.approvedBy,
          e.keyBackupsUntil === null
            ? '鍵の廃棄待ち'
            : html`<a href="/retention/certificates/${e.erasureId}">消去証明書</a>`,
        ]),
        '消去の記録はありません。',
      )}</section>
<section>${sectionTitle('控え', 'Backups')}${table(
        '控え',
        ['取った日', '種類', '読み戻して一致', '表', '件数', '復元の訓練'],
        backups.map((b) => [
          day(b.takenOn),
          b.kind === 'full' ? '全体' : '差分',
          momentText(b.verifiedAt),
          `${b.tables}`,
          `${b.rows}`,
          b.drilledOn === null
            ? '—'
            : html`${day(b.drilledOn)} ${b.drillEqual ? badge('一致', 'done') : badge('不一致', 'error')}`,
        ]),
        '控えの記録はありません。',
      )}</section></div>`,
    );
  });

  const back = (
    p: Parameters<Parameters<typeof page>[4]>[0],
    done: { ok: true } | { ok: false; error: string },
    text: string,
  ) =>
    p.redirect(
      '/retention',
      done.ok ? { kind: 'done', text } : { kind: 'error', text: words[done.error] ?? done.error },
    );
  page(app, 'POST', '/retention/propose', update, async (p) =>
    back(p, await retention.propose(deps, p.session.actor, null), '起案しました。'),
  );
  page(app, 'POST', '/retention/:id/decide', decide, async (p) => {
    const decision = p.form.get('decision');
    if (!isUuid(p.param('id')) || (decision !== 'approved' && decision !== 'rejected')) return p.problem('not-found');
    const done = await retention.approve(deps, p.session.actor, { proposalId: p.param('id'), decision });
    return back(p, done, decision === 'approved' ? '承認しました。' : '差し戻しました。');
  });
  page(app, 'POST', '/retention/:id/erase', update, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    return back(p, await retention.erase(deps, p.session.actor, { proposalId: p.param('id') }), '消去しました。');
  });
  page(app, 'GET', '/retention/certificates/:id', read, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const made = await retention.certificate(deps, p.session.actor, { erasureId: p.param('id'), authority });
    if (!made.ok) return p.problem('not-found');
    return p.file(made.value.pdf, { type: 'application/pdf', name: `${p.param('id')}.pdf`, inline: true });
  });
}
