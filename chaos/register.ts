import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedPerson } from '@musubi/contracts/juki/load.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { type Random, seededRandom } from '@musubi/kernel/random/random.ts';
import { countryId, prefectureId, type Ward, wards } from './register/members.ts';
import type { Filing } from './register/orders.ts';
import { Killed, prepareServers, type Server, type Servers } from './register/servers.ts';
import { findRegisterViolations, type RegisterViolation } from './register/violations.ts';

export interface RegisterChaos {
  readonly name: 'register';
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Record<string, number>;
  readonly changes: number;
}

const rounds = 14;
/** The rounds in which the national server is gone; the clock is moved by an hour meanwhile. */
const goneRounds = { from: 4, until: 9 };
/** Seeds that share one set of databases; then a new one is made. */
const seedsPerWorld = 10;

/**
 * The whole register chain, two wards, the prefecture and the national server, each a process with its own database, over mutual
 * TLS: clerks change records and make mistakes while envelopes come twice, late and out of order, answers are lost or cut, every
 * process is killed in the middle of its work and started again, database connections are ended, and the national server is gone
 * for an hour. When all is calm again the registers must agree record by record: `findRegisterViolations` searches for one that
 * does not.
 *
 * @param options.from seeds to leave out, so that many can be gone through in pieces
 */
export async function run(seeds: number, options: { readonly from?: number } = {}): Promise<RegisterChaos> {
  const from = 1 + (options.from ?? 0);
  const end = from + seeds;
  const faults = new Map<string, number>();
  let violations = 0;
  let changes = 0;
  for (let first = from; first < end; first += seedsPerWorld) {
    await using world = await aRegisterWorld();
    for (let seed = first; seed < Math.min(first + seedsPerWorld, end); seed++) {
      const result = await world.seed(`${seed}`);
      violations += result.violations.length;
      changes += result.changes;
      for (const v of result.violations) console.error(`seed ${seed}: ${v.kind} ${v.subject}`);
    }
    for (const [kind, count] of world.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
  }
  return { name: 'register', seeds, violations, faults: Object.fromEntries([...faults].sort()), changes };
}

export interface SeedResult {
  readonly violations: readonly RegisterViolation[];
  readonly changes: number;
}

export interface RegisterWorld extends AsyncDisposable {
  readonly servers: Servers;
  /** What happened so far, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  seed(seed: string): Promise<SeedResult>;
  search(): Promise<readonly RegisterViolation[]>;
}

export async function aRegisterWorld(): Promise<RegisterWorld> {
  const faults = new Map<string, number>();
  const hit = (kind: string): void => void faults.set(kind, (faults.get(kind) ?? 0) + 1);
  const servers = await prepareServers(hit);
  const world = new Run(servers, hit);
  return {
    servers,
    faults,
    seed: (seed) => world.seed(seed),
    search: () => findRegisterViolations(placesOf(servers)),
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}

function placesOf(servers: Servers) {
  const ward = (id: Ward) => ({
    register: servers.of(`${id}/resident-register`).t,
    server: servers.of(`${id}/municipal-juki`).t,
    serverId: `${id}/municipal-juki`,
  });
  return {
    wards: { [wards.meguro]: ward('meguro'), [wards.setagaya]: ward('setagaya') },
    prefecture: servers.of(prefectureId).t,
    country: servers.of(countryId).t,
  };
}

class Run {
  readonly #servers: Servers;
  readonly #hit: (kind: string) => void;
  #seed = '';
  #random: Random = seededRandom('');
  #offsetMs = 0;
  #troubled = false;
  #starts = 0;
  #isCountryGone = false;
  readonly #toKill: Server[] = [];

  constructor(servers: Servers, hit: (kind: string) => void) {
    this.#servers = servers;
    this.#hit = hit;
  }

  async seed(seed: string): Promise<SeedResult> {
    this.#seed = seed;
    this.#random = seededRandom(`chaos register ${seed}`);
    this.#troubled = true;
    await Promise.all(this.#servers.all.map((server) => this.#running(server)));
    await this.#advance(1_000);
    const people = await this.#loadResidents();
    let changes = 0;
    for (let round = 0; round < rounds; round++) {
      if (round === goneRounds.from) await this.#countryGone();
      if (round === goneRounds.until) await this.#countryBack();
      changes += await this.#round(people);
    }
    this.#troubled = false;
    await this.#calm(seed);
    return { violations: await findRegisterViolations(placesOf(this.#servers)), changes };
  }

  /** Clerks, relays, and with luck the end of a process or of its connections, all at once. */
  async #round(people: readonly LoadedPerson[]): Promise<number> {
    const work: Promise<unknown>[] = [];
    const changes = 1 + this.#random.below(3);
    for (let n = 0; n < changes; n++) work.push(this.#file(people));
    for (const server of this.#servers.all) {
      if (this.#random.below(4) === 0) continue;
      // Now and then two relays of the same at once, as after a restart.
      for (let n = this.#random.below(6) === 0 ? 2 : 1; n > 0; n--) work.push(this.#relay(server));
    }
    if (this.#random.below(3) === 0) work.push(this.#killOne());
    if (this.#random.below(4) === 0) work.push(this.#cutOffOne());
    await Promise.all(work);
    await Promise.all(this.#servers.all.map((server) => this.#running(server)));
    await this.#advance(this.#random.below(3) === 0 ? 91_000 : 40_000);
    return changes;
  }

  async #running(server: Server): Promise<void> {
    if (server.isRunning || (this.#isCountryGone && server.id === countryId)) return;
    const seed = `${this.#seed} ${server.id} ${this.#starts++}`;
    await server.start({ seed, troubled: this.#troubled, offsetMs: this.#offsetMs });
  }

  async #advance(ms: number): Promise<void> {
    this.#offsetMs += ms;
    const set = { do: 'set', offsetMs: this.#offsetMs, troubled: this.#troubled } as const;
    await Promise.all(this.#servers.all.map((server) => server.ask(set).catch(expectKilled)));
  }

  #anyServer(): Server {
    const { all } = this.#servers;
    return all[this.#random.below(all.length)]!;
  }

  /** Every server has its turn, in an order of the seed. */
  async #killOne(): Promise<void> {
    if (this.#toKill.length === 0) this.#toKill.push(...this.#servers.all);
    const server = this.#toKill.splice(this.#random.below(this.#toKill.length), 1)[0]!;
    await delay(this.#random.below(120));
    if (!server.isRunning) return;
    this.#hit(`killed-${server.id.split('/')[1]}`);
    await server.kill();
  }

  /** As a database that fails over: whatever the connections were doing is undone, and nobody is asked. */
  async #cutOffOne(): Promise<void> {
    const server = this.#anyServer();
    await delay(this.#random.below(120));
    this.#hit('connections-ended');
    await server.look(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
  }

  async #countryGone(): Promise<void> {
    this.#hit('national-server-gone');
    this.#isCountryGone = true;
    await this.#servers.of(countryId).kill();
  }

  async #countryBack(): Promise<void> {
    await this.#advance(3_600_000);
    this.#isCountryGone = false;
    await this.#running(this.#servers.of(countryId));
  }

  /** @returns whether there may be more to do */
  async #relay(server: Server): Promise<boolean> {
    if (!server.isRunning) return true;
    const streams = await server.look<{ receiver: string; family: string }>(
      'select receiver, family from streams.outbound order by 1, 2',
    );
    const ours = streams.filter((s) => this.#servers.all.some((other) => other.id === s.receiver));
    return server.ask({ do: 'relay', streams: ours }).catch(expectKilled);
  }

  /** First load of some people into each ward, through everything: the counters open when it is in. */
  async #loadResidents(): Promise<LoadedPerson[]> {
    const people: LoadedPerson[] = [];
    for (const [ward, count] of [
      ['meguro', 5],
      ['setagaya', 3],
    ] as const) {
      const own = Array.from({ length: count }, (_, i) => aPerson(this.#random, ward, i));
      const order = { do: 'load', loadId: crypto.randomUUID(), persons: own } as const;
      await this.#servers.of(`${ward}/resident-register`).ask(order);
      people.push(...own);
    }
    for (let tries = 0; tries < 200; tries++) {
      const work: Promise<unknown>[] = this.#servers.all.map((server) => this.#relay(server));
      if (tries < 5 && this.#random.below(4) === 0) work.push(this.#killOne());
      await Promise.all(work);
      await Promise.all(this.#servers.all.map((server) => this.#running(server)));
      await this.#advance(91_000);
      if ((await this.#loadsUnderWay()) === 0) return people;
    }
    throw new Error('the first load did not arrive');
  }

  async #loadsUnderWay(): Promise<number> {
    let open = 0;
    for (const server of this.#servers.all) {
      const [row] = await server.look<{ n: number }>(
        `select count(*)::int as n from streams.outgoing where family like 'juki.%' and class = 'bulk' and state not in ('applied', 'refused')`,
      );
      open += row!.n;
    }
    return open;
  }

  /** A clerk whose server was killed or cut off tries again another day; what was committed is committed. */
  async #file(people: readonly LoadedPerson[]): Promise<void> {
    const ward: Ward = this.#random.below(2) === 0 ? 'meguro' : 'setagaya';
    const register = this.#servers.of(`${ward}/resident-register`);
    const filing = await aFiling(register, ward, this.#random, people);
    if (filing !== undefined) await register.ask({ do: 'file', filing }).catch(() => this.#hit('act-cut-off'));
  }

  /** No faults from here on, until nothing waits any more. */
  async #calm(seed: string): Promise<void> {
    for (let tries = 0, quiet = 0; tries < 200; tries++) {
      await this.#advance(200_000);
      const busy = await Promise.all(this.#servers.all.map((server) => this.#relay(server)));
      quiet = busy.some(Boolean) ? 0 : quiet + 1;
      if (quiet === 2) return;
    }
    throw new Error(`seed ${seed}: the chain did not come to rest`);
  }
}

const expectKilled = (error: unknown): true => {
  if (error instanceof Killed) return true;
  throw error;
};

const aPerson = (random: Random, ward: Ward, i: number): LoadedPerson => ({
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
});

/** What a clerk does next, right or wrong. */
async function aFiling(
  register: Server,
  ward: Ward,
  random: Random,
  people: readonly LoadedPerson[],
): Promise<Filing | undefined> {
  const person = people[random.below(people.length)]!;
  const address = `東京都${ward === 'meguro' ? '目黒区八雲' : '世田谷区桜'}${1 + random.below(30)}番${1 + random.below(20)}号`;
  const [draw, diesToo] = [random.below(8), random.below(3) === 0];
  const [row] = await register.look<{ personId: string; version: number; status: string }>(
    'select person_id as "personId", sequence as version, status from resident_register.resident where resident_record_code = $1',
    [person.residentRecordCode],
  );
  // 転入: of who is leaving the other ward, or by mistake of who is present there.
  if (row === undefined || row.status === 'removed') return { kind: 'moved-in', person, address };
  const { personId, version } = row;
  if (row.status === 'moving-out') return { kind: 'moved-out-cancelled', personId, version };
  if (draw < 2) return { kind: 'moved-out', personId, version };
  if (draw === 2) return diesToo ? { kind: 'died', personId, version } : undefined;
  return { kind: 'moved-within', personId, version, address };
}
