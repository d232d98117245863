import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { loggable } from './log-value.ts';

type Labels<L extends string> = Readonly<Record<L, string>>;

/** Metrics of one instance. Label values are codes: what is none becomes `[withheld]`, as in the log. */
export interface Metrics {
  readonly registry: Registry;
  counter<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
  ): { add(labels: Labels<L>, by?: number): void };
  gauge<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
  ): { set(labels: Labels<L>, value: number): void };
  /** Seconds; buckets from 1 ms to 60 s if not given. */
  duration<const L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): { observe(labels: Labels<L>, seconds: number): void };
  /** Prometheus' text format. */
  text(): Promise<string>;
}

/** A registry of its own for an instance; nothing is registered globally. `process`: also memory, loop lag, CPU (once a process). */
export function openMetrics(config: { readonly instance: string; readonly process?: boolean }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ instance: config.instance });
  if (config.process) collectDefaultMetrics({ register: registry });
  return {
    registry,
    counter(name, help, labels = []) {
      const made = new Counter({ name, help, labelNames: [...labels], registers: [registry] });
      return { add: (values, by = 1) => made.inc(codes(values), by) };
    },
    gauge(name, help, labels = []) {
      const made = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
      return { set: (values, value) => made.set(codes(values), value) };
    },
    duration(
      name,
      help,
      labels = [],
      buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    ) {
      const made = new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
      return { observe: (values, seconds) => made.observe(codes(values), seconds) };
    },
    text: () => registry.metrics(),
  };
}

const codes = <L extends string>(values: Labels<L>): Labels<L> =>
  Object.fromEntries(
    Object.entries<string>(values).map(([name, value]) => [name, String(loggable(value))]),
  ) as Labels<L>;
