import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html } from '@musubi/kernel/pages/html.ts';
import { stepper } from '@musubi/kernel/pages/kit/confirm-page.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { takeRegisterResult, writeRegisterList } from '../service/register-media.ts';
import {
  closeRegisterUse,
  decideRegisterUse,
  listCasesToAsk,
  lookRegisterUses,
  type RegisterUse,
  type RegisterUseView,
  requestRegisterUse,
  showRegisterUse,
} from '../service/register-uses.ts';
import { registerUse as use } from './applicant-number.ts';
import { registerText, standingWords } from './register-words.ts';

const read = ['child-chronic', 'register-use', 'read'] as const;
const approve = ['child-chronic', 'register-use-approval', 'update'] as const;
const medium = ['child-chronic', 'register-medium', 'update'] as const;

const stages = ['記入', '承認', '媒体への書込み', '結果の読込み', '媒体の消去', '終了'] as const;

/** Index of the stage that comes next, and in words. */
function stageOf(u: RegisterUse): readonly [number, string, Tone] {
  if (u.closedBy !== null) return [stages.length, '終了', 'done'];
  if (u.decision === null) return [1, '承認待ち', 'warning'];
  if (u.decision === 'rejected') return [1, '不承認', 'error'];
  if (u.handOverId === null) return [2, '書込み待ち', 'info'];
  if (u.answers < u.rows) return [3, `回答待ち ${u.rows - u.answers}人`, 'warning'];
  return [4, '終了待ち', 'info'];
}

const list: WorkListDefinition<RegisterUse> = {
  caption: '住基照会の使用簿',
  defaultSort: { key: 'number', direction: 'desc' },
  emptyText: '使用簿の記載はまだありません。',
  columns: [
    {
      key: 'number',
      label: '番号',
      heading: true,
      cell: (u) => html`<a href="/register-uses/${u.entryId}">${u.entryNumber}</a>`,
    },
    { key: 'purpose', label: '目的', cell: (u) => u.purpose },
    { key: 'by', label: '使用者', cell: (u) => u.requestedBy },
    { key: 'rows', label: '人数', align: 'end', cell: (u) => `${u.rows}` },
    { key: 'answers', label: '回答', align: 'end', cell: (u) => `${u.answers}` },
    { key: 'state', label: '状態', cell: (u) => badge(stageOf(u)[1], stageOf(u)[2]) },
  ],
};

const writeFields: readonly Field[] = [
  {
    kind: 'text',
    name: 'serial',
    label: '媒体の番号',
    hint: 'この部署に貸し出された媒体',
    maxLength: 40,
    width: 'short',
  },
  { kind: 'date', name: 'settleByOn', label: '媒体の返却・消去の期限' },
];
const resultFields: readonly Field[] = [
  { kind: 'text', name: 'resultSerial', label: '媒体の番号', maxLength: 40, width: 'short' },
  {
    kind: 'file',
    name: 'result',
    label: '照会結果のファイル',
    hint: '媒体から、暗号化されたまま（.age）',
    accept: '.age',
  },
];
const closeFields: readonly Field[] = [
  { kind: 'lines', name: 'outcome', label: '照会の結果', hint: '使用簿に残る記載', maxLength: 400, rows: 3 },
];

/** 住基照会: the use ledger, its lists on media, and what came back. */
export function registerUsePages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/register-uses', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await lookRegisterUses(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '住基照会の使用簿', gloss: 'Use ledger of the resident register' },
      html`<div class="stack">${(await p.may(use)) && html`<p><a class="button button-primary" href="/register-uses/new">使用簿に記入する</a></p>`}${workList(list, { path: '/register-uses', query, ...found.value })}</div>`,
    );
  });
  page(app, 'GET', '/register-uses/new', use, (p) => showNew(p, deps, {}, {}));
  page(app, 'POST', '/register-uses/new', use, async (p) => {
    const fields = await newFields(deps, p);
    const given = readForm(fields, p.form);
    if (!given.ok) return showNew(p, deps, given.error.values, given.error.errors);
    const { texts, lists } = given.value;
    const { purpose = '', notification = '' } = texts;
    const done = await requestRegisterUse(deps, p.session.actor, { purpose, notification, caseIds: lists.cases ?? [] });
    if (!done.ok) return showNew(p, deps, { ...texts, ...lists }, { '': registerText(done.error) });
    return p.redirect(`/register-uses/${done.value.entryId}`, {
      kind: 'done',
      text: '使用簿に記入しました。別の職員の承認を待ちます。',
    });
  });
  page(app, 'GET', '/register-uses/:id', read, (p) => show(p, deps));
  page(app, 'POST', '/register-uses/:id/decision', approve, async (p) => {
    const isApproved = p.form.get('decision') === 'approve';
    const done = await decideRegisterUse(deps, p.session.actor, { entryId: p.param('id'), approve: isApproved });
    return done.ok
      ? back(p, isApproved ? '承認しました。' : '承認しませんでした。')
      : show(p, deps, { '': done.error });
  });
  page(app, 'POST', '/register-uses/:id/list', medium, async (p) => {
    const given = readForm(writeFields, p.form);
    if (!given.ok) return show(p, deps, given.error.errors, given.error.values);
    const { serial = '', settleByOn = '' } = given.value.texts;
    const done = await writeRegisterList(deps, p.session.actor, {
      entryId: p.param('id'),
      serial,
      settleByOn: Temporal.PlainDate.from(settleByOn),
    });
    if (!done.ok) return show(p, deps, { '': registerText(done.error) }, given.value.texts);
    const file = done.value.files[0]!;
    return p.file(file.bytes, { type: 'application/octet-stream', name: file.fileName });
  });
  page(app, 'POST', '/register-uses/:id/result', medium, async (p) => {
    const given = readForm(resultFields, p.form);
    if (!given.ok) return show(p, deps, given.error.errors, given.error.values);
    const bytes = new Uint8Array(await given.value.files.result!.arrayBuffer());
    const serial = given.value.texts.resultSerial ?? '';
    const done = await takeRegisterResult(deps, p.session.actor, { entryId: p.param('id'), serial, bytes });
    if (!done.ok) return show(p, deps, { '': registerText(done.error) }, given.value.texts);
    const { answers, missing } = done.value;
    return back(p, `回答${answers}人分を登録しました。${missing > 0 ? `${missing}人分の回答がありません。` : ''}`);
  });
  page(app, 'POST', '/register-uses/:id/close', use, async (p) => {
    const given = readForm(closeFields, p.form);
    if (!given.ok) return show(p, deps, given.error.errors);
    const outcome = given.value.texts.outcome ?? '';
    const done = await closeRegisterUse(deps, p.session.actor, { entryId: p.param('id'), outcome });
    return done.ok
      ? back(p, '使用簿を閉じました。リストの控えは消去されます。')
      : show(p, deps, { '': registerText(done.error) }, given.value.texts);
  });
}

const back = (p: PageRequest, text: string): Response =>
  p.redirect(`/register-uses/${encodeURIComponent(p.param('id'))}`, { kind: 'done', text });

async function newFields(deps: Deps, p: PageRequest): Promise<Field[]> {
  const found = await listCasesToAsk(deps, p.session.actor, {});
  return [
    { kind: 'text', name: 'purpose', label: '利用の目的', maxLength: 200 },
    { kind: 'text', name: 'notification', label: '利用届の許可番号', maxLength: 60, width: 'short' },
    {
      kind: 'checks',
      name: 'cases',
      label: '対象者',
      hint: '決定前で、照会中でない申請の申請者',
      options: (found.ok ? found.value : []).map((c) => ({
        value: c.caseId,
        label: `${c.caseNumber} ${c.applicantName}`,
        ...(c.hasNumber ? {} : { hint: '個人番号なし: 氏名・生年月日・住所で照会します' }),
      })),
    },
  ];
}

async function showNew(p: PageRequest, deps: Deps, values: FormValues, errors: FormErrors): Promise<Response> {
  const faulty = Object.keys(errors).length > 0;
  return p.view(
    {
      title: '使用簿に記入する',
      gloss: 'Ask to use the resident register',
      breadcrumbs: [{ label: '住基照会の使用簿', href: '/register-uses' }],
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    form({
      action: '/register-uses/new',
      session: p.session,
      fields: await newFields(deps, p),
      values,
      errors,
      submit: '承認を求める',
      cancelHref: '/register-uses',
    }),
  );
}

async function show(p: PageRequest, deps: Deps, errors: FormErrors = {}, values: FormValues = {}): Promise<Response> {
  const entryId = p.param('id');
  const found = isUuid(entryId) ? await showRegisterUse(deps, p.session.actor, { entryId }) : undefined;
  if (!found?.ok) return p.problem('not-found');
  const view = found.value;
  const { use: u } = view;
  const [next, word, tone] = stageOf(u);
  const faulty = Object.keys(errors).length > 0;
  return p.view(
    {
      title: `使用簿 ${u.entryNumber}`,
      gloss: 'Entry of the use ledger',
      breadcrumbs: [{ label: '住基照会の使用簿', href: '/register-uses' }],
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${stepper([...stages], next)}${facts([
      { label: '状態', value: badge(word, tone) },
      { label: '目的', value: u.purpose },
      { label: '利用届の許可番号', value: u.notification },
      { label: '事務コード', value: u.taskCode },
      { label: '使用者', value: u.requestedBy },
      { label: '承認', value: u.decidedBy && `${u.decision === 'approved' ? '承認' : '不承認'} ${u.decidedBy}` },
      { label: '媒体', value: u.serial && html`<a href="/media/medium/${u.serial}">${u.serial}</a>` },
      { label: '人数と回答', value: `${u.rows}人のうち${u.answers}人` },
      { label: '結果', value: u.outcome && `${u.outcome}（${u.closedBy}）` },
    ])}${await actions(p, view, errors, values)}${rowsPart(view)}</div>`,
  );
}

/** The one thing that comes next, for whoever may do it. */
async function actions(p: PageRequest, view: RegisterUseView, errors: FormErrors, values: FormValues): Promise<Html> {
  const { use: u, unerased } = view;
  const path = `/register-uses/${u.entryId}`;
  const { actor } = p.session;
  const [next] = stageOf(u);
  const ask = (action: string, fields: readonly Field[], submit: string): Html =>
    form({ action: `${path}/${action}`, session: p.session, fields, values, errors, submit });
  const wrong = errors[''] !== undefined && notice('error', errors['']);
  if (next === stages.length) return html``;
  if (u.decision === null) {
    if (actor.kind === 'staff' && actor.staffId === u.requestedBy)
      return html`${wrong}${notice('info', '別の職員の承認を待っています。')}`;
    if (!(await p.may(approve))) return html`${wrong}`;
    return html`${wrong}<form class="row no-print" method="post" action="${path}/decision">${tokenField(p.session)}<button class="button button-primary" type="submit" name="decision" value="approve">${u.rows}人の照会を承認する</button><button class="button" type="submit" name="decision" value="reject">承認しない</button></form>`;
  }
  const mayUse = await p.may(use);
  const close =
    mayUse &&
    html`<section aria-labelledby="close">${sectionTitle('使用簿を閉じる', 'Close', 'close')}${
      unerased.length > 0 &&
      notice(
        'warning',
        '消去されていない媒体があります。',
        html`${unerased.map((s) => html`<a href="/media/medium/${s}">${s}</a> `)}`,
      )
    }${ask('close', closeFields, '閉じる')}</section>`;
  if (u.decision === 'rejected') return html`${close}`;
  if (!(await p.may(medium)))
    return html`${next <= 3 && notice('info', '媒体への書込みと読込みは、媒体を扱う端末で行います。')}${next >= 3 && close}`;
  if (next === 2)
    return html`<section aria-labelledby="write">${sectionTitle('リストの書込み', 'Write the list', 'write')}${ask('list', writeFields, '媒体に書き込む')}</section>`;
  return html`${next === 3 && html`<section aria-labelledby="result">${sectionTitle('結果の読込み', 'Take the result', 'result')}${ask('result', resultFields, '読み込む')}</section>`}${close}`;
}

const rowsPart = ({ use: u, rows }: RegisterUseView): Html =>
  html`<section aria-labelledby="persons">${sectionTitle('対象者', 'Persons', 'persons')}<div class="table-scroll" tabindex="0" role="region" aria-label="対象者の表"><table class="data-table"><caption class="visually-hidden">使用簿${u.entryNumber}の対象者</caption><thead><tr><th scope="col">申請</th><th scope="col">申請者</th><th scope="col">照会の方法</th><th scope="col">結果</th></tr></thead><tbody>${rows.map(
    (r) =>
      html`<tr><th scope="row"><a href="/cases/${r.caseId}">${r.caseNumber}</a></th><td>${r.applicantName}</td><td>${r.keyKind === 'number' ? '個人番号' : '氏名・生年月日・住所'}</td><td>${badge(...standingWords[r.standing])}</td></tr>`,
  )}</tbody></table></div></section>`;
