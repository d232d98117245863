import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { history } from '@musubi/kernel/pages/kit/record-page.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import { type Agreement, agreementTexts, type Difference, differenceTexts } from '../domain/matching.ts';
import { compareAgain } from '../service/intake/compare-again.ts';
import {
  readReport,
  readWork,
  type ShownCandidate,
  type WorkLine,
  type WorkQuery,
} from '../service/intake/read-work.ts';
import {
  type CloseReason,
  closeReasons,
  type DecideLinkError,
  type Decision,
  decideLink,
  type LinkReason,
  linkReasons,
  type ResolveError,
  resolveReport,
} from '../service/intake/resolve-report.ts';
import { returnContents } from './document-contents.ts';
import { imageOf } from './document-image.ts';
import { documentKinds, matchReasons, matchStates, stepTexts, submissionKinds } from './intake-texts.ts';

const reading = ['resident-tax', 'matching', 'read'] as const;
const updating = ['resident-tax', 'matching', 'update'] as const;
const approving = ['resident-tax', 'matching-approval', 'update'] as const;

const openStates = ['candidates', 'none', 'awaiting-second'] as const;
const list: WorkListDefinition<WorkLine> = {
  caption: '突合作業一覧',
  emptyText: '本人を特定できていない報告書はありません。',
  defaultSort: { key: 'since', direction: 'asc' },
  filters: [
    {
      kind: 'select',
      name: 'state',
      label: '状態',
      options: openStates.map((value) => ({ value, label: matchStates[value]![0] })),
    },
    {
      kind: 'select',
      name: 'reason',
      label: '理由',
      options: ['partial', 'nobody', 'original-missing', 'original-unclear', 'same-payer-again', 'returned'].map(
        (value) => ({
          value,
          label: matchReasons[value]!,
        }),
      ),
    },
  ],
  columns: [
    { key: 'name', label: '氏名', heading: true, cell: (r) => html`<a href="/matching/${r.reportId}">${r.name}</a>` },
    { key: 'kana', label: 'カナ', sortable: true, cell: (r) => r.kana },
    {
      key: 'born',
      label: '生年月日',
      cell: (r) => (r.bornOn === null ? '存在しない日付' : time(Temporal.PlainDate.from(r.bornOn))),
    },
    { key: 'kind', label: '資料の種類', cell: (r) => documentKinds[r.kind] },
    { key: 'payer', label: '作成者', sortable: true, cell: (r) => r.payerName },
    {
      key: 'reception',
      label: '受付番号・行',
      sortable: true,
      cell: (r) => `${r.receptionNumber}・${grouped(r.rowNumber)}`,
    },
    { key: 'state', label: '状態', cell: (r) => badge(...matchStates[r.state]!) },
    {
      key: 'reason',
      label: '理由',
      cell: (r) => matchReasons[r.reasonCode] ?? linkReasons[r.reasonCode as LinkReason] ?? r.reasonCode,
    },
    { key: 'candidates', label: '候補', align: 'end', cell: (r) => `${r.candidates}人` },
    { key: 'since', label: '待ち始め', sortable: true, cell: (r) => time(r.since) },
  ],
};

const refusals: Record<ResolveError | DecideLinkError, string> = {
  'no-such-report': '該当する報告書がありません。',
  'not-staff': '職員だけが決められます。',
  'already-resolved': 'ほかの職員がすでに決めています。',
  'changed-meanwhile': '画面を開いた後に内容が変わりました。新しい内容を確かめてください。',
  'awaits-second-person': '二人目の確認を待っています。',
  'not-a-candidate': '候補にない人には結び付けられません。',
  'link-refused': '氏名・生年月日は一致しても住所が一致せず、住所の履歴にもありません。同一人として扱えません。',
  'note-missing': '確認した内容を入力してください。',
  'nothing-proposed': '確認を待つ提案がありません。',
  'approver-is-requester': '提案した本人は確認できません。',
  expired: '提案の期限が切れています。',
  'already-decided': 'ほかの職員がすでに確認しています。',
};

/** `hasImages`: whether documents have an image to be shown beside their data. */
export type MatchingPageDeps = Deps & { readonly hasImages?: boolean };

/** 突合作業一覧 and 突合詳細. */
export function registerMatchingPages(app: PageApp, deps: MatchingPageDeps): void {
  page(app, 'GET', '/matching', reading, async (p) => {
    const query = readListQuery(list, p.query);
    const found = await readWork(deps, p.session.actor, {
      state: query.filters.state ?? null,
      reasonCode: query.filters.reason ?? null,
      kana: null,
      payer: null,
      sort: query.sort.key as WorkQuery['sort'],
      descending: query.sort.direction === 'desc',
      limit: query.size,
      offset: query.offset,
    });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '突合作業一覧', gloss: 'Reports whose person is not certain' },
      workList(list, { path: p.path, query, ...found.value }),
    );
  });

  page(app, 'GET', '/matching/:reportId', reading, (p) => detail(deps, p, {}));

  page(app, 'POST', '/matching/:reportId/resolve', updating, async (p) => {
    const reportId = p.param('reportId');
    const fields = decisionFields([]);
    const typed = Object.fromEntries(['decision', 'reason', 'note'].map((name) => [name, `${p.form.get(name) ?? ''}`]));
    const read = readForm(
      // Which persons may be chosen is the act's to say; the form only says what was chosen.
      fields.map((f) => (f.name === 'decision' ? { kind: 'text' as const, name: f.name, label: f.label } : f)),
      p.form,
    );
    if (!read.ok) return detail(deps, p, { errors: read.error.errors, values: typed });
    const decision = decisionOf(read.value.texts.decision ?? '', read.value.texts.reason ?? '');
    if (decision === undefined)
      return detail(deps, p, { errors: { reason: '判断に合う理由を選んでください' }, values: typed });
    const done = await resolveReport(deps, p.session.actor, {
      reportId,
      seenStep: Number(p.form.get('seenStep')),
      decision,
      note: read.value.texts.note,
    });
    if (done.ok)
      return p.redirect('/matching', {
        kind: 'done',
        text: done.value.state === 'awaiting-second' ? '提案しました。二人目の確認を待ちます。' : '決定しました。',
      });
    if (done.error === 'not-authorised') return p.problem('not-authorised');
    const text = refusals[done.error];
    if (done.error === 'note-missing') return detail(deps, p, { errors: { note: text }, values: typed });
    return detail(deps, p, { errors: { '': text }, values: typed, status: 409 });
  });

  page(app, 'POST', '/matching/:reportId/compare', updating, async (p) => {
    const reportId = p.param('reportId');
    if (!isUuid(reportId)) return p.problem('not-found');
    const done = await compareAgain(deps, p.session.actor, { reportId, seenStep: Number(p.form.get('seenStep')) });
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    return p.redirect(
      `/matching/${reportId}`,
      done.ok
        ? { kind: 'done', text: `突合し直しました（${matchStates[done.value.state]![0]}）。` }
        : { kind: 'warning', text: refusals[done.error as ResolveError] },
    );
  });

  page(app, 'POST', '/matching/:reportId/decide', approving, async (p) => {
    const reportId = p.param('reportId');
    if (!isUuid(reportId)) return p.problem('not-found');
    const read = readForm(approvalFields, p.form);
    if (!read.ok) return detail(deps, p, { errors: read.error.errors, values: read.error.values });
    const decision = read.value.texts.decision === 'approved' ? 'approved' : 'rejected';
    const done = await decideLink(deps, p.session.actor, { reportId, decision, note: read.value.texts.note });
    if (done.ok)
      return p.redirect('/matching', {
        kind: 'done',
        text: decision === 'approved' ? '承認し、本人を特定しました。' : '差し戻しました。',
      });
    if (done.error === 'not-authorised') return p.problem('not-authorised');
    const field = done.error === 'note-missing' ? 'note' : '';
    return detail(deps, p, { errors: { [field]: refusals[done.error] }, status: field === '' ? 409 : 422 });
  });
}

const isReason = <K extends string>(of: Readonly<Record<K, string>>, code: string): code is K =>
  Object.hasOwn(of, code);

function decisionOf(chosen: string, reason: string): Decision | undefined {
  if (chosen === 'not-resident' || chosen === 'rejected')
    return isReason<CloseReason>(closeReasons, reason) ? { kind: chosen, reason } : undefined;
  const [kind, personId = ''] = chosen.split(':');
  if (kind !== 'link' || !isUuid(personId) || !isReason<LinkReason>(linkReasons, reason)) return undefined;
  return { kind: 'link', personId, reason };
}

const decisionFields = (candidates: readonly ShownCandidate[]): readonly Field[] => [
  {
    kind: 'radio',
    name: 'decision',
    label: '判断',
    options: [
      ...candidates
        .filter((c) => c.demand !== 'refused')
        .map((c) => ({
          value: `link:${c.personId}`,
          label: `候補の${c.current.name}さん（宛名番号 ${c.person.addresseeNumber}）に結び付ける`,
          hint: c.demand === 'second-person' ? '二人目の職員の確認が必要です。' : '',
        })),
      { value: 'not-resident', label: '賦課期日に区内に住所がない人の報告書とする' },
      { value: 'rejected', label: '報告書を採用しない' },
    ],
  },
  {
    kind: 'select',
    name: 'reason',
    label: '理由',
    options: Object.entries({ ...linkReasons, ...closeReasons }).map(([value, label]) => ({ value, label })),
  },
  {
    kind: 'lines',
    name: 'note',
    label: '確認した内容',
    required: false,
    maxLength: 500,
    hint: '個人番号は書かないでください。二人目の確認が必要なとき、採用しないときは必ず書きます。',
  },
];

const approvalFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '確認の結果',
    options: [
      { value: 'approved', label: '同一人と認め、結び付ける' },
      { value: 'rejected', label: '差し戻す' },
    ],
  },
  {
    kind: 'lines',
    name: 'note',
    label: '確認した内容',
    required: false,
    maxLength: 500,
    hint: '差し戻すときは必ず書きます。',
  },
];

interface Shown {
  readonly errors?: FormErrors;
  readonly values?: FormValues;
  readonly status?: number;
}

async function detail(deps: MatchingPageDeps, p: PageRequest, shown: Shown): Promise<Response> {
  const reportId = p.param('reportId');
  if (!isUuid(reportId)) return p.problem('not-found');
  const read = await readReport(deps, p.session.actor, { reportId });
  if (!read.ok) return p.problem(read.error === 'not-authorised' ? 'not-authorised' : 'not-found');
  const { report, state, steps, candidates } = read.value;
  const isOpen = state.state === 'candidates' || state.state === 'none';
  const [word, tone] = matchStates[state.state]!;
  const base = `/matching/${reportId}`;
  const hidden = { seenStep: `${state.lastStep}` };
  const { errors = {}, values = {} } = shown;
  return p.view(
    {
      title: `突合 ${report.name}さんの課税資料`,
      gloss: 'Who a report is about',
      breadcrumbs: [{ label: '突合作業一覧', href: '/matching' }],
      ...(Object.keys(errors).length > 0 ? { hasErrors: true, status: shown.status ?? 422 } : {}),
      actions:
        isOpen &&
        (await p.may(updating)) &&
        html`<form method="post" action="${base}/compare">${tokenField(p.session)}<input type="hidden" name="seenStep" value="${hidden.seenStep}"><button class="button" type="submit">もう一度突合する</button></form>`,
    },
    html`<div class="stack"><p>${badge(word, tone)} ${matchReasons[steps.at(-1)?.reasonCode ?? ''] ?? ''}</p>
<section aria-labelledby="compare">${sectionTitle('報告書と候補の比較', 'Report and candidates', 'compare')}${comparison(report, candidates)}</section>
${
  isOpen &&
  (await p.may(updating)) &&
  html`<section aria-labelledby="decide">${sectionTitle('判断', 'Decision', 'decide')}${form({ action: `${base}/resolve`, session: p.session, fields: decisionFields(candidates), values, errors, hidden, submit: '決定する', cancelHref: '/matching' })}</section>`
}${
  state.state === 'awaiting-second' &&
  (await p.may(approving)) &&
  html`<section aria-labelledby="second">${sectionTitle('二人目の確認', 'Second person', 'second')}${notice('info', '提案の内容', `${linkReasons[steps.at(-1)?.reasonCode as LinkReason] ?? ''}　${steps.at(-1)?.note ?? ''}`)}${form({ action: `${base}/decide`, session: p.session, fields: approvalFields, values, errors, submit: '確定する', cancelHref: '/matching' })}</section>`
}
<p><a href="${base}/elsewhere">照会・住登外課税・回送</a></p>
<section aria-labelledby="report">${sectionTitle('課税資料の内容', 'The document', 'report')}${facts([
      { label: '受付番号・行', value: `${report.receptionNumber}・${report.rowNumber}` },
      { label: '資料の種類', value: documentKinds[report.kind] },
      { label: '作成者', value: report.payerName },
      { label: '年分', value: `令和${report.incomeYear - 2018}年分` },
      { label: '提出区分', value: submissionKinds[report.submissionKind] },
      { label: amountLabels[report.kind] ?? '支払金額', value: yenText(report.paidYen) },
      { label: '提出日', value: report.filedOn },
      { label: '受給者番号', value: report.recipientNumber },
      { label: '摘要', value: typeof report.columns.remarks === 'string' ? report.columns.remarks : null },
    ])}${returnContents(report.columns)}</section>${
      deps.hasImages === true &&
      html`<section aria-labelledby="image">${sectionTitle('イメージ', 'Image', 'image')}${imageOf(reportId)}</section>`
    }${history(
      steps.map((s) => ({
        recordedAt: s.at,
        what: stepTexts[s.step] ?? s.step,
        reason: [
          matchReasons[s.reasonCode] ??
            linkReasons[s.reasonCode as LinkReason] ??
            closeReasons[s.reasonCode as CloseReason] ??
            s.reasonCode,
          s.note,
        ]
          .filter(Boolean)
          .join('　'),
        who: s.decidedBy === 'rule' ? '自動' : s.decidedBy,
      })),
    )}</div>`,
  );
}

const amountLabels: Readonly<Partial<Record<string, string>>> = {
  'tax-return': '所得金額の合計',
  'ward-return': '所得金額の合計',
  'one-stop-notice': '寄附金額',
};

type ShownReport = Extract<Awaited<ReturnType<typeof readReport>>, { ok: true }>['value']['report'];

/** Side by side: what the report says and what the register says of each candidate; the word says it, the colour only helps. */
function comparison(report: ShownReport, candidates: readonly ShownCandidate[]): Html {
  const rows = [
    [
      '個人番号',
      report.numberRef === null ? '記載なし' : '記載あり',
      () => '登録あり',
      ['number'],
      ['number', 'number-missing'],
    ],
    ['氏名', report.name, (c: ShownCandidate) => c.current.name, ['name', 'other-name'], ['name']],
    ['氏名カナ', report.kana, (c: ShownCandidate) => c.current.nameKana, [], []],
    [
      '生年月日',
      report.bornOn === null ? '存在しない日付' : time(Temporal.PlainDate.from(report.bornOn)),
      (c: ShownCandidate) => time(c.current.birthDate),
      ['birth-date'],
      ['birth-date'],
    ],
    ['住所', report.address, (c: ShownCandidate) => c.current.address, ['address', 'former-address'], ['address']],
  ] as const;
  const mark = (c: ShownCandidate, agreements: readonly Agreement[], differences: readonly Difference[]): Html[] => [
    ...agreements.filter((a) => c.agrees.includes(a)).map((a) => badge(agreementTexts[a], 'done')),
    ...differences.filter((d) => c.differs.includes(d)).map((d) => badge(differenceTexts[d], 'error')),
  ];
  return html`${candidates.length === 0 && notice('info', '候補はありません', '個人番号、又は氏名と生年月日若しくは住所が一致する人が登録されていません。')}
<div class="table-scroll" tabindex="0" role="region" aria-label="比較の表"><table class="data-table"><caption class="visually-hidden">報告書と候補の比較</caption>
<thead><tr><th scope="col">項目</th><th scope="col">報告書</th>${candidates.map((c, i) => html`<th scope="col">候補${i + 1}（<a href="/persons/${c.personId}">${c.person.addresseeNumber}</a>）</th>`)}</tr></thead>
<tbody>${rows.map(
    ([label, given, of, agreements, differences]) =>
      html`<tr><th scope="row">${label}</th><td>${given}</td>${candidates.map((c) => html`<td>${of(c)}<div>${mark(c, agreements, differences)}</div></td>`)}</tr>`,
  )}
${
  candidates.length > 0 &&
  html`<tr><th scope="row">以前の氏名・住所</th><td></td>${candidates.map((c) => html`<td>${formerOf(c)}</td>`)}</tr>
<tr><th scope="row">結び付けるには</th><td></td>${candidates.map((c) => html`<td>${demandText(c)}</td>`)}</tr>`
}</tbody></table></div>`;
}

const formerOf = (c: ShownCandidate): string =>
  [...new Set(c.states.flatMap((s) => [s.name, s.address]))]
    .filter((text) => text !== c.current.name && text !== c.current.address)
    .join('、') || 'なし';

const demandText = (c: ShownCandidate): string =>
  ({
    'one-clerk': '担当者が確認して結び付けられます',
    'second-person': '本人確認の記録と二人目の確認が必要です',
    refused: '一致が足りないため同一人として扱えません',
  })[c.demand];
