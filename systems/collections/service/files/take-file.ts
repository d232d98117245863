import { createHash } from 'node:crypto';
import { channels, type PaymentChannel, readPaymentFile } from '@musubi/contracts/payments/files.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { timesNormal } from '../../domain/unmatched.ts';
import {
  findFile,
  insertFile,
  insertFileMatch,
  insertRefusal,
  lockChannel,
  type TakenFile,
  usualMatches,
} from '../../store/files.ts';
import { journalBatches, journalFacts } from '../../store/journal.ts';
import { Ties } from '../../store/ties.ts';
import { type Counts, type Posted, postRecords } from './post-records.ts';

export interface FileFault {
  readonly rule: string;
  readonly row?: number;
  readonly field?: string;
  readonly message: string;
}
export type Intake =
  | { readonly taken: true; readonly repeated: boolean; readonly file: TakenFile }
  | { readonly taken: false; readonly faults: readonly FileFault[] };

export const isPaymentChannel = (word: string): word is PaymentChannel =>
  (channels as readonly string[]).includes(word);

export const whoActs = (actor: Actor): string => {
  switch (actor.kind) {
    case 'staff':
      return actor.staffId;
    case 'system':
      return `${actor.organisation}/${actor.system}`;
    case 'resident':
      return 'resident';
    case 'job':
      return `job:${actor.name}`;
  }
};

/**
 * Takes a file of payments: the whole of it is read, settled and in the books with one commit, or nothing of it is and the refusal
 * says where and why; then it stays due. The same bytes a second time give the first outcome (COL-F1, INC-39).
 */
export const takeFile = act('collections.take-file', {
  right: ['collections', 'file', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly channel: PaymentChannel; readonly content: Uint8Array },
    actor,
  ): Promise<Result<Intake, never>> {
    const { channel, content } = command;
    const sha256 = createHash('sha256').update(content).digest();
    await lockChannel(tx, channel);
    const before = await findFile(tx, { sha256 });
    if (before !== undefined && enforced('input.duplicate-file')) {
      tx.record({ event: 'payment-file.repeated', detail: { file: before.fileId } });
      return ok({ taken: true, repeated: true, file: before });
    }
    const read = readPaymentFile(content, { channel, bodyCode: deps.bodyCode });
    const faults = read.ok ? await headerFaults(tx, deps, read.value) : read.error;
    if (!read.ok || faults.length > 0) return refuse(tx, deps, actor, { channel, sha256, content, faults });
    const fileId = deps.newId();
    const { sender, businessOn, sequence, records, total } = read.value;
    const meta = { fileId, channel, sender, businessOn };
    const file = await taken(
      tx,
      deps,
      actor,
      { ...meta, sequence, sha256, bytes: content.length, records: records.length, total },
      (more) => postRecords(tx, deps, meta, records, [], more),
    );
    return ok({ taken: true, repeated: false, file });
  },
});

/** Rules that need the books: the sender is known, the day has come, and no other file stands for this day and number. */
async function headerFaults(
  tx: Tx,
  deps: Deps,
  file: { channel: string; sender: string; businessOn: string; sequence: number },
): Promise<readonly FileFault[]> {
  const { channel, sender, businessOn, sequence } = file;
  const at = (rule: string, field: string, message: string): readonly FileFault[] => [{ rule, row: 1, field, message }];
  if (!deps.schedules.some((s) => s.channel === channel && s.sender === sender))
    return at('P10', '送信元', '登録のない送信元です');
  if (businessOn > deps.civilClock.today().toString()) return at('P11', '対象日', '対象日がまだ来ていません');
  if (await findFile(tx, { channel, sender, businessOn, sequence }))
    return at('P09', '対象日', '同じ対象日と連番の、内容の異なるファイルを受け入れ済みです');
  return [];
}

export async function refuse(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  file: { channel: string; sha256: Uint8Array; content: Uint8Array; faults: readonly FileFault[] },
): Promise<Result<Intake, never>> {
  const faults = file.faults.slice(0, 100);
  await insertRefusal(tx, {
    refusalId: deps.newId(),
    channel: file.channel,
    sha256: file.sha256,
    bytes: file.content.length,
    faults,
    by: whoActs(actor),
    on: deps.civilClock.today().toString(),
    at: deps.machineClock.now(),
  });
  tx.record({
    event: 'payment-file.refused',
    facts: ['collections.file_refusal'],
    detail: { channel: file.channel, rule: faults[0]?.rule ?? '', row: faults[0]?.row ?? 0 },
  });
  return ok({ taken: false, faults });
}

/** Settles, writes the file's row and records the event: one for every way in which files come. */
export async function taken(
  tx: Tx,
  deps: Deps,
  actor: Actor,
  file: {
    fileId: string;
    channel: string;
    sender: string;
    businessOn: string;
    sequence: number;
    sha256: Uint8Array;
    bytes: number;
    records: number;
    total: number;
  },
  post: (more: { ties: Ties; writeFile: (counts: Counts) => Promise<void> }) => Promise<Posted>,
  moreFacts: readonly string[] = [],
): Promise<TakenFile> {
  const { total, ...rest } = file;
  const ties = new Ties();
  const { match, ...counts } = await post({
    ties,
    writeFile: (sums) =>
      insertFile(tx, {
        ...rest,
        ...sums,
        totalYen: total,
        takenBy: whoActs(actor),
        takenOn: deps.civilClock.today().toString(),
        at: deps.machineClock.now(),
      }),
  });
  const takenOn = deps.civilClock.today().toString();
  const times = match.waiting === 0 ? undefined : timesNormal(match, await usualMatches(tx, file.channel));
  // A file without payments says nothing of what is usual.
  if (match.finals > 0) {
    const { fileId, channel } = rest;
    await insertFileMatch(tx, { ...match, fileId, channel, takenOn, timesNormal: times ?? null });
  }
  tx.record({
    event: 'payment-file.taken',
    facts: [
      'collections.payment_file',
      'collections.file_match',
      'collections.payment_record',
      'collections.overpayment',
      'collections.remittance_use',
      ...moreFacts,
      ...journalFacts,
    ],
    batches: {
      ...journalBatches,
      'collections.payment_record': null,
      'collections.overpayment': null,
      ...Object.fromEntries(moreFacts.map((fact) => [fact, null])),
      ...ties.batches(),
    },
    detail: {
      channel: file.channel,
      records: file.records,
      ...counts,
      // 「照合できない収納が n 件（通常の m 倍）」: what the clerk sees stands in the log too.
      ...(times === undefined
        ? {}
        : { alarm: 'receipt.unmatched', waiting: match.waiting, tenthsOfNormal: Math.round(times * 10) }),
    },
  });
  return { ...rest, ...counts, totalYen: total };
}
