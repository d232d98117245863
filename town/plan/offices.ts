/** The invented people who work in the town's offices. Everybody signs in with the town's password and a passkey. */
export interface OfficePerson {
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string;
  readonly roles: readonly { readonly system: string; readonly role: string }[];
}

const person = (
  staffId: string,
  displayName: string,
  position: string,
  roles: Readonly<Record<string, string>>,
): OfficePerson => ({
  staffId,
  displayName,
  position,
  roles: Object.entries(roles).map(([system, role]) => ({ system, role })),
});

/** Those who keep the programs running: they see counts and alerts of each system, and nobody's record. */
const operators = (
  [operator, overseer]: readonly [readonly [string, string, string], readonly [string, string, string]],
  systems: readonly string[],
): OfficePerson[] =>
  (
    [
      ['system-operator', operator],
      ['system-overseer', overseer],
    ] as const
  ).map(([role, of]) => person(...of, Object.fromEntries(systems.map((system) => [system, role]))));

export const offices: Readonly<Record<string, readonly OfficePerson[]>> = {
  meguro: [
    person('m-1001', '戸籍 窓子', '戸籍住民課 窓口担当', {
      'resident-register': 'resident-clerk',
      'municipal-juki': 'juki-operator',
    }),
    person('m-1002', '戸籍 主', '戸籍住民課 係長', {
      'resident-register': 'resident-supervisor',
      'municipal-juki': 'resident-supervisor',
    }),
    person('m-1003', '支援 守代', '戸籍住民課 支援措置担当', {
      'resident-register': 'protection-officer',
      'resident-tax': 'protection-officer',
    }),
    person('m-2001', '賦課 一郎', '税務課 賦課担当', {
      'resident-tax': 'levy-clerk',
      'tax-documents': 'document-clerk',
    }),
    person('m-2002', '税務 課子', '税務課長', { 'resident-tax': 'levy-chief', 'tax-documents': 'document-viewer' }),
    person('m-2003', '税務 閲郎', '税務課 窓口担当', {
      'resident-tax': 'tax-viewer',
      'convenience-certificates': 'certificate-clerk',
    }),
    person('m-2004', '開示 答子', '税務課 開示請求の窓口', { 'resident-tax': 'disclosure-clerk' }),
    person('m-2005', '開示 決人', '税務課 係長', { 'resident-tax': 'disclosure-manager' }),
    person('m-2006', '文書 存子', '税務課 文書保存担当', { 'resident-tax': 'record-keeper' }),
    person('m-2007', '番号 照代', '税務課 番号確認担当', { 'resident-tax': 'number-viewer' }),
    person('m-2008', '照会 問子', '税務課 住基ネット照会担当', { 'resident-tax': 'network-inquirer' }),
    person('m-2101', '収納 納子', '収納課 収納担当', { collections: 'collection-clerk' }),
    person('m-2102', '収納 長治', '収納課長', { collections: 'collection-chief' }),
    person('m-2106', '収納 認', '収納課 係長', { collections: 'collection-approver' }),
    person('m-2104', '口座 登里', '収納課 口座担当', { accounts: 'account-clerk' }),
    person('m-2105', '口座 見子', '収納課 窓口担当', { accounts: 'account-viewer' }),
    person('m-2103', '納税 案内', '収納課 窓口担当', { collections: 'collection-viewer' }),
    person('m-3001', '連携 操', '情報政策課 運用担当', {
      'common-platform': 'person-clerk',
      'intermediate-server': 'ims-operator',
      'convenience-certificates': 'certificate-operator',
    }),
    person('m-3002', '情報 承子', '情報政策課 係長', {
      'common-platform': 'approver',
      'intermediate-server': 'audit-reader',
    }),
    person('m-3003', '宛名 見世', '情報政策課 照会窓口', { 'common-platform': 'viewer' }),
    person('m-3004', '宛名 護', '情報政策課 支援措置担当', { 'common-platform': 'protected-address' }),
    person('m-3005', '抽出 作太', '情報政策課 抽出担当', { 'common-platform': 'extraction-clerk' }),
    person('m-3006', '抽出 承美', '情報政策課 抽出承認者', { 'common-platform': 'extraction-approver' }),
    person('m-3013', '媒体 管子', '情報政策課 媒体管理担当', { 'common-platform': 'media-keeper' }),
    person('m-3007', '統計 区子', '企画課 統計担当', { 'common-platform': 'statistics-clerk' }),
    person('m-3008', '移転 承知', '税務課 庁内連携の承認者', { 'common-platform': 'source-approver' }),
    person('m-3009', '緊急 受人', '福祉課 緊急時の受領者', { 'common-platform': 'emergency-receiver' }),
    person('m-3010', '記録 調太', '情報政策課 ログ分析担当', { 'intermediate-server': 'log-analyst' }),
    person('m-3012', '副本 承人', '情報政策課 副本の承認者', { 'intermediate-server': 'copy-approver' }),
    person('m-3011', '安全 監子', '情報政策課 セキュリティ責任者', {
      'intermediate-server': 'log-officer',
      governance: 'security-manager',
    }),
    person('m-4001', '区保 規子', '情報政策課 個人情報保護担当', { governance: 'governance-officer' }),
    person('m-4002', '区保 副', '情報政策課 個人情報保護担当 係長', { governance: 'governance-officer' }),
    person('m-4003', '区保 務', '情報政策課 個人情報保護担当 主事', { governance: 'governance-clerk' }),
    person('m-4009', '監査 区美', '監査事務局 監査人', { governance: 'auditor' }),
    person('m-6001', '児童 手当子', '子育て支援課 児童手当担当', { 'ward-sections': 'allowance-clerk' }),
    person('m-6002', '児童 見守', '子育て支援課 窓口担当', { 'ward-sections': 'allowance-viewer' }),
    person('m-9001', '認証 管', '情報政策課 ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('m-9002', '責任 守', '情報政策課長', { 'staff-directory': 'directory-approver' }),
    person('m-9003', '責任 副', '情報政策課 係長', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['m-3101', '稼働 見守', '情報政策課 システム運用担当'],
        ['m-3102', '稼働 責子', '情報政策課 システム運用責任者'],
      ],
      [
        'resident-register',
        'municipal-juki',
        'governance',
        'resident-tax',
        'ward-sections',
        'tax-documents',
        'convenience-certificates',
        'collections',
        'accounts',
        'staff-directory',
      ],
    ),
  ],
  setagaya: [
    person('s-1001', '世田谷 窓郎', '区民課 窓口担当', {
      'resident-register': 'resident-clerk',
      'municipal-juki': 'juki-operator',
    }),
    person('s-1002', '世田谷 主', '区民課 係長', {
      'resident-register': 'resident-supervisor',
      'municipal-juki': 'resident-supervisor',
    }),
    person('s-1003', '支援 世守', '区民課 支援措置担当', { 'resident-register': 'protection-officer' }),
    person('s-9001', '認証 世話', '情報担当 ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('s-9002', '責任 世子', '情報担当課長', { 'staff-directory': 'directory-approver' }),
    person('s-9003', '責任 世副', '情報担当 係長', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['s-3101', '稼働 世守', '情報担当 システム運用担当'],
        ['s-3102', '稼働 世責', '情報担当 システム運用責任者'],
      ],
      ['resident-register', 'municipal-juki', 'staff-directory'],
    ),
  ],
  tokyo: [
    person('t-1001', '都庁 住男', '総務局行政部 住基担当', {
      'prefectural-juki': 'juki-operator',
      'fuhyo-link': 'juki-operator',
    }),
    person('t-1002', '都庁 管理', '総務局行政部 係長', {
      'prefectural-juki': 'juki-manager',
      'fuhyo-link': 'juki-manager',
    }),
    person('t-1003', '開示 窓香', '総務局行政部 開示窓口担当', {
      'prefectural-juki': 'disclosure-clerk',
      'fuhyo-link': 'disclosure-clerk',
    }),
    person('t-1004', '開示 長雄', '総務局行政部 開示担当係長', {
      'prefectural-juki': 'disclosure-manager',
      'fuhyo-link': 'disclosure-manager',
    }),
    person('t-1005', '媒体 端子', '総務局行政部 代表端末担当', { 'prefectural-juki': 'bulk-operator' }),
    person('t-1006', '一括 承平', '総務局行政部 管理責任者', { 'prefectural-juki': 'bulk-manager' }),
    person('t-1007', '記録 調', '総務局行政部 ログ分析担当', {
      'prefectural-juki': 'log-analyst',
      'fuhyo-link': 'log-analyst',
      'intermediate-server': 'log-analyst',
    }),
    person('t-1008', '安全 監', '総務局行政部 セキュリティ責任者', {
      'prefectural-juki': 'log-officer',
      'fuhyo-link': 'log-officer',
      'intermediate-server': 'log-officer',
      governance: 'security-manager',
    }),
    person('t-1009', '統計 数子', '総務局行政部 統計担当', { 'prefectural-juki': 'juki-statistician' }),
    person('t-1010', '文書 保', '総務局行政部 文書保存担当', {
      'prefectural-juki': 'record-keeper',
      'fuhyo-link': 'record-keeper',
    }),
    person('t-1011', '都庁 副管', '総務局行政部 課長補佐', {
      'prefectural-juki': 'juki-manager',
      'fuhyo-link': 'juki-manager',
    }),
    person('t-4001', '保護 規子', '個人情報保護担当', { governance: 'governance-officer' }),
    person('t-4002', '保護 副', '個人情報保護担当 係長', { governance: 'governance-officer' }),
    person('t-4003', '保護 務', '個人情報保護担当 主事', { governance: 'governance-clerk' }),
    person('t-4009', '監査 公', '監査人', {
      governance: 'auditor',
      'prefectural-juki': 'auditor',
      'fuhyo-link': 'auditor',
    }),
    person('t-2001', '家庭 支子', '家庭支援課 認定担当', { 'child-chronic': 'case-officer' }),
    person('t-2002', '支援 課夫', '家庭支援課長', { 'child-chronic': 'approver' }),
    person('t-2003', '支援 見美', '家庭支援課 窓口担当', { 'child-chronic': 'viewer' }),
    person('t-2004', '媒体 守', '家庭支援課 媒体管理担当', { 'child-chronic': 'media-keeper' }),
    person('t-2005', '文書 満子', '家庭支援課 文書保存担当', { 'child-chronic': 'record-keeper' }),
    person('t-2006', '開示 助子', '医療助成課 開示請求の窓口', { 'child-chronic': 'disclosure-clerk' }),
    person('t-2007', '開示 決助', '医療助成課 係長', { 'child-chronic': 'disclosure-manager' }),
    person('t-3001', '中間 操子', '連携サーバー 運用担当', {
      'common-platform': 'person-clerk',
      'intermediate-server': 'ims-operator',
    }),
    person('t-3002', '連携 承', '連携サーバー 管理者', {
      'common-platform': 'approver',
      'intermediate-server': 'audit-reader',
    }),
    person('t-3003', '連携 見太', '連携サーバー 照会窓口', { 'common-platform': 'viewer' }),
    person('t-3004', '連携 護子', '連携サーバー 支援措置担当', { 'common-platform': 'protected-address' }),
    person('t-3005', '抽出 都作', '連携サーバー 抽出担当', { 'common-platform': 'extraction-clerk' }),
    person('t-3006', '抽出 都承', '連携サーバー 抽出承認者', { 'common-platform': 'extraction-approver' }),
    person('t-3013', '媒体 都管', '連携サーバー 媒体管理担当', { 'common-platform': 'media-keeper' }),
    person('t-3007', '統計 都子', '連携サーバー 統計担当', { 'common-platform': 'statistics-clerk' }),
    person('t-3008', '移転 都承', '家庭支援課 庁内連携の承認者', { 'common-platform': 'source-approver' }),
    person('t-3010', '副本 都承', '連携サーバー 副本の承認者', { 'intermediate-server': 'copy-approver' }),
    person('t-3009', '緊急 都受', '家庭支援課 緊急時の受領者', { 'common-platform': 'emergency-receiver' }),
    person('t-9001', '認証 都子', 'ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('t-9002', '責任 都守', '情報セキュリティ責任者', { 'staff-directory': 'directory-approver' }),
    person('t-9003', '責任 都副', '情報セキュリティ副責任者', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['t-3101', '稼働 都守', 'システム運用担当'],
        ['t-3102', '稼働 都責', 'システム運用責任者'],
      ],
      ['prefectural-juki', 'fuhyo-link', 'governance', 'child-chronic', 'staff-directory'],
    ),
  ],
  qualification: [
    person('q-1001', '資格 連子', '国家資格等 中間サーバー 運用担当', { 'intermediate-server': 'ims-operator' }),
    person('q-1005', '副本 資承', '国家資格等 副本の承認者', { 'intermediate-server': 'copy-approver' }),
    person('q-1002', '資格 監男', '国家資格等 監査担当', { 'intermediate-server': 'audit-reader' }),
    person('q-1003', '記録 格', '国家資格等 ログ分析担当', { 'intermediate-server': 'log-analyst' }),
    person('q-1004', '安全 格', '国家資格等 セキュリティ責任者', { 'intermediate-server': 'log-officer' }),
    person('q-9001', '認証 格子', 'ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('q-9002', '責任 格守', '情報セキュリティ責任者', { 'staff-directory': 'directory-approver' }),
    person('q-9003', '責任 格副', '情報セキュリティ副責任者', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['q-3101', '稼働 格守', 'システム運用担当'],
        ['q-3102', '稼働 格責', 'システム運用責任者'],
      ],
      ['staff-directory'],
    ),
  ],
  ins: [
    person('i-1001', '網 守', 'コアシステム 運用担当', { 'information-providing-network': 'network-operator' }),
    person('i-1002', '網 監', 'コアシステム 監査担当', { 'information-providing-network': 'audit-reader' }),
    person('i-1003', '網 公子', 'コアシステム 照合リスト承認者', { 'information-providing-network': 'list-approver' }),
    person('i-9001', '認証 網子', 'ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('i-9002', '責任 網守', '情報セキュリティ責任者', { 'staff-directory': 'directory-approver' }),
    person('i-9003', '責任 網副', '情報セキュリティ副責任者', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['i-3101', '稼働 網守', 'システム運用担当'],
        ['i-3102', '稼働 網責', 'システム運用責任者'],
      ],
      ['staff-directory'],
    ),
  ],
  government: [
    person('g-1001', '認証 局子', '政府認証基盤 運用担当', { 'government-pki': 'pki-operator' }),
    person('g-1002', '失効 決男', '政府認証基盤 管理責任者', { 'government-pki': 'pki-officer' }),
    person('g-9001', '認証 政子', 'ID管理者', { 'staff-directory': 'directory-administrator' }),
    person('g-9002', '責任 政守', '情報セキュリティ責任者', { 'staff-directory': 'directory-approver' }),
    person('g-9003', '責任 政副', '情報セキュリティ副責任者', { 'staff-directory': 'directory-approver' }),
    ...operators(
      [
        ['g-3101', '稼働 政守', 'システム運用担当'],
        ['g-3102', '稼働 政責', 'システム運用責任者'],
      ],
      ['staff-directory'],
    ),
  ],
};
