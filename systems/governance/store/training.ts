import type { Tx } from '@musubi/kernel/db/sql.ts';

export interface Told {
  readonly staffId: string;
  readonly fiscalYear: number;
  readonly standing: 'lapsed' | 'recorded';
}

/** Of whom the directory last heard that the training lapsed. */
export const toldLapsed = (tx: Tx): Promise<Told[]> => tx<Told>`
  select * from (
    select distinct on (staff_id) staff_id as "staffId", fiscal_year as "fiscalYear", standing
      from governance.training_told order by staff_id, told_no desc) t
   where t.standing = 'lapsed'`;

export async function insertTold(tx: Tx, told: Told, on: string, at: Temporal.Instant): Promise<void> {
  await tx`
    insert into governance.training_told (staff_id, fiscal_year, standing, told_on, told_at, event_id)
    values (${told.staffId}, ${told.fiscalYear}, ${told.standing}, ${on}, ${at}, ${tx.eventId})`;
}
