import { Command } from 'commander';

/* A command's modules are loaded when it is asked for: a serving process has no use for the walk's browser or the benches. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  serve: async () => (await import('./serve.ts')).registerServe,
  controls: async () => (await import('@musubi/assessments/cli.ts')).registerControls,
  audit: async () => (await import('./audit.ts')).registerAudit,
  backup: async () => (await import('./backup.ts')).registerBackup,
  bench: async () => (await import('./bench.ts')).registerBench,
  chaos: async () => (await import('./chaos.ts')).registerChaos,
  tax: async () => (await import('./tax.ts')).registerTax,
  walk: async () => (await import('./walk.ts')).registerWalk,
};

const program = new Command('musubi')
  .description('結び: systems of the resident register, resident tax and the exchange of Specific Personal Information')
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: true })
  .addHelpText('after', '\nExit codes: 0 good, 1 a check did not hold, 2 it could not be done.');

const asked = commands[process.argv[2] ?? ''];
for (const load of asked === undefined ? Object.values(commands) : [asked]) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
