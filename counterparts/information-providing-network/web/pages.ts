import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { readList } from '../service/publish-list.ts';
import {
  type CountRow,
  planWindow,
  type RecordRow,
  showRecords,
  showStatistics,
  showWindows,
} from '../service/show.ts';

const system = 'information-providing-network';

/** Pages of the network's operator. No page can name a person: the database holds none. */
export function addPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', [system, 'statistics', 'read'], async (p) => {
    const { counts, refusals } = unwrap(await showStatistics(deps, p.session.actor, null));
    return p.view(
      { title: '照会の件数', gloss: 'Inquiries by body' },
      html`<div class="stack">${workList(countList, {
        path: p.path,
        query: { ...readListQuery(countList, p.query), size: Math.max(1, counts.length), offset: 0, page: 1 },
        rows: counts,
        total: counts.length,
      })}<section>${sectionTitle('許可しなかった照会', 'Refused')}${
        refusals.length === 0
          ? html`<p class="muted">ありません。</p>`
          : html`<ul>${refusals.map((r) => html`<li><code>${r.refusal}</code> ${grouped(r.count)}件</li>`)}</ul>`
      }</section></div>`,
    );
  });

  page(app, 'GET', '/records', [system, 'record', 'read'], async (p) => {
    const definition = recordList([...deps.bodies.keys()]);
    const query = readListQuery(definition, p.query);
    const { rows, total } = unwrap(
      await showRecords(deps, p.session.actor, {
        asker: query.filters.asker,
        provider: query.filters.provider,
        limit: query.size,
        offset: query.offset,
      }),
    );
    return p.view(
      { title: '情報提供等の記録', gloss: 'Records of inquiries' },
      workList(definition, { path: p.path, query, rows, total }),
    );
  });

  page(app, 'GET', '/list', [system, 'list', 'read'], async (p) => {
    const list = unwrap(await readList(deps, p.session.actor, { on: deps.civilClock.today() }));
    if (list === undefined)
      return p.view(
        { title: '照会許可用照合リスト', gloss: 'Permission list' },
        notice('warning', '公表された版がありません'),
      );
    return p.view(
      { title: '照会許可用照合リスト', gloss: 'Permission list' },
      html`<div class="stack"><p>第 <strong>${list.version}</strong> 版　${dateText(Temporal.PlainDate.from(list.publishedOn))}公表　${list.rows.length}行</p>
<div class="table-scroll" tabindex="0" role="region" aria-label="照合リストの表"><table class="data-table"><caption class="visually-hidden">照会許可用照合リスト</caption>
<thead><tr><th scope="col">行</th><th scope="col">事務手続</th><th scope="col">照会者→提供者</th><th scope="col">特定個人情報</th><th scope="col">項目</th><th scope="col">根拠</th><th scope="col">有効期間</th></tr></thead>
<tbody>${list.rows.map(
        (row) =>
          html`<tr><th scope="row">${row.row}</th><td>${row.procedure}</td><td>${kinds[row.askerKind]}→${kinds[row.providerKind]}</td><td>${row.informationCode}</td><td>${row.items.join('、')}</td><td>${row.ground}</td><td>${row.validFrom}～${row.validUntil ?? ''}</td></tr>`,
      )}</tbody></table></div></div>`,
    );
  });

  page(app, 'GET', '/maintenance', [system, 'maintenance', 'update'], async (p) => {
    const windows = unwrap(await showWindows(deps, p.session.actor, null));
    return p.view(
      { title: '計画停止', gloss: 'Maintenance windows' },
      html`<div class="stack">${
        windows.length === 0
          ? html`<p class="muted">予定はありません。</p>`
          : html`<ul>${windows.map((w) => html`<li>${time(w.fromAt)}～${time(w.untilAt)} ${w.provider ?? '全機関'}：${w.reason}</li>`)}</ul>`
      }${form({ action: '/maintenance', session: p.session, fields: windowFields(deps), submit: '停止を登録する' })}</div>`,
    );
  });

  page(app, 'POST', '/maintenance', [system, 'maintenance', 'update'], async (p) => {
    const fields = windowFields(deps);
    const again = (errors: Record<string, string>, values = {}) =>
      p.view(
        { title: '計画停止', gloss: 'Maintenance windows', hasErrors: true, status: 422 },
        form({ action: '/maintenance', session: p.session, fields, errors, values, submit: '停止を登録する' }),
      );
    const read = readForm(fields, p.form);
    if (!read.ok) return again({ ...read.error.errors }, read.error.values);
    const { from = '', until = '', provider, reason = '' } = read.value.texts;
    const fromAt = tokyoMoment(from);
    const untilAt = tokyoMoment(until);
    if (fromAt === undefined || untilAt === undefined)
      return again({ [fromAt === undefined ? 'from' : 'until']: '正しい日時を入力してください' }, read.value.texts);
    const planned = await planWindow(deps, p.session.actor, { provider: provider ?? null, fromAt, untilAt, reason });
    if (planned.ok) return p.redirect('/maintenance', { kind: 'done', text: '計画停止を登録しました。' });
    if (planned.error === 'not-authorised') return p.problem('not-authorised');
    return again({ until: '終わりは始まりより後にしてください' }, read.value.texts);
  });
}

const kinds = { ward: '区市町村', prefecture: '都道府県', 'national-qualification': '国家資格等' } as const;

const countList: WorkListDefinition<CountRow> = {
  caption: '照会の件数',
  columns: [
    { key: 'asker', label: '照会者', heading: true, cell: (r) => r.asker },
    { key: 'provider', label: '提供者', cell: (r) => r.provider },
    { key: 'procedure', label: '事務手続', cell: (r) => r.procedure },
    { key: 'permitted', label: '許可', align: 'end', cell: (r) => grouped(r.permitted) },
    { key: 'answered', label: '回答', align: 'end', cell: (r) => grouped(r.answered) },
    { key: 'notAnswered', label: '回答なし', align: 'end', cell: (r) => grouped(r.notAnswered) },
  ],
  defaultSort: { key: 'asker', direction: 'asc' },
  emptyText: '照会はまだありません。',
};

const recordList = (bodies: readonly string[]): WorkListDefinition<RecordRow> => {
  const options = bodies.map((id) => ({ value: id, label: id }));
  return {
    caption: '情報提供等の記録',
    columns: [
      { key: 'at', label: '日時', cell: (r) => time(r.at) },
      {
        key: 'inquiryNumber',
        label: '照会番号',
        heading: true,
        cell: (r) => html`<code>${r.inquiryNumber ?? '―'}</code>`,
      },
      { key: 'asker', label: '照会者', cell: (r) => r.asker ?? '―' },
      { key: 'provider', label: '提供者', cell: (r) => r.provider ?? '―' },
      { key: 'procedure', label: '事務手続', cell: (r) => r.procedure ?? '―' },
      { key: 'information', label: '特定個人情報', cell: (r) => r.informationCode ?? '―' },
      {
        key: 'said',
        label: '結果',
        cell: (r) => (/^[0-9]{2}$/.test(r.said) ? badge(r.said, 'done') : badge(r.said, 'error')),
      },
    ],
    filters: [
      { kind: 'select', name: 'asker', label: '照会者', options },
      { kind: 'select', name: 'provider', label: '提供者', options },
    ],
    defaultSort: { key: 'at', direction: 'desc' },
    emptyText: '記録はまだありません。',
  };
};

const momentPattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]$/;
function tokyoMoment(text: string): Temporal.Instant | undefined {
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime('Asia/Tokyo').toInstant();
  } catch {
    return undefined;
  }
}

const windowFields = (deps: Deps): Field[] => [
  {
    kind: 'select',
    name: 'provider',
    label: '停止する機関',
    hint: '選ばないときは全機関',
    required: false,
    options: [...deps.bodies.keys()].map((id) => ({ value: id, label: id })),
  },
  ...(['from', 'until'] as const).map(
    (name): Field => ({
      kind: 'text',
      name,
      label: name === 'from' ? '始まり' : '終わり',
      hint: '例 2026-06-01 22:00',
      pattern: momentPattern,
      width: 'short',
    }),
  ),
  { kind: 'text', name: 'reason', label: '理由', maxLength: 200 },
];
