import { registerControls } from '@musubi/assessments/cli.ts';
import { Command } from 'commander';
import { registerServe } from './serve.ts';

const program = new Command('musubi')
  .description('結び: systems of the resident register, resident tax and the exchange of Specific Personal Information')
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: true });

registerServe(program);
registerControls(program);

await program.parseAsync();
