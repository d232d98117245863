import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { badge, figures, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { linkageWords } from '../domain/linkage.ts';
import { parseOrgPersonNumber } from '../domain/org-person-number.ts';
import { wantAgain } from '../service/obtain-linkage.ts';
import {
  type PersonLine,
  type PersonRecord,
  type PersonVersion,
  readCounts,
  readPerson,
  searchLimit,
  searchPersons,
} from '../service/read-persons.ts';
import { linkageRefusal, sexWords, statusWords, stepWords } from './words.ts';

const read = ['common-platform', 'person', 'read'] as const;
const protectedRight = ['common-platform', 'protected-address', 'read'] as const;

const found: WorkListDefinition<PersonLine> = {
  caption: '検索結果',
  defaultSort: { key: 'kana', direction: 'asc' },
  sizes: [searchLimit],
  emptyText: '該当する方はいません。',
  columns: [
    {
      key: 'number',
      label: '団体内統合宛名番号',
      heading: true,
      cell: (r) => html`<a href="/persons/${r.personId}">${r.orgPersonNumber}</a>`,
    },
    { key: 'name', label: '氏名', cell: (r) => html`${r.name}<br><span class="muted">${r.nameKana}</span>` },
    { key: 'birth', label: '生年月日', cell: (r) => time(Temporal.PlainDate.from(r.birthOn)) },
    {
      key: 'status',
      label: '状態',
      cell: (r) => badge(statusWords[r.status], r.status === 'resident' ? 'done' : 'plain'),
    },
    { key: 'linkage', label: '符号', cell: (r) => linkageWords[r.linkage as keyof typeof linkageWords] },
  ],
};

const searchFields = [
  { kind: 'text', name: 'number', label: '団体内統合宛名番号', maxLength: 15 },
  { kind: 'text', name: 'name', label: '氏名または氏名かなの先頭', maxLength: 50 },
  { kind: 'date', name: 'birth', label: '生年月日' },
] as const;

/** Search, record and counts. */
export function personPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', 'signed-in', async (p) => {
    const counts = (await p.may(['common-platform', 'counts', 'read']))
      ? await readCounts(deps, p.session.actor, {})
      : undefined;
    return p.view(
      { title: '宛名と符号の状況', gloss: 'Persons and linkage codes' },
      counts?.ok
        ? html`<div class="stack">${figures([
            { label: '宛名', value: `${counts.value.persons}`, unit: '人' },
            { label: '確認待ちの記録', value: `${counts.value.openCases}`, unit: '件' },
            { label: '初期移行で取り込めず', value: `${counts.value.loadRejections}`, unit: '件' },
            { label: '符号 取得済み', value: `${counts.value.held}`, unit: '人' },
            { label: '符号 依頼中・待ち', value: `${counts.value.requested + counts.value.wanted}`, unit: '人' },
            { label: '符号 取得不可', value: `${counts.value.refused}`, unit: '人' },
          ])}${figures([
            { label: '中継した情報照会', value: `${counts.value.inquiries}`, unit: '件' },
            { label: 'うち提供されなかったもの', value: `${counts.value.refusedInquiries}`, unit: '件' },
            { label: '副本 登録', value: `${counts.value.copiesAccepted}`, unit: '件' },
            { label: '副本 登録できず', value: `${counts.value.copiesRejected}`, unit: '件' },
          ])}</div>`
        : notice('info', '画面上部のメニューから業務を選んでください。'),
    );
  });

  page(app, 'GET', '/persons', read, (p) =>
    p.view(
      { title: '宛名の検索', gloss: 'Search persons' },
      searchForm({ action: '/persons', method: 'post', session: p.session, label: '宛名の検索', fields: searchFields }),
    ),
  );

  page(app, 'POST', '/persons', read, async (p) => {
    const values = Object.fromEntries(searchFields.map((f) => [f.name, textOf(p.form, f.name)]));
    const number = parseOrgPersonNumber(values.number ?? '');
    const form = searchForm({
      action: '/persons',
      method: 'post',
      session: p.session,
      label: '宛名の検索',
      fields: searchFields,
      values,
    });
    const title = { title: '宛名の検索', gloss: 'Search persons' };
    if (values.number && !number.ok)
      return p.view(
        { ...title, status: 422 },
        html`${form}${notice('error', '団体内統合宛名番号は15桁の数字です。桁と検査数字を確かめてください。')}`,
      );
    const birth = /^\d{4}-\d{2}-\d{2}$/.test(values.birth ?? '') ? values.birth : undefined;
    const result = await searchPersons(deps, p.session.actor, {
      ...(number.ok ? { orgPersonNumber: number.value } : {}),
      ...(values.name ? { name: values.name } : {}),
      ...(birth ? { birthOn: birth } : {}),
    });
    if (!result.ok)
      return result.error === 'not-authorised'
        ? p.problem('not-authorised')
        : p.view(
            { ...title, status: 422 },
            html`${form}${notice('error', '番号、または氏名の先頭2文字以上を入力してください。')}`,
          );
    const query = readListQuery(found, new URLSearchParams());
    return p.view(
      title,
      html`<div class="stack">${form}${result.value.length === searchLimit && notice('warning', `該当が${searchLimit}件以上あります。条件を絞ってください。`)}${workList(found, { path: '/persons', query, rows: result.value, total: result.value.length })}</div>`,
    );
  });

  page(app, 'GET', '/persons/:id', read, async (p) => {
    const id = p.param('id');
    if (!isUuid(id)) return p.problem('not-found');
    const record = await readPerson(deps, p.session.actor, { personId: id });
    if (!record.ok) return p.problem(record.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const mayAsk = record.value.linkage?.state === 'refused' && (await p.may(['common-platform', 'linkage', 'update']));
    return p.view(
      { title: '宛名の記録', gloss: 'Person record', personal: true },
      recordOf(record.value, {
        seesProtected: await p.may(protectedRight),
        mayCorrect: await p.may(['common-platform', 'held-record', 'update']),
        again: mayAsk
          ? html`<form class="mt-4 no-print" method="post" action="/persons/${id}/linkage">${tokenField(p.session)}<button class="button" type="submit">符号の取得をもう一度依頼する</button></form>`
          : undefined,
      }),
    );
  });

  page(app, 'POST', '/persons/:id/linkage', ['common-platform', 'linkage', 'update'], async (p) => {
    const wanted = await wantAgain(deps, p.session.actor, { personId: p.param('id') });
    return p.redirect(
      `/persons/${encodeURIComponent(p.param('id'))}`,
      wanted.ok
        ? { kind: 'done', text: '符号の取得を依頼しました。' }
        : { kind: 'error', text: '依頼中か、すでに取得済みです。' },
    );
  });
}

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.normalize('NFC').trim().slice(0, 100) : '';
};

function recordOf(
  record: PersonRecord,
  options: {
    readonly seesProtected: boolean;
    readonly mayCorrect: boolean;
    readonly again: ReturnType<typeof html> | undefined;
  },
) {
  const now = record.versions[0];
  const addressOf = (v: PersonVersion) =>
    v.state.addressProtected && !options.seesProtected
      ? badge('支援措置により表示しません', 'warning')
      : html`${v.state.address}${v.state.addressProtected && html` ${badge('支援措置', 'warning')}`}`;
  return recordPage({
    sections: [
      {
        title: '宛名',
        gloss: 'Person',
        facts: [
          { label: '団体内統合宛名番号', value: record.orgPersonNumber },
          ...(now
            ? [
                { label: '氏名', value: now.state.name },
                { label: '氏名かな', value: now.state.nameKana },
                { label: '生年月日', value: time(Temporal.PlainDate.from(now.state.birthOn)) },
                { label: '性別', value: sexWords[now.state.sex] },
                { label: '住所', value: addressOf(now) },
                { label: '状態', value: statusWords[now.state.status] },
              ]
            : []),
          { label: '個人番号', value: '登録あり（この画面では表示しません）' },
        ],
      },
      {
        title: '業務の宛名番号',
        gloss: 'Numbers of the business systems',
        facts: record.bindings.map((b) => ({
          label: b.system,
          value: html`${b.addresseeNumber ?? '番号なしで紐付け'}${options.mayCorrect && html` <a class="no-print" href="/persons/${record.personId}/unlink/${b.bindingId}">誤った紐付けを解除する<span class="visually-hidden">（${b.system}）</span></a>`}`,
        })),
      },
      {
        title: '符号',
        gloss: 'Linkage code',
        facts: [
          { label: '状況', value: linkageWords[record.linkage?.state ?? 'wanted'] },
          {
            label: '取得日',
            value: record.linkage?.acquiredOn ? time(Temporal.PlainDate.from(record.linkage.acquiredOn)) : undefined,
          },
          { label: '理由', value: linkageRefusal(record.linkage?.word ?? null) },
        ],
        body: html`<ol class="timeline mt-4">${record.steps.map(
          (s) =>
            html`<li data-state="${s.step === 'refused' ? 'failed' : 'done'}">${time(Temporal.Instant.from(s.at))} ${stepWords[s.step] ?? s.step}</li>`,
        )}</ol>${options.again}`,
      },
    ],
    history: record.versions.map((v, i) => ({
      recordedAt: v.recordedAt,
      validFrom: Temporal.PlainDate.from(v.changedOn),
      what: i === record.versions.length - 1 ? '新規' : changed(v, record.versions[i + 1]!),
      reason: v.reason,
      who: v.source,
    })),
  });
}

/** What changed, by name of the item; the values stand in the record. */
function changed(now: PersonVersion, before: PersonVersion): string {
  const names = [
    ['氏名', 'name'],
    ['氏名かな', 'nameKana'],
    ['生年月日', 'birthOn'],
    ['性別', 'sex'],
    ['住所', 'address'],
    ['状態', 'status'],
    ['世帯', 'householdNumber'],
    ['続柄', 'relationship'],
    ['支援措置', 'addressProtected'],
  ] as const;
  const differing = names.filter(([, key]) => now.state[key] !== before.state[key]).map(([label]) => label);
  return differing.length === 0 ? '変更なし' : `${differing.join('・')}の変更`;
}
