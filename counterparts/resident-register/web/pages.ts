import { type NoticeRule, noticeRules } from '@musubi/contracts/juki/codes.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { type Filter, readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type Reason, reasonRules } from '../domain/reasons.ts';
import { readPendingBirths } from '../service/births.ts';
import { type ResidentRecord, readResident, searchRegister } from '../service/read-residents.ts';
import { readReturned, resolveReturned } from '../service/returned.ts';
import { addFilings, type FinishBirth, filingLinks, tooManyNotice } from './filings.ts';
import { refusalText, sexes, statusTexts } from './words.ts';

const residentRead = ['resident-register', 'resident', 'read'] as const;
const returnedRead = ['resident-register', 'returned', 'read'] as const;
const returnedUpdate = ['resident-register', 'returned', 'update'] as const;

type HitRow = Extract<Awaited<ReturnType<typeof searchRegister>>, { ok: true }>['value']['hits'][number];
type ReturnedRow = Extract<Awaited<ReturnType<typeof readReturned>>, { ok: true }>['value']['rows'][number];
type PendingRow = Extract<Awaited<ReturnType<typeof readPendingBirths>>, { ok: true }>['value'][number];

const searchFields: readonly Filter[] = [
  { kind: 'text', name: 'name', label: '氏名' },
  { kind: 'text', name: 'nameKana', label: '振り仮名' },
  { kind: 'date', name: 'birthDate', label: '生年月日' },
  { kind: 'text', name: 'addresseeNumber', label: '宛名番号', maxLength: 15 },
];

const hitList: WorkListDefinition<HitRow> = {
  caption: '検索結果',
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (h) => html`<a href="/residents/${h.personId}">${h.name}</a>` },
    { key: 'kana', label: '振り仮名', cell: (h) => h.nameKana },
    { key: 'birth', label: '生年月日', cell: (h) => h.birthDate },
    { key: 'address', label: '住所', cell: (h) => h.address },
    { key: 'number', label: '宛名番号', cell: (h) => h.addresseeNumber },
    { key: 'status', label: '状態', cell: (h) => statusBadge(h.status) },
  ],
  defaultSort: { key: 'kana', direction: 'asc' },
  emptyText: '該当する方はいません。',
};

const statusBadge = (status: keyof typeof statusTexts) =>
  badge(statusTexts[status], status === 'resident' ? 'done' : status === 'moving-out' ? 'warning' : 'plain');

const kinds = {
  refused: '住基ネットの拒否',
  'claimed-elsewhere': '他団体からの転入通知（現存）',
  'moved-in-elsewhere': '転入通知（転出届なし）',
} as const;

const returnedList: WorkListDefinition<ReturnedRow> = {
  caption: '返戻一覧',
  filters: [{ kind: 'select', name: 'state', label: '処理', options: [{ value: 'all', label: '処理済みを含む' }] }],
  columns: [
    {
      key: 'at',
      label: '返戻',
      heading: true,
      cell: (r) => html`<a href="/returned/${r.returnId}">${momentText(r.returnedAt)}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => kinds[r.kind] },
    {
      key: 'name',
      label: '氏名',
      cell: (r) => r.personId !== null && html`<a href="/residents/${r.personId}">${r.name ?? '記録'}</a>`,
    },
    { key: 'rule', label: '理由', cell: (r) => r.rule !== null && html`${badge(r.rule, 'error')} ${ruleText(r.rule)}` },
    { key: 'items', label: '項目', cell: (r) => r.items.join(' ') },
    { key: 'where', label: '市区町村', cell: (r) => r.presentAt ?? r.otherMunicipality ?? '' },
    {
      key: 'state',
      label: '処理',
      cell: (r) => (r.resolvedBy === null ? badge('未処理', 'warning') : badge('処理済み', 'done')),
    },
  ],
  defaultSort: { key: 'at', direction: 'asc' },
  emptyText: '返戻はありません。',
};
const ruleText = (rule: string): string => noticeRules[rule as NoticeRule] ?? '';

const pendingList: WorkListDefinition<PendingRow> = {
  caption: '付番待ちの出生届',
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (b) => b.name },
    { key: 'filed', label: '届出日', cell: (b) => b.filedOn },
  ],
  defaultSort: { key: 'filed', direction: 'asc' },
  emptyText: '付番待ちの出生届はありません。',
};

const resolveFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'resolution',
    label: '処理',
    options: [
      { value: 'corrected', label: '訂正の届出を登録した' },
      {
        value: 'withdrawn',
        label: '転入・出生の記載を取り下げる',
        hint: '誤記載として消除します。住基ネットには送りません',
      },
      { value: 'no-action', label: '処理は要らない' },
    ],
  },
  { kind: 'lines', name: 'note', label: '理由', hint: '個人番号は書かないでください', maxLength: 200, rows: 3 },
];

/** Pages of the counter: search, record with history, forms, and what came back. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps, finishBirth: FinishBirth): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '住民検索', href: '/', right: residentRead },
      { label: '転入届', href: '/moved-in', right: ['resident-register', 'resident', 'update'] },
      { label: '付番待ち', href: '/births', right: residentRead },
      { label: '返戻一覧', href: '/returned', right: returnedRead },
    ],
  });
  const title = { title: '住民検索', gloss: 'Search the register' };
  const search = (
    session: Parameters<typeof searchForm>[0]['session'],
    values: Readonly<Record<string, string>> = {},
  ) => searchForm({ action: '/', method: 'post', session, label: '住民の検索', fields: searchFields, values });
  page(app, 'GET', '/', residentRead, (p) => p.view(title, search(p.session)));
  page(app, 'POST', '/', residentRead, async (p) => {
    const values: Record<string, string> = {};
    for (const { name } of searchFields) {
      const value = p.form.get(name);
      if (typeof value === 'string' && value.trim() !== '') values[name] = value.trim().slice(0, 100);
    }
    const isDay = values.birthDate === undefined || /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(values.birthDate);
    const found = isDay ? await searchRegister(deps, p.session.actor, values) : undefined;
    if (!found?.ok) {
      const text = refusalText(found?.error ?? 'nothing-given');
      return p.view(
        { ...title, hasErrors: true, status: 422 },
        html`${notice('error', text)}${search(p.session, values)}`,
      );
    }
    const { hits, tooMany } = found.value;
    const query = readListQuery(hitList, new URLSearchParams());
    return p.view(
      title,
      html`${search(p.session, values)}${tooMany ? tooManyNotice() : workList(hitList, { path: '/', query, rows: hits, total: hits.length })}`,
    );
  });
  page(app, 'GET', '/residents/:id', residentRead, async (p) => {
    const personId = p.param('id');
    const read = /^[0-9a-f-]{36}$/.test(personId) ? await readResident(deps, p.session.actor, { personId }) : undefined;
    return read?.ok
      ? p.view({ title: '住民記録', gloss: 'Resident record' }, recordOf(read.value))
      : p.problem('not-found');
  });
  addFilings(app, deps, finishBirth);
  page(app, 'GET', '/births', residentRead, async (p) => {
    const pending = await readPendingBirths(deps, p.session.actor, { limit: 200 });
    if (!pending.ok) return p.problem('not-authorised');
    const query = readListQuery(pendingList, p.query);
    const rows = pending.value;
    return p.view(
      { title: '付番待ちの出生届', gloss: 'Births that wait for their codes' },
      workList(pendingList, { path: '/births', query, rows, total: rows.length }),
    );
  });
  page(app, 'GET', '/returned', returnedRead, async (p) => {
    const query = readListQuery(returnedList, p.query);
    const { offset, size: limit } = query;
    const found = await readReturned(deps, p.session.actor, { all: query.filters.state === 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '返戻一覧', gloss: 'What the network sent back' },
      workList(returnedList, { path: '/returned', query, ...found.value }),
    );
  });
  const resolving = { title: '返戻の処理', gloss: 'Deal with what came back' };
  const resolveForm = (action: string, session: Parameters<typeof form>[0]['session'], more = {}) =>
    form({ action, session, fields: resolveFields, submit: '処理済みにする', cancelHref: '/returned', ...more });
  page(app, 'GET', '/returned/:id', returnedUpdate, (p) => p.view(resolving, resolveForm(p.path, p.session)));
  page(app, 'POST', '/returned/:id', returnedUpdate, async (p) => {
    const read = readForm(resolveFields, p.form);
    if (!read.ok)
      return p.view({ ...resolving, hasErrors: true, status: 422 }, resolveForm(p.path, p.session, read.error));
    const returnId = p.param('id');
    if (!/^[0-9a-f-]{36}$/.test(returnId)) return p.problem('not-found');
    const { resolution, note = '' } = read.value.texts;
    const done = await resolveReturned(deps, p.session.actor, {
      returnId,
      resolution: resolution as 'corrected' | 'withdrawn' | 'no-action',
      note,
    });
    if (done.ok) return p.redirect('/returned', { kind: 'done', text: '処理済みにしました。' });
    const errors = { '': refusalText(done.error) };
    return p.view(
      { ...resolving, hasErrors: true, status: 409 },
      resolveForm(p.path, p.session, { errors, values: read.value.texts }),
    );
  });
  return app;
}

function recordOf({ versions, household }: ResidentRecord) {
  const { row } = versions[0]!;
  const fact = (label: string, value: string | null) => ({ label, value: value ?? '' });
  return html`${filingLinks(row.person_id, row.sequence)}${recordPage({
    sections: [
      {
        title: '現在の記録',
        gloss: 'Current record',
        facts: [
          { label: '状態', value: statusBadge(row.status) },
          fact('氏名', row.name),
          fact('振り仮名', row.name_kana),
          fact('生年月日', row.birth_date),
          fact('性別', sexes[row.sex]),
          fact('住所', row.address),
          fact('郵便番号', row.postal_code),
          fact('続柄', row.relationship),
          fact('世帯番号', row.household_number),
          fact('宛名番号', row.addressee_number),
          fact('住民票コード', row.resident_record_code),
          { label: '個人番号', value: '（表示しません）' },
          fact('住民となった日', row.became_resident_on),
          fact('転出予定日', row.planned_removal_on),
          fact('消除した日', row.removed_on),
          fact('転出先', row.moved_to),
        ],
      },
      {
        title: '世帯員',
        gloss: 'Household',
        body: html`<ul>${household.map(
          (m) => html`<li><a href="/residents/${m.personId}">${m.name}</a>（${m.relationship}、${m.birthDate}）</li>`,
        )}</ul>`,
      },
    ],
    history: versions.map(({ row: v, recordedAt }) => ({
      recordedAt,
      validFrom: Temporal.PlainDate.from(v.changed_on),
      what: `${v.address}（${statusTexts[v.status]}）`,
      reason: reasonRules[v.reason as Reason].ja,
      who: v.operator_id,
    })),
  })}`;
}
