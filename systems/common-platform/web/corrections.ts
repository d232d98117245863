import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { type Field, type FormErrors, type FormValues, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, type Fact, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { Deps } from '../deps.ts';
import { correctionKinds, type NumberGoes, numberChoices, numberGoesWords } from '../domain/corrections.ts';
import { differences } from '../domain/particulars.ts';
import {
  approveCorrection,
  type Correction,
  type CorrectionProposal,
  listCorrectionProposals,
  proposeCorrection,
  readCorrections,
  showCorrection,
} from '../service/corrections.ts';
import { findLookAlikes, type LookAlike, noteDistinct } from '../service/duplicates.ts';
import { readPerson } from '../service/read-persons.ts';
import { type ProvisionsFound, provisionsUnder } from '../service/withdraw-copies.ts';
import { approveErrors, correctionErrors, particularWords, sexWords, statusWords } from './words.ts';

const read = ['common-platform', 'held-record', 'read'] as const;
const update = ['common-platform', 'held-record', 'update'] as const;
const approve = ['common-platform', 'held-approval', 'update'] as const;

const pairs: WorkListDefinition<LookAlike> = {
  caption: '二重登録の候補',
  defaultSort: { key: 'name', direction: 'asc' },
  sizes: [50],
  emptyText: '氏名・生年月日・性別の同じ記録の組はありません。',
  columns: [
    {
      key: 'name',
      label: '氏名',
      heading: true,
      cell: (r) =>
        html`<a href="/look-alikes/${r.personA}/${r.personB}">${r.a.name}</a><br><span class="muted">${r.a.nameKana}</span>`,
    },
    { key: 'birth', label: '生年月日', cell: (r) => time(Temporal.PlainDate.from(r.a.birthOn)) },
    { key: 'a', label: '団体内統合宛名番号', cell: (r) => html`${r.a.orgPersonNumber}<br>${r.b.orgPersonNumber}` },
    {
      key: 'differing',
      label: '相違',
      cell: (r) =>
        differences(r.a, r.b)
          .map((d) => particularWords[d])
          .join('、') || 'すべて同じ',
    },
  ],
};

const corrections: WorkListDefinition<Correction> = {
  caption: '訂正の記録',
  defaultSort: { key: 'on', direction: 'desc' },
  emptyText: '訂正はまだありません。',
  columns: [
    {
      key: 'id',
      label: '訂正',
      heading: true,
      cell: (r) => html`<a href="/corrections/${r.correctionId}">${r.correctionId.slice(-12)}</a>`,
    },
    { key: 'kind', label: '種類', cell: (r) => correctionKinds[r.kind] },
    { key: 'on', label: '決定日', cell: (r) => time(Temporal.PlainDate.from(r.decidedOn)) },
    { key: 'by', label: '起案 / 承認', cell: (r) => `${r.proposedBy} / ${r.decidedBy}` },
    { key: 'state', label: '状態', cell: (r) => (r.undone ? badge('取消し済み') : badge('有効', 'done')) },
  ],
};

/** Persons who may be one, and corrections of who is who: proposed, confirmed by a second person, followed to their end. */
export function correctionPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/look-alikes', read, async (p) => {
    const query = readListQuery(pairs, p.query);
    const found = await findLookAlikes(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '二重登録の候補', gloss: 'Persons who may be one', personal: true },
      workList(pairs, { path: '/look-alikes', query, ...found.value }),
    );
  });
  page(app, 'GET', '/look-alikes/:a/:b', read, (p) => showPair(p, deps));
  page(app, 'POST', '/look-alikes/:a/:b', update, (p) => decidePair(p, deps));

  page(app, 'GET', '/persons/:id/unlink/:binding', update, (p) => showUnlink(p, deps));
  page(app, 'POST', '/persons/:id/unlink/:binding', update, async (p) => {
    const given = readForm(whyFields, p.form);
    if (!given.ok) return showUnlink(p, deps, given.error);
    const { evidence = '', reason = '' } = given.value.texts;
    const done = await proposeCorrection(deps, p.session.actor, {
      kind: 'unlink',
      personId: p.param('id'),
      targetId: p.param('binding'),
      numberGoes: null,
      evidence,
      reason,
    });
    if (!done.ok)
      return showUnlink(p, deps, { errors: { '': correctionErrors[done.error] }, values: given.value.texts });
    return p.redirect(`/persons/${p.param('id')}`, { kind: 'done', text: proposed });
  });

  page(app, 'GET', '/corrections', read, async (p) => {
    const query = readListQuery(corrections, p.query);
    const found = await readCorrections(deps, p.session.actor, { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '訂正の記録', gloss: 'Corrections of who is who' },
      workList(corrections, { path: '/corrections', query, ...found.value }),
    );
  });
  page(app, 'GET', '/corrections/:id', read, (p) => showOne(p, deps));
  page(app, 'POST', '/corrections/:id/undo', update, async (p) => {
    const given = readForm(whyFields, p.form);
    if (!given.ok) return showOne(p, deps, given.error);
    const view = await showCorrection(deps, p.session.actor, { correctionId: p.param('id') });
    if (!view.ok) return p.problem('not-found');
    const { evidence = '', reason = '' } = given.value.texts;
    const done = await proposeCorrection(deps, p.session.actor, {
      kind: 'undo',
      personId: view.value.correction.personId,
      targetId: p.param('id'),
      numberGoes: null,
      evidence,
      reason,
    });
    if (!done.ok) return showOne(p, deps, { errors: { '': correctionErrors[done.error] }, values: given.value.texts });
    return p.redirect(`/corrections/${p.param('id')}`, { kind: 'done', text: proposed });
  });

  page(app, 'GET', '/correction-approvals/:id', approve, (p) => showApproval(p, deps));
  page(app, 'POST', '/correction-approvals/:id', approve, async (p) => {
    const decision = p.form.get('decision');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const approvalId = p.param('id');
    const done = await approveCorrection(deps, p.session.actor, { approvalId, approve: decision === 'approve' });
    if (!done.ok) return showApproval(p, deps, approveErrors[done.error]);
    return p.redirect(
      done.value.correctionId === null ? '/approvals' : `/corrections/${done.value.correctionId}`,
      decision === 'approve'
        ? { kind: 'done', text: '承認し、訂正しました。関係する業務システムと中間サーバーに伝えます。' }
        : { kind: 'done', text: '差し戻しました。' },
    );
  });
}

const proposed = '起案しました。別の職員の承認を待ちます。';
const whyFields: readonly Field[] = [
  { kind: 'text', name: 'evidence', label: '確認した資料', maxLength: 100 },
  { kind: 'lines', name: 'reason', label: '理由', maxLength: 500 },
];
type Faulty = { readonly errors: FormErrors; readonly values: FormValues };
const faultyView = (faulty: Faulty | undefined) => (faulty ? { hasErrors: true, status: 422 as const } : {});

/* ---- two persons beside each other ---- */

const pairFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'outcome',
    label: '確かめた結果',
    options: [
      { value: 'distinct', label: '別の二人である', hint: '双子、同姓同名など。候補の一覧から外します。' },
      { value: 'first', label: '同じ方である（左の番号に統合する）' },
      { value: 'second', label: '同じ方である（右の番号に統合する）' },
    ],
  },
  {
    kind: 'select',
    name: 'number',
    label: '統合される側の個人番号',
    hint: '統合するときに選びます。',
    required: false,
    options: numberChoices.merge.map((value) => ({ value, label: numberGoesWords[value] })),
  },
  ...whyFields,
];

async function showPair(p: PageRequest, deps: Deps, faulty?: Faulty): Promise<Response> {
  const [a, b] = [p.param('a'), p.param('b')];
  if (!isUuid(a) || !isUuid(b)) return p.problem('not-found');
  const [one, other] = [
    await readPerson(deps, p.session.actor, { personId: a }),
    await readPerson(deps, p.session.actor, { personId: b }),
  ];
  if (!one.ok || !other.ok) return p.problem('not-found');
  const [left, right] = [one.value.versions[0], other.value.versions[0]];
  if (!left || !right) return p.problem('not-found');
  const differing = new Set<string>(differences(left.state, right.state));
  const addressOf = (s: typeof left.state): string => (s.addressProtected ? '支援措置により表示しません' : s.address);
  const lines: readonly [string, string, string, string][] = [
    ['', '団体内統合宛名番号', one.value.orgPersonNumber, other.value.orgPersonNumber],
    ['name', '氏名', left.state.name, right.state.name],
    ['name-kana', '氏名かな', left.state.nameKana, right.state.nameKana],
    ['birth-date', '生年月日', left.state.birthOn, right.state.birthOn],
    ['sex', '性別', sexWords[left.state.sex], sexWords[right.state.sex]],
    ['address', '住所', addressOf(left.state), addressOf(right.state)],
    ['', '状態', statusWords[left.state.status], statusWords[right.state.status]],
    ['', '記録した業務', left.source, right.source],
    [
      '',
      '業務の宛名番号',
      one.value.bindings.map((x) => `${x.system} ${x.addresseeNumber ?? ''}`).join('、'),
      other.value.bindings.map((x) => `${x.system} ${x.addresseeNumber ?? ''}`).join('、'),
    ],
  ];
  const mayDecide = await p.may(update);
  return p.view(
    { title: '似た記録の確認', gloss: 'One person or two', personal: true, ...faultyView(faulty) },
    html`<div class="stack"><div class="table-scroll" tabindex="0" role="region" aria-label="二つの記録の表"><table class="data-table"><caption>二つの記録</caption>
<thead><tr><th scope="col">項目</th><th scope="col">左の記録</th><th scope="col">右の記録</th><th scope="col">比較</th></tr></thead>
<tbody>${lines.map(
      ([key, label, l, r]) =>
        html`<tr><th scope="row">${label}</th><td>${l}</td><td>${r}</td><td>${key !== '' && (differing.has(key) ? badge('相違', 'warning') : badge('一致', 'done'))}</td></tr>`,
    )}</tbody></table></div>
${
  mayDecide &&
  html`<section aria-labelledby="decide">${sectionTitle('確かめた結果', 'What was found', 'decide')}${form({
    action: `/look-alikes/${a}/${b}`,
    session: p.session,
    fields: pairFields,
    submit: '記録する・起案する',
    ...(faulty ?? {}),
  })}</section>`
}</div>`,
  );
}

async function decidePair(p: PageRequest, deps: Deps): Promise<Response> {
  const given = readForm(pairFields, p.form);
  if (!given.ok) return showPair(p, deps, given.error);
  const [personA, personB] = [p.param('a'), p.param('b')];
  const { outcome = '', number, evidence = '', reason = '' } = given.value.texts;
  const again = (text: string): Promise<Response> =>
    showPair(p, deps, { errors: { '': text }, values: given.value.texts });
  if (outcome === 'distinct') {
    const done = await noteDistinct(deps, p.session.actor, { personA, personB, evidence });
    if (!done.ok) return again(correctionErrors[done.error]);
    return p.redirect('/look-alikes', { kind: 'done', text: '別の二人として記録しました。' });
  }
  if (number === undefined) return again('統合される側の個人番号の扱いを選んでください。');
  const [personId, targetId] = outcome === 'first' ? [personA, personB] : [personB, personA];
  const done = await proposeCorrection(deps, p.session.actor, {
    kind: 'merge',
    personId,
    targetId,
    numberGoes: number as NumberGoes,
    evidence,
    reason,
  });
  if (!done.ok) return again(correctionErrors[done.error]);
  return p.redirect('/look-alikes', { kind: 'done', text: proposed });
}

/* ---- a wrong link ---- */

async function showUnlink(p: PageRequest, deps: Deps, faulty?: Faulty): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const record = await readPerson(deps, p.session.actor, { personId: id });
  const bound = record.ok && record.value.bindings.find((b) => b.bindingId === p.param('binding'));
  if (!record.ok || !bound) return p.problem('not-found');
  return p.view(
    { title: '誤った紐付けの解除', gloss: 'Undo a wrong link', personal: true, ...faultyView(faulty) },
    html`<div class="stack">${facts([
      { label: '団体内統合宛名番号', value: record.value.orgPersonNumber },
      { label: '氏名', value: record.value.versions[0]?.state.name },
      { label: '業務', value: bound.system },
      { label: '業務の宛名番号', value: bound.addresseeNumber ?? '番号なしで紐付け' },
    ])}${notice('warning', '承認されると、この業務はこの方について照会も副本登録もできなくなり、登録済みの副本を取り下げます。業務システムには、正しい方で登録し直すよう伝えます。')}
${form({ action: `/persons/${id}/unlink/${bound.bindingId}`, session: p.session, fields: whyFields, submit: '承認を依頼する', cancelHref: `/persons/${id}`, ...(faulty ?? {}) })}</div>`,
  );
}

/* ---- one correction and what became of it ---- */

async function showOne(p: PageRequest, deps: Deps, faulty?: Faulty): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const view = await showCorrection(deps, p.session.actor, { correctionId: id });
  if (!view.ok) return p.problem(view.error === 'no-such-correction' ? 'not-found' : 'not-authorised');
  const { correction, orgPersonNumber, withdrawals, systems } = view.value;
  const ended = correction.kind === 'unlink' || correction.kind === 'merge';
  const told = ended ? await provisionsUnder(deps, p.session.actor, { correctionId: id }) : undefined;
  const mayUndo = ended && !correction.undone && (await p.may(update));
  return p.view(
    { title: '訂正', gloss: 'Correction', ...faultyView(faulty) },
    html`<div class="stack">${facts([
      { label: '種類', value: correctionKinds[correction.kind] },
      {
        label: '団体内統合宛名番号',
        value: html`<a href="/persons/${correction.personId}">${orgPersonNumber}</a>`,
      },
      { label: '紐付けを解いた業務', value: systems.join('、') },
      { label: '確認した資料', value: correction.evidence },
      { label: '理由', value: correction.reason },
      { label: '起案', value: correction.proposedBy },
      { label: '承認', value: html`${correction.decidedBy}（${time(Temporal.Instant.from(correction.decidedAt))}）` },
      { label: '状態', value: correction.undone ? badge('取消し済み') : badge('有効', 'done') },
    ])}
<section aria-labelledby="copies">${sectionTitle('副本の取下げ', 'Withdrawal of copies', 'copies')}${
      withdrawals.length === 0
        ? html`<p class="muted">取り下げる副本はありませんでした。</p>`
        : facts(
            withdrawals.map(
              (w): Fact => ({
                label: w.system,
                value:
                  w.state === 'done'
                    ? html`${badge('完了', 'done')} ${w.copies}件`
                    : html`${badge('取下げ中', 'warning')} ${w.word !== null && '中間サーバーに接続できません。自動で再送します。'}`,
              }),
            ),
          )
    }</section>
${told?.ok && provisionsPart(told.value)}
${
  mayUndo &&
  html`<section aria-labelledby="undo">${sectionTitle('この訂正を取り消す', 'Undo this correction', 'undo')}${form({
    action: `/corrections/${id}/undo`,
    session: p.session,
    fields: whyFields,
    submit: '取消しの承認を依頼する',
    danger: true,
    ...(faulty ?? {}),
  })}</section>`
}</div>`,
  );
}

const provisionsPart = (found: ProvisionsFound): Html =>
  html`<section aria-labelledby="provided">${sectionTitle('情報の提供先', 'To whom it was provided', 'provided')}${
    found.kind === 'none-lodged'
      ? html`<p class="muted">この業務は副本を登録しません。</p>`
      : found.kind === 'unavailable'
        ? notice('warning', '中間サーバーから提供の記録を取得できませんでした。時間をおいて開き直してください。')
        : found.provisions.length === 0
          ? html`<p>誤った紐付けの間に提供された情報はありません。</p>`
          : html`${notice('error', `影響 ${found.provisions.length}件。提供先に、誤った情報であったことを知らせてください。`)}<div class="table-scroll" tabindex="0" role="region" aria-label="提供先の表"><table class="data-table"><caption class="visually-hidden">提供先</caption>
<thead><tr><th scope="col">照会番号</th><th scope="col">提供先</th><th scope="col">事務</th><th scope="col">情報</th><th scope="col">提供した時</th></tr></thead>
<tbody>${found.provisions.map(
              (x) =>
                html`<tr><th scope="row"><code>${x.inquiryNumber}</code></th><td>${x.asker}</td><td>${x.procedure}</td><td>${x.informationCode}</td><td class="nowrap">${time(Temporal.Instant.from(x.providedAt))}</td></tr>`,
            )}</tbody></table></div>`
  }</section>`;

async function showApproval(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const found = await listCorrectionProposals(deps, p.session.actor, {});
  if (!found.ok) return p.problem('not-authorised');
  const proposal = found.value.find((x) => x.approvalId === p.param('id'));
  if (!proposal)
    return p.view(
      { title: '訂正の承認', gloss: 'Approval', status: 409 },
      notice('info', error ?? approveErrors['no-such-request']),
    );
  const { actor } = p.session;
  return p.view(
    {
      title: '訂正の承認',
      gloss: 'Approve a correction',
      personal: true,
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    approvalDecision({
      session: p.session,
      action: `/correction-approvals/${proposal.approvalId}`,
      facts: await factsOf(p, deps, proposal),
      isOwn: actor.kind === 'staff' && actor.staffId === proposal.proposedBy,
      version: proposal.approvalId,
      error,
    }),
  );
}

async function factsOf(p: PageRequest, deps: Deps, proposal: CorrectionProposal): Promise<Fact[]> {
  const nameOf = async (personId: string): Promise<string> => {
    const record = await readPerson(deps, p.session.actor, { personId });
    return record.ok ? `${record.value.orgPersonNumber} ${record.value.versions[0]?.state.name ?? ''}` : '―';
  };
  return [
    { label: '種類', value: correctionKinds[proposal.kind] },
    { label: '対象の方', value: await nameOf(proposal.personId) },
    ...(proposal.kind === 'merge' ? [{ label: '統合される方', value: await nameOf(proposal.targetId) }] : []),
    ...(proposal.numberGoes === null ? [] : [{ label: '個人番号', value: numberGoesWords[proposal.numberGoes] }]),
    { label: '確認した資料', value: proposal.evidence },
    { label: '理由', value: proposal.reason },
    { label: '起案', value: proposal.proposedBy },
  ];
}
