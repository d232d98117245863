import { parseArgs } from 'node:util';
import { defaultHome } from '@musubi/town/open-town.ts';
import { townPassword } from '@musubi/town/plan/organisations.ts';
import { residentsOf, runTown } from './walk.ts';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    'no-walk': { type: 'boolean', default: false },
    year: { type: 'boolean', default: false },
    residents: { type: 'string', default: '3000' },
    port: { type: 'string', default: process.env.MUSUBI_PORT ?? '8080' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`npm start -- [--once] [--fresh] [--no-walk] [--year] [--residents N] [--port N]
  Starts the town and walks through it once; --year plays the rest of the year too. DATABASE_URL names a PostgreSQL of your own; MUSUBI_HOME the folder.`);
  process.exit(0);
}

const residents = ((): number => {
  try {
    return residentsOf(values.residents);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
})();
const publicPort = Number(values.port);
const { town, walk } = await runTown({
  home: defaultHome(),
  fresh: values.fresh,
  residents,
  publicPort,
  seed: 'musubi-2026',
  prefix: 'musubi',
  quiet: false,
  year: values.year,
});

let closing: Promise<void> | undefined;
const stop = (code: number): void => {
  if (!closing) console.error('\n止めています… stopping');
  closing ??= town.close();
  void closing.then(
    () => process.exit(code),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));

console.log(`\n  結びの町 ${town.startPage}   (also http://localhost:${publicPort}/)
  職員のパスワード password of everybody: ${townPassword}\n`);

const ok = values['no-walk'] ? true : (await walk()).ok;
if (values.once) stop(ok ? 0 : 1);
else {
  town.backups.start();
  console.log(
    `\n${ok ? '' : 'ひとめぐりは途中で止まりました。The walk stopped; see above.\n'}  ${town.startPage}   Ctrl-C で終わります。`,
  );
}
