/** Fixed days of 国民の祝日に関する法律 第2条, by month and day. */
const fixed: Readonly<Record<string, string>> = {
  '01-01': '元日',
  '02-11': '建国記念の日',
  '02-23': '天皇誕生日',
  '04-29': '昭和の日',
  '05-03': '憲法記念日',
  '05-04': 'みどりの日',
  '05-05': 'こどもの日',
  '08-11': '山の日',
  '11-03': '文化の日',
  '11-23': '勤労感謝の日',
};
/** Month → which Monday. */
const mondays: Readonly<Record<number, readonly [nth: number, name: string]>> = {
  1: [2, '成人の日'],
  7: [3, '海の日'],
  9: [3, '敬老の日'],
  10: [2, 'スポーツの日'],
};

/** Leap days between 1 March 1980 and the end of February of a year. */
const leapDays = (year: number): number => {
  const until = (y: number): number => Math.trunc(y / 4) - Math.trunc(y / 100) + Math.trunc(y / 400);
  return until(year) - until(1980);
};
/** Day of the month of the equinox in Tokyo: its mean place in 1980, moved by the tropical year; the almanac says the rest a year ahead. */
const equinox = (year: number, in1980: number): number =>
  Math.floor(in1980 + 0.242194 * (year - 1980) - leapDays(year));

function named(date: Temporal.PlainDate): string | undefined {
  const { year, month, day, dayOfWeek } = date;
  if (month === 3 && day === equinox(year, 20.8431)) return '春分の日';
  if (month === 9 && day === equinox(year, 23.2488)) return '秋分の日';
  const monday = mondays[month];
  if (monday && dayOfWeek === 1 && Math.ceil(day / 7) === monday[0]) return monday[1];
  return fixed[date.toString().slice(5)];
}

/**
 * What the law as it stands makes of a day for which no table was published yet: days, substitutes (第3条第2項) and days between two
 * holidays (第3条第3項). A due date that far ahead is reckoned anew when the table reaches it.
 *
 * @law 国民の祝日に関する法律 第2条・第3条
 */
export function projectedHoliday(date: Temporal.PlainDate): string | undefined {
  const own = named(date);
  if (own !== undefined) return own;
  const [before, after] = [date.subtract({ days: 1 }), date.add({ days: 1 })];
  // The first day after a Sunday holiday that is none itself.
  for (let day = before; named(day) !== undefined; day = day.subtract({ days: 1 }))
    if (day.dayOfWeek === 7) return '休日';
  return named(before) !== undefined && named(after) !== undefined ? '休日' : undefined;
}
