import type { Mechanism } from '../mechanism.ts';

/** Delivery between instances; Batch work and submissions. */
export const deliveryMechanisms = {
  'streams.gap-free': {
    title: { ja: '連番による欠落検知', en: 'No gaps' },
    enforces:
      'Messages of a stream are numbered without gaps; a gap stops application, is asked for again and raises lag.',
    points: ['kernel/streams/inbox.ts#createInbox'],
    scope: 'shared',
    issue: 'A',
    evidence: 'stream-gaps',
  },
  'streams.once': {
    title: { ja: '二重適用の防止', en: 'Applied once' },
    enforces: "A repeated or replayed message is recognised by its number and applied once, with the receiver's act.",
    points: ['kernel/streams/inbox.ts#createInbox'],
    scope: 'shared',
    issue: 'A',
    evidence: 'messages-repeated',
  },
  'jobs.counts-balance': {
    title: { ja: '件数の連鎖確認', en: 'Counts agree along the chain' },
    enforces:
      'Accepted slips, rows, batches, amounts and acknowledgements of a run must agree before the next step opens; a break blocks it.',
    points: ['kernel/jobs/run-batch.ts#runBatch'],
    scope: 'shared',
    issue: 'A',
    evidence: 'counts-by-step',
  },
  'jobs.resume-once': {
    title: { ja: '中断・再開', en: 'Stop and resume' },
    enforces: 'A run stopped anywhere resumes after its last checkpoint and does nothing twice.',
    points: ['kernel/jobs/run-batch.ts#runBatch'],
    scope: 'shared',
    issue: 'A',
    evidence: 'runs-resumed',
  },
  'jobs.reception': {
    title: { ja: '受付結果の確認', en: 'Delivery is confirmed' },
    enforces:
      'Each sent file keeps reception number, time and result; without one in time it is raised as not delivered, and the log of attempts equals the attempts.',
    points: ['systems/statutory-reports/service/record-reception.ts#recordReception'],
    scope: 'shared',
    issue: 'later',
    evidence: 'receptions',
  },
  'jobs.submission-approval': {
    title: { ja: '持出許可と提出承認', en: 'Submission needs permission' },
    enforces: 'A batch leaves only under an approved application (destination, kind, counts, method) linked to it.',
    points: ['systems/statutory-reports/service/submit-batch.ts#submitBatch'],
    scope: 'shared',
    issue: 'later',
    evidence: 'submissions-by-permission',
  },
  'jobs.submission-signature': {
    title: { ja: '提出時の電子署名', en: 'Submissions are signed' },
    enforces:
      'A submission file is signed with the registered certificate; unsigned, altered or expired is refused by us and by the receiver.',
    points: [
      'systems/statutory-reports/service/submit-batch.ts#submitBatch',
      'counterparts/eltax/service/receive-submission.ts#receiveSubmission',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'submissions-by-signature',
  },
  'jobs.ledger-balance': {
    title: { ja: '収納記録との一致', en: 'Balances equal the ledger' },
    enforces:
      'A shown or used balance equals charges minus receipts and reliefs in the ledger; a difference is named every night.',
    points: ['systems/collections/service/office/arrears.ts#closeYear'],
    scope: 'shared',
    issue: 'E',
    evidence: 'balances-differing',
  },
  'jobs.notice-for-each': {
    title: { ja: '通知の網羅', en: 'Nobody is left without notice' },
    enforces:
      'Every decision, renewal or change yields its notice; one without a produced notice stands in the exception report and holds the closing.',
    points: ['{system}/service/close-notices.ts#closeNotices'],
    scope: 'each-system',
    issue: 'D',
    evidence: 'decisions-without-notice',
  },
} as const satisfies Record<string, Mechanism>;
