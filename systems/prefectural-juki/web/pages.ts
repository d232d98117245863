import { changeReasons, type NoticeRule, noticeRules, residentStatuses } from '@musubi/contracts/juki/codes.ts';
import { itemText } from '@musubi/contracts/juki/reconciliation.ts';
import { correctionNav } from '@musubi/kernel/corrections/pages.ts';
import { disclosureNav } from '@musubi/kernel/disclosure/pages.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { logAnalysisNav } from '@musubi/kernel/log-analysis/pages.ts';
import { mediaNav } from '@musubi/kernel/media/pages.ts';
import { addJournalPage } from '@musubi/kernel/notice-journal/pages.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { dateText, html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { retentionNav } from '@musubi/kernel/retention/pages.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import type { Deps } from '../deps.ts';
import { readNotices, readPerson, readPersonWhole, searchPersons, searchWithRemoved } from '../service/search.ts';
import { managementPurposes, type PersonView, type Purpose, type SeenHit } from '../service/search-scope.ts';
import { tasksForSearch } from '../service/tasks.ts';
import { bulkNav } from './bulk.ts';
import { outputNav } from './outputs.ts';
import { provideNav } from './provide.ts';
import { addReviewPages, reviewNav } from './reviews.ts';

const search = ['prefectural-juki', 'search', 'read'] as const;
const removed = ['prefectural-juki', 'removed', 'read'] as const;
const journal = ['prefectural-juki', 'journal', 'read'] as const;
const dayText = (day: string | undefined): string => (day === undefined ? '' : dateText(Temporal.PlainDate.from(day)));
const sexes = { male: '男', female: '女', other: 'その他' } as const;
const sexText = (sex: string): string => sexes[sex as keyof typeof sexes] ?? sex;

const itemFields: readonly Field[] = [
  { kind: 'text', name: 'document', label: '受付・文書番号', maxLength: 40 },
  {
    kind: 'text',
    name: 'nameKana',
    label: '振り仮名',
    hint: '清音・濁音、小書きの別は問いません',
    required: false,
    maxLength: 100,
  },
  { kind: 'text', name: 'name', label: '氏名', hint: '異体字の別は問いません', required: false, maxLength: 100 },
  {
    kind: 'radio',
    name: 'nameMatch',
    label: '氏名・振り仮名の照合',
    required: false,
    options: [
      { value: 'start', label: '初めから' },
      { value: 'part', label: '途中も含む', hint: '漢字二字・仮名三字以上。市区町村か生年が要ります' },
    ],
  },
  { kind: 'date', name: 'birthDate', label: '生年月日', required: false },
  {
    kind: 'text',
    name: 'birthYear',
    label: '生年（西暦）',
    hint: '日が分からないとき',
    required: false,
    maxLength: 4,
    pattern: /^[0-9]{4}$/,
    patternFault: '西暦4桁で入力してください',
    width: 'short',
  },
  {
    kind: 'select',
    name: 'sex',
    label: '性別',
    required: false,
    options: Object.entries(sexes).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'text',
    name: 'municipalityCode',
    label: '市区町村コード',
    required: false,
    maxLength: 6,
    pattern: /^[0-9]{6}$/,
    patternFault: '6桁で入力してください',
    width: 'short',
  },
  { kind: 'text', name: 'address', label: '住所', hint: '一部でも構いません', required: false, maxLength: 200 },
];
const reasonField: Field = {
  kind: 'text',
  name: 'reason',
  label: '消除者を含めて検索する理由',
  maxLength: 100,
};

const hitList = (persons: string, purpose: Purpose): WorkListDefinition<SeenHit> => {
  const under = new URLSearchParams({ ...purpose }).toString();
  return {
    caption: '検索結果',
    columns: [
      {
        key: 'name',
        label: '氏名',
        heading: true,
        // A task that may not have the name still leads to its person.
        cell: (h) =>
          html`<a href="${persons}/${h.personId}?${under}">${h.name ?? '（この事務では表示しません）'}</a>${h.removed && html` ${badge('消除', 'warning')}`}`,
      },
      { key: 'kana', label: '振り仮名', cell: (h) => h.nameKana ?? '' },
      { key: 'birth', label: '生年月日', cell: (h) => dayText(h.birthDate) },
      { key: 'sex', label: '性別', cell: (h) => (h.sex === undefined ? '' : sexText(h.sex)) },
      { key: 'address', label: '住所', cell: (h) => h.address ?? '' },
      { key: 'inquiry', label: '照会', cell: (h) => html`<a href="/inquiry?person=${h.personId}">照会する</a>` },
    ],
    defaultSort: { key: 'kana', direction: 'asc' },
    emptyText: '該当する方はいません。',
  };
};

const refusals = {
  'too-few-items': '氏名または生年月日を含む、二つ以上の項目を入力してください',
  'fragment-too-short': '途中も含む照合には、漢字二字または仮名三字以上を入力してください',
  'fragment-alone': '途中も含む照合には、市区町村または生年・生年月日も入力してください',
  'not-a-year': '生年は西暦4桁で入力してください',
  'too-long': '検索に時間がかかりすぎたため打ち切りました。生年月日や市区町村を加えてください',
  'purpose-missing': '事務と受付・文書番号を入力してください',
  'no-active-task': 'この事務で検索することはできません。登録・許可・期間・担当を確かめてください',
  'reason-missing': '消除者を含めて検索する理由を入力してください',
  'not-authorised': 'この検索を行う権限がありません',
} as const;

/** For what this person may search: tasks that they hold, or purposes of the section that keeps the register. */
async function purposeField(p: PageRequest, deps: Deps, withRemoved: boolean): Promise<Field | undefined> {
  if (withRemoved) {
    const options = Object.entries(managementPurposes).map(([value, label]) => ({ value, label }));
    return { kind: 'select', name: 'task', label: '目的', hint: '検索の根拠となる管理の目的', options };
  }
  const held = await tasksForSearch(deps, p.session.actor, undefined);
  const tasks = held.ok ? held.value : [];
  if (tasks.length === 0) return undefined;
  const options = tasks.map((t) => ({ value: t.code, label: `${t.code} ${t.name}（${t.recipient.name}）` }));
  return { kind: 'select', name: 'task', label: '事務', hint: '登録され、あなたが担当する事務', options };
}

const withoutTask = notice(
  'info',
  '担当する有効な事務がありません',
  '検索するには、事務の登録と許可、担当者の指定が必要です。事務の管理者に申し出てください。',
);

/** The same page for present persons (`/`) and, by a right of its own, for removed ones too (`/removed`). */
function addSearch(app: PageApp, deps: Deps, withRemoved: boolean): void {
  const path = withRemoved ? '/removed' : '/';
  const right = withRemoved ? removed : search;
  const title = withRemoved
    ? { title: '消除者を含む検索', gloss: 'Search, removed persons included' }
    : { title: '本人確認情報検索', gloss: 'Search by the four items' };
  const fieldsOf = (purpose: Field): readonly Field[] => [
    purpose,
    ...itemFields,
    ...(withRemoved ? [reasonField] : []),
  ];
  page(app, 'GET', path, right, async (p) => {
    const purpose = await purposeField(p, deps, withRemoved);
    const shown = purpose && form({ action: path, session: p.session, fields: fieldsOf(purpose), submit: '検索する' });
    return p.view(title, shown ?? withoutTask);
  });
  page(app, 'POST', path, right, async (p) => {
    const purpose = await purposeField(p, deps, withRemoved);
    const fields = purpose ? fieldsOf(purpose) : itemFields;
    const again = (
      errors: Readonly<Record<string, string>>,
      values: Readonly<Record<string, string | readonly string[] | undefined>>,
    ) =>
      p.view(
        { ...title, hasErrors: true, status: 422 },
        form({ action: path, session: p.session, fields, errors, values, submit: '検索する' }),
      );
    const read = readForm(fields, p.form);
    if (!read.ok) return again(read.error.errors, read.error.values);
    const { task = '', document = '', reason = '', ...items } = read.value.texts;
    const asked = { items, purpose: { task, document } };
    const found = withRemoved
      ? await searchWithRemoved(deps, p.session.actor, { ...asked, reason })
      : await searchPersons(deps, p.session.actor, asked);
    if (!found.ok) return again({ '': refusals[found.error] }, read.value.texts);
    const { hits, tooMany } = found.value;
    const list = hitList(withRemoved ? '/removed/persons' : '/persons', asked.purpose);
    const query = readListQuery(list, new URLSearchParams());
    return p.view(
      { ...title, personal: true },
      html`<div class="stack">${tooMany && notice('warning', '該当が50件を超えます。条件を加えてください。')}
${!tooMany && html`<section>${workList(list, { path, query, rows: hits, total: hits.length })}</section>`}
<section>${sectionTitle('続けて検索する', 'Search again')}${form({ action: path, session: p.session, fields, values: read.value.texts, submit: '検索する' })}</section></div>`,
    );
  });
}

/** Pages of the business terminals: search by four items, record with history and provisions, journal of notices. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '本人確認情報検索', href: '/', right: search },
      { label: '消除者を含む検索', href: '/removed', right: removed },
      ...provideNav,
      { label: '通知の記録', href: '/notices', right: journal },
      ...reviewNav,
      ...disclosureNav('prefectural-juki'),
      ...retentionNav('prefectural-juki'),
      ...correctionNav('prefectural-juki'),
      ...logAnalysisNav('prefectural-juki'),
      ...bulkNav,
      ...outputNav,
      ...mediaNav('prefectural-juki'),
    ],
  });
  addSearch(app, deps, false);
  addSearch(app, deps, true);
  for (const [path, right, act] of [
    ['/persons/:id', search, readPerson],
    ['/removed/persons/:id', removed, readPersonWhole],
  ] as const) {
    page(app, 'GET', path, right, async (p) => {
      const id = p.param('id');
      const purpose = { task: p.query.get('task') ?? '', document: p.query.get('document') ?? '' };
      const read = isUuid(id) ? await act(deps, p.session.actor, { personId: id, purpose }) : undefined;
      if (!read?.ok) return p.problem('not-found');
      // Lists of persons stay nowhere, so there is no going back to one: from here the work goes on.
      const search = {
        label: right === removed ? '消除者を含む検索' : '本人確認情報検索',
        href: right === removed ? '/removed' : '/',
      };
      return p.view(
        { title: '本人確認情報', gloss: 'Identification information', personal: true, breadcrumbs: [search] },
        html`${recordOf(read.value, purpose)}<p class="row"><a class="button button-quiet" href="/inquiry?person=${id}">この方について照会する</a></p>`,
      );
    });
  }
  addJournalPage(app, {
    right: journal,
    read: (actor, query) => readNotices(deps, actor, query),
    ruleText: (rule) => noticeRules[rule as NoticeRule] ?? '',
    itemText,
  });
  addReviewPages(app, deps);
  return app;
}

const reasonText = (reason: string): string => changeReasons[reason as keyof typeof changeReasons] ?? reason;

/** What the purpose of the search opens of the person; whatever is not in the view has no line. */
function recordOf(view: PersonView, purpose: Purpose) {
  const fact = (label: string, value: string | number | null | undefined) =>
    value === undefined || value === null ? [] : [{ label, value: `${value}` }];
  const sections = [
    {
      title: '現在の記録',
      gloss: 'Current record',
      facts: [
        ...(view.status === undefined
          ? []
          : [
              {
                label: '状態',
                value: badge(residentStatuses[view.status], view.status === 'resident' ? 'done' : 'warning'),
              },
            ]),
        ...fact('氏名', view.name),
        ...fact('振り仮名', view.nameKana),
        ...fact('旧氏', view.formerSurname),
        ...fact('生年月日', view.birthDate && dayText(view.birthDate)),
        ...fact('性別', view.sex && sexText(view.sex)),
        ...fact('住所', view.address),
        ...fact('住民票コード', view.residentRecordCode),
        { label: '個人番号', value: '（表示しません）' },
        ...fact('市町村コード', view.municipalityCode),
        ...fact('更新順番号', view.sequence),
        ...fact('通知を受けた年月日', view.noticeReceivedOn && dayText(view.noticeReceivedOn)),
        ...fact('異動事由', view.changeReason && reasonText(view.changeReason)),
        ...fact('異動年月日', view.changedOn && dayText(view.changedOn)),
      ],
    },
    ...(view.links === undefined || view.links.length === 0
      ? []
      : [{ title: '二重登録', gloss: 'Other records of this person', body: linkList(view.links, purpose) }]),
    ...(view.provisions === undefined
      ? []
      : [{ title: '提供の記録', gloss: 'Provisions', body: provisionList(view.provisions) }]),
  ];
  if (view.versions === undefined)
    return html`<div class="stack">${sections.map((s) => html`<section>${sectionTitle(s.title, s.gloss)}${'facts' in s ? facts(s.facts) : s.body}</section>`)}</div>`;
  return recordPage({
    sections,
    history: view.versions.map((v) => ({
      recordedAt: v.recordedAt,
      validFrom: Temporal.PlainDate.from(v.change_date),
      what: `${v.name_kanji} ${v.address}${v.retroactive ? '（遡及）' : ''}`,
      reason: reasonText(v.change_reason),
      who: `${v.municipality_code} ${v.operator_id}`,
    })),
  });
}

const linkWords = {
  ended: {
    merged: '同じ方の別の記録を残して、この記録を消除しました。残した記録',
    undone: '消除を取り消し、この記録を回復しました。残していた記録',
  },
  stayed: {
    merged: '同じ方の別の記録を消除し、この記録を残しました。消除した記録',
    undone: '別の方の記録であったとして、消除を取り消しました。回復した記録',
  },
} as const;

const linkList = (links: NonNullable<PersonView['links']>, purpose: Purpose) =>
  html`<ul>${links.map(({ kind, side, changedOn, otherCode, otherPersonId }) => {
    const under = new URLSearchParams({ ...purpose }).toString();
    const other =
      otherPersonId === null
        ? html`住民票コード ${otherCode}（他の都道府県の記録）`
        : html`<a href="/removed/persons/${otherPersonId}?${under}">住民票コード ${otherCode}</a>`;
    return html`<li>${dayText(changedOn)} ${linkWords[side][kind]}: ${other}</li>`;
  })}</ul>`;

const provisionList = (provisions: NonNullable<PersonView['provisions']>) =>
  provisions.length === 0
    ? html`<p class="muted">提供の記録はありません。</p>`
    : html`<ul>${provisions.map(
        (g) =>
          html`<li>${momentText(g.providedAt)} ${g.recipient}（${g.ground}、${g.items.length} 項目、${g.result === 'given' ? '提供' : '拒否'}）</li>`,
      )}</ul>`;
