import { isUuid } from '@musubi/kernel/ids/uuid.ts';
import { type PageApp, type PageRequest, page } from '@musubi/kernel/pages/app.ts';
import { time, yenText } from '@musubi/kernel/pages/html.ts';
import { approvalDecision, approvalInbox } from '@musubi/kernel/pages/kit/approval-inbox.ts';
import { facts, notice } from '@musubi/kernel/pages/kit/marks.ts';
import type { Deps } from '../deps.ts';
import { tierNames } from '../domain/ceilings.ts';
import { listCertificationProposals } from '../service/certify.ts';
import { decideTierProposal, listTierProposals, showTierProposal } from '../service/tier.ts';
import { tierFaults } from './words.ts';

const approve = ['child-chronic', 'tier-approval', 'update'] as const;

/** The second person's inbox and sheet. */
export function approvalPages(app: PageApp, deps: Deps): void {
  page(app, 'GET', '/approvals', approve, async (p) => {
    const found = await listTierProposals(deps, p.session.actor, {});
    if (!found.ok) return p.problem('not-authorised');
    const certified = await listCertificationProposals(deps, p.session.actor, {});
    if (!certified.ok) return p.problem('not-authorised');
    const { actor } = p.session;
    const isOwn = (by: string): boolean => actor.kind === 'staff' && actor.staffId === by;
    return p.view(
      { title: '承認待ち', gloss: 'Awaiting approval' },
      approvalInbox([
        ...certified.value.map((row) => ({
          href: `/certification-approvals/${row.approvalId}`,
          subject: `申請 ${row.caseNumber}`,
          kind: row.outcome === 'certified' ? '支給認定' : '不認定',
          draftedBy: row.proposedBy,
          draftedAt: Temporal.Instant.from(row.proposedAt),
          summary: row.outcome === 'certified' ? `${row.diseaseName} ${row.validFrom}から` : '審査会の不承認',
          isOwn: isOwn(row.proposedBy),
        })),
        ...found.value.map((row) => ({
          href: `/approvals/${row.approvalId}`,
          subject: `申請 ${row.caseNumber}`,
          kind: '階層区分',
          draftedBy: row.proposedBy,
          draftedAt: Temporal.Instant.from(row.proposedAt),
          summary: `${tierNames[row.tier]} ${yenText(row.ceilingYen)}`,
          isOwn: isOwn(row.proposedBy),
        })),
      ]),
    );
  });

  page(app, 'GET', '/approvals/:id', approve, (p) => show(p, deps));

  page(app, 'POST', '/approvals/:id', approve, async (p) => {
    const decision = p.form.get('decision');
    const reason = p.form.get('reason');
    if ((decision !== 'approve' && decision !== 'return') || p.form.get('version') !== p.param('id'))
      return p.problem('unreadable-form');
    const done = await decideTierProposal(deps, p.session.actor, {
      approvalId: p.param('id'),
      approve: decision === 'approve',
      reason: typeof reason === 'string' ? reason.trim().slice(0, 500) : '',
    });
    if (!done.ok) return show(p, deps, tierFaults[done.error] ?? 'この操作はできません。');
    return p.redirect('/approvals', {
      kind: 'done',
      text: decision === 'approve' ? '階層区分を決定しました。' : '差し戻しました。',
    });
  });
}

async function show(p: PageRequest, deps: Deps, error?: string): Promise<Response> {
  const id = p.param('id');
  if (!isUuid(id)) return p.problem('not-found');
  const found = await showTierProposal(deps, p.session.actor, { approvalId: id });
  if (!found.ok) return p.problem('not-found');
  const { proposal, file, inquiry } = found.value;
  if (proposal.decidedBy !== null || proposal.returnReason !== null)
    return p.view(
      { title: '承認', gloss: 'Approval', status: 409 },
      notice('info', error ?? 'すでに決定されています。'),
    );
  const { actor } = p.session;
  return p.view(
    {
      title: `階層区分の承認 ${file.caseNumber}`,
      gloss: 'Approve a tier',
      ...(error ? { hasErrors: true, status: 422 as const } : {}),
    },
    approvalDecision({
      session: p.session,
      action: `/approvals/${id}`,
      facts: [
        { label: '患者', value: file.patientName },
        { label: '申請者', value: file.applicantName },
        { label: '階層区分', value: tierNames[proposal.tier] },
        { label: '自己負担上限月額', value: yenText(proposal.ceilingYen) },
        { label: '理由', value: proposal.basis.reason },
        { label: '起案者', value: proposal.proposedBy },
        { label: '起案した時', value: time(Temporal.Instant.from(proposal.proposedAt)) },
      ],
      body: inquiry?.answer
        ? facts([
            { label: '照会番号', value: inquiry.inquiryNumber },
            { label: '許可番号', value: inquiry.permitNumber },
            ...Object.entries(inquiry.answer).map(([label, value]) => ({
              label,
              value: typeof value === 'number' ? yenText(value) : `${value ?? ''}`,
            })),
          ])
        : undefined,
      isOwn: actor.kind === 'staff' && actor.staffId === proposal.proposedBy,
      version: id,
      error,
    }),
  );
}
