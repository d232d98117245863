import { AsnConvert, AsnUtf8StringConverter } from '@peculiar/asn1-schema';
import { GeneralName, OtherName, SubjectAlternativeName } from '@peculiar/asn1-x509';

/** 基本4情報 as a signature certificate bears them. */
export interface FourParticulars {
  readonly name: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: 'male' | 'female' | 'other';
  readonly address: string;
}

const arc = '1.2.392.200149.8.5.5';
const sexDigits = { male: '1', female: '2', other: '3' } as const;

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

const otherName = (last: number, text: string): GeneralName =>
  new GeneralName({
    otherName: new OtherName({ typeId: `${arc}.${last}`, value: AsnUtf8StringConverter.toASN(text).toBER() }),
  });
/** 代替文字の使用位置: one digit a character; characters that the card cannot hold do not occur here, as UTF-8 holds them all. */
const noneSubstituted = (text: string): string => '0'.repeat([...text].length);

/**
 * subjectAltName with the four particulars as otherName, in the order that cards have.
 * @source 公的個人認証サービス プロファイル仕様書 (formats: 公的個人認証 §3)
 */
export function particularsExtension({ name, birthDate, sex, address }: FourParticulars): Buffer {
  const names = new SubjectAlternativeName([
    otherName(1, name),
    otherName(4, birthDateDigits(birthDate)),
    otherName(3, sexDigits[sex]),
    otherName(5, address),
    otherName(2, noneSubstituted(name)),
    otherName(6, noneSubstituted(address)),
  ]);
  return Buffer.from(AsnConvert.serialize(names));
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
