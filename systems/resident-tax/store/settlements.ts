import type { Tx } from '@musubi/kernel/db/sql.ts';

export async function insertSettlement(
  tx: Tx,
  row: {
    readonly settlementId: string;
    readonly personId: string;
    readonly fiscalYear: number;
    readonly seenReportIds: readonly string[];
    readonly leftOutIds: readonly string[];
    readonly spouseIncomeYen: number | null;
    readonly questions: readonly string[];
    readonly reason: string;
    readonly settledBy: string;
    readonly settledAt: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.report_settlement (settlement_id, person_id, fiscal_year, seen_report_ids, left_out_ids,
      spouse_income_yen, questions, reason, settled_by, settled_at, event_id)
    values (${row.settlementId}, ${row.personId}, ${row.fiscalYear}, ${row.seenReportIds}::uuid[], ${row.leftOutIds}::uuid[],
      ${row.spouseIncomeYen}, ${row.questions}::text[], ${row.reason.trim()}, ${row.settledBy}, ${row.settledAt}, ${tx.eventId})`;
}
