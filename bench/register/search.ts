import { createRights } from '@musubi/kernel/access/rights.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { unwrap } from '@musubi/kernel/result/result.ts';
import type { Deps } from '@musubi/prefectural-juki/deps.ts';
import type { FourItems } from '@musubi/prefectural-juki/domain/search.ts';
import { definition } from '@musubi/prefectural-juki/main.ts';
import { searchPersons } from '@musubi/prefectural-juki/service/search.ts';
import { assignOperator, readTasks } from '@musubi/prefectural-juki/service/tasks.ts';
import { openRegistry } from './instances.ts';
import { registeredTask } from './lookup.ts';
import { type LoadedRegister, startPrefecture } from './notices.ts';
import { type Person, personOf } from './people.ts';

const clients = 8;
const actor: Actor = { kind: 'staff', organisation: 'tokyo', staffId: 'S-301', sessionId: 'bench', terminalId: 'T-1' };
const purpose = { task: 'BENCH-1', document: '受付1' };

export interface SearchFigures {
  readonly full: { readonly perSecond: number; readonly p50: number; readonly p99: number };
  readonly partial: { readonly p50: number; readonly p95: number };
  readonly checks: Readonly<Record<string, boolean>>;
}

const withoutSpace = (text: string): string => text.replace('　', '');

/** Four-item search by eight operators at once: use case with rights, database, log. */
export async function measureSearch(
  ctx: LoadedRegister,
  searches: { readonly full: number; readonly partial: number },
): Promise<SearchFigures> {
  await using running = await startPrefecture(ctx, await openRegistry());
  const rights = createRights(definition.rights, 'tokyo', { rolesOf: async () => ['juki-operator'] });
  const deps = { ...(running.deps as Deps), rights };
  await holdTask(running);
  const { places } = ctx;
  const anyone = (): Person => {
    const i = Math.floor(Math.random() * ctx.residents);
    return personOf(i, places.find((m) => i < m.to)!);
  };
  let missed = 0;
  const search = async (items: FourItems, person: Person): Promise<void> => {
    const { hits, tooMany } = unwrap(await searchPersons(deps, actor, { items, purpose }));
    if (!tooMany && !hits.some((h) => h.name === person.name && h.birthDate === person.birthDate)) missed++;
  };
  let n = 0;
  const full = async (): Promise<void> => {
    const p = anyone();
    const kana = withoutSpace(p.nameKana);
    await search({ nameKana: n++ % 2 === 0 ? kana : kana.slice(0, 3), birthDate: p.birthDate }, p);
  };
  const partial = async (): Promise<void> => {
    const p = anyone();
    const [name, kana] = [withoutSpace(p.name), withoutSpace(p.nameKana)];
    const beside = (n & 2) === 0 ? { municipalityCode: p.municipalityCode } : { birthYear: p.birthDate.slice(0, 4) };
    const start = Math.min(1 + Math.floor(Math.random() * 2), kana.length - 3);
    const part = n++ % 2 === 0 ? { name: name.slice(-2) } : { nameKana: kana.slice(start, start + 3) };
    await search({ ...part, nameMatch: 'part', ...beside }, p);
  };
  await timed(full, 200);
  const fullTimes = await timed(full, searches.full);
  await timed(partial, 50);
  const partialTimes = await timed(partial, searches.partial);
  const refused = await searchPersons(deps, actor, {
    items: { name: '田中', nameMatch: 'part', sex: 'male' },
    purpose,
  });
  const many = unwrap(await searchPersons(deps, actor, { items: { nameKana: 'サ', sex: 'male' }, purpose }));
  // An address is compared among so many only: where nobody of them has it, nobody must say that there is none.
  const beyond = unwrap(
    await searchPersons(deps, actor, { items: { nameKana: 'サ', address: 'どこにもない町' }, purpose }),
  );
  return {
    full: { perSecond: fullTimes.perSecond, p50: fullTimes.at(0.5), p99: fullTimes.at(0.99) },
    partial: { p50: partialTimes.at(0.5), p95: partialTimes.at(0.95) },
    checks: {
      search_finds_the_person: missed === 0,
      search_fragment_alone_refused: !refused.ok && refused.error === 'fragment-alone',
      search_beyond_what_is_compared_says_so: ctx.residents < 150_000 || beyond.tooMany,
      search_more_than_50_without_a_count: many.tooMany && many.hits.length === 0,
    },
  };
}

/** An operator searches for a task that they hold. */
async function holdTask(running: Parameters<typeof registeredTask>[0]): Promise<void> {
  const code = await registeredTask(running);
  const all = { ...(running.deps as Deps), rights: { allows: async () => true } };
  const { rows } = unwrap(await readTasks(all, actor, { offset: 0, limit: 100 }));
  const { taskId } = rows.find((row) => row.task.code === code)!.task;
  const held = { taskId, staffId: 'S-301', validFrom: '2016-01-01', validUntil: '2099-12-31' };
  unwrap(await assignOperator(all, actor, held));
}

async function timed(run: () => Promise<void>, count: number) {
  const times: number[] = [];
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) {
        const start = performance.now();
        await run();
        times.push(performance.now() - start);
      }
    }),
  );
  const perSecond = (count / (performance.now() - began)) * 1_000;
  times.sort((a, b) => a - b);
  return {
    perSecond,
    at: (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))]!,
  };
}
