import type { Actor } from '../db/act.ts';
import { isUuid } from '../ids/uuid.ts';
import { type NavEntry, type PageApp, type PageRequest, page } from '../pages/app.ts';
import { dateText, type Html, html } from '../pages/html.ts';
import { type Field, type FormOptions, form, readForm } from '../pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '../pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '../pages/kit/work-list.ts';
import {
  type Decision,
  findings,
  type HandOver,
  type IdentityDocument,
  identityDocuments,
  mayTake,
  type ProxyProof,
  proxyProofs,
  type RefusalReason,
  type RequestKind,
  refusalReasons,
  requesterRoles,
  requestKinds,
  type Step,
} from './case.ts';
import type { Receive } from './cases.ts';
import type { Disclosure } from './disclosure.ts';
import { type DisclosureDeps, type FormType, formNames, levels } from './setup.ts';
import { sheetsFor, stopFacts } from './sheets.ts';
import type { StopScope } from './stop-words.ts';
import type { Case, CaseFilter, CaseLine, FormRow } from './store.ts';
import { words } from './words.ts';

const options = (list: Readonly<Record<string, string>>) =>
  Object.entries(list).map(([value, label]) => ({ value, label }));
const labels = (list: Readonly<Record<string, { readonly label: string }>>) =>
  Object.entries(list).map(([value, { label }]) => ({ value, label }));
const day = (text: string): string => dateText(Temporal.PlainDate.from(text));

export const disclosureNav = (system: string): readonly NavEntry[] => [
  { label: '開示請求等', href: '/disclosures', right: levels.see(system) },
  { label: '帳票管理簿', href: '/forms', right: levels.ledger(system) },
  { label: '問合せ', href: '/questions', right: levels.see(system) },
];

const sexes = { male: '男', female: '女', other: 'その他' };
const receiveFields = (items: Readonly<Record<string, string>>): readonly Field[] => [
  { kind: 'radio', name: 'kind', label: '請求の種類', options: options(requestKinds) },
  { kind: 'radio', name: 'channel', label: '受付の方法', options: options({ counter: '窓口', post: '郵送' }) },
  { kind: 'text', name: 'name', label: '本人の氏名', hint: '請求書に書かれたとおり', maxLength: 100 },
  { kind: 'text', name: 'nameKana', label: '本人の振り仮名', required: false, maxLength: 100 },
  { kind: 'date', name: 'birthDate', label: '本人の生年月日' },
  { kind: 'radio', name: 'sex', label: '本人の性別', options: options(sexes) },
  { kind: 'text', name: 'address', label: '本人の住所', maxLength: 200 },
  { kind: 'radio', name: 'role', label: '請求者', options: options(requesterRoles) },
  { kind: 'text', name: 'requesterName', label: '請求者の氏名', maxLength: 100 },
  { kind: 'text', name: 'requesterAddress', label: '請求者の住所', maxLength: 200 },
  { kind: 'text', name: 'scope', label: '請求の内容', hint: '個人番号は書かないでください', maxLength: 200 },
  {
    kind: 'text',
    name: 'followsReceiptNo',
    label: '開示を受けた受付番号',
    hint: '訂正等の申出のとき',
    required: false,
    maxLength: 40,
  },
  {
    kind: 'select',
    name: 'claimItem',
    label: '訂正等を求める項目',
    hint: '訂正等の申出のとき',
    required: false,
    options: options(items),
  },
  {
    kind: 'text',
    name: 'claimed',
    label: '正しいとする内容',
    hint: '訂正等の申出のとき。個人番号は書かないでください',
    required: false,
    maxLength: 200,
  },
  { kind: 'text', name: 'keptAt', label: '請求書の保管場所', hint: '施錠できる金庫等', maxLength: 40 },
];
const identityFields = (needsProof: boolean): readonly Field[] => [
  { kind: 'checks', name: 'documents', label: '提示された本人確認書類', options: labels(identityDocuments) },
  ...(needsProof
    ? [
        {
          kind: 'radio',
          name: 'proxyProof',
          label: '代理権を証する書類',
          required: false,
          options: labels(proxyProofs),
        } as const,
      ]
    : []),
];
const proposeFields: readonly Field[] = [
  { kind: 'radio', name: 'word', label: '決定の案', options: options({ granted: '応じる', refused: '応じない' }) },
  {
    kind: 'select',
    name: 'reason',
    label: '応じない理由',
    hint: '応じないときは必須',
    required: false,
    options: options(refusalReasons),
  },
  {
    kind: 'lines',
    name: 'note',
    label: '理由の説明',
    hint: '通知書に印字されます',
    required: false,
    maxLength: 400,
    rows: 3,
  },
];
type Scopes = Readonly<Record<string, StopScope>>;
const stopFields = (scopes: Scopes): readonly Field[] => [
  {
    kind: 'select',
    name: 'stopScope',
    label: '停止する範囲',
    hint: '応じるときは必須',
    required: false,
    options: Object.entries(scopes).map(([value, { label }]) => ({ value, label })),
  },
  {
    kind: 'text',
    name: 'stopTasks',
    label: '停止する事務のコード',
    hint: '空白区切り。空欄はすべての事務',
    required: false,
    maxLength: 200,
  },
];
const payFields: readonly Field[] = [
  { kind: 'text', name: 'slip', label: '納付番号', maxLength: 40 },
  { kind: 'yen', name: 'yen', label: '納付額' },
];
const reasonField: readonly Field[] = [{ kind: 'lines', name: 'reason', label: '理由', maxLength: 400, rows: 3 }];
const handOverFields = (inspection: boolean): readonly Field[] => [
  {
    kind: 'radio',
    name: 'method',
    label: '交付の方法',
    options: options({
      counter: '窓口',
      'registered-mail': '書留郵便',
      ...(inspection ? { inspection: '閲覧（写しを渡さない。費用なし）' } : {}),
    }),
  },
];

/** Pages of the counter: requests with their term, one request with what can be done next, and what was decided. */
export function addDisclosurePages<D extends DisclosureDeps>(app: PageApp, disclosure: Disclosure<D>, deps: D): void {
  const { system } = disclosure.setup;
  const [see, handle, decide] = [levels.see(system), levels.handle(system), levels.decide(system)];
  const fields = receiveFields(disclosure.setup.items);

  page(app, 'GET', '/disclosures', see, async (p) => {
    const query = readListQuery(caseList, p.query);
    const which = (query.filters.which ?? 'open') as CaseFilter;
    const { offset, size: limit } = query;
    const found = await disclosure.list(deps, p.session.actor, {
      which,
      kind: query.filters.kind ?? null,
      offset,
      limit,
    });
    if (!found.ok) return p.problem('not-authorised');
    const due = await disclosure.list(deps, p.session.actor, { which: 'due', kind: null, offset: 0, limit: 1 });
    const near = due.ok ? due.value.total : 0;
    return p.view(
      { title: '開示請求等', gloss: 'Requests for disclosure, correction and stop of use' },
      html`${near > 0 && notice('warning', `期限の近い請求が${near}件あります`, html`<a href="/disclosures?which=due">期限の近い請求を見る</a>`)}
${(await p.may(handle)) && html`<div class="row"><a class="button button-primary" href="/disclosures/new">請求を受け付ける</a></div>`}
${workList(caseList, { path: '/disclosures', query, ...found.value })}`,
    );
  });

  const receiveTitle = { title: '請求の受付', gloss: 'Register a request' };
  const receiveForm = (p: PageRequest, more: Partial<FormOptions> = {}) =>
    form({
      action: '/disclosures/new',
      session: p.session,
      fields,
      submit: '受け付ける',
      cancelHref: '/disclosures',
      ...more,
    });
  page(app, 'GET', '/disclosures/new', handle, (p) =>
    p.view(receiveTitle, receiveForm(p, { values: { kind: 'disclosure', channel: 'counter', role: 'self' } })),
  );
  page(app, 'POST', '/disclosures/new', handle, async (p) => {
    const read = readForm(fields, p.form);
    if (!read.ok) return p.view({ ...receiveTitle, hasErrors: true, status: 422 }, receiveForm(p, read.error));
    const { claimItem, claimed, ...texts } = read.value.texts;
    const claims = claimItem && claimed ? [{ item: claimItem, claimed }] : [];
    const command = { nameKana: '', ...texts, claims } as unknown as Receive;
    const done = await disclosure.receive(deps, p.session.actor, command);
    if (done.ok)
      return p.redirect(`/disclosures/${done.value.requestId}`, {
        kind: 'done',
        text: `受付番号 ${done.value.receiptNo} で受け付けました。`,
      });
    const errors = { '': words[done.error] };
    return p.view(
      { ...receiveTitle, hasErrors: true, status: 409 },
      receiveForm(p, { errors, values: read.value.texts }),
    );
  });

  const show = async (p: PageRequest, fault?: { action: string; more: Partial<FormOptions> }): Promise<Response> => {
    const id = p.param('id');
    const read = isUuid(id) ? await disclosure.read(deps, p.session.actor, { requestId: id }) : undefined;
    if (!read?.ok) return p.problem('not-found');
    const rights = { handle: await p.may(handle), decide: await p.may(decide) };
    const view = {
      title: `${requestKinds[read.value.found.request.kind]}の請求 ${read.value.found.request.receiptNo}`,
      gloss: 'A request',
    };
    return p.view(
      fault ? { ...view, hasErrors: true, status: 409 } : view,
      caseBody(p, read.value.found, read.value.forms, disclosure.setup, rights, fault),
    );
  };
  page(app, 'GET', '/disclosures/:id', see, (p) => show(p));

  /** One action of one request: reads its fields, takes the step, comes back to the request. */
  const action = (
    name: string,
    right: typeof handle | typeof decide,
    formFields: readonly Field[],
    text: string,
    take: (
      actor: Actor,
      requestId: string,
      texts: Readonly<Record<string, string>>,
      p: PageRequest,
    ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly error: string }>,
  ): void =>
    page(app, 'POST', `/disclosures/:id/${name}`, right, async (p) => {
      const read = readForm(formFields, p.form);
      if (!read.ok) return show(p, { action: name, more: read.error });
      if (!isUuid(p.param('id'))) return p.problem('not-found');
      const done = await take(p.session.actor, p.param('id'), read.value.texts as Record<string, string>, p);
      if (done.ok) return p.redirect(`/disclosures/${p.param('id')}`, { kind: 'done', text });
      const errors = { '': words[done.error as keyof typeof words] ?? done.error };
      return show(p, { action: name, more: { errors, values: read.value.texts } });
    });

  action('identity', handle, identityFields(true), '本人確認を記録しました。', (actor, requestId, texts, p) =>
    disclosure.checkIdentity(deps, actor, {
      requestId,
      documents: p.form
        .getAll('documents')
        .filter((d): d is IdentityDocument => typeof d === 'string' && d in identityDocuments),
      proxyProof: (texts.proxyProof || null) as ProxyProof | null,
    }),
  );
  action('match', handle, [], '記録と突合しました。', (actor, requestId) =>
    disclosure.match(deps, actor, { requestId }),
  );
  action('investigate', handle, [], '区市町村に調査を依頼しました。', (actor, requestId) =>
    disclosure.investigate(deps, actor, { requestId }),
  );
  const proposing = [...proposeFields, ...stopFields(disclosure.setup.stops.scopes)];
  action('propose', handle, proposing, '決定の案を起案しました。', (actor, requestId, texts) => {
    const decision: Decision =
      texts.word === 'granted'
        ? { word: 'granted', ...(texts.stopScope ? { stop: stopOf(texts) } : {}) }
        : { word: 'refused', reason: (texts.reason || 'form-incomplete') as RefusalReason, note: texts.note ?? '' };
    if (texts.word === 'refused' && !texts.reason) return Promise.resolve({ ok: false, error: 'reason-missing' });
    return disclosure.propose(deps, actor, { requestId, decision });
  });
  action('decide', decide, [], '決裁しました。', (actor, requestId) => disclosure.decide(deps, actor, { requestId }));
  action('send-back', decide, reasonField, '差し戻しました。', (actor, requestId, texts) =>
    disclosure.sendBack(deps, actor, { requestId, reason: texts.reason ?? '' }),
  );
  action('propose-lift', handle, reasonField, '利用停止の解除を起案しました。', (actor, requestId, texts) =>
    disclosure.proposeLift(deps, actor, { requestId, reason: texts.reason ?? '' }),
  );
  action('send-lift-back', decide, reasonField, '解除の起案を差し戻しました。', (actor, requestId, texts) =>
    disclosure.sendLiftBack(deps, actor, { requestId, reason: texts.reason ?? '' }),
  );
  action('lift', decide, [], '利用停止を解除しました。', (actor, requestId) =>
    disclosure.lift(deps, actor, { requestId }),
  );
  action('extend', handle, reasonField, '期限を延長しました。', (actor, requestId, texts) =>
    disclosure.extend(deps, actor, { requestId, reason: texts.reason ?? '' }),
  );
  action(
    'print',
    handle,
    [{ kind: 'text', name: 'formType', label: '帳票' }],
    '帳票を作成しました。',
    (actor, requestId, texts) =>
      disclosure.print(deps, actor, { requestId, formType: (texts.formType ?? '') as FormType }),
  );
  action('pay', handle, payFields, '納付を記録しました。', (actor, requestId, texts) =>
    disclosure.recordPayment(deps, actor, {
      requestId,
      slip: texts.slip ?? '',
      yen: Number((texts.yen ?? '').replaceAll(',', '')),
    }),
  );
  action(
    'hand-over',
    handle,
    handOverFields(disclosure.setup.inspection ?? false),
    '交付しました。',
    (actor, requestId, texts) => disclosure.handOver(deps, actor, { requestId, method: texts.method as HandOver }),
  );
  action('withdraw', handle, [], '取下げを記録しました。', (actor, requestId) =>
    disclosure.withdraw(deps, actor, { requestId }),
  );

  page(app, 'GET', '/sheets/:serial', handle, async (p) => {
    const opened = await disclosure.openSheet(deps, p.session.actor, { serial: p.param('serial') });
    if (!opened.ok) return p.problem('not-found');
    return p.file(opened.value.pdf, { type: 'application/pdf', name: `${p.param('serial')}.pdf`, inline: true });
  });
}

const stopOf = (texts: Readonly<Record<string, string>>) => ({
  scope: texts.stopScope ?? '',
  tasks: (texts.stopTasks ?? '').split(/[\s、,]+/).filter((task) => task !== ''),
});

const caseList: WorkListDefinition<CaseLine> = {
  caption: '請求の一覧',
  filters: [
    {
      kind: 'select',
      name: 'which',
      label: '状態',
      options: options({ open: '処理中', due: '期限の近いもの', stopped: '利用停止中', closed: '終了', all: 'すべて' }),
    },
    { kind: 'select', name: 'kind', label: '種類', options: options(requestKinds) },
  ],
  columns: [
    {
      key: 'no',
      label: '受付番号',
      heading: true,
      cell: (r) => html`<a href="/disclosures/${r.requestId}">${r.receiptNo}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => requestKinds[r.kind as RequestKind] },
    { key: 'name', label: '本人', cell: (r) => r.name },
    { key: 'received', label: '受付', cell: (r) => day(r.receivedOn) },
    { key: 'due', label: '期限', cell: (r) => day(r.dueOn) },
    {
      key: 'state',
      label: '状態',
      cell: (r) =>
        r.closed
          ? badge('終了', 'done')
          : badge(stepWords[(r.steps.at(-1) ?? 'received') as Step['kind']] ?? '受付', r.answered ? 'info' : 'warning'),
    },
  ],
  defaultSort: { key: 'due', direction: 'asc' },
  emptyText: '請求はありません。',
};

const stepWords: Readonly<Record<Step['kind'], string>> = {
  'identity-checked': '本人確認済み',
  matched: '突合済み',
  'investigation-sent': '調査依頼中',
  'finding-received': '調査結果あり',
  proposed: '決裁待ち',
  'sent-back': '差戻し',
  decided: '決定',
  extended: '期限延長',
  'fee-fixed': '手数料確定',
  paid: '納付済み',
  'handed-over': '交付済み',
  'lift-proposed': '解除の決裁待ち',
  'lift-sent-back': '解除の差戻し',
  lifted: '利用停止解除',
  closed: '終了',
};

/** What the page of a request needs of its system. */
interface CaseSetup {
  readonly information: string;
  readonly items: Readonly<Record<string, string>>;
  readonly stops: { readonly scopes: Scopes };
  readonly inspection?: boolean;
}

function caseBody(
  p: PageRequest,
  found: Case,
  forms: readonly FormRow[],
  setup: CaseSetup,
  rights: { readonly handle: boolean; readonly decide: boolean },
  fault: { readonly action: string; readonly more: Partial<FormOptions> } | undefined,
): Html {
  const { items, stops } = setup;
  const { request, state, steps } = found;
  const proposed = state.proposal?.decision;
  const planned = proposed?.word === 'granted' ? proposed.stop : undefined;
  return html`<div class="stack">
<section>${sectionTitle('請求', 'Request')}${facts([
    {
      label: '受付',
      value: `${day(request.receivedOn)}（${request.formName}、${request.channel === 'counter' ? '窓口' : '郵送'}）`,
    },
    { label: '期限', value: day(state.extendedTo ?? request.dueOn) },
    {
      label: '本人',
      value: `${request.name}（${day(request.birthDate)}生、${sexes[request.sex as keyof typeof sexes]}）`,
    },
    { label: '住所', value: request.address },
    {
      label: '請求者',
      value: `${requesterRoles[request.role]}　${request.requesterName}　${request.requesterAddress}`,
    },
    { label: '請求の内容', value: request.scope },
    ...request.claims.map((c) => ({ label: `申出（${items[c.item] ?? c.item}）`, value: c.claimed })),
    ...(state.finding ? [{ label: '調査の結果', value: findings[state.finding] }] : []),
    ...(state.proposal
      ? [{ label: state.decision ? '決定' : '起案', value: decisionText(state.proposal.decision) }]
      : []),
    ...(planned === undefined ? [] : stopFacts(stops.scopes, planned)),
    ...(state.stop === undefined
      ? []
      : [{ label: '利用停止', value: state.lifted ? badge('解除済み', 'done') : badge('停止中', 'warning') }]),
    ...(state.feeYen === undefined
      ? []
      : [{ label: '手数料', value: `${state.feeYen}円${state.paidYen === undefined ? '（未納）' : '（納付済み）'}` }]),
  ])}</section>
<section>${sectionTitle('次にすること', 'Next')}${nextSteps(p, found, forms, setup, rights, fault)}</section>
<section>${sectionTitle('帳票', 'Sheets')}${
    forms.length === 0
      ? html`<p class="muted">帳票はありません。</p>`
      : html`<ul>${forms.map((f) => {
          const made = f.steps.some((s) => s.kind === 'made');
          const erased = f.steps.some((s) => s.kind === 'copy-erased' || s.kind === 'disposed' || s.kind === 'spoiled');
          return html`<li>${formNames(setup)[f.formType]} ${made && rights.handle && !erased ? html`<a href="/sheets/${f.serial}">${f.serial}</a>` : f.serial} ${f.steps.map((s) => badge(formStepWords[s.kind], s.kind === 'spoiled' ? 'error' : 'plain'))}</li>`;
        })}</ul>`
  }</section>
<section>${sectionTitle('経過', 'History')}<div class="table-scroll" tabindex="0" role="region" aria-label="経過の表"><table class="data-table"><caption class="visually-hidden">請求の経過</caption>
<thead><tr><th scope="col">日</th><th scope="col">段階</th><th scope="col">担当</th></tr></thead><tbody>
<tr><td class="nowrap">${day(request.receivedOn)}</td><td>受付</td><td>${request.receivedBy}</td></tr>
${steps.map((s) => html`<tr><td class="nowrap">${day(s.takenOn)}</td><td>${stepWords[s.step.kind]}${detailText(s.step)}</td><td>${s.takenBy}</td></tr>`)}</tbody></table></div></section></div>`;
}

export const formStepWords: Readonly<Record<FormRow['steps'][number]['kind'], string>> = {
  made: '作成',
  'handed-over': '交付',
  kept: '保管',
  disposed: '廃棄',
  spoiled: '書損',
  'copy-erased': '控え消去',
};

const decisionText = (decision: Decision): string =>
  decision.word === 'granted' ? '応じる' : `応じない（${refusalReasons[decision.reason]}）`;

function detailText(step: Step): string {
  switch (step.kind) {
    case 'identity-checked':
      return `（${step.documents.map((d) => identityDocuments[d].label).join('、')}${step.proxyProof ? `、${proxyProofs[step.proxyProof].label}` : ''}）`;
    case 'investigation-sent':
      return `（${step.to}）`;
    case 'finding-received':
      return `（${findings[step.finding]}　${step.note}）`;
    case 'proposed':
    case 'decided':
      return `（${decisionText(step.decision)}）`;
    case 'sent-back':
    case 'extended':
      return `（${step.reason}）`;
    case 'lift-proposed':
    case 'lift-sent-back':
    case 'lifted':
      return `（${step.reason}）`;
    case 'fee-fixed':
      return `（${step.sheets}枚 × ${step.yenPerSheet}円）`;
    default:
      return '';
  }
}

/** Forms of what can be done now, most likely first. What the state refuses is not offered. */
function nextSteps(
  p: PageRequest,
  found: Case,
  forms: readonly FormRow[],
  setup: CaseSetup,
  rights: { readonly handle: boolean; readonly decide: boolean },
  fault: { readonly action: string; readonly more: Partial<FormOptions> } | undefined,
): Html {
  const { request, state } = found;
  const { scopes } = setup.stops;
  if (state.closed && (state.stop === undefined || state.lifted))
    return html`<p class="muted">この請求は終了しています。</p>`;
  const post = (name: string, formFields: readonly Field[], submit: string, more: Partial<FormOptions> = {}) =>
    form({
      action: `/disclosures/${request.requestId}/${name}`,
      session: p.session,
      fields: formFields,
      submit,
      ...more,
      ...(fault?.action === name ? fault.more : {}),
    });
  const may = (kind: Step['kind']): boolean => mayTake(state, kind).ok;
  const slip = forms.find((f) => f.formType === 'payment-slip')?.serial ?? '';
  const printable = sheetsFor(found).filter(
    (type) =>
      !forms.some(
        (f) =>
          f.formType === type && f.steps.some((s) => s.kind === 'made') && !f.steps.some((s) => s.kind === 'spoiled'),
      ),
  );
  const parts: (Html | false)[] = [
    rights.handle &&
      may('identity-checked') &&
      post('identity', identityFields(request.role !== 'self'), '本人確認を記録する'),
    rights.handle && may('matched') && post('match', [], '記録と突合する'),
    rights.handle && may('investigation-sent') && post('investigate', [], '区市町村に調査を依頼する'),
    state.investigationId !== undefined &&
      state.finding === undefined &&
      notice('info', '区市町村の調査の結果を待っています'),
    rights.decide && may('decided') && post('decide', [], '決裁する'),
    rights.decide && may('decided') && disclosureDetails('差し戻す', post('send-back', reasonField, '差し戻す')),
    rights.handle &&
      may('proposed') &&
      post(
        'propose',
        request.kind === 'stop-of-use' ? [...proposeFields, ...stopFields(scopes)] : proposeFields,
        '起案する',
      ),
    state.liftProposal !== undefined && !state.lifted && notice('info', `解除の理由: ${state.liftProposal.reason}`),
    rights.decide && may('lifted') && post('lift', [], '利用停止の解除を決裁する'),
    rights.decide &&
      may('lift-sent-back') &&
      disclosureDetails('解除を差し戻す', post('send-lift-back', reasonField, '差し戻す')),
    rights.handle &&
      may('lift-proposed') &&
      disclosureDetails('利用停止を解除する', post('propose-lift', reasonField, '解除を起案する')),
    ...printable.map(
      (type) =>
        rights.handle && post('print', [], `${formNames(setup)[type]}を作成する`, { hidden: { formType: type } }),
    ),
    rights.handle &&
      may('paid') &&
      slip !== '' &&
      post('pay', payFields, '納付を記録する', { values: { slip, yen: `${state.feeYen ?? ''}` } }),
    rights.handle &&
      may('handed-over') &&
      post('hand-over', handOverFields(setup.inspection ?? false), '交付して終了する', {
        values: { method: request.channel === 'post' ? 'registered-mail' : 'counter' },
      }),
    rights.handle &&
      may('extended') &&
      disclosureDetails('期限を延長する', post('extend', reasonField, '期限を延長する')),
    rights.handle &&
      may('closed') &&
      disclosureDetails('取り下げる', post('withdraw', [], '取下げを記録する', { danger: true })),
  ];
  return html`<div class="stack">${parts}</div>`;
}

const disclosureDetails = (label: string, body: Html): Html =>
  html`<details><summary>${label}</summary>${body}</details>`;
