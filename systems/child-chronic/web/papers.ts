import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { type ReceiptChannel, receiptChannels } from '@musubi/kernel/receipts/receipts.ts';
import type { Deps } from '../deps.ts';
import {
  type Bag,
  offices,
  type Receipt,
  sendPapers,
  showPapers,
  takeInPapers,
  takeOverPapers,
} from '../service/papers.ts';

const read = ['child-chronic', 'receipt', 'read'] as const;
const update = ['child-chronic', 'receipt', 'update'] as const;
const here = { label: '収受簿', href: '/receipts' };

const faults: Readonly<Record<string, string>> = {
  'documents-missing': '書類の種類と枚数を確かめてください。枚数は書類の数以上です。',
  'received-in-future': '収受日は今日以前の日付にしてください。',
  'nothing-in-bag': '送る書類を入力し、送り先を送り元と別の担当にしてください。',
  'not-in-receipt-ledger': '収受簿にない番号が含まれています。',
  'receipt-in-bag': '別の交換便で送付中の書類が含まれています。',
  'not-at-that-office': 'この担当が持っていない書類が含まれています。',
  'old-bag-open':
    '受け取られていない、または数の合わない交換便があるため、新しい便を送れません。先に解決してください。',
  'no-such-bag': '該当する交換便がありません。',
  'taken-over-already': 'この交換便はすでに受け取られています。',
  'taker-is-sender': '送った本人は受け取れません。',
  'not-staff': 'この操作はできません。',
  'not-authorised': 'この操作の権限がありません。',
};

const officeOptions = offices.map((value) => ({ value, label: value }));
const takeInFields: readonly Field[] = [
  { kind: 'date', name: 'receivedOn', label: '収受日' },
  {
    kind: 'select',
    name: 'sender',
    label: '差出人の区分',
    options: ['申請者', '代理人', '保険者', '医療機関', '他の官公庁'].map((value) => ({ value, label: value })),
  },
  {
    kind: 'text',
    name: 'documents',
    label: '書類の種類',
    hint: '読点で区切ります。氏名は書きません。',
    maxLength: 200,
  },
  {
    kind: 'text',
    name: 'sheets',
    label: '枚数',
    pattern: /^[1-9][0-9]{0,2}$/,
    patternFault: '数字で入力してください',
    width: 'short',
  },
  {
    kind: 'select',
    name: 'channel',
    label: '収受の方法',
    options: Object.entries(receiptChannels).map(([value, label]) => ({ value, label })),
  },
  { kind: 'select', name: 'holder', label: '保管する担当', options: officeOptions },
];
const numbersHint = '収受番号を空白か改行で区切って入力します。';
const sendFields: readonly Field[] = [
  { kind: 'select', name: 'from', label: '送り元', options: officeOptions },
  { kind: 'select', name: 'to', label: '送り先', options: officeOptions },
  { kind: 'lines', name: 'receipts', label: '送る書類', hint: numbersHint, rows: 4 },
];
const takeOverFields: readonly Field[] = [
  {
    kind: 'lines',
    name: 'found',
    label: '袋に入っていた書類',
    hint: `${numbersHint}送付簿を見ずに、現物から写します。`,
    rows: 4,
  },
  { kind: 'text', name: 'note', label: '気づいたこと', required: false, maxLength: 200 },
];

const ledger: WorkListDefinition<Receipt> = {
  caption: '収受簿',
  defaultSort: { key: 'receiptNumber', direction: 'desc' },
  emptyText: '該当する書類はありません。',
  filters: [
    {
      kind: 'select',
      name: 'show',
      label: '表示',
      options: [{ value: 'open', label: '処理していないものだけ' }],
    },
  ],
  columns: [
    { key: 'receiptNumber', label: '収受番号', heading: true, cell: (r) => r.receiptNumber },
    { key: 'receivedOn', label: '収受日', cell: (r) => time(Temporal.PlainDate.from(r.receivedOn)) },
    { key: 'sender', label: '差出人', cell: (r) => r.sender },
    { key: 'documents', label: '書類', cell: (r) => `${r.documents.join('、')}（${r.sheets}枚）` },
    { key: 'channel', label: '方法', cell: (r) => receiptChannels[r.channel] },
    {
      key: 'holder',
      label: '所在',
      cell: (r) => (r.bag ? html`${badge('送付中', 'warning')} ${r.bag}` : r.holder),
    },
    { key: 'matter', label: '処理', cell: (r) => r.matter ?? badge('未処理', 'info') },
  ],
};

const numbersOf = (text: string | undefined): string[] =>
  (text ?? '')
    .normalize('NFKC')
    .toUpperCase()
    .split(/[\s,、]+/)
    .filter((part) => part !== '')
    .slice(0, 200);

/** 収受簿, 送付簿: what came in, where it lies, which bags are on their way. */
export function paperPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/receipts', read, async (p) => {
    const query = readListQuery(ledger, p.query);
    const onlyOpen = query.filters.show === 'open';
    const found = await showPapers(deps, p.session.actor, { onlyOpen, offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    const { rows, total, openBags } = found.value;
    const may = await p.may(update);
    return p.view(
      { title: '収受簿', gloss: 'Receipt ledger' },
      html`<div class="stack">${may && html`<p class="row"><a class="button button-primary" href="/receipts/new">書類を収受する</a><a class="button" href="/bags/new">交換便を送る</a></p>`}
${openBags.length > 0 && bagSection(openBags, deps, may)}
${workList(ledger, { path: p.path, query, rows, total })}</div>`,
    );
  });

  page(app, 'GET', '/receipts/new', update, (p) =>
    formPage(p, takeIn, {
      receivedOn: deps.civilClock.today().toString(),
      sheets: '1',
      channel: 'post',
      holder: offices[0],
    }),
  );
  page(app, 'POST', '/receipts/new', update, async (p) => {
    const given = readForm(takeInFields, p.form);
    if (!given.ok) return formPage(p, takeIn, given.error.values, given.error.errors);
    const { texts } = given.value;
    const done = await takeInPapers(deps, p.session.actor, {
      receivedOn: texts.receivedOn!,
      sender: texts.sender!,
      documents: texts
        .documents!.split(/[、,]/)
        .map((d) => d.trim())
        .filter((d) => d !== ''),
      sheets: Number(texts.sheets),
      channel: texts.channel as ReceiptChannel,
      holder: texts.holder!,
    });
    if (!done.ok) return formPage(p, takeIn, texts, { '': faults[done.error]! });
    return p.redirect('/receipts', {
      kind: 'done',
      text: `収受番号 ${done.value.receiptNumber} を書類に記入してください。`,
    });
  });

  page(app, 'GET', '/bags/new', update, (p) => formPage(p, sendBag, { from: offices[0], to: offices[1] }));
  page(app, 'POST', '/bags/new', update, async (p) => {
    const given = readForm(sendFields, p.form);
    if (!given.ok) return formPage(p, sendBag, given.error.values, given.error.errors);
    const { texts } = given.value;
    const command = { from: texts.from!, to: texts.to!, receipts: numbersOf(texts.receipts) };
    const done = await sendPapers(deps, p.session.actor, command);
    if (!done.ok) return formPage(p, sendBag, texts, { '': faults[done.error]! });
    return p.redirect('/receipts', {
      kind: 'done',
      text: `交換便 ${done.value.bagNumber} として送付簿に記入しました。`,
    });
  });

  page(app, 'GET', '/bags/:number', update, (p) => formPage(p, takeOver(p.param('number')), {}));
  page(app, 'POST', '/bags/:number', update, async (p) => {
    const bagNumber = p.param('number');
    const given = readForm(takeOverFields, p.form);
    if (!given.ok) return formPage(p, takeOver(bagNumber), given.error.values, given.error.errors);
    const { texts } = given.value;
    const command = { bagNumber, found: numbersOf(texts.found), note: texts.note ?? '' };
    const done = await takeOverPapers(deps, p.session.actor, command);
    if (!done.ok) return formPage(p, takeOver(bagNumber), texts, { '': faults[done.error]! });
    if (done.value.takenOver)
      return p.redirect('/receipts', { kind: 'done', text: `交換便 ${bagNumber} を受け取りました。` });
    const differences = [
      done.value.missing.length > 0 ? `足りないもの: ${done.value.missing.join('、')}` : '',
      done.value.surplus.length > 0 ? `送付簿にないもの: ${done.value.surplus.join('、')}` : '',
    ].filter((part) => part !== '');
    return p.redirect('/receipts', {
      kind: 'error',
      text: `送付簿と合いません。${differences.join('。')}。解決するまで受け取りになりません。`,
    });
  });
}

const takeIn = {
  title: '書類の収受',
  gloss: 'Take in papers',
  action: '/receipts/new',
  fields: takeInFields,
  submit: '収受簿に記入する',
};
const sendBag = {
  title: '交換便の送付',
  gloss: 'Send a bag',
  action: '/bags/new',
  fields: sendFields,
  submit: '送付簿に記入する',
};
const takeOver = (bagNumber: string) => ({
  title: `交換便 ${bagNumber} の受け取り`,
  gloss: 'Take a bag over',
  action: `/bags/${encodeURIComponent(bagNumber)}`,
  fields: takeOverFields,
  submit: '照合して受け取る',
});

const formPage = (
  p: PageRequest,
  about: { title: string; gloss: string; action: string; fields: readonly Field[]; submit: string },
  values: FormValues,
  errors: FormErrors = {},
): Promise<Response> =>
  p.view(
    {
      title: about.title,
      gloss: about.gloss,
      breadcrumbs: [here],
      ...(Object.keys(errors).length > 0 ? { hasErrors: true, status: 422 as const } : {}),
    },
    form({ ...about, values, errors, session: p.session, cancelHref: '/receipts' }),
  );

const bagSection = (open: readonly Bag[], deps: Deps, may: boolean): Html =>
  html`<section aria-labelledby="bags">${sectionTitle('受け取られていない交換便', 'Bags on their way', 'bags')}
${open.some((b) => b.missing !== null) && notice('error', '送付簿と合わない交換便があります')}
<ul class="stack-tight">${open.map(
    (b) =>
      html`<li>${may ? html`<a href="/bags/${b.bagNumber}">${b.bagNumber}</a>` : b.bagNumber}: ${b.fromOffice}から${b.toOffice}へ、${b.receipts.length}件、${time(Temporal.PlainDate.from(b.sentOn))}${b.missing !== null && html` ${badge('数が合わない', 'error')}`}${Temporal.PlainDate.from(b.sentOn).until(deps.civilClock.today()).days > 3 && html` ${badge('期限超過', 'warning')}`}</li>`,
  )}</ul></section>`;
