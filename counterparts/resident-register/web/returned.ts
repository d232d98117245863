import { type NoticeRule, noticeRules } from '@musubi/contracts/juki/codes.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { html, momentText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import type { Deps } from '../deps.ts';
import { type Reason, reasonRules } from '../domain/reasons.ts';
import {
  type Corrections,
  type ReturnedEntry,
  readReturned,
  readReturnedEntry,
  resendReturned,
  resolveReturned,
} from '../service/returned.ts';
import { fieldOfItem, itemField } from './item-fields.ts';
import { itemLabels, refusalText } from './words.ts';

const read = ['resident-register', 'returned', 'read'] as const;
const update = ['resident-register', 'returned', 'update'] as const;

type ReturnedRow = Extract<Awaited<ReturnType<typeof readReturned>>, { ok: true }>['value']['rows'][number];

const kinds = {
  refused: '住基ネットの拒否',
  'claimed-elsewhere': '他団体からの転入通知（現存）',
  'moved-in-elsewhere': '転入通知（転出届なし）',
} as const;
const ruleText = (rule: string): string => noticeRules[rule as NoticeRule] ?? '';
/** Items by the names that notices bear. */
const itemNames: Readonly<Record<string, string>> = {
  residentRecordCode: '住民票コード',
  individualNumber: '個人番号',
  name: '氏名',
  nameKana: '振り仮名',
  birthDate: '生年月日',
  sex: '性別',
  address: '住所',
  changedOn: '異動年月日',
  municipalityCode: '市区町村コード',
  formerSurname: '旧氏',
  formerSurnameKana: '旧氏の振り仮名',
  status: '状態',
};
const itemsText = (items: readonly string[]): string => items.map((i) => itemNames[i] ?? i).join('、');

const list: WorkListDefinition<ReturnedRow> = {
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
      key: 'person',
      label: '対象の方',
      cell: (r) => r.personId !== null && html`<a href="/residents/${r.personId}">${r.name}</a>`,
    },
    { key: 'rule', label: '規則', cell: (r) => r.rule !== null && html`${badge(r.rule, 'error')} ${ruleText(r.rule)}` },
    { key: 'items', label: '項目', cell: (r) => itemsText(r.items) },
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

const note: Field = {
  kind: 'lines',
  name: 'note',
  label: '理由',
  hint: '個人番号は書かないでください',
  maxLength: 200,
  rows: 3,
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
  note,
];

const correctable = [
  'name',
  'name_kana',
  'birth_date',
  'sex',
  'address',
  'postal_code',
  'former_surname',
  'former_surname_kana',
] as const;
const emptyable: ReadonlySet<string> = new Set(['postal_code', 'former_surname', 'former_surname_kana']);
const resendFields: readonly Field[] = [...correctable.map((i) => itemField(i, !emptyable.has(i))), note];

/** 返戻: what the network sent back; put right and sent again, taken back, or closed. */
export function addReturnedPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/returned', read, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit } = query;
    const found = await readReturned(deps, p.session.actor, { all: query.filters.state === 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '返戻一覧', gloss: 'What the network sent back' },
      workList(list, { path: '/returned', query, ...found.value }),
    );
  });
  const title = { title: '返戻の処理', gloss: 'Deal with what came back' };
  const entryOf = async (returnId: string, session: PageSession): Promise<ReturnedEntry | undefined> => {
    const found = isUuid(returnId) ? await readReturnedEntry(deps, session.actor, { returnId }) : undefined;
    return found?.ok ? found.value : undefined;
  };
  page(app, 'GET', '/returned/:id', update, async (p) => {
    const entry = await entryOf(p.param('id'), p.session);
    return entry ? p.view(title, sheet(p.session, entry)) : p.problem('not-found');
  });
  page(app, 'POST', '/returned/:id', update, async (p) => {
    const returnId = p.param('id');
    const entry = await entryOf(returnId, p.session);
    if (!entry) return p.problem('not-found');
    const filled = readForm(resolveFields, p.form);
    if (!filled.ok)
      return p.view({ ...title, hasErrors: true, status: 422 }, sheet(p.session, entry, { close: filled.error }));
    const { resolution, note: why = '' } = filled.value.texts;
    const done = await resolveReturned(deps, p.session.actor, {
      returnId,
      resolution: resolution as 'corrected' | 'withdrawn' | 'no-action',
      note: why,
    });
    if (done.ok) return p.redirect('/returned', { kind: 'done', text: '処理済みにしました。' });
    const close = { errors: { '': refusalText(done.error) }, values: filled.value.texts };
    return p.view({ ...title, hasErrors: true, status: 409 }, sheet(p.session, entry, { close }));
  });
  page(app, 'GET', '/returned/:id/resend', update, async (p) => {
    const entry = await entryOf(p.param('id'), p.session);
    if (!entry?.now || !entry.canResend) return p.problem('not-found');
    return p.view({ title: '訂正して再送', gloss: 'Correct and send again' }, resendForm(p.session, entry, {}));
  });
  page(app, 'POST', '/returned/:id/resend', update, async (p) => {
    const returnId = p.param('id');
    const entry = await entryOf(returnId, p.session);
    const now = entry?.now;
    if (!entry || !now) return p.problem('not-found');
    const again = { title: '訂正して再送', gloss: 'Correct and send again', hasErrors: true };
    const filled = readForm(resendFieldsOf(entry), p.form);
    if (!filled.ok) return p.view({ ...again, status: 422 }, resendForm(p.session, entry, filled.error));
    const { texts } = filled.value;
    const corrections: Record<string, string | null> = {};
    for (const item of shownItems(entry)) {
      const typed = texts[fieldOfItem(item)] ?? null;
      if (typed !== now[item]) corrections[item] = typed;
    }
    const version = Number(p.form.get('version')) || 0;
    const why = texts.note ?? '';
    const command = { returnId, version, corrections: corrections as Corrections, note: why };
    const done = await resendReturned(deps, p.session.actor, command);
    if (done.ok) return p.redirect('/returned', { kind: 'done', text: '訂正して再送しました。' });
    const errors = { '': refusalText(done.error) };
    return p.view({ ...again, status: 409 }, resendForm(p.session, entry, { errors, values: texts }));
  });
}

const isWithheld = ({ now }: ReturnedEntry): boolean => now?.address_protected === true;
/** A withheld address is corrected by 支援措置担当 in the record, never typed over what nobody here may see. */
const shownItems = (entry: ReturnedEntry) =>
  correctable.filter((i) => !(isWithheld(entry) && /^(address|postal)/.test(i)));
const resendFieldsOf = (entry: ReturnedEntry): readonly Field[] => {
  const names = new Set<string>([...shownItems(entry).map(fieldOfItem), 'note']);
  return resendFields.filter((f) => names.has(f.name));
};

function resendForm(
  session: PageSession,
  entry: ReturnedEntry,
  more: { readonly errors?: FormErrors; readonly values?: FormValues },
) {
  const now = entry.now!;
  const values = Object.fromEntries(shownItems(entry).map((i) => [fieldOfItem(i), now[i] ?? undefined]));
  return html`<div class="stack">${about(entry)}${form({
    action: `/returned/${entry.entry.returnId}/resend`,
    session,
    fields: resendFieldsOf(entry),
    values: { ...values, ...more.values },
    errors: more.errors ?? {},
    submit: '訂正して再送する',
    cancelHref: `/returned/${entry.entry.returnId}`,
    hidden: { version: `${now.sequence}` },
  })}</div>`;
}

const about = ({ entry, now }: ReturnedEntry) =>
  html`${entry.rule !== null && notice('error', `${entry.rule} ${ruleText(entry.rule)}`, entry.items.length > 0 ? `項目：${itemsText(entry.items)}` : undefined)}${facts(
    [
      { label: '種類', value: kinds[entry.kind] },
      { label: '拒否した先', value: entry.refusedBy ?? '' },
      { label: '市区町村', value: entry.presentAt ?? entry.otherMunicipality ?? '' },
      { label: '対象の方', value: now && html`<a href="/residents/${now.person_id}">${now.name}</a>` },
      { label: '今の異動事由', value: now && reasonRules[now.reason as Reason].ja },
      { label: itemLabels.address, value: now?.address },
    ],
  )}`;

function sheet(
  session: PageSession,
  entry: ReturnedEntry,
  more: { readonly close?: { readonly errors: FormErrors; readonly values: FormValues } } = {},
) {
  const at = `/returned/${entry.entry.returnId}`;
  if (!entry.isOpen) return html`<div class="stack">${notice('info', '処理済みです')}${about(entry)}</div>`;
  return html`<div class="stack">${about(entry)}${
    entry.canResend &&
    html`<section aria-labelledby="resend">${sectionTitle('訂正して再送', 'Correct and send again', 'resend')}<p>届出の内容に誤りがあれば直し、なければそのまま、もう一度送ります。</p><p><a class="button button-primary" href="${at}/resend">訂正して再送へ</a></p></section>`
  }<section aria-labelledby="close">${sectionTitle('処理済みにする', 'Close', 'close')}${form({
    action: at,
    session,
    fields: resolveFields,
    submit: '処理済みにする',
    cancelHref: '/returned',
    ...more.close,
  })}</section></div>`;
}
