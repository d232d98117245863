import { informationItems } from '@musubi/contracts/exchange/information-items.ts';
import { type PageApp, page } from '@musubi/kernel/pages/app.ts';
import { dateText, grouped, type Html, html, time } from '@musubi/kernel/pages/html.ts';
import { type Field, form, readForm } from '@musubi/kernel/pages/kit/form.ts';
import { badge, facts, figures, notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import { readListQuery, type WorkListDefinition, workList } from '@musubi/kernel/pages/kit/work-list.ts';
import type { PageSession } from '@musubi/kernel/pages/session.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { instantOf } from '../service/answer-inquiry.ts';
import {
  type ComparisonStanding,
  decideRepair,
  listComparisons,
  proposeRepair,
  repairedAtMost,
  showComparison,
} from '../service/repair-copies.ts';
import { showCopy } from '../service/show-copy.ts';
import { conditionText, inOrder } from './copy-pages.ts';

const system = 'intermediate-server';
const listHead = { title: '副本と原本の突合', gloss: 'Copies beside their originals' };
const personHead = { title: '副本の照会', gloss: 'Look at one copy' };

/** 副本と原本の突合: what each comparison found, its repair by two people, and one person's copy to be looked at. */
export function addComparisonPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/comparisons', [system, 'copy', 'read'], async (p) => {
    const query = readListQuery(comparisonList, p.query);
    const rows = unwrap(await listComparisons(deps, p.session.actor, { limit: query.size, offset: query.offset }));
    return p.view(
      listHead,
      html`<div class="stack"><p>業務システムが持つ原本と、照会に応じる副本とを、一人ずつ比べた結果です。</p>${workList(
        comparisonList,
        { path: p.path, query, rows, total: rows[0]?.total ?? 0 },
      )}</div>`,
    );
  });

  page(app, 'GET', '/comparisons/:file', [system, 'copy', 'read'], async (p) => {
    const query = readListQuery(differenceList, p.query);
    const shown = await showComparison(deps, p.session.actor, {
      fileId: p.param('file'),
      limit: query.size,
      offset: query.offset,
    });
    if (!shown.ok) return p.problem(shown.error);
    const { comparison: c, differences } = shown.value;
    const [mayPropose, mayApprove] = await Promise.all([
      p.may([system, 'copy', 'update']),
      p.may([system, 'copy-repair', 'update']),
    ]);
    const total = c.missing + c.surplus + c.differing;
    return p.view(
      { ...listHead, breadcrumbs: [{ label: listHead.title, href: '/comparisons' }] },
      html`<div class="stack">${facts([
        { label: '特定個人情報', value: `${c.informationCode} ${conditionText(c.condition)}` },
        { label: '業務', value: c.system },
        { label: '突合した時', value: time(instantOf(c.comparedAt)) },
        { label: '状態', value: stateOf(c) },
      ])}${figures([
        { label: '原本の人数', value: grouped(c.persons), unit: '人' },
        { label: '副本がない', value: grouped(c.missing), unit: '人' },
        { label: '原本がない', value: grouped(c.surplus), unit: '人' },
        { label: '内容が違う', value: grouped(c.differing), unit: '人' },
      ])}${workList(differenceList, { path: p.path, query, rows: differences, total })}${repairPart(c, p.session, {
        mayPropose,
        mayApprove,
      })}</div>`,
    );
  });

  page(app, 'POST', '/comparisons/:file/proposal', [system, 'copy', 'update'], async (p) => {
    const back = `/comparisons/${encodeURIComponent(p.param('file'))}`;
    const read = readForm(proposalFields, p.form);
    if (!read.ok) return p.redirect(back, { kind: 'error', text: '修正の理由を入力してください。' });
    const proposed = await proposeRepair(deps, p.session.actor, {
      fileId: p.param('file'),
      reason: read.value.texts.reason ?? '',
    });
    if (proposed.ok) return p.redirect(back, { kind: 'done', text: '起案しました。別の職員の承認を待ちます。' });
    if (proposed.error === 'not-found' || proposed.error === 'not-authorised') return p.problem(proposed.error);
    return p.redirect(back, { kind: 'error', text: faults[proposed.error] });
  });

  page(app, 'POST', '/comparisons/:file/decision', [system, 'copy-repair', 'update'], async (p) => {
    const back = `/comparisons/${encodeURIComponent(p.param('file'))}`;
    const decision = p.form.get('decision');
    if (decision !== 'approve' && decision !== 'return') return p.problem('unreadable-form');
    const decided = await decideRepair(deps, p.session.actor, {
      fileId: p.param('file'),
      approve: decision === 'approve',
    });
    if (decided.ok) {
      const { lodged, ended } = decided.value;
      const text = `修正しました（登録 ${grouped(lodged)}人、終了 ${grouped(ended)}人）。`;
      return p.redirect(back, { kind: 'done', text: decision === 'approve' ? text : '差し戻しました。' });
    }
    if (decided.error === 'not-found' || decided.error === 'not-authorised') return p.problem(decided.error);
    return p.redirect(back, { kind: 'error', text: faults[decided.error] });
  });

  page(app, 'GET', '/copy-of-person', [system, 'copy', 'update'], async (p) =>
    p.view(personHead, form({ action: p.path, session: p.session, fields: personFields, submit: '表示する' })),
  );

  // A look is an act with a reason, so it is sent, not linked to.
  page(app, 'POST', '/copy-of-person', [system, 'copy', 'update'], async (p) => {
    const asking = (state: object) =>
      form({ action: p.path, session: p.session, fields: personFields, submit: '表示する', ...state });
    const read = readForm(personFields, p.form);
    if (!read.ok) return p.view({ ...personHead, hasErrors: true, status: 422 }, asking(read.error));
    const { person = '', information = '', taxYear, reason = '' } = read.value.texts;
    const byYear = informationItems[information]?.condition === 'taxYear';
    if (byYear && taxYear === undefined)
      return p.view(
        { ...personHead, hasErrors: true, status: 422 },
        asking({ values: read.value.texts, errors: { taxYear: '年度を入力してください' } }),
      );
    const condition = byYear ? `taxYear:${taxYear}` : 'asOf';
    const shown = await showCopy(deps, p.session.actor, { person, informationCode: information, condition, reason });
    if (!shown.ok && shown.error === 'not-authorised') return p.problem(shown.error);
    return p.view(
      personHead,
      html`<div class="stack">${
        shown.ok
          ? html`${facts([
              { label: '団体内統合宛名番号', value: html`<code>${person}</code>` },
              { label: '特定個人情報', value: `${information} ${conditionText(condition)}` },
              { label: '有効開始', value: dateText(Temporal.PlainDate.from(shown.value.validFrom)) },
              { label: '自動応答不可', value: shown.value.autoReplyBlocked ? 'する' : 'しない' },
              { label: '不開示', value: shown.value.withheldFromPerson ? 'する' : 'しない' },
            ])}<section>${sectionTitle('副本の内容', 'What the copy says')}${facts(
              inOrder(information, shown.value.items).map(([label, value]) => ({
                label,
                value: value === null ? '（値なし）' : typeof value === 'number' ? grouped(value) : `${value}`,
              })),
            )}</section>`
          : notice('info', 'この人の副本は登録されていません。')
      }${asking({})}</div>`,
    );
  });
}

const differencesIn = (c: ComparisonStanding): number => c.missing + c.surplus + c.differing;

function stateOf(c: ComparisonStanding): Html {
  if (differencesIn(c) === 0) return badge('一致', 'done');
  if (c.repaired !== null) return badge('修正済み', 'done');
  if (!c.isLatest) return badge('後の突合あり', 'plain');
  return c.proposal?.open ? badge('承認待ち', 'warning') : badge('不一致', 'error');
}

/** Proposing and approving, as far as the reader may; what stands in the way is said. */
function repairPart(
  c: ComparisonStanding,
  session: PageSession,
  { mayPropose, mayApprove }: { readonly mayPropose: boolean; readonly mayApprove: boolean },
): Html {
  if (differencesIn(c) === 0 || c.repaired !== null || !c.isLatest) return html``;
  if (differencesIn(c) > repairedAtMost) return notice('warning', faults['too-many-differences']);
  const isOwn = session.actor.kind === 'staff' && session.actor.staffId === c.proposal?.by;
  if (c.proposal?.open)
    return html`<section>${sectionTitle('修正の承認', 'Second person')}<p>${c.proposal.by} が起案：${c.proposal.reason}</p>${
      isOwn || !mayApprove
        ? notice('info', '別の職員が承認します。')
        : form({
            action: `/comparisons/${c.fileId}/decision`,
            session,
            fields: decisionFields,
            submit: '決定する',
          })
    }</section>`;
  return mayPropose
    ? html`<section>${sectionTitle('原本による修正', 'Repair from the originals')}${form({
        action: `/comparisons/${c.fileId}/proposal`,
        session,
        fields: proposalFields,
        submit: '修正を起案する',
      })}</section>`
    : html``;
}

const faults = {
  'not-staff': '職員だけが行えます。',
  'nothing-to-repair': '修正するものはありません。',
  'too-many-differences': `不一致が${grouped(repairedAtMost)}人を超えています。業務システムから全件ファイルを登録してください。`,
  'not-the-latest': '今日の最も新しい突合ではありません。もう一度突合してください。',
  'copies-changed-since': '突合の後に副本が登録されています。もう一度突合してください。',
  'proposed-already': 'すでに起案されています。',
  'not-proposed': '起案されていません。',
  'approval-refused': '自分の起案は承認できません。または、起案の期限が過ぎています。',
  'file-erased': '原本のファイルは消去されています。もう一度突合してください。',
} as const;

const proposalFields: Field[] = [{ kind: 'lines', name: 'reason', label: '修正の理由', maxLength: 400, rows: 3 }];
const decisionFields: Field[] = [
  {
    kind: 'radio',
    name: 'decision',
    label: '決定',
    options: [
      { value: 'approve', label: '承認する（この時から修正した副本で応じる）' },
      { value: 'return', label: '差し戻す' },
    ],
  },
];
const personFields: Field[] = [
  { kind: 'text', name: 'person', label: '団体内統合宛名番号', pattern: /^[0-9]{15}$/, width: 'short' },
  {
    kind: 'select',
    name: 'information',
    label: '特定個人情報',
    options: Object.entries(informationItems).map(([value, { name }]) => ({ value, label: `${value} ${name}` })),
  },
  { kind: 'text', name: 'taxYear', label: '年度', pattern: /^2[0-9]{3}$/, width: 'short', required: false },
  { kind: 'text', name: 'reason', label: '確認の理由', maxLength: 200 },
];

const comparisonList: WorkListDefinition<ComparisonStanding> = {
  caption: '副本と原本の突合',
  columns: [
    {
      key: 'at',
      label: '突合した時',
      heading: true,
      cell: (r) => html`<a href="/comparisons/${r.fileId}">${time(instantOf(r.comparedAt))}</a>`,
    },
    { key: 'information', label: '特定個人情報', cell: (r) => `${r.informationCode} ${conditionText(r.condition)}` },
    { key: 'persons', label: '原本', align: 'end', cell: (r) => grouped(r.persons) },
    { key: 'missing', label: '副本がない', align: 'end', cell: (r) => grouped(r.missing) },
    { key: 'surplus', label: '原本がない', align: 'end', cell: (r) => grouped(r.surplus) },
    { key: 'differing', label: '内容が違う', align: 'end', cell: (r) => grouped(r.differing) },
    { key: 'state', label: '状態', cell: stateOf },
  ],
  defaultSort: { key: 'at', direction: 'desc' },
  emptyText: '突合はまだ行われていません。',
};

const differenceKinds = { missing: '副本がない', surplus: '原本がない', differing: '内容が違う' } as const;
const differenceList: WorkListDefinition<{
  readonly person: string;
  readonly kind: keyof typeof differenceKinds;
  readonly items: readonly string[];
}> = {
  caption: '一致しない人',
  columns: [
    { key: 'person', label: '団体内統合宛名番号', heading: true, cell: (r) => html`<code>${r.person}</code>` },
    { key: 'kind', label: '不一致', cell: (r) => differenceKinds[r.kind] },
    { key: 'items', label: '違う項目', cell: (r) => r.items.join('、') },
  ],
  defaultSort: { key: 'person', direction: 'asc' },
  emptyText: '一致しない人はいません。',
};
