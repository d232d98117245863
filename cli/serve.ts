import { readOrganisationConfig } from '@musubi/kernel/serve/config.ts';
import { serve } from '@musubi/kernel/serve/serve.ts';
import type { Command } from 'commander';
import { loadDefinitions, pageFolders } from './definitions.ts';

/** `musubi serve CONFIG`: the instances of one organisation in this process, until SIGINT or SIGTERM. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .argument('<config>', 'configuration of the organisation (JSON)')
    .description('run the instances of one organisation')
    .action(async (file: string) => {
      const config = await readOrganisationConfig(file);
      const definitions = await loadDefinitions(config.instances.map((i) => i.system));
      const served = await serve(config, definitions, { styleSources: pageFolders });
      process.send?.('ready');
      const stop = (): void => {
        void served.close().then(
          () => process.exit(0),
          (error) => {
            console.error(error);
            process.exit(1);
          },
        );
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
      // A supervisor that died leaves nobody to stop us.
      process.once('disconnect', stop);
    });
}
