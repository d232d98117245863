import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge, figures, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { type CopyLine, type CopyState, lodgeDecided, showCopies, signCopyCheck } from '../service/copies.ts';

const read = ['child-chronic', 'copy', 'read'] as const;
const update = ['child-chronic', 'copy', 'update'] as const;
const sign = ['child-chronic', 'copy-check', 'update'] as const;

const stateWords: Readonly<Record<CopyState, readonly [string, Tone]>> = {
  'to-register': ['登録待ち', 'warning'],
  sent: ['送信済み（回答待ち）', 'info'],
  accepted: ['登録済み', 'done'],
  error: ['エラー', 'error'],
};

const list: WorkListDefinition<CopyLine> = {
  caption: '決定と副本',
  defaultSort: { key: 'decidedOn', direction: 'asc' },
  emptyText: '決定した申請はまだありません。',
  columns: [
    {
      key: 'caseNumber',
      label: '申請',
      heading: true,
      cell: (c) => html`<a href="/cases/${c.caseId}">${c.caseNumber}</a>`,
    },
    { key: 'decidedOn', label: '決定日', cell: (c) => time(Temporal.PlainDate.from(c.decidedOn)) },
    {
      key: 'state',
      label: '副本',
      cell: (c) =>
        html`${badge(...stateWords[c.state])}${c.code && html` ${c.code}`}${c.orgPersonNumber === null && html` ${badge('宛名の登録待ち', 'error')}`}`,
    },
    { key: 'at', label: '登録・送信', cell: (c) => (c.at === null ? undefined : time(Temporal.Instant.from(c.at))) },
  ],
};

/** 副本登録状況: each decision with the standing of its copy, lodging, and the signed check list. */
export function copyPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/copies', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await showCopies(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, decisions, accepted, checks } = found.value;
    const [mayLodge, maySign] = await Promise.all([p.may(update), p.may(sign)]);
    return p.view(
      { title: '副本の登録状況', gloss: 'Lodged copies' },
      html`<div class="stack">${figures([
        { label: '決定', value: `${decisions}`, unit: '件' },
        { label: '副本登録済み', value: `${accepted}`, unit: '件' },
        { label: '未登録', value: `${decisions - accepted}`, unit: '件' },
      ])}
${mayLodge && html`<form method="post" action="/copies">${tokenField(p.session)}<button class="button button-primary" type="submit">決定済みの副本を登録する</button></form>`}
${workList(list, { path: p.path, query, rows, total: decisions })}
<section aria-labelledby="checks">${sectionTitle('確認リスト', 'Signed check lists', 'checks')}
${checks.length === 0 ? html`<p class="muted">まだ確認されていません。</p>` : html`<ul>${checks.map((c) => html`<li>${time(Temporal.PlainDate.from(c.signedOn))} ${c.signedBy}: 決定${c.decisions}件、登録済み${c.accepted}件、未登録${c.open}件${c.explanation !== '' && `（${c.explanation}）`}</li>`)}</ul>`}
${maySign && html`<form class="form" method="post" action="/copies/check">${tokenField(p.session)}<div class="field"><label for="explanation">未登録があるときの説明</label><input class="input" id="explanation" name="explanation" maxlength="200"></div><button class="button" type="submit">発行日と副本を確認し、署名する</button></form>`}</section></div>`,
    );
  });

  page(app, 'POST', '/copies', update, async (p) => {
    const done = await lodgeDecided(deps, p.session.actor);
    if (done.ok)
      return p.redirect('/copies', {
        kind: 'done',
        text: `登録${done.value.accepted}件、エラー${done.value.rejected}件`,
      });
    return p.redirect('/copies', {
      kind: 'error',
      text:
        done.error === 'nothing-to-lodge'
          ? '登録する副本はありません。'
          : '連携サーバーに登録できませんでした。もう一度行うと、同じ内容を送ります。',
    });
  });

  page(app, 'POST', '/copies/check', sign, async (p) => {
    const explanation = p.form.get('explanation');
    const done = await signCopyCheck(deps, p.session.actor, {
      explanation: typeof explanation === 'string' ? explanation : '',
    });
    return p.redirect(
      '/copies',
      done.ok
        ? { kind: 'done', text: '確認リストに署名しました。' }
        : { kind: 'error', text: '未登録の副本があります。説明を入力してください。' },
    );
  });
}
