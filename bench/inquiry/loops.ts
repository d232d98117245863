/* Two ways to load a service, shared by what is measured and by its floor. */

export interface ClosedLoop {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly done: number;
  readonly samples: readonly Sample[];
}

/** One call that ended well or ill: when (milliseconds since 1970) and how long it took. */
export interface Sample {
  readonly endedAt: number;
  readonly ms: number;
}

/** The value below which `share` of the sorted values lie; 0 where there are none. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
const ascending = (a: number, b: number): number => a - b;

/** `inFlight` callers, each asking again as soon as it has its answer. The first `warmMs` are not counted. */
export async function closedLoop(
  call: () => Promise<void>,
  { inFlight, warmMs, forMs }: { readonly inFlight: number; readonly warmMs: number; readonly forMs: number },
): Promise<ClosedLoop> {
  const times: number[] = [];
  const samples: Sample[] = [];
  const from = performance.now() + warmMs;
  const until = from + forMs;
  const caller = async (): Promise<void> => {
    for (let began = performance.now(); began < until; ) {
      await call();
      const now = performance.now();
      if (now >= from && now < until) {
        times.push(now - began);
        samples.push({ endedAt: performance.timeOrigin + now, ms: now - began });
      }
      began = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  times.sort(ascending);
  return {
    perSecond: (times.length * 1_000) / forMs,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    done: times.length,
    samples,
  };
}

export interface OpenLoop {
  /** From the moment at which a call was due; what was not served by the end counts with its wait until then. */
  readonly p50: number;
  readonly p99: number;
  readonly offered: number;
  readonly served: number;
}

/**
 * Calls fall due at a fixed rate whether or not the service keeps up, and each is measured from when it was due
 * (no coordinated omission). At most `inFlight` are under way; the others wait here, and their wait counts.
 */
export async function openLoop(
  call: () => Promise<void>,
  { perSecond, forMs, inFlight }: { readonly perSecond: number; readonly forMs: number; readonly inFlight: number },
): Promise<OpenLoop> {
  const began = performance.now();
  const offered = Math.floor((perSecond * forMs) / 1_000);
  const times: number[] = [];
  const running = new Set<Promise<void>>();
  let next = 0;
  for (let now = began; now - began < forMs; now = performance.now()) {
    while (next < offered && running.size < inFlight && began + (next * 1_000) / perSecond <= now) {
      const due = began + (next++ * 1_000) / perSecond;
      const one: Promise<void> = call().then(() => {
        running.delete(one);
        times.push(performance.now() - due);
      });
      running.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // What is under way at the end is let finish and counts as it was; what never began counts with its wait so far.
  const served = times.length;
  const end = performance.now();
  await Promise.all(running);
  for (; next < offered; next++) times.push(end - (began + (next * 1_000) / perSecond));
  times.sort(ascending);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), offered, served };
}

/** p99 of the calls that ended within `nearMs` of one of the moments, over the p99 of all others; undefined where either is too few to tell. */
export function p99RatioNear(
  samples: readonly Sample[],
  moments: readonly number[],
  nearMs: number,
): number | undefined {
  const isNear = ({ endedAt }: Sample): boolean => moments.some((moment) => Math.abs(endedAt - moment) <= nearMs);
  const p99 = (of: readonly Sample[]): number | undefined =>
    of.length < 20 ? undefined : quantile(of.map(({ ms }) => ms).sort(ascending), 0.99);
  const [near, far] = [p99(samples.filter(isNear)), p99(samples.filter((sample) => !isNear(sample)))];
  return near === undefined || far === undefined ? undefined : near / far;
}
