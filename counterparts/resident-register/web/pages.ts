import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { type Filter, readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { type Reason, reasonRules } from '../domain/reasons.ts';
import { readPendingBirths } from '../service/births.ts';
import { type ResidentRecord, readProtectedResident, readResident, searchRegister } from '../service/read-residents.ts';
import { addCertificatePages } from './certificates.ts';
import { addFilings, type FinishBirth, filingLinks, tooManyNotice } from './filings.ts';
import { addHouseholdPages } from './households.ts';
import { addPendingPages } from './pending.ts';
import { addProtectionPages } from './protections.ts';
import { addReturnedPages } from './returned.ts';
import { refusalText, sexes, statusTexts } from './words.ts';

const residentRead = ['resident-register', 'resident', 'read'] as const;
const residentUpdate = ['resident-register', 'resident', 'update'] as const;
const returnedRead = ['resident-register', 'returned', 'read'] as const;

type HitRow = Extract<Awaited<ReturnType<typeof searchRegister>>, { ok: true }>['value']['hits'][number];
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

const pendingList: WorkListDefinition<PendingRow> = {
  caption: '付番待ちの出生届',
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (b) => b.name },
    { key: 'filed', label: '届出日', cell: (b) => b.filedOn },
  ],
  defaultSort: { key: 'filed', direction: 'asc' },
  emptyText: '付番待ちの出生届はありません。',
};

/** Pages of the counter: search, record with history, forms, and what came back. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps, finishBirth: FinishBirth): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '住民検索', href: '/', right: residentRead },
      { label: '転入届', href: '/moved-in', right: residentUpdate },
      { label: '転入届（特例）', href: '/moved-in-special', right: residentUpdate },
      { label: '国外からの転入', href: '/moved-in-from-abroad', right: residentUpdate },
      { label: '職権記載', href: '/entered-ex-officio', right: residentUpdate },
      { label: '承認・付番待ち', href: '/pending', right: ['resident-register', 'approval', 'read'] },
      { label: '出生の付番待ち', href: '/births', right: residentRead },
      { label: '返戻一覧', href: '/returned', right: returnedRead },
      { label: '世帯主のいない世帯', href: '/households', right: residentRead },
      { label: '支援措置', href: '/protections', right: ['resident-register', 'protection', 'read'] },
      { label: '写しの請求', href: '/certificates', right: ['resident-register', 'certificate', 'read'] },
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
    if (!isUuid(personId)) return p.problem('not-found');
    const mayUnveil = await p.may(['resident-register', 'protection', 'read']);
    const read = await (mayUnveil ? readProtectedResident : readResident)(deps, p.session.actor, { personId });
    if (!read.ok) return p.problem('not-found');
    return p.view(
      { title: '住民記録', gloss: 'Resident record', personal: true },
      recordOf(read.value, await p.may(residentUpdate)),
    );
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
  addReturnedPages(app, deps);
  addHouseholdPages(app, deps);
  addPendingPages(app, deps);
  addProtectionPages(app, deps);
  addCertificatePages(app, deps);
  return app;
}

function recordOf(record: ResidentRecord, mayFile: boolean) {
  const { versions, household, waiting } = record;
  const { row } = versions[0]!;
  const fact = (label: string, value: string | null) => ({ label, value: value ?? '' });
  const some = (label: string, value: string | null) => (value === null ? [] : [fact(label, value)]);
  return html`<div class="stack">${
    row.address_protected &&
    notice(
      'warning',
      '支援措置の対象です',
      record.withheld
        ? '住所は表示しません。証明書は支援措置担当のみ扱えます。'
        : '住所を本人以外に知らせないでください。',
    )
  }${waiting.map((w) => notice('info', `承認・付番を待っています：${w.summary}`, html`<a href="/pending/${w.pendingId}">内容を見る</a>`))}${recordPage(
    {
      sections: [
        {
          title: '現在の記録',
          gloss: 'Current record',
          facts: [
            { label: '状態', value: statusBadge(row.status) },
            fact('氏名', row.name),
            fact('振り仮名', row.name_kana),
            ...some('旧氏', row.former_surname),
            ...some('旧氏の振り仮名', row.former_surname_kana),
            ...some('通称', row.alias),
            fact('生年月日', row.birth_date),
            fact('性別', sexes[row.sex]),
            fact('住所', row.address),
            fact('郵便番号', row.postal_code),
            ...some('前住所', row.moved_from),
            fact('続柄', row.relationship),
            {
              label: '世帯番号',
              value: html`<a href="/households/${row.household_number}">${row.household_number}</a>`,
            },
            ...some('本籍', row.registered_domicile),
            ...some('筆頭者', row.family_register_head),
            ...some('国籍・地域', row.nationality),
            ...some('在留資格', row.residence_status),
            ...some('在留期間の満了の日', row.residence_until),
            fact('宛名番号', row.addressee_number),
            fact('住民票コード', row.resident_record_code),
            { label: '個人番号', value: '（表示しません）' },
            fact('住民となった日', row.became_resident_on),
            ...some('転出予定日', row.planned_removal_on),
            ...some('消除した日', row.removed_on),
            ...some('転出先', row.moved_to),
          ],
        },
        {
          title: '世帯員',
          gloss: 'Household',
          body: html`<ul>${household.map(
            (m) => html`<li><a href="/residents/${m.personId}">${m.name}</a>（${m.relationship}、${m.birthDate}）</li>`,
          )}</ul>`,
        },
        ...(mayFile ? [{ title: '窓口の手続', gloss: 'At the counter', body: filingLinks(record) }] : []),
      ],
      history: versions.map(({ row: v, recordedAt }) => ({
        recordedAt,
        validFrom: Temporal.PlainDate.from(v.changed_on),
        what: `${v.name}　${v.address}（${statusTexts[v.status]}、${v.relationship}）`,
        reason: `${reasonRules[v.reason as Reason].ja}${v.corrects_change ? '（訂正）' : ''}`,
        who: `${v.operator_id}${v.approved_by ? `（承認 ${v.approved_by}）` : ''}`,
      })),
    },
  )}</div>`;
}
