import { type FuhyoRule, fuhyoRules, noticeKinds, recordStates } from '@musubi/contracts/fuhyo/codes.ts';
import { itemText } from '@musubi/contracts/juki/reconciliation.ts';
import { correctionNav } from '@musubi/kernel/corrections/pages.ts';
import { disclosureNav } from '@musubi/kernel/disclosure/pages.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { logAnalysisNav } from '@musubi/kernel/log-analysis/pages.ts';
import { addJournalPage } from '@musubi/kernel/notice-journal/pages.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { retentionNav } from '@musubi/kernel/retention/pages.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { readKeeping } from '../service/number-keeping.ts';
import { readRuns } from '../service/reconcile.ts';
import {
  readNotices,
  readSupplement,
  readSupplementWhole,
  searchRemovedToo,
  searchSupplements,
} from '../service/search.ts';
import { managementPurposes, type Purpose, type SupplementView } from '../service/search-scope.ts';
import { addSupplementCorrectionPages } from './corrections.ts';
import { addInquiryPages } from './inquiry.ts';
import { numberWords, refusalTexts, sexes, sexText, stateTone } from './words.ts';

const search = ['fuhyo-link', 'search', 'read'] as const;
const removed = ['fuhyo-link', 'removed', 'read'] as const;
const journal = ['fuhyo-link', 'journal', 'read'] as const;
const keeping = ['fuhyo-link', 'keeping', 'read'] as const;

const searchFields: readonly Field[] = [
  {
    kind: 'select',
    name: 'purpose',
    label: '目的',
    hint: '国外転出者に係る事務のための照会は「照会」で行います',
    options: Object.entries(managementPurposes).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 60 },
  { kind: 'text', name: 'name', label: '氏名', required: false, maxLength: 100 },
  {
    kind: 'text',
    name: 'nameKana',
    label: '振り仮名',
    hint: '清音・濁音、小書きの別は問いません',
    required: false,
    maxLength: 100,
  },
  { kind: 'date', name: 'birthDate', label: '生年月日', required: false },
  {
    kind: 'select',
    name: 'sex',
    label: '性別',
    required: false,
    options: Object.entries(sexes).map(([value, label]) => ({ value, label })),
  },
  { kind: 'text', name: 'address', label: '住所または最終住所', required: false, maxLength: 200 },
];

type HitRow = Extract<Awaited<ReturnType<typeof searchSupplements>>, { ok: true }>['value']['hits'][number];
const hitList = (supplements: string, purpose: Purpose): WorkListDefinition<HitRow> => ({
  caption: '検索結果',
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (h) =>
        html`<a href="${supplements}/${h.supplementId}?${new URLSearchParams({ ...purpose }).toString()}">${h.name}</a>`,
    },
    { key: 'kana', label: '振り仮名', cell: (h) => h.nameKana },
    { key: 'birth', label: '生年月日', cell: (h) => dateText(Temporal.PlainDate.from(h.birthDate)) },
    { key: 'sex', label: '性別', cell: (h) => sexText(h.sex) },
    { key: 'address', label: '住所', cell: (h) => h.address },
    { key: 'last', label: '最終住所', cell: (h) => h.lastAddress ?? '' },
    { key: 'state', label: '状態', cell: (h) => badge(recordStates[h.state], stateTone(h.state)) },
  ],
  defaultSort: { key: 'kana', direction: 'asc' },
  emptyText: '該当する方はいません。',
});

/** Pages of the responsible section and the shared terminals: search, record, inquiry, journal, monitor of the temporary area. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '附票本人確認情報検索', href: '/', right: search },
      { label: '消除者を含む検索', href: '/search-removed', right: removed },
      { label: '照会', href: '/inquiry', right: ['fuhyo-link', 'terminal-inquiry', 'update'] },
      { label: '一時保存の状況', href: '/keeping', right: keeping },
      { label: '通知の記録', href: '/notices', right: journal },
      { label: '整合性確認', href: '/reconciliation', right: journal },
      ...disclosureNav('fuhyo-link'),
      ...retentionNav('fuhyo-link'),
      ...correctionNav('fuhyo-link'),
      ...logAnalysisNav('fuhyo-link'),
    ],
  });
  addSearch(
    app,
    deps,
    '/',
    search,
    { title: '附票本人確認情報検索', gloss: 'Search the supplements' },
    searchSupplements,
  );
  addSearch(
    app,
    deps,
    '/search-removed',
    removed,
    { title: '消除者を含む検索', gloss: 'Search with removed persons' },
    searchRemovedToo,
  );
  for (const [path, right, read] of [
    ['/supplements/:id', search, readSupplement],
    ['/removed/supplements/:id', removed, readSupplementWhole],
  ] as const) {
    page(app, 'GET', path, right, async (p) => {
      const supplementId = p.param('id');
      const purpose = { purpose: p.query.get('purpose') ?? '', document: p.query.get('document') ?? '' };
      const isId = isUuid(supplementId);
      const found = isId ? await read(deps, p.session.actor, { supplementId, purpose }) : undefined;
      if (!found?.ok) return p.problem('not-found');
      return p.view({ title: '附票本人確認情報', gloss: 'Supplement', personal: true }, recordOf(found.value));
    });
  }
  addInquiryPages(app, deps);
  addSupplementCorrectionPages(app, deps);
  page(app, 'GET', '/keeping', keeping, async (p) => {
    const query = readListQuery(keepingList, p.query);
    const { offset, size: limit, filters } = query;
    const found = await readKeeping(deps, p.session.actor, { open: filters.state !== 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '一時保存の状況', gloss: 'Temporary numbers' },
      html`<p>国外転出者の個人番号は、受領が確認されるまで、または期限まで、別の領域に暗号化して保存されます。ここに番号は表示されません。</p>
${workList(keepingList, { path: '/keeping', query, ...found.value })}`,
    );
  });
  addJournalPage(app, {
    right: journal,
    read: (actor, query) => readNotices(deps, actor, query),
    ruleText: (rule) => fuhyoRules[rule as FuhyoRule] ?? '',
    itemText,
  });
  page(app, 'GET', '/reconciliation', journal, async (p) => {
    const query = readListQuery(runList, p.query);
    const { offset, size: limit } = query;
    const found = await readRuns(deps, p.session.actor, { offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '整合性確認', gloss: 'Reconciliation with municipalities' },
      workList(runList, { path: '/reconciliation', query, ...found.value }),
    );
  });
  return app;
}

function addSearch(
  app: PageApp,
  deps: Deps,
  path: '/' | '/search-removed',
  right: typeof search | typeof removed,
  title: { readonly title: string; readonly gloss: string },
  find: typeof searchSupplements | typeof searchRemovedToo,
): void {
  page(app, 'GET', path, right, (p) =>
    p.view(title, form({ action: path, session: p.session, fields: searchFields, submit: '検索する' })),
  );
  page(app, 'POST', path, right, async (p) => {
    const again = (errors: FormErrors, values: FormValues) =>
      p.view(
        { ...title, hasErrors: true, status: 422 },
        form({ action: path, session: p.session, fields: searchFields, errors, values, submit: '検索する' }),
      );
    const read = readForm(searchFields, p.form);
    if (!read.ok) return again(read.error.errors, read.error.values);
    const { purpose = '', document = '', ...items } = read.value.texts;
    const found = await find(deps, p.session.actor, { items, purpose: { purpose, document } });
    if (!found.ok) return again({ '': refusalTexts[found.error] ?? found.error }, read.value.texts);
    const { hits, tooMany } = found.value;
    const list = hitList(path === '/' ? '/supplements' : '/removed/supplements', { purpose, document });
    const query = readListQuery(list, new URLSearchParams());
    return p.view(
      { ...title, personal: true },
      html`<div class="stack">${tooMany && notice('warning', '50人を超えています。条件を加えてください。')}
${!tooMany && html`<section>${workList(list, { path, query, rows: hits, total: hits.length })}</section>`}
<section>${sectionTitle('続けて検索する', 'Search again')}${form({ action: path, session: p.session, fields: searchFields, values: read.value.texts, submit: '検索する' })}</section></div>`,
    );
  });
}

/** What the purpose of the search opens; whatever is not in the view has no section. */
function recordOf({ now, versions, provisions }: SupplementView) {
  const fact = (label: string, value: string | number | null) => ({ label, value: value === null ? '' : `${value}` });
  const current = {
    title: '現在の記録',
    gloss: 'Current record',
    facts: [
      { label: '状態', value: badge(recordStates[now.record_state], stateTone(now.record_state)) },
      fact('氏名', now.name_kanji),
      fact('振り仮名', now.name_furigana),
      fact('生年月日', dateText(Temporal.PlainDate.from(now.birth_date))),
      fact('性別', sexText(now.sex)),
      fact('住所', now.address_kanji),
      fact('住所の市町村コード', now.address_municipality_code),
      fact('最終住所', now.last_address_kanji),
      fact('住民票コード', now.resident_record_code),
      fact('旧住民票コード', now.former_resident_record_code),
      fact('附票管理市町村コード', now.managing_municipality_code),
      fact('異動年月日', dateText(Temporal.PlainDate.from(now.change_date))),
      fact('更新順番号', now.update_sequence_no),
      fact('通知を受けた年月日', dateText(Temporal.PlainDate.from(now.notice_received_date))),
    ],
  };
  const provided = provisions && {
    title: '提供・移転の記録',
    gloss: 'Provisions',
    body:
      provisions.length === 0
        ? html`<p class="muted">提供の記録はありません。</p>`
        : html`<ul>${provisions.map(
            (g) =>
              html`<li>${momentText(g.providedAt)} ${g.recipient} ${g.requester === g.recipient ? '' : g.requester}（${g.ground}、${
                g.result === 'given'
                  ? `提供 ${g.items.length} 項目`
                  : `拒否: ${numberWords[g.word ?? ''] ?? refusalTexts[g.word ?? ''] ?? g.word}`
              }）</li>`,
          )}</ul>`,
  };
  if (versions === undefined)
    return html`<section class="stack">${sectionTitle(current.title, current.gloss)}${facts(current.facts)}</section>`;
  return recordPage({
    sections: provided ? [current, provided] : [current],
    history: versions.map((v) => ({
      recordedAt: v.recordedAt,
      validFrom: Temporal.PlainDate.from(v.change_date),
      what: `${v.name_kanji} ${v.address_kanji}${v.retroactive ? '（遡及）' : ''}`,
      reason: `${noticeKinds[v.notice_kind]}（${recordStates[v.record_state]}）`,
      who: v.managing_municipality_code,
    })),
  });
}

type KeepingRow = Extract<Awaited<ReturnType<typeof readKeeping>>, { ok: true }>['value']['rows'][number];
const keepingStates = {
  awaited: ['都道府県サーバの回答待ち', 'info'],
  kept: ['保存中', 'warning'],
  erased: ['消去済み', 'done'],
  refused: ['取得なし', 'plain'],
} as const;
const keepingList: WorkListDefinition<KeepingRow> = {
  caption: '一時保存の状況',
  filters: [
    { kind: 'select', name: 'state', label: '範囲', options: [{ value: 'all', label: '消去済み・取得なしを含む' }] },
  ],
  columns: [
    { key: 'opened', label: '照会', heading: true, cell: (r) => momentText(r.openedAt) },
    { key: 'asker', label: '照会元', cell: (r) => r.asker },
    { key: 'task', label: '事務', cell: (r) => r.task },
    { key: 'document', label: '文書番号', cell: (r) => r.document },
    {
      key: 'state',
      label: '状態',
      cell: (r) =>
        html`${badge(keepingStates[r.state][0], keepingStates[r.state][1])} ${numberWords[r.word ?? ''] ?? r.word ?? ''}`,
    },
    { key: 'given', label: '引渡し', align: 'end', cell: (r) => `${r.given} 回` },
    { key: 'until', label: '期限', cell: (r) => r.keptUntil && momentText(r.keptUntil) },
  ],
  defaultSort: { key: 'opened', direction: 'desc' },
  emptyText: '一時保存している個人番号はありません。',
};

type RunRow = Extract<Awaited<ReturnType<typeof readRuns>>, { ok: true }>['value']['rows'][number];
const runList: WorkListDefinition<RunRow> = {
  caption: '整合性確認',
  columns: [
    { key: 'at', label: '開始', heading: true, cell: (r) => momentText(r.startedAt) },
    { key: 'municipality', label: '市町村コード', cell: (r) => r.municipalityCode },
    { key: 'compared', label: '照合', align: 'end', cell: (r) => (r.compared === null ? '' : `${r.compared}人`) },
    { key: 'missing', label: '都にない', align: 'end', cell: (r) => `${r.missing ?? ''}` },
    { key: 'surplus', label: '都にだけある', align: 'end', cell: (r) => `${r.surplus ?? ''}` },
    { key: 'differing', label: '項目の相違', align: 'end', cell: (r) => `${r.differing ?? ''}` },
    { key: 'underWay', label: '通知の途中', align: 'end', cell: (r) => `${r.underWay ?? ''}` },
    {
      key: 'state',
      label: '状態',
      cell: (r) => (r.compared === null ? badge('未了（相違の報告なし）', 'warning') : badge('終了', 'done')),
    },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '整合性確認の記録はありません。',
};
