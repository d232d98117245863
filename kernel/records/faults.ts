import assert from 'node:assert/strict';

/** What can be wrong with a record, as stable words. An interface gives its own rule ids to them (`rules` of a layout). */
export const faultMessages = {
  'bad-byte': '文字として読めないバイトがあります',
  'unpaired-surrogate': '文字の組が壊れています',
  'lone-variation-selector': '異体字セレクタが単独で現れています',
  'private-use-character': '外字（私用領域の文字）は受け付けられません',
  'control-character': '制御文字が含まれています',
  'outside-repertoire': '使用できない文字が含まれています',
  'wrong-column-count': '項目の数が様式と一致しません',
  'wrong-record-length': 'レコードの長さが様式と一致しません',
  'wrong-record-end': 'レコードの終端が様式と一致しません',
  'unknown-record-kind': 'レコードの種別が様式にありません',
  'cut-short': 'レコードの途中でファイルが終わっています',
  missing: '必須の項目が空です',
  'too-long': '項目が長すぎます',
  'wrong-length': '項目の桁数が一致しません',
  'not-digits': '数字以外の文字があります',
  'not-alphanumeric': '半角英数字以外の文字があります',
  'not-half-width-kana': '半角カナ以外の文字があります',
  'not-full-width': '全角以外の文字があります',
  'not-in-code-table': 'コード表にない値です',
  'no-such-date': '存在しない日付です',
  'not-in-that-era': '元号と年が一致しません',
  'wrong-check-digit': '検査用数字が一致しません',
  'no-leading-zero': '個人番号の前の0がありません',
  'wrong-body-code': '全国地方公共団体コードではありません',
  'wrong-constant': '定められた値ではありません',
} as const;
export type FaultWord = keyof typeof faultMessages;

/** One fault of one record. It names the place and the rule and never holds the value. */
export interface Fault {
  /** Record number in the file, from 1. */
  readonly row: number;
  /** Position of the field, from 1; absent where the whole record is meant. */
  readonly column?: number;
  /** Name of the field as the format's document has it. */
  readonly field?: string;
  readonly word: string;
  /** Id of the interface's rule (W05, Z04 …), else the word itself. */
  readonly rule: string;
  readonly message: string;
  readonly severity: 'reject' | 'warning';
  /** Where a byte is at fault: its offset within the field (CSV) or record (fixed width), from 0. */
  readonly byteOffset?: number;
}

/** A fault of the file as a whole: nothing of it may be taken in, whatever its records say. */
export interface FileFault {
  readonly word: 'empty-file' | 'byte-order-mark' | 'broken-quoting' | 'record-too-long' | 'control-total';
  readonly message: string;
}

export type Outcome<T> =
  | { readonly accepted: true; readonly row: number; readonly value: T; readonly warnings: readonly Fault[] }
  | { readonly accepted: false; readonly row: number; readonly faults: readonly Fault[] };

/** What a reading ends with. `in` = `accepted` + `rejected`, always. */
export interface ReadSummary {
  readonly in: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly fileFaults: readonly FileFault[];
}

/** Counts outcomes and hands each on, so that every reader balances in the same way. */
export class Tally<T> {
  #accepted = 0;
  #rejected = 0;
  readonly #each: (outcome: Outcome<T>) => void | Promise<void>;
  constructor(each: (outcome: Outcome<T>) => void | Promise<void>) {
    this.#each = each;
  }
  async add(outcome: Outcome<T>): Promise<void> {
    if (outcome.accepted) this.#accepted++;
    else this.#rejected++;
    await this.#each(outcome);
  }
  /** `read` is the count that the reader kept for itself. */
  close(read: number, fileFaults: readonly FileFault[]): ReadSummary {
    assert.equal(this.#accepted + this.#rejected, read, 'every record read is accepted or rejected');
    return { in: read, accepted: this.#accepted, rejected: this.#rejected, fileFaults };
  }
}

/** Builds the fault of a known word with its message and the interface's rule id. */
export function faultOf(
  word: FaultWord,
  place: { row: number; column?: number; field?: string; byteOffset?: number },
  rules: Partial<Record<FaultWord, string>> = {},
): Fault {
  return { ...place, word, rule: rules[word] ?? word, message: faultMessages[word], severity: 'reject' };
}
