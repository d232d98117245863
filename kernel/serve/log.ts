import type { MachineClock } from '../clocks/clock.ts';
import { type Log, logCatalogue, openLog } from '../telemetry/log.ts';

/** What a process says of itself. Codes, ids and counts; never a personal value (kernel/telemetry withholds the rest). */
export const serveLogCodes = logCatalogue({
  'instance.ready': { level: 'info', fields: ['part', 'port'], meaning: 'the instance answers' },
  'instance.stopped': { level: 'info', fields: ['part'], meaning: 'the instance stopped in order' },
  'work.failed': {
    level: 'error',
    fields: ['part', 'where'],
    meaning: 'a loop or a background step failed and is tried again',
  },
  'page.failed': {
    level: 'error',
    fields: ['part', 'reference'],
    meaning: 'a page broke; the reader saw the reference',
  },
  'peer.fault': {
    level: 'warn',
    fields: ['part', 'fault', 'endpoint', 'word'],
    meaning: 'a peer was refused or its request failed',
  },
  'alarm.raised': { level: 'warn', fields: ['part', 'alarm', 'detail'], meaning: 'somebody should look' },
} as const);

export type ProcessLog = Log<typeof serveLogCodes>;

export const processLog = (organisation: string, machineClock: MachineClock): ProcessLog =>
  openLog({ instance: organisation, catalogue: serveLogCodes, machineClock });
