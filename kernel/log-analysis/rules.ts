/** What makes a use suspicious. Figures are settings of the system; the defaults are proposals (requirement 003 A23). */
export interface RuleSettings {
  /** many-searches: so many searches of one person within so many minutes. */
  readonly searches: number;
  readonly searchMinutes: number;
  /** off-hours: minutes after midnight (Tokyo) between which work is expected on open days. */
  readonly opensAt: number;
  readonly closesAt: number;
  /** same-person: so many reads of one person by one operator within so many days. */
  readonly sameReads: number;
  readonly sameDays: number;
  /** unmatched: a read without a documented search that found the person within so many hours before. */
  readonly matchHours: number;
  /** refused: so many refusals within an hour. */
  readonly refusals: number;
  /** Days in which a case must have its verdict (open days). */
  readonly verdictDays: number;
}

export const ruleSettings: RuleSettings = {
  searches: 30,
  searchMinutes: 10,
  opensAt: 7 * 60,
  closesAt: 21 * 60,
  sameReads: 5,
  sameDays: 7,
  matchHours: 12,
  refusals: 3,
  verdictDays: 5,
};

export const rules = {
  'many-searches': '短時間に多数の検索',
  'off-hours': '時間外・閉庁日の利用',
  'same-person': '同じ人の記録を繰り返し閲覧',
  'own-or-colleague': '自分または同僚の記録の閲覧',
  watched: '注意対象者の記録の閲覧',
  'no-document': '申請書等の番号のない検索',
  unmatched: '申請書等と結びつかない閲覧',
  refused: '権限のない操作の繰り返し',
  contractor: '受託者による記録の利用',
} as const;
export type RuleId = keyof typeof rules;

export const verdicts = { justified: '業務上必要', improper: '不適正', unclear: '判断できない（継続）' } as const;
export const comparisons = {
  agrees: '申請書等と一致',
  differs: '申請書等と相違',
  'no-document': '対応する申請書等がない',
} as const;
export type Verdict = keyof typeof verdicts;
export type Comparison = keyof typeof comparisons;
