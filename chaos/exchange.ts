import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { joinAsCallers, type Person } from '@musubi/bench/inquiry/askers.ts';
import { type Places, startPlaces } from '@musubi/bench/inquiry/places.ts';
import { askAnotherBody } from '@musubi/contracts/exchange/endpoints.ts';
import { inquiryRefusals } from '@musubi/contracts/exchange/messages.ts';
import { systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { canonicalJson } from '@musubi/kernel/crypto/canonical-json.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import type { RequestOf } from '@musubi/kernel/http/endpoint.ts';
import { type FaultRelay, type Faults, startFaultRelay } from '@musubi/kernel/http/fault-relay.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { type Random, seededRandom, systemRandom } from '@musubi/kernel/random/random.ts';
import { type ExchangeViolation, findExchangeViolations, type Look } from './exchange/violations.ts';

export interface ExchangeChaos {
  readonly name: 'exchange';
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly inquiries: number;
  readonly answered: number;
}

const newId = uuidV7Maker(systemMachineClock, systemRandom);
const sides = {
  asker: 'tokyo/intermediate-server',
  provider: 'meguro/intermediate-server',
  network: 'ins/information-providing-network',
};
const killable = [sides.asker, sides.network, 'ins/linkage-root', sides.provider, 'government/government-pki'] as const;
const persons = 12;
const inquiriesPerSeed = 24;
const callersAtOnce = 6;
/** How long an asker that got no answer waits before it comes again with the same request. */
const patienceMs = 400;
/** After this long under faults or in calm an inquiry without a stated result is a violation. */
const giveUpMs = 90_000;

/**
 * The whole inquiry, five processes with their own databases over mutual TLS: the wire between any two of them refuses, cuts, drops,
 * delays, doubles, reorders and alters; each seed kills one of the five in the middle of its work,
 * and starts it again. Askers come again with the same request until they have a stated result. Then `findExchangeViolations`.
 */
export async function run(seeds: number): Promise<ExchangeChaos> {
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-chaos-exchange-'));
  await chmod(home, 0o711); // the database server may run as another user
  const relays = new Map<string, FaultRelay>();
  const database = await startEmbedded({ directory: path.join(home, 'postgres') });
  const counts = new Map<string, number>();
  const add = (kind: string, n = 1): void => void counts.set(kind, (counts.get(kind) ?? 0) + n);
  let [violations, inquiries, answered] = [0, 0, 0];
  try {
    const places = await startPlaces(home, database.adminUrl, {
      async reachedAt(id, port) {
        const relay = await startFaultRelay({ port }, id);
        relays.set(id, relay);
        return relay.port;
      },
    });
    try {
      const callers = await joinAsCallers(home, places);
      const people = await callers.prepare(persons);
      for (let seed = 1; seed <= seeds; seed++) {
        const random = seededRandom(`chaos exchange ${seed}`);
        const isEnded = (requestId: string) =>
          withClient(at(database.adminUrl, places.databaseOf(sides.asker)), async (client) => {
            const { rowCount } = await client.query(
              'select from intermediate_server.inquiry join intermediate_server.inquiry_refused using (inquiry_number) where request_id = $1',
              [requestId],
            );
            return rowCount === 1;
          });
        const done = await oneSeed(random, { places, relays, callers, people, add, isEnded });
        inquiries += inquiriesPerSeed;
        answered += done.answered;
        const found = [...done.violations, ...(await searchWhenCalm(database.adminUrl, places))];
        violations += found.length;
        for (const { kind, subject } of found) console.error(`seed ${seed}: ${kind} ${subject}`);
      }
      await callers.close();
      for (const { counts: wire } of relays.values())
        for (const [kind, count] of Object.entries(wire)) add(`wire-${kind}`, count);
      return {
        name: 'exchange',
        seeds,
        violations,
        faults: Object.fromEntries([...counts].sort()),
        inquiries,
        answered,
      };
    } finally {
      await places.stop();
    }
  } finally {
    for (const relay of relays.values()) await relay[Symbol.asyncDispose]();
    await database.stop();
    await rm(home, { recursive: true, force: true });
  }
}

interface World {
  readonly places: Places;
  readonly relays: ReadonlyMap<string, FaultRelay>;
  readonly callers: Awaited<ReturnType<typeof joinAsCallers>>;
  readonly people: readonly Person[];
  readonly add: (kind: string) => void;
  /** Whether the asker's server has a request's end on record. */
  readonly isEnded: (requestId: string) => Promise<boolean>;
}

async function oneSeed(
  random: Random,
  { places, relays, callers, people, add, isEnded }: World,
): Promise<{ readonly answered: number; readonly violations: readonly ExchangeViolation[] }> {
  const perMille = (most: number): number => random.below(most + 1);
  const faults = (): Faults => ({
    refusePerMille: perMille(150),
    cutPerMille: perMille(40),
    dropPerMille: perMille(10),
    doublePerMille: perMille(15),
    reorderPerMille: perMille(15),
    alterPerMille: perMille(15),
    delayPerMille: perMille(60),
    maxDelayMs: 1 + random.below(300),
  });
  for (const relay of relays.values()) relay.setFaults(faults());
  const violations: ExchangeViolation[] = [];
  const began = performance.now();
  let answered = 0;
  const waiting = Array.from({ length: inquiriesPerSeed }, (_, i) => people[i % people.length]!);
  const caller = async (): Promise<void> => {
    for (let person = waiting.pop(); person !== undefined; person = waiting.pop()) {
      const end = await untilStated(callers, person, isEnded);
      if (end === 'answered') answered += 1;
      else if (end !== 'refused') violations.push({ kind: end.kind, subject: end.subject });
    }
  };
  const victim = killable[random.below(killable.length)]!;
  const trouble = async (): Promise<void> => {
    await delay(200 + random.below(2_000));
    add(`killed-${victim.replace('/', '-')}`);
    await places.killAndStart(victim);
    await delay(random.below(1_500));
    for (const relay of relays.values()) {
      relay.setFaults({});
      // What the wire has swallowed would only be noticed by a time-out; the calm begins with new connections.
      relay.cutAll();
    }
  };
  await Promise.all([trouble(), ...Array.from({ length: callersAtOnce }, caller)]);
  console.error(`${victim} killed; every inquiry stated after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return { answered, violations };
}

const stated: ReadonlySet<string> = new Set(inquiryRefusals.filter((word) => word !== 'provider-unavailable'));

/** Comes again with the same request until the result is stated; once an answer is there, it must be the same again. */
async function untilStated(
  callers: World['callers'],
  person: Person,
  isEnded: World['isEnded'],
): Promise<'answered' | 'refused' | ExchangeViolation> {
  const question: RequestOf<typeof askAnotherBody> = {
    requestId: newId(),
    asker: { system: 'child-chronic', staffId: 's-7', caseReference: 'C-1' },
    orgPersonNumber: person.prefecture,
    procedure: 'MS2-009',
    informationCode: 'TKX-0001',
    items: ['市町村民税所得割額', '課税区分'],
    condition: { taxYear: 2026 },
    provider: 'meguro',
  };
  const ask = () => callers.tokyo.call(askAnotherBody, sides.asker, {}, question, { timeoutMs: 16_000 });
  for (const from = performance.now(); performance.now() - from < giveUpMs; ) {
    const answer = await ask();
    if (answer.ok) {
      if (answer.value.items.市町村民税所得割額 !== person.levy)
        return { kind: 'answer-without-three-records', subject: answer.value.inquiryNumber };
      const again = await ask();
      const isSame = !again.ok || canonicalJson(again.value) === canonicalJson(answer.value);
      return isSame ? 'answered' : { kind: 'double-answer', subject: answer.value.inquiryNumber };
    }
    if (stated.has(answer.error)) return 'refused';
    // Silence and an end have one word: nobody took the permit, or the answer's term is over.
    if (answer.error === 'provider-unavailable' && (await isEnded(question.requestId))) return 'refused';
    await delay(patienceMs);
  }
  return { kind: 'no-stated-end', subject: question.requestId };
}

async function searchWhenCalm(adminUrl: string, places: Places): Promise<ExchangeViolation[]> {
  const look: Look = (place, statement) =>
    withClient(at(adminUrl, places.databaseOf(place)), async (client) => (await client.query(statement)).rows as never);
  // The log numbers its last events a moment later.
  for (let tries = 0; ; tries++) {
    const found = await findExchangeViolations(look, sides);
    if (found.every(({ kind }) => kind !== 'unnumbered-event') || tries === 20) return found;
    await delay(250);
  }
}
