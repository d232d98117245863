/**
 * The protections that the assessments promise and software keeps. What each enforces, where and for which measures
 * stands in `assessments/mechanisms/`; the ids stand here so that an `enforced()` with a wrong id does not compile.
 * Ids are stable: they name tests, results and evidence queries.
 */
export const mechanismIds = [
  // Who is there: the directory, sessions, terminals
  'auth.personal-id',
  'auth.password',
  'auth.password-policy',
  'auth.second-factor',
  'auth.lock-out',
  'auth.account-expiry',
  'auth.idle-lock',
  'auth.session-per-request',
  'auth.single-session',
  'auth.terminal-binding',
  'auth.resident-card',
  'auth.system-certificate',
  // What they may do
  'access.right-per-route',
  'access.least-privilege-role',
  'access.grant-approval',
  'access.revocation',
  'access.id-register-review',
  'access.person-scope',
  'access.operator-without-data',
  'access.second-person',
  'access.purpose-stated',
  'access.bulk-extraction',
  'access.support-measure-block',
  // What is written down
  'audit.same-transaction',
  'audit.refusal-recorded',
  'audit.read-recorded',
  'audit.sign-in-recorded',
  'audit.tamper-evidence',
  'audit.witness',
  'audit.fact-digest',
  'audit.retention',
  'audit.review',
  'audit.unusual-use-alarm',
  // Exchange between bodies
  'exchange.permit-required',
  'exchange.permit-once',
  'exchange.permit-in-time',
  'exchange.list-row',
  'exchange.own-list-check',
  'exchange.asker-right',
  'exchange.encrypted-to-asker',
  'exchange.signature-chain',
  'exchange.middle-cannot-read',
  'exchange.records-on-all-sides',
  'exchange.withheld',
  'exchange.linkage-code-only',
  'exchange.answer-term',
  'exchange.provision-record-disclosure',
  // The wire
  'transport.mtls-both-sides',
  'transport.revoked-certificate',
  'transport.strict-message',
  'transport.peer-list',
  // Individual Numbers and carriers
  'vault.number-by-definer-function',
  'vault.reveal-with-event',
  'vault.sealed-carrier',
  'vault.digest-equality',
  'vault.encrypted-at-rest',
  'vault.no-number-in-logs',
  'vault.no-number-on-screen',
  // Joining the right person
  'matching.no-partial-link',
  'matching.number-check-digit',
  'matching.clerk-resolves',
  // What comes in
  'input.item-checks',
  'input.declared-fields-only',
  'input.reject-list-balance',
  'input.duplicate-file',
  'input.change-logic',
  // Delivery
  'streams.gap-free',
  'streams.once',
  'jobs.counts-balance',
  'jobs.resume-once',
  // Keeping and deleting
  'data.catalogue',
  'retention.expiry-run',
  'retention.erasure-record',
  'retention.key-erasure',
  // Media
  'media.approval',
  'media.encryption',
  'media.ledger',
  'media.slip-counts',
] as const;

export type MechanismId = (typeof mechanismIds)[number];
