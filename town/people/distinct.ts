import { createHash } from 'node:crypto';
import { modulus9CheckDigit, modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { type CorporateNumber, parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode, type ResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';

const rounds = 6;

/**
 * A keyed permutation of 0 … size − 1: different places give different values without a memory of those given out, so
 * millions of people stay distinct while they are streamed. A Feistel network over two halves; what falls outside `size`
 * is put through again.
 */
export function permutation(seed: string, size: number): (place: number) => number {
  const half = Math.ceil(Math.sqrt(size));
  const digest = createHash('sha256').update(seed).digest();
  const keys = Array.from({ length: rounds }, (_, i) => digest.readUInt32LE(i * 4));
  const once = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (const key of keys) [left, right] = [right, (left + mix(right ^ key)) % half];
    return left * half + right;
  };
  return (place) => {
    if (!Number.isSafeInteger(place) || place < 0 || place >= size)
      throw new RangeError('place outside the permutation');
    let value = once(place);
    while (value >= size) value = once(value);
    return value;
  };
}

/** A bijective mixing of 32 bits (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Numbers of the town: each place below 10,000,000,000 has its own. */
export interface DistinctNumbers {
  individualNumber(place: number): IndividualNumber;
  residentRecordCode(place: number): ResidentRecordCode;
  /** `place` below 100,000,000; in the range 9999…, which no registry has given out. */
  corporateNumber(place: number): CorporateNumber;
}

export function distinctNumbers(seed: string): DistinctNumbers {
  const individual = permutation(`${seed}/individual-number`, 100_000_000_000);
  const record = permutation(`${seed}/resident-record-code`, 10_000_000_000);
  const corporate = permutation(`${seed}/corporate-number`, 100_000_000);
  return {
    individualNumber(place) {
      const body = String(individual(place)).padStart(11, '0');
      const parsed = IndividualNumber.parse(`${body}${modulus11CheckDigit(body)}`);
      if (parsed.ok) return parsed.value;
      // Twelve equal digits (ten bodies of 10^11): taken from the upper end, where no place of the town reaches.
      return this.individualNumber(99_999_999_999 - (place % 1_000));
    },
    residentRecordCode(place) {
      const body = String(record(place)).padStart(10, '0');
      const parsed = parseResidentRecordCode(`${body}${modulus11CheckDigit(body)}`);
      if (!parsed.ok) throw new Error('a code with its own check digit');
      return parsed.value;
    },
    corporateNumber(place) {
      const body = `9999${String(corporate(place)).padStart(8, '0')}`;
      const parsed = parseCorporateNumber(`${modulus9CheckDigit(body)}${body}`);
      if (!parsed.ok) throw new Error('a number with its own check digit');
      return parsed.value;
    },
  };
}
