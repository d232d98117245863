import type { Mechanism } from '../mechanism.ts';

/** What they may do: rights, scopes, second persons. */
export const accessMechanisms = {
  'access.right-per-route': {
    title: { ja: '画面・機能ごとの権限', en: 'A right for every route and page' },
    enforces:
      "Each route and page declares the right it needs; without the declaration, or without that right in the actor's grants, the answer is a recorded refusal.",
    points: ['kernel/access/rights.ts#createRights', 'kernel/pages/app.ts#page'],
    scope: 'shared',
    issue: 'A',
    evidence: 'rights-by-route',
  },
  'access.rights-table': {
    title: { ja: '権限表', en: 'The table of rights is what is enforced' },
    enforces:
      'Rights are rows (role, system, function, level update, read or none); the printed table is read from the same rows as the check, default none.',
    points: ['systems/staff-directory/service/rights-table.ts#rightsTable'],
    scope: 'shared',
    issue: 'A',
    evidence: 'rights-table',
  },
  'access.least-privilege-role': {
    title: { ja: 'データベース権限の最小化', en: 'Least privilege in the database' },
    enforces:
      "The running system's database role holds only the grants its tables list; copying out, altering, deleting facts and other schemas are denied.",
    points: ['kernel/audit/schema/0001_audit_log.sql#rights', 'kernel/db/provision.ts#provisionDatabase'],
    scope: 'shared',
    issue: 'A',
    evidence: 'database-grants',
  },
  'access.grantor-role': {
    title: { ja: '権限付与者の限定', en: 'Only the security role grants' },
    enforces: 'Accounts and rights are changed by the information security role alone, and never for oneself.',
    points: ['systems/staff-directory/service/grant.ts#grant'],
    scope: 'shared',
    issue: 'A',
    evidence: 'grants-by-grantor',
  },
  'access.grant-approval': {
    title: { ja: 'ID・権限の申請承認', en: 'No account or right without an approved application' },
    enforces:
      'An account or grant becomes effective only with the number of an application that another person approved (or a personnel transfer record).',
    points: ['systems/staff-directory/service/grant.ts#grant'],
    scope: 'shared',
    issue: 'A',
    evidence: 'grants-by-application',
  },
  'access.temporary-grant': {
    title: { ja: '臨時権限', en: 'Temporary rights lapse' },
    enforces:
      'An exceptional right has scope, reason, supervisor, start and end, and stops by itself at its end or earlier on order; it cannot be made permanent.',
    points: ['kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'A',
    evidence: 'temporary-grants',
  },
  'access.revocation': {
    title: { ja: '異動・退職時の失効', en: 'Revocation' },
    enforces:
      "A transfer, retirement, suspension or removal ends the account's rights and open sessions within ten seconds in every system.",
    points: ['kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'A',
    evidence: 'revocations-by-delay',
  },
  'access.id-register-review': {
    title: { ja: 'ID・権限の棚卸し', en: 'Review of ids and rights' },
    enforces:
      'Each review lists every live account and right with last use against the table and personnel; what nobody confirmed by the due date is suspended, findings are revoked in the same act.',
    points: ['systems/staff-directory/service/id-review.ts#isUnconfirmed'],
    scope: 'shared',
    issue: 'A',
    evidence: 'account-reviews',
  },
  'access.person-scope': {
    title: { ja: '対象者・項目の限定', en: "Only persons and items of one's duty" },
    enforces:
      "Every query path (page, report, interface, extract) is narrowed to the persons and columns of the actor's duty; others answer as if absent and are recorded.",
    points: ['kernel/access/scope.ts#withinScope'],
    scope: 'shared',
    issue: 'A',
    evidence: 'scope-refusals',
  },
  'access.task-binding': {
    title: { ja: '利用者と事務の紐付け', en: 'User, task and system are bound' },
    enforces:
      'A call works only inside a registered binding of user, department, task and business system made from an approved application.',
    points: ['systems/common-platform/service/check-binding.ts#checkBinding'],
    scope: 'shared',
    issue: 'C',
    evidence: 'bindings-and-refusals',
  },
  'access.tenant-isolation': {
    title: { ja: '団体間の分離', en: 'Bodies are separated' },
    enforces:
      'Every row and key belongs to one body; a session or system of another body reads and writes nothing of it, whatever id it sends.',
    points: ['kernel/access/rights.ts#peerMay'],
    scope: 'shared',
    issue: 'C',
    evidence: 'cross-body-refusals',
  },
  'access.operator-without-data': {
    title: { ja: '運用者の個人情報参照禁止', en: 'Operators without data' },
    enforces:
      'Platform and operation roles run, watch and restart; every data, copy, release and deletion function refuses them, and they hold no key.',
    points: ['kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'C',
    evidence: 'operator-refusals',
  },
  'access.contractor-role-limit': {
    title: { ja: '委託先への権限付与制限', en: 'Contractors get no record rights' },
    enforces:
      'A grant of a right that reads, changes, exports or manages records to an account of a contractor or sub-contractor is refused by rule, and a nightly comparison alarms.',
    points: ['systems/staff-directory/service/grant.ts#checkGrant', 'kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'A',
    evidence: 'contractor-grants',
  },
  'access.work-order': {
    title: { ja: '作業指示に基づく作業', en: 'Contractor work needs an order' },
    enforces:
      "A contractor's session and any database access for maintenance need an open work order naming person, scope, attendee and end; it closes by itself and its statements are kept.",
    points: [
      'systems/governance/domain/registers/work-order.ts#workOrders',
      'systems/staff-directory/service/contractors.ts#isWithoutOrder',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'work-orders',
  },
  'access.second-person': {
    title: { ja: '第二者承認', en: 'A second person' },
    enforces:
      'Acts listed as needing approval take effect only when another person than the requester, with the approving right, approved exactly that content.',
    points: ['kernel/access/approvals/approvals.ts#decideApproval'],
    scope: 'shared',
    issue: 'A',
    evidence: 'approvals-by-act',
  },
  'access.two-operators': {
    title: { ja: '単独作業の禁止', en: 'Two operators present' },
    enforces:
      'Signing, sending and media steps need two different signed-in persons, performer and witness, in the same session of work.',
    points: ['systems/statutory-reports/service/attended-step.ts#attendedStep'],
    scope: 'shared',
    issue: 'later',
    evidence: 'attended-steps',
  },
  'access.use-ledger': {
    title: { ja: '使用簿と承認', en: 'Use ledger' },
    enforces:
      'Opening or asking for numbers needs a use-ledger entry (purpose, persons, period) approved by a responsible person other than the user; outside it nothing opens, and it is closed with the outcome.',
    points: ['kernel/access/use-ledger.ts#openUse'],
    scope: 'shared',
    issue: 'A',
    evidence: 'use-ledger',
  },
  'access.purpose-stated': {
    title: { ja: '利用目的の明示', en: 'A case and purpose for every search' },
    enforces:
      'A search or reveal needs the case, application or inquiry that it serves and a purpose allowed for the duty; a task the person does not hold is refused.',
    points: ['kernel/access/purpose.ts#statePurpose'],
    scope: 'shared',
    issue: 'A',
    evidence: 'reveals-by-purpose',
  },
  'access.bulk-extraction': {
    title: { ja: '大量出力の事前承認', en: 'Bulk output needs approval' },
    enforces:
      'File, print and list output above the threshold waits for a manager other than the requester; without approval no file comes into being, and the approved right serves once.',
    points: ['systems/prefectural-juki/service/mass-output.ts#requestOutput'],
    scope: 'shared',
    issue: 'B',
    evidence: 'bulk-outputs',
  },
  'access.no-client-copy': {
    title: { ja: '端末への保存禁止', en: 'Nothing stays on the terminal' },
    enforces:
      'Pages with personal data answer no-store, lists are paged and no interactive route delivers the file; output is kept on the server or leaves by the media function.',
    points: ['kernel/pages/security.ts#securityHeaders'],
    scope: 'shared',
    issue: 'A',
    evidence: 'downloads-refused',
  },
  'access.support-measure-block': {
    title: { ja: '支援措置対象者の保護', en: 'Protected addresses' },
    enforces:
      'The address of a person under protection measures is shown and sent only by the marked path with its own right.',
    points: ['kernel/access/scope.ts#withinScope'],
    scope: 'shared',
    issue: 'B',
    evidence: 'protected-person-reads',
  },
  'access.statistics-only': {
    title: { ja: '統計の匿名性', en: 'Statistics identify nobody' },
    enforces: 'A statistics extract refuses identifying columns and suppresses cells below the minimum count.',
    points: [
      'systems/common-platform/service/extract-statistics.ts#extractStatistics',
      'systems/resident-tax/service/statistics/levy-statistics.ts#levyStatistics',
    ],
    scope: 'shared',
    issue: 'D',
    evidence: 'statistics-extracts',
  },
  'access.deceased-same': {
    title: { ja: '死者の番号の同等管理', en: 'The dead are protected alike' },
    enforces:
      "A death changes no masking, right, encryption, logging or retention rule: the checks do not read the person's state.",
    points: [
      'systems/prefectural-juki/store/schema/0006_retention.sql#retention',
      'kernel/vault/schema/0001_vault.sql#number',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'policy-by-person-state',
  },
} as const satisfies Record<string, Mechanism>;
