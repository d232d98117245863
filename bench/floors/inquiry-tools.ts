import * as c from 'node:crypto';
import { Agent, createServer, request } from 'node:https';
import pg from 'pg';

/* What the floor of an inquiry stands on: node:https, node:crypto and pg, nothing between. */

export type Role = 'a' | 'n' | 'r' | 'b';
export interface Order {
  readonly role: Role;
  readonly tls: { readonly ca: string; readonly key: string; readonly cert: string };
  readonly url: string;
  readonly ports: Partial<Record<Role, number>>;
  /** 64 bytes, hexadecimal: the root's key. */
  readonly sivKey: string;
}
export type Message = Record<string, string>;

export const tables = `create table linkage (person text primary key, code text not null unique);
  create table copy (person text, information text, taxyear int, items text not null, primary key (person, information, taxyear));
  create table inquiry (number uuid primary key, person text, statement text, permit text, at timestamptz default now());
  create table inquiry_key (number uuid primary key, sealed bytea);
  create table result (number uuid primary key, items text, permit text, evidence text);
  create table accepted (number uuid primary key, permit_number uuid unique, permit text, statement text);
  create table provision (number uuid primary key, evidence text);
  create table sealed_answer (number uuid primary key, answer text);
  create table record (id uuid primary key default gen_random_uuid(), number uuid, person text, role text, at timestamptz default now());
  create index on record (number); create index on record (person);
  create table list (version text primary key, rows text); insert into list values ('1', '009-TKX-0001');
  create table event (no bigint generated always as identity primary key, id uuid unique, body text);
  create table fact (event uuid, tab text, digest bytea, primary key (event, tab));
  create table subject (event uuid primary key, subject text, salt bytea)`;
export const sha = (text: string): string => c.createHash('sha256').update(text).digest('base64url');
export const seal = (key: Uint8Array, text: string): Buffer => {
  const iv = c.randomBytes(12);
  const gcm = c.createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([iv, gcm.update(text), gcm.final(), gcm.getAuthTag()]);
};
export const unseal = (key: Uint8Array, bytes: Buffer): string => {
  const gcm = c.createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
  return `${gcm.update(bytes.subarray(12, -16), undefined, 'utf8')}${gcm.final('utf8')}`;
};
export const siv = (key: Buffer, code: string): string => {
  const cipher = c.createCipheriv('aes-256-siv', key, null) as c.CipherGCM;
  const body = Buffer.concat([cipher.update(code), cipher.final()]);
  return Buffer.concat([cipher.getAuthTag(), body]).toString('base64url');
};
export const post = (agent: Agent, port: number, message: Message): Promise<Message> =>
  new Promise((resolve, reject) => {
    const call = request({ agent, port, host: '127.0.0.1', servername: 'localhost', method: 'POST' }, (answer) => {
      const chunks: Buffer[] = [];
      answer
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (answer.statusCode === 200) resolve(JSON.parse(text) as Message);
          else reject(new Error(text));
        });
    });
    call.on('error', reject).end(JSON.stringify(message));
  });

/** One place of the four: its connections, its statements, its signature. */
export function openPlace({ tls, url }: Order) {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 16, minVersion: 'TLSv1.3' });
  const [key, publicKey] = [c.createPrivateKey(tls.key), c.createPublicKey(tls.cert)];
  const names = new Map<string, string>();
  const sql = async (text: string, values: readonly unknown[]): Promise<Message> => {
    if (!names.has(text)) names.set(text, `s${names.size}`);
    return (await pool.query({ name: names.get(text)!, text, values: [...values] })).rows[0];
  };
  return {
    post: (port: number, message: Message) => post(agent, port, message),
    sql,
    /** One transaction in one round trip: rows of its own in `parts` ($7 …), with them digests, person and event. */
    write: (
      parts: string,
      of: { tables: readonly string[]; event: object; subject: string | null },
      values: readonly unknown[],
    ) =>
      sql(
        `with ${parts} f as (insert into fact select $1::uuid, t, sha256($2::bytea) from unnest($3::text[]) t),
           s as (insert into subject select $1::uuid, $4::text, $5::bytea where $4::text is not null)
         insert into event (id, body) values ($1::uuid, $6)`,
        [
          c.randomUUID(),
          Buffer.from(String(values[0] ?? '')),
          of.tables,
          of.subject,
          c.randomBytes(32),
          JSON.stringify(of.event),
          ...values,
        ],
      ),
    sign(payload: object): string {
      const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
      return `${body}.${c.sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    /** The places of the floor share one certificate's key, so one public key verifies all. */
    verified(text: string): Message {
      const [body = '', signature = ''] = text.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      if (!c.verify('sha256', Buffer.from(body), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes))
        throw new Error('bad signature');
      return JSON.parse(Buffer.from(body, 'base64url').toString()) as Message;
    },
  };
}
export type Place = ReturnType<typeof openPlace>;

/** Mutual TLS 1.3, JSON in and out; gives the port. */
export function serve(tls: Order['tls'], handle: (message: Message) => Promise<Message>): Promise<number> {
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' });
  server.on('request', (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      handle(JSON.parse(Buffer.concat(chunks).toString()) as Message).then(
        (answer) => outgoing.end(JSON.stringify(answer)),
        (error) => outgoing.writeHead(500).end(String(error)),
      );
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

/** Ephemeral P-256 agreement, SHA-256 of the secret as key. */
export const agreed = (privateKey: c.KeyObject, publicDer: Buffer): Buffer => {
  const publicKey = c.createPublicKey({ key: publicDer, format: 'der', type: 'spki' });
  return c.createHash('sha256').update(c.diffieHellman({ privateKey, publicKey })).digest();
};
