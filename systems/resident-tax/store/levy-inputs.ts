import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { LevyInput } from '../domain/office-list.ts';

export interface DeclaredInput {
  readonly input: LevyInput;
  readonly asOf: Temporal.PlainDate;
  readonly state: 'missing' | 'received' | 'waived';
  readonly rows: number | null;
  readonly reason: string | null;
}

/** What the year's levy declares to need, with what came of it. */
export async function declaredInputs(tx: Tx, fiscalYear: number): Promise<DeclaredInput[]> {
  const rows = await tx<Omit<DeclaredInput, 'asOf'> & { asOf: string }>`
    select d.input, d.as_of::text as "asOf", l.row_count as rows, w.reason,
           case when l.list_id is not null then 'received' when w.input is not null then 'waived' else 'missing' end as state
      from resident_tax.levy_input d
      left join lateral (
        select list_id, row_count from resident_tax.office_list o
         where o.fiscal_year = d.fiscal_year and o.input = d.input and o.as_of = d.as_of
         order by o.received_at desc, o.list_id desc limit 1) l on true
      left join resident_tax.levy_input_waiver w on w.fiscal_year = d.fiscal_year and w.input = d.input
     where d.fiscal_year = ${fiscalYear} order by d.input`;
  return rows.map((row) => ({ ...row, asOf: Temporal.PlainDate.from(row.asOf) }));
}

/** @returns whether it was not declared before */
export async function insertDeclared(
  tx: Tx,
  declared: {
    readonly fiscalYear: number;
    readonly input: LevyInput;
    readonly asOf: Temporal.PlainDate;
    readonly by: string;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.levy_input (fiscal_year, input, as_of, declared_by, event_id)
    values (${declared.fiscalYear}, ${declared.input}, ${declared.asOf}, ${declared.by}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

export async function insertWaiver(
  tx: Tx,
  waiver: {
    readonly fiscalYear: number;
    readonly input: LevyInput;
    readonly reason: string;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<boolean> {
  const rows = await tx`
    insert into resident_tax.levy_input_waiver (fiscal_year, input, reason, waived_by, waived_at, event_id)
    values (${waiver.fiscalYear}, ${waiver.input}, ${waiver.reason}, ${waiver.by}, ${waiver.at}, ${tx.eventId})
    on conflict do nothing returning 1`;
  return rows.length === 1;
}

/** Persons by 宛名番号; those that are not known are not in the answer. */
export async function personsOfAddressees(tx: Tx, addressees: readonly string[]): Promise<string[]> {
  const rows = await tx<{ personId: string }>`
    select person_id as "personId" from resident_tax.person where addressee_number = any (${addressees}::text[]) order by 1`;
  return rows.map((row) => row.personId);
}

export async function insertOfficeList(
  tx: Tx,
  list: {
    readonly listId: string;
    readonly fiscalYear: number;
    readonly input: LevyInput;
    readonly asOf: Temporal.PlainDate;
    readonly personIds: readonly string[];
    readonly statement: string | null;
    readonly by: string;
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  await tx`
    insert into resident_tax.office_list (list_id, fiscal_year, input, as_of, row_count, statement, received_by, received_at, event_id)
    values (${list.listId}, ${list.fiscalYear}, ${list.input}, ${list.asOf}, ${list.personIds.length}, ${list.statement}, ${list.by},
      ${list.at}, ${tx.eventId})`;
  await tx`
    insert into resident_tax.office_list_person (list_id, person_id, event_id)
    select ${list.listId}::uuid, person_id, ${tx.eventId}::uuid from unnest(${list.personIds}::uuid[]) as p(person_id)`;
}
