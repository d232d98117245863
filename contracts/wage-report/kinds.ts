import { type CorporateNumber, parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import {
  type LocalGovernmentCode,
  localGovernmentCodeFromFive,
  parseLocalGovernmentCode,
} from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Kind } from '@musubi/kernel/records/kinds.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { toFullWidthAscii } from '@musubi/kernel/text/width.ts';

function individualOf13(
  text: string,
): Result<IndividualNumber, 'wrong-length' | 'no-leading-zero' | 'wrong-check-digit'> {
  if (!/^[0-9]{13}$/.test(text)) return err('wrong-length');
  if (text[0] !== '0') return err('no-leading-zero');
  const parsed = IndividualNumber.parse(text.slice(1));
  return parsed.ok ? parsed : err('wrong-check-digit');
}

/** 個人番号 as these files write it: 13 digits, a leading 0 and the number. */
export const individualNumber13: Kind<IndividualNumber> = {
  pad: 'zero-left',
  parse: individualOf13,
  format: (number) => `0${number.digits()}`,
};

/** 個人番号 with its leading 0, or 法人番号, which never begins with 0. */
export const payerNumber13: Kind<IndividualNumber | CorporateNumber> = {
  pad: 'zero-left',
  parse(text) {
    if (text.startsWith('0')) return individualOf13(text);
    const parsed = parseCorporateNumber(text);
    return parsed.ok ? parsed : err(parsed.error === 'not-13-digits' ? 'wrong-length' : 'wrong-check-digit');
  },
  format: (number) => (typeof number === 'string' ? number : `0${number.digits()}`),
};

/** A person named in 5人目以降: `ordinal` is the number in brackets before the Individual Number. */
export interface FurtherPerson {
  readonly ordinal: number;
  readonly number: IndividualNumber;
}

/** `（１）１２３…`: parsed at once, so that no Individual Number travels on as text. */
export const furtherPersons: Kind<readonly FurtherPerson[]> = {
  pad: 'wide-space-right',
  parse(text) {
    const plain = text.normalize('NFKC').replace(/\s/g, '');
    if (!/^(\([0-9]{1,2}\)[0-9]{12})+$/.test(plain)) return err('wrong-length');
    const persons: FurtherPerson[] = [];
    for (const [, ordinal, digits] of plain.matchAll(/\(([0-9]{1,2})\)([0-9]{12})/g)) {
      const number = IndividualNumber.parse(digits!);
      if (!number.ok) return err('wrong-check-digit');
      persons.push({ ordinal: Number(ordinal), number: number.value });
    }
    return ok(persons);
  },
  format: (persons) => persons.map((p) => toFullWidthAscii(`(${p.ordinal})${p.number.digits()}`)).join(''),
};

/** 提出先市町村コード: six digits, or five without the check digit; always six when written. */
export const municipality: Kind<LocalGovernmentCode> = {
  pad: 'zero-left',
  parse(text) {
    if (!/^[0-9]+$/.test(text)) return err('not-digits');
    if (text.length !== 5 && text.length !== 6) return err('wrong-length');
    const parsed = text.length === 5 ? localGovernmentCodeFromFive(text) : parseLocalGovernmentCode(text);
    return parsed.ok ? parsed : err('wrong-body-code');
  },
  format: (value) => value,
};
