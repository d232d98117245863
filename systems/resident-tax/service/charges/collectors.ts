import type { Tx } from '@musubi/kernel/db/sql.ts';
import { primaryReport } from '../../domain/from-reports.ts';
import * as store from '../../store/charges.ts';
import { salaryReportOf } from '../assessment/report-facts.ts';

/** The report by whose payer the tax is collected: the one whose facts the levy uses. */
export function collectingReport(reports: readonly store.FiledReport[]): store.FiledReport {
  const facts = reports.map((report) => salaryReportOf(report));
  const { documentId } = primaryReport(facts);
  const found = reports.find((report) => report.reportId === documentId);
  if (found === undefined) throw new Error('a special levy without a report');
  return found;
}

const payerKeyOf = (report: store.FiledReport): string => report.payerNumber ?? `name:${report.payerName}`;

/**
 * 特別徴収義務者 of the reports: whom the ward has given a 指定番号 keeps it; a payer who states one that is free gets that, else
 * the next of the ward's own.
 *
 * @returns the collector of each report by its id, and how many are new
 * @law 地方税法 第321条の4
 */
export async function collectorsFor(
  tx: Tx,
  reports: readonly store.FiledReport[],
): Promise<{ readonly of: ReadonlyMap<string, store.Collector>; readonly added: number }> {
  const byKey = new Map(reports.map((report) => [payerKeyOf(report), report]));
  const known = await store.collectorsOf(tx, [...byKey.keys()]);
  const fresh = [...byKey].filter(([key]) => !known.has(key));
  const serials = await store.nextSerials(tx, 'collector_serial', fresh.length);
  for (const [i, [payerKey, report]] of fresh.entries()) {
    const stated = report.columns.designationNumber;
    const own = `9${`${serials[i]}`.padStart(9, '0')}`;
    const wanted = typeof stated === 'string' && /^[0-9A-Z-]{1,12}$/.test(stated) ? stated : own;
    for (const designationNumber of new Set([wanted, own])) {
      const collector = { designationNumber, payerKey, name: report.payerName };
      if (!(await store.insertCollector(tx, collector))) continue;
      known.set(payerKey, collector);
      break;
    }
    if (!known.has(payerKey)) throw new Error('no designation number was free');
  }
  const of = new Map(reports.map((report) => [report.reportId, known.get(payerKeyOf(report)) as store.Collector]));
  return { of, added: fresh.length };
}
