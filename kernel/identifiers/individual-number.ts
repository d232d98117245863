import { inspect } from 'node:util';
import { enforced } from '../enforcement/enforcement.ts';
import type { Random } from '../random/random.ts';
import { err, ok, type Result } from '../result/result.ts';
import { masked, modulus11CheckDigit } from './check-digits.ts';

export type IndividualNumberFault = 'not-12-digits' | 'all-digits-equal' | 'wrong-check-digit';

/**
 * 個人番号: 12 digits, the last one a check digit. It prints as stars and refuses to be serialised.
 * A fitting check digit is no proof that the number was given to anyone.
 *
 * @law 番号利用法施行令 第8条, 平成26年総務省令第85号 第5条
 */
export class IndividualNumber {
  readonly #digits: string;
  private constructor(digits: string) {
    this.#digits = digits;
  }

  static parse(text: string): Result<IndividualNumber, IndividualNumberFault> {
    if (!/^[0-9]{12}$/.test(text)) return err('not-12-digits');
    if (/^(.)\1{11}$/.test(text)) return err('all-digits-equal');
    const fits = Number(text[11]) === modulus11CheckDigit(text.slice(0, 11));
    if (enforced('matching.number-check-digit') && !fits) return err('wrong-check-digit');
    return ok(new IndividualNumber(text));
  }

  /** The only way out; each call stands beside the audit record of that use (the vault's `reveal`). */
  digits(): string {
    return this.#digits;
  }
  /** `********9018`: for a clerk who must recognise which number is meant. */
  masked(): string {
    return masked(this.#digits);
  }
  equals(other: IndividualNumber): boolean {
    return this.#digits === other.#digits;
  }
  toString(): string {
    return '個人番号(************)';
  }
  toJSON(): never {
    throw new Error('an Individual Number is sealed, never serialised');
  }
  [inspect.custom](): string {
    return this.toString();
  }
}

/** A synthetic number: fits its check digit, says nothing about anyone. The same random gives the same number. */
export function makeIndividualNumber(random: Random): IndividualNumber {
  for (;;) {
    const body = Array.from({ length: 11 }, () => random.below(10)).join('');
    const made = IndividualNumber.parse(`${body}${modulus11CheckDigit(body)}`);
    if (made.ok) return made.value;
  }
}
