import { type LoadField, loadFields } from '@musubi/contracts/juki/load-file.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { findTextFault } from '@musubi/kernel/text/graphemes.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** A record as it came, and the keys by which the person is searched. */
export type LoadRecord = Readonly<Record<LoadField, string>> & { readonly nameKey: string; readonly kanaKey: string };

const isText = (text: string, max: number): boolean =>
  text.length > 0 && text.length <= max && findTextFault(text) === undefined;
const isCount = (text: string): boolean => /^(?:0|[1-9][0-9]?)$/.test(text);

const nameLimit = 100;

/** Checks of many records remember what they saw: fourteen million persons have some thirty thousand days and few surnames and given names. */
export class LoadRecordReader {
  readonly #days = new Map<string, boolean>();
  readonly #kanji = new NameParts((part) => kanjiSearchKey(part));
  readonly #kana = new NameParts(kanaSearchKey);

  /** @returns the record, or the names of the fields that are not what they must be */
  read(line: string): Result<LoadRecord, readonly string[]> {
    const parts = line.split('\t');
    if (parts.length !== loadFields.length) return err(['fields']);
    const [
      residentRecordCode = '',
      individualNumber = '',
      name = '',
      nameKana = '',
      birthDate = '',
      sex = '',
      address = '',
    ] = parts;
    const [nameKey, kanaKey] = [this.#kanji.keyOf(name), this.#kana.keyOf(nameKana)];
    const record: LoadRecord = {
      nameKey: nameKey ?? '',
      kanaKey: kanaKey ?? '',
      residentRecordCode,
      individualNumber,
      name,
      nameKana,
      birthDate,
      sex,
      address,
      azaCode: parts[7]!,
      nameGaijiCount: parts[8]!,
      addressGaijiCount: parts[9]!,
      formerSurname: parts[10]!,
      formerSurnameKana: parts[11]!,
      formerSurnameGaijiCount: parts[12]!,
      becameResidentOn: parts[13]!,
      changedOn: parts[14]!,
      sequence: parts[15]!,
      status: parts[16]!,
    };
    const faults: string[] = [];
    const must = (holds: boolean, field: LoadField): void => void (holds || faults.push(field));
    must(parseResidentRecordCode(record.residentRecordCode).ok, 'residentRecordCode');
    must(IndividualNumber.parse(record.individualNumber).ok, 'individualNumber');
    must(nameKey !== undefined, 'name');
    must(kanaKey !== undefined, 'nameKana');
    must(this.#isDay(record.birthDate), 'birthDate');
    must(record.sex === 'male' || record.sex === 'female' || record.sex === 'other', 'sex');
    must(isText(record.address, 200), 'address');
    must(/^[0-9]{0,12}$/.test(record.azaCode), 'azaCode');
    for (const field of ['nameGaijiCount', 'addressGaijiCount', 'formerSurnameGaijiCount'] as const)
      must(isCount(record[field]), field);
    must((record.formerSurname === '') === (record.formerSurnameKana === ''), 'formerSurname');
    must(record.formerSurname === '' || isText(record.formerSurname, 50), 'formerSurname');
    must(record.formerSurnameKana === '' || isText(record.formerSurnameKana, 50), 'formerSurnameKana');
    must(this.#isDay(record.becameResidentOn), 'becameResidentOn');
    must(this.#isDay(record.changedOn), 'changedOn');
    must(/^[1-9][0-9]{0,8}$/.test(record.sequence), 'sequence');
    must(record.status === 'resident' || record.status === 'moving-out', 'status');
    if (faults.length === 0) must(record.birthDate <= record.becameResidentOn, 'becameResidentOn');
    return faults.length === 0 ? ok(record) : err(faults);
  }

  #isDay(text: string): boolean {
    return remembered(this.#days, text, () => {
      try {
        return (
          /^\d{4}-\d\d-\d\d$/.test(text) && Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
        );
      } catch {
        return false;
      }
    });
  }
}

/**
 * Surname and given name, each looked at once. Keys are maps of characters, so those of the parts together are the key of the
 * whole; and the space between them is no character that a variation selector could stand on, so sound parts make a sound name.
 */
class NameParts {
  readonly #known = new Map<string, string | null>();
  readonly #keyOfPart: (part: string) => string;

  constructor(keyOfPart: (part: string) => string) {
    this.#keyOfPart = keyOfPart;
  }

  /** The whole name's search key; undefined where it is empty, too long, or holds what no text may hold. */
  keyOf(name: string): string | undefined {
    if (name.length === 0 || name.length > nameLimit) return undefined;
    let key = '';
    for (let from = 0; from <= name.length; ) {
      const space = name.indexOf('　', from);
      const end = space < 0 ? name.length : space;
      if (end > from) {
        const part = remembered(this.#known, name.slice(from, end), (text) =>
          findTextFault(text) === undefined ? this.#keyOfPart(text) : null,
        );
        if (part === null) return undefined;
        key += part;
      }
      from = end + 1;
    }
    return key;
  }
}

function remembered<V extends string | boolean | null>(
  known: Map<string, V>,
  text: string,
  find: (text: string) => V,
): V {
  const seen = known.get(text);
  if (seen !== undefined) return seen;
  const found = find(text);
  if (known.size < 200_000) known.set(text, found);
  return found;
}
