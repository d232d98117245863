import type { Mechanism } from '../mechanism.ts';

/** What is written down. */
export const auditMechanisms = {
  'audit.same-transaction': {
    title: { ja: '操作記録の同時保存', en: 'No act without its record' },
    enforces:
      'Facts, audit event and outgoing messages commit together; an act that recorded nothing, or whose record cannot be written, does not happen and nothing is sent.',
    points: ['kernel/db/act.ts#act'],
    scope: 'shared',
    issue: 'A',
    evidence: 'acts-and-events',
  },
  'audit.refusal-recorded': {
    title: { ja: '拒否の記録', en: 'Refusals are recorded' },
    enforces:
      'A refused act leaves an event with word, actor, subject token and rule although its body was rolled back.',
    points: ['kernel/db/act.ts#act'],
    scope: 'shared',
    issue: 'A',
    evidence: 'refusals-by-word',
  },
  'audit.read-recorded': {
    title: { ja: '閲覧の記録', en: 'Reading a person is recorded' },
    enforces:
      'Each view, search, print and output of a person writes who, when, terminal, task, function, key used, hits and items before the answer leaves.',
    points: ['kernel/db/act.ts#act'],
    scope: 'shared',
    issue: 'A',
    evidence: 'reads-by-actor',
  },
  'audit.sign-in-recorded': {
    title: { ja: 'ログイン記録', en: 'Sign-ins are recorded' },
    enforces:
      'Sign-in, failure, lock, sign-out and session end are events of the person and terminal; an operation outside a recorded session is impossible.',
    points: ['systems/staff-directory/service/sign-in.ts#signIn'],
    scope: 'shared',
    issue: 'A',
    evidence: 'sign-ins',
  },
  'audit.grant-history': {
    title: { ja: 'ID・権限の変更履歴', en: 'History of accounts and rights' },
    enforces:
      'Issue, change, return and revocation of ids, factors and rights are events with reason and before and after; the issue ledger is generated from them and cannot be edited or deleted.',
    points: ['systems/staff-directory/service/grant.ts#grant'],
    scope: 'shared',
    issue: 'A',
    evidence: 'account-ledger',
  },
  'audit.tamper-evidence': {
    title: { ja: '記録の改ざん検知', en: 'Tampering shows' },
    enforces:
      'The log is an append-only tree with signed checkpoints; an altered, inserted, removed or reordered event is named by the verification.',
    points: ['kernel/audit/verify.ts#verifyInstance'],
    scope: 'shared',
    issue: 'A',
    evidence: 'log-verification',
  },
  'audit.witness': {
    title: { ja: '他機関による証人', en: 'Witnesses in other organisations' },
    enforces:
      'A checkpoint counts as witnessed only with the cosignatures of two other organisations over a consistent history; a fork is refused by them and raised.',
    points: ['kernel/audit/witness.ts#cosign'],
    scope: 'shared',
    issue: 'A',
    evidence: 'checkpoints-and-cosignatures',
  },
  'audit.fact-digest': {
    title: { ja: '事実と記録の結び付け', en: 'Facts are tied to events' },
    enforces:
      "Each recorded fact is tied by digest to the event that wrote it, so that a row altered behind the system's back is named.",
    points: ['kernel/audit/verify.ts#verifyInstance'],
    scope: 'shared',
    issue: 'A',
    evidence: 'fact-verification',
  },
  'audit.retention': {
    title: { ja: '記録の保存期間', en: 'Logs are kept their time' },
    enforces:
      'Log bodies cannot be deleted before their term by any role; they end by closed month, leaving leaf hashes and an expiry event.',
    points: ['kernel/audit/expiry.ts#expireMonth'],
    scope: 'shared',
    issue: 'A',
    evidence: 'log-months',
  },
  'audit.reader-role': {
    title: { ja: '監査担当の閲覧権限', en: 'Logs are for auditors' },
    enforces:
      'Log, ledger and rights views open to auditor and security roles only, read-only, and each view is itself an event; export needs approval.',
    points: ['kernel/log-analysis/analysis.ts#createLogAnalysis'],
    scope: 'shared',
    issue: 'A',
    evidence: 'log-readers',
  },
  'audit.review': {
    title: { ja: '記録の点検', en: 'Logs are reviewed' },
    enforces:
      'A review falls due by calendar; it lists the automatic findings, each needs a verdict (with the application compared where one is named), and an unsigned review is raised as overdue.',
    points: ['kernel/log-analysis/analysis.ts#createLogAnalysis'],
    scope: 'shared',
    issue: 'later',
    evidence: 'log-reviews',
  },
  'audit.unusual-use-alarm': {
    title: { ja: '異常利用の検知', en: 'Unusual use raises a task' },
    enforces:
      'Rules on hours, volume, repeated names, own name or colleagues, views without a case, unknown terminals and sends without approval raise findings with a due date.',
    points: ['kernel/log-analysis/analysis.ts#createLogAnalysis'],
    scope: 'shared',
    issue: 'later',
    evidence: 'findings-by-rule',
  },
  'audit.database-session': {
    title: { ja: 'データベース操作の記録', en: 'Database sessions are recorded' },
    enforces:
      "The server writes down every session that is not the running system's role, and the log is told of it (account, order, place, time); one without an order raises an alarm.",
    points: ['kernel/db-sessions/tell.ts#tellSessions', 'kernel/db-sessions/schema/0001_db_sessions.sql#login'],
    scope: 'shared',
    issue: 'later',
    evidence: 'database-sessions',
  },
} as const satisfies Record<string, Mechanism>;
