import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';

export interface ChaosResult {
  readonly name: string;
  readonly seeds: number;
  readonly violations: number;
  readonly faults: Readonly<Record<string, number>>;
}

const folder = new URL('../chaos/', import.meta.url);

/** `musubi chaos NAME --seeds N`: exit code 0 when no promise was broken under the faults, 1 when one was. */
export function registerChaos(program: Command): void {
  program
    .command('chaos')
    .argument('[name]', 'which scenario; without one they are listed')
    .option('--seeds <n>', 'how many runs, each with its own seed', '5')
    .option('--months <n>', 'collections: the same, since each of its seeds is a month')
    .option('--from <n>', 'collections, register: months or seeds to leave out, to go through many in pieces', '0')
    .option('--json', 'one JSON object on the last line')
    .description('faults by seed, and a search for broken promises')
    .action(
      async (name: string | undefined, options: { seeds: string; months?: string; from: string; json?: boolean }) => {
        const { json } = options;
        const names = (await readdir(folder)).flatMap((f) => (/^[a-z-]+\.ts$/.test(f) ? [f.slice(0, -3)] : []));
        if (name === undefined) return console.log(names.join('\n'));
        if (!names.includes(name)) throw new Error(`no scenario "${name}"; there are: ${names.join(', ')}`);
        const count = Number(options.months ?? options.seeds);
        if (!Number.isInteger(count) || count < 1) throw new Error('--seeds: a whole number from 1');
        const from = Number(options.from);
        if (!Number.isInteger(from) || from < 0) throw new Error('--from: a whole number from 0');
        if (from > 0 && !['collections', 'register'].includes(name)) throw new Error(`${name} has no --from`);
        const { run } = (await import(new URL(`${name}.ts`, folder).href)) as {
          run: (seeds: number, options: { from: number }) => Promise<ChaosResult>;
        };
        const result = await run(count, { from });
        if (json) console.log(JSON.stringify(result));
        else
          console.log(
            `${result.name}: ${result.seeds} seeds, ${result.violations} violations, faults ${JSON.stringify(result.faults)}`,
          );
        process.exitCode = result.violations === 0 ? 0 : 1;
      },
    );
}
