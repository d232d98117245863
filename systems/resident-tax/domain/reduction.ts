import { type Charge, type Shares, totalOf } from './charges.ts';

export interface ReductionGround {
  readonly name: string;
  readonly law: string;
  /** What confirms it: another body's answer, or papers that a clerk saw. */
  readonly confirmedBy: 'inquiry' | 'papers';
  /** Tenths of the tax that may be remitted. Our own reading: the ward's table is not public. */
  readonly tenths: readonly number[];
}

/** 減免の事由. @law 地方税法 第323条; 森林環境税及び森林環境譲与税に関する法律 第10条 */
export const reductionGrounds = {
  'public-assistance': {
    name: '生活扶助等を受けることになった',
    law: '地方税法 第323条',
    confirmedBy: 'inquiry',
    tenths: [10],
  },
  'income-lost': {
    name: '失業・廃業等で所得が著しく減った',
    law: '地方税法 第323条',
    confirmedBy: 'papers',
    tenths: [10, 7, 5, 3],
  },
  disaster: {
    name: '災害を受けた',
    law: '地方税法 第323条、森林環境税法 第10条',
    confirmedBy: 'papers',
    tenths: [10, 7, 5, 3],
  },
  death: { name: '納税義務者が死亡した', law: '地方税法 第323条', confirmedBy: 'papers', tenths: [10, 5] },
  student: { name: '学生・生徒である', law: '地方税法 第323条', confirmedBy: 'papers', tenths: [10, 5] },
  other: { name: 'その他特別の事情がある', law: '地方税法 第323条', confirmedBy: 'papers', tenths: [10, 7, 5, 3] },
} as const satisfies Readonly<Record<string, ReductionGround>>;
export type ReductionGroundId = keyof typeof reductionGrounds;

/** What an answer says of the ground. `awaited`: a clerk over there still decides. */
export type Support = 'supported' | 'contradicted' | 'awaited' | 'nothing-known';

/** @law 地方税法 第323条 (貧困に因り生活のため公私の扶助を受ける者) */
export function supportOf(answer: {
  readonly result: string;
  readonly items: Readonly<Record<string, unknown>>;
}): Support {
  if (answer.result === '60') return 'awaited';
  if (answer.result !== '00') return 'nothing-known';
  return answer.items.保護の実施 === true ? 'supported' : 'contradicted';
}

export interface Remission {
  readonly tenths: number;
  /** 森林環境税 is exempted as a whole or not at all. */
  readonly forestExempt: boolean;
}

export interface RemittedPart<C extends Charge = Charge> {
  readonly charge: C;
  readonly remitted: Shares;
}

/**
 * What of each charge is remitted: of those alone that were not yet due on the day of the application, and that the person pays.
 * A part of a yen stays owed.
 *
 * @law 地方税法 第323条; 特別区税条例 (納期限までの申請)
 */
export function remit<C extends Charge>(
  charges: readonly C[],
  { tenths, forestExempt }: Remission,
  appliedOn: Temporal.PlainDate,
): readonly RemittedPart<C>[] {
  return charges
    .filter(
      ({ method, dueOn, items }) =>
        method === 'ordinary' && totalOf(items) > 0 && Temporal.PlainDate.compare(dueOn, appliedOn) >= 0,
    )
    .map((charge) => ({
      charge,
      remitted: {
        ward: Math.trunc((charge.items.ward * tenths) / 10),
        metropolis: Math.trunc((charge.items.metropolis * tenths) / 10),
        forest: forestExempt ? charge.items.forest : 0,
      },
    }))
    .filter(({ remitted }) => totalOf(remitted) > 0);
}

/** Last day to file: three months from the day after the person knew of the decision. @law 行政不服審査法 第18条第1項 */
export const lastDayToObject = (knownOn: Temporal.PlainDate): Temporal.PlainDate => knownOn.add({ months: 3 });
