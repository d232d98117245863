import { firstDayOf, fiscalYearOf, lastDayOf } from '../calendar/fiscal-year.ts';
import { act } from '../db/act.ts';
import { err, ok, type Result } from '../result/result.ts';
import { type ErasureDeps, orderErasure } from '../vault/sealed/erasure.ts';
import { staffOf, takenNow } from './cases.ts';
import { type DisclosureDeps, type DisclosureSetup, levels } from './setup.ts';
import { type FormRow, insertFormStep, listForms, openSerials, readCase, readForms } from './store.ts';

export const disposals = { shredded: '裁断', dissolved: '溶解' } as const;
export type Disposal = keyof typeof disposals;

/** The last day on which papers of a case that was closed on this day are kept. */
export const keptUntil = (closedOn: Temporal.PlainDate, years: number): Temporal.PlainDate =>
  lastDayOf(fiscalYearOf(closedOn)).add({ years });

/** 帳票管理簿: what was made, handed over, kept and disposed of, by whom; a check that finds a difference says why. */
export function ledgerUseCases<D extends DisclosureDeps>(setup: DisclosureSetup<D>) {
  const { system } = setup;
  const keep = levels.ledger(system);
  const name = (word: string): string => `${system}.form-ledger.${word}`;

  /** A sheet that was misprinted or is not needed: destroyed before a witness, and may be made again. */
  const spoil = act(name('spoil'), {
    right: keep,
    async run(
      tx,
      deps: D,
      command: { serial: string; reason: string; method: Disposal; witness: string },
      actor,
    ): Promise<Result<undefined, 'no-such-sheet' | 'already-ended' | 'reason-missing' | 'witness-missing'>> {
      const [form] = await readForms(tx, { serial: command.serial }, true);
      if (!form) return err('no-such-sheet');
      if (isEnded(form)) return err('already-ended');
      if (command.reason.trim() === '') return err('reason-missing');
      if (!isWitness(command.witness, staffOf(actor))) return err('witness-missing');
      const { serial, ...detail } = command;
      await insertFormStep(tx, serial, { kind: 'spoiled', detail }, takenNow(deps, actor));
      await eraseCopy(tx, deps, form);
      tx.record({ event: 'form.spoiled', facts: ['disclosure.form_step'], detail: { serial, method: command.method } });
      return ok(undefined);
    },
  });

  /** 廃棄: after the term, by name of method and witness. Only so can an open serial end. */
  const dispose = act(name('dispose'), {
    right: keep,
    async run(
      tx,
      deps: D,
      command: { serial: string; method: Disposal; witness: string },
      actor,
    ): Promise<Result<undefined, 'no-such-sheet' | 'already-ended' | 'term-not-over' | 'witness-missing'>> {
      const [form] = await readForms(tx, { serial: command.serial }, true);
      if (!form) return err('no-such-sheet');
      if (isEnded(form)) return err('already-ended');
      if (!isWitness(command.witness, staffOf(actor))) return err('witness-missing');
      const closedOn = await closingDay(tx, form);
      const today = deps.civilClock.today();
      if (closedOn === undefined || Temporal.PlainDate.compare(today, keptUntil(closedOn, setup.paperKeepYears)) <= 0)
        return err('term-not-over');
      const { serial, ...detail } = command;
      await insertFormStep(tx, serial, { kind: 'disposed', detail }, takenNow(deps, actor));
      await eraseCopy(tx, deps, form);
      tx.record({
        event: 'form.disposed',
        facts: ['disclosure.form_step'],
        detail: { serial, method: command.method },
      });
      return ok(undefined);
    },
  });

  /** 定期点検: the serials found in the safe against those of the ledger. A difference needs its explanation. */
  const check = act(name('check'), {
    right: keep,
    async run(
      tx,
      deps: D,
      command: { readonly found: readonly string[]; readonly explanation: string },
      actor,
    ): Promise<Result<{ missing: readonly string[]; surplus: readonly string[] }, 'explanation-missing'>> {
      const expected = await openSerials(tx);
      const found = [...new Set(command.found)].toSorted();
      const missing = expected.filter((serial) => !found.includes(serial));
      const surplus = found.filter((serial) => !expected.includes(serial));
      if (missing.length + surplus.length > 0 && command.explanation.trim() === '') return err('explanation-missing');
      const taken = takenNow(deps, actor);
      await tx`
        insert into disclosure.form_check (check_id, expected, found, missing, surplus, explanation, checked_on, checked_by, checked_at, event_id)
        values (${deps.newId()}, ${expected}, ${found}, ${missing}, ${surplus}, ${command.explanation}, ${taken.on}, ${taken.by}, ${taken.at}, ${tx.eventId})`;
      tx.record({
        event: 'form-ledger.checked',
        facts: ['disclosure.form_check'],
        detail: { expected: expected.length, missing: missing.length, surplus: surplus.length },
      });
      return ok({ missing, surplus });
    },
  });

  /** 控え: copies of sheets that were handed over are erased when the papers of their case would be shredded. */
  const eraseOldCopies = act(name('erase-old-copies'), {
    right: keep,
    async run(tx, deps: D, _command: null, actor): Promise<Result<{ erased: number }, never>> {
      const rows = await tx<{ serial: string }>`
        select f.serial from disclosure.form f
         where exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind = 'handed-over')
           and exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.sealed_ref is not null)
           and not exists (select 1 from disclosure.form_step s where s.serial = f.serial and s.kind = 'copy-erased')
           -- Closed before the earliest fiscal year whose papers are still kept.
           and exists (select 1 from disclosure.step c where c.request_id = f.request_id and c.kind = 'closed'
                        and c.taken_on < ${firstDayOf(fiscalYearOf(deps.civilClock.today())).subtract({ years: setup.paperKeepYears })}::date)
         order by f.serial limit 200`;
      let erased = 0;
      for (const { serial } of rows) {
        const [form] = await readForms(tx, { serial }, true);
        const closedOn = form && (await closingDay(tx, form));
        if (!form || closedOn === undefined) continue;
        if (Temporal.PlainDate.compare(deps.civilClock.today(), keptUntil(closedOn, setup.paperKeepYears)) <= 0)
          continue;
        await insertFormStep(tx, serial, { kind: 'copy-erased', detail: {} }, takenNow(deps, actor));
        await eraseCopy(tx, deps, form);
        erased += 1;
      }
      tx.record({
        event: 'form.copies-erased',
        ...(erased > 0 ? { facts: ['disclosure.form_step'] } : {}),
        detail: { erased },
      });
      return ok({ erased });
    },
  });

  const list = act(name('list'), {
    right: keep,
    async run(
      tx,
      _deps: D,
      q: { which: 'open' | 'all'; formType: string | null; offset: number; limit: number },
    ): Promise<Result<{ rows: FormRow[]; total: number; checks: CheckLine[] }, never>> {
      const found = await listForms(tx, q);
      const checks = await tx<CheckLine & object>`
        select checked_on::text as "checkedOn", checked_by as "checkedBy", cardinality(expected) as expected, missing, surplus, explanation
          from disclosure.form_check order by checked_at desc limit 12`;
      tx.record({ event: 'form-ledger.listed', detail: { count: found.rows.length } });
      return ok({ ...found, checks });
    },
  });

  return { spoil, dispose, check, eraseOldCopies, list };
}

export interface CheckLine {
  readonly checkedOn: string;
  readonly checkedBy: string;
  readonly expected: number;
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly explanation: string;
}

const isEnded = (form: FormRow): boolean =>
  form.steps.some((s) => s.kind === 'handed-over' || s.kind === 'disposed' || s.kind === 'spoiled');

const isWitness = (witness: string, by: string): boolean => witness.trim() !== '' && witness.trim() !== by;

async function closingDay(tx: Parameters<typeof readCase>[0], form: FormRow): Promise<Temporal.PlainDate | undefined> {
  const found = form.requestId === null ? undefined : await readCase(tx, form.requestId);
  const closed = found?.steps.find(({ step }) => step.kind === 'closed');
  return closed && Temporal.PlainDate.from(closed.takenOn);
}

async function eraseCopy(
  tx: Parameters<typeof readCase>[0],
  deps: Omit<ErasureDeps, 'keyStore'>,
  form: FormRow,
): Promise<void> {
  for (const { sealedRef } of form.steps)
    if (sealedRef !== null) await orderErasure(tx, deps, `object:${sealedRef}`, 'disclosure/term-over');
}
