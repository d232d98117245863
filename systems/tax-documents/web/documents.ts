import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { searchForm } from '@musubi/kernel/pages/kit/search-form.ts';
import type { Filter } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { documentRead, numberRead, returnConversion } from '../rights.ts';
import { readAgencyImage } from '../service/agency-images.ts';
import { kindTitle, kindTitles, yearText } from '../service/content.ts';
import { convertReturns } from '../service/convert-returns.ts';
import {
  type DocumentLine,
  findDocuments,
  type ImageState,
  openNumbers,
  readDocument,
  readImage,
  readOpenedImage,
  readState,
} from '../service/read.ts';

const fields: readonly Filter[] = [
  { kind: 'text', name: 'name', label: '資料の氏名', maxLength: 60 },
  { kind: 'text', name: 'kana', label: '氏名カナ（前方一致）', maxLength: 60 },
  { kind: 'date', name: 'bornOn', label: '生年月日' },
  { kind: 'text', name: 'receptionNumber', label: '受付番号', maxLength: 30 },
  { kind: 'text', name: 'incomeYear', label: '年分（西暦）', maxLength: 4 },
  {
    kind: 'select',
    name: 'kind',
    label: '種類',
    options: Object.entries(kindTitles).map(([value, label]) => ({ value, label })),
  },
];
const conversionField: readonly Field[] = [
  {
    kind: 'text',
    name: 'purpose',
    label: '変換して持ち出す目的',
    maxLength: 200,
    hint: '例: 申告内容の一覧での点検。目的と対象者が記録されます。個人番号は含まれません。',
  },
];
const purposeField: readonly Field[] = [
  {
    kind: 'text',
    name: 'purpose',
    label: '個人番号を見る目的',
    maxLength: 200,
    hint: '例: 番号の誤りの確認（突合作業）。目的と職員番号が記録されます。個人番号は書かないでください。',
  },
];
const refusals: Readonly<Record<string, string>> = {
  'purpose-missing': '目的を5文字以上で入力してください。',
  'not-drawn-yet': 'イメージはまだ作成中です。少し待ってから開いてください。',
  'cannot-be-drawn': '印字できない文字があり、イメージを作成できません。',
  'no-returns': '確定申告書がありません。',
  'too-many': '件数が多すぎます。条件を加えてください。',
  'nothing-asked': '年分と種類のほかに検索の条件を一つ以上入力してください。',
  erased: '保存期間が満了した資料が含まれています。',
  'look-over': '表示の期限（10分）が過ぎたか、別の職員が開いたものです。',
};
const about = { title: '課税資料のイメージ', gloss: 'Images of tax documents' };

/** 資料検索 and 資料画面. What is searched travels by POST: it must not stand in an address. */
export function documentPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/', documentRead, async (p) => {
    const state = await readState(deps, p.session.actor, undefined);
    if (!state.ok) return p.problem('not-authorised');
    return p.view(about, html`<div class="stack">${stateOf(state.value)}${search(p, {})}</div>`);
  });

  page(app, 'POST', '/', documentRead, async (p) => {
    const { values, query } = asked(p);
    const found = await findDocuments(deps, p.session.actor, query);
    if (!found.ok && found.error === 'not-authorised') return p.problem('not-authorised');
    if (!found.ok)
      return p.view(
        { ...about, status: 422 },
        html`<div class="stack">${notice('warning', '年分と種類のほかに検索の条件を一つ以上入力してください')}${search(p, values)}</div>`,
      );
    const { rows, more } = found.value;
    return p.view(
      about,
      html`<div class="stack">${search(p, values)}<p role="status">${grouped(rows.length)}件が見つかりました${more && '（多すぎるため一部だけを表示しています。条件を加えてください）'}。</p>${rows.length > 0 && table(rows)}${
        rows.some(({ kind }) => kind === 'tax-return') &&
        (await p.may(returnConversion)) &&
        html`<section aria-labelledby="convert">${sectionTitle('申告データの変換（CSV）', 'Returns as a table', 'convert')}<p>見つかった確定申告書を、様式の項目を列とする一つの表にします。</p>${form({ action: '/returns.csv', session: p.session, fields: conversionField, hidden: values, submit: 'CSVに変換する' })}</section>`
      }</div>`,
    );
  });

  page(app, 'POST', '/returns.csv', returnConversion, async (p) => {
    const made = await convertReturns(deps, p.session.actor, {
      query: asked(p).query,
      purpose: `${p.form.get('purpose') ?? ''}`,
    });
    if (made.ok) return p.file(made.value.csv, { type: 'text/csv; charset=utf-8', name: made.value.name });
    if (made.error === 'not-authorised') return p.problem('not-authorised');
    return p.redirect('/', { kind: 'error', text: refusals[made.error] ?? '変換できません。' });
  });

  page(app, 'GET', '/documents/:documentId', documentRead, (p) => document(deps, p, undefined));

  page(app, 'GET', '/documents/:documentId/image', documentRead, async (p) => {
    const documentId = p.param('documentId');
    if (!isUuid(documentId)) return p.problem('not-found');
    const image = await readImage(deps, p.session.actor, { documentId });
    if (!image.ok) return p.problem(image.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.file(image.value.pdf, { type: 'application/pdf', name: `${documentId}.pdf` });
  });

  page(app, 'POST', '/documents/:documentId/numbers', numberRead, async (p) => {
    const documentId = p.param('documentId');
    if (!isUuid(documentId)) return p.problem('not-found');
    const opened = await openNumbers(deps, p.session.actor, {
      documentId,
      purpose: `${p.form.get('purpose') ?? ''}`,
    });
    if (!opened.ok && opened.error === 'not-authorised') return p.problem('not-authorised');
    if (!opened.ok)
      return p.redirect(`/documents/${documentId}`, { kind: 'error', text: refusals[opened.error] ?? '開けません。' });
    return p.redirect(`/documents/${documentId}/numbers/${opened.value.lookId}`);
  });

  page(app, 'GET', '/documents/:documentId/numbers/:lookId', numberRead, (p) => document(deps, p, p.param('lookId')));

  page(app, 'GET', '/documents/:documentId/numbers/:lookId/image', numberRead, async (p) => {
    const [documentId, lookId] = [p.param('documentId'), p.param('lookId')];
    if (!isUuid(documentId) || !isUuid(lookId)) return p.problem('not-found');
    const image = await readOpenedImage(deps, p.session.actor, { documentId, lookId });
    if (!image.ok) return p.problem(image.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.file(image.value.pdf, { type: 'application/pdf', name: `${documentId}.pdf` });
  });

  page(app, 'GET', '/documents/:documentId/numbers/:lookId/agency/:imageId', numberRead, async (p) => {
    const [documentId, lookId, imageId] = [p.param('documentId'), p.param('lookId'), p.param('imageId')];
    if (![documentId, lookId, imageId].every(isUuid)) return p.problem('not-found');
    const image = await readAgencyImage(deps, p.session.actor, { documentId, lookId, imageId });
    if (!image.ok) return p.problem(image.error === 'not-authorised' ? 'not-authorised' : 'not-found');
    return p.file(image.value.pdf, { type: 'application/pdf', name: `${imageId}.pdf` });
  });
}

/** What the form of the search says; a value of another shape is none. */
function asked(p: PageRequest) {
  const values = Object.fromEntries(fields.map(({ name }) => [name, `${p.form.get(name) ?? ''}`.trim().slice(0, 100)]));
  const given = (name: string, pattern: RegExp): string | null => {
    const value = values[name] ?? '';
    return pattern.test(value) ? value : null;
  };
  const year = given('incomeYear', /^20[0-9]{2}$/);
  const query = {
    name: given('name', /./),
    kana: given('kana', /./),
    bornOn: given('bornOn', /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/),
    receptionNumber: given('receptionNumber', /^[0-9A-Za-z-]+$/),
    incomeYear: year === null ? null : Number(year),
    kind: given('kind', /^[a-z-]+$/),
  };
  return { values, query };
}

const stateOf = (state: ImageState & { readonly agency: { readonly images: number; readonly alone: number } }): Html =>
  figures([
    { label: '課税資料', value: `${grouped(state.documents)}件` },
    { label: 'イメージ', value: `${grouped(state.images)}件` },
    { label: '作成待ち', value: `${grouped(state.waiting)}件` },
    { label: '印字できない文字', value: `${grouped(state.undrawable)}件` },
    { label: '国税庁のイメージ', value: `${grouped(state.agency.images)}件` },
    { label: 'うち申告書待ち', value: `${grouped(state.agency.alone)}件` },
  ]);

const search = (p: PageRequest, values: Readonly<Record<string, string>>): Html =>
  searchForm({ action: '/', method: 'post', session: p.session, label: '資料検索', fields, values });

const states: Readonly<Record<DocumentLine['state'], Html>> = {
  drawn: badge('作成済', 'done'),
  waiting: badge('作成待ち', 'info'),
  undrawable: badge('印字できない文字', 'warning'),
};

const table = (rows: readonly DocumentLine[]): Html =>
  html`<div class="table-scroll" tabindex="0" role="region" aria-label="課税資料の表"><table class="data-table"><caption class="visually-hidden">課税資料</caption>
<thead><tr><th scope="col">氏名</th><th scope="col">カナ</th><th scope="col">生年月日</th><th scope="col">年分</th><th scope="col">種類</th><th scope="col">提出者</th><th scope="col">受付番号・行</th><th scope="col">イメージ</th></tr></thead>
<tbody>${rows.map(
    (r) =>
      html`<tr><th scope="row"><a href="/documents/${r.documentId}">${r.name}</a></th><td>${r.kana}</td><td class="nowrap">${r.bornOn === null ? '存在しない日付' : time(Temporal.PlainDate.from(r.bornOn))}</td><td>${yearText(r.incomeYear)}</td><td>${kindTitle(r.kind)}</td><td>${r.payerName}</td><td>${r.receptionNumber}・${grouped(r.rowNumber)}</td><td>${states[r.state]}</td></tr>`,
  )}</tbody></table></div>`;

/** The image on one side, what was filed on the other: for the second look at what was keyed. */
async function document(deps: Deps, p: PageRequest, lookId: string | undefined): Promise<Response> {
  const documentId = p.param('documentId');
  if (!isUuid(documentId)) return p.problem('not-found');
  const read = await readDocument(deps, p.session.actor, { documentId });
  if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { document: d, lines, relatives, looks, address, numbered, agencyImages } = read.value;
  const image =
    lookId === undefined ? `/documents/${documentId}/image` : `/documents/${documentId}/numbers/${lookId}/image`;
  const isDrawn = d.imageId !== null;
  return p.view(
    {
      title: `${kindTitle(d.kind)}　${d.name}`,
      gloss: 'One tax document',
      breadcrumbs: [{ label: about.title, href: '/' }],
    },
    html`<div class="stack">${lookId !== undefined && notice('warning', '個人番号を表示しています', '10分で閉じます。画面を離れるときは必ず閉じてください。')}
<div class="two-columns"><section aria-labelledby="image">${sectionTitle('イメージ', 'Image', 'image')}${
      isDrawn
        ? html`<object class="paper" data="${image}" type="application/pdf" aria-label="${kindTitle(d.kind)}のイメージ"><p>このブラウザーは文書を画面内に表示できません。<a href="${image}">PDFを開く</a></p></object>`
        : notice(
            'warning',
            refusals[d.undrawable === null ? 'not-drawn-yet' : 'cannot-be-drawn'] ?? '',
            (d.undrawable ?? []).join('、'),
          )
    }</section>
<section aria-labelledby="data">${sectionTitle('入力された内容', 'Data', 'data')}${facts([
      { label: '氏名', value: d.name },
      { label: 'カナ', value: d.kana },
      { label: '生年月日', value: d.bornOn === null ? '存在しない日付' : time(Temporal.PlainDate.from(d.bornOn)) },
      { label: '住所', value: address },
      { label: '個人番号', value: numbered ? '記載あり' : '記載なし' },
      { label: '年分', value: yearText(d.incomeYear) },
      { label: '提出者', value: d.payerName },
      { label: '受付番号・行', value: `${d.receptionNumber}・${grouped(d.rowNumber)}` },
      ...relatives.map((r) => ({
        label: { spouse: '配偶者', dependant: '扶養親族', young: '16歳未満' }[r.kind],
        value: `${r.name ?? '（氏名なし）'}${r.numbered ? '　個人番号あり' : ''}`,
      })),
      ...lines.map(({ label, text }) => ({ label, value: text })),
    ])}</section></div>${agencyImages.length > 0 && agencySection(documentId, lookId, agencyImages)}${
      lookId === undefined &&
      (isDrawn || agencyImages.length > 0) &&
      (await p.may(numberRead)) &&
      html`<section aria-labelledby="numbers">${sectionTitle('個人番号欄の表示', 'Numbers', 'numbers')}${form({ action: `/documents/${documentId}/numbers`, session: p.session, fields: purposeField, submit: '個人番号を表示する' })}</section>`
    }
<section aria-labelledby="looks">${sectionTitle('個人番号を見た記録', 'Who saw the numbers', 'looks')}${
      looks.length === 0
        ? html`<p class="muted">ありません。</p>`
        : html`<ul>${looks.map((one) => html`<li>${time(one.lookedAt)}　${one.lookedBy}　${one.purpose}</li>`)}</ul>`
    }</section></div>`,
  );
}

/** Scans of the tax agency: they show the number boxes, so they open within a look alone. */
const agencySection = (
  documentId: string,
  lookId: string | undefined,
  images: readonly { readonly imageId: string; readonly pages: number; readonly receivedAt: Temporal.Instant }[],
): Html =>
  html`<section aria-labelledby="agency">${sectionTitle('国税庁のイメージ', 'Scans by the tax agency', 'agency')}${
    lookId === undefined &&
    html`<p>個人番号欄を塗りつぶせないため、「個人番号欄の表示」で目的を入力すると開けます。</p>`
  }<ul>${images.map(
    ({ imageId, pages, receivedAt }, i) =>
      html`<li>${lookId === undefined ? `書面の申告書 ${i + 1}` : html`<a href="/documents/${documentId}/numbers/${lookId}/agency/${imageId}">書面の申告書 ${grouped(i + 1)}（PDF）</a>`}　${grouped(pages)}枚　${time(receivedAt)} 受信</li>`,
  )}</ul></section>`;
