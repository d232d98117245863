/** How far the 申告特例通知 of a donation year are, as far as closing and alarms need it. */
export interface DonationYear {
  readonly donationYear: number;
  readonly channels: readonly { readonly name: string; readonly stated: number | null; readonly taken: number }[];
  readonly destinations: number;
  readonly sent: number;
  readonly received: number;
  readonly applications: number;
  readonly told: number;
  readonly voided: number;
  readonly closedOn: string | null;
}

/**
 * What keeps the year open, as sentences; none: it can be closed. Every channel's own count is entered and equals what was taken in, every
 * municipality signed for what is for it, and applications = told + void.
 * @law 地方税法 附則第7条第5項 (翌年1月31日まで)
 */
export function openPoints(year: DonationYear): string[] {
  const points = year.channels.flatMap(({ name, stated, taken }) =>
    stated === null
      ? [`${name}: 申請の件数が入力されていません（取込 ${taken}）`]
      : stated !== taken
        ? [`${name}: 申請 ${stated}、取込 ${taken}`]
        : [],
  );
  if (year.received < year.destinations)
    points.push(`送信済 ${year.sent} / ${year.destinations}（受領の確認 ${year.received}）`);
  if (year.told + year.voided !== year.applications)
    points.push(`申請 ${year.applications}、通知済 ${year.told}、無効 ${year.voided}`);
  return points;
}

/** Who has to act: the clerk every day from 20 January of the year after, the head of the section from 28 January, until it is closed. */
export function donationAlarm(year: DonationYear, today: Temporal.PlainDate): 'none' | 'clerk' | 'chief' {
  const january = (day: number) => Temporal.PlainDate.from({ year: year.donationYear + 1, month: 1, day });
  if (year.closedOn !== null || year.channels.length === 0) return 'none';
  if (Temporal.PlainDate.compare(today, january(20)) < 0) return 'none';
  return Temporal.PlainDate.compare(today, january(28)) < 0 ? 'clerk' : 'chief';
}
