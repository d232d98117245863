import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';

/** What every bench gives. `checks` say whether what was measured was also right. */
export interface BenchResult {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, boolean>>;
}

const folder = new URL('../bench/', import.meta.url);

/** `musubi bench NAME`: exit code 0 when every check held, 1 when one did not; figures are never a verdict. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .argument('[name]', 'which bench; without one they are listed')
    .option('--json', 'one JSON object on the last line')
    .option('--residents <count>', 'register: how many people', Number)
    .description('measured work beside a floor of the same run')
    .action(async (name: string | undefined, { json, residents }: { json?: boolean; residents?: number }) => {
      const names = (await readdir(folder)).flatMap((f) => (/^[a-z-]+\.ts$/.test(f) ? [f.slice(0, -3)] : []));
      if (name === undefined) return console.log(names.join('\n'));
      if (!names.includes(name)) throw new Error(`no bench "${name}"; there are: ${names.join(', ')}`);
      const { run } = (await import(new URL(`${name}.ts`, folder).href)) as {
        run: (options: { residents?: number | undefined }) => Promise<BenchResult>;
      };
      const result = await run({ residents });
      if (json) console.log(JSON.stringify(result));
      else print(result);
      process.exitCode = Object.values(result.checks).every(Boolean) ? 0 : 1;
    });
}

function print({ name, figures, floor, checks }: BenchResult): void {
  console.log(name);
  for (const [title, values] of [
    ['figures', figures],
    ['floor', floor],
  ] as const) {
    console.log(`  ${title}`);
    for (const [key, value] of Object.entries(values))
      console.log(`    ${key.padEnd(24)} ${value.toLocaleString('en')}`);
  }
  for (const [key, held] of Object.entries(checks)) console.log(`  ${held ? '✓' : '✗'} ${key}`);
}
