import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { type Html, html, time, yenText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { form } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps, PaperDeps } from '../deps.ts';
import { tierNames } from '../domain/ceilings.ts';
import { paperKinds, printPaper } from '../service/certificate-papers.ts';
import {
  type CertificationLine,
  type CertificationView,
  decideCertification,
  endCertification,
  endReasons,
  proposeCertification,
  readCertification,
  recordHouseholdAid,
  showCertificationProposal,
} from '../service/certify.ts';
import { checkEntry, correctEntry, type EntryField, entryFields } from '../service/entry-check.ts';
import { judgePatient, type SameNamed } from '../service/patients.ts';
import { type DifferingDecision, recheckDecisions } from '../service/recheck.ts';
import { type BoardLine, putToBoard, readBoard, recordOpinion } from '../service/review-board.ts';
import { certificationFaults } from './words.ts';

const read = ['child-chronic', 'case', 'read'] as const;
const update = ['child-chronic', 'case', 'update'] as const;
const compare = ['child-chronic', 'entry-check', 'update'] as const;
const board = ['child-chronic', 'board', 'read'] as const;
const boardUpdate = ['child-chronic', 'board', 'update'] as const;
const certify = ['child-chronic', 'certification', 'update'] as const;
const print = ['child-chronic', 'certification', 'read'] as const;
const approve = ['child-chronic', 'certification-approval', 'update'] as const;

const fieldWords: Readonly<Record<EntryField, string>> = {
  patient_name: '患者の氏名',
  patient_kana: '患者の氏名かな',
  patient_birth_on: '患者の生年月日',
  applicant_name: '申請者の氏名',
  applicant_kana: '申請者の氏名かな',
  applicant_birth_on: '申請者の生年月日',
  applicant_address: '申請者の住所',
};
const endWords = { 'moved-out': '都外へ転出', died: '死亡', recovered: '治癒', withdrawn: '辞退・取消し' } as const;
const paperWords = {
  notice: '決定通知書',
  certificate: '受給者証',
  'cap-sheet': '上限額管理票',
  guide: '更新案内',
} as const;

/** 認定: from the comparison of the entry to the end of the certification, on one page of the case. */
export function certificationPages(app: PageApp, deps: PaperDeps): void {
  const at = (p: PageRequest): string => `/cases/${encodeURIComponent(p.param('id'))}/certification`;
  const answer = (p: PageRequest, done: { ok: true } | { ok: false; error: string }, text: string) =>
    p.redirect(at(p), done.ok ? { kind: 'done', text } : { kind: 'error', text: faultText(done.error) });
  const typed = (p: PageRequest, name: string, max = 300): string =>
    `${p.form.get(name) ?? ''}`.normalize('NFC').trim().slice(0, max);
  const actor = (p: PageRequest) => p.session.actor;

  page(app, 'GET', '/cases/:id/certification', read, (p) => show(p, deps));

  page(app, 'POST', '/cases/:id/entry-check', compare, async (p) => {
    const differing = entryFields.filter((f) => p.form.getAll('differing').includes(f));
    const done = await checkEntry(deps, actor(p), { caseId: p.param('id'), differing });
    return answer(p, done, differing.length === 0 ? '入力は書類と一致しました。' : '入力に戻しました。');
  });
  page(app, 'POST', '/cases/:id/corrections', update, async (p) => {
    const field = entryFields.find((f) => f === p.form.get('field'));
    if (field === undefined) return answer(p, { ok: false, error: 'unreadable' }, '');
    const done = await correctEntry(deps, actor(p), { caseId: p.param('id'), field, value: typed(p, 'value', 200) });
    return answer(p, done, '訂正しました。別の職員の照合を待ちます。');
  });
  page(app, 'POST', '/cases/:id/household-aids', update, async (p) => {
    const done = await recordHouseholdAid(deps, actor(p), {
      caseId: p.param('id'),
      person: typed(p, 'person', 100),
      scheme: p.form.get('scheme') === 'intractable' ? 'intractable' : 'child-chronic',
      certificateNumber: typed(p, 'certificateNumber', 20),
      ceilingYen: Number(typed(p, 'ceilingYen', 9).normalize('NFKC').replaceAll(/[,円]/g, '') || Number.NaN),
    });
    return answer(p, done, '世帯内の受給者を記録しました。');
  });
  page(app, 'POST', '/cases/:id/board', boardUpdate, async (p) => {
    const done = await putToBoard(deps, actor(p), { caseId: p.param('id'), heldOn: typed(p, 'heldOn', 10) });
    return answer(p, done, '審査会の議題に載せました。');
  });
  page(app, 'POST', '/cases/:id/certification', certify, async (p) => {
    const other = { certificate: typed(p, 'otherCertificate', 40), until: typed(p, 'otherUntil', 10) };
    const done = await proposeCertification(deps, actor(p), {
      caseId: p.param('id'),
      terms:
        p.form.get('outcome') === 'refused'
          ? undefined
          : {
              diseaseCode: typed(p, 'diseaseCode', 12),
              diseaseName: typed(p, 'diseaseName', 100),
              from: typed(p, 'from', 10),
              diagnosedOn: typed(p, 'diagnosedOn', 10),
              unavoidable: p.form.get('unavoidable') === 'yes',
              other: other.certificate === '' ? undefined : other,
            },
    });
    return answer(p, done, '起案しました。別の職員の承認を待ちます。');
  });
  page(app, 'POST', '/cases/:id/patients', certify, async (p) => {
    const [caseId, otherCaseId, said] = [p.param('id'), typed(p, 'other', 36), p.form.get('same')];
    if (![caseId, otherCaseId].every(isUuid) || (said !== 'yes' && said !== 'no'))
      return answer(p, { ok: false, error: 'unreadable' }, '');
    const command = { caseId, otherCaseId, isSame: said === 'yes', reason: typed(p, 'reason') };
    return answer(p, await judgePatient(deps, actor(p), command), '患者の異同を記録しました。');
  });
  page(app, 'POST', '/cases/:id/certification-end', certify, async (p) => {
    const why = endReasons.find((r) => r === p.form.get('why'));
    if (why === undefined) return answer(p, { ok: false, error: 'unreadable' }, '');
    const command = { caseId: p.param('id'), why, lastDay: typed(p, 'lastDay', 10), note: typed(p, 'note') };
    return answer(p, await endCertification(deps, actor(p), command), '認定の終了を記録しました。');
  });
  page(app, 'GET', '/cases/:id/papers/:kind', print, async (p) => {
    const kind = paperKinds.find((k) => k === p.param('kind'));
    if (kind === undefined || !isUuid(p.param('id'))) return p.problem('not-found');
    const made = await printPaper(deps, actor(p), { caseId: p.param('id'), kind });
    if (!made.ok)
      return made.error === 'not-authorised'
        ? p.problem('not-authorised')
        : p.redirect(at(p), { kind: 'error', text: faultText(made.error) });
    return p.file(made.value.pdf, { type: 'application/pdf', name: made.value.name });
  });

  page(app, 'GET', '/board', board, async (p) => {
    const mayRecord = await p.may(boardUpdate);
    const list = boardList(p, mayRecord);
    const query = readListQuery(list, p.query);
    const found = await readBoard(deps, actor(p), { offset: query.offset, limit: query.size });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '審査会', gloss: 'Review board' },
      html`<div class="stack">${workList(list, { path: '/board', query, ...found.value })}</div>`,
    );
  });
  page(app, 'POST', '/board/:meeting/:case', boardUpdate, async (p) => {
    const [meetingId, caseId] = [p.param('meeting'), p.param('case')];
    if (![meetingId, caseId].every((id) => isUuid(id))) return p.problem('not-found');
    const opinion = p.form.get('opinion') === 'approved' ? 'approved' : 'not-approved';
    const done = await recordOpinion(deps, actor(p), { meetingId, caseId, opinion, reason: typed(p, 'reason') });
    return p.redirect(
      '/board',
      done.ok ? { kind: 'done', text: '答申を記録しました。' } : { kind: 'error', text: faultText(done.error) },
    );
  });

  page(app, 'GET', '/recheck', approve, async (p) => {
    const asked = p.query.get('since') ?? '';
    const since = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(asked) ? asked : undefined;
    const found = since === undefined ? undefined : await recheckDecisions(deps, actor(p), { since });
    if (found?.ok === false) return p.problem('not-authorised');
    return p.view(
      { title: '認定の再計算', gloss: 'Decisions computed anew', personal: true },
      html`<div class="stack"><p>保存された回答と、その日の基準から、認定ごとに自己負担上限月額を計算し直します。</p>
<form class="row no-print" method="get" action="/recheck"><label for="since">この日以後の決定</label><input class="input input-short" type="date" id="since" name="since" value="${since ?? ''}"><button class="button button-primary" type="submit">計算し直す</button></form>${
        found !== undefined && recheckPart(found.value)
      }</div>`,
    );
  });

  page(app, 'GET', '/certification-approvals/:id', approve, (p) => showApproval(p, deps));
  page(app, 'POST', '/certification-approvals/:id', approve, async (p) => {
    const decision = p.form.get('decision');
    if ((decision !== 'approve' && decision !== 'return') || p.form.get('version') !== p.param('id'))
      return p.problem('unreadable-form');
    const command = { approvalId: p.param('id'), approve: decision === 'approve', reason: typed(p, 'reason') };
    const done = await decideCertification(deps, actor(p), command);
    if (!done.ok) return showApproval(p, deps, faultText(done.error));
    return p.redirect('/approvals', {
      kind: 'done',
      text: decision === 'approve' ? '決定しました。' : '差し戻しました。',
    });
  });
}

const recheckWords = {
  'ceiling-differs': '上限月額が異なる',
  'tier-differs': '階層区分が異なる',
  'no-evidence': '根拠となる回答がない',
} as const;

const recheckPart = ({ checked, differing }: { checked: number; differing: readonly DifferingDecision[] }): Html =>
  differing.length === 0
    ? notice('done', `${checked}件を計算し直し、すべて決定と一致しました。`)
    : html`${notice('error', `再計算と異なる認定 ${differing.length}件（${checked}件中）`)}<div class="table-scroll" tabindex="0" role="region" aria-label="再計算と異なる認定の表"><table class="data-table"><caption class="visually-hidden">再計算と異なる認定</caption>
<thead><tr><th scope="col">申請</th><th scope="col">受給者番号</th><th scope="col">有効期間</th><th scope="col" class="num">決定</th><th scope="col" class="num">再計算</th><th scope="col">理由</th></tr></thead>
<tbody>${differing.map(
        (d) =>
          html`<tr><th scope="row"><a href="/cases/${d.caseId}/certification">${d.caseNumber}</a></th><td class="nowrap">${d.beneficiaryNumber}</td><td>${dayOf(d.validFrom)}から${dayOf(d.validUntil)}まで</td><td class="num">${yenText(d.decidedYen)}</td><td class="num">${d.recomputedYen === null ? '―' : yenText(d.recomputedYen)}</td><td>${recheckWords[d.why]}</td></tr>`,
      )}</tbody></table></div>`;

const faultText = (error: string): string => certificationFaults[error] ?? 'この操作はできません。';
const dayOf = (text: string | null) => (text === null ? '―' : time(Temporal.PlainDate.from(text)));

async function show(p: PageRequest, deps: Deps): Promise<Response> {
  const caseId = p.param('id');
  const found = isUuid(caseId) ? await readCertification(deps, p.session.actor, { caseId }) : undefined;
  if (!found?.ok) return p.problem('not-found');
  const view = found.value;
  const [mayUpdate, mayCompare, mayBoard, mayCertify, mayPrint] = await Promise.all([
    p.may(update),
    p.may(compare),
    p.may(boardUpdate),
    p.may(certify),
    p.may(print),
  ]);
  const decided = view.lines.find((l) => l.decidedBy !== null);
  const waiting = view.lines.find((l) => l.decidedBy === null && l.returnReason === null);
  const post = { action: (rest: string) => `/cases/${caseId}/${rest}`, session: p.session };
  return p.view(
    {
      title: `申請 ${view.file.caseNumber} の認定`,
      gloss: 'Certification',
      personal: true,
      breadcrumbs: [{ label: `申請 ${view.file.caseNumber}`, href: `/cases/${caseId}` }],
    },
    html`<div class="stack">${duplicatePart(p, view, mayCertify && decided === undefined)}
<section class="stack-tight" aria-labelledby="entry">${sectionTitle('入力の照合', 'Entry compared with the papers', 'entry')}${entryPart(view)}${
      mayCompare && view.entry.state === 'open' && comparisonForm(p, view)
    }${
      mayUpdate &&
      decided === undefined &&
      html`<details${view.entry.state === 'returned' && html` open`}><summary>入力を訂正する</summary>${form({
        action: post.action('corrections'),
        session: post.session,
        submit: '訂正する',
        fields: [
          {
            kind: 'select',
            name: 'field',
            label: '訂正する項目',
            options: entryFields.map((value) => ({ value, label: fieldWords[value] })),
          },
          { kind: 'text', name: 'value', label: '書類に書かれた内容', maxLength: 200 },
        ],
      })}</details>`
    }</section>
<section class="stack-tight" aria-labelledby="aids">${sectionTitle('世帯内のほかの受給者', 'Others of the household', 'aids')}${
      view.aids.length === 0
        ? html`<p class="muted">記録はありません。</p>`
        : html`<ul>${view.aids.map((a) => html`<li>${a.person}（${a.scheme === 'intractable' ? '難病' : '小児慢性'} ${a.certificateNumber}）${yenText(a.ceilingYen)}</li>`)}</ul>`
    }${
      mayUpdate &&
      decided === undefined &&
      waiting === undefined &&
      html`<details><summary>受給者証から記録する</summary>${form({
        action: post.action('household-aids'),
        session: post.session,
        submit: '記録する',
        fields: [
          { kind: 'text', name: 'person', label: '世帯員の氏名', maxLength: 100 },
          {
            kind: 'select',
            name: 'scheme',
            label: '制度',
            options: [
              { value: 'child-chronic', label: '小児慢性特定疾病' },
              { value: 'intractable', label: '難病' },
            ],
          },
          { kind: 'text', name: 'certificateNumber', label: '受給者番号', maxLength: 20 },
          { kind: 'yen', name: 'ceilingYen', label: '自己負担上限月額（按分前）' },
        ],
      })}</details>`
    }</section>
<section class="stack-tight" aria-labelledby="opinion">${sectionTitle('審査会', 'Review board', 'opinion')}${opinionPart(view)}${
      mayBoard &&
      view.opinion === undefined &&
      view.entry.state === 'stands' &&
      form({
        action: post.action('board'),
        session: post.session,
        submit: '議題に載せる',
        fields: [{ kind: 'date', name: 'heldOn', label: '審査会の開催日' }],
      })
    }</section>
<section class="stack-tight" aria-labelledby="decision">${sectionTitle('認定', 'Certification', 'decision')}${view.lines.map(linePart)}${
      mayCertify &&
      decided === undefined &&
      waiting === undefined &&
      view.opinion !== undefined &&
      proposalForm(p, view)
    }${decided !== undefined && mayPrint && papersPart(caseId, decided)}${
      decided?.outcome === 'certified' && decided.lastDay === null && mayCertify && endForm(p)
    }</section></div>`,
  );
}

const standingWords = (d: SameNamed): Html =>
  d.isSame === null
    ? badge('同じ患者か未判断', 'warning')
    : d.isSame
      ? badge(d.judgedBy === null ? '同じ患者（申請者が同じ）' : '同じ患者', 'info')
      : badge('別の患者', 'info');

/** Other applications under this name and birthday; who may certify says of each whether it is the same child. */
function duplicatePart(p: PageRequest, view: CertificationView, mayJudge: boolean): Html | undefined {
  if (view.duplicates.length === 0) return undefined;
  return notice(
    'warning',
    '氏名と生年月日が同じ患者の、ほかの申請があります',
    html`<ul>${view.duplicates.map((d) => {
      const line = view.earlier.find((e) => e.caseId === d.caseId);
      return html`<li><a href="/cases/${d.caseId}/certification">${d.caseNumber}</a>（申請 ${dayOf(d.appliedOn)}、申請者 ${d.applicantName}、${d.applicantAddress}）${standingWords(d)}${
        d.judgedBy !== null && html`<span class="muted">${d.reason}（${d.judgedBy}）</span>`
      }${line?.outcome === 'certified' && html`認定 ${dayOf(line.validFrom)}から${dayOf(line.lastDay ?? line.validUntil)}まで`}</li>`;
    })}</ul><p>同じ患者を、同じ期間に二度認定することはできません。</p>${
      mayJudge &&
      html`<details${view.duplicates.some((d) => d.isSame === null) && html` open`}><summary>同じ患者かどうかを判断する</summary>${form(
        {
          action: `/cases/${view.file.caseId}/patients`,
          session: p.session,
          submit: '異同を記録する',
          fields: [
            {
              kind: 'select',
              name: 'other',
              label: 'ほかの申請',
              options: view.duplicates.map((d) => ({ value: d.caseId, label: d.caseNumber })),
            },
            {
              kind: 'radio',
              name: 'same',
              label: '患者の異同',
              options: [
                { value: 'yes', label: '同じ患者' },
                { value: 'no', label: '別の患者' },
              ],
            },
            { kind: 'text', name: 'reason', label: '確かめたこと', maxLength: 300 },
          ],
        },
      )}</details>`
    }`,
  );
}

const entryPart = ({ entry }: CertificationView): Html =>
  entry.state === 'stands'
    ? html`<p>${badge('一致', 'done')} 照合 ${entry.checkedBy}</p>`
    : entry.state === 'returned'
      ? html`<p>${badge('入力に戻した', 'error')} ${entry.differing.map((f) => fieldWords[f]).join('、')}（照合 ${entry.checkedBy}）</p>`
      : html`<p>${badge('照合待ち', 'warning')} 入力・訂正した職員（${entry.enteredBy.join('、')}）は照合できません。</p>`;

const comparisonForm = (p: PageRequest, { file }: CertificationView): Html =>
  html`${facts([
    { label: '患者', value: html`${file.patientName}（${file.patientKana}）` },
    { label: '患者の生年月日', value: dayOf(file.patientBirthOn) },
    { label: '申請者', value: html`${file.applicantName}（${file.applicantKana}）` },
    { label: '申請者の生年月日', value: dayOf(file.applicantBirthOn) },
    { label: '申請者の住所', value: file.applicantAddress },
  ])}${form({
    action: `/cases/${file.caseId}/entry-check`,
    session: p.session,
    submit: '照合の結果を記録する',
    fields: [
      {
        kind: 'checks',
        name: 'differing',
        label: '書類と異なる項目（なければ印を付けない）',
        required: false,
        options: entryFields.map((value) => ({ value, label: fieldWords[value] })),
      },
    ],
  })}`;

const opinionPart = ({ opinion, entry }: CertificationView): Html =>
  opinion === undefined
    ? html`<p class="muted">${entry.state === 'stands' ? '答申はまだありません。' : '入力の照合が終わると諮問できます。'}</p>`
    : html`<p>${opinion.opinion === 'approved' ? badge('承認', 'done') : badge('不承認', 'error')} ${dayOf(opinion.heldOn)}の審査会 ${opinion.reason}</p>`;

const linePart = (l: CertificationLine): Html =>
  facts([
    {
      label: '状態',
      value:
        l.decidedBy !== null
          ? badge(l.outcome === 'certified' ? '認定' : '不認定', l.outcome === 'certified' ? 'done' : 'error')
          : l.returnReason !== null
            ? html`${badge('差し戻し', 'warning')} ${l.returnReason}`
            : badge('承認待ち', 'info'),
    },
    ...(l.outcome === 'certified'
      ? [
          { label: '受給者番号', value: l.beneficiaryNumber ?? '決定時に付番' },
          { label: '疾病', value: `${l.diseaseCode} ${l.diseaseName}` },
          { label: '有効期間', value: html`${dayOf(l.validFrom)}から${dayOf(l.validUntil)}まで` },
          { label: '階層区分', value: l.tier === null ? '―' : tierNames[l.tier] },
          {
            label: '自己負担上限月額',
            value: html`${yenText(l.ceilingYen ?? 0)}${l.apportionment !== null && html`（世帯内按分。本人 ${yenText(l.apportionment.own)}、ほか ${l.apportionment.others.map(yenText).join('、')}）`}`,
          },
        ]
      : []),
    { label: '理由', value: l.reason },
    { label: '起案・承認', value: `${l.proposedBy}・${l.decidedBy ?? '―'}` },
    ...(l.lastDay === null
      ? []
      : [{ label: '終了', value: html`${dayOf(l.lastDay)}まで（${endWords[l.endedWhy as keyof typeof endWords]}）` }]),
  ]);

function proposalForm(p: PageRequest, { file, opinion }: CertificationView): Html {
  const action = `/cases/${file.caseId}/certification`;
  if (opinion?.opinion === 'not-approved')
    return html`<form class="no-print" method="post" action="${action}">${tokenField(p.session)}<input type="hidden" name="outcome" value="refused"><p>審査会の理由により、不認定を起案します。</p><button class="button button-primary" type="submit">不認定を起案する</button></form>`;
  return form({
    action,
    session: p.session,
    submit: '認定を起案する',
    fields: [
      { kind: 'text', name: 'diseaseCode', label: '疾病番号', hint: '例 08-01', maxLength: 12, width: 'short' },
      { kind: 'text', name: 'diseaseName', label: '疾病名', maxLength: 100 },
      { kind: 'date', name: 'from', label: '有効期間の始まり' },
      { kind: 'date', name: 'diagnosedOn', label: '疾病の状態の程度を満たすと診断された日' },
      {
        kind: 'checks',
        name: 'unavoidable',
        label: '遡る期間',
        required: false,
        options: [{ value: 'yes', label: 'やむを得ない理由がある（三か月まで）' }],
      },
      { kind: 'text', name: 'otherCertificate', label: '他の道府県の受給者証の番号', required: false, maxLength: 40 },
      { kind: 'date', name: 'otherUntil', label: 'その有効期間の終わり', required: false },
    ],
  });
}

const papersPart = (caseId: string, line: CertificationLine): Html =>
  html`<p class="row no-print">${paperKinds
    .filter(
      (kind) => kind === 'notice' || (line.outcome === 'certified' && (kind === 'guide' || line.lastDay === null)),
    )
    .map((kind) => html`<a class="button" href="/cases/${caseId}/papers/${kind}">${paperWords[kind]}（PDF）</a>`)}</p>`;

const endForm = (p: PageRequest): Html =>
  html`<details class="no-print"><summary>認定を終了する</summary>${form({
    action: `/cases/${p.param('id')}/certification-end`,
    session: p.session,
    submit: '終了を記録する',
    danger: true,
    fields: [
      {
        kind: 'select',
        name: 'why',
        label: '終了の理由',
        options: endReasons.map((value) => ({ value, label: endWords[value] })),
      },
      { kind: 'date', name: 'lastDay', label: '認定の最後の日' },
      { kind: 'text', name: 'note', label: '確かめた資料', maxLength: 300 },
    ],
  })}</details>`;

const boardList = (p: PageRequest, mayRecord: boolean): WorkListDefinition<BoardLine> => ({
  caption: '審査会の議題',
  defaultSort: { key: 'heldOn', direction: 'asc' },
  emptyText: '議題はありません。',
  columns: [
    {
      key: 'case',
      label: '申請',
      heading: true,
      cell: (r) => html`<a href="/cases/${r.caseId}/certification">${r.caseNumber}</a>`,
    },
    { key: 'heldOn', label: '開催日', cell: (r) => dayOf(r.heldOn) },
    {
      key: 'opinion',
      label: '答申',
      cell: (r) =>
        r.opinion !== null
          ? html`${r.opinion === 'approved' ? badge('承認', 'done') : badge('不承認', 'error')} ${r.reason}`
          : mayRecord
            ? html`<form class="row no-print" method="post" action="/board/${r.meetingId}/${r.caseId}">${tokenField(p.session)}<label class="visually-hidden" for="reason-${r.caseId}">${r.caseNumber}の理由</label><input class="input" type="text" id="reason-${r.caseId}" name="reason" maxlength="300"><button class="button" type="submit" name="opinion" value="approved">承認</button><button class="button" type="submit" name="opinion" value="not-approved">不承認</button></form>`
            : '―',
    },
  ],
});

async function showApproval(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const approvalId = p.param('id');
  const found = isUuid(approvalId) ? await showCertificationProposal(deps, p.session.actor, { approvalId }) : undefined;
  if (!found?.ok) return p.problem('not-found');
  const { line, file } = found.value;
  if (line.decidedBy !== null || line.returnReason !== null)
    return p.view(
      { title: '承認', gloss: 'Approval', status: 409 },
      notice('info', error ?? 'すでに決定されています。'),
    );
  const { actor } = p.session;
  return p.view(
    {
      title: `${line.outcome === 'certified' ? '支給認定' : '不認定'}の承認 ${file.caseNumber}`,
      gloss: 'Approve a certification',
      personal: true,
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    approvalDecision({
      session: p.session,
      action: `/certification-approvals/${approvalId}`,
      facts: [
        { label: '患者', value: file.patientName },
        { label: '申請者', value: file.applicantName },
        { label: '起案した時', value: time(Temporal.Instant.from(line.proposedAt)) },
      ],
      body: linePart(line),
      isOwn: actor.kind === 'staff' && actor.staffId === line.proposedBy,
      version: approvalId,
      error,
    }),
  );
}
