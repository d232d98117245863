import { type ReturnNotice, returnNotices } from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { type JournalLine, readJournal } from '@musubi/kernel/notice-journal/entries.ts';
import type { WithDelivery } from '@musubi/kernel/notice-journal/journalled.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Received } from '@musubi/kernel/streams/inbox.ts';
import type { Deps } from '../deps.ts';
import { insertResolution, insertReturned, isReturned, listReturned, type ReturnedLine } from '../store/returned.ts';

/** What comes back from above: kept in the work list here, and passed on to the register (MCS-F5). */
export const takeReturn = act('municipal-juki.take-return', {
  right: ['municipal-juki', 'return', 'update'],
  async run(tx, deps: WithDelivery<Deps>, { message }: Received<ReturnNotice>): Promise<Result<undefined, 'not-ours'>> {
    if (message.municipalityCode !== deps.municipalityCode) return err('not-ours');
    const isRefusal = message.kind === 'refused';
    await insertReturned(
      tx,
      {
        returnId: message.returnId,
        kind: message.kind,
        changeId: isRefusal ? message.changeId : null,
        refusedBy: isRefusal ? message.refusedBy : null,
        rule: isRefusal ? message.rule : null,
        items: isRefusal ? message.items : [],
        presentAt: isRefusal ? message.presentAt : null,
        otherMunicipality: isRefusal ? null : message.otherMunicipality,
      },
      deps.machineClock.now(),
    );
    const subject = isRefusal ? message.changeId : message.residentRecordCode;
    await deps.outbox.enqueue(tx, { receiver: deps.residentRegister, family: returnNotices, subject, message });
    tx.record({
      event: 'return.taken',
      facts: ['municipal_juki.returned'],
      recipient: deps.residentRegister,
      detail: { returnId: message.returnId, kind: message.kind, ...(isRefusal ? { rule: message.rule } : {}) },
    });
    return ok(undefined);
  },
});

export const readReturned = act('municipal-juki.read-returned', {
  right: ['municipal-juki', 'returned', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly all: boolean; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: ReturnedLine[]; total: number }, never>> {
    const found = await listReturned(tx, query);
    tx.record({ event: 'returned.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});

/** 住基担当 closes an entry; what has to change in the register changes there. */
export const resolveReturned = act('municipal-juki.resolve-returned', {
  right: ['municipal-juki', 'returned', 'update'],
  async run(
    tx,
    deps: Deps,
    command: { readonly returnId: string; readonly note: string },
    actor,
  ): Promise<Result<undefined, 'no-such-entry' | 'already-resolved'>> {
    if (!(await isReturned(tx, command.returnId))) return err('no-such-entry');
    const by = actor.kind === 'staff' ? actor.staffId : actor.kind;
    if (!(await insertResolution(tx, { ...command, by }, deps.machineClock.now()))) return err('already-resolved');
    tx.record({
      event: 'returned.resolved',
      facts: ['municipal_juki.returned_resolution'],
      detail: { returnId: command.returnId },
    });
    return ok(undefined);
  },
});

export const readNotices = act('municipal-juki.read-journal', {
  right: ['municipal-juki', 'journal', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly result: string | null; readonly offset: number; readonly limit: number },
  ): Promise<Result<{ rows: JournalLine[]; total: number }, never>> {
    const found = await readJournal(tx, query);
    tx.record({ event: 'journal.read', detail: { count: found.rows.length } });
    return ok(found);
  },
});
