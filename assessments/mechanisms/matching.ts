import type { Mechanism } from '../mechanism.ts';

/** The right person. */
export const matchingMechanisms = {
  'matching.no-partial-link': {
    title: { ja: '部分一致での紐付け禁止', en: 'No link on a partial match' },
    enforces:
      'Records are linked automatically only when number, name and birth date (or the stated unique set) all agree; anything less is held or investigated.',
    points: ['systems/resident-tax/domain/matching.ts#matchPerson'],
    scope: 'shared',
    issue: 'A',
    evidence: 'links-by-rule',
  },
  'matching.number-check-digit': {
    title: { ja: '検査数字の確認', en: 'Check digit' },
    enforces: 'A number, code or account failing its check digit or master is refused before it is stored.',
    points: ['kernel/identifiers/individual-number.ts#IndividualNumber'],
    scope: 'shared',
    issue: 'A',
    evidence: 'check-digit-refusals',
  },
  'matching.clerk-resolves': {
    title: { ja: '相違の職員確認', en: 'A clerk resolves' },
    enforces:
      'A held record shows both sides and is linked, sent on or dropped only by a clerk with reason and, where identity is in doubt, an identity check; until then nothing uses it.',
    points: ['systems/resident-tax/service/resolve-match.ts#resolveMatch'],
    scope: 'shared',
    issue: 'A',
    evidence: 'held-records',
  },
  'matching.double-number-entry': {
    title: { ja: '番号の二重入力照合', en: 'The number is entered twice' },
    enforces:
      'The number from the sheet and the number from the document copy, entered independently, must be equal before anything is stored.',
    points: ['systems/number-collection/service/enter-number.ts#enterNumber'],
    scope: 'shared',
    issue: 'later',
    evidence: 'number-entries',
  },
  'matching.two-keys': {
    title: { ja: '管理番号と氏名の照合', en: 'Two keys for one recipient' },
    enforces:
      'An entry is taken only when management number and name lead to the same single recipient; the same number on two recipients is reported.',
    points: ['systems/number-collection/service/enter-number.ts#enterNumber'],
    scope: 'shared',
    issue: 'later',
    evidence: 'key-mismatches',
  },
  'matching.identifier-once': {
    title: { ja: '識別番号の一意発番', en: 'Identifiers are issued once' },
    enforces:
      'Management, beneficiary and registration numbers come from their one issuer, unique and never reused, with history.',
    points: ['kernel/identifiers/issue.ts#issueIdentifier'],
    scope: 'shared',
    issue: 'later',
    evidence: 'identifiers-issued',
  },
  'matching.addressee-update': {
    title: { ja: '宛名番号による更新', en: 'Updates find exactly one person' },
    enforces:
      'A change updates exactly the person with its addressee number, as a new version with date; an unknown number is parked and no row changes.',
    points: ['systems/resident-tax/service/persons/apply-one.ts#applyOne'],
    scope: 'shared',
    issue: 'A',
    evidence: 'changes-parked',
  },
  'matching.destination-check': {
    title: { ja: '宛先ごとの混入防止', en: "Nobody else's rows" },
    enforces:
      'Before a file, medium or list for one receiver is released each row is shown to belong to it; one foreign row blocks the whole.',
    points: ['kernel/media/destination.ts#checkDestination'],
    scope: 'shared',
    issue: 'C',
    evidence: 'releases-by-destination',
  },
  'matching.notice-binding': {
    title: { ja: '通知と名宛人の結合', en: 'A notice is bound to its person' },
    enforces:
      'Name, address, attachment and content of a notice come from one record bound by id, never by position; a mismatch blocks sending.',
    points: ['kernel/records/bind-notice.ts#bindNotices', 'kernel/records/row-check.ts#verifyRows'],
    scope: 'shared',
    issue: 'D',
    evidence: 'notices-bound',
  },
  'matching.consent': {
    title: { ja: '同意と照会対象の照合', en: 'Consent before inquiry' },
    enforces:
      'A row is asked only with a consent record (signer, date, scope) for that person, and a second person confirmed the match.',
    points: ['systems/child-chronic/service/add-inquiry-row.ts#addInquiryRow'],
    scope: 'shared',
    issue: 'later',
    evidence: 'inquiries-by-consent',
  },
  'matching.account-check': {
    title: { ja: '口座情報の照合', en: 'Accounts are checked' },
    enforces:
      'A bank account is registered or debited only when bank, branch, kind, number and holder agree with the masters.',
    points: ['systems/accounts/service/mandates.ts#registerMandate'],
    scope: 'shared',
    issue: 'E',
    evidence: 'accounts-refused',
  },
} as const satisfies Record<string, Mechanism>;
