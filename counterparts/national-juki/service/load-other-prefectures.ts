import type { OtherPrefecturePerson } from '@musubi/contracts/juki/inquiry.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { parseResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { insertLoadedHolders, lockHolders, type StoredRecord, writeRecords } from '../store/records.ts';
import { ownerOfHolder, tiedBy, tiesOf } from './apply-notice.ts';

/** Residents of prefectures that the town does not run. Who has a record, or whose number is another's, stays as it is. */
export const loadPersonsOfOthers = act('national-juki.load-other-prefectures', {
  right: ['national-juki', 'load', 'update'],
  async run(
    tx,
    deps: Deps,
    { reportedBy, persons }: { readonly reportedBy: string; readonly persons: readonly OtherPrefecturePerson[] },
  ): Promise<Result<{ accepted: number; already: number }, never>> {
    const readable = persons.flatMap((person) => {
      const number = IndividualNumber.parse(person.individualNumber);
      return number.ok && parseResidentRecordCode(person.residentRecordCode).ok
        ? [{ person, number: number.value }]
        : [];
    });
    const holders = await lockHolders(
      tx,
      readable.map(({ person }) => person.residentRecordCode),
    );
    const held = await deps.vault.holdersOfMany(
      tx,
      readable.map(({ number }) => number),
      'national-juki/initial-load',
    );
    const fresh = readable
      .filter(({ person }, i) => !holders.has(person.residentRecordCode) && held[i]!.length === 0)
      .map((entry) => ({ ...entry, holderId: deps.newId() }));
    const puts = await deps.vault.putMany(
      tx,
      fresh.map(({ holderId, number }) => ({ owner: ownerOfHolder(holderId), number })),
      'national-juki/initial-load',
    );
    const at = deps.machineClock.now();
    const ties = tiesOf();
    await insertLoadedHolders(
      tx,
      fresh.map(({ holderId, person }, i) => ({
        holderId,
        residentRecordCode: person.residentRecordCode,
        numberRef: puts[i]!.ref,
      })),
      at,
      ties.holders,
    );
    const records = fresh.map(({ holderId, person }): StoredRecord => {
      const { individualNumber: _, ...items } = person;
      return {
        ...items,
        holderId,
        status: 'resident',
        changeReason: 'initial-load',
        reportedBy,
        changeId: deps.newId(),
      };
    });
    await writeRecords(tx, records, at, ties.records);
    tx.record({
      event: 'load.applied',
      subjects: fresh.map(({ holderId }) => holderId),
      ...tiedBy(ties),
      ground: '住民基本台帳法第30条の7',
      detail: { reportedBy, accepted: fresh.length, already: persons.length - fresh.length },
    });
    return ok({ accepted: fresh.length, already: persons.length - fresh.length });
  },
});
