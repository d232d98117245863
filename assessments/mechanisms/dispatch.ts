import type { Mechanism } from '../mechanism.ts';

/** Sending to people and bodies. */
export const dispatchMechanisms = {
  'dispatch.one-per-addressee': {
    title: { ja: '一斉送信の個別化', en: 'One message, one addressee' },
    enforces:
      'A notice to several goes as separate messages; one with more than one visible outside addressee is refused.',
    points: ['systems/governance/domain/registers/outgoing.ts#messagesOf'],
    scope: 'shared',
    issue: 'later',
    evidence: 'notices-by-addressees',
  },
  'dispatch.second-checker': {
    title: { ja: '宛先の複数確認', en: 'Another person checks the addressees' },
    enforces:
      'A bulk notice, publication or extraction definition is released only after another person confirmed the list and content.',
    points: ['systems/governance/domain/registers/outgoing.ts#notices'],
    scope: 'shared',
    issue: 'D',
    evidence: 'releases-by-checker',
  },
  'dispatch.confirmation': {
    title: { ja: '送信前確認', en: 'Confirm before sending' },
    enforces:
      'Any sending outside shows addressee, kind and count and needs an explicit confirmation bound to exactly these.',
    points: ['systems/governance/domain/registers/outgoing.ts#notices'],
    scope: 'shared',
    issue: 'D',
    evidence: 'confirmations',
  },
  'dispatch.release-comparison': {
    title: { ja: '公表前の照合', en: 'What goes out equals its source' },
    enforces:
      'Release needs a recorded comparison of the exact outgoing content with the approved source, equal by digest.',
    points: ['systems/governance/domain/registers/outgoing.ts#notices'],
    scope: 'shared',
    issue: 'D',
    evidence: 'release-comparisons',
  },
  'dispatch.lot-counts': {
    title: { ja: '発送物の二者確認', en: 'Lots with two checkers' },
    enforces:
      'Printed, enclosed and posted counts are equal, and two different persons compared name and address, before a lot can be posted.',
    points: ['systems/governance/domain/registers/outgoing.ts#lots'],
    scope: 'shared',
    issue: 'D',
    evidence: 'lots',
  },
  'dispatch.progress': {
    title: { ja: '発送進捗の共有', en: 'Late dispatch is seen' },
    enforces:
      'Planned and actual dates and counts of each lot are shown to all, and a late, missing or unposted lot raises an alert on its day.',
    points: ['systems/governance/domain/registers/outgoing.ts#lots'],
    scope: 'shared',
    issue: 'D',
    evidence: 'lots-late',
  },
  'dispatch.postal-receipt': {
    title: { ja: '発送受領証の確認', en: 'Postal receipt closes the lot' },
    enforces:
      "A lot closes only with the post office's receipt, taken over by the maker and confirmed by the two named managers.",
    points: ['systems/governance/domain/registers/outgoing.ts#lots'],
    scope: 'shared',
    issue: 'D',
    evidence: 'lots-by-receipt',
  },
  'dispatch.tracked-mail': {
    title: { ja: '追跡可能な郵送', en: 'Traceable mail' },
    enforces:
      'A consignment with numbers needs a permitted carrier kind and a tracking number per piece; undelivered ones are raised.',
    points: ['kernel/documents/dispatch-lot.ts#addPiece'],
    scope: 'shared',
    issue: 'later',
    evidence: 'consignments',
  },
  'dispatch.address-from-register': {
    title: { ja: '宛先の自動印字', en: 'Addresses come from the master' },
    enforces: 'Addresses on slips and forms are printed from the register or master; a typed one is refused.',
    points: ['kernel/documents/bind-notice.ts#bindNotice'],
    scope: 'shared',
    issue: 'later',
    evidence: 'addresses-by-source',
  },
  'dispatch.minimal-label': {
    title: { ja: '表示の最小化', en: 'Minimal labels' },
    enforces: 'Work lists and labels carry receipt number and initials only; the name stands on the case page.',
    points: ['kernel/pages/work-list.ts#workListRow'],
    scope: 'shared',
    issue: 'later',
    evidence: 'labels',
  },
} as const satisfies Record<string, Mechanism>;
