import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { wardTaxInformation } from '@musubi/contracts/platform/transfers.ts';
import { wardTransferGround, wardTransferRows } from '@musubi/contracts/platform/ward-transfer-list.ts';
import { accountFields, accountProcedure } from '@musubi/contracts/portal/account-form.ts';
import { wardReturnFields, wardReturnProcedure } from '@musubi/contracts/portal/ward-return-form.ts';
import { offices } from './offices.ts';
import type { PlannedInstance, PlannedOrganisation } from './shape.ts';

/** The password of everybody in the town's offices. A town is for training: it is printed at its start. */
export const townPassword = 'Kunren-no-machi-2026';
/** What they choose when a password has had its time (180 days, or the fiscal year), in this order. */
export const townPasswords: readonly string[] = [townPassword, `${townPassword}-aki`, 'Kunren-no-machi-2027'];

const staffDirectory = (organisation: string): PlannedInstance => ({
  system: 'staff-directory',
  label: 'id',
  settings: ({ home }) => ({ townStaff: offices[organisation] ?? [], townPasswordFile: passwordFile(home) }),
});

function passwordFile(home: string): string {
  const file = path.join(home, 'town-password');
  writeFileSync(file, townPassword, { mode: 0o600 });
  return file;
}

const none = (): Record<string, unknown> => ({});

const registerOf = (organisation: string, platform: boolean): readonly PlannedInstance[] => [
  {
    system: 'resident-register',
    label: 'register',
    settings: () => ({
      municipalJuki: `${organisation}/municipal-juki`,
      keepsFuhyo: true,
      ...(platform ? { commonPlatform: `${organisation}/common-platform` } : {}),
    }),
  },
  {
    system: 'municipal-juki',
    label: 'juki',
    settings: () => ({
      residentRegister: `${organisation}/resident-register`,
      prefecturalJuki: 'tokyo/prefectural-juki',
      nationalJuki: 'jlis/national-juki',
      fuhyoLink: 'tokyo/fuhyo-link',
    }),
  },
];

/** Municipality code → its server. */
const municipalities = { '131105': 'meguro/municipal-juki', '131121': 'setagaya/municipal-juki' };

/** Kinds of the bodies that exchange information. */
const bodies = {
  meguro: { kind: 'ward' },
  tokyo: { kind: 'prefecture' },
  qualification: { kind: 'national-qualification' },
};

/** 電子申請: forms that bodies offer at the portal. */
const portalForms = [
  {
    organisation: 'meguro',
    platform: 'meguro/common-platform',
    procedure: 'RTX-101',
    formVersion: '2026-04',
    title: '特別区民税・都民税の減免の申請',
    purpose:
      '特別区民税・都民税の減免の可否を決めるために使います（地方税法第323条、特別区税条例）。必要な項目だけをお尋ねします。',
    fields: [
      { name: '対象年度', label: '減免を受けたい年度', required: true },
      { name: '理由', label: '減免を受けたい理由', required: true },
      { name: '電話番号', label: '日中の電話番号', required: false },
    ],
  },
  {
    organisation: 'meguro',
    platform: 'meguro/common-platform',
    procedure: wardReturnProcedure,
    formVersion: '2026-01',
    title: '特別区民税・都民税の申告',
    purpose:
      '特別区民税・都民税の税額を決めるために使います（地方税法第317条の2第1項）。個人番号は入力しないでください。確定申告をした方は申告の必要がありません。',
    fields: wardReturnFields.map(({ name, label, required }) => ({ name, label, required })),
  },
  {
    organisation: 'meguro',
    platform: 'meguro/common-platform',
    procedure: accountProcedure,
    formVersion: '2026-04',
    title: '口座の登録（振替・還付）',
    purpose:
      '特別区税の口座振替、または納めすぎた税の還付に使う口座を登録するために使います。本人の名義の口座を書いてください。個人番号は入力しないでください。',
    fields: accountFields,
  },
  {
    organisation: 'tokyo',
    platform: 'tokyo/common-platform',
    procedure: 'MED-101',
    formVersion: '2026-04',
    title: '小児慢性特定疾病医療費の申請内容の変更届',
    purpose:
      '小児慢性特定疾病医療費の支給認定の内容を改めるために使います（児童福祉法第19条の3、同施行規則）。個人番号は入力しないでください。',
    fields: [
      { name: '受給者番号', label: '受給者番号', required: false },
      { name: '変更の内容', label: '変わったこと', required: true },
      { name: '変更日', label: '変わった日', required: true },
      { name: '電話番号', label: '日中の電話番号', required: false },
    ],
  },
];

/** Grounds of the town's task bindings: which business may ask and lodge what, through the common platform. */
const wardBindings = [
  {
    system: 'resident-tax',
    kind: 'lodge',
    code: 'TKX-0001',
    ground: '番号利用法 第19条第8号、主務省令第2条の表',
    validFrom: '2025-01-01',
  },
  {
    system: 'resident-tax',
    kind: 'ask',
    code: 'MS2-048',
    ground: '番号利用法 第19条第8号、主務省令第2条の表 48の項',
    validFrom: '2025-01-01',
  },
];
/** 移転先一覧 (別表2): the row under which the ward's section of child allowance asks, with the columns of the list. */
const sectionRules = wardTransferRows
  .filter((r) => r.task === 'TRN-034')
  .map(({ task, columns, section, affair }) => ({
    asker: 'ward-sections',
    task,
    source: 'resident-tax',
    information: wardTaxInformation,
    items: columns ?? [],
    ground: `${wardTransferGround}（別表2 ${section}: ${affair}）`,
    lawRevision: '令和7年1月31日',
    approval: 'rule',
    validFrom: '2025-02-01',
  }));
const prefectureBindings = [
  {
    system: 'child-chronic',
    kind: 'ask',
    code: 'MS2-009',
    ground: '番号利用法 第19条第8号、主務省令第2条の表 9の項',
    validFrom: '2025-01-01',
  },
  {
    system: 'child-chronic',
    kind: 'lodge',
    code: 'TKX-0014',
    ground: '番号利用法 第19条第8号、主務省令第2条の表',
    validFrom: '2025-01-01',
  },
];

/** Tills whose files come by themselves, with how late each may be; the eL-QR centre's are brought by a clerk in the walk. */
const tills = [
  { channel: 'convenience', name: 'コンビニ収納', days: 'every-day', confirmAfter: 2 },
  { channel: 'pay-easy', name: 'ペイジー', days: 'open-days', confirmAfter: 1 },
  { channel: 'counter', name: '窓口納付', days: 'open-days', confirmAfter: 0 },
  { channel: 'special-collection', name: '特別徴収の納入', days: 'open-days', confirmAfter: 0 },
  { channel: 'pension', name: '年金特別徴収', days: { dayOfMonth: 10 }, confirmAfter: 0 },
] as const;
/** 請求書発行企業コード of the ward's bars. */
export const storeCompany = '913110';
const firstTillDay = '2026-07-01';
const agencySender = 'agency-1';
const agencySchedules = tills.map(({ channel, name, days, confirmAfter }) => ({
  channel,
  sender: agencySender,
  name,
  from: firstTillDay,
  days,
  arrivesAfter: 1,
  // A payment before a weekend is confirmed in the file after it.
  lagDays: confirmAfter === 0 ? 1 : 3,
}));

/** The network reaches a body's intermediate server and nothing behind it, the portal its platform. */
const bodySegments = { ins: ['intermediate-server'], portal: ['common-platform'] };

/** The organisations of the town, in the order in which their processes start. */
export const organisations: readonly PlannedOrganisation[] = [
  {
    process: 'pki',
    organisation: 'government',
    name: { ja: '政府認証基盤', en: 'Government PKI' },
    instances: [
      {
        system: 'government-pki',
        label: 'pki',
        settings: ({ authorityDirectory, expected }) => ({ authorityDirectory, expected }),
      },
      // Enrols as everybody does, at the authority that runs beside it.
      staffDirectory('government'),
    ],
  },
  {
    process: 'ins-root',
    organisation: 'ins',
    name: { ja: '情報提供ネットワークシステム', en: 'Information Providing Network' },
    instances: [
      {
        system: 'linkage-root',
        settings: () => ({ organisations: ['meguro', 'setagaya', 'tokyo', 'qualification', 'portal'] }),
      },
    ],
  },
  {
    process: 'ins',
    organisation: 'ins',
    name: { ja: '情報提供ネットワークシステム', en: 'Information Providing Network' },
    instances: [
      {
        system: 'information-providing-network',
        label: 'core',
        settings: () => ({ organisations: bodies }),
      },
      staffDirectory('ins'),
    ],
  },
  {
    process: 'jlis',
    organisation: 'jlis',
    name: { ja: '地方公共団体情報システム機構', en: 'J-LIS' },
    instances: [
      { system: 'national-juki', settings: none },
      { system: 'national-fuhyo', settings: none },
      { system: 'jpki', settings: none },
      {
        system: 'certificate-centre',
        settings: () => ({ bodies: { '131105': 'meguro/convenience-certificates' } }),
      },
    ],
  },
  {
    process: 'tokyo',
    organisation: 'tokyo',
    name: { ja: '東京都', en: 'Tokyo Metropolis' },
    code: '130001',
    segments: bodySegments,
    instances: [
      staffDirectory('tokyo'),
      {
        system: 'prefectural-juki',
        label: 'juki',
        settings: () => ({
          nationalJuki: 'jlis/national-juki',
          municipalities,
          fuhyoLink: 'tokyo/fuhyo-link',
          linksNumbers: true,
          governance: 'tokyo/governance',
        }),
      },
      {
        system: 'fuhyo-link',
        label: 'fuhyo',
        settings: () => ({
          nationalFuhyo: 'jlis/national-fuhyo',
          prefecturalJuki: 'tokyo/prefectural-juki',
          municipalities,
        }),
      },
      { system: 'governance', label: 'governance', settings: () => ({ staffDirectory: 'tokyo/staff-directory' }) },
      {
        system: 'common-platform',
        label: 'platform',
        settings: () => ({
          mode: 'prefecture',
          intermediateServer: 'tokyo/intermediate-server',
          linkageVia: 'tokyo/prefectural-juki',
          nationalJuki: 'jlis/national-juki',
          taskBindings: prefectureBindings,
          correctionReceivers: ['tokyo/child-chronic'],
          // 別添3 of 001: files between the business and the linkage server also come and go on encrypted media.
          mediumOffices: [{ system: 'child-chronic', department: '家庭支援課' }],
          portal: 'portal/mynaportal',
          procedures: [{ procedure: 'MED-101', forms: [{ version: '2026-04', validFrom: '2026-04-01' }] }],
        }),
      },
      {
        system: 'intermediate-server',
        label: 'ims',
        settings: () => ({
          organisations: bodies,
          owners: { 'TKX-0014': 'child-chronic' },
          askers: { 'MS2-009': 'child-chronic' },
        }),
      },
      { system: 'child-chronic', label: 'med', settings: none },
    ],
  },
  {
    process: 'meguro',
    organisation: 'meguro',
    name: { ja: '目黒区', en: 'Meguro City' },
    code: '131105',
    segments: bodySegments,
    instances: [
      staffDirectory('meguro'),
      { system: 'governance', label: 'governance', settings: () => ({ staffDirectory: 'meguro/staff-directory' }) },
      ...registerOf('meguro', true),
      {
        system: 'common-platform',
        label: 'platform',
        settings: () => ({
          mode: 'ward',
          register: 'meguro/resident-register',
          subscribers: ['meguro/resident-tax'],
          personsOf: {
            collections: 'resident-tax',
            accounts: 'resident-tax',
            'convenience-certificates': 'resident-tax',
          },
          intermediateServer: 'meguro/intermediate-server',
          linkageVia: 'meguro/municipal-juki',
          nationalJuki: 'jlis/national-juki',
          taskBindings: wardBindings,
          portal: 'portal/mynaportal',
          procedures: [
            { procedure: 'RTX-101', forms: [{ version: '2026-04', validFrom: '2026-04-01' }] },
            {
              procedure: accountProcedure,
              receiver: 'meguro/accounts',
              forms: [{ version: '2026-04', validFrom: '2026-04-01' }],
            },
            {
              procedure: wardReturnProcedure,
              receiver: 'meguro/resident-tax',
              forms: [{ version: '2026-01', validFrom: '2026-01-01' }],
            },
          ],
          wardTransferList: true,
          transferRules: sectionRules,
        }),
      },
      {
        system: 'intermediate-server',
        label: 'ims',
        settings: () => ({
          organisations: bodies,
          owners: { 'TKX-0001': 'resident-tax' },
          askers: { 'MS2-048': 'resident-tax' },
        }),
      },
      // The agent's number for convenience stores is invented, as the ward's contract with it is.
      { system: 'resident-tax', label: 'rtx', settings: () => ({ slips: { storeCompany } }) },
      { system: 'ward-sections', label: 'jido', settings: none },
      { system: 'tax-documents', label: 'img', settings: () => ({}) },
      // The walk does not wait for half past six.
      { system: 'convenience-certificates', label: 'cvs', settings: () => ({ keepsServiceHours: false }) },
      {
        system: 'collections',
        label: 'col',
        settings: () => ({
          protections: 'meguro/common-platform',
          schedules: [
            {
              channel: 'common-tax',
              sender: 'eltax',
              name: '共通納税（eL-QR）',
              from: '2026-07-01',
              days: 'open-days',
              arrivesAfter: 1,
              lagDays: 1,
            },
            ...agencySchedules,
          ],
          // The town's insurer stands in for this one.
          pensionInsurer: { name: '日本年金機構', postalCode: '1688505', address: '東京都杉並区高井戸西三丁目5番24号' },
          slips: { storeCompany },
        }),
      },
      {
        system: 'accounts',
        label: 'acc',
        settings: () => ({
          // The bank 9999 of the formats' examples: no real one is named as having a contract with an invented ward.
          trainingBank: true,
          lines: { '9999': 'finance/banks' },
          collector: {
            code: '0000131105',
            name: 'ﾒｸﾞﾛｸｶｲｹｲｶﾝﾘｼﾔ',
            bank: '9999',
            branch: '001',
            accountKind: 'ordinary',
            accountNumber: '1234567',
          },
        }),
      },
    ],
  },
  {
    process: 'setagaya',
    organisation: 'setagaya',
    name: { ja: '世田谷区', en: 'Setagaya City' },
    code: '131121',
    // Its tax office is the far end of 回送 and 住登外課税通知.
    instances: [
      staffDirectory('setagaya'),
      ...registerOf('setagaya', false),
      { system: 'other-municipality', settings: none },
    ],
  },
  {
    process: 'qualification',
    organisation: 'qualification',
    name: { ja: '国家資格等情報連携・活用システム', en: 'National Qualifications' },
    segments: bodySegments,
    // 004: its server asks other bodies and gives nothing; the business system behind it runs elsewhere.
    instances: [
      staffDirectory('qualification'),
      {
        system: 'intermediate-server',
        label: 'ims',
        settings: () => ({ organisations: bodies, owners: {}, askers: {}, inquiryOnly: true }),
      },
    ],
  },
  {
    process: 'eltax',
    organisation: 'eltax',
    name: { ja: '地方税共同機構', en: 'Local Tax Agency' },
    // Filed and fetched by programs; it has no pages, so nobody signs in.
    // 国税連携 comes by the agency's own instance beside the portal.
    instances: [
      { system: 'eltax', settings: none },
      { system: 'etax', settings: () => ({ municipalities: { '131105': 'meguro/resident-tax' } }) },
    ],
  },
  {
    process: 'finance',
    organisation: 'finance',
    name: { ja: '金融機関・収納機関・委託先', en: 'Banks, payment agencies, contractors' },
    // Tills and a data line: nobody signs in.
    instances: [
      {
        system: 'payments',
        settings: ({ seed }) => ({
          bodies: [{ code: '131105', companyCode: storeCompany, collections: 'meguro/collections' }],
          tills: tills.map(({ channel, days, confirmAfter }) => ({
            channel,
            sender: agencySender,
            from: firstTillDay,
            days,
            confirmAfter,
          })),
          seed,
          // Faults that end well by themselves: a day's file cut off first, or sent twice.
          manners: { doubled: 10, cut: 10 },
        }),
      },
      {
        system: 'banks',
        settings: ({ seed }) => ({
          contracts: { '0000131105': 'meguro/accounts' },
          seed,
          manners: { insufficient: 5, noAccount: 2, nameDiffers: 5, spoilt: 10 },
        }),
      },
      {
        system: 'pension',
        settings: ({ seed }) => ({
          municipalities: { 'meguro/resident-tax': '131105' },
          seed,
          manners: { late: 10, cut: 10 },
        }),
      },
      {
        system: 'payers',
        settings: ({ seed }) => ({
          municipalities: ['131105'],
          seed,
          // Somebody leaves, somebody is on leave, a payer is late or pays twice: what a clerk of special collection sees each month.
          manners: { leaves: 1, onLeave: 1, oldAmount: 20, late: 5, forgets: 2, twice: 2, wrongSum: 2, untold: 20 },
        }),
      },
      {
        system: 'printing',
        // An envelope or two of a job are spoiled and made again: the counts say so.
        settings: () => ({ manners: { spoiled: 2 } }),
      },
    ],
  },
  {
    process: 'portal',
    organisation: 'portal',
    name: { ja: 'マイナポータル', en: 'Mynaportal' },
    instances: [
      {
        system: 'mynaportal',
        label: '',
        settings: () => ({
          bodies: {
            meguro: { name: '目黒区' },
            tokyo: { name: '東京都' },
            qualification: { name: '国家資格等情報連携・活用システム' },
          },
          procedures: portalForms,
        }),
      },
    ],
  },
];

const witnessTable: Readonly<Record<string, readonly [string, string]>> = {
  government: ['tokyo/prefectural-juki', 'meguro/resident-tax'],
  ins: ['tokyo/intermediate-server', 'meguro/intermediate-server'],
  jlis: ['tokyo/prefectural-juki', 'meguro/municipal-juki'],
  tokyo: ['jlis/national-juki', 'ins/information-providing-network'],
  meguro: ['tokyo/intermediate-server', 'ins/information-providing-network'],
  setagaya: ['tokyo/prefectural-juki', 'jlis/national-juki'],
  eltax: ['meguro/resident-tax', 'ins/information-providing-network'],
  finance: ['eltax/eltax', 'ins/information-providing-network'],
  portal: ['ins/information-providing-network', 'jlis/national-juki'],
  qualification: ['ins/information-providing-network', 'tokyo/intermediate-server'],
};

/** Two instances of other organisations that cosign every log of an organisation (design §4.7). */
export const witnessesOf = (organisation: string): readonly string[] => {
  const witnesses = witnessTable[organisation];
  if (!witnesses) throw new Error(`${organisation} has no witnesses`);
  return witnesses;
};
