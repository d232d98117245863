import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Deps } from '@musubi/collections/deps.ts';
import type { FileSchedule } from '@musubi/collections/domain/files-due.ts';
import { delinquencyCharge } from '@musubi/collections/domain/interest.ts';
import { takeFile } from '@musubi/collections/service/files/take-file.ts';
import { closeYear } from '@musubi/collections/service/office/arrears.ts';
import { aSite } from '@musubi/collections/test/a-site.ts';
import { agency, bodyCode, chief, clerk, schemas, type Town } from '@musubi/collections/test/a-town.ts';
import { type PaymentChannel, writePaymentFile } from '@musubi/contracts/payments/files.ts';
import { auditSink } from '@musubi/kernel/audit/sink.ts';
import { SettableCivilClock, systemMachineClock } from '@musubi/kernel/clocks/clock.ts';
import { openDatabase } from '@musubi/kernel/db/database.ts';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, provisionDatabase, withClient } from '@musubi/kernel/db/provision.ts';
import { uuidV7Maker } from '@musubi/kernel/ids/uuid.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { floorPayments } from './floors/payments.ts';
import { amountOf, caseKeyOf, loadStatements, mix, paymentOf } from './payments/books.ts';

export interface PaymentsBench {
  readonly name: 'payments';
  readonly figures: Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

const database = 'bench_collections';
const perFile = 10_000;
const paidOn = '2026-06-20';
const businessOn = '2026-06-21';
const historyYears = 20;

/** Payments of mixed channels read, matched and posted, beside a raw copy with a set-based post; an account, interest, a closing. */
export async function run(options: { readonly residents?: number | undefined } = {}): Promise<PaymentsBench> {
  // One payment a charge; fewer where a smaller bench is asked for.
  const records = Math.max(perFile, Math.ceil((options.residents ?? 1_000_000) / perFile) * perFile);
  const closingAccounts = Math.min(300_000, records);
  const home = await mkdtemp(path.join(tmpdir(), 'musubi-payments-'));
  await chmod(home, 0o711); // the database server may run as another user
  const server = await startEmbedded({
    directory: path.join(home, 'postgres'),
    settings: { shared_buffers: '512MB', max_wal_size: '4GB', synchronous_commit: 'on' },
  });
  try {
    const url = await provisionDatabase(server.adminUrl, { database, appPassword: 'bench', schemas });
    const owner = at(server.adminUrl, database);
    await load(owner, records, closingAccounts);
    const db = openDatabase({ url, statementTimeoutMs: 600_000 });
    const newId = uuidV7Maker(systemMachineClock, systemRandom);
    const deps: Deps = {
      db,
      machineClock: systemMachineClock,
      civilClock: new SettableCivilClock('2026-06-22'),
      newId,
      random: systemRandom,
      rights: { allows: async () => true },
      audit: auditSink({ instance: 'meguro/collections', random: systemRandom }),
      bodyCode,
      schedules: schedules(),
      reminderFeeYen: 0,
      refundLimitYen: 1_000_000,
    };
    try {
      const taken = await takeAll(deps, records);
      const account = await accountPages(deps);
      const interest = interestOf100k();
      const closingBegan = performance.now();
      const closed = await closeYear({ ...deps, civilClock: new SettableCivilClock('2026-06-22') }, chief, {
        fiscalYear: 2025,
      });
      const closing = (performance.now() - closingBegan) / 1_000;
      const sound = await booksAgree(owner);
      const floor = await floorPayments(owner, records, floorFiles(records));
      return {
        name: 'payments',
        figures: rounded({
          records,
          total_s: taken.seconds,
          floor_s: floor.seconds,
          ratio: taken.seconds / floor.seconds,
          posted: taken.posted,
          suspense: taken.suspense,
          rejected: taken.rejected,
          account_p95_ms: account.p95,
          account_cpu_ms: account.cpu,
          interest_s: interest.seconds,
          closing_s: closing,
          closing_accounts: closed.ok ? closed.value.charges : 0,
        }),
        floor: rounded({ total_s: floor.seconds, posted: floor.posted }),
        checks: {
          every_yen_accounted: taken.balanced,
          books_equal_states: sound.differences === 0,
          books_balance: sound.sum === 0,
          year_closed: closed.ok && closed.value.charges >= closingAccounts,
          account_shows_all_years: account.shown,
          interest_not_zero: interest.yen > 0,
        },
      };
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

const schedules = (): readonly FileSchedule[] =>
  [...new Set(mix)].map((channel) => ({
    channel,
    sender: 'agency-1',
    name: channel,
    from: businessOn,
    days: 'every-day',
    arrivesAfter: 1,
    lagDays: 3,
  }));

/** The charges to be paid, those that a closing carries over, and persons with twenty years behind them. */
async function load(owner: string, records: number, closingAccounts: number): Promise<void> {
  await withClient(owner, async (client) => {
    for (const statement of loadStatements(records, 2026, 0)) await client.query(statement);
    for (const statement of loadStatements(closingAccounts, 2025, 20_000_000)) await client.query(statement);
    for (let y = 0; y < historyYears - 1; y++)
      for (const statement of loadStatements(200, 2005 + y, 30_000_000 + y * 1_000)) {
        // The same fifty persons every year.
        await client.query(statement.replaceAll(`/ 4 + ${30_000_000 + y * 1_000})`, '/ 4 + 40000000)'));
      }
    await client.query(`insert into collections.payer select distinct person_number, 1, '目黒 太郎', 'メグロ タロウ', null, '東京都目黒区', 
      '00000000-0000-7000-9000-000000000001'::uuid from collections.charge where person_number between '000000040000000' and '000000040000049'`);
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  });
}

const channelOf = (file: number): PaymentChannel => mix[file % mix.length]!;

async function takeAll(deps: Deps, records: number) {
  const sums = { posted: 0, suspense: 0, rejected: 0, yen: 0, stated: 0 };
  let seconds = 0;
  for (let file = 0; file * perFile < records; file++) {
    const channel = channelOf(file);
    const payments = Array.from({ length: perFile }, (_, i) => paymentOf(file * perFile + i + 1, channel, paidOn));
    sums.stated += payments.reduce((all, p) => all + p.amount, 0);
    const content = writePaymentFile({
      channel,
      sender: 'agency-1',
      bodyCode,
      businessOn,
      sequence: file + 1,
      payments,
    });
    const began = performance.now();
    const done = await takeFile(deps, agency, { channel, content });
    seconds += (performance.now() - began) / 1_000;
    if (!done.ok || !done.value.taken) throw new Error(`a file was refused: ${JSON.stringify(done)}`);
    const { postedYen, suspenseYen, rejectedYen, totalYen } = done.value.file;
    sums.yen += postedYen + suspenseYen + rejectedYen;
    if (totalYen !== postedYen + suspenseYen + rejectedYen) throw new Error('a file does not balance');
  }
  const { posted, suspense, rejected } = await outcomes(deps);
  return {
    seconds,
    posted,
    suspense,
    rejected,
    balanced: sums.yen === sums.stated && posted + suspense + rejected === records,
  };
}

async function outcomes(deps: Deps) {
  const { rows } = await deps.db.pool.query<{ outcome: string; n: number }>(
    'select outcome, count(*)::int as n from collections.payment_record group by outcome',
  );
  const of = (outcome: string): number => rows.find((row) => row.outcome === outcome)?.n ?? 0;
  return { posted: of('posted'), suspense: of('suspense'), rejected: of('rejected') };
}

/** The page as a browser gets it, over http, for persons with the most history. */
async function accountPages(deps: Deps): Promise<{ p95: number; cpu: number; shown: boolean }> {
  await using site = await aSite({ deps } as Town);
  site.as = clerk as typeof site.as;
  const times: number[] = [];
  let shown = true;
  let used = process.cpuUsage();
  for (let i = 0; i < 240; i++) {
    if (i === 40) used = process.cpuUsage();
    const id = `00000000-0000-7000-8000-${(30_000_000 + 1 + 4 * (i % 50)).toString(16).padStart(12, '0')}`;
    const began = performance.now();
    const response = await fetch(`${site.url.replace('col.meguro.localhost', '127.0.0.1')}/accounts/${id}`);
    const text = await response.text();
    if (i >= 40) times.push(performance.now() - began);
    shown &&=
      response.status === 200 && text.includes('Fiscal 2005') && text.includes(`Fiscal ${2005 + historyYears - 2}`);
  }
  const { user, system } = process.cpuUsage(used);
  times.sort((a, b) => a - b);
  // Processor time of this process alone, the browser's side of the request with it.
  const cpu = (user + system) / 1_000 / times.length;
  return { cpu, p95: times[Math.floor(times.length * 0.95)]!, shown };
}

function interestOf100k(): { seconds: number; yen: number } {
  const began = performance.now();
  let yen = 0;
  for (let i = 0; i < 100_000; i++) {
    const due = `${2021 + (i % 5)}-${['06-30', '08-31', '10-31', '12-25'][i % 4]}`;
    yen += delinquencyCharge(20_000 + (i % 1_000) * 100, due, [], '2026-06-22').yen;
  }
  return { seconds: (performance.now() - began) / 1_000, yen };
}

async function booksAgree(owner: string): Promise<{ differences: number; sum: number }> {
  return withClient(owner, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from collections.charge_state s full join collections.state_from_books b using (charge_id)
        where (s.ward_open, s.metropolitan_open, s.forest_open) is distinct from
              (coalesce(b.ward_open, 0), coalesce(b.metropolitan_open, 0), coalesce(b.forest_open, 0))`,
    );
    const { rows: sums } = await client.query<{ yen: string }>(
      'select sum(amount_yen)::text as yen from collections.posting',
    );
    return { differences: rows[0]!.n, sum: Number(sums[0]!.yen) };
  });
}

function floorFiles(records: number): readonly (readonly string[])[] {
  return Array.from({ length: records / perFile }, (_, file) =>
    Array.from({ length: perFile }, (_, i) => {
      const n = file * perFile + i + 1;
      return `${n % 50 === 0 ? caseKeyOf(90_000_000_000 + n) : caseKeyOf(n)},${amountOf(n)},${paidOn}`;
    }),
  );
}

const rounded = (figures: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Math.round(value * 100) / 100]));
