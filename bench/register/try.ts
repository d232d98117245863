import path from 'node:path';
import { rm } from 'node:fs/promises';
import { startEmbedded } from '@musubi/kernel/db/embedded.ts';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { prepareFiles } from './prepare.ts';
import { measureLoad, database } from './load.ts';
const n = Number(process.argv[2]);
const home = '/tmp/musubi-core-bench';
await rm(home, { recursive: true, force: true });
const f = await prepareFiles(new URL(`../../.musubi/bench/register-${n}`, import.meta.url).pathname, n);
const server = await startEmbedded({ directory: path.join(home, 'pg'), settings: { shared_buffers: '2GB', max_wal_size: '16GB', maintenance_work_mem: '1GB', checkpoint_timeout: '30min' } });
try {
  const r = await measureLoad(server.adminUrl, { files: f, residents: n, keysDirectory: path.join(home, 'keys') });
  console.log(r.seconds, r.bytes / 1e6, r.bytes / n, r.counts);
  await withClient(at(server.adminUrl, database), async (c) => {
    const { rows } = await c.query(`select c.oid::regclass::text as t, pg_relation_size(c.oid)/1e6 as mb, pg_relation_size(c.oid)::float8/${n} as b from pg_class c where relkind in ('r','i','t') order by 2 desc limit 22`);
    for (const r of rows) console.log(r.t, Number(r.mb).toFixed(1), r.b.toFixed(1));
  });
} finally { await server.stop(); }
