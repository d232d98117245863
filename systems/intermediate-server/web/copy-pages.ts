import { informationItems, itemsOf } from '@musubi/contracts/exchange/information-items.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { instantOf } from '../service/answer-inquiry.ts';
import { decideFile, type FileState, listFileRejects, listFiles, showFile, stateOf } from '../service/copy-files.ts';
import type { CopyItems } from '../service/copy-pages.ts';

const system = 'intermediate-server';
type FileRow = Awaited<ReturnType<typeof rowsOf>>[number];
const rowsOf = async (deps: Deps, actor: Parameters<typeof listFiles>[1], limit: number, offset: number) =>
  unwrap(await listFiles(deps, actor, { limit, offset }));

/** 副本ファイル: what came, what its check found, whether it counts. */
export function addCopyPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/copies', [system, 'copy', 'read'], async (p) => {
    const query = readListQuery(fileList, p.query);
    const rows = await rowsOf(deps, p.session.actor, query.size, query.offset);
    return p.view(
      { title: '副本ファイル', gloss: 'Lodged files' },
      workList(fileList, { path: p.path, query, rows, total: rows[0]?.total ?? 0 }),
    );
  });

  page(app, 'GET', '/copies/:file', [system, 'copy', 'update'], async (p) => {
    const shown = await showFile(deps, p.session.actor, { fileId: p.param('file') });
    if (!shown.ok) return p.problem(shown.error);
    const { file, sample } = shown.value;
    const state = stateOf(file);
    const rejects =
      file.run === null
        ? []
        : unwrap(await listFileRejects(deps, p.session.actor, { runId: file.run.runId, limit: shownRejects }));
    return p.view(
      {
        title: '副本ファイルの確認',
        gloss: 'Check and release a file',
        breadcrumbs: [{ label: '副本ファイル', href: '/copies' }],
      },
      html`<div class="stack">${facts([
        { label: 'ファイル', value: html`<code>${file.fileId}</code>` },
        { label: '特定個人情報', value: file.informationCode },
        { label: '対象', value: conditionText(file.condition) },
        { label: '種別', value: kinds[file.kind] },
        { label: '有効開始', value: dateText(Temporal.PlainDate.from(file.validFrom)) },
        { label: '状態', value: stateBadge(state) },
      ])}${
        file.outOfTie > 0
          ? notice(
              'error',
              `番号と内容の組が一致しません（${grouped(file.outOfTie)}件）`,
              'ファイル全体を受け付けていません。登録した業務の担当が、原簿から作り直して再登録します。',
            )
          : file.check === null
            ? html`<p>検査はまだ終わっていません（受領 ${grouped(file.received)} / ${grouped(file.parts)} 部）。</p>`
            : html`<section>${sectionTitle('検査の結果', 'What the check found')}${figures([
                { label: '受理', value: grouped(file.check.accepted), unit: '人' },
                { label: '不受理', value: grouped(file.check.rejected), unit: '行' },
                { label: '置き換え', value: grouped(file.check.replaced), unit: '人' },
                { label: '新規', value: grouped(file.check.added), unit: '人' },
                { label: '副本がなくなる人', value: grouped(file.check.leftOut), unit: '人' },
              ])}</section>${rejects.length === 0 ? '' : rejectList(rejects, file.check.rejected)}<section>${sectionTitle('内容の抜取り（先頭）', 'First copies')}${sample.map(
                (copy) =>
                  html`<h3><code>${copy.person}</code></h3>${
                    copy.items === null
                      ? html`<p>終了</p>`
                      : facts(
                          inOrder(file.informationCode, copy.items).map(([label, value]) => ({
                            label,
                            value:
                              value === null ? '（値なし）' : typeof value === 'number' ? grouped(value) : `${value}`,
                          })),
                        )
                  }`,
              )}</section>`
      }${
        state === 'checked'
          ? form({
              action: p.path,
              session: p.session,
              fields: decisionFields,
              submit: '決定する',
              cancelHref: '/copies',
            })
          : ''
      }</div>`,
    );
  });

  page(app, 'POST', '/copies/:file', [system, 'copy', 'update'], async (p) => {
    const read = readForm(decisionFields, p.form);
    if (!read.ok)
      return p.view(
        { title: '副本ファイルの確認', gloss: 'Check and release a file', hasErrors: true, status: 422 },
        form({
          action: p.path,
          session: p.session,
          fields: decisionFields,
          ...read.error,
          submit: '決定する',
          cancelHref: '/copies',
        }),
      );
    const decided = await decideFile(deps, p.session.actor, {
      fileId: p.param('file'),
      decision: read.value.texts.decision === 'release' ? 'release' : 'refuse',
      reason: read.value.texts.reason ?? '',
    });
    if (decided.ok)
      return p.redirect('/copies', {
        kind: 'done',
        text: decided.value.decision === 'release' ? '公開しました。' : '公開しないと決めました。',
      });
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect('/copies', { kind: 'error', text: faults[decided.error] });
  });
}

/** Rejected rows that a page shows; the sender gets the list with the file's status. */
const shownRejects = 100;

const rejectList = (rejects: readonly { readonly rowNumber: number; readonly code: string }[], inAll: number): Html =>
  html`<section>${sectionTitle('不受理の行', 'Rejected rows')}<p>登録した業務の担当が直して再登録します。${inAll > rejects.length ? html`先頭の${grouped(rejects.length)}行を示しています。` : ''}</p><ul>${rejects.map(({ rowNumber, code }) => html`<li>${grouped(rowNumber)}行目　${rejectWords[code] ?? code}</li>`)}</ul></section>`;

const rejectWords: Readonly<Record<string, string>> = {
  columns: '列の数が違います',
  'update-kind': '更新区分が正しくありません',
  flag: '自動応答不可・不開示の区分が正しくありません',
  'valid-from': '有効開始の日付が正しくありません',
  'valid-from-in-future': '有効開始が先の日付です',
  'person-number-form': '団体内統合宛名番号の形が違います',
  'condition-missing': '対象年度または基準日がありません',
  'condition-not-defined': '対象年度または基準日の指定が違います',
  'no-items': '項目がありません',
  'item-not-defined': '定義にない項目があります',
  'item-value': '項目の値が定義に合いません',
  'sum-differs': '期別の合計が年税額と一致しません',
  'items-disagree': '課税区分と税額が合いません',
  'ends-before-it-begins': '終わりの日が有効開始より前です',
  'row-repeated': '同じ人の行が重なっています',
};

export const conditionText = (condition: string): string =>
  condition.startsWith('taxYear:') ? `${condition.slice('taxYear:'.length)}年度` : '基準日ごと';

/** As the definition of the information orders its items. */
export function inOrder(informationCode: string, items: CopyItems) {
  const definition = informationItems[informationCode];
  return Object.keys(definition === undefined ? {} : itemsOf(definition)).flatMap((name) =>
    Object.hasOwn(items, name) ? [[name, items[name] ?? null] as const] : [],
  );
}

const kinds = { full: '全件', difference: '差分', comparison: '突合' } as const;
const faults = {
  'not-checked': '検査が終わっていません。',
  'decided-already': 'すでに決定されています。',
  'older-generation':
    'このファイルより後の日からの全件ファイルがすでに公開されています。公開しないと決定してください。',
} as const;
const states = {
  receiving: ['受領中', 'info'],
  checking: ['検査中', 'info'],
  checked: ['公開待ち', 'info'],
  failed: ['検査できず', 'error'],
  released: ['公開', 'done'],
  refused: ['公開せず', 'error'],
} as const satisfies Record<FileState, readonly [string, string]>;
const stateBadge = (state: FileState) => badge(states[state][0], states[state][1]);

const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'release', label: '公開する（この時から照会に応じる）' },
      { value: 'refuse', label: '公開しない' },
    ],
  },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 400, rows: 3 },
];

const fileList: WorkListDefinition<FileRow> = {
  caption: '副本ファイル',
  columns: [
    {
      key: 'fileId',
      label: 'ファイル',
      heading: true,
      cell: (r) => html`<a href="/copies/${r.fileId}"><code>${r.fileId}</code></a>`,
    },
    { key: 'at', label: '受付', cell: (r) => time(instantOf(r.announcedAt)) },
    { key: 'information', label: '特定個人情報', cell: (r) => r.informationCode },
    { key: 'kind', label: '種別', cell: (r) => kinds[r.kind] },
    { key: 'rows', label: '行', cell: (r) => grouped(r.rows) },
    { key: 'rejected', label: '不受理', cell: (r) => grouped(r.check?.rejected ?? r.run?.rejected ?? 0) },
    { key: 'state', label: '状態', cell: (r) => stateBadge(stateOf(r)) },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '副本ファイルはまだありません。',
};
