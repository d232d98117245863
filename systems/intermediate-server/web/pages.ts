import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { instantOf } from '../service/answer-inquiry.ts';
import { decideHeld, listHeld, showHeld } from '../service/decide-held.ts';
import { showCounts, showRecords } from '../service/show.ts';

const system = 'intermediate-server';
type RecordRow = Awaited<ReturnType<typeof recordRows>>['rows'][number];
const recordRows = async (
  deps: Deps,
  ...[actor, query]: [Parameters<typeof showRecords>[1], Parameters<typeof showRecords>[2]]
) => unwrap(await showRecords(deps, actor, query));

/** Pages of the body's exchange clerk. */
export function addPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', [system, 'statistics', 'read'], async (p) => {
    const { copies, linkages, lists, windows } = unwrap(await showCounts(deps, p.session.actor, null));
    return p.view(
      { title: '登録状況', gloss: 'Copies and linkage codes' },
      html`<div class="stack"><section>${sectionTitle('符号', 'Linkage codes')}${figures([
        { label: '取得済み', value: grouped(linkages.held), unit: '人' },
        { label: '取得中', value: grouped(linkages.requested), unit: '人' },
        { label: '重複の疑い', value: grouped(linkages.conflicts), unit: '件' },
      ])}</section><section>${sectionTitle('副本', 'Lodged copies')}${
        copies.length === 0
          ? html`<p class="muted">登録はありません。</p>`
          : figures(
              copies.map((c) => ({
                label: c.informationCode,
                value: `${grouped(c.persons)}人 ${grouped(c.copies)}`,
                unit: '件',
              })),
            )
      }</section><section>${sectionTitle('照合リスト', 'Permission list')}<ul>${lists.map(
        (list) =>
          html`<li>第 ${list.version} 版（${dateText(Temporal.PlainDate.from(list.publishedOn))}から適用、${time(instantOf(list.fetchedAt))} 受領）${list.publishedOn > deps.civilClock.today().toString() ? badge('適用前', 'info') : ''}</li>`,
      )}</ul></section><section>${sectionTitle('計画停止・障害', 'Announced windows')}${
        windows.length === 0
          ? html`<p class="muted">知らされている停止はありません。</p>`
          : html`<ul>${windows.map((w) => html`<li>${badge(w.kind === 'outage' ? '障害' : '計画停止', w.kind === 'outage' ? 'error' : 'info')} ${w.provider ?? '全機関'} ${time(Temporal.Instant.from(w.from))}～${time(Temporal.Instant.from(w.until))}：${w.reason}</li>`)}</ul>`
      }</section></div>`,
    );
  });

  page(app, 'GET', '/records', [system, 'record', 'read'], async (p) => {
    const query = readListQuery(recordList, p.query);
    const { rows, total } = await recordRows(deps, p.session.actor, {
      inquiryNumber: query.filters.number ?? '',
      on: query.filters.on ?? '',
      limit: query.size,
      offset: query.offset,
    });
    return p.view(
      { title: '情報提供等の記録', gloss: 'Records of inquiries and provisions' },
      workList(recordList, { path: p.path, query, rows, total }),
    );
  });

  page(app, 'GET', '/held', [system, 'held-provision', 'read'], async (p) => {
    const rows = unwrap(await listHeld(deps, p.session.actor, null));
    const query = { ...readListQuery(heldList, p.query), page: 1, offset: 0, size: Math.max(1, rows.length) };
    return p.view(
      { title: '職員確認待ちの照会', gloss: 'Held inquiries' },
      workList(heldList, { path: p.path, query, rows, total: rows.length }),
    );
  });

  page(app, 'GET', '/held/:number', [system, 'held-provision', 'update'], async (p) => {
    const shown = await showHeld(deps, p.session.actor, { inquiryNumber: p.param('number') });
    if (!shown.ok) return p.problem(shown.error);
    const { held, statement, items } = shown.value;
    return p.view(
      {
        title: '提供の可否',
        gloss: 'Decide on a held inquiry',
        breadcrumbs: [{ label: '職員確認待ちの照会', href: '/held' }],
      },
      html`<div class="stack">${facts([
        { label: '照会番号', value: html`<code>${statement.inquiryNumber}</code>` },
        { label: '照会者', value: statement.asker },
        { label: '事務手続', value: statement.procedure },
        { label: '特定個人情報', value: statement.informationCode },
        { label: '保留の事由', value: reasons[held.reason] },
        { label: '回答期限', value: dateText(Temporal.PlainDate.from(held.dueOn)) },
        { label: '団体内統合宛名番号', value: html`<code>${held.person}</code>` },
      ])}<section>${sectionTitle('提供する内容', 'What would be given')}${
        items === undefined
          ? html`<p>副本は登録されていません。</p>`
          : facts(
              Object.entries(items).map(([label, value]) => ({
                label,
                value: value === null ? '（値なし）' : `${value}`,
              })),
            )
      }</section>${
        held.decided
          ? badge('決定済み', 'done')
          : form({
              action: p.path,
              session: p.session,
              fields: decisionFields,
              submit: '決定する',
              cancelHref: '/held',
            })
      }</div>`,
    );
  });

  page(app, 'POST', '/held/:number', [system, 'held-provision', 'update'], async (p) => {
    const read = readForm(decisionFields, p.form);
    if (!read.ok)
      return p.view(
        { title: '提供の可否', gloss: 'Decide on a held inquiry', hasErrors: true, status: 422 },
        form({
          action: p.path,
          session: p.session,
          fields: decisionFields,
          ...read.error,
          submit: '決定する',
          cancelHref: '/held',
        }),
      );
    const decided = await decideHeld(deps, p.session.actor, {
      inquiryNumber: p.param('number'),
      decision: read.value.texts.decision === 'release' ? 'release' : 'refuse',
      reason: read.value.texts.reason ?? '',
    });
    if (decided.ok)
      return p.redirect('/held', { kind: 'done', text: `決定しました（結果 ${decided.value.result}）。` });
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect('/held', { kind: 'error', text: faults[decided.error] });
  });
}

const faults = {
  'decided-already': '別の職員がすでに決定しています。',
  'answer-term-over': '回答期限を過ぎています。',
  'own-list-refuses': '現在の照合リストでは提供できません。',
} as const;
const reasons: Readonly<Record<string, string>> = {
  'auto-reply-blocked': '自動応答不可',
  'withheld-from-person': '不開示',
};

const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'release', label: '提供する' },
      { value: 'refuse', label: '提供しない（不開示）' },
    ],
  },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 400, rows: 3 },
];

const heldList: WorkListDefinition<{ inquiryNumber: string; reason: string; dueOn: string; heldAt: string }> = {
  caption: '職員確認待ちの照会',
  columns: [
    {
      key: 'inquiryNumber',
      label: '照会番号',
      heading: true,
      cell: (r) => html`<a href="/held/${r.inquiryNumber}"><code>${r.inquiryNumber}</code></a>`,
    },
    { key: 'reason', label: '保留の事由', cell: (r) => reasons[r.reason] },
    { key: 'heldAt', label: '受付', cell: (r) => time(instantOf(r.heldAt)) },
    { key: 'dueOn', label: '回答期限', cell: (r) => time(Temporal.PlainDate.from(r.dueOn)) },
  ],
  defaultSort: { key: 'dueOn', direction: 'asc' },
  emptyText: '確認を待っている照会はありません。',
};

const recordList: WorkListDefinition<RecordRow> = {
  caption: '情報提供等の記録',
  columns: [
    { key: 'at', label: '日時', cell: (r) => time(instantOf(r.at)) },
    { key: 'number', label: '照会番号', heading: true, cell: (r) => html`<code>${r.inquiryNumber ?? '―'}</code>` },
    { key: 'role', label: '立場', cell: (r) => (r.role === 'asker' ? '照会' : '提供') },
    { key: 'asker', label: '照会者', cell: (r) => r.asker },
    { key: 'provider', label: '提供者', cell: (r) => r.provider },
    { key: 'procedure', label: '事務手続', cell: (r) => r.procedure },
    { key: 'items', label: '項目', cell: (r) => r.items.join('、') },
    { key: 'ground', label: '根拠', cell: (r) => r.ground },
    {
      key: 'result',
      label: '結果',
      cell: (r) => (r.result === null ? badge(r.refusal ?? '', 'error') : badge(r.result, 'done')),
    },
  ],
  filters: [
    { kind: 'text', name: 'number', label: '照会番号', maxLength: 36 },
    { kind: 'date', name: 'on', label: '日' },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '記録はまだありません。',
};
