import type { FunctionRight, RightsTable } from '@musubi/kernel/access/rights.ts';

/*
 * Functions: account (収納状況), file (収納データ), suspense (仮受・照合), remittance (納入内訳), slip (再発行), cash (窓口現金), reminder (督促), reminder-release (発送),
 * refund (還付起案), refund-approval (還付決定), refund-large (高額の還付決定), arrears (猶予・分納), write-off (不納欠損), interest (延滞金), closing (締め・決算).
 */
const clerk: readonly FunctionRight[] = [
  ['account', 'read'],
  ['file', 'update'],
  ['suspense', 'update'],
  ['slip', 'update'],
  ['cash', 'update'],
  ['reminder', 'update'],
  ['refund', 'update'],
  ['arrears', 'update'],
  ['closing', 'read'],
];
const chief: readonly FunctionRight[] = [
  ['account', 'read'],
  // Counts what the clerks took; whoever took money of a day does not close it.
  ['cash', 'update'],
  ['file', 'read'],
  ['suspense', 'read'],
  ['reminder', 'read'],
  ['reminder-release', 'update'],
  ['refund', 'read'],
  // Whoever proposed a refund never decides it; the approval holds that too.
  ['refund-approval', 'update'],
  ['refund-large', 'update'],
  ['arrears', 'update'],
  ['write-off', 'update'],
  ['closing', 'update'],
];

/** 係長: decides refunds up to the ward's limit. */
const approver: readonly FunctionRight[] = [
  ['account', 'read'],
  ['refund', 'read'],
  ['refund-approval', 'update'],
];

export const rights: RightsTable = {
  system: 'collections',
  staff: {
    'collection-clerk': clerk,
    'collection-approver': approver,
    'collection-chief': chief,
    'collection-viewer': [['account', 'read']],
  },
  peers: [
    {
      organisation: 'own',
      system: 'resident-tax',
      may: [
        ['charge', 'update'],
        ['account', 'read'],
      ],
    },
    {
      organisation: 'own',
      system: 'accounts',
      may: [
        ['debit', 'update'],
        ['refund-order', 'update'],
      ],
    },
    {
      organisation: 'any',
      system: 'payments',
      may: [
        ['file', 'update'],
        ['remittance', 'update'],
      ],
    },
    { organisation: 'any', system: 'eltax', may: [['file', 'update']] },
    { organisation: 'any', system: 'pension', may: [['file', 'update']] },
  ],
  jobs: [['interest', 'update']],
};
