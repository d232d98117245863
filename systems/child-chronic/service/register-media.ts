import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { type ImportError, importContainer, receiverKeyOf } from '@musubi/kernel/media/keys.ts';
import { type LentError, lentMedium, recordWritten } from '@musubi/kernel/media/ledger.ts';
import { type Prepared, type PrepareError, prepareHandOver, requestHandOver } from '@musubi/kernel/media/media.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { NumberRef } from '@musubi/kernel/vault/vault.ts';
import type { Deps } from '../deps.ts';
import {
  findRegisterUse,
  insertRegisterAnswers,
  insertUseFile,
  insertUseImport,
  lockRegisterUse,
  type NewAnswer,
  numberRefsOf,
  type RegisterUseRow,
  registerUseRows,
} from '../store/register-uses.ts';
import { type ResultFault, readResult, writeList } from './register-list.ts';
import { approvableUse, USE_APPROVAL } from './register-uses.ts';

const terminalOf = (actor: Actor): string => (actor.kind === 'staff' ? (actor.terminalId ?? '') : '');
const ground = '住民基本台帳法 第30条の15第1項, 番号利用法 第9条第1項';

export type WriteListError =
  | 'not-staff'
  | 'no-such-entry'
  | 'written-already'
  | 'receiver-has-no-key'
  | 'number-missing'
  | 'unwritable'
  | 'no-files'
  | 'file-name-twice'
  | LentError
  | PrepareError;

/**
 * The list of an approved entry on a medium that is lent to the office, encrypted to the register's office: one row a person, with
 * the number alone, or with the particulars where there is none. The approval is used up; without it no file comes into being.
 * @source 001 MED-X3, §8.6, §8.7, §8.8
 */
export const writeRegisterList = act('child-chronic.write-register-list', {
  right: ['child-chronic', 'register-medium', 'update'],
  async run(
    tx,
    deps: Deps,
    { entryId, serial, settleByOn }: { entryId: string; serial: string; settleByOn: Temporal.PlainDate },
    actor,
  ): Promise<Result<Prepared, WriteListError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const by = actor.staffId;
    await lockRegisterUse(tx, entryId);
    const use = await findRegisterUse(tx, entryId);
    if (!use) return err('no-such-entry');
    if (use.handOverId !== null) return err('written-already');
    const { department, office } = deps.settings.register;
    const medium = await lentMedium(tx, { serial, department });
    if (!medium.ok) return medium;
    const recipientKey = await receiverKeyOf(tx, office);
    if (recipientKey === undefined) return err('receiver-has-no-key');
    const rows = await registerUseRows(tx, entryId);
    const list = await listOf(tx, deps, rows);
    if (!list.ok) return list;
    const content = writeList({ document: use.entryNumber, task: use.taskCode }, list.value);
    if (!content.ok) return content;
    const sealed = await deps.sealed.seal(tx, content.value, {
      kind: 'register-list',
      retentionClass: 'media-until-handed-over',
      purpose: 'register-check',
    });
    const standing = { approvalId: use.approvalId, kind: USE_APPROVAL, payload: approvableUse(use, rows) };
    const asked = await requestHandOver(
      tx,
      deps,
      {
        kind: 'register-list',
        receiver: office,
        recipientKey,
        ground,
        by,
        settleByOn,
        files: [
          {
            fileName: `${use.entryNumber}.csv`,
            records: rows.length,
            totals: {},
            ref: sealed.ref,
            length: sealed.length,
          },
        ],
      },
      standing,
    );
    if (!asked.ok) return asked;
    const { handOverId } = asked.value;
    const prepared = await prepareHandOver(tx, deps, { handOverId, by, standing });
    if (!prepared.ok) return prepared;
    const file = prepared.value.slip.files[0]!;
    const written = await recordWritten(tx, deps, {
      serial,
      department,
      terminal: terminalOf(actor),
      handOverId,
      file,
      by,
    });
    if (!written.ok) return written;
    const at = deps.machineClock.now();
    await insertUseFile(tx, { entryId, handOverId, sealedRef: sealed.ref, serial, by, at });
    tx.record({
      event: 'register-use.list-written',
      subjects: rows.map((r) => r.caseId),
      ground,
      items: ['個人番号', '氏名', '生年月日', '性別', '住所'],
      recipient: office,
      facts: [
        'child_chronic.register_use_file',
        'media.hand_over',
        'media.file',
        'media.output',
        'media.medium_step',
        'media.step',
        'approvals.execution',
      ],
      detail: { entry: use.entryNumber, medium: serial, records: file.records, sha256: file.sha256 },
    });
    return ok(prepared.value);
  },
});

async function listOf(
  tx: Parameters<typeof numberRefsOf>[0],
  deps: Deps,
  rows: readonly RegisterUseRow[],
): Promise<Result<Parameters<typeof writeList>[1], 'number-missing'>> {
  const asked = rows.filter((r) => r.keyKind === 'number');
  const refs = await numberRefsOf(
    tx,
    asked.map((r) => r.caseId),
  );
  if (refs.size !== asked.length) return err('number-missing');
  const numbers = await deps.vault.revealMany(
    tx,
    asked.map((r) => refs.get(r.caseId)!),
    'register-check',
  );
  const numberOf = new Map(asked.map((r, i) => [r.caseId, numbers[i]!]));
  return ok(
    rows.map((r) => {
      const individualNumber = numberOf.get(r.caseId)?.digits();
      // With a number nothing else is stated: what the register says of it is compared here.
      return individualNumber !== undefined
        ? { rowId: r.caseNumber, individualNumber }
        : {
            rowId: r.caseNumber,
            name: r.applicantName,
            birthDate: r.applicantBirthOn,
            sex: r.applicantSex as 'male' | 'female' | 'other',
            address: r.applicantAddress,
          };
    }),
  );
}

export type TakeResultError =
  | 'not-staff'
  | 'no-such-entry'
  | 'not-asked-yet'
  | 'closed-already'
  | 'foreign-row'
  | 'number-of-another'
  | 'answered-otherwise'
  | ResultFault
  | ImportError;

/**
 * The result from the medium: decrypted with our own key, checked whole, and each answer registered with its case. Who has no row in it
 * stays open. A number that was found by the particulars goes into the vault as a candidate and counts for nothing before somebody
 * compared it with the papers.
 * @source 001 MED-X3, §8.6, §8.8, §8.9
 */
export const takeRegisterResult = act('child-chronic.take-register-result', {
  right: ['child-chronic', 'register-medium', 'update'],
  async run(
    tx,
    deps: Deps,
    { entryId, serial, bytes }: { entryId: string; serial: string; bytes: Uint8Array },
    actor,
  ): Promise<Result<{ readonly answers: number; readonly missing: number }, TakeResultError>> {
    if (actor.kind !== 'staff') return err('not-staff');
    const by = actor.staffId;
    await lockRegisterUse(tx, entryId);
    const use = await findRegisterUse(tx, entryId);
    if (!use) return err('no-such-entry');
    if (use.closedBy !== null) return err('closed-already');
    if (use.handOverId === null) return err('not-asked-yet');
    const { department, office } = deps.settings.register;
    const taken = await importContainer(tx, deps, { serial, department, bytes, by });
    if (!taken.ok) return taken;
    const { importId, content } = taken.value;
    const read = await readResult(content, { document: use.entryNumber, task: use.taskCode });
    if (!read.ok) return read;
    const rows = await registerUseRows(tx, entryId);
    const byNumber = new Map(rows.map((r) => [r.caseNumber, r]));
    if (read.value.some((answer) => !byNumber.has(answer.rowId))) return err('foreign-row');
    const same = await aboutTheSame(deps, tx, byNumber, read.value);
    if (!same.ok) return same;
    const at = deps.machineClock.now();
    const fresh: NewAnswer[] = [];
    for (const answer of read.value) {
      const row = byNumber.get(answer.rowId)!;
      const made: Omit<NewAnswer, 'candidateRef'> = {
        rowNo: row.rowNo,
        result: answer.result,
        name: answer.name ?? null,
        birthOn: answer.birthDate ?? null,
        sex: answer.sex ?? null,
        address: answer.address ?? null,
      };
      if (row.result !== null) {
        if ((['result', 'name', 'birthOn', 'sex', 'address'] as const).some((item) => row[item] !== made[item]))
          return err('answered-otherwise');
        continue;
      }
      const candidateRef = await candidateOf(deps, tx, row, answer);
      if (!candidateRef.ok) return candidateRef;
      fresh.push({ ...made, candidateRef: candidateRef.value });
    }
    await insertUseImport(tx, { importId, entryId, serial, rows: read.value.length, by, at });
    if (fresh.length > 0) await insertRegisterAnswers(tx, entryId, importId, fresh, at);
    const answers = use.answers + fresh.length;
    const answered = new Set(fresh.map((f) => f.rowNo));
    tx.record({
      event: 'register-use.result-taken',
      subjects: rows.filter((r) => answered.has(r.rowNo)).map((r) => r.caseId),
      ground,
      recipient: office,
      items: ['氏名', '生年月日', '性別', '住所'],
      facts: [
        'child_chronic.register_use_import',
        ...(fresh.length > 0 ? ['child_chronic.register_answer'] : []),
        'media.import',
        'media.medium_step',
      ],
      detail: { entry: use.entryNumber, medium: serial, rows: read.value.length, missing: use.rows - answers },
    });
    return ok({ answers, missing: use.rows - answers });
  },
});

type Answer = { readonly rowId: string; readonly result: string; readonly individualNumber: string | undefined };

/** Where a row was asked by its number and the answer names one, it is the same number: an answer about somebody else refuses the file. */
async function aboutTheSame(
  deps: Deps,
  tx: Parameters<typeof numberRefsOf>[0],
  rows: ReadonlyMap<string, RegisterUseRow>,
  answers: readonly Answer[],
): Promise<Result<null, 'number-of-another' | 'result-unreadable'>> {
  const named = answers.flatMap((a) => {
    const row = rows.get(a.rowId)!;
    return row.keyKind === 'number' && a.individualNumber !== undefined
      ? [{ caseId: row.caseId, number: IndividualNumber.parse(a.individualNumber) }]
      : [];
  });
  const numbers = named.flatMap(({ number }) => (number.ok ? [number.value] : []));
  if (numbers.length < named.length) return err('result-unreadable');
  const ours = await numberRefsOf(
    tx,
    named.map((n) => n.caseId),
  );
  const held = await deps.vault.findMany(tx, numbers, 'register-check');
  return named.every((n, i) => held[i]!.includes(ours.get(n.caseId)!)) ? ok(null) : err('number-of-another');
}

/** The number that the register found by the particulars. */
async function candidateOf(
  deps: Deps,
  tx: Parameters<typeof numberRefsOf>[0],
  row: RegisterUseRow,
  answer: Answer,
): Promise<Result<NumberRef | null, 'result-unreadable'>> {
  if (row.keyKind === 'number' || answer.result !== 'given' || answer.individualNumber === undefined) return ok(null);
  const number = IndividualNumber.parse(answer.individualNumber);
  if (!number.ok) return err('result-unreadable');
  return ok(await deps.vault.put(tx, `candidate:${row.caseId}`, number.value, 'hold-candidate-number'));
}
