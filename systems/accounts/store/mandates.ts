import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Mandate {
  readonly mandateId: string;
  readonly personNumber: string;
  readonly purpose: 'debit' | 'refund';
  readonly bank: string;
  readonly branch: string;
  readonly accountKind: string;
  readonly accountNumber: string;
  readonly holder: string;
  readonly source: string;
  readonly fromOn: string;
  readonly registeredBy: string;
  readonly endedOn: string | null;
  readonly endReason: string | null;
  /** Why no debit is asked for any more: the bank's last word on this account; null while there is none. */
  readonly stoppedBy: string | null;
  /** Where the account stands on the asked day, after mergers of branches; the codes above are those of its registration. */
  readonly bankNow: string;
  readonly branchNow: string;
}
/** After these words of a bank no debit of the account can go through until another is registered. */
const stopping = ['no-account', 'stopped-by-depositor', 'no-mandate'];

/** Waits for its turn on a person's accounts: of two clerks one registers. */
export async function lockPerson(tx: Tx, personNumber: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`accounts person ${personNumber}`}, 0))`;
}
export async function mandates(
  tx: Tx,
  query: { personNumber?: string; mandateId?: string; requestId?: string },
  onDay: string,
): Promise<readonly Mandate[]> {
  const { personNumber = null, mandateId = null, requestId = null } = query;
  return tx<Mandate>`
    select m.mandate_id as "mandateId", m.person_number as "personNumber", m.purpose, m.bank, m.branch, m.account_kind as "accountKind",
           m.account_number as "accountNumber", m.holder, m.source, m.from_on::text as "fromOn", m.registered_by as "registeredBy",
           e.ended_on::text as "endedOn", e.reason as "endReason", at_bank as "bankNow", at_branch as "branchNow",
           (select o.outcome from accounts.debit_request r join accounts.debit_outcome o using (case_key)
             where r.mandate_id = m.mandate_id and o.outcome = any (${stopping}::text[]) limit 1) as "stoppedBy"
      from accounts.mandate m left join accounts.mandate_end e using (mandate_id)
           cross join lateral accounts.place_on(m.bank, m.branch, m.from_on, ${onDay}::date)
     where m.person_number = ${personNumber}::text or m.mandate_id = ${mandateId}::uuid or m.request_id = ${requestId}::uuid
     order by m.from_on desc, m.registered_at desc`;
}
export async function insertMandate(
  tx: Tx,
  m: Omit<Mandate, 'endedOn' | 'endReason' | 'stoppedBy' | 'bankNow' | 'branchNow'> & {
    requestId: string;
    at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into accounts.mandate (mandate_id, request_id, person_number, purpose, bank, branch, account_kind, account_number, holder,
      source, from_on, registered_by, registered_at, event_id)
    values (${m.mandateId}, ${m.requestId}, ${m.personNumber}, ${m.purpose}, ${m.bank}, ${m.branch}, ${m.accountKind},
      ${m.accountNumber}, ${m.holder}, ${m.source}, ${m.fromOn}::date, ${m.registeredBy}, ${m.at}, ${tx.eventId})`;
}
export async function endMandate(
  tx: Tx,
  e: { mandateId: string; on: string; reason: string; by: string },
): Promise<boolean> {
  const rows = await tx`
    insert into accounts.mandate_end (mandate_id, ended_on, reason, ended_by, event_id)
    select mandate_id, ${e.on}::date, ${e.reason}, ${e.by}, ${tx.eventId} from accounts.mandate where mandate_id = ${e.mandateId}
    on conflict (mandate_id) do nothing returning mandate_id`;
  return rows.length === 1;
}
/** Persons whose account may be debited on a day, each with the mandate in force; without those that a bank said do not exist. */
export async function debitable(tx: Tx, on: string): Promise<readonly { personNumber: string; mandateId: string }[]> {
  return tx<{ personNumber: string; mandateId: string }>`
    select distinct on (m.person_number) m.person_number as "personNumber", m.mandate_id as "mandateId"
      from accounts.mandate m left join accounts.mandate_end e using (mandate_id)
     where m.purpose = 'debit' and e.mandate_id is null and m.from_on <= ${on}::date
       and not exists (select from accounts.debit_request r join accounts.debit_outcome o using (case_key)
                        where r.mandate_id = m.mandate_id and o.outcome = any (${stopping}::text[]))
     order by m.person_number, m.from_on desc, m.registered_at desc`;
}
/** The account that a refund goes to: one registered for refunds, else the one that is debited. */
export async function refundAccounts(
  tx: Tx,
  persons: readonly string[],
): Promise<readonly { personNumber: string; mandateId: string }[]> {
  return tx<{ personNumber: string; mandateId: string }>`
    select distinct on (m.person_number) m.person_number as "personNumber", m.mandate_id as "mandateId"
      from accounts.mandate m left join accounts.mandate_end e using (mandate_id)
     where m.person_number = any (${persons}::text[]) and e.mandate_id is null and m.account_kind <> 'tax-reserve'
     order by m.person_number, (m.purpose = 'refund') desc, m.from_on desc, m.registered_at desc`;
}
