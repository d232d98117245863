import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

export type Status = 'resident' | 'moving-out' | 'removed';
/** `none`: this register never had a record of the person. */
export type Before = Status | 'none';

export interface ReasonRule {
  readonly ja: string;
  /** How it comes to the counter. */
  readonly by: '届出' | '戸籍' | '職権' | '請求' | '通知' | '申出' | '移行';
  readonly article: string;
  readonly from: readonly Before[];
  /** `planned`: 転出予定 while the day lies ahead, else removed. `same`: the state stays. */
  readonly to: Status | 'planned' | 'same';
  /** Days from the change within which it is to be filed. */
  readonly deadlineDays: number | null;
  /** Whether 本人確認情報 changes, so that the network is told. */
  readonly network: boolean;
}

const rule = (
  ja: string,
  by: ReasonRule['by'],
  article: string,
  from: readonly Before[],
  to: ReasonRule['to'],
  deadlineDays: number | null = null,
  network = true,
): ReasonRule => ({ ja, by, article, from, to, deadlineDays, network });

const absent = ['none', 'removed'] as const;
const present = ['resident', 'moving-out'] as const;
/** The 除票 of a removed person shows where they went: it is protected like the record. */
const known = ['resident', 'moving-out', 'removed'] as const;

/**
 * 異動事由 with what each may do to a record.
 *
 * @law 住民基本台帳法 第8条, 第22条〜第25条, 第30条の4, 第30条の46〜第30条の50; 同法施行令 第12条; 戸籍法 第49条
 */
export const reasonRules = {
  'initial-load': rule('初期移行', '移行', '', ['none'], 'resident'),
  'moved-in': rule('転入', '届出', '第22条', absent, 'resident', 14),
  'moved-in-special': rule('転入（特例）', '届出', '第24条の2', absent, 'resident', 14),
  'moved-in-from-abroad': rule('国外からの転入', '届出', '第22条、第30条の46', absent, 'resident', 14),
  'moved-within': rule('転居', '届出', '第23条', ['resident'], 'resident', 14),
  'moved-out': rule('転出', '届出', '第24条', ['resident'], 'planned', 14),
  'moved-out-completed': rule('転出（確定）', '職権', '第8条', ['moving-out'], 'removed'),
  'moved-out-cancelled': rule('転出取消', '届出', '第24条', ['moving-out'], 'resident'),
  'moved-out-abroad': rule('国外転出', '届出', '第24条', ['resident'], 'removed'),
  'household-change': rule('世帯変更', '届出', '第25条', present, 'same', 14, false),
  birth: rule('出生', '戸籍', '第8条、戸籍法第49条', ['none'], 'resident', 14),
  death: rule('死亡', '戸籍', '第8条、戸籍法第86条', present, 'removed', 7),
  disappearance: rule('失踪', '戸籍', '第8条', present, 'removed'),
  'family-register-change': rule('戸籍届による変更', '戸籍', '第8条、第9条', present, 'same'),
  naturalised: rule('帰化・国籍取得', '届出', '第8条', present, 'same', 14),
  'nationality-lost': rule('国籍喪失', '職権', '第8条', present, 'removed'),
  'entered-ex-officio': rule('職権記載', '職権', '第8条、施行令第12条', absent, 'resident'),
  'removed-ex-officio': rule('職権消除', '職権', '第8条、施行令第12条', present, 'removed'),
  'restored-ex-officio': rule('職権回復', '職権', '施行令第12条', ['removed'], 'resident'),
  'corrected-ex-officio': rule('職権修正', '職権', '施行令第12条', present, 'same'),
  'address-renamed': rule('住居表示・町名地番変更', '職権', '施行令第12条', present, 'same'),
  'residence-status-change': rule('在留資格・在留期間変更', '通知', '第30条の50', present, 'same', null, false),
  'code-change': rule('住民票コード変更', '請求', '第30条の4', present, 'same'),
  'number-change': rule('個人番号変更', '請求', '番号利用法第7条第2項', present, 'same'),
  'name-reading': rule('振り仮名記載・訂正', '戸籍', '第7条第1号の2', present, 'same'),
  'former-surname': rule('旧氏の記載・変更・削除', '請求', '施行令第30条の14', present, 'same'),
  'protection-start': rule('支援措置開始', '申出', '住民基本台帳事務処理要領', known, 'same', null, false),
  'protection-end': rule('支援措置終了', '申出', '住民基本台帳事務処理要領', known, 'same', null, false),
} as const satisfies Record<string, ReasonRule>;
export type Reason = keyof typeof reasonRules;

export type TransitionRefusal = 'not-allowed-in-state' | 'before-becoming-resident' | 'in-the-future' | 'before-birth';

export interface Change {
  readonly reason: Reason;
  readonly changedOn: Temporal.PlainDate;
  /** The day from which the person lives here, as it will stand after the change. */
  readonly becameResidentOn: Temporal.PlainDate;
  readonly birthDate: Temporal.PlainDate;
  /** Reason of the change that removed the record, where it is removed. */
  readonly lastReason?: string | undefined;
}

const isBefore = (a: Temporal.PlainDate, b: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(a, b) < 0;

/** The state after a change, or why it cannot be. What the table does not name is refused. */
export function transition(
  before: Before,
  change: Change,
  today: Temporal.PlainDate,
): Result<Status, TransitionRefusal> {
  const { from, to } = reasonRules[change.reason] as ReasonRule;
  if (!from.includes(before)) return err('not-allowed-in-state');
  // Nobody moves in after death; a mistaken removal is undone by 職権回復.
  const isDead = before === 'removed' && (change.lastReason === 'death' || change.lastReason === 'disappearance');
  const outlivesDeath = /^(restored-ex-officio|protection-)/.test(change.reason);
  if (isDead && !outlivesDeath) return err('not-allowed-in-state');
  if (isBefore(change.changedOn, change.birthDate)) return err('before-birth');
  if (isBefore(change.changedOn, change.becameResidentOn)) return err('before-becoming-resident');
  const isAhead = isBefore(today, change.changedOn);
  if (isAhead && to !== 'planned') return err('in-the-future');
  if (to === 'planned') return ok(isAhead ? 'moving-out' : 'removed');
  if (to === 'same') return before === 'none' ? err('not-allowed-in-state') : ok(before);
  return ok(to);
}

/** Whether it was filed after its term (届出期間経過): the clerk is told, the change stands. */
export function isLate(reason: Reason, changedOn: Temporal.PlainDate, filedOn: Temporal.PlainDate): boolean {
  const { deadlineDays } = reasonRules[reason] as ReasonRule;
  return deadlineDays !== null && isBefore(changedOn.add({ days: deadlineDays }), filedOn);
}
