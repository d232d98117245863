import { createHmac } from 'node:crypto';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, momentText } from '@musubi/kernel/pages/html.ts';
import { stepper } from '@musubi/kernel/pages/kit/confirm-page.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { PageRight } from '@musubi/kernel/pages/session.ts';
import type { Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { isLate, type Reason } from '../domain/reasons.ts';
import {
  type ResidentRecord,
  type ResidentRow,
  readProtectedResident,
  readResident,
} from '../service/read-residents.ts';
import { itemLabels, refusalText, sexes } from './words.ts';

/*
 * A filing at the counter, in three steps: enter, confirm (what stands and what will stand, side by side), done. The number of a
 * person is typed twice and never shown: between the two stands only a mark that this session alone can check.
 */

export type Texts = Readonly<Record<string, string>>;

export interface About {
  readonly personId: string;
  readonly version: number;
  readonly requestKey: string;
  /** The record, where the form is about someone. */
  readonly record: ResidentRecord | undefined;
}

/** The version that the clerk saw: what was typed is a difference from that one, whatever stands by now. */
export function seen({ record, version }: About): ResidentRow {
  const versions = record?.versions ?? [];
  return (versions.find((v) => v.row.sequence === version) ?? versions[0])!.row;
}

export interface GuidedForm {
  readonly path: string;
  readonly title: string;
  readonly gloss: string;
  readonly right: PageRight;
  readonly reason?: Reason;
  readonly fields: (record: ResidentRecord | undefined) => readonly Field[];
  readonly values?: (record: ResidentRecord | undefined) => FormValues;
  /** Faults that one field alone does not show, by field name. */
  readonly check?: (texts: Texts, about: About) => FormErrors;
  /** Items of the record as they will stand: label, before, after. */
  readonly compare?: (
    texts: Texts,
    about: About,
  ) => readonly (readonly [label: string, before: string, after: string])[];
  readonly submit: string;
  readonly danger?: boolean;
  readonly hint?: Html;
  readonly run: (
    actor: Actor,
    texts: Texts,
    about: About,
  ) => Promise<Result<{ readonly at: string; readonly text: string }, string>>;
}

const steps = ['入力', '確認', '完了'];
const numberField = (label = '個人番号'): Field => ({
  kind: 'secret',
  name: 'individualNumber',
  label,
  hint: '確認のため、もう一度入力してください（先の入力は表示しません）',
  maxLength: 12,
});

export function addGuidedForm(app: PageApp, deps: Deps, guided: GuidedForm): void {
  const hasPerson = guided.path.includes(':id');
  const idOf = (p: PageRequest): string => (hasPerson ? p.param('id') : '');
  const back = (p: PageRequest): string => (hasPerson ? `/residents/${idOf(p)}` : '/');
  const title = { title: guided.title, gloss: guided.gloss };

  /** The record without a protected address, or with it for whom it may be shown; undefined where there is none. */
  async function recordFor(p: PageRequest): Promise<ResidentRecord | undefined> {
    if (!hasPerson || !isUuid(idOf(p))) return undefined;
    const personId = idOf(p);
    const mayUnveil = await p.may(['resident-register', 'protection', 'read']);
    const read = await (mayUnveil ? readProtectedResident : readResident)(deps, p.session.actor, { personId });
    return read.ok ? read.value : undefined;
  }

  const enter = (
    p: PageRequest,
    about: About,
    values: FormValues,
    errors: FormErrors,
    more: { readonly status?: number; readonly above?: Html } = {},
  ) =>
    p.view(
      { ...title, ...(more.status ? { hasErrors: true, status: more.status } : {}) },
      html`<div class="stack">${stepper(steps, 0)}${who(about)}${more.above}${guided.hint}${form({
        action: p.path,
        session: p.session,
        fields: guided.fields(about.record),
        values,
        errors,
        submit: '確認する',
        cancelHref: back(p),
        hidden: { version: `${about.version}`, requestKey: about.requestKey },
      })}</div>`,
    );

  const confirm = (p: PageRequest, about: About, texts: Texts, errors: FormErrors = {}, status?: number) => {
    const { individualNumber, ...shown } = texts;
    const fields = guided.fields(about.record);
    const isAsked = individualNumber !== undefined;
    const kept = {
      ...shown,
      version: `${about.version}`,
      requestKey: about.requestKey,
      ...(isAsked ? { numberMark: markOf(p, individualNumber) } : {}),
    };
    const changes = guided.compare?.(texts, about) ?? [];
    const typed = fields
      .filter((f) => f.kind !== 'secret' && shown[f.name] !== undefined)
      .map((f) => ({ label: f.label, value: answerText(f, shown[f.name] ?? '') }));
    return p.view(
      { ...title, ...(status ? { hasErrors: true, status } : {}) },
      html`<div class="stack">${stepper(steps, 1)}${who(about)}${changes.length > 0 && compareTable(changes)}
<section aria-labelledby="filed">${sectionTitle('届出の内容', 'What was filed', 'filed')}<dl class="facts">${typed.map(
        (t) => html`<div><dt>${t.label}</dt><dd>${t.value}</dd></div>`,
      )}</dl></section>
${form({
  action: p.path,
  session: p.session,
  fields: isAsked ? [numberField()] : [],
  errors,
  submit: guided.submit,
  cancelHref: back(p),
  hidden: { ...kept, confirmed: 'yes' },
  ...(guided.danger ? { danger: true } : {}),
})}
<form method="post" action="${p.path}">${tokenField(p.session)}${Object.entries({
        ...shown,
        version: kept.version,
        requestKey: about.requestKey,
        back: 'yes',
      }).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
      )}<button class="button button-quiet" type="submit">戻って直す</button></form></div>`,
    );
  };

  /** Two clerks at once: what the other recorded beside what this one typed, on the version that stands now. */
  const conflict = (p: PageRequest, about: About, shown: Texts) => {
    const { record } = about;
    const version = record?.versions[0]?.row.sequence ?? about.version;
    const anew = { ...about, version, requestKey: deps.newId() };
    const above = record ? { above: meanwhile(record) } : {};
    const text = '表示した後に、ほかの担当者がこの方の記録を変更しました。先に登録された内容を確かめてください';
    return enter(p, anew, shown, { '': text }, { status: 409, ...above });
  };

  page(app, 'GET', guided.path, guided.right, async (p) => {
    const record = await recordFor(p);
    if (hasPerson && !record) return p.problem('not-found');
    const today = deps.civilClock.today().toString();
    const asked = /^[0-9]{1,9}$/.exec(p.query.get('version') ?? '')?.[0];
    const version = asked === undefined ? (record?.versions[0]?.row.sequence ?? 0) : Number(asked);
    const about = { personId: idOf(p), version, requestKey: deps.newId(), record };
    return enter(p, about, { filedOn: today, changedOn: today, ...guided.values?.(record) }, {});
  });

  page(app, 'POST', guided.path, guided.right, async (p) => {
    const record = await recordFor(p);
    if (hasPerson && !record) return p.problem('not-found');
    const posted = (name: string): string => `${p.form.get(name) ?? ''}`;
    const requestKey = isUuid(posted('requestKey')) ? posted('requestKey') : deps.newId();
    const about: About = { personId: idOf(p), version: Number(posted('version')) || 0, requestKey, record };
    const read = readForm(guided.fields(record), p.form);
    if (posted('back') === 'yes') return enter(p, about, read.ok ? read.value.texts : read.error.values, {});
    if (!read.ok) return enter(p, about, read.error.values, read.error.errors, { status: 422 });
    const { texts } = read.value;
    const { individualNumber, ...shown } = texts;
    const faults = guided.check?.(texts, about) ?? {};
    if (Object.keys(faults).length > 0) return enter(p, about, shown, faults, { status: 422 });
    const isStale = record !== undefined && about.version !== record.versions[0]!.row.sequence;
    if (posted('confirmed') !== 'yes') return isStale ? conflict(p, about, shown) : confirm(p, about, texts);
    if (individualNumber !== undefined && markOf(p, individualNumber) !== posted('numberMark'))
      return enter(p, about, shown, { individualNumber: refusalText('numbers-differ') }, { status: 422 });
    const done = await guided.run(p.session.actor, texts, about);
    if (!done.ok) {
      if (done.error === 'changed-meanwhile') return conflict(p, about, shown);
      return enter(p, about, shown, { '': refusalText(done.error) }, { status: 409 });
    }
    const { at, text } = done.value;
    const late =
      guided.reason &&
      texts.changedOn &&
      texts.filedOn &&
      isLate(guided.reason, Temporal.PlainDate.from(texts.changedOn), Temporal.PlainDate.from(texts.filedOn));
    return p.redirect(at, { kind: 'done', text: late ? `${text}（届出期間を過ぎています）` : text });
  });
}

const markOf = (p: PageRequest, digits: string): string =>
  createHmac('sha256', p.session.csrfSecret).update(`number\0${digits}`).digest('base64url');

function answerText(f: Field, value: string): string {
  if (f.kind === 'radio' || f.kind === 'select') return f.options.find((o) => o.value === value)?.label ?? value;
  return value;
}

const who = ({ record }: About): Html | undefined => {
  const row = record?.versions[0]?.row;
  return row && html`<p><strong>${row.name}</strong>（${row.name_kana}、${row.birth_date}生、${sexes[row.sex]}）</p>`;
};

const compareTable = (
  changes: readonly (readonly [string, string, string])[],
  [title, gloss, before, after]: readonly [string, string, string, string] = [
    '異動の前と後',
    'Before and after',
    '今の記録',
    '異動の後',
  ],
): Html =>
  html`<section aria-labelledby="compare">${sectionTitle(title, gloss, 'compare')}<div class="table-scroll" tabindex="0" role="region" aria-label="${title}の表"><table class="data-table"><caption class="visually-hidden">${title}</caption><thead><tr><th scope="col">項目</th><th scope="col">${before}</th><th scope="col">${after}</th></tr></thead><tbody>${changes.map(
    ([label, was, becomes]) =>
      html`<tr><th scope="row">${label}</th><td>${was || '―'}</td><td><strong>${becomes || '―'}</strong></td></tr>`,
  )}</tbody></table></div></section>`;

/** Two clerks at once: what the other one recorded, beside the form that still holds what this one typed. */
function meanwhile({ versions }: ResidentRecord): Html {
  const [now, before] = versions;
  const changed = (Object.keys(itemLabels) as (keyof typeof itemLabels)[]).filter(
    (item) => now!.row[item] !== before?.row[item],
  );
  const show = (row: ResidentRow | undefined, item: keyof typeof itemLabels): string => row?.[item] ?? '';
  return html`${notice(
    'warning',
    `${now!.row.operator_id} が ${momentText(now!.recordedAt)} に先に登録しました`,
    '下の表は先に登録された内容です。入力した内容は残っています。必要なら直して、もう一度確認へ進んでください。',
  )}${compareTable(
    changed.map((item) => [itemLabels[item], show(before?.row, item), show(now!.row, item)]),
    ['先に登録された変更', 'Recorded meanwhile', 'その前', '先に登録された内容'],
  )}`;
}
