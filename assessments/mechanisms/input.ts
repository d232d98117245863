import type { Mechanism } from '../mechanism.ts';

/** What comes in. */
export const inputMechanisms = {
  'input.item-checks': {
    title: { ja: '項目・論理チェック', en: 'Items and cross-checks' },
    enforces:
      'Lengths, characters, codes, dates, required items and sums are checked on every record; an error blocks it, a warning needs acknowledgement, and the findings are listed.',
    points: ['{system}/domain/check-items.ts#checkItems'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'records-by-finding',
  },
  'input.change-logic': {
    title: { ja: '異動の論理チェック', en: 'Changes must be possible' },
    enforces:
      "A change notice is checked by reason, present state and changed items; an impossible one stores nothing, goes no further and lands in the sender's work list with its rule.",
    points: [
      'systems/prefectural-juki/domain/check-change.ts#checkChange',
      'systems/municipal-juki/domain/check-change.ts#checkChange',
      'systems/fuhyo-link/domain/check-change.ts#checkChange',
    ],
    scope: 'shared',
    issue: 'A',
    evidence: 'changes-refused-by-rule',
  },
  'input.declared-fields-only': {
    title: { ja: '定義外項目の排除', en: 'Only declared fields' },
    enforces:
      'A message, file or form with an item that its definition does not list is refused as a whole, and no screen offers a free one.',
    points: ['kernel/http/server.ts#createPeerServer', 'kernel/records/csv.ts#readCsv'],
    scope: 'shared',
    issue: 'A',
    evidence: 'messages-refused',
  },
  'input.form-version': {
    title: { ja: '様式・版の確認', en: 'Known forms only' },
    enforces:
      'Only prescribed form ids and versions in force are taken and entered; a later correction makes a new version with reason and date.',
    points: ['{system}/service/take-in.ts#takeIn'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'documents-by-form',
  },
  'input.template': {
    title: { ja: '配布様式の確認', en: 'Only the distributed template' },
    enforces:
      'A returned list is read only when it is the template that was sent out (id, digest, unit, row ids), without foreign sheets, headers or hidden content.',
    points: ['systems/statutory-reports/service/import-list.ts#importList'],
    scope: 'shared',
    issue: 'later',
    evidence: 'templates-refused',
  },
  'input.reject-list-balance': {
    title: { ja: '件数の一致', en: 'In equals accepted plus rejected' },
    enforces:
      'A file closes only when accepted and rejected rows add up to the rows received and each reject has row and fault.',
    points: ['kernel/jobs/schema/0001_jobs.sql#balance'],
    scope: 'shared',
    issue: 'A',
    evidence: 'files-by-counts',
  },
  'input.duplicate-file': {
    title: { ja: '二重取込の防止', en: 'A file counts once' },
    enforces: 'A file whose digest or reception number was taken in before is refused, whatever its name.',
    points: ['{system}/service/take-in.ts#takeIn'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'files-repeated',
  },
  'input.source-bound': {
    title: { ja: '提供元の限定', en: 'Data comes from its owner' },
    enforces:
      "A notice or package is taken only from the authenticated system that owns it, and its organisation code must equal the sender's certificate and the addressee be us.",
    points: ['{system}/service/receive.ts#receive'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'sources-refused',
  },
  'input.single-write-path': {
    title: { ja: '更新経路の一本化', en: 'One way to write a register' },
    enforces:
      'Register rows are written only by the notice intake and the approved correction; any other role or function is denied.',
    points: ['{system}/store/schema/0001_register.sql#grants'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'register-writes-by-path',
  },
  'input.machine-only': {
    title: { ja: '職員を介さない受付', en: 'Intake by machine identity' },
    enforces: "Intake runs under a system identity; no person's role can create, fetch or pull such a record.",
    points: ['{system}/service/receive.ts#receive'],
    scope: 'each-system',
    issue: 'A',
    evidence: 'intake-by-identity',
  },
  'input.identity-check': {
    title: { ja: '本人確認の記録', en: 'Identity check before use' },
    enforces:
      'A document or number is usable only with a recorded check: accepted combination of number and identity document (or signature), result, checker, time; a failed one stores nothing.',
    points: ['{system}/service/record-identity-check.ts#recordIdentityCheck'],
    scope: 'each-system',
    issue: 'later',
    evidence: 'identity-checks',
  },
  'input.proxy-authority': {
    title: { ja: '代理権の確認', en: 'Proxies show authority' },
    enforces:
      "A filing by a proxy needs proof of authority, the proxy's identity and the principal's number, or it is refused.",
    points: ['{system}/service/record-identity-check.ts#recordIdentityCheck'],
    scope: 'each-system',
    issue: 'later',
    evidence: 'proxy-filings',
  },
  'input.card-read-number': {
    title: { ja: '券面事項入力補助', en: 'The number comes from the card' },
    enforces:
      'In on-line forms number and particulars come from the signed card reading and cannot be typed or edited; the origin of each field is kept.',
    points: ['counterparts/mynaportal/service/submit-application.ts#submitApplication'],
    scope: 'shared',
    issue: 'C',
    evidence: 'fields-by-origin',
  },
  'input.application-signature': {
    title: { ja: '申請データの署名検証', en: "Applications carry the card's signature" },
    enforces:
      'An on-line application enters only when its signature, chain and revocation verify and its signer is the applicant; others are quarantined.',
    points: ['systems/common-platform/service/receive-application.ts#receiveApplication'],
    scope: 'shared',
    issue: 'C',
    evidence: 'applications-quarantined',
  },
  'input.second-entry': {
    title: { ja: '入力の二者照合', en: 'A second person verifies entry' },
    enforces:
      'What was keyed from paper is used only after another person entered or compared it; equal ids are refused, differences must be settled.',
    points: ['{system}/service/verify-entry.ts#verifyEntry'],
    scope: 'each-system',
    issue: 'D',
    evidence: 'entries-by-persons',
  },
  'input.scope-decision': {
    title: { ja: '対象者判定', en: 'In scope or not is decided' },
    enforces:
      'Each row needs a decided scope, confirmed content and no open correction before release; what is below the thresholds or not ours cannot go on and is sent where it belongs.',
    points: ['{system}/service/decide-scope.ts#decideScope'],
    scope: 'each-system',
    issue: 'later',
    evidence: 'rows-by-scope',
  },
  'input.extracted-subjects': {
    title: { ja: '対象者の抽出', en: 'Subjects come from the ledger' },
    enforces:
      'An inquiry or collection list is generated from the register by a versioned condition; rows cannot be added by hand unless marked with their ground.',
    points: ['{system}/service/extract-subjects.ts#extractSubjects'],
    scope: 'each-system',
    issue: 'later',
    evidence: 'extractions',
  },
  'input.notice-on-form': {
    title: { ja: '利用目的・注意書き', en: 'Forms carry their notices' },
    enforces:
      'A form or page for collection is produced only with the current notice of purpose, items and who must answer, which the applicant confirms.',
    points: ['{system}/service/produce-form.ts#produceForm'],
    scope: 'each-system',
    issue: 'later',
    evidence: 'forms-by-notice-version',
  },
  'input.intake-checklist': {
    title: { ja: '受付時の確認', en: 'Intake checklist' },
    enforces:
      'A receipt number is issued only when the clerk confirmed identity, explanation and absence of surplus items.',
    points: ['systems/qualifications/service/receive-paper.ts#receivePaper'],
    scope: 'shared',
    issue: 'later',
    evidence: 'receipts-by-checklist',
  },
  'input.receipt-ledger': {
    title: { ja: '収受簿', en: 'Receipt ledger' },
    enforces:
      'Every document entering has an entry (number, date, from whom, kinds, count, channel, holder) before anything else is done with it; unregistered and unforwarded ones are listed.',
    points: ['kernel/media/receipt-ledger.ts#registerReceipt'],
    scope: 'shared',
    issue: 'later',
    evidence: 'receipts',
  },
  'input.last-resort-certificate': {
    title: { ja: '添付書類の省略', en: 'Paper only when the network failed' },
    enforces:
      'A certificate is asked of the applicant only after an inquiry ended without data, and the reason is kept.',
    points: ['systems/child-chronic/service/request-certificate.ts#requestCertificate'],
    scope: 'shared',
    issue: 'later',
    evidence: 'certificates-by-reason',
  },
  'input.claim-scope': {
    title: { ja: '請求元・対象者の限定', en: 'Claims within the scheme' },
    enforces:
      'Claims are taken only from the payer organisations, for covered persons within validity and with an application where one is needed; others go to the reject list.',
    points: ['systems/child-chronic/service/import-claims.ts#importClaims'],
    scope: 'shared',
    issue: 'later',
    evidence: 'claims-refused',
  },
  'input.ground-confirmed': {
    title: { ja: '減免事由の確認', en: 'The ground is confirmed' },
    enforces:
      "A reduction is approved only with an inquiry result that supports the ground, or an approver's recorded override.",
    points: ['systems/resident-tax/service/reductions/decide-reduction.ts#decideReduction'],
    scope: 'shared',
    issue: 'D',
    evidence: 'reductions-by-ground',
  },
  'input.legal-ground': {
    title: { ja: '照会根拠の記録', en: 'A legal ground for each inquiry' },
    enforces: 'An inquiry to an insurer is created only with its legal ground code, which stays with it.',
    points: ['systems/child-chronic/service/create-insurer-inquiry.ts#createInsurerInquiry'],
    scope: 'shared',
    issue: 'later',
    evidence: 'inquiries-by-ground',
  },
  'input.period-bound': {
    title: { ja: '年度ごとの利用', en: 'Data of one year serves that year' },
    enforces: 'Data belongs to one campaign or validity period; using it in, or copying it to, another is refused.',
    points: [
      'systems/statutory-reports/domain/campaign.ts#withinCampaign',
      'systems/child-chronic/domain/entitlement.ts#withinValidity',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'use-by-period',
  },
} as const satisfies Record<string, Mechanism>;
