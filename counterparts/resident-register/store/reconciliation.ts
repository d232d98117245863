import type { ComparedRecord } from '@musubi/contracts/juki/reconciliation.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface ComparedResident {
  readonly personId: string;
  readonly numberRef: string;
  readonly record: Omit<ComparedRecord, 'individualNumber'>;
}
type Raw = Pick<ComparedResident, 'personId' | 'numberRef'> & ComparedResident['record'];

export async function countPresent(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: number }>`
    select count(*)::int as n from resident_register.resident where status <> 'removed'`;
  return row!.n;
}

/** Everyone who is present, in blocks; with `among` those whose code falls into one of the buckets. */
export async function* presentResidents(
  tx: Tx,
  among?: { readonly bits: number; readonly buckets: readonly number[] },
): AsyncGenerator<ComparedResident[]> {
  const modulus = among === undefined ? 1 : 2 ** among.bits;
  const blocks = tx.cursor<Raw>(5_000)`
    select person_id as "personId", number_ref as "numberRef", resident_record_code as "residentRecordCode", name, name_kana as "nameKana",
           birth_date::text as "birthDate", sex, address, former_surname as "formerSurname", former_surname_kana as "formerSurnameKana",
           status
      from resident_register.resident
     where status <> 'removed'
       and (${among === undefined} or left(resident_record_code, 10)::bigint % ${modulus}::bigint = any(${among?.buckets ?? []}::bigint[]))`;
  for await (const rows of blocks) {
    yield rows.map(({ personId, numberRef, ...record }) => ({ personId, numberRef, record }));
  }
}

/** Of these persons, those about whom a notice has not arrived yet; everybody while a first load is on its way. */
export async function underWay(
  tx: Tx,
  stream: { readonly receiver: string; readonly single: string; readonly bulk: string },
  personIds: readonly string[],
): Promise<Set<string>> {
  const [load] = await tx`select 1 from streams.outgoing where receiver = ${stream.receiver} and family = ${stream.bulk}
    and state in ('waiting', 'numbered', 'parking') limit 1`;
  if (load) return new Set(personIds);
  const rows = await tx<{ subject: string }>`
    select distinct subject from streams.outgoing where receiver = ${stream.receiver} and family = ${stream.single}
       and state in ('waiting', 'numbered', 'parking') and subject = any(${personIds}::text[])`;
  return new Set(rows.map((r) => r.subject));
}
