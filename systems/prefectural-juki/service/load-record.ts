import { type LoadField, loadFields } from '@musubi/contracts/juki/load-file.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { findTextFault } from '@musubi/kernel/text/graphemes.ts';

export type LoadRecord = Readonly<Record<LoadField, string>>;

const isText = (text: string, max: number): boolean =>
  text.length > 0 && text.length <= max && findTextFault(text) === undefined;
const isCount = (text: string): boolean => /^(?:0|[1-9][0-9]?)$/.test(text);

/** Checks of many records remember what they saw: fourteen million persons have some thirty thousand days and a hundred thousand names. */
export class LoadRecordReader {
  readonly #days = new Map<string, boolean>();
  readonly #names = new Map<string, boolean>();

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
    const record: LoadRecord = {
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
    must(this.#isName(record.name), 'name');
    must(this.#isName(record.nameKana), 'nameKana');
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

  #isName(text: string): boolean {
    return remembered(this.#names, text, () => isText(text, 100));
  }
}

function remembered(known: Map<string, boolean>, text: string, find: () => boolean): boolean {
  const seen = known.get(text);
  if (seen !== undefined) return seen;
  const found = find();
  if (known.size < 1_000_000) known.set(text, found);
  return found;
}
