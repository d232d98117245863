import type { InquiryAnswerItems } from '@musubi/contracts/juki/inquiry.ts';
import { isActive, type ProvidedItem } from '@musubi/contracts/juki/tasks.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import {
  insertPrint,
  type ProvisionLine,
  type ProvisionQuery,
  provisionOf,
  readProvisions,
} from '../store/provisions.ts';
import { subjectsByPerson } from '../store/subjects.ts';
import { taskForInquiry } from '../store/tasks.ts';
import { itemsOf } from './answer-inquiry.ts';
import { taskOf } from './task-of.ts';
import { isStoppedFor } from './use-stop.ts';

/** 提供・移転の記録: of a recipient, a task, an operator, or all; refused ones too. */
export const readProvisionRecords = act('prefectural-juki.read-provisions', {
  right: ['prefectural-juki', 'provision', 'read'],
  async run(tx, _deps: Deps, query: ProvisionQuery): Promise<Result<{ rows: ProvisionLine[]; total: number }, never>> {
    const found = await readProvisions(tx, query);
    const persons = found.rows.flatMap((row) => (row.personId === null ? [] : [row.personId]));
    tx.record({ event: 'provisions.read', subjects: persons, detail: { count: found.rows.length } });
    return ok(found);
  },
});

export interface Printed {
  readonly printId: string;
  readonly line: ProvisionLine;
  readonly items: InquiryAnswerItems;
}

/**
 * An answer on paper: the operator's own, of the same day, while the task is still theirs; what is printed is read anew from the
 * file, without the number, and each print has its record. An answer of the national server is not kept and so not printed
 * again.
 */
export const printAnswer = act('prefectural-juki.print-answer', {
  right: ['prefectural-juki', 'inquiry', 'read'],
  async run(
    tx,
    deps: Deps,
    { provisionId }: { readonly provisionId: string },
    actor,
  ): Promise<Result<Printed, 'nothing-to-print' | 'no-active-task'>> {
    if (actor.kind !== 'staff') return err('nothing-to-print');
    const line = await provisionOf(tx, provisionId);
    const asker = `${actor.organisation}/${actor.staffId}`;
    const at = deps.machineClock.now();
    const isFresh = line !== undefined && Temporal.Instant.compare(line.providedAt.add({ hours: 12 }), at) > 0;
    if (line?.asker !== asker || line.result !== 'given' || line.personId === null || !isFresh)
      return err('nothing-to-print');
    const onDate = deps.civilClock.today().toString();
    const task = await taskForInquiry(tx, { code: line.taskCode ?? '', staffId: actor.staffId, onDate });
    if (!task?.isHeld || !isActive(taskOf(task), onDate)) return err('no-active-task');
    const [subject] = await subjectsByPerson(tx, { personIds: [line.personId], withFormer: false });
    if (subject === undefined || isStoppedFor(subject, taskOf(task))) return err('nothing-to-print');
    const given = line.items.filter((item) => item !== 'individualNumber') as ProvidedItem[];
    const printId = deps.newId();
    const terminalId = actor.terminalId ?? null;
    await insertPrint(tx, { printId, provisionId, by: actor.staffId, terminalId }, at);
    tx.record({
      event: 'answer.printed',
      subject: line.personId,
      facts: ['prefectural_juki.print_record'],
      ground: line.ground,
      items: given,
      detail: { provisionId, printId },
    });
    return ok({ printId, line, items: itemsOf(subject, given, undefined) });
  },
});
