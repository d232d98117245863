import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { loadDefinitions, systemNames } from '@musubi/cli/definitions.ts';
import { dropTown } from '@musubi/kernel/db/provision.ts';
import { testServer } from '@musubi/kernel/db/testing.ts';
import { freePort } from '../free-port.ts';
import { openTown, type Town } from '../open-town.ts';
import { yearSteps } from '../year/year.ts';
import { playInTown, steps } from './play.ts';
import type { StepResult } from './walk.ts';

const prefix = `musubi_w${process.pid}`;
let home: string;
let town: Town | undefined;

const open = async (): Promise<Town> =>
  openTown({
    home,
    databaseUrl: await testServer(),
    fresh: false,
    publicPort: await freePort(),
    residents: 1_000,
    seed: 'musubi-2026',
    prefix,
    definitions: await loadDefinitions(systemNames),
  });

before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'musubi-walk-'));
});
after(async () => {
  await town?.close();
  await dropTown(await testServer(), prefix);
  await rm(home, { recursive: true, force: true });
});

const failed = (results: readonly StepResult[]): string =>
  results.flatMap((r) => (r.ok ? [] : [`step ${r.id}: ${r.fault}`])).join('\n');

test('issue A: the walk goes on after its processes were killed between two steps, and reaches its end', async () => {
  town = await open();
  // A process of the ward dies without a word after each of these steps, and comes back with nothing lost.
  const killedAfter = new Map([
    ['2', 'meguro'],
    ['7', 'ins'],
  ]);
  let kills = 0;
  const played = await playInTown(town, {
    async onStep(step, result) {
      const victim = result?.ok ? killedAfter.get(step.id) : undefined;
      if (!victim) return;
      await town!.supervisor.kill(victim);
      kills += 1;
    },
  });
  assert.equal(kills, killedAfter.size, failed(played.steps));
  assert.ok(played.ok, failed(played.steps));
  assert.deepEqual(
    played.steps.map((s) => s.id),
    steps.map((s) => s.id),
  );
});

test('issue A: a second start of the town goes on with the same data and does not walk again', async () => {
  await town?.close();
  town = await open();
  const again = await playInTown(town);
  assert.ok(again.ok, failed(again.steps));
  assert.equal(again.steps.length, steps.length);
});

test('issue D: the rest of the year is played after the walk: correction and refund, the change of years, the next levy, closed books', async () => {
  const played = await playInTown(town!, { steps: [...steps, ...yearSteps] });
  assert.ok(played.ok, failed(played.steps));
  const of = (id: string) => played.steps.find((s) => s.id === id)!.evidence;
  assert.ok(Number(of('13').beforeYen) - Number(of('13').afterYen) === of('13').overpaidYen);
  assert.ok(Number(of('14').paidOutYen) >= Number(of('13').overpaidYen));
});

test('design §9: what the processes wrote down says nothing personal', async () => {
  const log = await readFile(path.join(home, 'logs', 'meguro.log'), 'utf8');
  assert.match(log, /"instance.ready"/);
  for (const line of log.split('\n')) {
    if (line.startsWith('{')) assert.doesNotMatch(line, /[\u3041-\u30ff\u4e00-\u9fa0]/);
  }
});
