import type { Mechanism } from '../mechanism.ts';

/** Inquiry and provision between public bodies. */
export const exchangeMechanisms = {
  'exchange.permit-required': {
    title: { ja: '照会許可の取得', en: 'No inquiry without a permit' },
    enforces:
      'A provider answers, and an asker sends, only on a permit signed by the network for exactly this asker, procedure, items, provider and person.',
    points: [
      'systems/intermediate-server/service/answer-inquiry.ts#answerInquiry',
      'counterparts/information-providing-network/service/issue-permit.ts#issuePermit',
    ],
    scope: 'shared',
    issue: 'A',
    evidence: 'inquiries-by-permit',
  },
  'exchange.permit-once': {
    title: { ja: '許可の一回性', en: 'A permit serves once' },
    enforces: 'The second acceptance of the same permit is refused whoever brings it.',
    points: ['systems/intermediate-server/store/permits.ts#acceptPermit'],
    scope: 'shared',
    issue: 'A',
    evidence: 'permits-repeated',
  },
  'exchange.permit-in-time': {
    title: { ja: '許可の有効時間', en: 'A permit is accepted in time' },
    enforces: 'A permit past its accept-until, or an answer past its answer term, is refused.',
    points: ['systems/intermediate-server/service/answer-inquiry.ts#answerInquiry'],
    scope: 'shared',
    issue: 'A',
    evidence: 'permits-expired',
  },
  'exchange.list-row': {
    title: { ja: '許可用照合リストの照合', en: 'The list is checked by the network' },
    enforces:
      'An inquiry whose asker, procedure, provider and items have no row valid on the day in the permission list gets no permit and never reaches a provider.',
    points: ['counterparts/information-providing-network/service/issue-permit.ts#issuePermit'],
    scope: 'shared',
    issue: 'A',
    evidence: 'inquiries-refused-by-list',
  },
  'exchange.own-list-check': {
    title: { ja: '提供側での再照合', en: 'The provider checks its own list' },
    enforces:
      "The provider's server checks each request against its own dated copy of the list, and refuses a mismatch although the permit is genuine.",
    points: ['systems/intermediate-server/service/answer-inquiry.ts#answerInquiry'],
    scope: 'shared',
    issue: 'A',
    evidence: 'answers-refused-by-own-list',
  },
  'exchange.asker-right': {
    title: { ja: '照会担当者の権限', en: 'Asking is a right of its own' },
    enforces:
      'Inquiry, provision and inquiry-file functions need their own right and an open case; other staff see neither menu nor answer.',
    points: [
      'systems/intermediate-server/service/send-inquiry.ts#sendInquiry',
      'systems/common-platform/service/ask-another-body.ts#askAnotherBody',
    ],
    scope: 'shared',
    issue: 'A',
    evidence: 'inquiries-by-actor',
  },
  'exchange.encrypted-to-asker': {
    title: { ja: '照会者のみ復号可能', en: 'Encrypted to the asker' },
    enforces:
      "An answer is encrypted to the fresh key in the asker's signed request; without a valid key nothing is answered, and no other key opens it.",
    points: ['systems/intermediate-server/service/answer-inquiry.ts#answerInquiry'],
    scope: 'shared',
    issue: 'A',
    evidence: 'answers-by-key',
  },
  'exchange.signature-chain': {
    title: { ja: '署名連鎖の検証', en: 'The chain of signatures holds' },
    enforces:
      "Each side verifies the other's certificate chain, that the permit names its request and that the answer names its permit; any break is refused.",
    points: ['systems/intermediate-server/service/verify-chain.ts#verifyStatement'],
    scope: 'shared',
    issue: 'A',
    evidence: 'chains-refused',
  },
  'exchange.middle-cannot-read': {
    title: { ja: '中継者の復号不能', en: 'The middle cannot read' },
    enforces:
      'The network relays ciphertext and holds no key, number, name or payload; its store is searched for them.',
    points: ['counterparts/information-providing-network/service/relay-answer.ts#relayAnswer'],
    scope: 'shared',
    issue: 'A',
    evidence: 'network-store-scan',
  },
  'exchange.records-on-all-sides': {
    title: { ja: '情報提供等記録', en: 'Records on all sides' },
    enforces:
      'Asker, network and provider each keep the record of every inquiry, provision and refusal under one number, and reconciliation names a one-sided one.',
    points: [
      'systems/intermediate-server/store/records.ts#insertRecord',
      'counterparts/information-providing-network/store/records.ts#insertRecord',
    ],
    scope: 'shared',
    issue: 'A',
    evidence: 'one-sided-records',
  },
  'exchange.withheld': {
    title: { ja: '自動応答不可・不開示', en: 'Withheld is honoured' },
    enforces:
      'A person or record marked for no automatic reply is held for a clerk who sees the content and releases or refuses; what is withheld from the person is not shown to them.',
    points: ['systems/intermediate-server/service/answer-inquiry.ts#answerInquiry'],
    scope: 'shared',
    issue: 'A',
    evidence: 'held-inquiries',
  },
  'exchange.linkage-code-only': {
    title: { ja: '符号の利用制限', en: 'Linkage codes stay inside' },
    enforces:
      'Codes live only in the intermediate server they were made for, differ per body and appear in no message to, or table of, a business system, screen or export.',
    points: ['systems/intermediate-server/service/obtain-linkage-code.ts#obtainLinkageCode'],
    scope: 'shared',
    issue: 'A',
    evidence: 'linkage-code-scan',
  },
  'exchange.single-upstream': {
    title: { ja: '入手経路の限定', en: 'Only through the network' },
    enforces:
      "The intermediate server obtains other bodies' data only as answers of the network to its own open inquiries; any other source or destination is refused.",
    points: ['systems/intermediate-server/clients/network.ts#networkPeer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'upstream-inventory',
  },
  'exchange.inquiry-only': {
    title: { ja: '照会専用', en: 'A body that only asks' },
    enforces:
      'For a body connected for inquiry only, a provision request from the network is refused as unsupported, and no function sends the register out.',
    points: ['systems/intermediate-server/service/answer-inquiry.ts#answerInquiry'],
    scope: 'shared',
    issue: 'C',
    evidence: 'provisions-refused',
  },
  'exchange.answer-binding': {
    title: { ja: '回答と照会の結合', en: 'The answer belongs to the inquiry' },
    enforces:
      'An answer whose inquiry number, permit digest or code differs from the open inquiry is discarded with an alarm.',
    points: ['systems/intermediate-server/service/take-answer.ts#takeAnswer'],
    scope: 'shared',
    issue: 'A',
    evidence: 'answers-discarded',
  },
  'exchange.answer-to-asker-only': {
    title: { ja: '照会事務への回答限定', en: 'Only the asking task gets the answer' },
    enforces:
      'The answer goes to the business system and task that asked, by authenticated identity; another task, or a return address in a message, gets nothing.',
    points: ['systems/common-platform/service/deliver-answer.ts#deliverAnswer'],
    scope: 'shared',
    issue: 'C',
    evidence: 'answers-by-task',
  },
  'exchange.minimum-answer': {
    title: { ja: '提供範囲の限定', en: 'Only the person and items granted' },
    enforces: 'An answer holds the one person of the request and the items of the list row, never more.',
    points: ['systems/intermediate-server/domain/select-items.ts#selectItems'],
    scope: 'shared',
    issue: 'A',
    evidence: 'answers-by-item-set',
  },
  'exchange.answer-term': {
    title: { ja: '照会結果の期限', en: 'Results expire' },
    enforces:
      "A finished or broken-off inquiry's result and key are deleted after their term; reading afterwards answers deleted, the record stays.",
    points: ['systems/intermediate-server/jobs/expire-results.ts#expireResults'],
    scope: 'shared',
    issue: 'C',
    evidence: 'results-expired',
  },
  'exchange.result-immutable': {
    title: { ja: '照会結果の不変', en: 'Results do not change' },
    enforces: 'A stored result is written once with its digest; changing it fails and verification recomputes it.',
    points: ['systems/intermediate-server/store/results.ts#insertResult'],
    scope: 'shared',
    issue: 'A',
    evidence: 'results-verification',
  },
  'exchange.copy-path': {
    title: { ja: '副本登録経路の限定', en: 'Copies come by one way' },
    enforces:
      "Lodged copies are registered and deleted only by the owner's platform as authenticated client; consoles, operators and business systems directly are refused.",
    points: ['systems/intermediate-server/service/register-copy.ts#registerCopy'],
    scope: 'shared',
    issue: 'A',
    evidence: 'copies-by-client',
  },
  'exchange.copy-validation': {
    title: { ja: '副本の形式・論理検査', en: 'Copies are checked' },
    enforces:
      'A copy row with a layout, code, range or cross-field fault, or an item outside the published definition, is not registered and stands in the error list with owner and closing date.',
    points: ['systems/intermediate-server/service/register-copy.ts#registerCopy'],
    scope: 'shared',
    issue: 'A',
    evidence: 'copies-refused',
  },
  'exchange.copy-comparison': {
    title: { ja: '副本と原本の比較', en: 'Copies are compared' },
    enforces:
      'Copy and original are compared person by person; missing, surplus and differing rows are listed, and an authorised person can look at one copy beside the original.',
    points: ['systems/intermediate-server/service/compare-copies.ts#compareFile'],
    scope: 'shared',
    issue: 'C',
    evidence: 'copy-differences',
  },
  'exchange.copy-status': {
    title: { ja: '副本登録状況の確認', en: 'Copies follow decisions' },
    enforces:
      'Each decision has a provision status (to register, sent, accepted, error); the check list compares it with issue dates and needs a signature.',
    points: ['systems/child-chronic/service/check-copy-status.ts#checkCopyStatus'],
    scope: 'shared',
    issue: 'later',
    evidence: 'copy-status',
  },
  'exchange.tested-interface': {
    title: { ja: '連携の事前検証', en: 'Interfaces are proved before use' },
    enforces: 'A new item set or layout version becomes active only with a passed conformance report.',
    points: ['systems/governance/domain/registers/release.ts#lacksConformance'],
    scope: 'shared',
    issue: 'C',
    evidence: 'activations-by-report',
  },
  'exchange.provision-record-disclosure': {
    title: { ja: '情報提供等記録の開示', en: 'Residents see the records' },
    enforces:
      'A person, and only that person, sees who asked for and was given their information, when and on what ground, with proof.',
    points: ['counterparts/mynaportal/service/show-records.ts#showRecords'],
    scope: 'shared',
    issue: 'A',
    evidence: 'records-shown',
  },
} as const satisfies Record<string, Mechanism>;
