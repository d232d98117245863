import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second. */
const msPerTick = 10;

/** The most memory that a process has held so far, megabytes; undefined where the system does not tell. */
export async function peakMbOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return match?.[1] === undefined ? undefined : Number(match[1]) / 1_024;
}

/**
 * Processor milliseconds that a process and everything under it have used so far; undefined where the system does not tell.
 * On a shared machine this says what a rate cannot: how much work one inquiry is.
 */
export async function cpuMsUnder(ancestors: readonly number[]): Promise<number | undefined> {
  const pids = await readdir('/proc').catch(() => undefined);
  if (pids === undefined) return undefined;
  const seen = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const pid of pids.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The name in brackets may hold anything; the numbers stand after the last bracket: parent 2nd; own and waited-for times 12th to 15th.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields === undefined) continue;
    const ticks = fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
    seen.set(Number(pid), { parent: Number(fields[1]), ticks });
  }
  const isUnder = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 0; at = seen.get(at)?.parent)
      if (ancestors.includes(at)) return true;
    return false;
  };
  let ticks = 0;
  for (const [pid, each] of seen) if (isUnder(pid)) ticks += each.ticks;
  return ticks * msPerTick;
}
