import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';

export type Scope = 'resident' | 'here-unregistered' | 'elsewhere';

export interface CounterFiling {
  readonly filingId: string;
  readonly incomeYear: number;
  readonly formId: string;
  readonly formVersion: string;
  readonly numberDocument: string;
  readonly identityDocuments: readonly string[];
  readonly authorityDocument: string | null;
  readonly scope: Scope;
  readonly scopeDetail: string | null;
  readonly entryRef: SealedId;
  readonly filedOn: string;
  readonly enteredBy: string;
  readonly outcome: 'compared' | 'returned' | 'sent-on' | null;
  readonly note: string | null;
}

export async function insertCounterFiling(
  tx: Tx,
  f: Omit<CounterFiling, 'outcome' | 'note'> & { readonly at: Temporal.Instant },
): Promise<void> {
  await tx`
    insert into resident_tax.counter_filing (filing_id, income_year, form_id, form_version, number_document, identity_documents,
      authority_document, scope, scope_detail, entry_ref, filed_on, entered_by, entered_at, event_id)
    values (${f.filingId}, ${f.incomeYear}, ${f.formId}, ${f.formVersion}, ${f.numberDocument}, ${f.identityDocuments}::text[],
      ${f.authorityDocument}, ${f.scope}, ${f.scopeDetail}, ${f.entryRef}, ${f.filedOn}::date, ${f.enteredBy}, ${f.at}, ${tx.eventId})`;
}

/** Of two who end a filing the second sees what the first did. */
export async function lockCounterFiling(tx: Tx, filingId: string): Promise<CounterFiling | undefined> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`counter filing ${filingId}`}, 0))`;
  return (await filings(tx, filingId, false))[0];
}

/** What waits for the second person, oldest first. */
export const openCounterFilings = (tx: Tx): Promise<CounterFiling[]> => filings(tx, null, true);

function filings(tx: Tx, filingId: string | null, openOnly: boolean): Promise<CounterFiling[]> {
  return tx<CounterFiling>`
    select f.filing_id as "filingId", f.income_year as "incomeYear", f.form_id as "formId", f.form_version as "formVersion",
           f.number_document as "numberDocument", f.identity_documents as "identityDocuments",
           f.authority_document as "authorityDocument", f.scope, f.scope_detail as "scopeDetail", f.entry_ref as "entryRef",
           f.filed_on::text as "filedOn", f.entered_by as "enteredBy", e.outcome, e.note
      from resident_tax.counter_filing f left join resident_tax.counter_filing_end e using (filing_id)
     where (${filingId}::uuid is null or f.filing_id = ${filingId}::uuid) and (not ${openOnly}::boolean or e.filing_id is null)
     order by f.entered_at, f.filing_id limit 200`;
}

export async function endCounterFiling(
  tx: Tx,
  end: {
    readonly filingId: string;
    readonly outcome: 'compared' | 'returned' | 'sent-on';
    readonly deliveryId: string | null;
    readonly note: string | null;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.counter_filing_end (filing_id, outcome, delivery_id, note, ended_by, ended_at, event_id)
    values (${end.filingId}, ${end.outcome}, ${end.deliveryId}, ${end.note}, ${end.by}, ${end.at}, ${tx.eventId})`;
}
