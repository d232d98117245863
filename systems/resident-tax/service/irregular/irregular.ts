import type { ActDeps } from '@musubi/kernel/db/act.ts';
import { createIrregular } from '@musubi/kernel/irregular/irregular.ts';

/** What a clerk may do to a levy outside the normal run, and how. */
export const irregularKinds = {
  /** A person whom the run held: what counts is said by hand. */
  handSettlement: 'hand-settlement',
  /** A levy that starts without a list that it declared to need. */
  withoutList: 'levy-without-list',
} as const;

/** @source 特定個人情報保護評価書 002 Ⅲ.2 他の措置; US-L15; AC-37 */
export const irregular = createIrregular<ActDeps>({
  system: 'resident-tax',
  registers: ['resident-tax', 'irregular', 'update'],
  kinds: [
    {
      kind: irregularKinds.handSettlement,
      title: '保留した方の課税資料の手作業による確定',
      steps:
        '1 提出元又は本人に確認する\n2 採用しない資料と理由を記録する\n3 起案された税額を資料と突き合わせる\n4 別の職員が記録内容を確認する',
    },
    {
      kind: irregularKinds.withoutList,
      title: '必要資料によらない賦課の開始',
      steps:
        '1 資料の所管課に受領できない理由を確認する\n2 影響する方の範囲を確かめる\n3 後日受領したときに比較する\n4 別の職員が記録内容を確認する',
    },
  ],
});
