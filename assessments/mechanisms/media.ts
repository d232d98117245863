import type { Mechanism } from '../mechanism.ts';

/** Media, packages, paper and rooms. */
export const mediaMechanisms = {
  'media.approval': {
    title: { ja: '持出し・使用の承認', en: 'Take-out needs approval' },
    enforces:
      'Writing, reading or taking out a medium or paper needs an approved application of another, responsible person; the manifest carries its number and the right serves once.',
    points: ['kernel/media/media.ts#prepareHandOver', 'systems/prefectural-juki/service/bulk-orders.ts#approvedOrder'],
    scope: 'shared',
    issue: 'A',
    evidence: 'exports-by-approval',
  },
  'media.encryption': {
    title: { ja: '媒体の暗号化', en: 'Media are always encrypted' },
    enforces:
      "An export is encrypted to its receiver's key; no path writes plain, and a plain or foreign container is refused on import.",
    points: ['kernel/media/media.ts#prepareHandOver', 'kernel/media/keys.ts#importContainer'],
    scope: 'shared',
    issue: 'A',
    evidence: 'exports-by-recipient',
  },
  'media.ledger': {
    title: { ja: '媒体管理簿', en: 'Media ledger' },
    enforces:
      'No export or import without an open entry (medium, user, purpose, out, due, place, digests, counts); a medium that is out cannot go out again and overdue ones are raised.',
    points: ['kernel/media/media.ts#prepareHandOver'],
    scope: 'shared',
    issue: 'A',
    evidence: 'media-out',
  },
  'media.slip-counts': {
    title: { ja: '送付票と件数確認', en: 'Slips with counts' },
    enforces:
      'Every hand-over carries a slip with counts and totals that the receiver recounts; any difference refuses it and keeps it open.',
    points: ['kernel/media/media.ts#recordCounts', 'systems/prefectural-juki/service/bulk-list.ts#readBulkList'],
    scope: 'shared',
    issue: 'A',
    evidence: 'slips-by-result',
  },
  'media.registered-only': {
    title: { ja: '登録媒体の限定', en: 'Registered media only' },
    enforces: 'Only a medium whose serial is registered, lent to that user and of the role for the step is accepted.',
    points: ['kernel/media/ledger.ts#lentMedium'],
    scope: 'shared',
    issue: 'A',
    evidence: 'media-refused',
  },
  'media.export-terminal': {
    title: { ja: '媒体書込端末の限定', en: 'Writing on dedicated terminals' },
    enforces:
      'The export and import functions work only on terminals enrolled for it with the biometric or second factor; elsewhere they are absent and refused.',
    points: ['kernel/access/rights.ts#createRights'],
    scope: 'shared',
    issue: 'A',
    evidence: 'exports-by-terminal',
  },
  'media.erasure-before-reissue': {
    title: { ja: '媒体の消去確認', en: 'Erased before it goes out again' },
    enforces:
      'A movement stays open until erasure (who, when, method) is entered after the content check; a medium not erased or not empty is not lent again, and overdue ones are raised.',
    points: ['kernel/media/ledger.ts#mayLend'],
    scope: 'shared',
    issue: 'B',
    evidence: 'media-to-erase',
  },
  'media.disposal': {
    title: { ja: '媒体・書類の廃棄', en: 'Destruction with witness' },
    enforces:
      'Destroyed is reached only with instruction, reason, person, witness, method and the certificate where one is due; a destroyed serial or closed box never returns.',
    points: ['kernel/media/ledger.ts#destroyMedium'],
    scope: 'shared',
    issue: 'B',
    evidence: 'disposals',
  },
  'media.day-closing': {
    title: { ja: '日次の回収確認', en: 'The day closes with all media in' },
    enforces: 'A day or interruption cannot be closed while a distribution medium or key is out or not erased.',
    points: ['kernel/media/ledger.ts#closeDay'],
    scope: 'shared',
    issue: 'later',
    evidence: 'day-closings',
  },
  'media.handback': {
    title: { ja: '提出済データの返却', en: 'Handed back as submitted' },
    enforces:
      'A job closes only when the returned version was compared with what the portal accepted, and the differences from what was handed over are listed.',
    points: ['systems/statutory-reports/service/close-submission.ts#closeSubmission'],
    scope: 'shared',
    issue: 'later',
    evidence: 'handbacks',
  },
  'media.handover-ledger': {
    title: { ja: '授受簿', en: 'Hand-over ledger' },
    enforces:
      'Giver and receiver both confirm each hand-over and return (medium or package, files, counts, term, return method); a return without its hand-over, or past its term, is raised.',
    points: ['kernel/media/ledger.ts#confirmReceipt'],
    scope: 'shared',
    issue: 'B',
    evidence: 'handovers',
  },
  'media.location-register': {
    title: { ja: '文書の所在管理', en: 'Every paper has a place' },
    enforces:
      'Each document, box, form or binder has number, place, holder, state and keep-until; every move is an entry and missing or overdue ones are listed.',
    points: ['kernel/media/papers.ts#movePaper'],
    scope: 'shared',
    issue: 'B',
    evidence: 'papers-by-place',
  },
  'media.box-register': {
    title: { ja: '文書箱の管理', en: 'Boxes, not contents' },
    enforces:
      'The storage contractor sees boxes by bar code with in, out and term only; a box moves with list, count, collector and receipt.',
    points: ['systems/governance/domain/registers/boxes.ts#boxes'],
    scope: 'shared',
    issue: 'later',
    evidence: 'boxes',
  },
  'media.stock-taking': {
    title: { ja: '在庫照合', en: 'Stock-taking' },
    enforces:
      'Counted and expected media and papers are compared at the set rhythm; a difference must be explained and a missed round is raised.',
    points: ['kernel/media/stock-taking.ts#closeStockTaking'],
    scope: 'shared',
    issue: 'B',
    evidence: 'stock-takings',
  },
  'media.dispatch-bag': {
    title: { ja: '送付簿と交換便', en: 'Internal dispatch by slip' },
    enforces:
      'Documents between offices travel under a bag or envelope number with list and count, taken over by name; a difference or an old open one blocks and is raised.',
    points: ['kernel/media/handover.ts#confirmHandover'],
    scope: 'shared',
    issue: 'later',
    evidence: 'bags',
  },
  'media.room-ledger': {
    title: { ja: '入退室簿', en: 'Room ledger' },
    enforces:
      'Entries to the work room are appended with person, purpose, in and out; an open one is raised at day end.',
    points: ['systems/governance/service/record-entry.ts#recordEntry'],
    scope: 'shared',
    issue: 'later',
    evidence: 'room-entries',
  },
  'media.key-ledger': {
    title: { ja: '鍵管理簿', en: 'Key ledger' },
    enforces: 'Only registered persons can be entered as borrower of a key; one not returned at day end is raised.',
    points: ['systems/governance/service/lend-key.ts#lendKey'],
    scope: 'shared',
    issue: 'later',
    evidence: 'keys-out',
  },
} as const satisfies Record<string, Mechanism>;
