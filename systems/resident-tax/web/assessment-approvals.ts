import type { ActDeps, Actor } from '@musubi/kernel/db/act.ts';
import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { grouped, html, yenText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision, approvalInbox } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { form } from '@musubi/kernel/pages/kit/form.ts';
import { notice, sectionTitle } from '@musubi/kernel/pages/kit/marks.ts';
import {
  decideSubmission,
  lookAtSubmissions,
  readSubmission,
  type SubmissionSheet,
} from '../service/assessment/decide.ts';
import { approvalRead, approvalUpdate, assessmentUpdate, nameOf } from '../service/assessment/functions.ts';
import { collectionWords, refusalText, reiwaYear, statusWords } from './assessment-words.ts';

const instantOf = (text: string): Temporal.Instant => Temporal.Instant.from(text.replace(' ', 'T'));

export function approvalPages(app: PageApp, deps: ActDeps): void {
  page(app, 'GET', '/assessment-approvals', approvalRead, async (p) => {
    const open = await lookAtSubmissions(deps, p.session.actor, { open: true });
    if (!open.ok) return p.problem('not-authorised');
    const me = nameOf(p.session.actor);
    return p.view(
      { title: '賦課の承認待ち', gloss: 'Assessments awaiting approval' },
      approvalInbox(
        open.value.map((one) => ({
          href: `/assessment-approvals/${one.submissionId}`,
          subject: `${reiwaYear(one.fiscalYear)} 賦課決定 ${grouped(one.itemCount)}件`,
          kind: '賦課決定',
          draftedBy: one.submittedBy,
          draftedAt: instantOf(one.submittedAt),
          summary: `年税額の合計 ${yenText(one.totalYen)}`,
          isOwn: one.submittedBy === me,
        })),
      ),
    );
  });

  page(app, 'GET', '/assessment-approvals/:id', approvalRead, (p) => sheet(p, deps));

  page(app, 'POST', '/assessment-approvals/:id', approvalUpdate, async (p) => {
    const submissionId = p.param('id');
    const decision = p.form.get('decision') === 'approve' ? 'approve' : 'return';
    const reason = `${p.form.get('reason') ?? ''}`.slice(0, 500);
    if (!isUuid(submissionId)) return p.problem('not-found');
    const done = await decideSubmission(deps, p.session.actor, { submissionId, decision, reason });
    if (!done.ok) return sheet(p, deps, refusalText(done.error));
    return p.redirect('/assessment-approvals', {
      kind: 'done',
      text: `${grouped(done.value.count)}件を${done.value.outcome === 'decided' ? '決定しました' : '差し戻しました'}。`,
    });
  });
}

async function sheet(p: PageRequest, deps: ActDeps, error?: string): Promise<Response> {
  const submissionId = p.param('id');
  if (!isUuid(submissionId)) return p.problem('not-found');
  const read = await readSubmission(deps, p.session.actor, { submissionId });
  if (!read.ok) return p.problem(read.error === 'no-such-submission' ? 'not-found' : 'not-authorised');
  const { submission } = read.value;
  const mine = isOwn(read.value, p.session.actor);
  const withdraw = submission.outcome === null && (await p.may(assessmentUpdate));
  const decides = submission.outcome === null && (await p.may(approvalUpdate));
  const about = [
    { label: '件数', gloss: 'Assessments', value: `${grouped(submission.itemCount)}件` },
    { label: '年税額の合計', gloss: 'Total', value: html`<strong>${yenText(submission.totalYen)}</strong>` },
    { label: '起案者', gloss: 'Drafted by', value: read.value.drafters.join('、') },
    { label: '決裁に回した職員', value: submission.submittedBy },
  ];
  return p.view(
    {
      title: `賦課決定 ${reiwaYear(submission.fiscalYear)}`,
      gloss: 'Decision on assessments',
      breadcrumbs: [{ label: '賦課の承認待ち', href: '/assessment-approvals' }],
      ...(error === undefined ? {} : { hasErrors: true, status: 422 }),
    },
    html`<div class="stack">${submission.outcome !== null && notice('info', ended(submission))}
${figures(read.value)}${sample(read.value)}
${
  decides || mine
    ? approvalDecision({
        session: p.session,
        action: p.path,
        facts: about,
        isOwn: mine,
        version: submission.submissionId,
        approveLabel: `${grouped(submission.itemCount)}件を決定する`,
        error,
      })
    : ''
}
${
  withdraw &&
  html`<section aria-labelledby="withdraw">${sectionTitle('取下げ', 'Withdraw', 'withdraw')}${form({
    action: `/assessments/submissions/${submission.submissionId}/withdrawal`,
    session: p.session,
    fields: [{ kind: 'text', name: 'reason', label: '取り下げる理由', maxLength: 200, width: 'full' }],
    submit: '決裁を取り下げる',
    danger: true,
  })}</section>`
}</div>`,
  );
}

const isOwn = ({ submission, drafters }: SubmissionSheet, actor: Actor): boolean =>
  submission.outcome === null && (submission.submittedBy === nameOf(actor) || drafters.includes(nameOf(actor)));

const ended = ({ outcome, endedBy, reason }: SubmissionSheet['submission']): string =>
  `${outcome === 'decided' ? '決定済み' : outcome === 'returned' ? '差戻し' : '取下げ'}（${endedBy ?? ''}）${reason ?? ''}`;

const figures = ({ figures: all }: SubmissionSheet) =>
  html`<section aria-labelledby="figures">${sectionTitle('内訳', 'What is decided, in figures', 'figures')}<div class="table-scroll" tabindex="0" role="region" aria-label="内訳の表"><table class="data-table"><caption class="visually-hidden">課税区分と徴収方法ごとの件数と税額</caption><thead><tr><th scope="col">課税区分</th><th scope="col">徴収方法</th><th scope="col" class="num">件数</th><th scope="col" class="num">年税額</th></tr></thead><tbody>${all.map(
    (row) =>
      html`<tr><th scope="row">${statusWords[row.status]}</th><td>${collectionWords[row.collection]}</td><td class="num">${grouped(row.count)}</td><td class="num">${yenText(row.totalYen)}</td></tr>`,
  )}</tbody></table></div></section>`;

const sample = ({ sample: all }: SubmissionSheet) =>
  html`<section aria-labelledby="sample">${sectionTitle('税額の大きいもの・変わったもの', 'Largest levies and changes', 'sample')}<div class="table-scroll" tabindex="0" role="region" aria-label="抽出の表"><table class="data-table"><caption class="visually-hidden">税額または変更の大きい賦課</caption><thead><tr><th scope="col">氏名</th><th scope="col">宛名番号</th><th scope="col">版</th><th scope="col">課税区分</th><th scope="col" class="num">年税額</th></tr></thead><tbody>${all.map(
    (row) =>
      html`<tr><th scope="row"><a href="/assessments/${row.assessmentId}">${row.person?.name}</a></th><td><code>${row.person?.addresseeNumber}</code></td><td>第${row.version}版</td><td>${statusWords[row.status]}</td><td class="num">${yenText(row.annualYen)}</td></tr>`,
  )}</tbody></table></div></section>`;
