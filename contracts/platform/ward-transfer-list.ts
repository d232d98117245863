/*
 * 移転先一覧 (別表2): to which section, for which 事務, in which way the ward's tax information may go inside the ward. What the published
 * assessment does not print (sections and 事務 of some rows, the columns of nearly all) is null here and nothing is let through by it: such
 * a row is an obstacle and no permission.
 */

export interface WardTransferRow {
  /** As asked for: `TRN-034`. */
  readonly task: string;
  readonly section: string | null;
  readonly affair: string | null;
  readonly method: 'electronic' | 'paper';
  /** Names of the tax information's items; null where they are not known. */
  readonly columns: readonly string[] | null;
  /** False: that the row still stands in the newest table is not confirmed. */
  readonly confirmed: boolean;
  /** ISO days, both included. */
  readonly validFrom: string;
  readonly validUntil: string | null;
}

/** @law 目黒区個人番号の利用に関する条例 第3条第2項; @source requirements 002 §5.4 */
export const wardTransferGround = '目黒区個人番号の利用に関する条例第3条第2項';

type More = {
  readonly method?: 'paper';
  readonly columns?: readonly string[];
  readonly confirmed?: false;
  readonly from?: string;
  readonly until?: string;
};

const row = (no: number, section: string | null, affair: string | null, more: More = {}): WardTransferRow => ({
  task: `TRN-${String(no).padStart(3, '0')}`,
  section,
  affair,
  method: more.method ?? 'electronic',
  columns: more.columns ?? null,
  confirmed: more.confirmed ?? true,
  // 庁内連携システム took the place of the dedicated line on this day.
  validFrom: more.from ?? '2023-09-01',
  validUntil: more.until ?? null,
});

/** 児童手当: what the claim and the yearly notification are examined with. */
const childAllowance = [
  '課税区分',
  '合計所得金額',
  '総所得金額等',
  '所得控除合計額',
  '扶養親族数',
  '控除対象配偶者',
] as const;

/** Rows in force, and those of which the text is not printed. @source requirements 002 §5.4 TRN-01 to TRN-48 */
export const wardTransferRows: readonly WardTransferRow[] = [
  row(1, null, null),
  row(2, null, null),
  row(
    3,
    '国保年金課',
    '国民年金法による年金である給付若しくは一時金の支給、保険料の納付に関する処分又は保険料その他徴収金の徴収に関する事務',
  ),
  row(4, null, null),
  row(5, '国保年金課', '特定障害者に対する特別障害給付金の支給に関する法律による特別障害給付金の支給に関する事務'),
  row(6, '健康推進課', '健康増進法による健康増進事業の実施に関する事務'),
  row(7, null, null),
  row(8, null, '母子保健法による養育医療に要する費用の徴収に関する事務'),
  row(
    9,
    '感染症対策課',
    '感染症の予防及び感染症の患者に対する医療に関する法律による費用の負担又は療養費の支給に関する事務',
  ),
  row(10, '感染症対策課', '同法律施行細則(東京都規則)による結核患者の医療費の助成に関する事務'),
  row(11, '保健予防課', '障害者総合支援法による自立支援給付(育成医療・精神通院)の支給に関する事務'),
  row(
    12,
    '保健予防課',
    '心身障害者の医療費の助成に関する条例第4条の申請に係る事実についての審査若しくは受給者証の交付又は同条例第6条の届出に係る事実についての審査に関する事務',
    { from: '2025-01-31' },
  ),
  row(13, '碑文谷保健センター', '母子保健法による養育医療に要する費用の徴収に関する事務'),
  row(14, '碑文谷保健センター', '障害者総合支援法による自立支援給付(育成医療・精神通院)の支給に関する事務'),
  row(15, null, null),
  row(
    16,
    '介護保険課',
    '介護保険法による保険給付の支給の対象となるサービスに係る利用者負担額又は同法による地域支援事業に係る利用料の軽減に関する事務',
  ),
  row(17, null, null),
  row(18, '障害者支援課', null),
  row(
    19,
    '障害者支援課',
    '身体障害者福祉法による障害福祉サービス、障害者支援施設等への入所等の措置又は費用の徴収に関する事務',
  ),
  row(
    20,
    '障害者支援課',
    '知的障害者福祉法による障害福祉サービス、障害者支援施設等への入所等の措置又は費用の徴収に関する事務',
  ),
  row(
    21,
    '障害者支援課',
    '特別児童扶養手当等の支給に関する法律による障害児福祉手当若しくは特別障害者手当又は福祉手当の支給に関する事務',
  ),
  row(22, '障害者支援課', '障害者総合支援法による自立支援給付の支給の実施に関する事務(補装具を含む)'),
  row(23, '障害者支援課', '東京都重度心身障害者手当条例による重度心身障害者手当の申請の受理に関する事務'),
  row(24, '障害者支援課', '目黒区心身障害者福祉手当条例による心身障害者福祉手当の支給に関する事務'),
  row(25, '障害者支援課', '障害者総合支援法による地域生活支援事業の実施に関する事務(日常生活用具・住宅改善を含む)'),
  row(
    26,
    '障害者支援課',
    '心身障害者の医療費の助成に関する条例(昭和49年3月東京都条例第20号)による医療費の助成に関する事務',
    { from: '2022-12-16' },
  ),
  row(27, '障害者支援課', '心身障害者等に対する福祉タクシー利用券の交付に関する事務', { from: '2022-12-16' }),
  row(28, '障害者支援課', '心身障害者等に対する自動車の燃料費の助成に関する事務', { from: '2022-12-16' }),
  row(29, '生活福祉課', null),
  row(30, '生活福祉課', '中国残留邦人等…支援給付又は配偶者支援金の支給に関する事務', {
    method: 'paper',
    from: '2022-12-16',
  }),
  row(
    31,
    '生活福祉課',
    '生活に困窮する外国人に対する生活保護の措置(昭和29年5月8日社発第382号)による保護の実施に関する事務',
  ),
  row(
    32,
    '子育て支援課',
    '児童扶養手当法による認定の請求、額の改定の請求、支給停止に関する届出、一部支給停止の適用除外の届出、現況の届出又は障害の状況の届出に関する事務',
  ),
  row(
    33,
    '子育て支援課',
    '特別児童扶養手当の受給資格・額の認定の請求、額の改定の請求、届出に係る事実についての審査に関する事務',
  ),
  row(34, '子育て支援課', '児童手当法による児童手当又は特例給付の認定の請求又は現況の届出に関する事務', {
    columns: childAllowance,
  }),
  row(35, '子育て支援課', '目黒区児童育成手当条例及び同施行規則による児童育成手当…に関する事務'),
  row(36, '子育て支援課', '目黒区ひとり親家庭等の医療費の助成に関する条例…に関する事務'),
  row(
    37,
    '子育て支援課',
    '公的給付の支給等の迅速かつ確実な実施のための預貯金口座の登録等に関する法律による特定公的給付の支給を実施するための基礎とする情報の管理に関する事務',
  ),
  row(38, '子育て支援課', '私立幼稚園等の園児の保護者に対する補助金に関する事務', { from: '2025-01-31' }),
  row(39, '子育て支援課', '子ども・子育て支援法による子どものための教育・保育給付に関する事務', { from: '2025-01-31' }),
  row(
    40,
    '子ども家庭支援センター',
    '児童福祉法による助産施設における助産の実施又は母子生活支援施設における保護の実施に関する事務(負担能力の認定、費用の徴収)',
  ),
  row(41, '子ども家庭支援センター', '母子及び父子並びに寡婦福祉法による給付金の支給に関する事務'),
  row(42, '保育課', '児童福祉法による保育所における保育の実施に関する事務(負担能力の認定、費用の徴収)'),
  row(
    43,
    '保育課',
    '子ども・子育て支援法による教育・保育給付若しくは子育てのための施設等利用給付の支給又は地域子ども・子育て支援事業の実施に関する事務',
  ),
  row(44, '保育課', '目黒区立保育所条例第11条第3項に規定する時間外保育料の額の決定に関する事務'),
  row(
    45,
    '保育課',
    '目黒区立保育所緊急一時保育事業実施要綱による利用料金の減額又は免除の申請に係る事実についての審査に関する事務',
  ),
  row(46, '臨時給付金課', '公金受取口座登録法第10条…(目黒区住民税非課税世帯等に対する臨時特別給付金に関する事務)', {
    confirmed: false,
    from: '2022-12-16',
  }),
  row(47, '臨時給付金課', '同(目黒区電力・ガス食料品等価格高騰緊急支援給付金に関する事務)', {
    confirmed: false,
    from: '2022-12-16',
  }),
  row(48, '臨時給付金課', '同(目黒区住民税均等割のみ課税世帯臨時特別給付金に関する事務)', {
    confirmed: false,
    from: '2022-12-16',
  }),
];

/** A row of the past: kept so that what went under it can be read; nothing is enabled by it. */
const past = (no: number, section: string, affair: string, from: string, until: string): WardTransferRow => ({
  ...row(no, section, affair, { from, until }),
  task: `OLD-${String(no).padStart(3, '0')}`,
});

/** @source requirements 002 §5.4 (rows removed in 2016, 2018, 2021 and 2022) */
export const formerWardTransferRows: readonly WardTransferRow[] = [
  past(1, '住宅課', '公営住宅法による公営住宅の管理に関する事務', '2015-10-05', '2016-11-09'),
  past(
    2,
    '健康推進課',
    '健康増進法による健康増進事業の実施に関する事務（平成28年削除、令和3年に再び追加）',
    '2015-10-05',
    '2016-11-09',
  ),
  past(
    3,
    '障害福祉課',
    '身体障害者福祉法による措置又は費用の徴収に関する事務（平成28年削除、平成30年に再び追加）',
    '2015-10-05',
    '2016-11-09',
  ),
  past(
    4,
    '障害福祉課',
    '知的障害者福祉法による措置又は費用の徴収に関する事務（平成28年削除、平成30年に再び追加）',
    '2015-10-05',
    '2016-11-09',
  ),
  past(5, '子ども家庭課', '母子及び父子福祉資金の貸付け及び償還に関する事務', '2016-11-10', '2018-06-25'),
  past(6, '介護保険課', '介護保険法による地域支援事業の実施要件の確認に関する事務', '2016-11-10', '2021-07-19'),
  past(7, '碑文谷保健センター', '予防接種法による費用の徴収に関する事務', '2015-10-05', '2022-12-15'),
];

export type RowRefusal = 'no-rule-row' | 'row-not-settled' | 'paper-only';

/**
 * Whether something may go under this row at all on a day. Whatever is unknown of a row refuses it.
 * @returns the row; `paper-only` where it goes on a printed list against a receipt
 */
export function wardTransferRow(
  task: string,
  on: string,
): { readonly ok: true; readonly row: WardTransferRow } | { readonly ok: false; readonly error: RowRefusal } {
  const found = [...wardTransferRows, ...formerWardTransferRows].find((r) => r.task === task);
  if (!found || on < found.validFrom || (found.validUntil !== null && found.validUntil < on))
    return { ok: false, error: 'no-rule-row' };
  if (found.section === null || found.affair === null || !found.confirmed)
    return { ok: false, error: 'row-not-settled' };
  return found.method === 'paper' ? { ok: false, error: 'paper-only' } : { ok: true, row: found };
}
