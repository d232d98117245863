import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { at, withClient } from '@musubi/kernel/db/provision.ts';
import { testDatabase, testServer } from '@musubi/kernel/db/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { gzipSync, zipSync } from 'fflate';
import { dumpOf, filesHolding, filesWithNumbers } from './dump-search.ts';
import { searchNumbers } from './number-search.ts';

const number = makeIndividualNumber(seededRandom('search')).digits();
const notes = [{ name: 'note', directory: new URL('../../kernel/db/test/schema/', import.meta.url) }];

test('design §9: a number is found in a table, as text, in jsonb and inside bytea, and the finding does not tell it', async () => {
  await using t = await testDatabase(notes);
  const event = '0190a000-0000-7000-8000-000000000000';
  await t.owner('insert into note.note (words, event_id) values ($1, $2)', [`前${number}後`, event]);
  await t.owner('insert into note.note (words, body, event_id) values ($1, $2, $3)', [
    'x',
    JSON.stringify({ n: `0${number}` }),
    event,
  ]);
  await t.owner('insert into note.note (words, bytes, event_id) values ($1, $2, $3)', [
    'x',
    Buffer.from(Buffer.from(number).toString('base64')),
    event,
  ]);
  const report = await searchNumbers(new Set([number]), [at(await testServer(), t.db.name)], []);
  assert.ok(report.tables > 0);
  assert.deepEqual([...new Set(report.findings.map((f) => f.form))].sort(), ['ascii', 'base64']);
  assert.ok(report.findings.some((f) => f.place.includes('(binary)')));
  assert.ok(!JSON.stringify(report).includes(number));
});

test('design §9: a number is found in a file, a ZIP, a gzip in a ZIP; a file without one gives none', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'musubi-search-'));
  try {
    await writeFile(path.join(folder, 'none.txt'), '123456789017');
    assert.deepEqual((await searchNumbers(new Set([number]), [], [folder])).findings, []);
    await writeFile(path.join(folder, 'plain.log'), `line ${number}\n`);
    await writeFile(path.join(folder, 'a.zip'), zipSync({ 'in/b.gz': gzipSync(Buffer.from(`x${number}`)) }));
    const { findings, files } = await searchNumbers(new Set([number]), [], [folder]);
    assert.equal(files, 3);
    assert.deepEqual(findings.map((f) => path.relative(folder, f.place)).sort(), ['a.zip/in/b.gz/gzip', 'plain.log']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('INC-66 the files of a server, its write-ahead log among them, are searched without keys: a plain number is found in both, in any form', async () => {
  const server = await testServer();
  const before = await withClient(server, (c) => c.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn'));
  const since = before.rows[0]!.lsn;
  await using t = await testDatabase(notes);
  const clean = await dumpOf(server, [t.db.name], since);
  assert.ok(clean !== undefined && clean.bytes > 1_000_000);
  const sought = makeIndividualNumber(seededRandom(t.db.name)).digits();
  assert.deepEqual(await filesWithNumbers(new Set([sought]), clean.files), []);
  const event = '0190a000-0000-7000-8000-000000000000';
  const full = sought.replace(/[0-9]/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0));
  await t.owner('insert into note.note (words, event_id) values ($1, $2)', [`前${full}後`, event]);
  const dump = await dumpOf(server, [t.db.name], since);
  const found = await filesWithNumbers(new Set([number, sought]), dump!.files);
  assert.deepEqual([...new Set(found.map((f) => path.basename(path.dirname(path.dirname(f)))))].sort(), [
    'base',
    'data',
  ]);
  // UTF-16 has zero bytes in it.
  const folder = await mkdtemp(path.join(tmpdir(), 'musubi-dump-'));
  try {
    await writeFile(path.join(folder, 'wide'), Buffer.from(`x${sought}`, 'utf16le'));
    await writeFile(path.join(folder, 'none'), Buffer.from('x', 'utf16le'));
    assert.deepEqual(await filesWithNumbers(new Set([sought]), [folder]), [path.join(folder, 'wide')]);
    assert.deepEqual(await filesHolding([], [folder]), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
