import type { ActDeps } from '../db/act.ts';
import { type NavEntry, type PageApp, type PageRequest, page } from '../pages/app.ts';
import { dateText, html } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, notice, sectionTitle } from '../pages/kit/marks.ts';
import type { Entry, Irregular } from './irregular.ts';

const words: Readonly<Record<string, string>> = {
  'no-such-entry': '該当する記録がありません。',
  'confirmer-did-it': '処理した本人は確認できません。別の職員が確認してください。',
  'no-note': '適正でないときは、どこが適正でないかを書いてください。',
  'already-confirmed': 'すでに確認されています。',
  'month-not-over': 'この月はまだ終わっていません。',
  'not-all-confirmed': '確認していない記録があります。',
  'already-closed': 'この月の点検は済んでいます。',
  'not-whole': '名称と手順を入力してください。',
  'revised-meanwhile': '別の職員が改定しました。画面を開き直してください。',
  'not-authorised': 'この操作を行う権限がありません。',
};
const sentence = (word: string): string => words[word] ?? 'この操作はできません。';

// Several of these forms stand on one page: names, and with them the ids of the inputs, carry whose they are.
const verdictFields = (entryId: string): readonly Field[] => [
  {
    kind: 'radio',
    name: `verdict-${entryId}`,
    label: '記録内容',
    options: [
      { value: 'right', label: '適正' },
      { value: 'wrong', label: '適正でない' },
    ],
  },
  { kind: 'text', name: `note-${entryId}`, label: '所見', required: false, maxLength: 200 },
];
const procedureFields = (kind: string): readonly Field[] => [
  { kind: 'text', name: `title-${kind}`, label: '名称', maxLength: 80 },
  { kind: 'lines', name: `steps-${kind}`, label: '手順', maxLength: 2000, rows: 5 },
];

export const irregularNav = (system: string): readonly NavEntry[] => [
  { label: '通常以外の処理', href: '/irregular', right: [system, 'irregular', 'read'] },
];

const stateOf = (e: Entry) =>
  e.verdict === null
    ? badge('確認待ち', 'warning')
    : e.verdict === 'right'
      ? badge('適正', 'done')
      : badge('適正でない', 'error');

/** 通常以外の処理の月次一覧: confirmation by another person, closing of the month, the procedures in force. */
export function addIrregularPages<D extends ActDeps>(app: PageApp, deps: D, irregular: Irregular<D>): void {
  const { read, approval } = irregular.rights;
  const monthOf = (text: string | null): Temporal.PlainYearMonth =>
    /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? '')
      ? Temporal.PlainYearMonth.from(text!)
      : deps.civilClock.today().toPlainYearMonth();
  const back = (p: PageRequest, done: { ok: true } | { ok: false; error: string }, text: string) =>
    p.redirect(
      `/irregular?month=${monthOf(p.query.get('month'))}`,
      done.ok ? { kind: 'done', text } : { kind: 'error', text: sentence(done.error) },
    );

  page(app, 'GET', '/irregular', read, async (p) => {
    const month = monthOf(p.query.get('month'));
    const found = await irregular.list(deps, p.session.actor, { month });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, closing, procedures } = found.value;
    const mayConfirm = await p.may(approval);
    const me = p.session.actor.kind === 'staff' ? p.session.actor.staffId : '';
    const waiting = rows.filter(({ verdict }) => verdict === null).length;
    const at = `?month=${month}`;
    const to = (m: Temporal.PlainYearMonth, label: string) =>
      html`<a href="/irregular?month=${m.toString()}">${label}</a>`;
    return p.view(
      { title: `通常以外の処理 ${month.year}年${month.month}月`, gloss: 'Work outside the normal run' },
      html`<div class="stack"><p class="row">${to(month.subtract({ months: 1 }), '前の月')}${to(month.add({ months: 1 }), '次の月')}</p>
${
  closing
    ? notice('done', `点検済み: ${closing.entries}件（${closing.closedBy}）`)
    : waiting > 0
      ? notice('warning', `確認待ちが${waiting}件あります。`)
      : html``
}${
  rows.length === 0
    ? html`<p class="muted">この月の処理はありません。</p>`
    : html`<div class="table-scroll" tabindex="0" role="region" aria-label="月次一覧の表"><table class="data-table"><caption>月次一覧 ${rows.length}件</caption><thead><tr>${['処理した日', '手順', '理由', '処理した職員', '状態', '確認'].map((h) => html`<th scope="col">${h}</th>`)}</tr></thead><tbody>${rows.map(
        (e) =>
          html`<tr><th scope="row">${dateText(Temporal.PlainDate.from(e.doneOn))}</th><td>${e.title}（第${e.revision}版）</td><td>${e.reason}</td><td>${e.doneBy}</td><td>${stateOf(e)} ${e.note ?? ''}</td><td>${
            e.confirmedBy ??
            (mayConfirm && e.doneBy !== me
              ? html`<details><summary>確認する</summary>${form({ action: `/irregular/${e.entryId}${at}`, session: p.session, fields: verdictFields(e.entryId), submit: '確認を記録する' })}</details>`
              : '')
          }</td></tr>`,
      )}</tbody></table></div>`
}${
  mayConfirm &&
  !closing &&
  waiting === 0 &&
  form({ action: `/irregular/close${at}`, session: p.session, fields: [], submit: 'この月の点検を終える' })
}
<section aria-labelledby="procedures">${sectionTitle('定めた手順', 'Procedures in force', 'procedures')}${procedures.map(
        (r) =>
          html`<section class="panel stack"><h3>${r.title}（第${r.revision}版）</h3>${r.steps.split('\n').map((line) => html`<p>${line}</p>`)}${
            mayConfirm &&
            html`<details><summary>改定する</summary>${form({
              action: `/irregular/procedures/${r.kind}${at}`,
              session: p.session,
              fields: procedureFields(r.kind),
              values: { [`title-${r.kind}`]: r.title, [`steps-${r.kind}`]: r.steps },
              hidden: { revision: `${r.revision}` },
              submit: '改定する',
            })}</details>`
          }</section>`,
      )}</section></div>`,
    );
  });
  page(app, 'POST', '/irregular/close', approval, async (p) =>
    back(
      p,
      await irregular.closeMonth(deps, p.session.actor, { month: monthOf(p.query.get('month')) }),
      'この月の点検を終えました。',
    ),
  );
  page(app, 'POST', '/irregular/:id', approval, async (p) => {
    const entryId = p.param('id');
    const given = readForm(verdictFields(entryId), p.form);
    if (!given.ok) return back(p, { ok: false, error: 'no-note' }, '');
    const { texts } = given.value;
    const verdict = texts[`verdict-${entryId}`] === 'right' ? 'right' : 'wrong';
    const command = { entryId, verdict, note: texts[`note-${entryId}`] ?? '' } as const;
    return back(p, await irregular.confirm(deps, p.session.actor, command), '確認を記録しました。');
  });
  page(app, 'POST', '/irregular/procedures/:kind', approval, async (p) => {
    const kind = p.param('kind');
    const given = readForm(procedureFields(kind), p.form);
    if (!given.ok) return back(p, { ok: false, error: 'not-whole' }, '');
    const { [`title-${kind}`]: title = '', [`steps-${kind}`]: steps = '' } = given.value.texts;
    const revision = Number(p.form.get('revision'));
    const revised = await irregular.revise(deps, p.session.actor, { kind, revision, title, steps });
    return back(p, revised, '手順を改定しました。');
  });
}
