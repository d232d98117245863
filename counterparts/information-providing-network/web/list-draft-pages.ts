import { writeListFile } from '@musubi/contracts/exchange/list-file.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  decideDraft,
  draftList,
  type ListChange,
  type ListDraft,
  showDraft,
  showDrafts,
} from '../service/list-drafts.ts';
import { readList } from '../service/publish-list.ts';
import { momentOf } from '../service/show.ts';

const system = 'information-providing-network';
const head = { title: '照合リストの改定', gloss: 'Versions of the permission list' };
const crumbs = [{ label: head.title, href: '/list-drafts' }];

/** 照合リストの改定: a version from a file, what it changes, and a second person who publishes it for a day to come. */
export function addListDraftPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/list-drafts', [system, 'list', 'read'], async (p) => {
    const drafts = unwrap(await showDrafts(deps, p.session.actor, null));
    return p.view(
      head,
      html`<div class="stack"><p><a href="/list-file">現在の版をファイルで受け取る（CSV）</a></p>${
        drafts.length === 0
          ? html`<p class="muted">改定の案はありません。</p>`
          : html`<ul class="stack">${drafts.map(
              (d) =>
                html`<li><a href="/list-drafts/${d.draftId}">第 ${d.version} 版</a>（${dateText(Temporal.PlainDate.from(d.publishedOn))}から、${grouped(d.rows.length)}行） ${stateOf(d)} ${time(momentOf(d.draftedAt))} ${d.draftedBy}</li>`,
            )}</ul>`
      }${
        (await p.may([system, 'list', 'update'])) &&
        html`<section>${sectionTitle('改定の案をつくる', 'Draft a version')}${form({
          action: '/list-drafts',
          session: p.session,
          fields: draftFields,
          submit: '案を登録する',
        })}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/list-drafts', [system, 'list', 'update'], async (p) => {
    const again = (state: object, before?: Html) =>
      p.view(
        { ...head, hasErrors: true, status: 422, breadcrumbs: crumbs },
        html`<div class="stack">${before}${form({ action: p.path, session: p.session, fields: draftFields, submit: '案を登録する', ...state })}</div>`,
      );
    const read = readForm(draftFields, p.form);
    if (!read.ok) return again(read.error);
    const { version = '', publishedOn = '', reason = '' } = read.value.texts;
    const file = new Uint8Array(await read.value.files.file!.arrayBuffer());
    const drafted = await draftList(deps, p.session.actor, { version, publishedOn, reason, file });
    if (drafted.ok)
      return p.redirect(`/list-drafts/${drafted.value.draftId}`, {
        kind: 'done',
        text: '案を登録しました。別の職員の承認を待ちます。',
      });
    const { error } = drafted;
    if (error === 'not-authorised') return p.problem(error);
    if (typeof error === 'string') {
      const [field, text] = draftFaults[error];
      return again({ values: read.value.texts, errors: { [field]: text } });
    }
    return again(
      { values: read.value.texts, errors: { file: '誤りのある行があるため、案にできません' } },
      faultList(error.faults),
    );
  });

  page(app, 'GET', '/list-drafts/:draft', [system, 'list', 'read'], async (p) => {
    const id = p.param('draft');
    if (!isUuid(id)) return p.problem('not-found');
    const shown = unwrap(await showDraft(deps, p.session.actor, { draftId: id }));
    if (shown === undefined) return p.problem('not-found');
    const { draft, against, changes } = shown;
    const isOwn = p.session.actor.kind === 'staff' && p.session.actor.staffId === draft.draftedBy;
    const mayDecide = draft.decision === null && (await p.may([system, 'list-approval', 'update']));
    return p.view(
      { ...head, breadcrumbs: crumbs },
      html`<div class="stack">${facts([
        { label: '版', value: draft.version },
        { label: '適用の日', value: dateText(Temporal.PlainDate.from(draft.publishedOn)) },
        { label: '行', value: grouped(draft.rows.length) },
        { label: '改定の理由', value: draft.reason },
        { label: '起案', value: html`${draft.draftedBy} ${time(momentOf(draft.draftedAt))}` },
        { label: '状態', value: stateOf(draft) },
      ])}<section>${sectionTitle(`第 ${against ?? '―'} 版との違い`, 'What it changes')}${
        changes.length === 0
          ? html`<p class="muted">違いはありません。</p>`
          : html`<ul>${changes.map((change) => html`<li>${changeText(change, draft)}</li>`)}</ul>`
      }</section>${
        draft.decision === null && isOwn
          ? notice('info', '自分が起案したものは承認できません', '別の職員が承認します。')
          : mayDecide &&
            form({
              action: `/list-drafts/${draft.draftId}/decision`,
              session: p.session,
              fields: decisionFields,
              submit: '決定する',
            })
      }</div>`,
    );
  });

  page(app, 'POST', '/list-drafts/:draft/decision', [system, 'list-approval', 'update'], async (p) => {
    const id = p.param('draft');
    const decision = p.form.get('decision');
    if (!isUuid(id)) return p.problem('not-found');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const decided = await decideDraft(deps, p.session.actor, { draftId: id, approve: decision === 'approve' });
    const back = `/list-drafts/${id}`;
    if (decided.ok)
      return p.redirect(back, {
        kind: 'done',
        text: decision === 'approve' ? '公表しました。各団体には適用の日の前に届きます。' : '差し戻しました。',
      });
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect(back, { kind: 'error', text: decisionFaults[decided.error] });
  });

  page(app, 'GET', '/list-file', [system, 'list', 'read'], async (p) => {
    const { list } = unwrap(await readList(deps, p.session.actor, { on: deps.civilClock.today() }));
    if (list === undefined) return p.problem('not-found');
    return new Response(Buffer.from(writeListFile(list.rows)), {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="permission-list-${encodeURIComponent(list.version)}.csv"`,
      },
    });
  });
}

const stateOf = ({ decision }: ListDraft): Html =>
  decision === null
    ? badge('承認待ち', 'warning')
    : decision === 'approved'
      ? badge('公表', 'done')
      : badge('差し戻し', 'plain');

const changeWords = { added: '追加', removed: '削除', changed: '変更' } as const;
const fieldWords: Readonly<Record<string, string>> = {
  askerKind: '照会者',
  procedure: '事務手続',
  providerKind: '提供者',
  informationCode: '特定個人情報',
  items: '項目',
  ground: '根拠',
  answerTerm: '回答期限',
  validFrom: '有効開始',
  validUntil: '有効終了',
};
function changeText({ row, kind, fields }: ListChange, draft: ListDraft): Html {
  const items = draft.rows.find((each) => each.row === row)?.items ?? [];
  return html`${badge(changeWords[kind], kind === 'removed' ? 'error' : 'info')} <code>${row}</code> ${fields.map((field) => fieldWords[field] ?? field).join('、')} ${items.length > 0 ? html`（項目：${items.join('、')}）` : ''}`;
}

const faultList = (
  faults: readonly { readonly row: number; readonly field: string; readonly message: string }[],
): Html =>
  html`<section>${sectionTitle('誤りのある行', 'Faulty lines')}<ul>${faults.slice(0, 100).map(({ row, field, message }) => html`<li>${row === 0 ? '' : `${grouped(row)}行目 `}${field} ${message}</li>`)}</ul></section>`;

const draftFaults = {
  'not-staff': ['version', '職員だけが行えます'],
  'version-used': ['version', 'この版の名はすでに使われています'],
  'not-a-day-to-come': ['publishedOn', '適用の日は明日以降にしてください'],
  'nothing-changes': ['file', '今の版と同じ内容です'],
} as const;
const decisionFaults = {
  'not-staff': '職員だけが行えます。',
  'approval-refused': '自分の起案は承認できません。または、すでに決定されたか、起案の期限が過ぎています。',
  'version-used': 'この版の名はすでに使われています。',
  'not-a-day-to-come': '適用の日が過ぎています。差し戻して、改めて起案してください。',
} as const;

const draftFields: Field[] = [
  {
    kind: 'text',
    name: 'version',
    label: '版',
    hint: '例 2026-10-01',
    maxLength: 40,
    pattern: /^[0-9A-Za-z.-]+$/,
    width: 'short',
  },
  { kind: 'date', name: 'publishedOn', label: '適用の日' },
  { kind: 'file', name: 'file', label: '照合リストのファイル（CSV、UTF-8）', accept: '.csv' },
  { kind: 'lines', name: 'reason', label: '改定の理由', maxLength: 400, rows: 3 },
];
const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'approve', label: '公表する（署名し、各団体に配る）' },
      { value: 'return', label: '差し戻す' },
    ],
  },
];
