import { AsnConvert, AsnUtf8StringConverter } from '@peculiar/asn1-schema';
import { GeneralName, OtherName, SubjectAlternativeName } from '@peculiar/asn1-x509';

import { birthDateDigits, type FourParticulars } from '../domain/four-particulars.ts';

const arc = '1.2.392.200149.8.5.5';
const sexDigits = { male: '1', female: '2', other: '3' } as const;

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
