import type { Actor } from '../db/act.ts';
import { isUuid } from '../ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '../pages/app.ts';
import { dateText, type Html, html } from '../pages/html.ts';
import { type Field, type FormOptions, form, readForm } from '../pages/kit/form.ts';
import { badge, facts, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import type { Result } from '../result/result.ts';
import {
  type CorrectionKind,
  type CorrectionProcedure,
  type CorrectionQuery,
  type CorrectionState,
  correctionKinds,
} from './correction.ts';

/** What the clerk proposes, as it stood in the form. */
export interface CorrectionForm {
  readonly kind: CorrectionKind;
  readonly procedureNo: string;
  readonly document: string;
  readonly reason: string;
  /** The record that is corrected or removed; none where one is entered. */
  readonly recordId: string | undefined;
  /** What was filled in, by the name of its field. */
  readonly items: Readonly<Record<string, string>>;
  /** What was filled in where nothing is shown again. */
  secret(name: string): string;
}

type Done = Result<unknown, string>;

/** The corrections of one register: its items, its rights and its acts. */
export interface CorrectionPages<State extends CorrectionState> {
  /** The system whose `correction` and `correction-approval` are asked for. */
  readonly system: string;
  readonly procedures: readonly CorrectionProcedure[];
  /** Fields for the record's items; all may be left empty. */
  readonly fields: readonly Field[];
  /** Names of the items in a list or a comparison. */
  readonly itemNames: Readonly<Record<string, string>>;
  /** The register's own refusals, beside those of every correction. */
  readonly words: Readonly<Record<string, string>>;
  /** More rows of the comparison, for what is not shown itself. */
  moreRows?(state: State): Html | false;
  list(
    actor: Actor,
    query: CorrectionQuery,
  ): Promise<Result<{ readonly rows: readonly State[]; readonly total: number }, string>>;
  propose(actor: Actor, given: CorrectionForm): Promise<Result<{ readonly correctionId: string }, string>>;
  decide(
    actor: Actor,
    of: { readonly correctionId: string; readonly decision: 'approved' | 'rejected' },
  ): Promise<Done>;
  carryOut(actor: Actor, of: { readonly correctionId: string }): Promise<Done>;
  review(
    actor: Actor,
    of: { readonly correctionId: string; readonly byProcedure: boolean; readonly note: string },
  ): Promise<Done>;
}

const rightsOf = (system: string) =>
  ({
    read: [system, 'correction', 'read'],
    update: [system, 'correction', 'update'],
    approval: [system, 'correction-approval', 'update'],
  }) as const;
export const correctionNav = (system: string) => [
  { label: '手作業の補正', href: '/corrections', right: rightsOf(system).read },
];

const day = (text: string | null): string => (text === null ? '' : dateText(Temporal.PlainDate.from(text)));
const options = (list: Readonly<Record<string, string>>) =>
  Object.entries(list).map(([value, label]) => ({ value, label }));

const commonWords: Readonly<Record<string, string>> = {
  'procedure-unknown': 'この手順番号では、この補正はできません',
  'reason-missing': '理由と根拠文書を入力してください',
  'no-such-person': 'この方の記録がありません',
  'already-removed': '既に消除された方です',
  'nothing-changes': '現在の記録と同じです',
  'wrong-value': '入力した値が正しくありません',
  'no-such-request': 'この補正はありません',
  'approver-is-requester': '起案した者は承認できません',
  'already-decided': '既に決裁されています',
  'not-approved': '承認されていません',
  rejected: '差し戻されています',
  expired: '起案の期限が過ぎています',
  'already-used': '既に実施されています',
  'differs-from-approved': '承認された内容と異なります',
  'changed-meanwhile': '起案の後に記録が変わりました。改めて起案してください',
  'own-work': '起案又は実施した者は確認できません',
  'note-missing': '手順どおりでないときは、内容を入力してください',
  'already-reviewed': '既に確認されています',
  'not-authorised': 'この操作を行う権限がありません',
};

const stateOf = (r: CorrectionState): Html => {
  if (r.reviewedBy !== null) return badge(r.byProcedure ? '確認済み' : '手順違反', r.byProcedure ? 'done' : 'error');
  if (r.doneBy !== null) return badge('実施済み（確認待ち）', 'info');
  if (r.decision === 'rejected') return badge('差戻し', 'error');
  return r.decision === 'approved' ? badge('承認済み', 'info') : badge('承認待ち', 'warning');
};

const listOf = (itemNames: Readonly<Record<string, string>>): WorkListDefinition<CorrectionState> => ({
  caption: '手作業の補正',
  filters: [
    {
      kind: 'select',
      name: 'which',
      label: '状態',
      options: options({ open: '未実施', review: '確認待ち', all: 'すべて' }),
    },
  ],
  columns: [
    {
      key: 'on',
      label: '起案',
      heading: true,
      cell: (r) => html`<a href="/corrections/${r.correctionId}">${day(r.proposedOn)} ${r.proposedBy}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => correctionKinds[r.kind] },
    { key: 'procedure', label: '手順', cell: (r) => r.procedureNo },
    { key: 'document', label: '根拠文書', cell: (r) => r.document },
    {
      key: 'items',
      label: '項目',
      cell: (r) =>
        Object.keys(r.after)
          .map((item) => itemNames[item] ?? item)
          .join('、'),
    },
    { key: 'state', label: '状態', cell: stateOf },
  ],
  defaultSort: { key: 'on', direction: 'asc' },
  emptyText: '手作業の補正はありません。',
});

const fieldsOf = (procedures: readonly CorrectionProcedure[], items: readonly Field[]): readonly Field[] => [
  { kind: 'radio', name: 'kind', label: '補正の種類', options: options(correctionKinds) },
  {
    kind: 'select',
    name: 'procedureNo',
    label: '手順',
    options: procedures.map((p) => ({ value: p.no, label: `${p.no}　${p.title}` })),
  },
  { kind: 'text', name: 'document', label: '根拠文書の番号', maxLength: 60 },
  { kind: 'lines', name: 'reason', label: '理由', hint: '個人番号は書かないでください', maxLength: 400, rows: 3 },
  {
    kind: 'text',
    name: 'recordId',
    label: '記録の番号',
    hint: '訂正・削除のとき。記録の画面のアドレスの末尾',
    required: false,
    maxLength: 36,
  },
  ...items,
];
const reviewFields: readonly Field[] = [
  { kind: 'radio', name: 'by', label: '確認の結果', options: options({ yes: '手順どおり', no: '手順と異なる' }) },
  {
    kind: 'lines',
    name: 'note',
    label: '内容',
    hint: '手順と異なるときは必須',
    required: false,
    maxLength: 400,
    rows: 3,
  },
];

/** 手作業による入力・訂正・削除: proposal, approval, execution, and the list that is looked at again. */
export function addCorrectionPages<State extends CorrectionState>(app: PageApp, of: CorrectionPages<State>): void {
  const { read, update, approval } = rightsOf(of.system);
  const list = listOf(of.itemNames);
  const fields = fieldsOf(of.procedures, of.fields);
  const wordOf = (word: string): string => of.words[word] ?? commonWords[word] ?? word;

  page(app, 'GET', '/corrections', read, async (p) => {
    const query = readListQuery(list, p.query);
    const { offset, size: limit } = query;
    const which = (query.filters.which ?? 'open') as CorrectionQuery['which'];
    const found = await of.list(p.session.actor, { which, offset, limit });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '手作業の補正', gloss: 'Corrections by hand' },
      html`${(await p.may(update)) && html`<div class="row"><a class="button button-primary" href="/corrections/new">補正を起案する</a></div>`}
${workList(list, { path: '/corrections', query, ...found.value })}`,
    );
  });

  const title = { title: '補正の起案', gloss: 'Propose a correction by hand' };
  const newForm = (p: PageRequest, more: Partial<FormOptions> = {}) =>
    form({
      action: '/corrections/new',
      session: p.session,
      fields,
      submit: '起案する',
      cancelHref: '/corrections',
      ...more,
    });
  page(app, 'GET', '/corrections/new', update, (p) => p.view(title, newForm(p, { values: { kind: 'correct' } })));
  page(app, 'POST', '/corrections/new', update, async (p) => {
    const given = readForm(fields, p.form);
    if (!given.ok) return p.view({ ...title, hasErrors: true, status: 422 }, newForm(p, given.error));
    const { kind = '', procedureNo = '', document = '', reason = '', recordId, ...items } = given.value.texts;
    const wrong = (word: string) =>
      p.view(
        { ...title, hasErrors: true, status: 409 },
        newForm(p, { errors: { '': wordOf(word) }, values: given.value.texts }),
      );
    if (kind !== 'enter' && !isUuid(recordId ?? '')) return wrong('no-such-person');
    const done = await of.propose(p.session.actor, {
      kind: kind as CorrectionKind,
      procedureNo,
      document,
      reason,
      recordId,
      items: Object.fromEntries(Object.entries(items).filter(([, text]) => text !== '')),
      secret: (name) => `${p.form.get(name) ?? ''}`,
    });
    if (!done.ok) return wrong(done.error);
    return p.redirect(`/corrections/${done.value.correctionId}`, { kind: 'done', text: '起案しました。' });
  });

  const show = async (p: PageRequest, more: Partial<FormOptions> = {}): Promise<Response> => {
    const id = p.param('id');
    const found = isUuid(id)
      ? await of.list(p.session.actor, { which: 'all', correctionId: id, offset: 0, limit: 1 })
      : undefined;
    const r = found?.ok ? found.value.rows[0] : undefined;
    if (r === undefined) return p.problem('not-found');
    const [mayDo, mayApprove] = [await p.may(update), await p.may(approval)];
    const button = (action: string, submit: string, hidden: Record<string, string> = {}) =>
      form({ action: `/corrections/${id}/${action}`, session: p.session, fields: [], submit, hidden });
    const view = { title: `${correctionKinds[r.kind]}の補正`, gloss: 'A correction by hand' };
    return p.view(
      more.errors ? { ...view, hasErrors: true, status: 409 } : view,
      html`<div class="stack">${facts([
        { label: '状態', value: stateOf(r) },
        { label: '手順', value: r.procedureNo },
        { label: '根拠文書', value: r.document },
        { label: '理由', value: r.reason },
        { label: '起案', value: `${day(r.proposedOn)} ${r.proposedBy}` },
        { label: '承認', value: r.decidedBy ?? '' },
        { label: '実施', value: r.doneBy === null ? '' : `${day(r.doneOn)} ${r.doneBy}` },
        { label: '確認', value: r.reviewedBy ?? '' },
      ])}
<section>${sectionTitle('前後の値', 'Before and after')}<div class="table-scroll" tabindex="0" role="region" aria-label="前後の値の表"><table class="data-table"><caption class="visually-hidden">前後の値</caption><thead><tr><th scope="col">項目</th><th scope="col">前</th><th scope="col">後</th></tr></thead><tbody>${Object.keys(r.after).map((item) => html`<tr><th scope="row">${of.itemNames[item] ?? item}</th><td>${r.before[item] ?? ''}</td><td>${r.after[item] ?? ''}</td></tr>`)}${of.moreRows?.(r) ?? false}</tbody></table></div></section>
${r.decision === null && mayApprove && html`${button('decide', '承認する', { decision: 'approved' })}${button('decide', '差し戻す', { decision: 'rejected' })}`}
${r.decision === 'approved' && r.doneBy === null && mayDo && button('carry-out', '補正を実施する')}
${r.doneBy !== null && r.reviewedBy === null && mayApprove && html`<section>${sectionTitle('定期的な確認', 'Review')}${form({ action: `/corrections/${id}/review`, session: p.session, fields: reviewFields, submit: '確認を記録する', ...more })}</section>`}</div>`,
    );
  };
  page(app, 'GET', '/corrections/:id', read, (p) => show(p));
  const back = (p: PageRequest, done: Done, text: string): Response =>
    p.redirect(
      `/corrections/${p.param('id')}`,
      done.ok ? { kind: 'done', text } : { kind: 'error', text: wordOf(done.error) },
    );
  page(app, 'POST', '/corrections/:id/decide', approval, async (p) => {
    const decision = p.form.get('decision');
    if (!isUuid(p.param('id')) || (decision !== 'approved' && decision !== 'rejected')) return p.problem('not-found');
    const done = await of.decide(p.session.actor, { correctionId: p.param('id'), decision });
    return back(p, done, decision === 'approved' ? '承認しました。' : '差し戻しました。');
  });
  page(app, 'POST', '/corrections/:id/carry-out', update, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    return back(p, await of.carryOut(p.session.actor, { correctionId: p.param('id') }), '補正を実施しました。');
  });
  page(app, 'POST', '/corrections/:id/review', approval, async (p) => {
    const given = readForm(reviewFields, p.form);
    if (!given.ok) return show(p, given.error);
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const { by, note = '' } = given.value.texts;
    const done = await of.review(p.session.actor, { correctionId: p.param('id'), byProcedure: by === 'yes', note });
    return done.ok
      ? back(p, done, '確認を記録しました。')
      : show(p, { errors: { '': wordOf(done.error) }, values: given.value.texts });
  });
}
