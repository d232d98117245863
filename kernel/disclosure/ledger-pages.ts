import { isUuid } from '../ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '../pages/app.ts';
import { dateText, html } from '../pages/html.ts';
import { type Field, type FormOptions, form, readForm } from '../pages/kit/form.ts';
import { badge, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import type { Disclosure } from './disclosure.ts';
import { type Disposal, disposals } from './ledger.ts';
import { formStepWords } from './pages.ts';
import {
  type QuestionChannel,
  type QuestionLine,
  type QuestionStep,
  questionChannels,
  questionSteps,
} from './questions.ts';
import { type DisclosureDeps, formTypes, levels } from './setup.ts';
import type { FormRow } from './store.ts';
import { words } from './words.ts';

const options = (list: Readonly<Record<string, string>>) =>
  Object.entries(list).map(([value, label]) => ({ value, label }));
const day = (text: string): string => dateText(Temporal.PlainDate.from(text));

const formList: WorkListDefinition<FormRow> = {
  caption: '帳票の一覧',
  filters: [
    { kind: 'select', name: 'which', label: '状態', options: options({ open: '手元にあるもの', all: 'すべて' }) },
    { kind: 'select', name: 'formType', label: '種類', options: options(formTypes) },
  ],
  columns: [
    {
      key: 'serial',
      label: '帳票番号',
      heading: true,
      cell: (f) => html`<a href="/forms/${f.serial}">${f.serial}</a>`,
    },
    { key: 'type', label: '種類', cell: (f) => formTypes[f.formType] },
    { key: 'number', label: '個人番号', cell: (f) => f.carriesNumber ?? 'なし' },
    { key: 'ordered', label: '作成・受付', cell: (f) => `${day(f.orderedOn)} ${f.orderedBy}` },
    {
      key: 'steps',
      label: '経過',
      cell: (f) =>
        html`${f.steps.map((s) => html`${badge(formStepWords[s.kind], s.kind === 'spoiled' ? 'error' : 'plain')} ${day(s.takenOn)} ${s.takenBy}${s.detail.place ? `（${s.detail.place}）` : ''}${s.detail.witness ? `（立会 ${s.detail.witness}）` : ''}<br>`)}`,
    },
  ],
  defaultSort: { key: 'serial', direction: 'asc' },
  emptyText: '帳票はありません。',
};
const checkFields: readonly Field[] = [
  {
    kind: 'lines',
    name: 'found',
    label: '金庫等にあった帳票番号',
    hint: '1行に1つ',
    required: false,
    rows: 6,
    maxLength: 20000,
  },
  { kind: 'lines', name: 'explanation', label: '相違があるときの理由', required: false, rows: 2, maxLength: 400 },
];
const endFields: readonly Field[] = [
  { kind: 'radio', name: 'method', label: '廃棄の方法', options: options(disposals) },
  { kind: 'text', name: 'witness', label: '立会人の職員番号', maxLength: 40 },
];
const spoilFields: readonly Field[] = [
  { kind: 'text', name: 'reason', label: '書損の理由', maxLength: 100 },
  ...endFields,
];
const openFields: readonly Field[] = [
  { kind: 'select', name: 'channel', label: '方法', options: options(questionChannels) },
  {
    kind: 'lines',
    name: 'subject',
    label: '問合せの内容',
    hint: '個人番号は書かないでください',
    maxLength: 400,
    rows: 3,
  },
];
const stepFields: readonly Field[] = [
  { kind: 'select', name: 'kind', label: '段階', options: options(questionSteps) },
  { kind: 'lines', name: 'note', label: '内容', hint: '個人番号は書かないでください', maxLength: 400, rows: 3 },
];
const questionList: WorkListDefinition<QuestionLine> = {
  caption: '問合せの一覧',
  filters: [{ kind: 'select', name: 'which', label: '状態', options: options({ all: '完了を含む' }) }],
  columns: [
    {
      key: 'no',
      label: '番号',
      heading: true,
      cell: (q) => html`<a href="/questions/${q.questionId}">${q.number}</a>`,
    },
    { key: 'on', label: '受付', cell: (q) => `${day(q.receivedOn)} ${questionChannels[q.channel]}` },
    { key: 'subject', label: '内容', cell: (q) => q.subject },
    { key: 'owner', label: '担当', cell: (q) => q.owner },
    {
      key: 'steps',
      label: '経過',
      cell: (q) => html`${q.steps.map((s) => html`${badge(questionSteps[s.kind])} ${day(s.takenOn)} ${s.note}<br>`)}`,
    },
  ],
  defaultSort: { key: 'no', direction: 'desc' },
  emptyText: '問合せはありません。',
};

/** 帳票管理簿 and 問合せ: lists that print as they stand, and what ends an entry. */
export function addLedgerPages<D extends DisclosureDeps>(app: PageApp, disclosure: Disclosure<D>, deps: D): void {
  const { system } = disclosure.setup;
  const keep = levels.ledger(system);
  const handle = levels.handle(system);
  const { ledger, questions } = disclosure;

  const showLedger = async (p: PageRequest, more: Partial<FormOptions> = {}): Promise<Response> => {
    const query = readListQuery(formList, p.query);
    const { offset, size: limit, filters } = query;
    const which = (filters.which ?? 'open') as 'open' | 'all';
    const found = await ledger.list(deps, p.session.actor, {
      which,
      formType: filters.formType ?? null,
      offset,
      limit,
    });
    if (!found.ok) return p.problem('not-authorised');
    const { checks } = found.value;
    const view = { title: '帳票管理簿', gloss: 'Ledger of printed forms' };
    return p.view(
      more.errors ? { ...view, hasErrors: true, status: 409 } : view,
      html`<div class="stack">${workList(formList, { path: '/forms', query, ...found.value })}
<section>${sectionTitle('定期点検', 'Periodic check')}${form({ action: '/forms/check', session: p.session, fields: checkFields, submit: '点検を記録する', ...more })}
${
  checks.length > 0 &&
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="点検の表"><table class="data-table"><caption>これまでの点検</caption><thead><tr><th scope="col">日</th><th scope="col">点検者</th><th scope="col">帳簿</th><th scope="col">不足</th><th scope="col">過剰</th><th scope="col">理由</th></tr></thead><tbody>${checks.map((c) => html`<tr><td class="nowrap">${day(c.checkedOn)}</td><td>${c.checkedBy}</td><td>${c.expected}件</td><td>${c.missing.join(' ')}</td><td>${c.surplus.join(' ')}</td><td>${c.explanation}</td></tr>`)}</tbody></table></div>`
}</section></div>`,
    );
  };
  page(app, 'GET', '/forms', keep, (p) => showLedger(p));
  page(app, 'POST', '/forms/check', keep, async (p) => {
    const read = readForm(checkFields, p.form);
    if (!read.ok) return showLedger(p, read.error);
    const found = (read.value.texts.found ?? '').split(/\s+/).filter((serial) => serial !== '');
    const done = await ledger.check(deps, p.session.actor, { found, explanation: read.value.texts.explanation ?? '' });
    if (done.ok)
      return p.redirect('/forms', {
        kind: 'done',
        text: `点検を記録しました（不足${done.value.missing.length}件、過剰${done.value.surplus.length}件）。`,
      });
    return showLedger(p, { errors: { '': words[done.error] }, values: read.value.texts });
  });
  const showForm = (p: PageRequest, faults: { spoil?: Partial<FormOptions>; dispose?: Partial<FormOptions> } = {}) => {
    const serial = p.param('serial');
    const view = { title: `帳票 ${serial}`, gloss: 'A form' };
    return p.view(
      faults.spoil || faults.dispose ? { ...view, hasErrors: true, status: 409 } : view,
      html`<div class="stack"><section>${sectionTitle('廃棄', 'Disposal')}${form({ action: `/forms/${serial}/dispose`, session: p.session, fields: endFields, submit: '廃棄を記録する', danger: true, cancelHref: '/forms', ...faults.dispose })}</section>
<section>${sectionTitle('書損', 'Spoiled')}${form({ action: `/forms/${serial}/spoil`, session: p.session, fields: spoilFields.map((f) => ({ ...f, name: `s-${f.name}` })), submit: '書損を記録する', danger: true, ...faults.spoil })}</section></div>`,
    );
  };
  page(app, 'GET', '/forms/:serial', keep, (p) => showForm(p));
  page(app, 'POST', '/forms/:serial/dispose', keep, async (p) => {
    const read = readForm(endFields, p.form);
    if (!read.ok) return showForm(p, { dispose: read.error });
    const { method, witness = '' } = read.value.texts;
    const done = await ledger.dispose(deps, p.session.actor, {
      serial: p.param('serial'),
      method: method as Disposal,
      witness,
    });
    return done.ok
      ? p.redirect('/forms', { kind: 'done', text: '廃棄を記録しました。' })
      : showForm(p, { dispose: { errors: { '': words[done.error] }, values: read.value.texts } });
  });
  page(app, 'POST', '/forms/:serial/spoil', keep, async (p) => {
    const renamed = spoilFields.map((f) => ({ ...f, name: `s-${f.name}` }));
    const read = readForm(renamed, p.form);
    if (!read.ok) return showForm(p, { spoil: read.error });
    const { 's-reason': reason = '', 's-method': method, 's-witness': witness = '' } = read.value.texts;
    const done = await ledger.spoil(deps, p.session.actor, {
      serial: p.param('serial'),
      reason,
      method: method as Disposal,
      witness,
    });
    return done.ok
      ? p.redirect('/forms', { kind: 'done', text: '書損を記録しました。' })
      : showForm(p, { spoil: { errors: { '': words[done.error] }, values: read.value.texts } });
  });

  const showQuestions = async (p: PageRequest, more: Partial<FormOptions> = {}): Promise<Response> => {
    const query = readListQuery(questionList, p.query);
    const { offset, size: limit } = query;
    const found = await questions.list(deps, p.session.actor, { open: query.filters.which !== 'all', offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    const view = { title: '問合せ', gloss: 'Questions' };
    return p.view(
      more.errors ? { ...view, hasErrors: true, status: 422 } : view,
      html`<div class="stack">${workList(questionList, { path: '/questions', query, ...found.value })}
${(await p.may(handle)) && html`<section>${sectionTitle('受付', 'Register')}${form({ action: '/questions', session: p.session, fields: openFields, submit: '問合せを受け付ける', ...more })}</section>`}</div>`,
    );
  };
  page(app, 'GET', '/questions', levels.see(system), (p) => showQuestions(p));
  page(app, 'POST', '/questions', handle, async (p) => {
    const read = readForm(openFields, p.form);
    if (!read.ok) return showQuestions(p, read.error);
    const { channel, subject = '' } = read.value.texts;
    const done = await questions.open(deps, p.session.actor, { channel: channel as QuestionChannel, subject });
    return done.ok
      ? p.redirect('/questions', { kind: 'done', text: `${done.value.number} で受け付けました。` })
      : showQuestions(p, { errors: { '': words[done.error] }, values: read.value.texts });
  });
  const stepForm = (p: PageRequest, more: Partial<FormOptions> = {}) =>
    form({
      action: p.path,
      session: p.session,
      fields: stepFields,
      submit: '記録する',
      cancelHref: '/questions',
      ...more,
    });
  const stepTitle = { title: '問合せの対応', gloss: 'Handle a question' };
  page(app, 'GET', '/questions/:id', handle, (p) => p.view(stepTitle, stepForm(p)));
  page(app, 'POST', '/questions/:id', handle, async (p) => {
    const read = readForm(stepFields, p.form);
    if (!read.ok) return p.view({ ...stepTitle, hasErrors: true, status: 422 }, stepForm(p, read.error));
    const id = p.param('id');
    if (!isUuid(id)) return p.problem('not-found');
    const { kind, note = '' } = read.value.texts;
    const done = await questions.step(deps, p.session.actor, { questionId: id, kind: kind as QuestionStep, note });
    if (done.ok) return p.redirect('/questions', { kind: 'done', text: '記録しました。' });
    const errors = { '': words[done.error] };
    return p.view({ ...stepTitle, hasErrors: true, status: 409 }, stepForm(p, { errors, values: read.value.texts }));
  });
}
