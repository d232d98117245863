import { registerControls } from '@musubi/assessments/cli.ts';
import { Command } from 'commander';
import { registerAudit } from './audit.ts';
import { registerBench } from './bench.ts';
import { registerChaos } from './chaos.ts';
import { registerServe } from './serve.ts';
import { registerTax } from './tax.ts';
import { registerWalk } from './walk.ts';

const program = new Command('musubi')
  .description('結び: systems of the resident register, resident tax and the exchange of Specific Personal Information')
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: true })
  .addHelpText('after', '\nExit codes: 0 good, 1 a check did not hold, 2 it could not be done.');

registerServe(program);
registerControls(program);
registerAudit(program);
registerBench(program);
registerChaos(program);
registerTax(program);
registerWalk(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
