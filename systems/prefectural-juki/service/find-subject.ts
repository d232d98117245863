import type { InquiryKey } from '@musubi/contracts/juki/inquiry.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { hasFourItems, type Stated } from '../domain/recheck-answer.ts';
import { type Subject, subjectsByCode, subjectsByName, subjectsByNumber, subjectsByPerson } from '../store/subjects.ts';

/** A key as it was parsed: check digits hold, and a number is a number and no text. */
export type ParsedKey =
  | { readonly kind: 'code'; readonly code: string; readonly stated: Stated }
  | { readonly kind: 'number'; readonly number: IndividualNumber; readonly stated: Stated }
  | { readonly kind: 'four-items'; readonly stated: Stated }
  | { readonly kind: 'selected'; readonly personId: string; readonly stated: Stated };

/** More of one name and birthday than this are not one person in any case. */
const manyNamesakes = 20;

export function parseKey(
  key: InquiryKey | { readonly kind: 'selected'; readonly personId: string },
): Result<ParsedKey, 'wrong-key' | 'too-few-items'> {
  switch (key.kind) {
    case 'code': {
      const { kind, residentRecordCode, ...stated } = key;
      return parseResidentRecordCode(residentRecordCode).ok
        ? ok({ kind, code: residentRecordCode, stated })
        : err('wrong-key');
    }
    case 'number': {
      const { kind, individualNumber, ...stated } = key;
      const number = IndividualNumber.parse(individualNumber);
      return number.ok ? ok({ kind, number: number.value, stated }) : err('wrong-key');
    }
    case 'four-items': {
      const { kind, ...stated } = key;
      return hasFourItems(stated) ? ok({ kind, stated }) : err('too-few-items');
    }
    case 'selected':
      return ok({ kind: 'selected', personId: key.personId, stated: {} });
  }
}

/** Everybody to whom the key leads, removed ones too; nothing is decided here. A number is only ever held against the vault. */
export async function findSubjects(tx: Tx, deps: Deps, key: ParsedKey): Promise<Subject[]> {
  const withFormer = key.stated.address !== undefined;
  switch (key.kind) {
    case 'code':
      return subjectsByCode(tx, { code: key.code, withFormer });
    case 'number': {
      const asked = { vault: deps.vault, number: key.number, purpose: 'prefectural-juki/inquiry' };
      return subjectsByNumber(tx, { ...asked, withFormer });
    }
    case 'four-items': {
      const { name, nameKana, birthDate } = key.stated;
      return subjectsByName(
        tx,
        {
          nameKey: name === undefined ? null : kanjiSearchKey(name),
          kanaKey: nameKana === undefined ? null : kanaSearchKey(nameKana),
          birthDate: birthDate!,
        },
        manyNamesakes,
      );
    }
    case 'selected':
      return subjectsByPerson(tx, { personIds: [key.personId], withFormer: false });
  }
}
