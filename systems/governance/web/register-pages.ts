import type { Right } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice } from '@musubi/kernel/pages/kit/marks.ts';
import { recordPage } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { type RefusalWord, refusals } from '../domain/refusals.ts';
import type { RegisterDefinition, RegisterField } from '../domain/register.ts';
import { findRegister } from '../domain/registers.ts';
import { type CurrentEntry, type EntryRecord, registerActs } from '../service/registers.ts';
import { csvText } from './csv.ts';
import { allFields, formField, textOf } from './fields.ts';

/** Most rows of a printed list or file; beyond it the reader narrows the list. */
const mostRows = 5000;
const sentence = (word: RefusalWord | 'not-authorised'): string =>
  word === 'not-authorised' ? 'この操作をする権限がありません。' : refusals[word];
const instant = (text: string): Temporal.Instant =>
  Temporal.Instant.from(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));

/** List, file, form and record of one register; every register gets the same pages from its definition. */
export function mountRegister(app: PageApp, deps: Deps, definition: RegisterDefinition): void {
  const read: Right = ['governance', definition.group, 'read'];
  const update: Right = ['governance', definition.group, 'update'];
  const acts = registerActs[definition.group];
  const base = `/${definition.id}`;
  const crumbs = [{ label: '台帳の一覧', href: '/' }];
  const list = listOf(definition);

  const rowsFor = async (p: PageRequest, purpose: 'screen' | 'print' | 'file') => {
    const query = readListQuery(list, p.query);
    const { filters, offset, size } = query;
    const found = await acts.list(deps, p.session.actor, {
      registers: [definition.id],
      state: filters.state ?? null,
      text: filters.text ?? null,
      dueBy: filters.dueBy ?? null,
      ...(purpose === 'screen' ? { offset, limit: size } : { offset: 0, limit: mostRows }),
      purpose,
    });
    return { query, found };
  };

  page(app, 'GET', base, read, async (p) => {
    const { query, found } = await rowsFor(p, 'screen');
    if (!found.ok) return p.problem('not-authorised');
    const search = new URLSearchParams(query.filters).toString();
    const mayWrite = await p.may(update);
    return p.view(
      {
        title: definition.title.ja,
        gloss: definition.title.en,
        breadcrumbs: crumbs,
        actions: html`${mayWrite && html`<a class="button button-primary" href="${base}/new">登録する</a>`}<a class="button" href="${base}/print?${search}">印刷用の一覧</a><a class="button" href="${base}/list.csv?${search}">CSV</a>`,
      },
      html`<p>${definition.purpose}</p>${workList(list, { path: base, query, ...found.value })}`,
    );
  });

  page(app, 'GET', `${base}/print`, read, async (p) => {
    const { found } = await rowsFor(p, 'print');
    if (!found.ok) return p.problem('not-authorised');
    const { rows, total } = found.value;
    return p.view(
      {
        title: `${definition.title.ja}（${deps.civilClock.today()}現在）`,
        gloss: definition.title.en,
        breadcrumbs: [...crumbs, { label: definition.title.ja, href: base }],
      },
      html`<p class="no-print">ブラウザーの印刷で出力します。</p><p>${total}件${total > rows.length && `のうち${rows.length}件。絞り込んでください`}</p>${printTable(definition, rows)}`,
    );
  });

  page(app, 'GET', `${base}/list.csv`, read, async (p) => {
    const { found } = await rowsFor(p, 'file');
    if (!found.ok) return p.problem('not-authorised');
    const fields = allFields(definition).filter((f) => f.kind !== 'ref');
    const text = csvText([
      ['番号', '状態', '登録日', '期限', ...fields.map((f) => f.label)],
      ...found.value.rows.map((e) => [
        e.label,
        definition.states[e.state]?.label ?? e.state,
        e.openedOn,
        e.dueOn ?? '',
        ...fields.map((f) => textOf(f, e.values)),
      ]),
    ]);
    return p.file(Buffer.from(text), { type: 'text/csv; charset=utf-8', name: `${definition.id}.csv`, inline: false });
  });

  /** A form for these fields; the choices of reference fields are asked for each time. */
  const formPage = async (
    p: PageRequest,
    about: { readonly title: string; readonly gloss: string; readonly crumbs: typeof crumbs },
    options: {
      readonly action: string;
      readonly fields: readonly RegisterField[];
      readonly submit: string;
      readonly cancelHref: string;
      readonly values?: FormValues | undefined;
      readonly errors?: FormErrors | undefined;
      readonly hidden?: Readonly<Record<string, string>>;
      readonly danger?: boolean;
      readonly withReason?: boolean;
    },
  ): Promise<Response> => {
    const { fields, values, errors, withReason, ...rest } = options;
    const choices = await acts.options(deps, p.session.actor, { fields });
    if (!choices.ok) return p.problem('not-authorised');
    const asked = fields.map((f) => formField(f, choices.value));
    return p.view(
      {
        title: about.title,
        gloss: about.gloss,
        breadcrumbs: about.crumbs,
        ...(errors ? { hasErrors: true, status: 422 } : {}),
      },
      form({
        ...rest,
        session: p.session,
        fields: withReason ? [...asked, reasonField] : asked,
        ...(values ? { values } : {}),
        ...(errors ? { errors } : {}),
      }),
    );
  };
  /** What was posted, read by the same fields that were drawn. */
  const posted = async (p: PageRequest, fields: readonly RegisterField[], withReason = false) => {
    const choices = await acts.options(deps, p.session.actor, { fields });
    const asked = fields.map((f) => formField(f, choices.ok ? choices.value : {}));
    return readForm(withReason ? [...asked, reasonField] : asked, p.form);
  };

  const newPage = (p: PageRequest, values?: FormValues, errors?: FormErrors) =>
    formPage(
      p,
      {
        title: `${definition.title.ja}の登録`,
        gloss: 'New entry',
        crumbs: [...crumbs, { label: definition.title.ja, href: base }],
      },
      { action: `${base}/new`, fields: definition.fields, submit: '登録する', cancelHref: base, values, errors },
    );
  page(app, 'GET', `${base}/new`, update, (p) => {
    // A record that others name offers the form with itself already chosen.
    const given = Object.fromEntries([...p.query].filter(([name]) => definition.fields.some((f) => f.name === name)));
    return newPage(p, given);
  });
  page(app, 'POST', `${base}/new`, update, async (p) => {
    const given = await posted(p, definition.fields);
    if (!given.ok) return newPage(p, given.error.values, given.error.errors);
    const opened = await acts.open(deps, p.session.actor, { register: definition.id, values: given.value.texts });
    if (!opened.ok) return newPage(p, given.value.texts, { '': sentence(opened.error) });
    return p.redirect(`${base}/${opened.value.entryId}`, {
      kind: 'done',
      text: `${opened.value.label}を登録しました。`,
    });
  });

  const found = async (p: PageRequest): Promise<EntryRecord | undefined> => {
    const id = p.param('entry');
    const record = isUuid(id) ? await acts.read(deps, p.session.actor, { entryId: id }) : undefined;
    return record?.ok && record.value.entry.register === definition.id ? record.value : undefined;
  };

  page(app, 'GET', `${base}/:entry`, read, async (p) => {
    const record = await found(p);
    if (record === undefined) return p.problem('not-found');
    return p.view(
      {
        title: record.entry.label,
        gloss: definition.title.en,
        breadcrumbs: [...crumbs, { label: definition.title.ja, href: base }],
      },
      recordBody(definition, record, { mayWrite: await p.may(update), today: deps.civilClock.today() }),
    );
  });

  const revisePage = (p: PageRequest, entry: CurrentEntry, values: FormValues, errors?: FormErrors) =>
    formPage(
      p,
      {
        title: `${entry.label}の訂正`,
        gloss: 'Correct an entry',
        crumbs: [...crumbs, { label: entry.label, href: `${base}/${entry.entryId}` }],
      },
      {
        action: `${base}/${entry.entryId}/revise`,
        fields: definition.fields,
        submit: '訂正する',
        cancelHref: `${base}/${entry.entryId}`,
        hidden: { changes: `${entry.changes}` },
        withReason: true,
        values,
        errors,
      },
    );
  page(app, 'GET', `${base}/:entry/revise`, update, async (p) => {
    const record = await found(p);
    return record === undefined ? p.problem('not-found') : revisePage(p, record.entry, record.entry.values);
  });
  page(app, 'POST', `${base}/:entry/revise`, update, async (p) => {
    const record = await found(p);
    if (record === undefined) return p.problem('not-found');
    const given = await posted(p, definition.fields, true);
    if (!given.ok) return revisePage(p, record.entry, given.error.values, given.error.errors);
    const { correctionReason: reason = '', ...values } = given.value.texts;
    const { entryId } = record.entry;
    const done = await acts.revise(deps, p.session.actor, {
      entryId,
      values,
      reason,
      changes: Number(p.form.get('changes')),
    });
    if (!done.ok) return revisePage(p, record.entry, given.value.texts, { '': sentence(done.error) });
    return p.redirect(`${base}/${entryId}`, { kind: 'done', text: '訂正しました。前の内容は履歴に残ります。' });
  });

  for (const step of definition.steps) {
    const stepPage = (p: PageRequest, entry: CurrentEntry, values?: FormValues, errors?: FormErrors) =>
      formPage(
        p,
        {
          title: `${entry.label}：${step.label}`,
          gloss: step.id,
          crumbs: [...crumbs, { label: entry.label, href: `${base}/${entry.entryId}` }],
        },
        {
          action: `${base}/${entry.entryId}/${step.id}`,
          fields: step.fields,
          submit: step.label,
          cancelHref: `${base}/${entry.entryId}`,
          danger: step.danger ?? false,
          values,
          errors,
        },
      );
    page(app, 'GET', `${base}/:entry/${step.id}`, update, async (p) => {
      const record = await found(p);
      if (record === undefined) return p.problem('not-found');
      return step.from.includes(record.entry.state) ? stepPage(p, record.entry) : p.problem('not-found');
    });
    page(app, 'POST', `${base}/:entry/${step.id}`, update, async (p) => {
      const record = await found(p);
      if (record === undefined) return p.problem('not-found');
      const { entry } = record;
      const given = await posted(p, step.fields);
      if (!given.ok) return stepPage(p, entry, given.error.values, given.error.errors);
      const { entryId } = entry;
      const done = await acts.take(deps, p.session.actor, { entryId, step: step.id, values: given.value.texts });
      if (!done.ok) return stepPage(p, entry, given.value.texts, { '': sentence(done.error) });
      return p.redirect(`${base}/${entryId}`, { kind: 'done', text: `${step.label}：記録しました。` });
    });
  }
}

const reasonField = { name: 'correctionReason', label: '訂正の理由', kind: 'lines', maxLength: 400, rows: 2 } as const;

const stateBadge = (definition: RegisterDefinition, state: string): Html =>
  badge(definition.states[state]?.label ?? state, definition.states[state]?.tone ?? 'plain');

const listOf = (definition: RegisterDefinition): WorkListDefinition<CurrentEntry> => ({
  caption: definition.title.ja,
  filters: [
    { kind: 'text', name: 'text', label: '番号・件名' },
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: Object.entries(definition.states).map(([value, { label }]) => ({ value, label })),
    },
    { kind: 'date', name: 'dueBy', label: '期限がこの日まで' },
  ],
  columns: [
    {
      key: 'label',
      label: '番号',
      heading: true,
      cell: (e) => html`<a href="/${e.register}/${e.entryId}">${e.label}</a>`,
    },
    { key: 'heading', label: '件名', cell: (e) => e.heading },
    { key: 'state', label: '状態', cell: (e) => stateBadge(definition, e.state) },
    {
      key: 'due',
      label: '期限',
      cell: (e) => e.dueOn && html`${time(Temporal.PlainDate.from(e.dueOn))}<br>${e.dueWhat}`,
    },
    { key: 'opened', label: '登録', cell: (e) => time(Temporal.PlainDate.from(e.openedOn)) },
  ],
  defaultSort: { key: 'due', direction: 'asc' },
  emptyText: 'まだ登録がありません。',
});

const printTable = (definition: RegisterDefinition, rows: readonly CurrentEntry[]): Html => {
  const fields = definition.fields.filter((f) => f.kind !== 'ref' && f.kind !== 'lines').slice(0, 6);
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="${definition.title.ja}"><table class="data-table"><caption class="visually-hidden">${definition.title.ja}</caption>
<thead><tr><th scope="col">番号</th>${fields.map((f) => html`<th scope="col">${f.label}</th>`)}<th scope="col">状態</th><th scope="col">期限</th></tr></thead>
<tbody>${rows.map(
    (e) =>
      html`<tr><th scope="row">${e.label}</th>${fields.map((f) => html`<td>${textOf(f, e.values)}</td>`)}<td>${definition.states[e.state]?.label}</td><td>${e.dueOn}</td></tr>`,
  )}</tbody></table></div>`;
};

function recordBody(
  definition: RegisterDefinition,
  record: EntryRecord,
  { mayWrite, today }: { readonly mayWrite: boolean; readonly today: Temporal.PlainDate },
): Html {
  const { entry, history, targets, naming } = record;
  const base = `/${definition.id}/${entry.entryId}`;
  const steps = definition.steps.filter((s) => s.from.includes(entry.state));
  const lacking = definition.lacking?.items(entry, (register) => naming[register] ?? [], today) ?? [];
  const shown = allFields(definition).filter((f) => entry.values[f.name] !== undefined);
  const late = entry.dueOn !== null && entry.dueOn < today.toString();
  const stepLabel = (id: string): string => definition.steps.find((s) => s.id === id)?.label ?? id;
  return html`<div class="stack">
${late && notice('error', `期限（${entry.dueOn}）を過ぎています：${entry.dueWhat}`)}
${lacking.length > 0 && notice('warning', `${definition.lacking?.title}（${lacking.length}）`, html`<ul>${lacking.map((item) => html`<li>${item}</li>`)}</ul>`)}
${
  mayWrite &&
  html`<div class="row">${steps.map((s) => html`<a class="button${s.danger ? ' button-danger' : ''}" href="${base}/${s.id}">${s.label}</a>`)}${
    definition.states[entry.state]?.open &&
    html`<a class="button button-quiet" href="${base}/revise">内容を訂正する</a>`
  }</div>`
}
${mayWrite && definition.id === 'notice' && entry.state === 'released' && entry.values.kind === 'mail' && html`<p><a class="button" href="${base}/messages.mbox">送るメールを受け取る（宛先ごとに一通）</a></p>`}
${recordPage({
  sections: [
    {
      title: entry.heading,
      gloss: definition.title.en,
      facts: [
        { label: '状態', value: stateBadge(definition, entry.state) },
        ...(entry.dueOn
          ? [{ label: '期限', value: html`${time(Temporal.PlainDate.from(entry.dueOn))} ${entry.dueWhat}` }]
          : []),
        ...shown.map((f) => ({
          label: f.label,
          value:
            f.kind === 'ref' && targets[f.name]
              ? html`<a href="/${targets[f.name]!.register}/${targets[f.name]!.entryId}">${targets[f.name]!.label} ${targets[f.name]!.heading}</a>`
              : f.kind === 'lines'
                ? html`<span class="preserve-lines">${textOf(f, entry.values)}</span>`
                : textOf(f, entry.values),
        })),
        ...(definition.derived ?? []).map((d) => ({ label: d.label, value: d.words[entry.values[d.name] ?? ''] })),
      ],
    },
    ...(definition.reads ?? []).map(({ register, field }) => {
      const other = findRegister(register)!;
      const rows = naming[register] ?? [];
      return {
        title: other.title.ja,
        gloss: other.title.en,
        body: html`${
          rows.length === 0
            ? html`<p class="muted">まだありません。</p>`
            : html`<ul>${rows.map((r) => html`<li><a href="/${register}/${r.entryId}">${r.label}</a> ${r.heading} ${stateBadge(other, r.state)}</li>`)}</ul>`
        }${mayWrite && definition.states[entry.state]?.open && html`<p><a href="/${register}/new?${field}=${entry.entryId}">${other.title.ja}を登録する</a></p>`}`,
      };
    }),
  ],
  history: history.map((h) => ({
    recordedAt: instant(h.at),
    validFrom: Temporal.PlainDate.from(h.on),
    what:
      h.kind === 'step'
        ? `${stepLabel(h.what)}（${definition.states[h.toState ?? '']?.label ?? ''}）`
        : `内容：${definition.heading(h.values)}`,
    reason: h.kind === 'revision' ? h.what : Object.values(h.values).join(' / ').slice(0, 200),
    who: h.by,
  })),
})}</div>`;
}
