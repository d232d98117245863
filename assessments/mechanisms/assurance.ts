import type { Mechanism } from '../mechanism.ts';

/** Checks on ourselves; Incidents; Requests of the person. */
export const assuranceMechanisms = {
  'assurance.inspection-campaign': {
    title: { ja: '自己点検', en: 'Self-inspection' },
    enforces:
      'Each round issues its checklist (built from these measures with evidence) to every person due, lists who did not answer and turns findings into tasks with owner and date.',
    points: ['systems/governance/domain/registers/assurance.ts#campaigns'],
    scope: 'shared',
    issue: 'later',
    evidence: 'campaigns',
  },
  'assurance.audit-cycle': {
    title: { ja: '監査計画', en: 'Audits in their cycle' },
    enforces:
      'Audits fall due in their cycle and are closed with report, addressee, findings and correction; a missed one is raised.',
    points: ['systems/governance/domain/registers/assurance.ts#audits'],
    scope: 'shared',
    issue: 'later',
    evidence: 'audits',
  },
  'assurance.training-gate': {
    title: { ja: '研修受講の要件', en: 'Rights need training' },
    enforces:
      'An account or handler right works only with a valid training record at or above the pass mark; after the grace date it is suspended, reminders run before.',
    points: ['systems/governance/domain/registers/assurance.ts#handlers'],
    scope: 'shared',
    issue: 'later',
    evidence: 'training-standing',
  },
  'assurance.acknowledged-version': {
    title: { ja: '規程の確認', en: 'The current text was acknowledged' },
    enforces:
      "Terms, criteria and rules have versions; the step that depends on them needs the actor's acknowledgement of the current one.",
    points: ['systems/governance/domain/registers/contractor.ts#workers'],
    scope: 'shared',
    issue: 'later',
    evidence: 'acknowledgements',
  },
  'assurance.release-evidence': {
    title: { ja: '試験結果の確認', en: 'Releases carry test evidence' },
    enforces:
      'A release is approved, by another than its tester, only with machine-readable results that cover the requirement ids.',
    points: ['systems/governance/domain/registers/release.ts#releases'],
    scope: 'shared',
    issue: 'later',
    evidence: 'releases',
  },
  'incident.steps': {
    title: { ja: 'インシデント対応手順', en: 'Incidents run through their steps' },
    enforces:
      "An incident is closed only when containment, facts, persons affected, cause, prevention, notice and reports each have person, time and result, or a reason for none; the contract's contact and due times show.",
    points: ['systems/governance/domain/registers/incident.ts#incidents'],
    scope: 'shared',
    issue: 'later',
    evidence: 'incidents',
  },
  'incident.affected-persons': {
    title: { ja: '影響範囲の抽出', en: 'Affected persons are found' },
    enforces: 'For a range of log events the persons touched are listed completely from the log.',
    points: ['kernel/log-analysis/analysis.ts#createLogAnalysis'],
    scope: 'shared',
    issue: 'later',
    evidence: 'affected-persons',
  },
  'incident.alert-opens': {
    title: { ja: '検知からの起票', en: 'An alarm opens an incident' },
    enforces: 'A tampering or use alarm opens an incident with the log range and report due.',
    points: ['systems/governance/service/open-incident.ts#openIncident'],
    scope: 'shared',
    issue: 'later',
    evidence: 'incidents-by-source',
  },
  'disclosure.request-register': {
    title: { ja: '開示請求等の受付', en: 'Request register' },
    enforces:
      'A request is taken with form, kind, identity check and date, has a due date, owner and decision, and no data leaves before the decision.',
    points: ['kernel/disclosure/sheets.ts#sheetUseCases'],
    scope: 'shared',
    issue: 'later',
    evidence: 'requests',
  },
  'disclosure.extract': {
    title: { ja: '開示資料の作成', en: 'Complete extract' },
    enforces: 'The extract for a decided request holds all data and access history on the one person and nobody else.',
    points: ['kernel/disclosure/sheets.ts#sheetUseCases'],
    scope: 'shared',
    issue: 'later',
    evidence: 'extracts',
  },
  'disclosure.provision-history': {
    title: { ja: '提供状況の開示', en: 'To whom it was provided' },
    enforces: 'All provisions and transfers of a person can be listed from the log, equal to it.',
    points: [
      'systems/prefectural-juki/service/disclosure.ts#provisionHistory',
      'systems/fuhyo-link/service/provision-history.ts#provisionHistory',
    ],
    scope: 'shared',
    issue: 'B',
    evidence: 'provision-histories',
  },
  'disclosure.fee': {
    title: { ja: '手数料', en: 'Fee before copies' },
    enforces:
      'The fee is computed from sheets and method by the configured rate, and copies are handed out only after payment where one is due.',
    points: ['kernel/disclosure/sheets.ts#sheetUseCases'],
    scope: 'shared',
    issue: 'later',
    evidence: 'fees',
  },
  'disclosure.contact-log': {
    title: { ja: '問合せの記録', en: 'Inquiries are recorded' },
    enforces:
      'Each question and its handling stand in a register with steps, owner and closing; edits keep history, and a leak opens an incident.',
    points: ['systems/governance/domain/registers/incident.ts#questions'],
    scope: 'shared',
    issue: 'later',
    evidence: 'questions',
  },
  'disclosure.file-register': {
    title: { ja: '個人情報ファイル簿', en: 'File register from live data' },
    enforces:
      'The published register of files is generated from the catalogue in force, so that no undeclared item is missing.',
    points: ['systems/governance/service/file-register.ts#readFileRegister'],
    scope: 'shared',
    issue: 'later',
    evidence: 'file-register',
  },
  'disclosure.case-status': {
    title: { ja: '処理状況の確認', en: 'Progress can be told' },
    enforces: "Each application's states and dates are kept and found by receipt number.",
    points: ['systems/child-chronic/service/case-status.ts#caseStatus'],
    scope: 'shared',
    issue: 'later',
    evidence: 'case-states',
  },
} as const satisfies Record<string, Mechanism>;
