import type { AssignmentRequest } from '@musubi/contracts/juki/assignment.ts';
import { fingerprint } from '@musubi/kernel/crypto/digest.ts';
import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { type IndividualNumber, makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import {
  type CodeHolder,
  holderOfRequest,
  insertHolder,
  insertReplacement,
  lockHolders,
  recordsOf,
  replacementOf,
} from '../store/records.ts';
import { ownerOfHolder, ownerOfReplacement } from './apply-notice.ts';

export interface Assigned {
  readonly residentRecordCode: string;
  readonly individualNumber: IndividualNumber;
}

/**
 * A new code and number, random, never given before and never given again. The same request of the same register gets the
 * same ones; `command` is what the register signed.
 *
 * @law 住民基本台帳法 第30条の3, 番号利用法 第8条
 */
export const assignCodesTo = act('national-juki.assign-codes', {
  right: ['national-juki', 'assignment', 'update'],
  async run(tx, deps: Deps, command: AssignmentRequest): Promise<Result<Assigned, 'request-reused' | 'no-such-code'>> {
    const requestDigest = fingerprint(command);
    // Two of the same request at once: the second waits here and then finds what the first was given.
    await tx`select pg_advisory_xact_lock(hashtextextended(${`${command.register}/${command.requestId}`}, 0))`;
    if (command.ground === 'code-change' || command.ground === 'number-change')
      return replace(tx, deps, { ...command, ground: command.ground, requestDigest });
    const known = await holderOfRequest(tx, command.register, command.requestId);
    if (known) {
      if (!known.requestDigest?.equals(requestDigest)) return err('request-reused');
      const individualNumber = await deps.vault.reveal(tx, known.numberRef, 'national-juki/assign-again');
      tx.record({ event: 'codes.assigned-again', subject: known.holderId, recipient: command.register });
      return ok({ residentRecordCode: known.residentRecordCode, individualNumber });
    }
    const holderId = deps.newId();
    const individualNumber = await unusedNumber(tx, deps);
    const numberRef = await deps.vault.put(tx, ownerOfHolder(holderId), individualNumber, 'national-juki/assign');
    for (;;) {
      const residentRecordCode = makeResidentRecordCode(deps.random);
      const { register: assignedTo, municipalityCode, requestId } = command;
      const ground: CodeHolder['ground'] = command.ground === 'birth' ? 'birth' : 'first-entry';
      const holder = {
        holderId,
        residentRecordCode,
        numberRef,
        assignedTo,
        municipalityCode,
        requestId,
        requestDigest,
        ground,
      };
      if (!(await insertHolder(tx, holder, deps.machineClock.now()))) continue;
      tx.record({
        event: 'codes.assigned',
        subject: holderId,
        facts: ['national_juki.code_holder'],
        ground: '住民基本台帳法第30条の3、番号利用法第7条・第8条',
        items: ['residentRecordCode', 'individualNumber'],
        recipient: assignedTo,
        detail: { for: ground, municipalityCode },
      });
      return ok({ residentRecordCode, individualNumber });
    }
  },
});

/** A new code beside the same number, or a new number beside the same code; in force when the prefecture's notice comes. */
async function replace(
  tx: Tx,
  deps: Deps,
  command: AssignmentRequest & {
    readonly ground: 'code-change' | 'number-change';
    readonly requestDigest: Uint8Array;
  },
): Promise<Result<Assigned, 'request-reused' | 'no-such-code'>> {
  const { register: assignedTo, requestId, requestDigest, ground, residentRecordCode = '' } = command;
  const before = await replacementOf(tx, assignedTo, requestId);
  if (before) {
    if (!before.requestDigest.equals(requestDigest)) return err('request-reused');
    const individualNumber = await deps.vault.reveal(tx, before.numberRef, 'national-juki/assign-again');
    tx.record({ event: 'codes.assigned-again', subject: before.holderId, recipient: assignedTo });
    return ok({ residentRecordCode: before.newCode ?? residentRecordCode, individualNumber });
  }
  const holder = (await lockHolders(tx, [residentRecordCode])).get(residentRecordCode);
  const record = holder && (await recordsOf(tx, [holder.holderId])).get(holder.holderId);
  const isTheirs =
    record?.residentRecordCode === residentRecordCode &&
    record.status !== 'removed' &&
    record.municipalityCode === command.municipalityCode;
  if (!holder || !isTheirs) return err('no-such-code');
  const replacementId = deps.newId();
  const number =
    ground === 'number-change'
      ? { value: await unusedNumber(tx, deps), ref: undefined }
      : await currentNumber(tx, deps, holder.holderId);
  const numberRef =
    ground === 'number-change'
      ? await deps.vault.put(tx, ownerOfReplacement(replacementId), number.value, 'national-juki/assign')
      : number.ref!;
  const row = { replacementId, holderId: holder.holderId, ground, numberRef, assignedTo, requestId, requestDigest };
  for (;;) {
    const newCode = ground === 'code-change' ? makeResidentRecordCode(deps.random) : null;
    if (!(await insertReplacement(tx, { ...row, newCode }, deps.machineClock.now()))) continue;
    tx.record({
      event: 'codes.replaced',
      subject: holder.holderId,
      facts: ['national_juki.replacement'],
      ground: ground === 'code-change' ? '住民基本台帳法第30条の4' : '番号利用法第7条第2項',
      items: ['residentRecordCode', 'individualNumber'],
      recipient: assignedTo,
      detail: { for: ground, municipalityCode: command.municipalityCode },
    });
    return ok({ residentRecordCode: newCode ?? residentRecordCode, individualNumber: number.value });
  }
}

async function currentNumber(
  tx: Tx,
  deps: Deps,
  holderId: string,
): Promise<{ value: IndividualNumber; ref: NumberRef }> {
  const held = (await deps.vault.history(tx, ownerOfHolder(holderId))).find((h) => h.closed === undefined);
  if (!held) throw new Error('a holder without a number');
  return { value: await deps.vault.reveal(tx, held.ref, 'national-juki/assign'), ref: held.ref };
}

/** Numbers that someone holds or ever held are passed over; a collision among 10^11 is rare, a second one is not worth planning for. */
async function unusedNumber(tx: Tx, deps: Deps): Promise<IndividualNumber> {
  for (;;) {
    const candidate = makeIndividualNumber(deps.random);
    if ((await deps.vault.holders(tx, candidate, 'national-juki/assign')).length === 0) return candidate;
  }
}
