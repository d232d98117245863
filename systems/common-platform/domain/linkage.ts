/** 符号取得の状況. The code itself never comes here (design §3). */
export type LinkageState = 'wanted' | 'requested' | 'held' | 'refused';

export const linkageWords: Readonly<Record<LinkageState, string>> = {
  wanted: '取得待ち',
  requested: '依頼中',
  held: '取得済み',
  refused: '取得できません',
};

/** Seconds until a failed step is tried again: 5, 10, 20 … at most 15 minutes. */
export const retrySeconds = (tries: number): number => Math.min(900, 5 * 2 ** Math.min(tries, 10));

/** A processing number lives ten minutes; what has brought no code by then is asked anew. */
export const requestLifeMinutes = 10;

/** Answers of the register network that another try does not change. */
export const finalRefusals: ReadonlySet<string> = new Set(['no-such-person', 'not-registered-task', 'bad-signature']);
