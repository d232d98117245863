import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { listVersions, readList } from '../service/publish-list.ts';
import { type CountRow, type RecordRow, showRecords, showStatistics } from '../service/show.ts';

const system = 'information-providing-network';

/** Pages of the network's operator. No page can name a person: the database holds none. */
export function addPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', [system, 'statistics', 'read'], async (p) => {
    const month = monthOf(p.query.get('month') ?? undefined) ?? thisMonth(deps);
    const { counts, refusals } = unwrap(await showStatistics(deps, p.session.actor, { month }));
    const whole = { ...readListQuery(countList, p.query), size: Math.max(1, counts.length), offset: 0, page: 1 };
    const sum = (of: (row: CountRow) => number): string => grouped(counts.reduce((total, row) => total + of(row), 0));
    return p.view(
      { title: '照会の件数', gloss: 'Inquiries by body and month' },
      html`<div class="stack"><nav class="cluster" aria-label="月"><a href="/?month=${month.subtract({ months: 1 }).toString()}">前の月</a> <strong>${month.year}年${month.month}月</strong> <a href="/?month=${month.add({ months: 1 }).toString()}">次の月</a></nav>${figures(
        [
          { label: '許可', value: sum((r) => r.permitted), unit: '件' },
          { label: '提供', value: sum((r) => r.given), unit: '件' },
          { label: '許可しなかった照会', value: grouped(refusals.reduce((n, r) => n + r.count, 0)), unit: '件' },
        ],
      )}${workList(countList, {
        path: p.path,
        query: whole,
        rows: counts,
        total: counts.length,
      })}<section>${sectionTitle('許可しなかった照会', 'Refused')}${
        refusals.length === 0
          ? html`<p class="muted">ありません。</p>`
          : html`<ul>${refusals.map((r) => html`<li>${r.asker ?? '照会者不明'}　${r.procedure ?? ''}　<code>${r.refusal}</code> ${grouped(r.count)}件</li>`)}</ul>`
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
    const on = dayOf(p.query.get('on') ?? undefined) ?? deps.civilClock.today();
    const { list } = unwrap(await readList(deps, p.session.actor, { on }));
    const versions = unwrap(await listVersions(deps, p.session.actor, null));
    if (list === undefined)
      return p.view(
        { title: '照会許可用照合リスト', gloss: 'Permission list' },
        notice('warning', '公表された版がありません'),
      );
    return p.view(
      { title: '照会許可用照合リスト', gloss: 'Permission list' },
      html`<div class="stack"><p>${dateText(on)}現在　第 <strong>${list.version}</strong> 版　${dateText(Temporal.PlainDate.from(list.publishedOn))}から適用　${list.rows.length}行</p>
<section>${sectionTitle('版', 'Versions by day')}<ul>${versions.map(
        (v) =>
          html`<li><a href="/list?on=${v.publishedOn}">第 ${v.version} 版</a>（${dateText(Temporal.PlainDate.from(v.publishedOn))}から、${grouped(v.rows)}行）${v.publishedOn > deps.civilClock.today().toString() ? badge('適用前', 'info') : v.version === list.version ? badge('表示中', 'done') : ''}</li>`,
      )}</ul></section>
<div class="table-scroll" tabindex="0" role="region" aria-label="照合リストの表"><table class="data-table"><caption class="visually-hidden">照会許可用照合リスト</caption>
<thead><tr><th scope="col">行</th><th scope="col">事務手続</th><th scope="col">照会者→提供者</th><th scope="col">特定個人情報</th><th scope="col">項目</th><th scope="col">根拠</th><th scope="col">有効期間</th></tr></thead>
<tbody>${list.rows.map(
        (row) =>
          html`<tr><th scope="row">${row.row}</th><td>${row.procedure}</td><td>${kinds[row.askerKind]}→${kinds[row.providerKind]}</td><td>${row.informationCode}</td><td>${row.items.join('、')}</td><td>${row.ground}</td><td>${row.validFrom}～${row.validUntil ?? ''}</td></tr>`,
      )}</tbody></table></div></div>`,
    );
  });
}

const kinds = { ward: '区市町村', prefecture: '都道府県', 'national-qualification': '国家資格等' } as const;

const countList: WorkListDefinition<CountRow> = {
  caption: '照会の件数',
  columns: [
    { key: 'asker', label: '照会者', heading: true, cell: (r) => r.asker },
    { key: 'provider', label: '提供者', cell: (r) => r.provider },
    { key: 'procedure', label: '事務手続', cell: (r) => r.procedure },
    { key: 'information', label: '特定個人情報', cell: (r) => r.informationCode },
    { key: 'permitted', label: '許可', align: 'end', cell: (r) => grouped(r.permitted) },
    { key: 'given', label: '提供', align: 'end', cell: (r) => grouped(r.given) },
    { key: 'nothing', label: '該当なし', align: 'end', cell: (r) => grouped(r.nothing) },
    { key: 'withheld', label: '不開示', align: 'end', cell: (r) => grouped(r.withheld) },
    { key: 'held', label: '確認待ち', align: 'end', cell: (r) => grouped(r.held) },
    { key: 'notAnswered', label: '回答なし', align: 'end', cell: (r) => grouped(r.notAnswered) },
    {
      key: 'medianMs',
      label: '中央値',
      align: 'end',
      cell: (r) => (r.medianMs === null ? '―' : `${grouped(r.medianMs)}ミリ秒`),
    },
  ],
  defaultSort: { key: 'asker', direction: 'asc' },
  emptyText: 'この月の照会はありません。',
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

/** The machine's month: what was counted, happened then. */
const thisMonth = (deps: Deps): Temporal.PlainYearMonth =>
  deps.machineClock.now().toZonedDateTimeISO('Asia/Tokyo').toPlainDate().toPlainYearMonth();
const monthOf = (text: string | undefined): Temporal.PlainYearMonth | undefined =>
  /^2[0-9]{3}-(0[1-9]|1[0-2])$/.test(text ?? '') ? Temporal.PlainYearMonth.from(text!) : undefined;
function dayOf(text: string | undefined): Temporal.PlainDate | undefined {
  try {
    return text === undefined ? undefined : Temporal.PlainDate.from(text);
  } catch {
    return undefined;
  }
}
