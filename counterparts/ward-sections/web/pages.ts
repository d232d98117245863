import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Host } from '@musubi/kernel/serve/host.ts';
import { columnsToday, type Deps } from '../deps.ts';
import { type AskRefusal, askTax } from '../service/ask-tax.ts';
import {
  type AddRefusal,
  addSubject,
  endSubject,
  listSubjects,
  readSubject,
  type Subject,
} from '../service/subjects.ts';

const read = ['ward-sections', 'subject', 'read'] as const;
const update = ['ward-sections', 'subject', 'update'] as const;
const ask = ['ward-sections', 'question', 'update'] as const;
const top = { label: '対象者', href: '/' };

const refusals: Readonly<Record<AddRefusal | AskRefusal, string>> = {
  'not-authorised': 'この操作の権限がありません。',
  'not-staff': '職員としてサインインしてください。',
  'invalid-number': '個人番号の検査用数字が一致しません。',
  'particulars-disagree': '個人番号と4情報が一致しません。共通連携基盤の担当者の確認を待ってください。',
  'platform-unavailable': '共通連携基盤に接続できません。少し待ってから、もう一度行ってください。',
  'on-the-list': '同じ認定番号か同じ方が、すでに対象者です。',
  'no-such-subject': '該当する対象者がいません。',
  'not-on-the-list': '対象者から外れた方については照会できません。',
  'nothing-to-ask': '移転先一覧（別表2）に、この課が照会できる項目がありません。',
  'request-id-used': '同じ照会番号で内容の異なる照会があります。画面を開き直してください。',
};
/** Words of the platform that are noted as the answer. */
const answerWords: Readonly<Record<string, string>> = {
  'no-rule-row': '移転先一覧（別表2）に、今日効いている行がありません',
  'item-not-on-row': '行にない項目です',
  'row-not-settled': '行の内容が確定していません',
  'paper-only': '紙による移転です',
  'unknown-person': '対象者の紐付けを確認できません',
  'source-refused': '提供元が承認しませんでした',
  'not-your-business': '業務の証明書が一致しません',
};

const list: WorkListDefinition<Subject> = {
  caption: '対象者',
  defaultSort: { key: 'reference', direction: 'asc' },
  emptyText: '対象者はいません。',
  columns: [
    {
      key: 'reference',
      label: '認定番号',
      heading: true,
      cell: (r) => html`<a href="/subjects/${r.subjectId}">${r.reference}</a>`,
    },
    { key: 'name', label: '氏名', cell: (r) => html`${r.name}<br><span class="muted">${r.nameKana}</span>` },
    { key: 'birth', label: '生年月日', cell: (r) => time(Temporal.PlainDate.from(r.birthOn)) },
    { key: 'state', label: '状態', cell: (r) => stateOf(r) },
  ],
};
const stateOf = (r: Subject): Html => (r.endedOn === null ? badge('対象', 'done') : badge('終了', 'plain'));

const fields: readonly Field[] = [
  { kind: 'text', name: 'reference', label: '認定番号', maxLength: 40, width: 'short' },
  { kind: 'text', name: 'name', label: '受給者の氏名', maxLength: 100 },
  { kind: 'text', name: 'nameKana', label: '氏名かな', maxLength: 100 },
  { kind: 'date', name: 'birthDate', label: '生年月日' },
  {
    kind: 'radio',
    name: 'sex',
    label: '性別',
    options: [
      { value: 'female', label: '女' },
      { value: 'male', label: '男' },
    ],
  },
  { kind: 'text', name: 'address', label: '住所', maxLength: 200 },
  {
    kind: 'secret',
    name: 'individualNumber',
    label: '個人番号',
    hint: '12桁。本人確認の後に入力します。この課のシステムには残りません。',
    maxLength: 12,
  },
];

/** 対象者名簿 of the section, and the tax information of each person on it. */
export async function addPages(host: Pick<Host, 'pages'>, deps: Deps): Promise<PageApp> {
  const app = await host.pages({
    nav: [
      { label: '対象者', href: '/', right: read },
      { label: '対象者の登録', href: '/subjects/new', right: update },
    ],
  });
  subjectPages(app, deps);
  return app;
}

export function subjectPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await listSubjects(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '対象者', gloss: 'Subjects', personal: true },
      workList(list, { path: '/', query, ...found.value }),
    );
  });

  page(app, 'GET', '/subjects/new', update, (p) => drawForm(p, deps));
  page(app, 'POST', '/subjects/new', update, async (p) => {
    const given = readForm(fields, p.form);
    if (!given.ok) return drawForm(p, deps, given.error);
    const t = given.value.texts;
    const requestId = requestIdOf(p.form);
    if (requestId === undefined) return p.problem('unreadable-form');
    const added = await addSubject(deps, p.session.actor, {
      requestId,
      reference: t.reference!,
      individualNumber: t.individualNumber!,
      name: t.name!,
      nameKana: t.nameKana!,
      birthDate: t.birthDate!,
      sex: t.sex === 'male' ? 'male' : 'female',
      address: t.address!,
    });
    if (!added.ok) return drawForm(p, deps, { errors: { '': refusals[added.error] }, values: t });
    return p.redirect(`/subjects/${added.value.subjectId}`, { kind: 'done', text: '対象者に登録しました。' });
  });

  page(app, 'GET', '/subjects/:id', read, (p) => show(p, deps));
  page(app, 'POST', '/subjects/:id/question', ask, async (p) => {
    const requestId = requestIdOf(p.form);
    if (requestId === undefined) return p.problem('unreadable-form');
    const asked = await askTax(deps, p.session.actor, { requestId, subjectId: p.param('id'), items: [] });
    if (!asked.ok) return show(p, deps, refusals[asked.error]);
    return p.redirect(
      `/subjects/${encodeURIComponent(p.param('id'))}`,
      asked.value.state === 'refused'
        ? { kind: 'error', text: '照会は断られました。理由は経過にあります。' }
        : { kind: 'done', text: '照会の結果が届きました。' },
    );
  });
  page(app, 'POST', '/subjects/:id/end', update, async (p) => {
    const ended = await endSubject(deps, p.session.actor, { subjectId: p.param('id') });
    return p.redirect(
      `/subjects/${encodeURIComponent(p.param('id'))}`,
      ended.ok
        ? { kind: 'done', text: '対象者から外しました。以後は照会できません。' }
        : { kind: 'error', text: '対象者から外せません。' },
    );
  });
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
function requestIdOf(form: FormData): string | undefined {
  const value = form.get('requestId');
  return typeof value === 'string' && uuid.test(value) ? value : undefined;
}

const drawForm = (
  p: PageRequest,
  deps: Deps,
  faulty?: { readonly errors: FormErrors; readonly values: FormValues },
): Promise<Response> =>
  p.view(
    {
      title: '対象者の登録',
      gloss: 'Add a subject',
      breadcrumbs: [top],
      personal: true,
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    form({
      action: '/subjects/new',
      session: p.session,
      fields,
      submit: '登録する',
      cancelHref: '/',
      hidden: { requestId: deps.newId() },
      ...(faulty ?? {}),
    }),
  );

async function show(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const subjectId = p.param('id');
  if (!uuid.test(subjectId)) return p.problem('not-found');
  const found = await readSubject(deps, p.session.actor, { subjectId });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { subject, asked } = found.value;
  const [mayAsk, mayEnd] = [await p.may(ask), await p.may(update)];
  const open = subject.endedOn === null;
  const newest = asked.find((a) => a.answer?.state === 'answered')?.answer;
  return p.view(
    {
      title: '対象者の記録',
      gloss: 'Subject',
      breadcrumbs: [top],
      personal: true,
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${error && notice('error', error)}
<section aria-labelledby="subject">${sectionTitle('対象者', 'Subject', 'subject')}${facts([
      { label: '認定番号', value: subject.reference },
      { label: '氏名', value: subject.name },
      { label: '生年月日', value: time(Temporal.PlainDate.from(subject.birthOn)) },
      { label: '状態', value: stateOf(subject) },
    ])}</section>
<section aria-labelledby="tax">${sectionTitle('税情報', 'Tax information', 'tax')}${
      newest
        ? html`${facts(Object.entries(newest.items).map(([label, value]) => ({ label, value: shown(value) })))}<p class="muted">根拠 ${newest.ground}</p>`
        : html`<p class="muted">まだ届いた税情報はありません。</p>`
    }${
      mayAsk &&
      open &&
      html`<form class="no-print mt-4" method="post" action="/subjects/${subjectId}/question">${tokenField(p.session)}<input type="hidden" name="requestId" value="${deps.newId()}"><p>照会する項目: ${columnsToday(deps).join('、')}</p><button class="button button-primary" type="submit">税情報を照会する</button></form>`
    }</section>
<section aria-labelledby="asked">${sectionTitle('照会の経過', 'What was asked', 'asked')}${
      asked.length === 0
        ? html`<p class="muted">照会はまだありません。</p>`
        : html`<ol class="timeline">${asked.map(
            (a) =>
              html`<li data-state="${a.answer === null ? 'waiting' : a.answer.state === 'refused' ? 'failed' : 'done'}">${time(Temporal.Instant.from(a.askedAt))} ${a.askedBy}${a.terminal !== null && html`（端末 ${a.terminal}）`} ${resultOf(a.answer)}</li>`,
          )}</ol>`
    }</section>
${mayEnd && open && html`<form class="no-print" method="post" action="/subjects/${subjectId}/end">${tokenField(p.session)}<button class="button button-danger" type="submit">対象者から外す</button></form>`}</div>`,
  );
}

const shown = (value: string | number | boolean | null): string =>
  typeof value === 'number'
    ? value.toLocaleString('ja-JP')
    : typeof value === 'boolean'
      ? value
        ? 'あり'
        : 'なし'
      : (value ?? '―');

const resultOf = (answer: { readonly state: string; readonly word: string | null } | null): string => {
  if (answer === null) return '回答を待っています';
  if (answer.state === 'answered') return '回答が届きました';
  if (answer.state === 'nothing-held') return '該当する情報はありません';
  return `断られました: ${answerWords[answer.word ?? ''] ?? answer.word}`;
};
