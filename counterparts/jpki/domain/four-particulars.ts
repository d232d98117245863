/** 基本4情報 as a signature certificate bears them. */
export interface FourParticulars {
  readonly name: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

const eras = [
  ['5', '2019-05-01'],
  ['4', '1989-01-08'],
  ['3', '1926-12-25'],
  ['2', '1912-07-30'],
  ['1', '1868-01-25'],
] as const;

/** EYYYYMMDD: era digit, then the Gregorian day; 0 before 明治. */
export function birthDateDigits(day: Temporal.PlainDate): string {
  const era = eras.find(([, from]) => Temporal.PlainDate.compare(day, from) >= 0)?.[0] ?? '0';
  return `${era}${day.toString().replaceAll('-', '')}`;
}

/** End of the fifth birthday after the day of issue, Tokyo time. A birthday of 29 February counts on the 28th. */
export function validUntil(issuedOn: Temporal.PlainDate, birthDate: Temporal.PlainDate): Temporal.Instant {
  const thisYear = birthDate.with({ year: issuedOn.year });
  const first = Temporal.PlainDate.compare(thisYear, issuedOn) > 0 ? issuedOn.year : issuedOn.year + 1;
  return birthDate
    .with({ year: first + 4 })
    .toZonedDateTime({ timeZone: 'Asia/Tokyo', plainTime: '23:59:59' })
    .toInstant();
}
