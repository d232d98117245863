/** How a payer receives its notices. */
export type NoticeChannel = 'electronic' | 'paper';

/** Whether Individual Numbers stand on the notices of a channel, from a day on. */
export interface NumberRule {
  readonly channel: NoticeChannel;
  readonly from: Temporal.PlainDate;
  readonly print: boolean;
}

/**
 * The rule of the day; where there is none a number is not printed.
 *
 * @law 番号利用法 第12条 (安全管理措置), 第19条第1号; 地方税法施行規則 第3号様式 (当分の間 書面には記載しない)
 */
export function printsNumber(rules: readonly NumberRule[], channel: NoticeChannel, on: Temporal.PlainDate): boolean {
  const [newest] = rules
    .filter((rule) => rule.channel === channel && Temporal.PlainDate.compare(rule.from, on) <= 0)
    .toSorted((a, b) => Temporal.PlainDate.compare(b.from, a.from));
  return newest?.print ?? false;
}
