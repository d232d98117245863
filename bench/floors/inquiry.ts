import * as c from 'node:crypto';
import {
  agreed,
  type Message,
  type Order,
  openPlace,
  type Place,
  type Role,
  seal,
  serve,
  sha,
  siv,
  unseal,
} from './inquiry-tools.ts';

/* The work of one inquiry written straight: four processes (asker A, network N, root R, provider B), four hops of mutual
   TLS 1.3, three signatures, six verifications, the answer sealed to a fresh key of the asker, the code turned by AES-SIV,
   six commits with the records, digests and events that design §4.3 asks for. Nothing is looked at twice. */

type Handler = (place: Place, order: Order, message: Message) => Promise<Message>;
const der = { public: { format: 'der', type: 'spki' }, private: { format: 'der', type: 'pkcs8' } } as const;
const dayKey = c.randomBytes(32);
const freshPair = () => c.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const nonceText = () => c.randomBytes(32).toString('base64url');
const must = (holds: boolean): void => {
  if (!holds) throw new Error('does not fit');
};

const asker: Handler = async ({ sql, write, sign, verified, post }, { ports }, { person = '' }) => {
  const { code = '' } = await sql('select code from linkage where person = $1', [person]);
  const [number, nonce, pair] = [c.randomUUID(), nonceText(), freshPair()];
  const answerKey = pair.publicKey.export(der.public).toString('base64url');
  const commitment = sha(nonce + code);
  const statement = sign({ number, information: 'TKX-0001', taxYear: '2026', item: 'levy', answerKey, commitment });
  await write(
    'i as (insert into inquiry values ($7, $8, $9)), k as (insert into inquiry_key values ($7, $10)),',
    { tables: ['inquiry'], event: { event: 'sent', number }, subject: person },
    [number, person, statement, seal(dayKey, pair.privateKey.export(der.private).toString('base64'))],
  );
  const { permit = '', evidence = '', answer = '' } = await post(ports.n!, { statement, code, nonce });
  const [p, e] = [verified(permit), verified(evidence)];
  must(p.statement === sha(statement) && e.permit === sha(permit) && e.answer === sha(answer));
  const kept = await sql('select k.sealed, l.rows from inquiry_key k, list l where k.number = $1', [number]);
  const privateKey = Buffer.from(unseal(dayKey, kept.sealed as unknown as Buffer), 'base64');
  const [ephemeral, box] = answer.split('.').map((part) => Buffer.from(part, 'base64url'));
  const items = unseal(agreed(c.createPrivateKey({ key: privateKey, ...der.private }), ephemeral!), box!);
  await write(
    `i as (insert into result values ($7, $8, $9, $10)), k as (delete from inquiry_key where number = $7),
     x as (insert into record (number, person, role) values ($7, $11, 'asker')),`,
    { tables: ['result', 'record'], event: { event: 'taken', number }, subject: person },
    [number, items, permit, evidence, person],
  );
  return { items };
};

const network: Handler = async ({ sql, write, sign, verified, post }, { ports }, message) => {
  const { statement = '', code = '', nonce = '' } = message;
  const s = verified(statement);
  must(s.commitment === sha(nonce + code));
  await sql('select rows from list', []);
  const turned = await post(ports.r!, { code, number: s.number! });
  const own = nonceText();
  const commitment = sha(own + turned.code);
  const permit = sign({ number: s.number, permitNumber: c.randomUUID(), statement: sha(statement), commitment });
  await write(
    'i as (insert into inquiry values ($7, $8, $9, $10)),',
    { tables: ['inquiry'], event: { event: 'permitted', number: s.number }, subject: null },
    [s.number, seal(dayKey, turned.pseudonym!).toString('base64url'), statement, permit],
  );
  const said = await post(ports.b!, { statement, permit, code: turned.code!, nonce: own });
  must(verified(said.evidence!).answer === sha(said.answer!));
  await write(
    'i as (insert into provision values ($7, $8)),',
    { tables: ['provision'], event: { event: 'answered', number: s.number }, subject: null },
    [s.number, said.evidence],
  );
  return { ...said, permit };
};

const root: Handler = async ({ write }, { sivKey }, { code = '', number = '' }) => {
  await write('', { tables: [], event: { event: 'turned', number }, subject: null }, []);
  const key = Buffer.from(sivKey, 'hex');
  return { code: siv(key, code), pseudonym: siv(key, `p${code}`) };
};

const provider: Handler = async ({ sql, write, sign, verified }, _order, message) => {
  const { statement = '', permit = '', code = '', nonce = '' } = message;
  const [s, p] = [verified(statement), verified(permit)];
  must(p.statement === sha(statement) && p.commitment === sha(nonce + code));
  const copy = await sql(
    `select l.person, y.items, t.rows from list t, linkage l join copy y on y.person = l.person
      where l.code = $1 and y.information = $2 and y.taxyear = $3`,
    [code, s.information, s.taxYear],
  );
  const pair = freshPair();
  const box = seal(agreed(pair.privateKey, Buffer.from(s.answerKey!, 'base64url')), copy.items!);
  const answer = `${pair.publicKey.export(der.public).toString('base64url')}.${box.toString('base64url')}`;
  const evidence = sign({ number: s.number, permit: sha(permit), answer: sha(answer), result: '00' });
  await write(
    `i as (insert into accepted values ($7, $8, $9, $10)), v as (insert into provision values ($7, $11)),
     y as (insert into sealed_answer values ($7, $12)),
     x as (insert into record (number, person, role) values ($7, $13, 'provider')),`,
    {
      tables: ['accepted', 'provision', 'record'],
      event: { event: 'provided', number: s.number },
      subject: copy.person!,
    },
    [s.number, p.permitNumber, permit, statement, evidence, answer, copy.person],
  );
  return { evidence, answer };
};

/**
 * What measurements of one step count (verify one signature, one select, two inserts and a commit, seal the answer), to
 * tell how fast this machine is today: driven alone, without the other places.
 */
const step: Handler = async ({ sql, verified }, _order, { statement = '' }) => {
  const s = verified(statement);
  const { items = '' } = await sql(
    `with e as (insert into event (id, body) values ($1, $2)), x as (insert into record (number, person, role) values ($1, $3, 'step'))
     select items from copy where person = $3 and information = $4 and taxyear = $5`,
    [c.randomUUID(), statement, s.person, s.information, s.taxYear],
  );
  const pair = freshPair();
  const box = seal(agreed(pair.privateKey, Buffer.from(s.answerKey!, 'base64url')), items);
  return { answer: `${pair.publicKey.export(der.public).toString('base64url')}.${box.toString('base64url')}` };
};

const handlers: Readonly<Record<Role, Handler>> = { a: asker, n: network, r: root, b: provider };

/** A forked process is one place: it gets its order, serves, and tells its port. */
process.once('message', async (order: Order) => {
  const place = openPlace(order);
  const handle = handlers[order.role];
  const port = await serve(order.tls, (message) =>
    (message.person && order.role === 'b' ? step : handle)(place, order, message),
  );
  process.send?.(port);
});
process.once('disconnect', () => process.exit(0));
