import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvelopeCodec, PayloadStore } from '../ports.ts';
import { relayOnce } from '../relay.ts';
import { makeWorld, notes, receiver, type World } from './world.ts';

const holders = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'] as const;

/** A wire that drops, doubles, delays, reorders and cuts, and processes that die between any two steps, by seed. */
function makeTrouble(w: World, faults: Map<string, number>) {
  const honest = w.wire;
  const late: string[] = [];
  const dice = (below: number) => w.random.below(below);
  const hit = (kind: string) => {
    faults.set(kind, (faults.get(kind) ?? 0) + 1);
    return new Error(kind);
  };
  const state = { calm: false };
  w.behave = () => {
    if (state.calm || dice(25) > 0) return 'apply';
    hit('receiver-dies-in-act');
    return 'crash';
  };
  w.wire = async (to, envelope, signal) => {
    if (state.calm) return honest(to, envelope, signal);
    // What was delayed arrives now, out of order, and its answer goes nowhere.
    while (late.length > 0 && dice(2) === 0) await honest(to, late.splice(dice(late.length), 1)[0]!, signal);
    switch (dice(9)) {
      case 0:
        throw hit('drop');
      case 1:
        late.push(envelope);
        throw hit('delay');
      case 2:
        await honest(to, envelope, signal);
        throw hit('answer-lost');
      case 3:
        hit('double');
        await honest(to, envelope, signal);
        return honest(to, envelope, signal);
      case 4:
        hit('cut-envelope');
        return honest(to, envelope.slice(0, dice(envelope.length)), signal);
      case 5: {
        hit('cut-answer');
        const answer = await honest(to, envelope, signal);
        return answer.slice(0, dice(answer.length));
      }
      case 6: {
        hit('at-once');
        const [one] = await Promise.all([honest(to, envelope, signal), honest(to, envelope, signal)]);
        return one;
      }
      default:
        return honest(to, envelope, signal);
    }
  };
  const sometimes = <T>(kind: string, oneIn: number, value: Promise<T>): Promise<T> =>
    value.then((v) => {
      if (!state.calm && dice(oneIn) === 0) throw hit(kind);
      return v;
    });
  const codec: EnvelopeCodec = {
    seal: (bytes, to) => sometimes('sender-dies-before-sending', 12, w.relayDeps.codec.seal(bytes, to)),
    open: (text, from) => sometimes('sender-dies-before-noting', 12, w.relayDeps.codec.open(text, from)),
  };
  const payloads: PayloadStore = {
    put: w.relayDeps.payloads.put,
    open: (tx, ref) => sometimes('sender-dies-after-numbering', 60, w.relayDeps.payloads.open(tx, ref)),
  };
  return { state, deps: { ...w.relayDeps, codec, payloads } };
}

for (const seed of ['1', '2', '3', '4', '5', '6']) {
  test(`design 9: whatever dies, repeats, is delayed or reordered, each message is applied once and in order per subject (seed ${seed})`, async () => {
    await using w = await makeWorld(`faults-${seed}`);
    const faults = new Map<string, number>();
    const { state, deps } = makeTrouble(w, faults);
    const expected = new Map<string, number[]>();
    const stream = { receiver, family: notes.name };
    for (let round = 0; round < 60; round++) {
      const subject = `p${w.random.below(4)}`;
      const mine = expected.get(subject) ?? [];
      const list = Array.from({ length: 1 + w.random.below(3) }, (_, i) => ({ subject, step: mine.length + i }));
      expected.set(subject, [...mine, ...list.map((n) => n.step)]);
      await w.send(list);
      const relays = w.random.below(3) === 0 ? holders : holders.slice(0, 1);
      await Promise.allSettled(relays.map((h) => relayOnce(deps, stream, h, new AbortController().signal)));
      w.clock.advance(w.random.below(3) === 0 ? 91_000 : 40_000);
    }
    state.calm = true;
    w.clock.advance(91_000);
    await w.drain();

    const facts = await w.facts();
    for (const [subject, steps] of expected) {
      assert.deepEqual(
        facts.filter((f) => f.subject === subject).map((f) => f.step),
        steps,
        subject,
      );
    }
    assert.equal(facts.length, [...expected.values()].flat().length);
    const sent = await w.outgoing();
    assert.deepEqual(new Set(sent.map((o) => o.state)), new Set(['applied']));
    assert.deepEqual(
      sent.map((o) => o.number).sort((x, y) => x - y),
      sent.map((_, i) => i + 1),
    );
    const incoming = await w.b.owner<{ number: number }>('select number::int from streams.incoming order by number');
    assert.deepEqual(
      incoming.map((i) => i.number),
      sent.map((_, i) => i + 1),
    );
    assert.ok(faults.size >= 7, `faults that happened: ${[...faults.keys()].join(', ')}`);
  });
}
