import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Incoming, PayersList, Resolved } from '../../domain/matching.ts';
import { type LockedState, lockStates } from '../../store/charges.ts';
import { openRemittances } from '../../store/remittances.ts';
import {
  chargesByCollector,
  chargesByNotice,
  chargesWithheld,
  paidSlips,
  slipsByCaseKey,
  slipsByConvenienceReference,
} from '../../store/slips.ts';

/** Where the references of a file lead, with the charges locked and as they are now. */
export interface Resolution {
  readonly states: ReadonlyMap<string, LockedState>;
  /** undefined: nowhere, or to more than one. `slipNo` null where no slip is meant. */
  of(record: Incoming): { readonly resolved: Resolved; readonly slipNo: number | null } | undefined;
  /** A slip of this file has been paid; the next record of the file knows it. */
  markPaid(slipNo: number): void;
  /** An employer's list has said where a payment goes; it says so once. */
  markUsed(listId: string): void;
}

interface Lead {
  readonly chargeIds: readonly string[];
  readonly slipNo: number | null;
  readonly slipYen: number | null;
  readonly confirmation: string | null;
  readonly lists?: readonly PayersList[];
}

/** 課税年度 of a month in which employers collect: June to May. */
export const specialYear = (month: string): number => Number(month.slice(0, 4)) - (Number(month.slice(5)) >= 6 ? 0 : 1);
/** 課税年度 of a month in which pension insurers collect: April to February. */
const pensionYear = (month: string): number => Number(month.slice(0, 4)) - (Number(month.slice(5)) >= 4 ? 0 : 1);
const noticeKey = (k: { noticeNumber: string; fiscalYear: number; instalment: number; printedYen: number }): string =>
  `notice ${k.noticeNumber} ${k.fiscalYear} ${k.instalment} ${k.printedYen}`;
const monthKey = (number: string, year: number, month: number): string => `month ${number} ${year} ${month}`;

function keyOf({ reference: r }: Incoming): string | undefined {
  switch (r.kind) {
    case 'case':
    case 'debit':
      return `case ${r.caseKey}`;
    case 'convenience':
      return `store ${r.reference}`;
    case 'notice':
      return noticeKey(r);
    case 'collector':
      return monthKey(r.designationNumber, specialYear(r.month), Number(r.month.slice(5)));
    case 'withheld':
      return monthKey(r.noticeNumber, pensionYear(r.month), Number(r.month.slice(5)));
    case 'unreadable':
      return undefined;
  }
}

type Of<K extends Incoming['reference']['kind']> = Extract<Incoming['reference'], { kind: K }>;

/** Looks up all references of a file in a few statements, then takes the locks, then reads what has been paid. */
export async function resolve(tx: Tx, records: readonly Incoming[]): Promise<Resolution> {
  const references = records.map((r) => r.reference);
  const of = <K extends Incoming['reference']['kind']>(...kinds: K[]): Of<K>[] =>
    references.filter((r): r is Of<K> => (kinds as readonly string[]).includes(r.kind));
  const leads = new Map<string, Lead>();
  const add = (key: string, lead: Lead): void => {
    const known = leads.get(key);
    // Two charges behind one key: not certain, so it leads nowhere.
    leads.set(key, known === undefined ? lead : { ...lead, chargeIds: [] });
  };
  const [byCase, byStore, byNotice, byCollector, byPension, told] = await Promise.all([
    slipsByCaseKey(
      tx,
      of('case', 'debit').map((r) => r.caseKey),
    ),
    slipsByConvenienceReference(
      tx,
      of('convenience').map((r) => r.reference),
    ),
    chargesByNotice(tx, distinct(of('notice'), noticeKey)),
    chargesByCollector(
      tx,
      of('collector').map((r) => ({
        designationNumber: r.designationNumber,
        fiscalYear: specialYear(r.month),
        instalment: Number(r.month.slice(5)),
      })),
    ),
    chargesWithheld(
      tx,
      of('withheld').map((r) => ({
        noticeNumber: r.noticeNumber,
        fiscalYear: pensionYear(r.month),
        instalment: Number(r.month.slice(5)),
      })),
    ),
    openRemittances(tx, of('collector')),
  ]);
  for (const [prefix, slips] of [
    ['case', byCase],
    ['store', byStore],
  ] as const)
    for (const s of slips)
      add(`${prefix} ${s.key}`, {
        chargeIds: [s.chargeId],
        slipNo: s.slipNo,
        slipYen: s.amountYen,
        confirmation: s.confirmation,
      });
  for (const n of byNotice)
    add(noticeKey(n), {
      chargeIds: [n.chargeId],
      slipNo: n.slipNo,
      slipYen: n.slipNo === null ? null : n.printedYen,
      confirmation: null,
    });
  for (const [key, charges] of Map.groupBy(byCollector, (c) =>
    monthKey(c.designationNumber, c.fiscalYear, c.instalment),
  ))
    add(key, {
      chargeIds: charges.map((c) => c.chargeId),
      slipNo: null,
      slipYen: null,
      confirmation: null,
      lists: listsOf(
        told.filter((t) => monthKey(t.designationNumber, specialYear(t.month), Number(t.month.slice(5))) === key),
        charges,
      ),
    });
  for (const c of byPension)
    add(monthKey(c.noticeNumber, c.fiscalYear, c.instalment), {
      chargeIds: [c.chargeId],
      slipNo: null,
      slipYen: null,
      confirmation: null,
    });
  const states = await lockStates(tx, [...new Set([...leads.values()].flatMap((l) => l.chargeIds))]);
  const slipNos = [...leads.values()].flatMap((l) => (l.slipNo === null ? [] : [l.slipNo]));
  const paid = new Set(await paidSlips(tx, slipNos));
  const used = new Set<string>();
  return {
    states,
    of(record) {
      const key = keyOf(record);
      const lead = key === undefined ? undefined : leads.get(key);
      if (lead === undefined) return undefined;
      return {
        slipNo: lead.slipNo,
        resolved: {
          charges: lead.chargeIds.map((id) => states.get(id)!),
          slipYen: lead.slipYen,
          confirmation: lead.confirmation,
          lists: (lead.lists ?? []).filter((l) => !used.has(l.listId)),
          paidBefore: lead.slipNo !== null && paid.has(lead.slipNo),
        },
      };
    },
    markPaid: (slipNo) => void paid.add(slipNo),
    markUsed: (listId) => void used.add(listId),
  };
}

const distinct = <T>(list: readonly T[], key: (t: T) => string): readonly T[] => [
  ...new Map(list.map((t) => [key(t), t])).values(),
];

/** The lists of a month by the charges that their lines name. */
const listsOf = (
  lines: Awaited<ReturnType<typeof openRemittances>>,
  charges: readonly { readonly chargeId: string; readonly noticeNumber: string }[],
): readonly PayersList[] => {
  const chargeOf = new Map(charges.map((c) => [c.noticeNumber, c.chargeId]));
  return [...Map.groupBy(lines, (l) => l.listId)].map(([listId, list]) => {
    const known = list.every((l) => l.yen === 0 || chargeOf.has(l.noticeNumber));
    return {
      listId,
      totalYen: list[0]!.totalYen,
      yenOf: known
        ? new Map(list.flatMap((l) => (l.yen === 0 ? [] : [[chargeOf.get(l.noticeNumber)!, l.yen] as const])))
        : undefined,
    };
  });
};
