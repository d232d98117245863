import { isUuid } from '../ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '../pages/app.ts';
import { type Html, html, raw, time } from '../pages/html.ts';
import { approvalDecision } from '../pages/kit/approval-inbox.ts';
import { errorSummary, type Field, form, optionList, readForm } from '../pages/kit/form.ts';
import { badge, type Fact, facts, notice, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import { tokenField } from '../pages/layout.ts';
import type { Counted, Euc, EucDeps, Extraction } from './euc.ts';
import { leavingPages, leavingPart } from './leaving-pages.ts';
import {
  type Column,
  type Condition,
  maxConditions,
  type Operator,
  operators,
  operatorsFor,
  type Query,
} from './source.ts';

type Source = Euc<EucDeps>['sources'][number];

const sentences: Readonly<Record<string, string>> = {
  'no-columns': '出力する項目を一つ以上選んでください。',
  'unknown-column': '選べない項目が含まれています。選び直してください。',
  'unknown-source': '抽出元を選び直してください。',
  'personal-column': '個人に関する項目を扱う権限がありません。',
  'operator-does-not-fit': '条件の比べ方が項目に合っていません。',
  'value-missing': '条件の値を入力してください。',
  'value-does-not-fit': '条件の値の形式が項目に合っていません（日付は 2026-04-01 の形）。',
  'too-many-conditions': '条件が多すぎます。',
  'sort-not-chosen': '並べ替えは、出力する項目から選んでください。',
  'too-many-rows': '件数が上限を超えています。条件を絞ってください。',
  'not-staff': '職員としてサインインしてください。',
  'not-authorised': 'この操作の権限がありません。',
  'no-such-request': '該当する抽出がないか、自分が依頼したものではありません。',
  'already-made': 'すでに抽出しています。',
  'not-approved': '承認されていません。',
  'more-than-approved': '承認のときより件数が大きく増えています。依頼し直してください。',
  'not-made': 'まだ抽出していません。',
  'list-expired': '抽出日が古いため使用できません。抽出し直してください。',
  erased: '保存期間が満了しています。',
  unreadable: 'CSVとして読めません。',
  'other-extraction': '別の抽出のファイルか、1行目の抽出番号が消えています。',
  'stays-on-server': '個人に関する一覧は端末に保存できません。',
  'receiver-without-key': 'この相手の受取りの鍵が登録されていません。',
  'carry-incomplete': '渡す相手と期限を入力してください。',
  'write-incomplete': '媒体の番号と部署を入力してください。',
  'not-at-a-station': '媒体を扱う端末として登録された端末で行ってください。',
  'no-such-medium': '登録のない媒体です。',
  'not-lent-to-this-department': 'この部署に貸し出された媒体ではありません。',
  'not-in-this-state': 'この持出しはすでに書き込まれたか、取り消されています。',
  rejected: '承認されませんでした。',
  'already-used': 'すでに書き込まれています。',
  'already-decided': 'すでに決定されています。',
  expired: '承認の期限が過ぎています。依頼し直してください。',
  'approver-is-requester': '自分が依頼したものは承認できません。',
};
const sentence = (word: string): string => sentences[word] ?? 'この操作はできません。';

const list: WorkListDefinition<Extraction> = {
  caption: '抽出',
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '抽出はまだありません。',
  columns: [
    {
      key: 'title',
      label: '件名',
      heading: true,
      cell: (r) => html`<a href="/extractions/${r.extractionId}">${r.title}</a>`,
    },
    { key: 'purpose', label: '目的', cell: (r) => r.purpose },
    { key: 'by', label: '依頼', cell: (r) => html`${r.askedBy}<br>${time(Temporal.Instant.from(r.askedAt))}` },
    { key: 'rows', label: '件数', align: 'end', cell: (r) => `${r.rows ?? r.counted}件` },
    { key: 'state', label: '状態', cell: stateOf },
  ],
};

function stateOf(r: Extraction): Html {
  if (r.rows !== null) return badge('抽出済み', 'done');
  if (r.decision === 'rejected') return badge('不承認', 'error');
  if (r.approvalId !== null && r.decision === null) return badge('承認待ち', 'warning');
  return badge('抽出できます', 'info');
}

const aboutFields: readonly Field[] = [
  { kind: 'text', name: 'title', label: '件名', maxLength: 60 },
  { kind: 'text', name: 'purpose', label: '目的', hint: '何の事務のために使うか', maxLength: 120 },
];
const nameField: readonly Field[] = [{ kind: 'text', name: 'title', label: '件名', maxLength: 60 }];
const fileField: readonly Field[] = [{ kind: 'file', name: 'file', label: '作業したCSV', accept: '.csv,text/csv' }];

/** Pages of extraction: what was extracted, the builder, one extraction with its approval, its list and its way back. */
export function eucPages<D extends EucDeps>(app: PageApp, deps: D, euc: Euc<D>): void {
  const { use, approve: mayApprove, read, personal } = euc.rights;
  page(app, 'GET', '/extractions', read, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await euc.list(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const saved = (await p.may(use)) ? await euc.listSaved(deps, p.session.actor, {}) : undefined;
    return p.view(
      { title: 'データの抽出', gloss: 'Extraction by clicking' },
      html`<div class="stack">${saved?.ok && startPart(euc.sources, saved.value)}${workList(list, { path: '/extractions', query, ...found.value })}</div>`,
    );
  });

  page(app, 'GET', '/extractions/new', use, async (p) => {
    const saved = await euc.listSaved(deps, p.session.actor, {});
    if (!saved.ok) return p.problem('not-authorised');
    const from = saved.value.find((s) => s.queryId === p.query.get('query'));
    const query = from?.query ?? { source: p.query.get('source') ?? '', columns: [], conditions: [], sortBy: null };
    return builder(p, euc, personal, query, { title: from?.name ?? '' });
  });

  page(app, 'POST', '/extractions/new', use, async (p) => {
    const query = readQuery(p.form);
    const texts = { title: textOf(p.form, 'title'), purpose: textOf(p.form, 'purpose') };
    const again = (more: Partial<Shown>): Promise<Response> => builder(p, euc, personal, query, { ...texts, ...more });
    const { actor } = p.session;
    switch (p.form.get('do')) {
      case 'count': {
        const counted = await euc.count(deps, actor, { query });
        return counted.ok ? again({ counted: counted.value }) : again({ errors: { '': sentence(counted.error) } });
      }
      case 'save': {
        const given = readForm(nameField, p.form);
        if (!given.ok) return again({ errors: given.error.errors });
        const saved = await euc.save(deps, actor, { name: texts.title, query });
        if (!saved.ok) return again({ errors: { '': sentence(saved.error) } });
        return p.redirect('/extractions', { kind: 'done', text: '抽出の条件を保存しました。' });
      }
      case 'ask': {
        const given = readForm(aboutFields, p.form);
        if (!given.ok) return again({ errors: given.error.errors });
        const asked = await euc.ask(deps, actor, { ...texts, query });
        if (!asked.ok) return again({ errors: { '': sentence(asked.error) } });
        return p.redirect(`/extractions/${asked.value.extractionId}`, {
          kind: 'done',
          text:
            asked.value.approvalId === null ? '依頼しました。続けて抽出できます。' : '別の職員に承認を依頼しました。',
        });
      }
      default:
        return p.problem('unreadable-form');
    }
  });

  leavingPages(app, deps, euc, sentence);
  page(app, 'GET', '/extractions/:id', read, (p) => showOne(p, deps, euc));
  page(app, 'POST', '/extractions/:id/decision', mayApprove, async (p) => {
    const decision = p.form.get('decision');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const done = await euc.approve(deps, p.session.actor, {
      extractionId: p.param('id'),
      approve: decision === 'approve',
    });
    if (!done.ok) return showOne(p, deps, euc, sentence(done.error));
    return p.redirect('/extractions', {
      kind: 'done',
      text: decision === 'approve' ? '承認しました。' : '承認しませんでした。',
    });
  });
  page(app, 'POST', '/extractions/:id/output', use, async (p) => {
    const made = await euc.make(deps, p.session.actor, { extractionId: p.param('id') });
    return p.redirect(
      `/extractions/${encodeURIComponent(p.param('id'))}`,
      made.ok
        ? { kind: 'done', text: `${made.value.rows}件を抽出しました。` }
        : { kind: 'error', text: sentence(made.error) },
    );
  });
  page(app, 'POST', '/extractions/:id/download', use, async (p) => {
    const form = p.form.get('form') === 'xlsx' ? 'xlsx' : 'csv';
    const out = await euc.handOut(deps, p.session.actor, { extractionId: p.param('id'), form });
    if (!out.ok) return showOne(p, deps, euc, sentence(out.error));
    const type =
      form === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    return p.file(out.value.bytes, { type, name: out.value.name });
  });
  page(app, 'POST', '/extractions/:id/return', use, async (p) => {
    const given = readForm(fileField, p.form);
    if (!given.ok) return showOne(p, deps, euc, Object.values(given.error.errors)[0]);
    const bytes = new Uint8Array(await given.value.files.file!.arrayBuffer());
    const back = await euc.bringBack(deps, p.session.actor, { extractionId: p.param('id'), bytes });
    if (!back.ok) return showOne(p, deps, euc, sentence(back.error));
    if (back.value.differing > 0)
      return showOne(p, deps, euc, `抽出したものと一致しない行が${back.value.differing}件あります。取り込みません。`);
    return p.redirect(`/extractions/${p.param('id')}`, { kind: 'done', text: '抽出したものと一致しています。' });
  });
}

const textOf = (data: FormData, name: string): string => {
  const value = data.get(name);
  return typeof value === 'string' ? value.normalize('NFC').trim().slice(0, 200) : '';
};

/** Reads the builder's fields; whatever is no name that the source declares is refused by the act. */
function readQuery(data: FormData): Query {
  const conditions: Condition[] = [];
  for (let i = 0; i < maxConditions; i++) {
    const column = textOf(data, `column${i}`);
    const operator = textOf(data, `operator${i}`);
    if (column === '' || !Object.hasOwn(operators, operator)) continue;
    conditions.push({ column, operator: operator as Operator, value: textOf(data, `value${i}`) });
  }
  const columns = data.getAll('columns').filter((c) => typeof c === 'string');
  return { source: textOf(data, 'source'), columns, conditions, sortBy: textOf(data, 'sortBy') || null };
}

function startPart(
  sources: readonly Source[],
  saved: readonly { queryId: string; name: string; query: Query }[],
): Html {
  return html`<section class="panel" aria-labelledby="start">${sectionTitle('新しく抽出する', 'New extraction', 'start')}
<ul class="plain-list">${sources.map(
    (s) =>
      html`<li><a class="button" href="/extractions/new?source=${s.id}">${s.label}</a> <span class="gloss" lang="en">${s.gloss}</span></li>`,
  )}</ul>${
    saved.length > 0 &&
    html`<h3>保存した条件</h3><ul>${saved.map((s) => html`<li><a href="/extractions/new?query=${s.queryId}">${s.name}</a></li>`)}</ul>`
  }</section>`;
}

interface Shown {
  readonly title?: string;
  readonly purpose?: string;
  readonly counted?: Counted;
  readonly errors?: Readonly<Record<string, string>>;
}

async function builder<D extends EucDeps>(
  p: PageRequest,
  euc: Euc<D>,
  personal: Euc<D>['rights']['personal'],
  query: Query,
  shown: Shown,
): Promise<Response> {
  const source = euc.sources.find((s) => s.id === query.source);
  if (!source) return p.problem('not-found');
  const sees = await p.may(personal);
  const columns = source.columns.filter((c) => sees || !c.personal);
  const errors = shown.errors ?? {};
  const faulty = Object.keys(errors).length > 0;
  return p.view(
    {
      title: `抽出の条件: ${source.label}`,
      gloss: 'Build an extraction',
      ...(faulty ? { hasErrors: true, status: 422 as const } : {}),
    },
    html`<div class="stack">${errorSummary(aboutFields, errors)}${shown.counted && countPart(shown.counted, euc.freeRows, source.aboutPersons)}
<form class="form" method="post" action="/extractions/new" novalidate>${tokenField(p.session)}<input type="hidden" name="source" value="${source.id}">
<fieldset class="field"><legend>出力する項目<span class="required">必須</span></legend>${columns.map(
      (c, i) =>
        html`<div class="choice"><input type="checkbox" id="col-${i}" name="columns" value="${c.key}"${query.columns.includes(c.key) && raw(' checked')}><div><label for="col-${i}">${c.label}</label></div></div>`,
    )}</fieldset>
${Array.from({ length: maxConditions }, (_, i) => conditionRow(columns, query.conditions[i], i))}
<div class="field"><label for="sort-by">並べ替え<span class="optional">任意</span></label><select class="input" id="sort-by" name="sortBy"><option value="">抽出元の順</option>${optionList(
      columns.map((c) => ({ value: c.key, label: c.label })),
      query.sortBy ?? '',
    )}</select></div>
${aboutFields.map((f) => aboutField(f, f.name === 'title' ? shown.title : shown.purpose, errors[f.name]))}
<div class="row"><button class="button" type="submit" name="do" value="count">件数を確かめる</button><button class="button" type="submit" name="do" value="save">条件を保存する</button><button class="button button-primary" type="submit" name="do" value="ask">抽出を依頼する</button><a class="button button-quiet" href="/extractions">やめる</a></div></form></div>`,
  );
}

const aboutField = (f: Field, value: string | undefined, error: string | undefined): Html =>
  html`<div class="field"><label for="f-${f.name}">${f.label}<span class="required">必須</span></label>${f.hint && html`<span class="hint">${f.hint}</span>`}${error && html`<span class="error" id="f-${f.name}-error">${error}</span>`}<input class="input" type="text" id="f-${f.name}" name="${f.name}" value="${value ?? ''}"${error && html` aria-describedby="f-${f.name}-error" aria-invalid="true"`}></div>`;

function conditionRow(columns: readonly Column[], condition: Condition | undefined, i: number): Html {
  const chosen = columns.find((c) => c.key === condition?.column);
  const choices = columns
    .filter((c) => c.choices)
    .map(
      (c) =>
        `${c.label}: ${Object.entries(c.choices!)
          .map(([value, word]) => `${value}=${word}`)
          .join('、')}`,
    );
  const words = Object.entries(operators).filter(([o]) => !chosen || operatorsFor(chosen).includes(o as Operator));
  return html`<fieldset class="field"><legend>条件 ${i + 1}<span class="optional">任意</span></legend><div class="row">
<span class="field"><label for="column-${i}">項目</label><select class="input input-short" id="column-${i}" name="column${i}"><option value="">条件なし</option>${optionList(
    columns.map((c) => ({ value: c.key, label: c.label })),
    condition?.column ?? '',
  )}</select></span>
<span class="field"><label for="operator-${i}">比べ方</label><select class="input input-short" id="operator-${i}" name="operator${i}">${optionList(
    words.map(([value, label]) => ({ value, label })),
    condition?.operator ?? 'is',
  )}</select></span>
<span class="field"><label for="value-${i}">値</label><input class="input input-short" type="text" id="value-${i}" name="value${i}" value="${condition?.value ?? ''}"></span></div>${
    i === 0 && choices.length > 0 && html`<span class="hint">選択式の項目の値 — ${choices.join('／')}</span>`
  }</fieldset>`;
}

const countPart = (counted: Counted, freeRows: number, aboutPersons: boolean): Html =>
  html`${notice(
    counted.needsApproval ? 'warning' : 'info',
    `${counted.rows}件が見つかりました。`,
    counted.needsApproval
      ? aboutPersons
        ? '個人に関する一覧のため、別の職員の承認が必要です。'
        : `${freeRows}件を超えるため、別の職員の承認が必要です。`
      : undefined,
  )}${counted.cautions.map((text) => notice('warning', text))}`;

async function showOne<D extends EucDeps>(p: PageRequest, deps: D, euc: Euc<D>, error?: string): Promise<Response> {
  const extractionId = p.param('id');
  if (!isUuid(extractionId)) return p.problem('not-found');
  const found = await euc.list(deps, p.session.actor, { extractionId, offset: 0, limit: 1 });
  if (!found.ok) return p.problem('not-authorised');
  const [one] = found.value.rows;
  if (!one) return p.problem('not-found');
  const { actor } = p.session;
  const isOwn = actor.kind === 'staff' && actor.staffId === one.askedBy;
  const view = { title: '抽出', gloss: 'Extraction', ...(error ? { hasErrors: true, status: 422 as const } : {}) };
  const what = factsOf(euc, one);
  const waits = one.approvalId !== null && one.decision === null;
  if (waits && (await p.may(euc.rights.approve)))
    return p.view(
      view,
      approvalDecision({
        session: p.session,
        action: `/extractions/${extractionId}/decision`,
        facts: what,
        isOwn,
        version: extractionId,
        error,
      }),
    );
  const mine = isOwn && (await p.may(euc.rights.use));
  const stays = euc.sources.find((s) => s.id === one.query.source)?.aboutPersons !== false;
  const until = one.madeOn === null ? undefined : euc.voidFrom(one.madeOn);
  return p.view(
    view,
    html`<div class="stack">${error && notice('error', error)}${facts(what)}${
      mine &&
      one.rows === null &&
      !waits &&
      one.decision !== 'rejected' &&
      html`<form method="post" action="/extractions/${extractionId}/output">${tokenField(p.session)}<button class="button button-primary" type="submit">抽出する</button></form>`
    }${stays && (await leavingPart(p, deps, euc, one, isOwn))}${
      mine &&
      until &&
      html`${
        !stays &&
        html`<section aria-labelledby="out">${sectionTitle('一覧の取得', 'Download', 'out')}<p>この一覧は${time(Temporal.PlainDate.from(one.madeOn!))}現在のもので、${time(until)}まで使えます。</p>
<form class="row" method="post" action="/extractions/${extractionId}/download">${tokenField(p.session)}<button class="button" type="submit" name="form" value="csv">CSVで取得</button><button class="button" type="submit" name="form" value="xlsx">Excelで取得</button></form></section>`
      }<section aria-labelledby="back">${sectionTitle('作業した一覧の照合', 'Compare a list that comes back', 'back')}${form(
        {
          action: `/extractions/${extractionId}/return`,
          session: p.session,
          fields: fileField,
          submit: '抽出したものと照合する',
        },
      )}</section>`
    }</div>`,
  );
}

function factsOf<D extends EucDeps>(euc: Euc<D>, one: Extraction): Fact[] {
  const source = euc.sources.find((s) => s.id === one.query.source);
  const labelOf = (key: string): string => source?.columns.find((c) => c.key === key)?.label ?? key;
  return [
    { label: '件名', value: one.title },
    { label: '目的', value: one.purpose },
    { label: '抽出元', value: source?.label },
    { label: '項目', value: one.query.columns.map(labelOf).join('、') },
    {
      label: '条件',
      value:
        one.query.conditions
          .map((c) => `${labelOf(c.column)}が${c.value}${c.value && 'に'}${operators[c.operator]}`)
          .join('、かつ') || 'なし',
    },
    { label: '件数', value: one.rows === null ? `${one.counted}件（依頼時）` : `${one.rows}件` },
    { label: '依頼', value: html`${one.askedBy} ${time(Temporal.Instant.from(one.askedAt))}` },
    { label: '抽出番号', value: html`<code>${one.extractionId}</code>` },
    { label: '状態', value: stateOf(one) },
  ];
}
