import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import pg from 'pg';

/* A look-up written straight: one HTTPS request with both certificates, one indexed select and one audit row in one commit. */

interface Order {
  readonly tls: { readonly ca: string; readonly key: string; readonly cert: string };
  readonly url: string;
}

const tables = `create schema if not exists floor; create table if not exists floor.event (
  no bigint generated always as identity primary key, id uuid not null unique, body text not null)`;
const ask = {
  name: 'ask',
  text: `with e as (insert into floor.event (id, body) values ($2, $3))
    select name_kanji as name, birth_date::text as "birthDate", sex, address from prefectural_juki.identification where resident_record_code = $1`,
};

process.once('message', async ({ tls, url }: Order) => {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  await pool.query(tables);
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' });
  server.on('request', (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { inquiryId, key } = JSON.parse(Buffer.concat(chunks).toString()) as {
        inquiryId: string;
        key: { residentRecordCode: string };
      };
      pool
        .query({
          ...ask,
          values: [key.residentRecordCode, randomUUID(), JSON.stringify({ event: 'asked', inquiryId })],
        })
        .then(
          ({ rows }) => {
            outgoing.setHeader('content-type', 'application/json');
            outgoing.end(JSON.stringify({ inquiryId, result: 'given', items: rows[0] }));
          },
          () => outgoing.writeHead(500).end('{}'),
        );
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
});
process.once('disconnect', () => process.exit(0));
