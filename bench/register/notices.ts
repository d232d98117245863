import path from 'node:path';
import {
  type NationalNotice,
  nationalLoads,
  nationalNotices,
  type ResidentNotice,
  residentChanges,
} from '@musubi/contracts/juki/notices.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { appUrl, at, provisionDatabase, withClient } from '@musubi/kernel/db/provision.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { ok, unwrap } from '@musubi/kernel/result/result.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { digestOf, encode, readAnswer, salted } from '@musubi/kernel/streams/envelope.ts';
import { httpTransport } from '@musubi/kernel/streams/http.ts';
import { definition as national } from '@musubi/national-juki/main.ts';
import { definition as prefectural } from '@musubi/prefectural-juki/main.ts';
import { civilDate, clientOf, codecOf, openRegistry, type Registry, type Running, startInstance } from './instances.ts';
import { type Municipality, type Person, personOf } from './people.ts';

/** Where a loaded register stands; made by `load.ts`. */
export interface LoadedRegister {
  readonly adminUrl: string;
  readonly database: string;
  readonly appPassword: string;
  readonly residents: number;
  readonly places: readonly Municipality[];
  readonly keysDirectory: string;
  readonly serverPid: number;
  /** Scratch folder. */
  readonly home: string;
}

export interface NoticesFigures {
  readonly notices_per_s: number;
  readonly drain_per_s: number;
  readonly notices: number;
  readonly checks: Readonly<Record<string, boolean>>;
}

const jps = 'tokyo/prefectural-juki';
const ncs = 'jlis/national-juki';
const senders = 4;
const batch = 100;

const serverOf = (code: string): string => `ward-${code}/municipal-juki`;

/** Settings under which the bench's own municipalities are the ones whose notices are taken. */
const prefectureSettings = (places: readonly Municipality[]): Readonly<Record<string, unknown>> => ({
  nationalJuki: ncs,
  municipalities: Object.fromEntries(places.map((m) => [m.code, serverOf(m.code)])),
});

export const startPrefecture = (ctx: LoadedRegister, registry: Registry): Promise<Running> =>
  startInstance({
    registry,
    id: jps,
    definition: prefectural,
    databaseUrl: appUrl(ctx.adminUrl, ctx.database, ctx.appPassword),
    home: path.join(ctx.home, 'prefecture'),
    keysDirectory: ctx.keysDirectory,
    code: '130001',
    settings: prefectureSettings(ctx.places),
  });

interface Sender {
  readonly id: string;
  readonly people: readonly Person[];
}

/** The largest municipalities, each with as many of its people as it sends notices about. */
function sendersOf(places: readonly Municipality[], each: number): Sender[] {
  const largest = places.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  return largest.slice(0, senders).map((m) => ({
    id: serverOf(m.code),
    people: Array.from({ length: Math.min(each, m.to - m.from) }, (_, k) => personOf(m.from + k, m)),
  }));
}

const noticeOf = (person: Person, sequence: number, round: number): ResidentNotice => ({
  changeId: crypto.randomUUID(),
  reason: 'moved-within',
  changedOn: civilDate,
  status: 'resident',
  becameResidentOn: person.becameResidentOn,
  sequence,
  operatorId: 'S-101',
  terminalId: 'T-1',
  sourceAt: '2026-06-01T01:00:00Z',
  items: {
    residentRecordCode: person.residentRecordCode,
    name: person.name,
    nameGaijiCount: 0,
    nameKana: person.nameKana,
    birthDate: person.birthDate,
    sex: person.sex,
    address: `${person.address}　転居${round}号室`,
    addressGaijiCount: 0,
    individualNumber: person.individualNumber,
    municipalityCode: person.municipalityCode,
    azaCode: person.azaCode,
    formerSurname: null,
    formerSurnameGaijiCount: 0,
    formerSurnameKana: null,
  },
});

/** Envelopes of up to a hundred notices, signed and encrypted as the municipality's relay does it. */
async function envelopesOf(registry: Registry, sender: Sender, first: number, round: number): Promise<string[]> {
  const codec = await codecOf(registry, sender.id);
  const { name: family, class: kind } = residentChanges;
  const envelopes: string[] = [];
  for (let from = 0; from < sender.people.length; from += batch) {
    const messages = sender.people.slice(from, from + batch).map((person, i) => {
      const body = salted(JSON.stringify(noticeOf(person, first + round, round)), systemRandom.bytes(16));
      const digest = digestOf(body).toString('base64url');
      const number = (round - 1) * sender.people.length + from + i + 1;
      return { number, messageId: crypto.randomUUID(), digest, body };
    });
    envelopes.push(await codec.seal(encode({ v: 1, from: sender.id, to: jps, family, class: kind, messages }), jps));
  }
  return envelopes;
}

/**
 * 住民異動の通知 at the prefecture's door: pre-signed envelopes of four municipalities over TLS, each municipality one after the other,
 * until `notices` are verified, judged, written with history, event and the national stream's rows. Then the national stream is
 * drained into a national server that judges and writes them too.
 */
export async function run(ctx: LoadedRegister, notices = 20_000): Promise<NoticesFigures> {
  const registry = await openRegistry();
  const wards = sendersOf(ctx.places, Math.floor(notices / senders));
  await using prefecture = await startPrefecture(ctx, registry);
  const databaseUrl = await provisionDatabase(ctx.adminUrl, {
    database: `${ctx.database}_national`,
    appPassword: ctx.appPassword,
    schemas: [...kernelSchemas, ...national.schemas],
  });
  const nationalHome = path.join(ctx.home, 'national');
  await using country = await startInstance({
    registry,
    id: ncs,
    definition: national,
    databaseUrl,
    home: nationalHome,
    keysDirectory: path.join(nationalHome, 'keys'),
    settings: {},
  });
  await teach(prefecture, wards);
  const sealed = await Promise.all(wards.map((ward) => envelopesOf(registry, ward, 1, 1)));
  const clients = await Promise.all(wards.map(async (ward) => ({ ward, client: await clientOf(registry, ward.id) })));
  let applied = 0;
  const began = performance.now();
  await Promise.all(
    clients.map(async ({ ward, client }, w) => {
      const transport = httpTransport(client);
      const codec = await codecOf(registry, ward.id);
      for (const envelope of sealed[w]!) {
        const compact = await transport.send(jps, envelope, AbortSignal.timeout(60_000));
        const answer = unwrap(readAnswer(await codec.open(compact, jps), envelope));
        applied += answer.outcomes.filter((o) => o.outcome === 'applied').length;
        if (answer.stop) throw new Error(`${ward.id}: ${JSON.stringify(answer.stop)}`);
        const refused = answer.outcomes.find((o) => o.outcome !== 'applied');
        if (refused) throw new Error(`${ward.id}: ${JSON.stringify(refused)}`);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const drain = await drained(prefecture);
  for (const { client } of clients) await client.close();
  const sent = wards.reduce((sum, w) => sum + w.people.length, 0);
  const checks = await checksOf(ctx, databaseUrl, sent, applied);
  void country;
  return { notices_per_s: Math.round(applied / seconds), drain_per_s: drain, notices: applied, checks };
}

/** The national server has to know these people: a first load through its own door, outside the timing. */
async function teach(prefecture: Running, wards: readonly Sender[]): Promise<void> {
  const all = wards.flatMap((w) => w.people);
  const loadOf = (person: Person): NationalNotice => ({
    changeId: crypto.randomUUID(),
    fromMunicipality: person.municipalityCode,
    items: {
      residentRecordCode: person.residentRecordCode,
      name: person.name,
      birthDate: person.birthDate,
      sex: person.sex,
      address: person.address,
      individualNumber: person.individualNumber,
      changeReason: 'initial-load',
      changedOn: person.changedOn,
    },
  });
  const enqueue = act('bench.teach', {
    right: ['streams', 'relay', 'update'],
    async run(tx, _deps: Running['host']['deps'], people: readonly Person[]) {
      const messages = [];
      for (let from = 0; from < people.length; from += 200) {
        const loadId = crypto.randomUUID();
        messages.push({ subject: loadId, message: { loadId, notices: people.slice(from, from + 200).map(loadOf) } });
      }
      await prefecture.host.outbox.enqueueBulk(tx, ncs, nationalLoads, messages);
      tx.record({ event: 'bench.taught' });
      return ok(undefined);
    },
  });
  unwrap(await enqueue(prefecture.host.deps, { kind: 'job', name: 'bench' }, all));
  await relayAll(prefecture, nationalLoads.name);
}

async function relayAll(prefecture: Running, family: string): Promise<number> {
  for (let settled = 0; ; ) {
    const outcome = await prefecture.relay(ncs, family);
    if (outcome.kind === 'idle') return settled;
    if (outcome.kind !== 'settled') throw new Error(`${family}: ${JSON.stringify(outcome)}`);
    settled += outcome.settled;
  }
}

async function drained(prefecture: Running): Promise<number> {
  const began = performance.now();
  const settled = await relayAll(prefecture, nationalNotices.name);
  return Math.round(settled / ((performance.now() - began) / 1_000));
}

async function checksOf(ctx: LoadedRegister, nationalUrl: string, sent: number, applied: number) {
  const count = (url: string, sql: string): Promise<number> =>
    withClient(url, async (client) => Number((await client.query<{ n: string }>(sql)).rows[0]!.n));
  const here = at(ctx.adminUrl, ctx.database);
  const there = at(ctx.adminUrl, new URL(nationalUrl).pathname.slice(1));
  const journal = `select count(*) as n from notice_journal.entry where result = 'applied'`;
  const moved = `select count(*) as n from prefectural_juki.identification where change_reason = 'moved-within' and address like '%転居%'`;
  const history = 'select count(*) as n from prefectural_juki.identification_history';
  const arrived = `select count(*) as n from national_juki.record where change_reason = 'moved-within'`;
  const events = `select count(*) as n from notice_journal.entry j
    where not exists (select from audit.intake_event e where e.event_id = j.event_id)
      and not exists (select from audit.entry e where e.event_id = j.event_id)`;
  return {
    everyNoticeApplied: applied === sent,
    journalled: (await count(here, journal)) >= sent,
    moved: (await count(here, moved)) === sent,
    historyKept: (await count(here, history)) >= sent,
    nationalInStep: (await count(there, arrived)) === sent,
    eventsStand: (await count(here, events)) === 0,
  };
}
