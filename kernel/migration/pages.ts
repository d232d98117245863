import { z } from 'zod';
import { type NavEntry, type PageApp, type PageRequest, page } from '../pages/app.ts';
import { dateText, type Html, html } from '../pages/html.ts';
import { type Field, form, readForm } from '../pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '../pages/kit/marks.ts';
import type { Migration, MigrationDeps, MigrationLine } from './migration.ts';

const words: Readonly<Record<string, string>> = {
  'no-such-migration': '該当する移行がありません。',
  'no-old-system': '旧システムの名称を入力してください。',
  'tables-differ': '申告書の表が、移行の対象と一致しません。',
  'statement-unreadable': '申告書（JSON）を読めません。',
  'taken-before': 'この表のファイルは受け取っています。',
  'columns-differ': 'ファイルの見出しが定めたものと一致しません。',
  'no-rows': '行がありません。',
  unreadable: 'CSVとして読めません。',
  closed: '移行は完了しています。',
  'not-compared': '照合していません。',
  differs: '件数、番号又は金額が一致しないため、完了できません。',
  'closer-opened-it': '移行を始めた職員は完了できません。別の職員が確認してください。',
  'not-closed': '移行が完了していません。',
  'not-whole': '方法、立会人、証明書の番号を入力してください。',
  'witness-is-recorder': '立会人は記録する職員以外の方です。',
  'not-in-time-order': '消去日は完了の日から今日までの日付です。',
  'recorded-before': 'すでに記録されています。',
  'file-not-taken': '受け取っていない表があります。',
  'not-authorised': 'この操作を行う権限がありません。',
};
const sentence = (word: string): string => words[word] ?? 'この操作はできません。';

const statement = z.strictObject({
  format: z.literal('musubi-migration-1'),
  tables: z.array(
    z.strictObject({
      table: z.string(),
      rows: z.int().min(0),
      keys: z.string().regex(/^[0-9a-f]{64}$/),
      totals: z.record(z.string(), z.int()),
    }),
  ),
});

const asJson = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
};

const openFields: readonly Field[] = [
  { kind: 'text', name: 'oldSystem', label: '旧システム', maxLength: 80 },
  { kind: 'file', name: 'statement', label: '旧システムの申告書（JSON）', accept: '.json,application/json' },
];
const erasureFields: readonly Field[] = [
  { kind: 'text', name: 'method', label: '消去の方法', maxLength: 120 },
  { kind: 'date', name: 'erasedOn', label: '消去した日' },
  { kind: 'text', name: 'witness', label: '立会人', maxLength: 60 },
  { kind: 'text', name: 'certificate', label: '消去証明書の番号', maxLength: 60 },
];

export const migrationNav = (system: string): readonly NavEntry[] => [
  { label: 'データ移行', href: '/migrations', right: [system, 'migration', 'read'] },
];

const state = (m: MigrationLine, today: string): Html => {
  if (m.erasedOn !== null) return badge('旧環境消去済み', 'done');
  if (m.eraseByOn !== null && m.eraseByOn < today) return badge('旧環境の消去期限超過', 'error');
  if (m.closedOn !== null) return badge('完了（旧環境の消去待ち）', 'warning');
  return m.agrees === null ? badge('作業中', 'info') : m.agrees ? badge('一致', 'done') : badge('不一致', 'error');
};

/** 移行: statement, files, loading, comparison, closing, erasure of the old environment. `load` runs the load behind the page. */
export function addMigrationPages<D extends MigrationDeps>(
  app: PageApp,
  deps: D,
  migration: Migration<D>,
  load: (actor: PageRequest['session']['actor'], migrationId: string) => Promise<void>,
): void {
  const { read, update, approval } = migration.rights;
  const today = (): string => deps.civilClock.today().toString();
  const to = (p: PageRequest, path: string, done: { ok: true } | { ok: false; error: string }, text: string) =>
    p.redirect(path, done.ok ? { kind: 'done', text } : { kind: 'error', text: sentence(done.error) });
  const one = (p: PageRequest) => `/migrations/${encodeURIComponent(p.param('id'))}`;

  page(app, 'GET', '/migrations', read, async (p) => {
    const found = await migration.list(deps, p.session.actor, { migrationId: null });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, overdue } = found.value;
    return p.view(
      { title: 'データ移行', gloss: 'Taking over from another system' },
      html`<div class="stack">${overdue.length > 0 && notice('error', `旧環境の消去の期限を過ぎた移行が${overdue.length}件あります。`)}${
        rows.length === 0
          ? html`<p class="muted">移行はありません。</p>`
          : html`<ul class="plain-list stack">${rows.map((m) => html`<li>${state(m, today())} <a href="/migrations/${m.migrationId}">${m.oldSystem}</a>　${dateText(Temporal.PlainDate.from(m.openedOn))} 開始</li>`)}</ul>`
      }${(await p.may(update)) && html`<section>${sectionTitle('移行を始める', 'Begin')}${form({ action: '/migrations', session: p.session, fields: openFields, submit: '始める' })}</section>`}</div>`,
    );
  });
  page(app, 'POST', '/migrations', update, async (p) => {
    const given = readForm(openFields, p.form);
    if (!given.ok) return to(p, '/migrations', { ok: false, error: 'no-old-system' }, '');
    const text = await given.value.files.statement!.text();
    const stated = z.string().transform(asJson).pipe(statement).safeParse(text);
    if (!stated.success) return to(p, '/migrations', { ok: false, error: 'statement-unreadable' }, '');
    const opened = await migration.open(deps, p.session.actor, {
      oldSystem: given.value.texts.oldSystem ?? '',
      statement: stated.data.tables,
    });
    return to(p, opened.ok ? `/migrations/${opened.value.migrationId}` : '/migrations', opened, '移行を始めました。');
  });
  page(app, 'GET', '/migrations/:id', read, async (p) => {
    const found = await migration.list(deps, p.session.actor, { migrationId: p.param('id') });
    if (!found.ok) return p.problem('not-authorised');
    const [m] = found.value.rows;
    if (!m) return p.problem('not-found');
    const [mayUpdate, mayClose] = [await p.may(update), await p.may(approval)];
    const button = (path: string, submit: string) =>
      form({ action: `/migrations/${m.migrationId}/${path}`, session: p.session, fields: [], submit });
    const day = (text: string | null) => (text === null ? '' : dateText(Temporal.PlainDate.from(text)));
    const isOpen = m.closedOn === null;
    return p.view(
      { title: `データ移行: ${m.oldSystem}`, gloss: 'Migration' },
      html`<div class="stack">${facts([
        { label: '状態', value: state(m, today()) },
        { label: '開始', value: `${day(m.openedOn)} ${m.openedBy}` },
        { label: '完了', value: day(m.closedOn) },
        { label: '旧環境の消去期限', value: day(m.eraseByOn) },
        { label: '旧環境の消去', value: day(m.erasedOn) },
      ])}
<div class="table-scroll" tabindex="0" role="region" aria-label="照合の表"><table class="data-table"><caption>表ごとの照合</caption><thead><tr>${['表', '件数（申告）', '件数（移行後）', '番号', '金額の合計'].map((h) => html`<th scope="col">${h}</th>`)}</tr></thead><tbody>${migration.tables.map(
        ({ id, label, totals }) => {
          const stated = m.statement.find((t) => t.table === id);
          const c = m.found?.find((t) => t.table === id);
          const mark = (key: string) =>
            c === undefined ? '' : c.differing.includes(key) ? badge('不一致', 'error') : badge('一致', 'done');
          return html`<tr><th scope="row">${label}</th><td>${stated?.rows ?? ''}</td><td>${c?.found.rows ?? ''} ${mark('rows')}</td><td>${mark('keys')}</td><td>${totals.map((t) => html`<p>${t} ${stated?.totals[t]?.toLocaleString('ja') ?? ''}円 → ${c === undefined ? '' : `${c.found.totals[t]?.toLocaleString('ja') ?? '—'}円`} ${mark(t)}</p>`)}</td></tr>`;
        },
      )}</tbody></table></div>
${
  mayUpdate &&
  isOpen &&
  html`<section>${sectionTitle('ファイルの受取り', 'Files')}${migration.tables.map((t) => form({ action: `/migrations/${m.migrationId}/files/${t.id}`, session: p.session, fields: [{ kind: 'file', name: `file-${t.id}`, label: `${t.label}（CSV: ${t.columns.join('、')}）`, accept: '.csv,text/csv' }], submit: `${t.label}を受け取る` }))}</section>
<section>${sectionTitle('読込みと照合', 'Load and compare')}<div class="row">${button('load', '読み込む')}${button('compare', '照合する')}</div></section>`
}${mayClose && isOpen && button('close', '移行を完了する')}${
  mayUpdate &&
  !isOpen &&
  m.erasedOn === null &&
  html`<section>${sectionTitle('旧環境の消去', 'Erasure of the old environment')}${form({ action: `/migrations/${m.migrationId}/erasure`, session: p.session, fields: erasureFields, submit: '消去を記録する' })}</section>`
}</div>`,
    );
  });
  page(app, 'POST', '/migrations/:id/files/:table', update, async (p) => {
    const file = p.form.get(`file-${p.param('table')}`);
    if (!(file instanceof File)) return p.problem('unreadable-form');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const command = { migrationId: p.param('id'), table: p.param('table'), bytes };
    const taken = await migration.takeFile(deps, p.session.actor, command);
    return to(p, one(p), taken, taken.ok ? `${taken.value.rows}件を受け取りました。` : '');
  });
  page(app, 'POST', '/migrations/:id/load', update, async (p) => {
    await load(p.session.actor, p.param('id'));
    return p.redirect(one(p), { kind: 'done', text: '読込みを始めました。終わったら照合してください。' });
  });
  page(app, 'POST', '/migrations/:id/compare', update, async (p) => {
    const done = await migration.compare(deps, p.session.actor, { migrationId: p.param('id') });
    if (done.ok && !done.value.agrees)
      return p.redirect(one(p), { kind: 'warning', text: '一致しない表があります。移行は完了できません。' });
    return to(p, one(p), done, '全ての表が一致しました。');
  });
  page(app, 'POST', '/migrations/:id/close', approval, async (p) => {
    const closed = await migration.close(deps, p.session.actor, { migrationId: p.param('id') });
    return to(p, one(p), closed, '移行を完了しました。旧環境の消去の期限が始まりました。');
  });
  page(app, 'POST', '/migrations/:id/erasure', update, async (p) => {
    const given = readForm(erasureFields, p.form);
    if (!given.ok) return to(p, one(p), { ok: false, error: 'not-whole' }, '');
    const { method = '', erasedOn = '', witness = '', certificate = '' } = given.value.texts;
    const on = Temporal.PlainDate.from(erasedOn);
    const command = { migrationId: p.param('id'), method, erasedOn: on, witness, certificate };
    return to(p, one(p), await migration.recordErasure(deps, p.session.actor, command), '旧環境の消去を記録しました。');
  });
}
