import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { type Random, seededRandom } from '../../random/random.ts';
import { unwrap } from '../../result/result.ts';
import { exportBundle } from '../export.ts';
import { verifyBundle } from '../independent/verify-bundle.mjs';
import { leafHash, rootOf } from '../merkle.ts';
import { checkpointText, signCheckpoint } from '../note.ts';
import { Sequencer } from '../sequencer.ts';
import { assess, clerk, testKey, testWard } from './ward.ts';

/*
 * Somebody with the whole database changes the exported log and mends everything that needs no key: numbers, sizes, digests of
 * facts. What he cannot do is sign. Where he holds the log's key as well (fork), and where he shows an older log that was once true
 * (truncate), what another organisation kept tells.
 */

interface Entry {
  readonly type: 'entry';
  readonly index: number;
  readonly body: string;
}
type Line = { readonly type: string } & Record<string, unknown>;

const events = 24;
const positions = 200;
const key = testKey('musubi/meguro/ward', 1);
const pinned = new Map([[key.name, Buffer.from(key.publicKey).toString('base64')]]);

const t = await testWard('drills');
after(() => t[Symbol.asyncDispose]());
const sequencer = new Sequencer({ db: t.db, machineClock: t.deps.machineClock, signer: key });
const notes: string[] = [];
for (let i = 0; i < events; i++) {
  unwrap(await assess(t.deps, clerk, { id: `${i}`, yen: 100 + i }));
  if ((i + 1) % 8 > 0) continue;
  await sequencer.drain();
  notes.push((await sequencer.checkpoint()).note);
}
let text = '';
await exportBundle(t.db, { instance: 'meguro/ward', logKey: key }, (line) => {
  text += line;
});
const lines = text
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const isEntry = (line: Line): boolean => line.type === 'entry';
const entries = lines.filter(isEntry) as unknown as Entry[];

/** The bundle around these bodies in this order, with all that needs no key put right. */
function bundle(bodies: readonly string[], checkpoints?: readonly Line[]): string {
  const ids = new Set(bodies.map((body) => (JSON.parse(body) as { eventId: string }).eventId));
  const [log] = lines as [Line];
  const rest = lines.filter((line) => !isEntry(line) && line.type !== 'log' && line.type !== 'end');
  const around = rest.filter((line) => {
    if (line.type === 'checkpoint') return checkpoints === undefined;
    return line.type !== 'fact' || ids.has(line.eventId as string);
  });
  const all = [
    { ...log, size: bodies.length },
    ...bodies.map((body, index) => ({ type: 'entry', index, body })),
    ...around,
    ...(checkpoints ?? []),
  ];
  const end = lines.at(-1) as Line;
  return [...all, { ...end, lines: all.length }].map((line) => JSON.stringify(line)).join('\n');
}
const bodies = entries.map(({ body }) => body);
const changed = (body: string, from: RegExp, to: string): string => {
  const other = body.replace(from, to);
  assert.notEqual(other, body, 'the drill must change something');
  return other;
};
const otherThan = (random: Random, i: number): number => (i + 1 + random.below(bodies.length - 1)) % bodies.length;

const drills: Readonly<Record<string, (i: number, random: Random) => readonly string[]>> = {
  edit: (i) => bodies.with(i, changed(bodies[i]!, /"yen":\d+/, '"yen":9')),
  delete: (i) => bodies.toSpliced(i, 1),
  insert: (i, random) => {
    const id = Buffer.from(random.bytes(16))
      .toString('hex')
      .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const forged = changed(bodies[i]!, /"eventId":"[^"]+"/, `"eventId":"${id}"`);
    return bodies.toSpliced(i, 0, forged);
  },
  reorder: (i, random) => {
    const j = otherThan(random, i);
    return bodies.with(i, bodies[j]!).with(j, bodies[i]!);
  },
  'back-date': (i) => bodies.with(i, changed(bodies[i]!, /"at":"\d{4}/, '"at":"2020')),
};

test('design §4.7 the verifier is short enough to be read by an auditor, and an untouched log holds', async () => {
  const source = await readFile(new URL('../independent/verify-bundle.mjs', import.meta.url), 'utf8');
  assert.ok(source.split('\n').length <= 300);
  assert.deepEqual(verifyBundle(bundle(bodies), { pinned, checkpoints: notes }).faults, []);
});

for (const [what, change] of Object.entries(drills))
  test(`C tamper drill: ${what}, ${positions} random positions, all found`, () => {
    const random = seededRandom(`tamper ${what}`);
    for (let n = 0; n < positions; n++) {
      const i = random.below(bodies.length);
      assert.notDeepEqual(verifyBundle(bundle(change(i, random)), { pinned }).faults, [], `position ${i}`);
    }
  });

test(`C tamper drill: truncate, ${positions} random positions; cut back to a log that was once true is told by what another kept`, () => {
  const random = seededRandom('tamper truncate');
  for (let n = 0; n < positions; n++) {
    const size = random.below(bodies.length);
    // With every checkpoint that the shorter log may still show.
    const shown = lines.filter(
      (line) => line.type === 'checkpoint' && Number((line.note as string).split('\n')[1]) <= size,
    );
    const cut = bundle(bodies.slice(0, size), shown);
    const kept = verifyBundle(cut, { pinned, checkpoints: [notes.at(-1)!] });
    assert.notDeepEqual(kept.faults, [], `cut to ${size}`);
    // Unless it ends exactly at a checkpoint, the bundle is caught by itself.
    if (size % 8 !== 0) assert.notDeepEqual(verifyBundle(cut, { pinned }).faults, [], `cut to ${size}`);
  }
});

test(`C tamper drill: fork, ${positions} random positions, signed with the log's own key; a checkpoint that another kept tells`, async () => {
  const random = seededRandom('tamper fork');
  for (let n = 0; n < positions; n++) {
    const i = random.below(bodies.length);
    const forked = bodies.with(i, changed(bodies[i]!, /"yen":\d+/, '"yen":9'));
    const root = rootOf(forked.map((body) => leafHash(body)));
    const note = await signCheckpoint(key, checkpointText(key.name, forked.length, root));
    const sealed = { type: 'checkpoint', from: 0, note, consistency: [], cosignatures: [] };
    const whole = bundle(forked, [sealed]);
    if (n === 0) assert.deepEqual(verifyBundle(whole, { pinned }).faults, [], 'alone it cannot be told');
    assert.notDeepEqual(verifyBundle(whole, { pinned, checkpoints: [notes.at(-1)!] }).faults, [], `forked at ${i}`);
  }
});
