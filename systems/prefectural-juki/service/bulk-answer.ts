import {
  type BulkListRow,
  type BulkResult,
  type BulkResultRow,
  bulkChangeReason,
} from '@musubi/contracts/juki/bulk.ts';
import type { KeyKind, ProvidedItem, Task } from '@musubi/contracts/juki/tasks.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import { numberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import { hasFourItems, recheckAnswer } from '../domain/recheck-answer.ts';
import { type BulkSubject, bulkSubjects } from '../store/bulk.ts';
import { isStoppedFor } from './use-stop.ts';

/** What a row got, and what its record of provision will say. */
export interface Answered {
  readonly row: BulkResultRow;
  readonly personId: string | null;
  readonly keyKind: KeyKind;
  /** Null where it was given. Finer than the file says: `several` and `nobody` are for us alone. */
  readonly refusal: string | null;
}

interface Key {
  readonly kind: Exclude<KeyKind, 'selected' | 'none'>;
  readonly number?: IndividualNumber;
  readonly fault?: Exclude<BulkResult, 'given' | 'not-identified'>;
}

/**
 * One part of a list, looked up at once: four statements whatever its size. Each row that is found is held against what the row states;
 * the task decides keys and items.
 */
export async function answerRows(
  tx: Tx,
  deps: Deps,
  order: { readonly orderId: string; readonly items: readonly string[] },
  task: Task,
  rows: readonly BulkListRow[],
): Promise<Answered[]> {
  const keys = rows.map((row) => keyOf(row, task));
  const found = await findSubjects(tx, deps, rows, keys);
  const judged = rows.map((row, i) => {
    const { kind, fault } = keys[i]!;
    if (fault) return { row, kind, fault, subject: undefined, refusal: fault as string, about: null };
    const only = recheckAnswer(found(i), definedOnly(row), task);
    // In the file as if nobody were meant; whom it was about stays with us.
    if (only.ok && isStoppedFor(only.value, task))
      return { ...notIdentified, row, kind, refusal: 'stopped', about: only.value.personId };
    return only.ok
      ? { row, kind, fault: undefined, subject: only.value, refusal: undefined, about: only.value.personId }
      : { ...notIdentified, row, kind, refusal: only.error as string };
  });
  const given = judged.flatMap((j, i) => (j.subject ? [{ subject: j.subject, asked: keys[i]!.number }] : []));
  const numbers = order.items.includes('individualNumber')
    ? await numbersOf(tx, deps, given)
    : new Map<string, string>();
  const items = new Set(order.items as readonly ProvidedItem[]);
  return judged.map(({ row, kind, fault, subject, refusal, about }) => ({
    row: {
      kind: 'D',
      orderId: order.orderId,
      rowId: row.rowId,
      result: fault ?? 'given',
      ...itemsOf(subject, items, numbers),
    },
    personId: about,
    keyKind: kind,
    refusal: refusal ?? null,
  }));
}

const notIdentified = { fault: 'not-identified', subject: undefined, about: null } as const;

/** The row of a person about whom nothing is given (any more). */
export const rowWithout = (orderId: string, rowId: string): BulkResultRow => ({
  kind: 'D',
  orderId,
  rowId,
  result: 'not-identified',
  ...noItems,
});

/** Number, else code, else the four items; number and code only where the task has their ground. */
function keyOf(row: BulkListRow, task: Task): Key {
  if (row.individualNumber !== undefined) {
    if (task.numberGround === null) return { kind: 'number', fault: 'key-not-allowed' };
    const number = IndividualNumber.parse(row.individualNumber);
    return number.ok ? { kind: 'number', number: number.value } : { kind: 'number', fault: 'wrong-key' };
  }
  if (row.residentRecordCode !== undefined) {
    if (task.codeGround === null) return { kind: 'code', fault: 'key-not-allowed' };
    return parseResidentRecordCode(row.residentRecordCode).ok ? { kind: 'code' } : { kind: 'code', fault: 'wrong-key' };
  }
  return hasFourItems(row) && isDay(row.birthDate)
    ? { kind: 'four-items' }
    : { kind: 'four-items', fault: 'too-few-items' };
}

const isDay = (text: string | undefined): boolean => {
  if (text === undefined || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
};

async function findSubjects(
  tx: Tx,
  deps: Deps,
  rows: readonly BulkListRow[],
  keys: readonly Key[],
): Promise<(index: number) => BulkSubject[]> {
  const sound = keys.map((key) => key.fault === undefined);
  const asked = keys.flatMap((key, i) => (key.number && sound[i] ? [{ i, number: key.number }] : []));
  const refs = await deps.vault.holdersOfMany(
    tx,
    asked.map((a) => a.number),
    'juki.bulk',
  );
  const personsOf = new Map(
    asked.map(({ i }, n) => [i, refs[n]!.filter((h) => h.holds).map((h) => h.owner.replace(/^person:/, ''))]),
  );
  const of = (kind: Key['kind']) => rows.filter((_, i) => sound[i] && keys[i]!.kind === kind);
  const [byName, byKana] = [of('four-items').filter((r) => r.name), of('four-items').filter((r) => !r.name)];
  const subjects = await bulkSubjects(tx, {
    codes: of('code').map((r) => r.residentRecordCode!),
    personIds: [...new Set([...personsOf.values()].flat())],
    nameKeys: byName.map((r) => kanjiSearchKey(r.name!)),
    nameDays: byName.map((r) => r.birthDate!),
    kanaKeys: byKana.map((r) => kanaSearchKey(r.nameKana!)),
    kanaDays: byKana.map((r) => r.birthDate!),
    withFormer: rows.some((r) => r.address !== undefined),
  });
  const byPerson = new Map(subjects.map((s) => [s.personId, s]));
  const byCode = new Map(subjects.map((s) => [s.residentRecordCode, s]));
  const byNameDay = Map.groupBy(byName.length > 0 ? subjects : [], (s) => `${s.nameKey} ${s.birthDate}`);
  const byKanaDay = Map.groupBy(byKana.length > 0 ? subjects : [], (s) => `${s.kanaKey} ${s.birthDate}`);
  const some = (subject: BulkSubject | undefined): BulkSubject[] => (subject ? [subject] : []);
  return (i) => {
    const row = rows[i]!;
    switch (keys[i]!.kind) {
      case 'number':
        return (personsOf.get(i) ?? []).flatMap((id) => some(byPerson.get(id)));
      case 'code':
        return some(byCode.get(row.residentRecordCode!));
      case 'four-items':
        return row.name
          ? (byNameDay.get(`${kanjiSearchKey(row.name)} ${row.birthDate}`) ?? [])
          : (byKanaDay.get(`${kanaSearchKey(row.nameKana!)} ${row.birthDate}`) ?? []);
    }
  };
}

const definedOnly = (row: BulkListRow) => ({
  name: row.name,
  nameKana: row.nameKana,
  birthDate: row.birthDate,
  sex: row.sex,
  address: row.address,
});

interface Given {
  readonly subject: BulkSubject;
  /** The number by which the person was asked for. */
  readonly asked: IndividualNumber | undefined;
}

/** Whoever asked by the number holds it already: nothing is opened for that. */
async function numbersOf(tx: Tx, deps: Deps, given: readonly Given[]): Promise<Map<string, string>> {
  const numbers = new Map(
    given.flatMap(({ subject, asked }) => (asked === undefined ? [] : [[subject.personId, asked.digits()] as const])),
  );
  const sealed = given.flatMap(({ subject }) => (numbers.has(subject.personId) ? [] : [subject]));
  const opened = await deps.vault.revealMany(
    tx,
    sealed.map((s) => numberRef(s.numberRef)),
    'juki.bulk',
  );
  for (const [i, { personId }] of sealed.entries()) numbers.set(personId, opened[i]!.digits());
  return numbers;
}

type Items = Omit<BulkResultRow, 'kind' | 'orderId' | 'rowId' | 'result'>;
const noItems: Items = {
  residentRecordCode: undefined,
  name: undefined,
  birthDate: undefined,
  sex: undefined,
  address: undefined,
  individualNumber: undefined,
  changeReason: undefined,
  changedOn: undefined,
};

function itemsOf(
  subject: BulkSubject | undefined,
  items: ReadonlySet<ProvidedItem>,
  numbers: ReadonlyMap<string, string>,
): Items {
  if (!subject) return noItems;
  const may = <T>(item: ProvidedItem, value: T): T | undefined => (items.has(item) ? value : undefined);
  return {
    residentRecordCode: may('residentRecordCode', subject.residentRecordCode),
    name: may('name', subject.name),
    birthDate: may('birthDate', subject.birthDate),
    sex: may('sex', subject.sex as Items['sex']),
    address: may('address', subject.address),
    individualNumber: may('individualNumber', numbers.get(subject.personId)),
    changeReason: may('changeReason', bulkChangeReason(subject.changeReason)),
    changedOn: may('changedOn', subject.changedOn),
  };
}
