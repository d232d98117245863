import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/* Who must give an Individual Number on which paper, as the ward and the prefecture tell it to everybody. */

export interface NoticeRow {
  readonly paper: string;
  /** Whose number is written. */
  readonly who: string;
  readonly ground: string;
}
export interface NumberNotice {
  readonly version: string;
  readonly effectiveFrom: string;
  /** Until when its text was reviewed against the law; after that it is shown to nobody. */
  readonly reviewedUntil: string;
  readonly rows: readonly NoticeRow[];
  /** What holds for every paper. */
  readonly general: readonly string[];
}

const general = [
  '個人番号は、下の書類について、そこに書かれた方の分だけをいただきます。ほかの方の番号は書かないでください。',
  '利用目的: 番号利用法 第9条第1項の事務（特別区民税・都民税、医療費助成）のために本人を確かめ、情報連携で照会するためだけに使います。',
  '窓口では、番号の確認と身元の確認をします（番号利用法 第16条）。代理の方は代理権を示す書類も要ります。',
  '個人番号カードの電子証明書で申請するときは、画面に個人番号を入力しないでください。',
  '番号を書けない事情があるときは窓口にお申し出ください。番号がないことだけを理由に受付を断りません。',
];

/** Newest first for each kind of body. */
export const numberNotices: Readonly<Record<'ward' | 'prefecture', readonly NumberNotice[]>> = {
  ward: [
    {
      version: '2026-04',
      effectiveFrom: '2026-04-01',
      reviewedUntil: '2027-03-31',
      general,
      rows: [
        {
          paper: '特別区民税・都民税の申告書',
          who: '申告する方、配偶者、扶養親族、事業専従者',
          ground: '地方税法 第317条の2',
        },
        { paper: '給与支払報告書', who: '受給者、その配偶者・扶養親族、個人の支払者', ground: '地方税法 第317条の6' },
        { paper: '公的年金等支払報告書', who: '受給者、その配偶者・扶養親族', ground: '地方税法 第317条の6' },
        { paper: '寄附金税額控除に係る申告特例申請書', who: '申請する方', ground: '地方税法 附則第7条' },
        { paper: '減免の申請書', who: '申請する方', ground: '地方税法 第323条' },
      ],
    },
  ],
  prefecture: [
    {
      version: '2026-04',
      effectiveFrom: '2026-04-01',
      reviewedUntil: '2027-03-31',
      general,
      rows: [
        {
          paper: '小児慢性特定疾病医療費支給認定申請書',
          who: '申請者（保護者、成年の患者は本人）、医療保険上の世帯で税情報が要る方',
          ground: '児童福祉法施行規則 第7条の9',
        },
      ],
    },
  ],
};

/** The notice of a day: the newest that has begun, and only while its text stands reviewed. */
export function noticeOn(
  kind: 'ward' | 'prefecture',
  on: Temporal.PlainDate,
  all = numberNotices,
): Result<NumberNotice, 'no-current-notice'> {
  const newest = all[kind].find((n) => n.effectiveFrom <= on.toString());
  if (newest === undefined) return err('no-current-notice');
  if (enforced('input.notice-on-form') && newest.reviewedUntil < on.toString()) return err('no-current-notice');
  return ok(newest);
}
