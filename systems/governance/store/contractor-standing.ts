import type { Tx } from '@musubi/kernel/db/sql.ts';
import type { Standing } from '../domain/contractor-standing.ts';

interface Row {
  readonly staffId: string;
  readonly standing: Standing['standing'];
  readonly because: string | null;
  readonly order: string | null;
  readonly until: string | null;
}

/** What the directory last heard of each person of a contractor. */
export async function lastTold(tx: Tx): Promise<ReadonlyMap<string, Standing>> {
  const rows = await tx<Row & object>`
    select distinct on (staff_id) staff_id as "staffId", standing, because, order_label as "order", until::text as until
      from governance.contractor_told order by staff_id, told_no desc`;
  return new Map(
    rows.map(({ staffId, standing, because, order, until }) => [
      staffId,
      {
        standing,
        ...(because === null ? {} : { because }),
        ...(order === null ? {} : { order }),
        ...(until === null ? {} : { until }),
      } as Standing,
    ]),
  );
}

export async function insertContractorTold(
  tx: Tx,
  staffId: string,
  told: Standing,
  on: string,
  at: Temporal.Instant,
): Promise<void> {
  const because = told.standing === 'none' ? told.because : null;
  const [order, until] = told.standing === 'ordered' ? [told.order, told.until] : [null, null];
  await tx`
    insert into governance.contractor_told (staff_id, standing, because, order_label, until, told_on, told_at, event_id)
    values (${staffId}, ${told.standing}, ${because}, ${order}, ${until}, ${on}, ${at}, ${tx.eventId})`;
}
