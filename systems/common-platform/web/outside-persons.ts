import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { clerksReasons, outsideReasons } from '../domain/outside-number.ts';
import {
  endOutsideNumber,
  type OutsideLine,
  type OutsideView,
  readOutsidePerson,
  readOutsidePersons,
} from '../service/outside-persons.ts';

const read = ['common-platform', 'outside-person', 'read'] as const;
const update = ['common-platform', 'outside-person', 'update'] as const;
const top = { label: '住登外者', href: '/outside-persons' };

const errors: Readonly<Record<string, string>> = {
  'evidence-missing': '確認した資料を入力してください。',
  'already-ended': 'すでに終了しています。',
  'no-such-number': '該当する番号がありません。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
};

const stateOf = (r: Pick<OutsideLine, 'step' | 'why'>): Html =>
  r.step === 'begun' ? badge('有効', 'done') : html`${badge('終了', 'plain')} ${outsideReasons[r.why]}`;

const list: WorkListDefinition<OutsideLine> = {
  caption: '住登外者',
  defaultSort: { key: 'name', direction: 'asc' },
  emptyText: '該当する住登外者はいません。',
  filters: [
    {
      kind: 'select',
      name: 'step',
      label: '状態',
      options: [
        { value: 'begun', label: '有効' },
        { value: 'ended', label: '終了' },
      ],
    },
  ],
  columns: [
    {
      key: 'number',
      label: '住登外者宛名番号',
      heading: true,
      cell: (r) => html`<a href="/outside-persons/${r.outsideNumber}">${r.outsideNumber}</a>`,
    },
    { key: 'name', label: '氏名', cell: (r) => html`${r.name}<br><span class="muted">${r.nameKana}</span>` },
    {
      key: 'birth',
      label: '生年月日',
      cell: (r) => (r.birthOn === null ? '―' : time(Temporal.PlainDate.from(r.birthOn))),
    },
    { key: 'municipality', label: '登録のある市区町村', cell: (r) => r.municipalityCode ?? '不明' },
    { key: 'state', label: '状態', cell: stateOf },
  ],
};

/** Sent by POST: a name does not belong in an address that is kept. */
const searchFields = [
  { kind: 'text', name: 'number', label: '住登外者宛名番号', maxLength: 15 },
  { kind: 'text', name: 'name', label: '氏名または氏名かなの先頭', maxLength: 50 },
] as const;

/** 住登外者宛名番号: search, one number with its history, and its end. */
export function outsidePersonPages(app: PageApp, deps: Deps): void {
  const showList = async (p: PageRequest, typed: { number?: string; name?: string }): Promise<Response> => {
    const query = readListQuery(list, p.query);
    const { step } = query.filters;
    const found = await readOutsidePersons(deps, p.session.actor, {
      ...(typed.number ? { outsideNumber: typed.number } : {}),
      ...(typed.name ? { name: typed.name } : {}),
      ...(step === 'begun' || step === 'ended' ? { step } : {}),
      offset: query.offset,
      limit: query.size,
    });
    if (!found.ok) return p.problem('not-authorised');
    const form = searchForm({
      action: '/outside-persons',
      method: 'post',
      session: p.session,
      label: '住登外者の検索',
      fields: searchFields,
      values: { ...typed },
    });
    return p.view(
      { title: '住登外者', gloss: 'Persons outside the register', personal: true },
      html`<div class="stack"><p>住民基本台帳に記録されていない方に付けた番号です。番号は業務からの届出で一度だけ付き、同じ方には同じ番号を使います。同じ方の疑いは<a href="/look-alikes">二重登録の候補</a>で確認します。</p>${form}${workList(list, { path: '/outside-persons', query, ...found.value })}</div>`,
    );
  };
  page(app, 'GET', '/outside-persons', read, (p) => showList(p, {}));
  page(app, 'POST', '/outside-persons', read, (p) =>
    showList(p, { number: textOf(p.form, 'number'), name: textOf(p.form, 'name') }),
  );

  page(app, 'GET', '/outside-persons/:number', read, (p) => show(p, deps));

  page(app, 'POST', '/outside-persons/:number/end', update, async (p) => {
    const why = clerksReasons.find((reason) => reason === p.form.get('why'));
    if (why === undefined) return show(p, deps, '終了の理由を選んでください。');
    const evidence = textOf(p.form, 'evidence');
    const ended = await endOutsideNumber(deps, p.session.actor, {
      outsideNumber: p.param('number'),
      why,
      evidence,
    });
    if (!ended.ok) return show(p, deps, errors[ended.error] ?? 'この操作はできません。');
    return p.redirect(`/outside-persons/${encodeURIComponent(p.param('number'))}`, {
      kind: 'done',
      text: '番号を終了しました。同じ方が再び対象になったときは、同じ番号を使います。',
    });
  });
}

const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value.normalize('NFC').trim().slice(0, 200) : '';
};

async function show(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const found = await readOutsidePerson(deps, p.session.actor, { outsideNumber: p.param('number') });
  if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const mayEnd = found.value.line.step === 'begun' && (await p.may(update));
  return p.view(
    {
      title: '住登外者の記録',
      gloss: 'Person outside the register',
      breadcrumbs: [top],
      personal: true,
      ...(error === undefined ? {} : { hasErrors: true, status: 422 as const }),
    },
    html`<div class="stack">${error && notice('error', error)}${recordOf(found.value)}${mayEnd && endForm(p)}</div>`,
  );
}

const recordOf = ({ line, history }: OutsideView): Html =>
  html`<section aria-labelledby="numbers">${sectionTitle('番号', 'Numbers', 'numbers')}${facts([
    { label: '住登外者宛名番号', value: line.outsideNumber },
    { label: '団体内統合宛名番号', value: html`<a href="/persons/${line.personId}">${line.orgPersonNumber}</a>` },
    { label: '氏名', value: line.name ?? '―' },
    { label: '登録のある市区町村', value: line.municipalityCode ?? '不明' },
    { label: '状態', value: stateOf(line) },
  ])}</section>
<section aria-labelledby="steps">${sectionTitle('経過', 'What became of it', 'steps')}<ol class="timeline">${history.map(
    (h) =>
      html`<li data-state="done">${time(Temporal.PlainDate.from(h.on))} ${h.step === 'begun' ? '開始' : '終了'}（${outsideReasons[h.why]}）${h.system !== null && html` ${h.system}`}${h.note !== null && html` ${h.note}`}</li>`,
  )}</ol></section>`;

const endForm = (
  p: PageRequest,
): Html => html`<section class="no-print" aria-labelledby="end">${sectionTitle('番号の終了', 'End the number', 'end')}
<form class="form" method="post" action="/outside-persons/${p.param('number')}/end" novalidate>${tokenField(p.session)}
<div class="field"><label for="why">終了の理由<span class="required">必須</span></label><select class="input" id="why" name="why"><option value="">選んでください</option>${clerksReasons.map((r) => html`<option value="${r}">${outsideReasons[r]}</option>`)}</select></div>
<div class="field"><label for="evidence">確認した資料<span class="required">必須</span></label><input class="input" type="text" id="evidence" name="evidence" maxlength="200"></div>
<div class="row"><button class="button button-danger" type="submit">番号を終了する</button></div></form></section>`;
