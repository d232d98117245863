import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { html, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import type { AddressedTo } from '../domain/reminders.ts';
import {
  listReminderRuns,
  makeReminders,
  makeRemindersAnyway,
  postReminders,
  releaseReminders,
  showReminderRun,
} from '../service/office/reminders.ts';
import { lettersAtOnce } from '../service/papers/reminder-letters.ts';
import { day } from './accounts.ts';
import { faultText, keptBackWords } from './words.ts';

const read = ['collections', 'reminder', 'read'] as const;
const update = ['collections', 'reminder', 'update'] as const;
const release = ['collections', 'reminder-release', 'update'] as const;
const steps: Readonly<Record<'made' | 'released' | 'posted' | 'withdrawn', readonly [string, Tone]>> = {
  made: ['作成', 'info'],
  released: ['印刷へ', 'info'],
  posted: ['発送済', 'done'],
  withdrawn: ['引抜き', 'warning'],
};

const missingNotice = (missing: readonly string[]) =>
  notice(
    'error',
    '未消込の収納データがあるため、督促状を作成できません。',
    html`<ul>${missing.map((line) => html`<li>${line}${line.endsWith('（未登録）') ? '' : 'が未消込です'}</li>`)}</ul>`,
  );
const counts = (words: Readonly<Record<string, number>>) =>
  Object.entries(words)
    .map(([word, n]) => `${keptBackWords[word] ?? word} ${n}件`)
    .join('、');

const anyway: readonly Field[] = [
  { kind: 'lines', name: 'reason', label: '未着のまま作成する理由', maxLength: 500, rows: 2 },
];

const addressed: Readonly<Record<AddressedTo, string>> = {
  payers: '納税者（普通徴収）',
  collectors: '特別徴収義務者・年金保険者',
};
const addressedToOf = (text: unknown): AddressedTo => (text === 'collectors' ? 'collectors' : 'payers');

const partsOf = (letters: number): readonly number[] =>
  Array.from({ length: Math.ceil(letters / lettersAtOnce) }, (_, i) => i + 1);

/** 督促: the gate, the run, its letters and their two further looks. */
export function reminderPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/reminders', read, (p) => show(p, deps));
  page(app, 'POST', '/reminders', update, async (p) => {
    const paidUntil = String(p.form.get('paidUntil') ?? '');
    const runId = String(p.form.get('runId') ?? '');
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(paidUntil))
      return show(p, deps, { paidUntil: '基準日を入力してください' });
    if (!isUuid(runId)) return p.problem('unreadable-form');
    const done = await makeReminders(deps, p.session.actor, {
      runId,
      paidUntil,
      addressedTo: addressedToOf(p.form.get('addressedTo')),
    });
    if (!done.ok) return show(p, deps, { paidUntil: faultText(done.error) });
    if (!done.value.made) return show(p, deps, { paidUntil: '未消込の収納データがあります' }, done.value.missing);
    return p.redirect(`/reminders/${runId}`, { kind: 'done', text: `督促状を${done.value.letters}通作成しました。` });
  });
  page(app, 'POST', '/reminders/anyway', release, async (p) => {
    const [paidUntil, runId, reason] = ['paidUntil', 'runId', 'reason'].map((n) => String(p.form.get(n) ?? '')) as [
      string,
      string,
      string,
    ];
    if (!isUuid(runId) || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(paidUntil)) return p.problem('unreadable-form');
    const done = await makeRemindersAnyway(deps, p.session.actor, { runId, paidUntil, reason });
    if (!done.ok)
      return show(
        p,
        deps,
        done.error === 'reason-missing' ? { reason: '理由を入力してください' } : { paidUntil: faultText(done.error) },
      );
    if (!done.value.made) return show(p, deps, { paidUntil: '未消込の収納データがあります' }, done.value.missing);
    return p.redirect(`/reminders/${runId}`, {
      kind: 'done',
      text: `未着の収納データがあるまま、速報のない納税者に限り督促状を${done.value.letters}通作成しました。`,
    });
  });
  page(app, 'GET', '/reminders/:id', read, async (p) => {
    if (!isUuid(p.param('id'))) return p.problem('not-found');
    const found = await showReminderRun(deps, p.session.actor, { runId: p.param('id') });
    if (!found.ok) return p.problem(found.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    const { run, letters } = found.value;
    const may = await p.may(release);
    const has = (step: string): boolean => letters.some((l) => l.step === step);
    const button = (to: string, label: string) =>
      html`<form method="post" action="/reminders/${run.runId}/${to}">${tokenField(p.session)}<button class="button button-primary" type="submit">${label}</button></form>`;
    return p.view(
      { title: `督促（基準日 ${run.paidUntil}）`, gloss: 'Reminder run', personal: true },
      html`<div class="stack">${figures([
        { label: '対象とした調定', value: `${run.considered}`, unit: '件' },
        { label: '作成', value: `${run.letters}`, unit: '通' },
        { label: '発送', value: `${run.posted}`, unit: '通' },
        { label: '引抜き', value: `${run.withdrawn}`, unit: '通' },
      ])}${facts([
        { label: '送付先', value: addressed[run.addressedTo] },
        { label: '作成日', value: day(run.madeOn) },
        { label: '作成者', value: run.madeBy },
        { label: '作成しなかったもの', value: counts(run.keptBack) },
      ])}<div class="row no-print">${may && has('made') && button('release', '照合し直して印刷へ回す')}${may && has('released') && html`${partsOf(new Set(letters.filter((l) => l.step === 'released').map((l) => l.designationNumber ?? l.letterId)).size).map((part) => html`<a class="button" href="/reminders/${run.runId}/letters/${part}">督促状を印刷する<span class="visually-hidden">（${part}）</span></a>`)}${button('post', '照合し直して発送する')}`}</div>
<section aria-labelledby="letters">${sectionTitle('督促状', 'Letters', 'letters')}<div class="table-scroll" tabindex="0" role="region" aria-label="督促状の表"><table class="data-table"><caption class="visually-hidden">督促状</caption><thead><tr><th scope="col">宛名番号</th>${run.addressedTo === 'collectors' && html`<th scope="col">指定番号</th>`}<th scope="col" class="num">税</th><th scope="col" class="num">延滞金（作成日現在）</th><th scope="col">段階</th></tr></thead><tbody>${letters.map((l) => html`<tr><th scope="row"><a href="/accounts/${l.chargeId}">${l.personNumber}</a></th>${run.addressedTo === 'collectors' && html`<td>${l.designationNumber}</td>`}<td class="num">${yenText(l.ward + l.metropolitan + l.forest)}</td><td class="num">${yenText(l.interestYen)}</td><td>${badge(...steps[l.step])} ${l.reason && (keptBackWords[l.reason] ?? l.reason)}</td></tr>`)}</tbody></table></div></section></div>`,
    );
  });
  const onward = (path: string, act: typeof releaseReminders, word: string): void =>
    page(app, 'POST', path, release, async (p) => {
      const runId = p.param('id');
      if (!isUuid(runId)) return p.problem('not-found');
      const done = await act(deps, p.session.actor, { runId });
      if (!done.ok) return p.redirect('/reminders', { kind: 'error', text: faultText(done.error) });
      const to = `/reminders/${runId}`;
      if (!done.value.made)
        return p.redirect(to, {
          kind: 'error',
          text: `未消込の収納データがあります: ${done.value.missing.join('、')}`,
        });
      const pulled = counts(done.value.withdrawn);
      return p.redirect(to, {
        kind: 'done',
        text: `${done.value.forward}通を${word}。${pulled && `引抜き: ${pulled}。`}`,
      });
    });
  onward('/reminders/:id/release', releaseReminders, '印刷へ回しました');
  onward('/reminders/:id/post', postReminders, '発送しました');
}

async function show(
  p: PageRequest,
  deps: Deps,
  errors?: Readonly<Record<string, string>>,
  missing?: readonly string[],
): Promise<Response> {
  const paidUntil = String(p.form.get('paidUntil') ?? deps.civilClock.today().subtract({ days: 7 }));
  const until = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(paidUntil) ? paidUntil : deps.civilClock.today().toString();
  const addressedTo = addressedToOf(p.form.get('addressedTo'));
  const found = await listReminderRuns(deps, p.session.actor, { paidUntil: until, addressedTo });
  if (!found.ok) return p.problem('not-authorised');
  const lacking = missing ?? found.value.missing;
  const fields: readonly Field[] = [
    {
      kind: 'select',
      name: 'addressedTo',
      label: '送付先',
      options: Object.entries(addressed).map(([value, label]) => ({ value, label })),
    },
    {
      kind: 'date',
      name: 'paidUntil',
      label: '基準日',
      hint: 'この日までの納付がすべて消し込まれているときに限り作成できます。',
    },
  ];
  const state = errors ? { hasErrors: true, status: 422 as const } : {};
  return p.view(
    { title: '督促', gloss: 'Reminders', ...state },
    html`<div class="stack">${lacking.length > 0 ? missingNotice(lacking.slice(0, 20)) : notice('done', `${until}までの納付を含むファイルはすべて消込済みです。`)}
${(await p.may(update)) && form({ action: '/reminders', session: p.session, fields, values: { paidUntil, addressedTo }, ...(errors ? { errors } : {}), hidden: { runId: deps.newId() }, submit: '督促状を作成する' })}
${lacking.length > 0 && addressedTo === 'payers' && (await p.may(release)) && html`<section aria-labelledby="anyway">${sectionTitle('課長の判断による作成', 'Override', 'anyway')}<p>未着のファイルの期間に速報のない納税者に限り作成します。発送までの照合は同じです。</p>${form({ action: '/reminders/anyway', session: p.session, fields: anyway, values: { paidUntil }, ...(errors ? { errors } : {}), hidden: { runId: deps.newId(), paidUntil: until }, submit: '理由を記録して作成する' })}</section>`}
<section aria-labelledby="runs">${sectionTitle('これまでの督促', 'Runs', 'runs')}${
      found.value.runs.length === 0
        ? html`<p class="muted">督促はまだありません。</p>`
        : html`<ul>${found.value.runs.map((r) => html`<li><a href="/reminders/${r.runId}">基準日 ${r.paidUntil}（${r.madeOn}作成、${addressed[r.addressedTo]}、${r.letters}通）</a> 発送 ${r.posted}通、引抜き ${r.withdrawn}通</li>`)}</ul>`
    }</section></div>`,
  );
}
