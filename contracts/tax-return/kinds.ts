import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import {
  type LocalGovernmentCode,
  parseLocalGovernmentCode,
} from '@musubi/kernel/identifiers/local-government-code.ts';
import type { Kind } from '@musubi/kernel/records/kinds.ts';
import { err } from '@musubi/kernel/result/result.ts';

/** 個人番号 in twelve digits. */
export const individualNumber12: Kind<IndividualNumber> = {
  pad: 'zero-left',
  parse(text) {
    if (!/^[0-9]{12}$/.test(text)) return err('wrong-length');
    const parsed = IndividualNumber.parse(text);
    return parsed.ok ? parsed : err('wrong-check-digit');
  },
  format: (number) => number.digits(),
};

/** 全国地方公共団体コード with its check digit. */
export const municipality6: Kind<LocalGovernmentCode> = {
  pad: 'zero-left',
  parse(text) {
    const parsed = parseLocalGovernmentCode(text);
    return parsed.ok ? parsed : err('wrong-body-code');
  },
  format: (value) => value,
};
