import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, notice, type Tone } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import { tokenField } from '@musubi/kernel/pages/layout.ts';
import type { Deps } from '../deps.ts';
import {
  cancelDenial,
  type Denial,
  type DenialReason,
  type DenialStep,
  type DependantLink,
  decideDenial,
  type ProposeDenial,
  proposeDenial,
  readDenials,
  readDependants,
} from '../service/dependants/deny.ts';
import { dependantApproval, dependantRead, dependantUpdate } from '../service/dependants/functions.ts';
import {
  approveDenialNotice,
  type DenialNotice,
  makeDenialNotice,
  type NoticeStep,
  readDenialNotices,
} from '../service/dependants/tell-agency.ts';
import { reiwaYear } from './assessment-words.ts';
import { documentKinds } from './intake-texts.ts';

const heads: Readonly<Record<ProposeDenial['head'], string>> = {
  spouse: '配偶者',
  ordinary: '一般の扶養親族',
  specified: '特定扶養親族（19〜22歳）',
  elderly: '老人扶養親族（70歳以上）',
  'elderly-living-together': '同居老親等',
  'under-sixteen': '16歳未満の扶養親族',
};
const disabilities: Readonly<Record<ProposeDenial['disability'], string>> = {
  none: 'なし',
  ordinary: '障害者',
  special: '特別障害者（同居でない）',
  'special-living-together': '同居特別障害者',
};
const reasons: Readonly<Record<DenialReason, string>> = {
  'income-over-limit': '合計所得金額が限度を超えている',
  'claimed-by-other': 'ほかの納税義務者の扶養親族等である',
  'separate-livelihood': '生計を一にしていない',
  'not-a-relative': '親族・配偶者でない',
  'family-employee': '事業専従者である',
};
const steps: Readonly<Record<DenialStep, readonly [string, Tone]>> = {
  proposed: ['決定待ち', 'info'],
  decided: ['否認', 'error'],
  rejected: ['否認しない', 'plain'],
  cancelled: ['取消', 'plain'],
};
const noticeSteps: Readonly<Record<NoticeStep, readonly [string, Tone]>> = {
  made: ['承認待ち', 'info'],
  approved: ['送信待ち', 'info'],
  received: ['受領済', 'done'],
  returned: ['返戻', 'error'],
};
const refusals: Readonly<Record<string, string>> = {
  'already-denied': 'すでに否認の手続中か、否認されています。',
  'already-made': 'この月の分はすでに作られています。',
  'approver-is-maker': '作成した本人は承認できません。',
  'approver-is-proposer': '起案した本人は決定できません。',
  'head-differs': '資料の記載と扶養の区分が一致しません。',
  'month-not-over': 'この月はまだ終わっていません。',
  'not-decided': '否認されていません。',
  'not-made': '承認を待っていません。',
  'not-proposed': '決定を待っていません。',
  'note-missing': '確認した内容・理由を入力してください。',
  'nothing-to-tell': '知らせる否認・取消はありません。',
};
const refusalOf = (word: string): string => refusals[word] ?? '処理できませんでした。画面を開き直してください。';
const options = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

const denialList: WorkListDefinition<Denial> = {
  caption: '扶養否認の一覧',
  emptyText: '扶養否認はありません。',
  defaultSort: { key: 'onDay', direction: 'desc' },
  filters: [
    {
      kind: 'select',
      name: 'step',
      label: '状態',
      options: Object.entries(steps).map(([value, [label]]) => ({ value, label })),
    },
  ],
  columns: [
    {
      key: 'name',
      label: '納税義務者',
      heading: true,
      cell: (d) => html`<a href="/denials/${d.denialId}">${d.taxpayerName}</a>`,
    },
    { key: 'relative', label: '扶養親族等', cell: (d) => d.relativeName ?? '（氏名の記載なし）' },
    { key: 'year', label: '年度', cell: (d) => reiwaYear(d.fiscalYear) },
    { key: 'reason', label: '理由', cell: (d) => reasons[d.reason] },
    { key: 'step', label: '状態', cell: (d) => badge(...steps[d.steps.at(-1)!.step]) },
    { key: 'onDay', label: '日付', cell: (d) => time(Temporal.PlainDate.from(d.steps.at(-1)!.onDay)) },
    { key: 'told', label: '国税庁への通知', cell: (d) => toldText(d) },
  ],
};
const toldText = ({ told }: Denial): string =>
  told.map(({ kind, month }) => `${month} ${kind === 'denied' ? '否認' : '取消'}`).join('、') || '―';

const decideFields: readonly Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'decided', label: '否認する' },
      { value: 'rejected', label: '否認しない' },
    ],
  },
  { kind: 'lines', name: 'note', label: '理由（否認しないとき）', required: false, maxLength: 500 },
];
const cancelFields: readonly Field[] = [{ kind: 'lines', name: 'note', label: '取り消す理由', maxLength: 500 }];

/** What can be said of a relative depends on how the document names them. */
function denyFields({ kind }: DependantLink): readonly Field[] {
  const possible = Object.entries(heads).filter(
    ([head]) => (head === 'spouse' ? 'spouse' : head === 'under-sixteen' ? 'young' : 'dependant') === kind,
  );
  return [
    { kind: 'select', name: 'head', label: '扶養の区分', options: options(Object.fromEntries(possible)) },
    { kind: 'select', name: 'disability', label: '障害者控除の区分', options: options(disabilities) },
    { kind: 'radio', name: 'reason', label: '否認の理由', options: options(reasons) },
    { kind: 'lines', name: 'note', label: '確認した内容', maxLength: 500 },
  ];
}

/** 扶養関係 of a person, 扶養否認 with its decision, and the monthly file to the tax agency. */
export function dependantPages(app: PageApp, deps: Deps): void {
  const denials = { label: '扶養否認', href: '/denials' };

  page(app, 'GET', '/persons/:personId/dependants', dependantRead, async (p) => {
    const personId = p.param('personId');
    if (!isUuid(personId)) return p.problem('not-found');
    const read = await readDependants(deps, p.session.actor, { personId });
    if (!read.ok) return p.problem('not-authorised');
    const { claims, claimedBy } = read.value;
    const mayDeny = await p.may(dependantUpdate);
    return p.view(
      {
        title: '扶養関係',
        gloss: 'Spouse and dependants',
        breadcrumbs: [
          { label: '個人検索', href: '/persons' },
          { label: '個人の記録', href: `/persons/${personId}` },
        ],
      },
      html`<div class="stack"><h2>この人の資料にある配偶者・扶養親族</h2>${linkTable(
        claims,
        (l) => l.relativeId,
        (l) => l.relativeName,
        mayDeny,
      )}<h2>この人を配偶者・扶養親族とする資料</h2>${linkTable(
        claimedBy,
        (l) => l.taxpayerId,
        (l) => l.taxpayerName,
        false,
      )}</div>`,
    );
  });

  page(app, 'GET', '/persons/:personId/dependants/:reportId/:no', dependantUpdate, (p) => denyPage(p));
  page(app, 'POST', '/persons/:personId/dependants/:reportId/:no', dependantUpdate, async (p) => {
    const link = await linkOf(p);
    if (link === undefined) return p.problem('not-found');
    const read = readForm(denyFields(link), p.form);
    if (!read.ok) return denyPage(p, Object.values(read.error.errors));
    const { texts } = read.value;
    const proposed = await proposeDenial(deps, p.session.actor, {
      reportId: link.reportId,
      relativeNo: link.relativeNo,
      head: texts.head as ProposeDenial['head'],
      disability: texts.disability as ProposeDenial['disability'],
      reason: texts.reason as DenialReason,
      note: texts.note ?? '',
    });
    if (!proposed.ok && proposed.error === 'not-authorised') return p.problem('not-authorised');
    if (!proposed.ok) return denyPage(p, [refusalOf(proposed.error)]);
    return p.redirect('/denials', { kind: 'done', text: '否認を起案しました。ほかの職員の決定を待ちます。' });
  });

  async function linkOf(p: PageRequest): Promise<DependantLink | undefined> {
    const personId = p.param('personId');
    if (!isUuid(personId)) return undefined;
    const read = await readDependants(deps, p.session.actor, { personId });
    return read.ok
      ? read.value.claims.find((l) => l.reportId === p.param('reportId') && `${l.relativeNo}` === p.param('no'))
      : undefined;
  }

  async function denyPage(p: PageRequest, faults: readonly string[] = []): Promise<Response> {
    const link = await linkOf(p);
    if (link === undefined) return p.problem('not-found');
    const back = `/persons/${link.taxpayerId}/dependants`;
    return p.view(
      {
        title: `${link.relativeName ?? '扶養親族'}さんの控除を否認する`,
        gloss: 'Deny a dependant',
        breadcrumbs: [{ label: '扶養関係', href: back }],
        ...(faults.length > 0 ? { hasErrors: true, status: 409 } : {}),
      },
      html`<div class="stack">${faults.map((fault) => notice('error', '処理できません', fault))}${facts([
        { label: '納税義務者', value: link.taxpayerName },
        { label: '年度', value: reiwaYear(link.incomeYear + 1) },
        {
          label: '資料',
          value: html`<a href="/matching/${link.reportId}">${documentKinds[link.documentKind as keyof typeof documentKinds]}（${link.payerName}）</a>`,
        },
      ])}${form({ action: `${back}/${link.reportId}/${link.relativeNo}`, session: p.session, fields: denyFields(link), submit: '起案する', cancelHref: back })}</div>`,
    );
  }

  page(app, 'GET', '/denials', dependantRead, async (p) => {
    const query = readListQuery(denialList, p.query);
    const { step = null } = query.filters;
    const found = await readDenials(deps, p.session.actor, { step, limit: query.size, offset: query.offset });
    if (!found.ok) return p.problem('not-authorised');
    return p.view(
      { title: '扶養否認', gloss: 'Denied dependants' },
      html`<div class="stack"><p><a href="/denials/notices">国税庁への通知</a></p>${workList(denialList, { path: p.path, query, ...found.value })}</div>`,
    );
  });

  page(app, 'GET', '/denials/notices', dependantRead, (p) => noticesPage(p));
  page(app, 'POST', '/denials/notices', dependantUpdate, async (p) => {
    const made = await makeDenialNotice(deps, p.session.actor, { month: `${p.form.get('month') ?? ''}` });
    if (!made.ok && made.error === 'not-authorised') return p.problem('not-authorised');
    if (!made.ok) return noticesPage(p, [refusalOf(made.error)]);
    const { persons, records } = made.value;
    return p.redirect('/denials/notices', {
      kind: 'done',
      text: `作成しました（${persons}人、${records}件）。承認を待ちます。`,
    });
  });
  page(app, 'POST', '/denials/notices/:noticeId/approve', dependantApproval, async (p) => {
    const noticeId = p.param('noticeId');
    if (!isUuid(noticeId)) return p.problem('not-found');
    const done = await approveDenialNotice(deps, p.session.actor, { noticeId });
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return noticesPage(p, [refusalOf(done.error)]);
    return p.redirect('/denials/notices', { kind: 'done', text: '承認しました。次の送信で送られます。' });
  });

  async function noticesPage(p: PageRequest, faults: readonly string[] = []): Promise<Response> {
    const read = await readDenialNotices(deps, p.session.actor, undefined);
    if (!read.ok) return p.problem('not-authorised');
    const { notices, month, untold } = read.value;
    const mayApprove = await p.may(dependantApproval);
    const make =
      untold > 0 &&
      (await p.may(dependantUpdate)) &&
      html`<form method="post" action="/denials/notices">${tokenField(p.session)}<input type="hidden" name="month" value="${month}"><button class="button button-primary" type="submit">${month} の分を作る</button></form>`;
    return p.view(
      {
        title: '国税庁への通知（扶養控除関係情報）',
        gloss: 'What the tax agency is told',
        breadcrumbs: [denials],
        ...(faults.length > 0 ? { hasErrors: true, status: 409 } : {}),
      },
      html`<div class="stack">${faults.map((fault) => notice('error', '処理できません', fault))}${untold > 0 && notice('warning', `${month} までの否認・取消で、まだ知らせていないものが${grouped(untold)}件あります`)}${make}${noticeTable(
        notices,
        (n) =>
          mayApprove && n.steps.at(-1)?.step === 'made'
            ? html`<form method="post" action="/denials/notices/${n.noticeId}/approve">${tokenField(p.session)}<button class="button" type="submit">送付を承認する</button></form>`
            : '',
      )}</div>`,
    );
  }

  page(app, 'GET', '/denials/:denialId', dependantRead, (p) => denialPage(p));
  page(app, 'POST', '/denials/:denialId/decide', dependantApproval, async (p) => {
    const read = readForm(decideFields, p.form);
    if (!read.ok) return denialPage(p, Object.values(read.error.errors));
    const decision = read.value.texts.decision === 'decided' ? 'decided' : 'rejected';
    return settled(p, (denialId) =>
      decideDenial(deps, p.session.actor, { denialId, decision, note: read.value.texts.note }),
    );
  });
  page(app, 'POST', '/denials/:denialId/cancel', dependantApproval, async (p) => {
    const read = readForm(cancelFields, p.form);
    if (!read.ok) return denialPage(p, Object.values(read.error.errors));
    return settled(p, (denialId) =>
      cancelDenial(deps, p.session.actor, { denialId, note: read.value.texts.note ?? '' }),
    );
  });

  async function settled(
    p: PageRequest,
    act: (denialId: string) => ReturnType<typeof cancelDenial>,
  ): Promise<Response> {
    const denialId = p.param('denialId');
    if (!isUuid(denialId)) return p.problem('not-found');
    const done = await act(denialId);
    if (!done.ok && done.error === 'not-authorised') return p.problem('not-authorised');
    if (!done.ok) return denialPage(p, [refusalOf(done.error)]);
    return p.redirect('/denials', { kind: 'done', text: '記録しました。次の月次更正で税額に反映されます。' });
  }

  async function denialPage(p: PageRequest, faults: readonly string[] = []): Promise<Response> {
    const denialId = p.param('denialId');
    if (!isUuid(denialId)) return p.problem('not-found');
    const found = await readDenials(deps, p.session.actor, { denialId, limit: 1, offset: 0 });
    if (!found.ok) return p.problem('not-authorised');
    const [d] = found.value.rows;
    if (d === undefined) return p.problem('not-found');
    const last = d.steps.at(-1)!.step;
    const mayDecide = await p.may(dependantApproval);
    const action = `/denials/${denialId}`;
    return p.view(
      {
        title: `${d.taxpayerName}さんの扶養否認`,
        gloss: 'One denial',
        breadcrumbs: [denials],
        ...(faults.length > 0 ? { hasErrors: true, status: 409 } : {}),
      },
      html`<div class="stack">${faults.map((fault) => notice('error', '処理できません', fault))}${facts([
        { label: '状態', value: badge(...steps[last]) },
        { label: '納税義務者', value: html`<a href="/persons/${d.personId}/dependants">${d.taxpayerName}</a>` },
        { label: '扶養親族等', value: d.relativeName },
        { label: '年度', value: reiwaYear(d.fiscalYear) },
        { label: '扶養の区分', value: heads[d.head] },
        { label: '障害者控除の区分', value: disabilities[d.disability] },
        { label: '理由', value: reasons[d.reason] },
        { label: '確認した内容', value: d.note },
        { label: '資料', value: html`<a href="/matching/${d.reportId}">資料を見る</a>` },
        { label: '国税庁への通知', value: toldText(d) },
        {
          label: '経過',
          value: html`<ol>${d.steps.map((s) => html`<li>${time(Temporal.PlainDate.from(s.onDay))}　${steps[s.step][0]}　${s.by}${s.note !== null && html`　${s.note}`}</li>`)}</ol>`,
        },
      ])}${mayDecide && last === 'proposed' && form({ action: `${action}/decide`, session: p.session, fields: decideFields, submit: '決定する' })}${mayDecide && last === 'decided' && form({ action: `${action}/cancel`, session: p.session, fields: cancelFields, submit: '否認を取り消す', danger: true })}</div>`,
    );
  }
}

function linkTable(
  links: readonly DependantLink[],
  idOf: (link: DependantLink) => string | null,
  nameOf: (link: DependantLink) => string | null,
  mayDeny: boolean,
): Html {
  if (links.length === 0) return html`<p class="muted">ありません。</p>`;
  const kinds = { spouse: '配偶者', dependant: '扶養親族', young: '16歳未満' } as const;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="扶養関係の表"><table class="data-table"><caption class="visually-hidden">扶養関係</caption>
<thead><tr><th scope="col">氏名</th><th scope="col">区分</th><th scope="col">生年月日</th><th scope="col">居住</th><th scope="col">年度</th><th scope="col">資料</th><th scope="col">否認</th></tr></thead>
<tbody>${links.map((l) => {
    const id = idOf(l);
    const name = nameOf(l) ?? '（氏名の記載なし）';
    const deny = `/persons/${l.taxpayerId}/dependants/${l.reportId}/${l.relativeNo}`;
    return html`<tr><th scope="row">${id === null ? html`${name} ${badge('区に登録なし', 'plain')}` : html`<a href="/persons/${id}">${name}</a>`}</th><td>${kinds[l.kind]}</td><td class="nowrap">${l.relativeBornOn === null ? '―' : time(Temporal.PlainDate.from(l.relativeBornOn))}</td><td>${l.residence === 'non-resident' ? '国外' : '国内'}</td><td>${reiwaYear(l.incomeYear + 1)}</td><td><a href="/matching/${l.reportId}">${l.payerName}</a></td><td>${l.denialStep === null ? (mayDeny ? html`<a href="${deny}">否認する<span class="visually-hidden">（${name}）</span></a>` : '―') : html`<a href="/denials/${l.denialId}">${badge(...steps[l.denialStep])}</a>`}</td></tr>`;
  })}</tbody></table></div>`;
}

function noticeTable(notices: readonly DenialNotice[], actionOf: (notice: DenialNotice) => Html | string): Html {
  if (notices.length === 0) return html`<p class="muted">作成した通知はありません。</p>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="通知の表"><table class="data-table"><caption class="visually-hidden">国税庁への通知</caption>
<thead><tr><th scope="col">月</th><th scope="col" class="num">人数</th><th scope="col" class="num">件数</th><th scope="col">ダイジェスト</th><th scope="col">状態</th><th scope="col">日付</th><th scope="col">操作</th></tr></thead>
<tbody>${notices.map((n) => {
    const last = n.steps.at(-1)!;
    return html`<tr><th scope="row">${n.month}</th><td class="num">${grouped(n.persons)}</td><td class="num">${grouped(n.records)}</td><td><code title="${n.fileSha256}">${n.fileSha256.slice(0, 16)}…</code></td><td>${badge(...noticeSteps[last.step])}${last.note !== null && html` ${last.note}`}</td><td class="nowrap">${time(Temporal.PlainDate.from(last.onDay))}</td><td>${actionOf(n)}</td></tr>`;
  })}</tbody></table></div>`;
}
