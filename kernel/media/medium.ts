import { err, ok, type Result } from '../result/result.ts';

/* A medium's life as a table: what may be done with it in which state. Pure. */

/** Only a designated DVD-RW ever leaves the house; magnetic disks are registered, counted and destroyed. */
export const mediumKinds = {
  'designated-dvd-rw': '指定DVD-RW',
  'magnetic-disk': '磁気ディスク',
  other: 'その他',
} as const;
export type MediumKind = keyof typeof mediumKinds;
export const mediumKindWords = Object.keys(mediumKinds) as [MediumKind, ...MediumKind[]];

export const mediumStates = {
  'in-store': '保管中（消去済）',
  lent: '貸出中',
  loaded: '貸出中（依頼データあり）',
  written: '書込み済（引渡し前）',
  'handed-over': '引渡し済（受領確認前）',
  received: '受領確認済（未消去）',
  erased: '貸出中（消去済）',
  'to-erase': '返却済（未消去）',
  missing: '所在不明',
  destroyed: '廃棄済',
} as const;
export type MediumState = keyof typeof mediumStates;
export const mediumStateWords = Object.keys(mediumStates) as [MediumState, ...MediumState[]];

export const mediumSteps = {
  registered: '登録',
  lent: '貸出し',
  loaded: '読込み',
  written: '書込み',
  'handed-over': '引渡し',
  received: '受領確認',
  erased: '消去',
  returned: '返却',
  collected: '回収',
  missing: '所在不明',
  found: '発見',
  destroyed: '廃棄',
  moved: '保管場所の変更',
} as const;
export type MediumStep = keyof typeof mediumSteps;

type Next = Partial<Record<Exclude<MediumStep, 'registered'>, MediumState>>;
const next: Readonly<Record<MediumState, Next>> = {
  'in-store': { lent: 'lent', missing: 'missing', destroyed: 'destroyed', moved: 'in-store' },
  lent: { loaded: 'loaded', written: 'written', returned: 'in-store', collected: 'in-store', missing: 'missing' },
  loaded: {
    loaded: 'loaded',
    written: 'written',
    erased: 'erased',
    returned: 'to-erase',
    collected: 'to-erase',
    missing: 'missing',
  },
  written: { 'handed-over': 'handed-over', erased: 'erased', missing: 'missing' },
  'handed-over': { received: 'received', missing: 'missing' },
  received: { erased: 'erased', returned: 'to-erase', collected: 'to-erase', missing: 'missing' },
  erased: { loaded: 'loaded', written: 'written', returned: 'in-store', collected: 'in-store', missing: 'missing' },
  'to-erase': { erased: 'in-store', destroyed: 'destroyed', missing: 'missing', moved: 'to-erase' },
  // What was on it meanwhile nobody knows.
  missing: { found: 'to-erase' },
  destroyed: {},
};

/** The state after a step, or that the step cannot be taken now. */
export function afterStep(
  state: MediumState,
  step: Exclude<MediumStep, 'registered'>,
): Result<MediumState, 'not-in-this-state'> {
  const after = next[state][step];
  return after === undefined ? err('not-in-this-state') : ok(after);
}

/** States in which the medium is lent to a department, whoever holds it at the moment. */
export const lentStates: readonly MediumState[] = ['lent', 'loaded', 'written', 'handed-over', 'received', 'erased'];
/** States in which it lies in the house and must be found at a stock-taking. */
export const housedStates: readonly MediumState[] = ['in-store', 'written', 'to-erase'];

/** Its return is late, or what came back with data on it was not erased on the day it came. */
export const isOverdue = (
  medium: {
    readonly state: MediumState;
    readonly dueOn: Temporal.PlainDate | undefined;
    readonly since: Temporal.PlainDate;
  },
  today: Temporal.PlainDate,
): boolean =>
  (lentStates.includes(medium.state) &&
    medium.dueOn !== undefined &&
    Temporal.PlainDate.compare(today, medium.dueOn) > 0) ||
  (medium.state === 'to-erase' && Temporal.PlainDate.compare(today, medium.since) > 0);
