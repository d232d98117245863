import { act, look } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../../deps.ts';
import { type DueFile, dueFiles, missingFiles } from '../../domain/files-due.ts';
import { ratesKnownUntil } from '../../domain/interest-rates.ts';
import {
  type ChargeLine,
  chargesOfPerson,
  type DayLine,
  dayOfFiles,
  type PersonLine,
  personOfCharge,
  type ReceiptLine,
  receiptsOfCharges,
  type StatisticsLine,
  searchPersons,
  type YearLine,
  yearFigures,
  yearStatistics,
} from '../../store/accounts-view.ts';
import { type Renewal, renewalsOf, type Succession, successionsOf } from '../../store/arrears.ts';
import { findPayer, type Particulars } from '../../store/charges.ts';
import {
  arrivedFiles,
  countFiles,
  type FileLine,
  listFiles,
  listRefusals,
  type RefusalLine,
} from '../../store/files.ts';
import {
  balancesAsOf,
  type ChargeBalance,
  differences,
  type JournalLine,
  journalInBlocks,
  type LedgerBalance,
  linesOfCharges,
  openAsOf,
} from '../../store/journal.ts';
import { type Hold, holdsOf, type RatesMissing, remindedOn, withoutRates } from '../../store/office.ts';
import { type Overpayment, overpayments, type Refund, refunds } from '../../store/refunds.ts';
import { type Slip, slipsOfCharges } from '../../store/slips.ts';
import { waitingSum } from '../../store/suspense.ts';
import { lastDays } from './arrears.ts';

export type { ChargeLine, PersonLine } from '../../store/accounts-view.ts';
export type { FileLine, RefusalLine } from '../../store/files.ts';
export type { JournalLine } from '../../store/journal.ts';

export interface AccountView {
  readonly payer: Particulars;
  readonly charges: readonly ChargeLine[];
  /** Every entry that touched a charge, oldest first. */
  readonly path: readonly JournalLine[];
  readonly receipts: readonly ReceiptLine[];
  readonly slips: readonly Slip[];
  readonly holds: readonly Hold[];
  readonly overpayments: readonly Overpayment[];
  readonly refunds: readonly Refund[];
  /** 差押, 交付要求, 承認. */
  readonly renewals: readonly Renewal[];
  readonly succession: Succession | undefined;
  /** Of what is open: the last day before the claim is gone, with all that renewed or held it. */
  readonly prescribesOn: Readonly<Record<string, string>>;
}

/** 収納状況照会 (COL-F2): everything of a person over all years. */
export const readAccount = act('collections.read-account', {
  right: ['collections', 'account', 'read'],
  async run(
    tx,
    deps: Deps,
    of: { readonly personNumber: string } | { readonly chargeId: string },
  ): Promise<Result<AccountView, 'no-such-person'>> {
    const personNumber = 'personNumber' in of ? of.personNumber : await personOfCharge(tx, of.chargeId);
    if (personNumber === undefined) return err('no-such-person');
    // What does not need each other's rows is asked together.
    const [payer, charges, over, given, successions] = await Promise.all([
      findPayer(tx, personNumber),
      chargesOfPerson(tx, personNumber),
      overpayments(tx, { personNumber }),
      refunds(tx, { personNumber }),
      successionsOf(tx, [personNumber]),
    ]);
    if (payer === undefined) return err('no-such-person');
    const ids = charges.map((c) => c.chargeId);
    const [path, receipts, slips, holds, renewals, reminded] = await Promise.all([
      linesOfCharges(tx, ids),
      receiptsOfCharges(tx, ids),
      slipsOfCharges(tx, ids),
      holdsOf(tx, ids),
      renewalsOf(tx, ids),
      remindedOn(tx, ids),
    ]);
    tx.record({
      event: 'account.read',
      subject: personNumber,
      ground: '地方税法 第329条, 第331条',
      items: ['収納状況'],
      detail: { charges: charges.length },
    });
    // Only what is open can lapse.
    const open = charges.filter((c) => c.openTaxYen + c.feeYen + c.interestYen > 0);
    const ends = lastDays(open, { reminded, holds, renewals }, deps.civilClock.today().toString());
    const succession = successions.get(personNumber);
    return ok({
      renewals,
      succession,
      payer,
      charges,
      path,
      receipts,
      slips,
      holds,
      overpayments: over,
      refunds: given,
      prescribesOn: ends,
    });
  },
});

export interface PersonPayments {
  readonly charges: readonly (ChargeLine & { readonly held: boolean })[];
  readonly receipts: readonly ReceiptLine[];
  readonly overpaidYen: number;
}
/** The same in short for the tax console of the ward: given to a system, for the member of staff that it names. */
export const givePersonPayments = act('collections.give-person-payments', {
  right: ['collections', 'account', 'read'],
  async run(
    tx,
    deps: Deps,
    query: { readonly personNumber: string; readonly staffId: string },
    actor,
  ): Promise<Result<PersonPayments, 'no-such-person'>> {
    const charges = await chargesOfPerson(tx, query.personNumber);
    if (charges.length === 0) return err('no-such-person');
    const ids = charges.map((c) => c.chargeId);
    const today = deps.civilClock.today().toString();
    const held = new Set(
      (await holdsOf(tx, ids))
        .filter((h) => h.endedOn === null && (h.untilOn === null || h.untilOn >= today))
        .map((h) => h.chargeId),
    );
    const receipts = await receiptsOfCharges(tx, ids);
    const over = await overpayments(tx, { personNumber: query.personNumber });
    tx.record({
      event: 'account.given',
      subject: query.personNumber,
      ground: '地方税法 第329条, 第331条',
      items: ['収納状況'],
      recipient: actor.kind === 'system' ? `${actor.organisation}/${actor.system}` : actor.kind,
      detail: { staff: query.staffId, charges: charges.length },
    });
    return ok({
      charges: charges.map((c) => ({ ...c, held: held.has(c.chargeId) })),
      receipts,
      overpaidYen: over.reduce((all, o) => all + o.leftYen, 0),
    });
  },
});

/** What was open of a person on a day, by what was known at a moment. */
export const readOpenAsOf = act('collections.read-open-as-of', {
  right: ['collections', 'account', 'read'],
  async run(
    tx,
    _deps: Deps,
    query: { readonly personNumber: string; readonly validOn: string; readonly knownAt: string },
  ): Promise<Result<readonly ChargeBalance[], never>> {
    const found = await openAsOf(tx, query.personNumber, query.validOn, query.knownAt);
    tx.record({ event: 'account.read-as-of', subject: query.personNumber });
    return ok(found);
  },
});

export const findAccounts = act('collections.find-accounts', {
  right: ['collections', 'account', 'read'],
  async run(tx, _deps: Deps, query: { readonly text: string }): Promise<Result<readonly PersonLine[], 'too-short'>> {
    const text = query.text.trim();
    if (text.length < 2) return err('too-short');
    const digits = /^[0-9]+$/.test(text);
    const found = await searchPersons(tx, {
      personNumber: digits && text.length === 15 ? text : null,
      noticeNumber: digits && text.length === 10 ? text : null,
      kana: digits ? null : text,
    });
    tx.record({
      event: 'account.searched',
      subjects: found.map((p) => p.personNumber),
      detail: { found: found.length },
    });
    return ok(found);
  },
});

export interface FilesView {
  readonly due: readonly (DueFile & { readonly state: 'here' | 'awaited' | 'missing' })[];
  readonly files: readonly FileLine[];
  readonly total: number;
  readonly refusals: readonly RefusalLine[];
}
/** Files due and arrived: what has not come stands first. */
export const lookAtFiles = look('collections.look-at-files', {
  right: ['collections', 'file', 'read'],
  async run(tx, deps: Deps, query: { readonly offset: number; readonly limit: number }): Promise<FilesView> {
    const today = deps.civilClock.today();
    const from = today.subtract({ days: 60 }).toString();
    const due = dueFiles(deps.schedules, from, today.subtract({ days: 1 }).toString());
    const missing = new Set(missingFiles(due, await arrivedFiles(tx, from)));
    return {
      due: due
        .map((file) => ({
          ...file,
          state: !missing.has(file)
            ? ('here' as const)
            : file.arriveBy < today.toString()
              ? ('missing' as const)
              : ('awaited' as const),
        }))
        .reverse(),
      files: await listFiles(tx, query),
      total: await countFiles(tx),
      refusals: await listRefusals(tx, 20),
    };
  },
});

export interface DayView {
  readonly lines: readonly DayLine[];
  readonly suspense: { readonly receipts: number; readonly yen: number };
  readonly missing: readonly DueFile[];
  readonly balances: readonly LedgerBalance[];
  readonly differences: number;
  readonly years: readonly YearLine[];
  /** Charges whose interest waits for rates that are not published in the table yet. */
  readonly withoutRates: readonly RatesMissing[];
}
/** 日次締め: what came on a day, whether the books balance and agree with themselves, and what is late. */
export const lookAtDay = look('collections.look-at-day', {
  right: ['collections', 'closing', 'read'],
  async run(tx, deps: Deps, { day }: { readonly day: string }): Promise<DayView> {
    const today = deps.civilClock.today().toString();
    const from = deps.schedules.map((s) => s.from).sort()[0] ?? today;
    const due = dueFiles(deps.schedules, from, today).filter((f) => f.arriveBy < today);
    return {
      lines: await dayOfFiles(tx, day),
      suspense: await waitingSum(tx),
      missing: missingFiles(due, await arrivedFiles(tx, from)),
      balances: await balancesAsOf(tx, day, deps.machineClock.now().toString()),
      differences: (await differences(tx)).length,
      years: await yearFigures(tx),
      withoutRates: await withoutRates(tx, ratesKnownUntil),
    };
  },
});

/** 決算統計 (COL-F5) of a book year: 現年課税分 and 滞納繰越分, each tax apart, as the yearly report of the settlement asks. */
export const lookAtStatistics = look('collections.look-at-statistics', {
  right: ['collections', 'closing', 'read'],
  run: (tx, _deps: Deps, { bookYear }: { readonly bookYear: number }): Promise<readonly StatisticsLine[]> =>
    yearStatistics(tx, bookYear),
});

const ledgerNames: Readonly<Record<JournalLine['ledger'], string>> = {
  receivable: 'assets:receivable',
  cash: 'assets:cash',
  levy: 'income:levy',
  suspense: 'liabilities:suspense',
  overpaid: 'liabilities:overpaid',
  'refund-payable': 'liabilities:refund-payable',
  'refund-interest': 'expenses:refund-interest',
  'written-off': 'expenses:written-off',
};
const parts = ['ward', 'metropolitan', 'forest', 'fee', 'interest'] as const;

/** Entries as a plain-text journal that outside bookkeeping programs read; no person stands in it. */
export function* journalText(lines: readonly JournalLine[]): Iterable<string> {
  for (const [entryNo, group] of Map.groupBy(lines, (line) => line.entryNo)) {
    const [first] = group;
    yield `${first!.validOn} * (${entryNo}) ${first!.kind}\n`;
    for (const line of group) {
      const account = `${ledgerNames[line.ledger]}:${line.bookYear}`;
      if (line.chargeId === null) yield `    ${account}  JPY ${line.plain}\n`;
      else for (const part of parts) if (line[part] !== 0) yield `    ${account}:${part}  JPY ${line[part]}\n`;
    }
    yield '\n';
  }
}

/** The whole journal, in the order of its entries, handed on block by block. */
export const exportJournal = act('collections.export-journal', {
  right: ['collections', 'closing', 'read'],
  async run(
    tx,
    _deps: Deps,
    { write }: { readonly write: (text: string) => void },
  ): Promise<Result<{ lines: number }, never>> {
    let held: JournalLine[] = [];
    let count = 0;
    for await (const block of journalInBlocks(tx, 2_000)) {
      count += block.length;
      // The last entry of a block may go on in the next.
      const last = block.at(-1)!.entryNo;
      held.push(...block);
      const whole = held.filter((line) => line.entryNo !== last);
      held = held.filter((line) => line.entryNo === last);
      for (const text of journalText(whole)) write(text);
    }
    for (const text of journalText(held)) write(text);
    tx.record({ event: 'journal.exported', detail: { lines: count } });
    return ok({ lines: count });
  },
});
