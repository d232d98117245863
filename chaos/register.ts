import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { type MachineClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { type Random, seededRandom } from '@musubi/kernel/random/random.ts';
import type { Transport } from '@musubi/kernel/streams/ports.ts';
import { type Chain, clerk, type Member, startChain } from '@musubi/national-juki/test/chain-world.ts';
import {
  cancelMovedOut,
  recordDeath,
  recordMovedOut,
  recordMovedWithin,
} from '@musubi/resident-register/service/change-resident.ts';
import { recordMovedIn } from '@musubi/resident-register/service/enter-resident.ts';
import { loadTown } from '@musubi/resident-register/service/load-town.ts';
import { findRegisterViolations, type RegisterViolation } from './register/violations.ts';

export interface RegisterChaos {
  readonly name: 'register';
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Record<string, number>;
  readonly changes: number;
}

const rounds = 14;
/** Seeds that share one set of databases; then a new one is made. */
const seedsPerWorld = 10;
const national = 'jlis/national-juki';
const wardCodes = { meguro: '131105', setagaya: '131121' } as const;
type Ward = keyof typeof wardCodes;

class OffsetClock implements MachineClock {
  #offsetMs = 0;
  now = (): Temporal.Instant => systemMachineClock.now().add({ milliseconds: this.#offsetMs });
  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}

/**
 * The whole register chain, two wards, the prefecture and the national server, each with its own database, over mutual TLS: clerks
 * change records and make mistakes while envelopes come twice, late and out of order, answers are lost or cut, every instance's
 * database connections are ended in the middle of work, and the national server is gone for an hour. When all is calm again the
 * registers must agree record by record: `findRegisterViolations` searches for one that does not.
 */
export async function run(seeds: number): Promise<RegisterChaos> {
  const faults = new Map<string, number>();
  let violations = 0;
  let changes = 0;
  for (let first = 1; first <= seeds; first += seedsPerWorld) {
    await using world = await aRegisterWorld();
    for (let seed = first; seed < Math.min(first + seedsPerWorld, seeds + 1); seed++) {
      const result = await world.seed(`${seed}`, faults);
      violations += result.violations.length;
      changes += result.changes;
      for (const v of result.violations) console.error(`seed ${seed}: ${v.kind} ${v.subject}`);
    }
  }
  return { name: 'register', seeds, violations, faults: Object.fromEntries([...faults].sort()), changes };
}

export interface RegisterWorld extends AsyncDisposable {
  readonly chain: Chain;
  search(): Promise<readonly RegisterViolation[]>;
  seed(
    seed: string,
    faults: Map<string, number>,
  ): Promise<{ readonly violations: readonly RegisterViolation[]; readonly changes: number }>;
}

export async function aRegisterWorld(): Promise<RegisterWorld> {
  const clock = new OffsetClock();
  const chain = await startChain('2026-06-01', { machineClock: clock });
  return {
    chain,
    search: () => findRegisterViolations(placesOf(chain)),
    seed: (seed, faults) => oneSeed(chain, clock, seed, faults),
    [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose](),
  };
}

async function oneSeed(chain: Chain, clock: OffsetClock, seed: string, faults: Map<string, number>) {
  const random = seededRandom(`chaos register ${seed}`);
  const hit = (kind: string): void => void faults.set(kind, (faults.get(kind) ?? 0) + 1);
  const state = { calm: false, nationalGone: false };
  const dice = (oneIn: number, kind: string): boolean => {
    if (state.calm || random.below(oneIn) > 0) return false;
    hit(kind);
    return true;
  };
  const honest = new Map([...chain.members.values()].map((m) => [m.id, m.wire]));
  for (const m of chain.members.values()) m.wire = troubled(honest.get(m.id)!, state, random, dice);
  const people = await firstResidents(chain, random);
  await untilLoaded(chain, clock);
  let changes = 0;
  for (let round = 0; round < rounds; round++) {
    if (round === 4) {
      state.nationalGone = true;
      hit('national-server-gone');
    }
    if (round === 9) {
      clock.advance(3_600_000);
      state.nationalGone = false;
    }
    for (let n = 1 + random.below(3); n > 0; n--) {
      // A clerk whose connection was ended tries again another day; what was committed is committed.
      await oneChange(chain, random, people).catch(() => hit('act-cut-off'));
      changes += 1;
    }
    const work: Promise<unknown>[] = relays(chain, random);
    if (random.below(2) === 0) work.push(endSomeConnections(chain, random, hit));
    await Promise.allSettled(work);
    clock.advance(random.below(3) === 0 ? 91_000 : 40_000);
  }
  state.calm = true;
  await calm(chain, clock, seed);
  for (const m of chain.members.values()) m.wire = honest.get(m.id)!;
  chain.errors.splice(0);
  chain.alarms.splice(0);
  return { violations: await findRegisterViolations(placesOf(chain)), changes };
}

function placesOf(chain: Chain) {
  const ward = (id: Ward) => ({
    register: chain.member(`${id}/resident-register`).t,
    server: chain.member(`${id}/municipal-juki`).t,
    serverId: `${id}/municipal-juki`,
  });
  return {
    wards: { [wardCodes.meguro]: ward('meguro'), [wardCodes.setagaya]: ward('setagaya') },
    prefecture: chain.member('tokyo/prefectural-juki').t,
    country: chain.member(national).t,
  };
}

const conductor = { kind: 'system', organisation: 'town', system: 'conductor', certificate: 'c' } as const;

async function firstResidents(chain: Chain, random: Random): Promise<LoadedPerson[]> {
  const people: LoadedPerson[] = [];
  for (const [ward, count] of [
    ['meguro', 5],
    ['setagaya', 3],
  ] as const) {
    const own = Array.from(
      { length: count },
      (_, i): LoadedPerson => ({
        individualNumber: makeIndividualNumber(random).digits(),
        residentRecordCode: makeResidentRecordCode(random),
        name: '佐藤　花子',
        nameKana: 'サトウ　ハナコ',
        birthDate: `19${50 + random.below(49)}-04-01`,
        sex: 'female',
        address: `東京都${ward === 'meguro' ? '目黒区目黒' : '世田谷区世田谷'}一丁目${i + 1}番`,
        postalCode: null,
        household: `h${i}`,
        relationship: '世帯主',
        becameResidentOn: '2015-04-01',
      }),
    );
    const register = chain.member(`${ward}/resident-register`);
    const done = await loadTown(register.deps, conductor, { loadId: register.deps.newId(), chunk: 0, persons: own });
    if (!done.ok) throw new Error(done.error);
    people.push(...own);
  }
  return people;
}

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);
const filedOn = day('2026-06-01');

/** The counters open when the first load is in: it travels in a stream of its own, beside that of single changes. */
async function untilLoaded(chain: Chain, clock: OffsetClock): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    clock.advance(91_000);
    let open = 0;
    for (const m of chain.members.values()) {
      await relayEach(chain, m);
      const [row] = await m.t.owner<{ n: number }>(
        `select count(*)::int as n from streams.outgoing where family like 'juki.%' and class = 'bulk' and state not in ('applied', 'refused')`,
      );
      open += row!.n;
    }
    if (open === 0) return;
  }
  throw new Error('the first load did not arrive');
}

/** What a clerk does next, right or wrong. */
async function oneChange(chain: Chain, random: Random, people: readonly LoadedPerson[]): Promise<unknown> {
  const person = people[random.below(people.length)]!;
  const ward: Ward = random.below(2) === 0 ? 'meguro' : 'setagaya';
  const register = chain.member(`${ward}/resident-register`);
  const { deps } = register;
  const actor = clerk(ward);
  const [row] = await register.t.owner<{ person_id: string; sequence: number; status: string }>(
    'select person_id, sequence, status from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  const address = `東京都${ward === 'meguro' ? '目黒区八雲' : '世田谷区桜'}${1 + random.below(30)}番${1 + random.below(20)}号`;
  if (row === undefined || row.status === 'removed') {
    // 転入: of who is leaving the other ward, or by mistake of who is present there.
    return recordMovedIn(deps, actor, {
      ...person,
      address,
      birthDate: day(person.birthDate),
      changedOn: day('2026-06-01'),
      filedOn,
    });
  }
  const filing = { personId: row.person_id, version: row.sequence, changedOn: day('2026-06-01'), filedOn };
  if (row.status === 'moving-out') return cancelMovedOut(deps, actor, filing);
  switch (random.below(8)) {
    case 0:
    case 1:
      return recordMovedOut(deps, actor, { ...filing, changedOn: day('2026-06-20'), movedTo: '東京都' });
    case 2:
      return random.below(3) === 0 ? recordDeath(deps, actor, filing) : undefined;
    default:
      return recordMovedWithin(deps, actor, { ...filing, address, postalCode: null });
  }
}

/** A relay for some of the streams; now and then two of the same at once, as after a restart. */
function relays(chain: Chain, random: Random): Promise<unknown>[] {
  return [...chain.members.values()].flatMap((m) => {
    if (random.below(4) === 0) return [];
    const twice = random.below(6) === 0;
    return Array.from({ length: twice ? 2 : 1 }, () => relayEach(chain, m));
  });
}

async function relayEach(chain: Chain, m: Member): Promise<boolean> {
  let busy = false;
  for (const { receiver, family } of await streamsOf(m)) {
    if (!chain.members.has(receiver)) continue;
    const outcome = await m.relay(receiver, family).catch(() => undefined);
    if (outcome === undefined || outcome.kind === 'settled' || outcome.kind === 'held' || outcome.kind === 'leased')
      busy = true;
  }
  return busy;
}

const streamsOf = (m: Member) =>
  m.t.owner<{ receiver: string; family: string }>('select receiver, family from streams.outbound order by 1, 2');

/** As a process that is killed: whatever its connections were doing is undone, and nobody is asked. */
async function endSomeConnections(chain: Chain, random: Random, hit: (kind: string) => void): Promise<void> {
  const all = [...chain.members.values()];
  const m = all[random.below(all.length)]!;
  await delay(random.below(60));
  hit(`killed-${m.id.split('/')[1]}`);
  await m.t.owner(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
}

type Dice = (oneIn: number, kind: string) => boolean;

/** Envelopes that come twice, at once or after each other, late behind newer ones, or lose their answer. */
function troubled(
  wire: Transport,
  state: { readonly calm: boolean; readonly nationalGone: boolean },
  random: Random,
  dice: Dice,
): Transport {
  const late: { to: string; envelope: string }[] = [];
  return {
    async send(to, envelope, signal) {
      if (state.nationalGone && to === national) throw new Error('gone');
      while (late.length > 0 && dice(2, 'envelope-late')) {
        const one = late.splice(random.below(late.length), 1)[0]!;
        await wire.send(one.to, one.envelope, signal).catch(() => undefined);
      }
      if (dice(9, 'envelope-held-back')) {
        late.push({ to, envelope });
        throw new Error('held back');
      }
      if (dice(6, 'envelope-doubled')) await wire.send(to, envelope, signal).catch(() => undefined);
      if (dice(9, 'envelope-twice-at-once')) {
        const twice = [
          wire.send(to, envelope, signal),
          wire.send(to, envelope, signal).catch(() => undefined),
        ] as const;
        return (await Promise.all(twice))[0];
      }
      if (dice(12, 'relay-killed-before-sending')) throw new Error('killed');
      const answer = await wire.send(to, envelope, signal);
      if (dice(9, 'answer-lost')) throw new Error('lost');
      if (dice(12, 'answer-cut')) return answer.slice(0, random.below(answer.length));
      return answer;
    },
  };
}

/** No faults from here on, until nothing waits any more. */
async function calm(chain: Chain, clock: OffsetClock, seed: string): Promise<void> {
  for (let tries = 0, quiet = 0; tries < 200; tries++) {
    clock.advance(200_000);
    let busy = false;
    for (const m of chain.members.values()) busy = (await relayEach(chain, m)) || busy;
    quiet = busy ? 0 : quiet + 1;
    if (quiet === 2) return;
  }
  throw new Error(`seed ${seed}: the chain did not come to rest`);
}
