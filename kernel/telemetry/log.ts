import { type DestinationStream, pino } from 'pino';
import type { MachineClock } from '../clocks/clock.ts';
import { type LogValue, loggable } from './log-value.ts';
import type { Trace } from './trace.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a system may log: per code its level, the names of its fields, and what an operator should know. */
export type LogCatalogue = Readonly<
  Record<string, { readonly level: LogLevel; readonly fields: readonly string[]; readonly meaning: string }>
>;

type FieldsOf<C extends LogCatalogue, K extends keyof C> = Readonly<Record<C[K]['fields'][number], LogValue>>;

export interface Log<C extends LogCatalogue> {
  /** One line: the code, its fields, the trace. A code of the catalogue with exactly its fields; nothing else compiles. */
  write<K extends keyof C & string>(
    code: K,
    fields: FieldsOf<C, K>,
    about?: { readonly trace?: Trace; readonly error?: unknown },
  ): void;
}

/** Keeps the literal types of a catalogue: `export const logCodes = logCatalogue({ 'relay.parked': { … } })`. */
export const logCatalogue = <const C extends LogCatalogue>(catalogue: C): C => catalogue;

export interface LogConfig<C extends LogCatalogue> {
  /** `organisation/system` */
  readonly instance: string;
  readonly catalogue: C;
  readonly machineClock: MachineClock;
  readonly level?: LogLevel;
  /** Standard output if not given. */
  readonly destination?: DestinationStream;
}

/**
 * Structured lines of codes, ids and counts. Free text cannot be written; an error leaves its name, code and places in the
 * program, never its message, because messages of databases and parsers quote values.
 */
export function openLog<C extends LogCatalogue>(config: LogConfig<C>): Log<C> {
  const options = {
    level: config.level ?? 'info',
    base: { instance: config.instance },
    timestamp: () => `,"at":"${config.machineClock.now().toString({ fractionalSecondDigits: 3 })}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'code',
  };
  const out = config.destination === undefined ? pino(options) : pino(options, config.destination);
  return {
    write(code, fields, about = {}) {
      const entry = config.catalogue[code];
      if (entry === undefined) throw new TypeError('a log code that is not in the catalogue');
      const kept: Record<string, LogValue> = {};
      for (const name of entry.fields) {
        const value = (fields as Readonly<Record<string, LogValue>>)[name];
        if (value !== undefined) kept[name] = loggable(value);
      }
      out[entry.level](
        {
          ...kept,
          ...(about.trace === undefined ? {} : { trace: about.trace.traceId, span: about.trace.spanId }),
          ...(about.error === undefined ? {} : { error: describeError(about.error) }),
        },
        code,
      );
    },
  };
}

interface DescribedError {
  readonly name: string;
  readonly code?: LogValue;
  readonly at: readonly string[];
  readonly cause?: DescribedError;
}

/** Name, code and places of an error and its causes. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const { code } = error as { code?: unknown };
  const at = (error.stack ?? '')
    .split('\n')
    .flatMap((line) => /^ {4}at (?:.*\()?(?:file:\/\/)?([^()]+:\d+:\d+)\)?$/.exec(line)?.[1] ?? []);
  return {
    name: String(loggable(error.name)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: loggable(code) } : {}),
    at: at
      .filter((place) => !place.startsWith('node:'))
      .slice(0, 8)
      .map(withoutMachine),
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** A place in the program, without the folders of the machine it runs on. */
const withoutMachine = (place: string): string =>
  place.replace(/^.*\/(?=(?:kernel|systems|counterparts|town|cli|node_modules)\/)/, '');
