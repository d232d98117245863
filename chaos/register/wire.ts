import type { Random } from '@musubi/kernel/random/random.ts';
import type { Transport } from '@musubi/kernel/streams/ports.ts';

/** Draws whether a fault happens, one in so many. */
export type Dice = (oneIn: number, kind: string) => boolean;

/** Envelopes that come twice, at once or after each other, late behind newer ones, or lose their answer. */
export function troubled(wire: Transport, random: Random, dice: Dice): Transport {
  const late: { to: string; envelope: string }[] = [];
  return {
    async send(to, envelope, signal) {
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
      const answer = await wire.send(to, envelope, signal);
      if (dice(9, 'answer-lost')) throw new Error('lost');
      if (dice(12, 'answer-cut')) return answer.slice(0, random.below(answer.length));
      return answer;
    },
  };
}
