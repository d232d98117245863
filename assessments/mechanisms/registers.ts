import type { Mechanism } from '../mechanism.ts';

/** Transfer inside one organisation; The resident registers. */
export const registersMechanisms = {
  'transfer.rule-row': {
    title: { ja: '庁内連携の許可条件', en: 'A rule row for every transfer' },
    enforces:
      'A request is answered only by an active row (asker, task, source, items, legal revision, dates) of the ordinance list; otherwise it is refused with the failing check.',
    points: ['systems/common-platform/service/decide-transfer.ts#decideTransfer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'transfers-by-rule',
  },
  'transfer.source-approval': {
    title: { ja: '提供元の承認', en: 'The source approves' },
    enforces: 'The answer is held until a person of the source, or its rule, expressly approves it.',
    points: ['systems/common-platform/service/approve-transfer.ts#approveTransfer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'transfers-by-approval',
  },
  'transfer.rule-change-approval': {
    title: { ja: '許可条件の変更承認', en: 'Rules change with approval' },
    enforces:
      'A change of the list needs draft, test run, a second person and an effective date; former versions stay readable.',
    points: ['systems/common-platform/service/change-rules.ts#changeRules'],
    scope: 'shared',
    issue: 'C',
    evidence: 'rule-versions',
  },
  'transfer.named-persons-only': {
    title: { ja: '対象者・項目の限定', en: 'Named persons, listed items' },
    enforces: "Only persons named in the request (or on the receiver's list) and only the row's columns leave.",
    points: ['systems/common-platform/domain/select-transfer.ts#selectTransfer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'transfers-by-persons',
  },
  'transfer.relay-only': {
    title: { ja: '中継のみ・非保存', en: 'Relay without keeping' },
    enforces:
      'The platform keeps routing and digest; after hand-over, at the latest after the set time, no table, file or backup of it holds the payload.',
    points: ['systems/common-platform/service/relay.ts#relay'],
    scope: 'shared',
    issue: 'C',
    evidence: 'relay-store-scan',
  },
  'transfer.bound-person': {
    title: { ja: '番号紐付け済み者の限定', en: 'Only bound, verified persons' },
    enforces:
      'An inquiry or code request works only for a person whose number was verified and whose organisation-wide and business numbers are bound.',
    points: ['systems/common-platform/domain/bound-person.ts#boundPerson'],
    scope: 'shared',
    issue: 'A',
    evidence: 'unbound-refusals',
  },
  'transfer.echo-identifier': {
    title: { ja: '照会識別子の返却', en: "The asker's identifier comes back" },
    enforces:
      "The asker's own row identifier returns unchanged and unique, so that answers match questions one to one.",
    points: ['systems/common-platform/service/relay.ts#relay'],
    scope: 'shared',
    issue: 'C',
    evidence: 'answers-matched',
  },
  'transfer.record': {
    title: { ja: '移転・提供の記録', en: 'Every transfer is recorded' },
    enforces:
      'Each provision and transfer writes terminal, user or job, receiver, task, ground, items, person and time in the same transaction as the sending.',
    points: ['systems/common-platform/service/relay.ts#relay'],
    scope: 'shared',
    issue: 'A',
    evidence: 'transfers',
  },
  'transfer.emergency-media': {
    title: { ja: '緊急時の媒体移転', en: 'Emergency transfer' },
    enforces:
      "The media or paper path needs a reason and another person's approval, is encrypted and registered, and stays on a list until receipt is confirmed.",
    points: ['systems/common-platform/service/emergency-transfer.ts#emergencyTransfer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'emergency-transfers',
  },
  'juki.legal-basis': {
    title: { ja: '事務と根拠条文の登録', en: 'A registered task with its article' },
    enforces:
      'The prefectural registers answer only a task registered, notified and active with its article; a provision to a receiver that the article does not name is refused.',
    points: [
      'systems/prefectural-juki/service/answer-inquiry.ts#answerInquiry',
      'systems/fuhyo-link/service/answer-inquiry.ts#answerInquiry',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'provisions-by-article',
  },
  'juki.search-keys': {
    title: { ja: '検索条件の限定', en: 'Enough keys for one person' },
    enforces:
      'A search needs the configured combination of particulars or a number; single items, wildcards and lists are refused.',
    points: ['systems/prefectural-juki/service/search.ts#find'],
    scope: 'shared',
    issue: 'B',
    evidence: 'searches-by-keys',
  },
  'juki.answer-rechecked': {
    title: { ja: '回答の条件照合', en: 'Answers match their conditions' },
    enforces:
      "Rows are checked again against the asker's conditions before release; none or several hits is a status, never a guess.",
    points: [
      'systems/prefectural-juki/domain/recheck-answer.ts#recheckAnswer',
      'systems/fuhyo-link/domain/recheck-answer.ts#recheckAnswer',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'answers-rechecked',
  },
  'juki.reconciliation': {
    title: { ja: '整合性確認', en: 'Registers are reconciled' },
    enforces:
      'Municipal and prefectural registers are compared by keyed digests; each difference is listed, approved, repaired and recorded.',
    points: ['systems/prefectural-juki/service/reconcile.ts#reconcile'],
    scope: 'shared',
    issue: 'B',
    evidence: 'reconciliation-differences',
  },
  'juki.fuhyo-two-operations': {
    title: { ja: 'サーバ間連携の限定', en: 'Two operations between the servers' },
    enforces:
      "Between the register and the supplement server only linking and obtaining one emigrant's number exist, each with open inquiry, legal ground and state abroad; all else is refused.",
    points: [
      'systems/prefectural-juki/http/fuhyo-link.ts#fuhyoRoutes',
      'systems/fuhyo-link/service/obtain-number.ts#obtainNumber',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'inter-server-calls',
  },
  'juki.manual-correction': {
    title: { ja: '手作業補正の手続', en: 'Manual correction by procedure' },
    enforces:
      'A correction by hand needs a registered procedure, reason, values before and after and a second person; all of them stand on a review list to be signed.',
    points: [
      'systems/prefectural-juki/service/correct-record.ts#correctRecord',
      'systems/fuhyo-link/service/correct-record.ts#correctRecord',
      'systems/resident-tax/service/irregular-processing.ts#irregularProcessing',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'manual-corrections',
  },
  'juki.confirmed-first': {
    title: { ja: '本確情報による事前確認', en: 'Confirmed with the register first' },
    enforces:
      'A person enters an inquiry or registration only with an identity confirmation of the register dated after the application; its result is kept item by item and proposes updates.',
    points: [
      'systems/child-chronic/service/applicant-number.ts#linkingHold',
      'systems/qualifications/service/confirm-identity.ts#confirmIdentity',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'identity-confirmations',
  },
} as const satisfies Record<string, Mechanism>;
