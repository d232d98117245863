import {
  codeGrounds,
  groundKinds,
  groundOf,
  numberGrounds,
  providedItems,
  recipientKinds,
} from '@musubi/contracts/juki/tasks.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  assignOperator,
  closeTask,
  type NewTask,
  permitTask,
  readRecipients,
  readTask,
  readTasks,
  registerRecipient,
  registerTask,
  releaseOperator,
  type TaskView,
} from '../service/tasks.ts';

export const taskRight = ['prefectural-juki', 'task', 'read'] as const;
const taskUpdate = ['prefectural-juki', 'task', 'update'] as const;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const words: Readonly<Record<string, string>> = {
  'no-such-recipient': '提供先が登録されていません。',
  'ground-names-another': '根拠の条文は、この種類の提供先のものではありません。',
  'number-without-ground': '個人番号の提供には、番号利用法の根拠が必要です。',
  'code-without-ground': '住民票コードの提供には、経過措置の根拠が必要です。',
  'no-items': '提供する項目を選んでください。',
  'wrong-period': '最終日は初日以後の日を入力してください。',
  'code-taken': 'この事務コードは既に使われています。',
  'peer-taken': 'このシステムは、ほかの提供先のものです。',
  'already-ended': '終了日は既に定められています。',
  'no-such-task': '該当する事務がありません。',
  'approver-is-requester': '自分が登録した事務は許可できません。',
  'already-decided': '既に決定されています。',
  expired: '申出の期限が過ぎています。',
  'no-such-request': '該当する申出がありません。',
  'no-such-assignment': '該当する担当がありません。',
  'not-authorised': '権限がありません。',
};
const stateOf = ({ task, isActive }: TaskView) =>
  isActive ? badge('有効', 'done') : task.isPermitted ? badge('期間外', 'plain') : badge('許可待ち', 'warning');
const options = (table: Readonly<Record<string, string>>) =>
  Object.entries(table).map(([value, label]) => ({ value, label }));

const taskList: WorkListDefinition<TaskView> = {
  caption: '登録された事務',
  columns: [
    {
      key: 'code',
      label: '事務コード',
      heading: true,
      cell: (v) => html`<a href="/tasks/${v.task.taskId}">${v.task.code}</a>`,
    },
    { key: 'name', label: '事務', cell: (v) => v.task.name },
    { key: 'recipient', label: '提供先・移転先', cell: (v) => v.task.recipient.name },
    { key: 'ground', label: '根拠', cell: (v) => groundOf(v.task) },
    { key: 'period', label: '期間', cell: (v) => `${v.task.validFrom} ～ ${v.task.validUntil ?? ''}` },
    { key: 'state', label: '状態', cell: stateOf },
  ],
  defaultSort: { key: 'code', direction: 'asc' },
  emptyText: '登録された事務はありません。',
};

const recipientFields: readonly Field[] = [
  {
    kind: 'select',
    name: 'kind',
    label: '種類',
    options: [
      { value: 'department', label: recipientKinds.department },
      { value: 'agency', label: recipientKinds.agency },
    ],
  },
  { kind: 'text', name: 'name', label: '名称', maxLength: 60 },
  {
    kind: 'text',
    name: 'peer',
    label: '照会するシステム',
    hint: '証明書の名。端末と媒体だけで照会するときは空',
    required: false,
    pattern: /^[a-z0-9-]+\/[a-z0-9-]+$/,
    patternFault: '「機関/システム」の形で入力してください',
    maxLength: 130,
  },
  { kind: 'date', name: 'from', label: '初日' },
];
const endFields: readonly Field[] = [
  { kind: 'date', name: 'endsOn', label: '最終日' },
  { kind: 'text', name: 'reason', label: '理由', maxLength: 200 },
];
const operatorFields: readonly Field[] = [
  { kind: 'text', name: 'staffId', label: '職員番号', maxLength: 60, width: 'short' },
  { kind: 'date', name: 'from', label: '初日' },
  { kind: 'date', name: 'until', label: '最終日' },
];

/** 事務の登録簿: recipients, tasks with their articles and items, permission by a second person, operators, end. */
export function addTaskPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/tasks', taskRight, async (p) => {
    const query = readListQuery(taskList, p.query);
    const found = await readTasks(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const actions = html`<a class="button" href="/tasks/new">事務を登録する</a> <a class="button" href="/recipients">提供先</a>`;
    return p.view(
      { title: '事務の登録簿', gloss: 'Register of tasks', actions },
      workList(taskList, { path: '/tasks', query, ...found.value }),
    );
  });
  page(app, 'GET', '/tasks/new', taskUpdate, (p) => newTask(p, deps, {}, {}));
  page(app, 'POST', '/tasks/new', taskUpdate, async (p) => {
    const read = readForm(await taskFields(p, deps), p.form);
    if (!read.ok) return newTask(p, deps, read.error.values, read.error.errors);
    const { texts, lists } = read.value;
    const made = await registerTask(deps, p.session.actor, taskFrom(texts, lists));
    if (!made.ok) return newTask(p, deps, { ...texts, ...lists }, { '': words[made.error]! });
    return p.redirect(`/tasks/${made.value.taskId}`, {
      kind: 'done',
      text: '登録しました。ほかの職員の許可を待ちます。',
    });
  });
  page(app, 'GET', '/tasks/:id', taskRight, (p) => showTask(p, deps));
  const act = (path: string, perform: (p: PageRequest, taskId: string) => Promise<Response>) =>
    page(app, 'POST', path, taskUpdate, (p) => {
      const taskId = p.param('id');
      return uuid.test(taskId) ? perform(p, taskId) : p.problem('not-found');
    });
  const outcome = (
    p: PageRequest,
    taskId: string,
    result: { ok: true } | { ok: false; error: string },
    text: string,
  ) => (result.ok ? p.redirect(`/tasks/${taskId}`, { kind: 'done', text }) : showTask(p, deps, words[result.error]));
  act('/tasks/:id/permission', async (p, taskId) => {
    const decision = p.form.get('decision') === 'approve' ? 'approved' : 'rejected';
    const decided = await permitTask(deps, p.session.actor, { taskId, decision });
    return outcome(p, taskId, decided, decision === 'approved' ? '使用を許可しました。' : '差し戻しました。');
  });
  act('/tasks/:id/end', async (p, taskId) => {
    const read = readForm(endFields, p.form);
    if (!read.ok) return showTask(p, deps, '最終日と理由を入力してください。');
    const { endsOn = '', reason = '' } = read.value.texts;
    return outcome(
      p,
      taskId,
      await closeTask(deps, p.session.actor, { taskId, endsOn, reason }),
      '終了日を定めました。',
    );
  });
  act('/tasks/:id/operators', async (p, taskId) => {
    const read = readForm(operatorFields, p.form);
    if (!read.ok) return showTask(p, deps, '職員番号、初日、最終日を入力してください。');
    const { staffId = '', from = '', until = '' } = read.value.texts;
    const command = { taskId, staffId, validFrom: from, validUntil: until };
    return outcome(p, taskId, await assignOperator(deps, p.session.actor, command), '担当者を定めました。');
  });
  act('/tasks/:id/operators/end', async (p, taskId) => {
    const id = p.form.get('operator');
    const taskOperatorId = typeof id === 'string' && uuid.test(id) ? id : deps.newId();
    return outcome(p, taskId, await releaseOperator(deps, p.session.actor, { taskOperatorId }), '担当を終えました。');
  });

  const recipientTitle = {
    title: '提供先・移転先',
    gloss: 'Recipients',
    breadcrumbs: [{ label: '事務の登録簿', href: '/tasks' }],
  };
  const showRecipients = async (p: PageRequest, values: FormValues, errors: FormErrors) => {
    const found = await readRecipients(deps, p.session.actor, undefined);
    if (!found.ok) return p.problem('not-authorised');
    const hasErrors = Object.keys(errors).length > 0;
    return p.view(
      { ...recipientTitle, hasErrors, ...(hasErrors ? { status: 422 } : {}) },
      html`<div class="stack"><div class="table-scroll" tabindex="0" role="region" aria-label="提供先の表"><table class="data-table"><caption>提供先・移転先 ${found.value.length}件</caption>
<thead><tr><th scope="col">名称</th><th scope="col">種類</th><th scope="col">システム</th><th scope="col">期間</th></tr></thead>
<tbody>${found.value.map((r) => html`<tr><th scope="row">${r.name}</th><td>${recipientKinds[r.kind as keyof typeof recipientKinds]}</td><td>${r.peer ?? '（端末・媒体）'}</td><td class="nowrap">${r.validFrom} ～ ${r.validUntil}</td></tr>`)}</tbody></table></div>
${sectionTitle('提供先を登録する', 'Register a recipient')}
${form({ action: '/recipients', session: p.session, fields: recipientFields, values, errors, submit: '登録する' })}</div>`,
    );
  };
  page(app, 'GET', '/recipients', taskRight, (p) => showRecipients(p, {}, {}));
  page(app, 'POST', '/recipients', taskUpdate, async (p) => {
    const read = readForm(recipientFields, p.form);
    if (!read.ok) return showRecipients(p, read.error.values, read.error.errors);
    const { kind, name = '', peer = null, from = '' } = read.value.texts;
    const made = await registerRecipient(deps, p.session.actor, {
      kind: kind === 'department' ? 'department' : 'agency',
      name,
      peer,
      validFrom: from,
    });
    if (!made.ok) return showRecipients(p, read.value.texts, { '': words[made.error]! });
    return p.redirect('/recipients', { kind: 'done', text: '提供先を登録しました。' });
  });
}

async function taskFields(p: PageRequest, deps: Deps): Promise<Field[]> {
  const recipients = await readRecipients(deps, p.session.actor, undefined);
  const yes = (name: string, label: string): Field => ({
    kind: 'checks',
    name,
    label,
    required: false,
    options: [{ value: 'yes', label: '対象とする' }],
  });
  return [
    {
      kind: 'text',
      name: 'code',
      label: '事務コード',
      width: 'short',
      pattern: /^[A-Z0-9][A-Z0-9-]{0,39}$/,
      patternFault: '英大文字、数字、ハイフンで入力してください',
    },
    { kind: 'text', name: 'name', label: '事務の名称', maxLength: 100 },
    {
      kind: 'select',
      name: 'recipient',
      label: '提供先・移転先',
      options: (recipients.ok ? recipients.value : []).map((r) => ({ value: r.recipientId, label: r.name })),
    },
    { kind: 'select', name: 'groundKind', label: '根拠の条文', options: options(groundKinds) },
    { kind: 'text', name: 'groundText', label: '別表の項・条例の条', maxLength: 100 },
    { kind: 'checks', name: 'items', label: '提供する項目', options: options(providedItems) },
    { kind: 'select', name: 'numberGround', label: '個人番号の根拠', required: false, options: options(numberGrounds) },
    {
      kind: 'select',
      name: 'codeGround',
      label: '住民票コードの根拠（経過措置）',
      required: false,
      options: options(codeGrounds),
    },
    yes('removed', '消除された方'),
    yes('elsewhere', '他の道府県の方（全国サーバへの照会）'),
    yes('emigrants', '国外転出者に係る事務'),
    { kind: 'date', name: 'from', label: '初日' },
    { kind: 'date', name: 'until', label: '最終日', required: false },
    { kind: 'text', name: 'document', label: '使用通知の文書番号', maxLength: 60 },
  ];
}

async function newTask(p: PageRequest, deps: Deps, values: FormValues, errors: FormErrors): Promise<Response> {
  const hasErrors = Object.keys(errors).length > 0;
  return p.view(
    {
      title: '事務の登録',
      gloss: 'Register a task',
      breadcrumbs: [{ label: '事務の登録簿', href: '/tasks' }],
      hasErrors,
      ...(hasErrors ? { status: 422 } : {}),
    },
    form({
      action: '/tasks/new',
      session: p.session,
      fields: await taskFields(p, deps),
      values,
      errors,
      submit: '登録する',
      cancelHref: '/tasks',
    }),
  );
}

const taskFrom = (
  texts: Readonly<Record<string, string>>,
  lists: Readonly<Record<string, readonly string[]>>,
): NewTask => ({
  code: texts.code ?? '',
  name: texts.name ?? '',
  recipientId: texts.recipient ?? '',
  // The form admits only the words of the tables.
  groundKind: texts.groundKind as NewTask['groundKind'],
  groundText: texts.groundText ?? '',
  items: (lists.items ?? []) as NewTask['items'],
  numberGround: (texts.numberGround ?? null) as NewTask['numberGround'],
  codeGround: (texts.codeGround ?? null) as NewTask['codeGround'],
  includesRemoved: lists.removed?.includes('yes') ?? false,
  includesOtherPrefectures: lists.elsewhere?.includes('yes') ?? false,
  isEmigrantWork: lists.emigrants?.includes('yes') ?? false,
  validFrom: texts.from ?? '',
  validUntil: texts.until ?? null,
  notificationDocument: texts.document ?? '',
});

async function showTask(p: PageRequest, deps: Deps, fault?: string): Promise<Response> {
  const taskId = p.param('id');
  const found = uuid.test(taskId) ? await readTask(deps, p.session.actor, { taskId }) : undefined;
  if (!found?.ok || found.value === undefined) return p.problem('not-found');
  const view = found.value;
  const { task, row, operators } = view;
  const mayChange = await p.may(taskUpdate);
  const isOwn = p.session.actor.kind === 'staff' && p.session.actor.staffId === row.registeredBy;
  return p.view(
    {
      title: `事務 ${task.code}`,
      gloss: 'Task',
      breadcrumbs: [{ label: '事務の登録簿', href: '/tasks' }],
      ...(fault ? { hasErrors: true, status: 422 } : {}),
    },
    html`<div class="stack">${fault && notice('error', '受け付けられません', fault)}
${facts([
  { label: '状態', value: stateOf(view) },
  { label: '事務', value: task.name },
  { label: '提供先・移転先', value: `${task.recipient.name}（${recipientKinds[task.recipient.kind]}）` },
  { label: '根拠', value: groundOf(task) },
  { label: '提供する項目', value: task.items.map((item) => providedItems[item]).join('、') },
  { label: '個人番号の根拠', value: task.numberGround === null ? 'なし' : numberGrounds[task.numberGround] },
  { label: '住民票コードの根拠', value: task.codeGround === null ? 'なし' : codeGrounds[task.codeGround] },
  { label: '消除された方', value: task.includesRemoved ? '対象' : '対象外' },
  { label: '他の道府県の方', value: task.includesOtherPrefectures ? '対象' : '対象外' },
  { label: '国外転出者に係る事務', value: task.isEmigrantWork ? '該当' : '非該当' },
  { label: '期間', value: `${task.validFrom} ～ ${task.validUntil ?? ''}` },
  { label: '使用通知', value: row.notificationDocument },
  { label: '登録者・許可者', value: `${row.registeredBy}・${row.permittedBy ?? '（許可待ち）'}` },
])}
${mayChange && row.permittedBy === null && (isOwn ? notice('info', '自分が登録した事務は許可できません', 'ほかの職員が許可するか、差し戻します。') : html`<form class="form" method="post" action="/tasks/${taskId}/permission">${tokenField(p.session)}<div class="row"><button class="button button-primary" type="submit" name="decision" value="approve">使用を許可する</button><button class="button" type="submit" name="decision" value="return">差し戻す</button></div></form>`)}
${sectionTitle('担当者', 'Operators')}
${
  operators.length === 0
    ? html`<p class="muted">担当者はいません。</p>`
    : html`<ul>${operators.map(
        (o) =>
          html`<li>${o.staffId}（${o.validFrom} ～ ${o.validUntil}）${
            o.isEnded
              ? badge('終了', 'plain')
              : mayChange &&
                form({
                  action: `/tasks/${taskId}/operators/end`,
                  session: p.session,
                  fields: [],
                  hidden: { operator: o.taskOperatorId },
                  submit: `${o.staffId} の担当を終える`,
                })
          }</li>`,
      )}</ul>`
}
${mayChange && form({ action: `/tasks/${taskId}/operators`, session: p.session, fields: operatorFields, submit: '担当者を定める' })}
${mayChange && task.validUntil === null && html`${sectionTitle('事務の終了', 'End of the task')}${form({ action: `/tasks/${taskId}/end`, session: p.session, fields: endFields, submit: '終了日を定める', danger: true })}`}</div>`,
  );
}
