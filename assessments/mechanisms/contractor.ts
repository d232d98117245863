import type { Mechanism } from '../mechanism.ts';

/** Contractors. */
export const contractorMechanisms = {
  'contractor.documents': {
    title: { ja: '委託先提出書類', en: 'Documents before work' },
    enforces:
      'A contract, its accounts and jobs become active only with the required documents and clauses (structure, persons, contacts, oath, certificates, method) dated and attached; expired ones are raised.',
    points: [
      'systems/governance/domain/registers/contractor.ts#contracts',
      'systems/staff-directory/service/open-account.ts#checkAccount',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'contracts-missing-documents',
  },
  'contractor.named-workers': {
    title: { ja: '従事者名簿', en: 'Named workers only' },
    enforces:
      "A contractor's account exists only for a person on the submitted list with work place; removal from it suspends at once.",
    points: [
      'systems/governance/domain/registers/contractor.ts#workers',
      'systems/staff-directory/service/open-account.ts#checkAccount',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'workers-and-accounts',
  },
  'contractor.subcontract-approval': {
    title: { ja: '再委託の承認', en: 'Sub-contracting by approval' },
    enforces:
      "A sub-contractor's entry, accounts and tasks exist only under an approved application with all its items, within its scope and fiscal year; where forbidden, it is refused.",
    points: ['systems/governance/domain/registers/contractor.ts#subcontracts'],
    scope: 'shared',
    issue: 'later',
    evidence: 'subcontracts',
  },
  'contractor.reports': {
    title: { ja: '委託先報告の管理', en: 'Reports are due' },
    enforces:
      'Periodic, requested and inspection reports have due dates; a missing one is raised, each needs review with findings, correction and closing.',
    points: ['systems/governance/domain/registers/contractor.ts#contractorReports'],
    scope: 'shared',
    issue: 'later',
    evidence: 'reports-due',
  },
  'contractor.closing': {
    title: { ja: '委託終了時の確認', en: 'Closing a contract' },
    enforces:
      'A contract or job closes only when every package is returned or erased, reports are in and counts agree.',
    points: [
      'systems/governance/domain/registers/contractor.ts#contracts',
      'systems/governance/domain/registers/work-order.ts#handedData',
    ],
    scope: 'shared',
    issue: 'later',
    evidence: 'contracts-open-items',
  },
  'contractor.release-request': {
    title: { ja: '委託先へのデータ提供申請', en: 'Data to contractors by request' },
    enforces:
      'Data is handed to a contractor only under an approved request (purpose, content, method); without it no export is produced.',
    points: ['systems/governance/domain/registers/work-order.ts#handedData'],
    scope: 'shared',
    issue: 'later',
    evidence: 'contractor-releases',
  },
} as const satisfies Record<string, Mechanism>;
