import type { Mechanism } from '../mechanism.ts';

/** What is stored; Keeping and deleting; Backups. */
export const retentionMechanisms = {
  'data.catalogue': {
    title: { ja: '項目台帳', en: 'Every column is declared' },
    enforces:
      'Each table and column declares what it holds, its listed item and its retention class; an undeclared one fails the check and the start.',
    points: ['kernel/db/catalogue.ts#checkCatalogue'],
    scope: 'shared',
    issue: 'A',
    evidence: 'catalogue',
  },
  'retention.expiry-run': {
    title: { ja: '保存期間満了の消去', en: 'Deleted when due' },
    enforces:
      'The run deletes exactly what is past its term, with all dependent copies; one day before it does not, holds are skipped and reported, overdue is zero.',
    points: ['kernel/retention/retention.ts#createRetention'],
    scope: 'shared',
    issue: 'A',
    evidence: 'overdue-by-class',
  },
  'retention.no-early-deletion': {
    title: { ja: '期間内の削除禁止', en: 'Kept while due' },
    enforces:
      'A delete before the end of its term, or of a class that has none, is refused for every role by the database.',
    points: ['{system}/store/schema/0006_retention.sql#retention'],
    scope: 'each-system',
    issue: 'B',
    evidence: 'early-deletes-refused',
  },
  'retention.erasure-record': {
    title: { ja: '消去記録', en: 'Deletion leaves a record' },
    enforces:
      'Every deletion writes class, count, key range digest, rule, executor, time, approver; a deletion that cannot write it does not happen.',
    points: ['kernel/vault/sealed/erasure.ts#carryOutErasures'],
    scope: 'shared',
    issue: 'A',
    evidence: 'erasures',
  },
  'retention.key-erasure': {
    title: { ja: '復元不能な消去', en: 'Erased beyond recovery' },
    enforces:
      "Erasure destroys the object's or person's own data key, so that backups hold nothing readable; the certificate names the day when the last key backup ends.",
    points: ['kernel/vault/sealed/erasure.ts#carryOutErasures'],
    scope: 'shared',
    issue: 'A',
    evidence: 'keys-destroyed',
  },
  'retention.temporary-number': {
    title: { ja: '番号の一時保存', en: 'Temporary numbers end' },
    enforces:
      'A temporarily kept number has its own key and expiry, cannot be changed, is unreadable from that moment and is erased on receipt or expiry.',
    points: ['systems/fuhyo-link/store/temporary-numbers.ts#readTemporary'],
    scope: 'shared',
    issue: 'B',
    evidence: 'temporary-numbers',
  },
  'retention.owner-only': {
    title: { ja: '消去権限の限定', en: 'Only the owner deletes' },
    enforces:
      "Deletion runs only on the owning body's order by its own roles; contractors, operators and platforms are refused.",
    points: ['kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'C',
    evidence: 'deletions-by-actor',
  },
  'retention.approved-list': {
    title: { ja: '消去対象の確認', en: 'The list is confirmed first' },
    enforces:
      'Proposed deletions wait for staff who confirm or exclude; exactly the confirmed list is deleted and reported back with counts.',
    points: ['kernel/retention/retention.ts#createRetention'],
    scope: 'shared',
    issue: 'B',
    evidence: 'deletion-lists',
  },
  'retention.campaign-end': {
    title: { ja: '提出後の消去', en: 'Gone after submission' },
    enforces:
      'From the last accepted receipt a deletion task with a due date covers every original, copy and extract of the campaign; overdue is raised daily.',
    points: ['systems/statutory-reports/jobs/delete-after-submission.ts#deleteAfterSubmission'],
    scope: 'shared',
    issue: 'later',
    evidence: 'campaigns-to-delete',
  },
  'retention.portal-empty': {
    title: { ja: '受渡後の消去', en: 'Nothing left at the portal' },
    enforces:
      'After acknowledgement, at the latest on the set open day, the portal side holds no application body; unfetched ones are raised before.',
    points: ['counterparts/mynaportal/jobs/delete-applications.ts#deleteApplications'],
    scope: 'shared',
    issue: 'C',
    evidence: 'portal-applications',
  },
  'retention.logical-erasure': {
    title: { ja: '登録消除', en: 'Erased from the register' },
    enforces:
      'An entry erased from a register keeps cause, date and decider, answers no ordinary search, certificate or inquiry and stays for the roles allowed.',
    points: ['systems/qualifications/service/erase-entry.ts#eraseEntry'],
    scope: 'shared',
    issue: 'later',
    evidence: 'entries-erased',
  },
  'retention.migration-closing': {
    title: { ja: '移行の完了確認', en: 'Migrations close equal' },
    enforces:
      "A migration closes only when counts, keys and totals agree and the old environment's erasure is entered with method, date and witness.",
    points: ['kernel/migration/migration.ts#close'],
    scope: 'shared',
    issue: 'later',
    evidence: 'migrations',
  },
  'backup.verified': {
    title: { ja: 'バックアップの検証', en: 'Backups are verified' },
    enforces:
      'A backup is encrypted, carries a manifest and counts as done only when read back equal; restore drills compare counts and show that erased persons stay unreadable.',
    points: ['kernel/backup/verify.ts#verifyBackup'],
    scope: 'shared',
    issue: 'later',
    evidence: 'backups',
  },
  'backup.approved-only': {
    title: { ja: '計画外の複製禁止', en: 'No unplanned copies' },
    enforces:
      'A backup or full copy outside the schedule needs an approved ticket, closed with a report and digests before and after; otherwise it is refused and raised.',
    points: ['systems/governance/domain/registers/release.ts#copyTickets'],
    scope: 'shared',
    issue: 'later',
    evidence: 'unplanned-copies',
  },
} as const satisfies Record<string, Mechanism>;
