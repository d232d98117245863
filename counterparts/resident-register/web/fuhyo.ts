import { type FuhyoRule, fuhyoRules, noticeKinds, recordStates } from '@musubi/contracts/fuhyo/codes.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { type FuhyoVersions, readFuhyo, readFuhyoReturned, recordAddressNotice } from '../service/fuhyo.ts';
import { correctFuhyoDifference, readFuhyoDifferences } from '../service/fuhyo-reconciliation.ts';

const read = ['resident-register', 'fuhyo', 'read'] as const;
const update = ['resident-register', 'fuhyo', 'update'] as const;
const sexes = { male: '男', female: '女', other: 'その他' } as const;
const title = { title: '戸籍の附票', gloss: 'Supplementary family register' };
const noticeTitle = { title: '附票の住所の修正', gloss: 'Address notified by another municipality' };

const noticeFields: readonly Field[] = [
  { kind: 'text', name: 'document', label: '通知の文書番号', hint: '住所地の市町村からの通知', maxLength: 60 },
  { kind: 'text', name: 'address', label: '新しい住所', maxLength: 200 },
  {
    kind: 'text',
    name: 'municipalityCode',
    label: '住所の市町村コード',
    pattern: /^[0-9]{6}$/,
    patternFault: '市町村コードは6桁の数字です',
    width: 'short',
  },
  { kind: 'date', name: 'changedOn', label: '住所を定めた日' },
];

const refusals: Readonly<Record<string, string>> = {
  'no-such-person': '附票がありません',
  'changed-meanwhile': 'ほかの担当者がこの方の附票を変更しました。読み直してください',
  removed: '消除された附票は修正できません',
  'wrong-municipality': '市町村コードの検査数字が合わないか、自区のコードです',
  'in-the-future': '先の日付は登録できません',
  'not-authorised': 'この操作を行う権限がありません',
  'already-corrected': '既に訂正の通知を送りました',
};

/** 戸籍の附票: record with history, the other municipality's notice, and what the servers above refused. */
export function addFuhyoPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/fuhyo-returned', read, async (p) => {
    const query = readListQuery(returnedList, p.query);
    const { offset, size: limit } = query;
    const found = await readFuhyoReturned(deps, p.session.actor, { offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '附票の返戻一覧', gloss: 'Supplement notices that came back' },
      workList(returnedList, { path: '/fuhyo-returned', query, ...found.value }),
    );
  });
  page(app, 'GET', '/fuhyo-differences', read, async (p) => {
    const query = readListQuery(differenceList, p.query);
    const { offset, size: limit } = query;
    const found = await readFuhyoDifferences(deps, p.session.actor, { offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '附票の相違', gloss: 'Differences with the prefecture' },
      workList(differenceList, { path: '/fuhyo-differences', query, ...found.value }),
    );
  });
  page(app, 'GET', '/fuhyo-differences/:id', update, (p) =>
    p.view(
      { title: '附票の訂正の通知', gloss: 'Send a correction' },
      form({
        action: p.path,
        session: p.session,
        fields: [],
        submit: '区の附票の内容で訂正の通知を送る',
        cancelHref: '/fuhyo-differences',
      }),
    ),
  );
  page(app, 'POST', '/fuhyo-differences/:id', update, async (p) => {
    const differenceId = p.param('id');
    if (!isUuid(differenceId)) return p.problem('not-found');
    const done = await correctFuhyoDifference(deps, p.session.actor, { differenceId });
    if (!done.ok && done.error === 'no-such-difference') return p.problem('not-found');
    const text = !done.ok
      ? (refusals[done.error] ?? done.error)
      : done.value.sent
        ? '訂正の通知を送りました。'
        : 'この区に附票がないため、通知は送りませんでした。都と協議してください。';
    return p.redirect('/fuhyo-differences', { kind: done.ok ? 'done' : 'error', text });
  });
  page(app, 'GET', '/residents/:id/fuhyo', read, async (p) => {
    const personId = p.param('id');
    const found = isUuid(personId) ? await readFuhyo(deps, p.session.actor, { personId }) : undefined;
    return found?.ok ? p.view({ ...title, personal: true }, recordOf(personId, found.value)) : p.problem('not-found');
  });
  const noticeForm = (path: string, session: PageSession, version: string, more: object = {}) =>
    form({ action: path, session, fields: noticeFields, hidden: { version }, submit: '修正する', ...more });
  page(app, 'GET', '/residents/:id/fuhyo/address', update, (p) =>
    p.view(noticeTitle, noticeForm(p.path, p.session, p.query.get('version') ?? '')),
  );
  page(app, 'POST', '/residents/:id/fuhyo/address', update, async (p) => {
    const personId = p.param('id');
    const version = String(p.form.get('version') ?? '');
    if (!isUuid(personId)) return p.problem('not-found');
    const again = (status: 409 | 422, errors: FormErrors, values: FormValues) =>
      p.view({ ...noticeTitle, hasErrors: true, status }, noticeForm(p.path, p.session, version, { errors, values }));
    const given = readForm(noticeFields, p.form);
    if (!given.ok) return again(422, given.error.errors, given.error.values);
    const { document = '', address = '', municipalityCode = '', changedOn = '' } = given.value.texts;
    const done = await recordAddressNotice(deps, p.session.actor, {
      personId,
      version: Number(version),
      document,
      address,
      municipalityCode,
      changedOn: Temporal.PlainDate.from(changedOn),
    });
    if (done.ok) return p.redirect(`/residents/${personId}/fuhyo`, { kind: 'done', text: '附票を修正しました。' });
    return again(409, { '': refusals[done.error] ?? done.error }, given.value.texts);
  });
}

function recordOf(personId: string, versions: FuhyoVersions) {
  const { row } = versions[0]!;
  const fact = (label: string, value: string | number | null) => ({ label, value: value === null ? '' : `${value}` });
  const tone = row.record_state === 'domestic' ? 'done' : row.record_state === 'abroad' ? 'info' : 'warning';
  return html`<p class="row"><a class="button" href="/residents/${personId}">住民記録へ</a>${
    row.record_state !== 'removed' &&
    html`<a class="button" href="/residents/${personId}/fuhyo/address?version=${row.sequence}">他市町村からの通知で住所を修正する</a>`
  }</p>${recordPage({
    sections: [
      {
        title: '現在の附票',
        gloss: 'Current supplement',
        facts: [
          { label: '状態', value: badge(recordStates[row.record_state], tone) },
          fact('氏名', row.name),
          fact('振り仮名', row.name_kana),
          fact('生年月日', row.birth_date),
          fact('性別', sexes[row.sex]),
          fact('住所', row.address),
          fact('住所の市町村コード', row.address_municipality_code),
          fact('最終住所', row.last_address),
          fact('住民票コード', row.resident_record_code),
          fact('異動年月日', row.changed_on),
          fact('更新順番号', row.sequence),
        ],
      },
    ],
    history: versions.map(({ row: v, recordedAt }) => ({
      recordedAt,
      validFrom: Temporal.PlainDate.from(v.changed_on),
      what: `${v.name} ${v.address}`,
      reason: `${noticeKinds[v.notice_kind]}（${recordStates[v.record_state]}）${v.ground_document ?? ''}`,
      who: v.operator_id,
    })),
  })}`;
}

type ReturnedRow = Extract<Awaited<ReturnType<typeof readFuhyoReturned>>, { ok: true }>['value']['rows'][number];
const returnedList: WorkListDefinition<ReturnedRow> = {
  caption: '附票の返戻一覧',
  columns: [
    { key: 'at', label: '返戻', heading: true, cell: (r) => momentText(r.returnedAt) },
    {
      key: 'person',
      label: '附票',
      cell: (r) => r.personId !== null && html`<a href="/residents/${r.personId}/fuhyo">附票を開く</a>`,
    },
    { key: 'by', label: '拒否した先', cell: (r) => r.refusedBy },
    {
      key: 'rule',
      label: '理由',
      cell: (r) => html`${badge(r.rule, 'error')} ${fuhyoRules[r.rule as FuhyoRule] ?? ''}`,
    },
    { key: 'items', label: '項目', cell: (r) => r.items.join(' ') },
    { key: 'where', label: '市区町村', cell: (r) => r.presentAt ?? '' },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '附票の返戻はありません。',
};

type DifferenceRow = Extract<Awaited<ReturnType<typeof readFuhyoDifferences>>, { ok: true }>['value']['rows'][number];
const differenceKinds = { missing: '都にない', surplus: '都にだけある', differing: '項目が異なる' } as const;
const differenceList: WorkListDefinition<DifferenceRow> = {
  caption: '附票の相違',
  columns: [
    { key: 'at', label: '照合', heading: true, cell: (r) => momentText(r.foundAt) },
    { key: 'code', label: '住民票コード', cell: (r) => r.residentRecordCode },
    { key: 'kind', label: '相違', cell: (r) => badge(differenceKinds[r.kind], 'warning') },
    { key: 'items', label: '項目', cell: (r) => r.items.join(' ') },
    {
      key: 'state',
      label: '処理',
      cell: (r) =>
        r.correctedBy === null
          ? html`<a href="/fuhyo-differences/${r.differenceId}">訂正の通知を送る</a>`
          : badge(r.isSent ? '通知済み' : '区に附票なし', r.isSent ? 'done' : 'plain'),
    },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '相違はありません。',
};
