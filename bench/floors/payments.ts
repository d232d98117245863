import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from } from 'pg-copy-streams';

/** The least that must happen: records copied in, joined to what is owed, posted in sets, the open amounts lessened. No log, no checks. */
export async function floorPayments(
  url: string,
  charges: number,
  files: readonly (readonly string[])[],
): Promise<{ seconds: number; posted: number }> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query(`create schema floor;
      create table floor.charge (charge_no bigint primary key, case_key text not null unique, open_yen bigint not null) with (fillfactor = 80);
      create table floor.record (file_no integer, row_no integer, case_key text, amount_yen bigint, paid_on date, primary key (file_no, row_no));
      create table floor.posting (posting_no bigint generated always as identity primary key, charge_no bigint, account text, amount_yen bigint);
      create index on floor.posting (charge_no);
      insert into floor.charge select n, '131102026' || lpad(n::text, 11, '0'), 20000 + (n % 400) * 100 from generate_series(1, ${charges}) as n;
      analyze floor.charge`);
    const began = performance.now();
    for (const [fileNo, lines] of files.entries()) {
      await db.query('begin');
      const copy = db.query(from('copy floor.record from stdin with (format csv)'));
      await pipeline(Readable.from([lines.map((line, i) => `${fileNo},${i + 1},${line}`).join('\n')]), copy);
      await db.query(
        `with hit as (
           update floor.charge c set open_yen = c.open_yen - r.amount_yen from floor.record r
            where r.file_no = $1 and c.case_key = r.case_key and c.open_yen = r.amount_yen
           returning c.charge_no, r.amount_yen)
         insert into floor.posting (charge_no, account, amount_yen)
         select charge_no, account, sign * amount_yen from hit cross join (values ('cash', 1), ('receivable', -1)) as l (account, sign)`,
        [fileNo],
      );
      await db.query('commit');
    }
    const seconds = (performance.now() - began) / 1_000;
    const { rows } = await db.query(`select count(*)::int as n from floor.posting where account = 'cash'`);
    return { seconds, posted: rows[0].n };
  } finally {
    await db.query('drop schema if exists floor cascade');
    await db.end();
  }
}
