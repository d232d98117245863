import type { Actor } from '@musubi/kernel/db/act.ts';
import {
  authorityDocuments,
  type IdentityCheck,
  identityDocuments,
  numberDocuments,
} from '@musubi/kernel/identifiers/identity-check.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormValues, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { formOf } from '../domain/counter-forms.ts';
import {
  type CounterRefusal,
  closeCounterFiling,
  compareCounterFiling,
  type EndRefusal,
  fileAtCounter,
  listCounterFilings,
  readCounterFiling,
} from '../service/intake/counter-filings.ts';
import { returnContents } from './document-contents.ts';

const reading = ['resident-tax', 'intake', 'read'] as const;
const updating = ['resident-tax', 'intake', 'update'] as const;

const options = (of: Readonly<Record<string, string>>) =>
  Object.entries(of).map(([value, label]) => ({ value, label }));
/** Elements that have a field of their own; the others are written as lines. */
const ownFields = {
  ABA00140: '氏名',
  ABA00130: 'フリガナ',
  ABA00200: '生年月日（西暦-月-日）',
  ABA00120: '1月1日の住所',
  ABB00370: '給与所得の金額',
  ABB01130: '雑所得の金額',
  ABB00410: '合計所得金額',
} as const;
const optional = new Set(['ABB00370', 'ABB01130', 'ABB00410']);

const fields: readonly Field[] = [
  { kind: 'text', name: 'incomeYear', label: '年分（西暦）', maxLength: 4, pattern: /^20[0-9]{2}$/, width: 'short' },
  { kind: 'text', name: 'formVersion', label: '様式の年分（紙の右上）', maxLength: 20, hint: '例: 令和7年分' },
  { kind: 'select', name: 'numberDocument', label: '番号を確認した書類', options: options(numberDocuments) },
  { kind: 'checks', name: 'identityDocuments', label: '来庁者を確認した書類', options: options(identityDocuments) },
  {
    kind: 'select',
    name: 'authority',
    label: '代理人のとき: 代理権の書類',
    required: false,
    options: [{ value: 'none', label: '代理人だが書類がない' }, ...options(authorityDocuments)],
  },
  { kind: 'text', name: 'individualNumber', label: '個人番号', maxLength: 12, autocomplete: 'off' },
  ...Object.entries(ownFields).map(
    ([name, label]): Field => ({ kind: 'text', name, label, maxLength: 120, required: !optional.has(name) }),
  ),
  {
    kind: 'lines',
    name: 'others',
    label: 'そのほかの項目',
    required: false,
    rows: 4,
    maxLength: 4_000,
    hint: '1行に一つ、項目の番号=値。例: ABB00440=480000',
  },
  {
    kind: 'select',
    name: 'scope',
    label: '区に住所の登録がないとき: 対象者判定',
    required: false,
    options: [
      { value: 'here-unregistered', label: '登録はないが区で課税する（住登外）' },
      { value: 'elsewhere', label: 'ほかの団体で課税する' },
    ],
  },
  { kind: 'text', name: 'scopeDetail', label: '判定の根拠又は課税する団体', maxLength: 100, required: false },
];
const compareFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'individualNumber',
    label: '紙にある個人番号',
    maxLength: 12,
    autocomplete: 'off',
    hint: '入力した職員とは別の職員が、紙を見てもう一度入力します。',
  },
];
const closeFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'outcome',
    label: '取扱い',
    options: [
      { value: 'returned', label: '入力した職員に戻す' },
      { value: 'sent-on', label: '課税する団体へ回す' },
    ],
  },
  { kind: 'text', name: 'note', label: '理由・送付先', maxLength: 200 },
];

const refusals: Record<CounterRefusal | EndRefusal, string> = {
  'not-staff': '職員だけが入力できます。',
  'form-not-in-force': 'その年分の様式ではありません。正しい様式に書き直してもらってください。',
  'identity-not-checked': '番号と本人を確認できる書類の組合せではありません。',
  'proxy-authority-missing': '代理権を示す書類が必要です。',
  'wrong-check-digit': '個人番号の検査用数字が一致しません。紙を確かめてください。',
  'unreadable-item': '項目の形式に合わない内容があります。',
  'item-missing': '氏名・フリガナ・生年月日・1月1日の住所は必ず入力してください。',
  'sum-differs': '合計所得金額が内訳と一致しません。',
  'born-later': '生年月日が年分より後です。',
  'scope-not-decided': '1月1日に区内の住所の登録がない方です。区で課税するかを判定してください。',
  'no-such-filing': '該当する申告がありません。',
  'ended-before': 'ほかの職員がすでに処理しています。',
  'entered-by-oneself': '入力した職員は照合できません。',
  'taxed-elsewhere': 'ほかの団体で課税する方の申告です。取り込めません。',
  'number-differs': '個人番号が入力と一致しません。',
  'note-missing': '理由又は送付先を入力してください。',
  erased: '保存期間を過ぎて消去されています。',
};
const refusalText = (word: string): string => refusals[word as CounterRefusal] ?? '記録できませんでした。';
const scopeTexts = { resident: '区の住民', 'here-unregistered': '住登外', elsewhere: 'ほかの団体' } as const;

/** 窓口申告: one clerk enters a paper return, another compares it. Numbers travel in the posted form alone and are never shown again. */
export function registerCounterPages(
  app: PageApp,
  deps: Deps,
  takeInNow: (actor: Actor, intakeId: string) => void,
): void {
  page(app, 'GET', '/counter', reading, (p) => list(deps, p, {}));

  page(app, 'POST', '/counter', updating, async (p) => {
    const text = (name: string): string => `${p.form.get(name) ?? ''}`.trim();
    const { individualNumber: _, ...typed } = Object.fromEntries(
      fields.map(({ name }) => [name, name === 'identityDocuments' ? p.form.getAll(name).map(String) : text(name)]),
    );
    const incomeYear = Number(text('incomeYear'));
    const filed = await fileAtCounter(deps, p.session.actor, {
      incomeYear,
      formId: formOf(incomeYear)?.formId ?? '',
      formVersion: text('formVersion'),
      identity: identityOf(p.form),
      individualNumber: text('individualNumber'),
      items: itemsOf(text),
      elsewhere:
        text('scope') === 'here-unregistered' || text('scope') === 'elsewhere'
          ? { scope: text('scope') as 'elsewhere', detail: text('scopeDetail') }
          : undefined,
    });
    if (!filed.ok && filed.error === 'not-authorised') return p.problem('not-authorised');
    if (!filed.ok) return list(deps, p, { values: typed, error: refusalText(filed.error) });
    return p.redirect('/counter', { kind: 'done', text: '入力しました。別の職員の照合を待ちます。' });
  });

  page(app, 'GET', '/counter/:filingId', reading, async (p) => {
    const filingId = p.param('filingId');
    if (!isUuid(filingId)) return p.problem('not-found');
    const read = await readCounterFiling(deps, p.session.actor, { filingId });
    if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const { filing, items } = read.value;
    const open = filing.outcome === null && (await p.may(updating));
    return p.view(
      {
        title: '窓口申告の照合',
        gloss: 'A paper return, looked at by a second person',
        breadcrumbs: [{ label: '窓口申告', href: '/counter' }],
      },
      html`<div class="stack"><p>${time(Temporal.PlainDate.from(filing.filedOn))}受付　入力 ${filing.enteredBy}　${badge(scopeTexts[filing.scope], filing.scope === 'elsewhere' ? 'warning' : 'plain')}　${filing.scopeDetail}</p>
${returnContents({ items: Object.fromEntries(items) })}${
  open &&
  filing.scope !== 'elsewhere' &&
  html`<section aria-labelledby="compare">${sectionTitle('紙との照合', 'Second person', 'compare')}${form({ action: `/counter/${filingId}`, session: p.session, fields: compareFields, submit: '紙と一致することを確認した' })}</section>`
}${
  open &&
  html`<section aria-labelledby="close">${sectionTitle('取り込まないとき', 'Not taken in', 'close')}${form({ action: `/counter/${filingId}/close`, session: p.session, fields: closeFields, submit: '記録する' })}</section>`
}</div>`,
    );
  });

  page(app, 'POST', '/counter/:filingId', updating, async (p) => {
    const filingId = p.param('filingId');
    if (!isUuid(filingId)) return p.problem('not-found');
    const individualNumber = `${p.form.get('individualNumber') ?? ''}`.trim();
    const done = await compareCounterFiling(deps, p.session.actor, { filingId, individualNumber });
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return p.redirect(`/counter/${filingId}`, { kind: 'error', text: refusalText(done.error) });
    takeInNow(p.session.actor, done.value.intakeId);
    return p.redirect('/counter', { kind: 'done', text: '照合しました。取込を始めます。' });
  });

  page(app, 'POST', '/counter/:filingId/close', updating, async (p) => {
    const filingId = p.param('filingId');
    if (!isUuid(filingId)) return p.problem('not-found');
    const done = await closeCounterFiling(deps, p.session.actor, {
      filingId,
      outcome: p.form.get('outcome') === 'sent-on' ? 'sent-on' : 'returned',
      note: `${p.form.get('note') ?? ''}`,
    });
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return p.redirect(`/counter/${filingId}`, { kind: 'error', text: refusalText(done.error) });
    return p.redirect('/counter', { kind: 'done', text: '記録しました。' });
  });
}

function identityOf(posted: FormData): IdentityCheck {
  const known = <K extends string>(of: Readonly<Record<K, string>>, value: unknown): value is K =>
    Object.hasOwn(of, `${value}`);
  const number = posted.get('numberDocument');
  const authority = `${posted.get('authority') ?? ''}`;
  return {
    numberDocument: known(numberDocuments, number) ? number : null,
    identityDocuments: posted.getAll('identityDocuments').filter((one) => known(identityDocuments, one)),
    proxy: authority === '' ? null : { authority: known(authorityDocuments, authority) ? authority : null },
  };
}

function itemsOf(text: (name: string) => string): ReadonlyMap<string, string> {
  const own = Object.keys(ownFields).map((code) => [code, text(code)] as const);
  const others = text('others')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return new Map([...own, ...others].filter(([, value]) => value !== ''));
}

async function list(
  deps: Deps,
  p: PageRequest,
  shown: { readonly values?: FormValues; readonly error?: string },
): Promise<Response> {
  const found = await listCounterFilings(deps, p.session.actor, undefined);
  if (!found.ok) return p.problem('not-authorised');
  const mayUpdate = await p.may(updating);
  const { values = {}, error } = shown;
  return p.view(
    {
      title: '窓口申告',
      gloss: 'Returns on paper, filed at the counter',
      ...(error === undefined ? {} : { hasErrors: true, status: 422 }),
    },
    html`<div class="stack"><section aria-labelledby="open">${sectionTitle('照合を待つ申告', 'Waiting for a second person', 'open')}${
      found.value.length === 0
        ? html`<p class="muted">ありません。</p>`
        : html`<ul>${found.value.map((one) => html`<li><a href="/counter/${one.filingId}">${time(Temporal.PlainDate.from(one.filedOn))}受付　令和${one.incomeYear - 2018}年分</a>　入力 ${one.enteredBy}　${badge(scopeTexts[one.scope])}</li>`)}</ul>`
    }</section>${
      mayUpdate &&
      html`<section aria-labelledby="enter">${sectionTitle('入力する', 'New entry', 'enter')}${error !== undefined && notice('error', error, '何も保管していません。')}${form({ action: '/counter', session: p.session, fields, values, submit: '入力する' })}</section>`
    }</div>`,
  );
}
