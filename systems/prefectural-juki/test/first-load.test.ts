import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { endLine, headerLine } from '@musubi/contracts/juki/load-file.ts';
import { at, provisionDatabase, rolesOf, withClient } from '@musubi/kernel/db/provision.ts';
import { testServer } from '@musubi/kernel/db/testing.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { makeResidentRecordCode } from '@musubi/kernel/identifiers/resident-record-code.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { kernelSchemas } from '@musubi/kernel/serve/schemas.ts';
import { type FirstLoadOutcome, runFirstLoad } from '../jobs/first-load.ts';
import { definition } from '../main.ts';

/* 初期移行: prepared files of two municipalities into an empty register, by the owner's tool as it runs. */

const [meguro, setagaya] = ['131105', '131121'];
const random = seededRandom('first-load');
const adminUrl = await testServer();
const home = await mkdtemp(path.join(tmpdir(), 'musubi-first-load-'));
const databases: string[] = [];
after(async () => {
  await withClient(adminUrl, async (client) => {
    for (const name of databases) {
      await client.query(`drop database if exists ${name} with (force)`);
      await client.query(`drop role if exists ${rolesOf(name).app}, ${rolesOf(name).owner}`);
    }
  });
  await rm(home, { recursive: true, force: true });
});

const aRecord = (own: { code?: string; number?: string } = {}): string =>
  [
    own.code ?? makeResidentRecordCode(random),
    own.number ?? makeIndividualNumber(random).digits(),
    ...['佐藤　花子', 'サトウ　ハナコ', '1980-04-02', 'female', '東京都目黒区八雲一丁目１番１号', '0001000'],
    ...['0', '0', '', '', '0', '2015-04-01', '2015-04-01', '1', 'resident'],
  ].join('\t');

interface FileOptions {
  readonly statedRecords?: number;
  readonly statedDigest?: string;
}
async function aFile(
  municipalityCode: string,
  fileNo: number,
  records: readonly string[],
  options: FileOptions = {},
): Promise<string> {
  const body = records.map((line) => `${line}\n`).join('');
  const digest = options.statedDigest ?? createHash('sha256').update(body).digest('hex');
  const preparedAt = '2026-05-31T15:00:00Z';
  const head = headerLine({ municipalityCode, fileNo, operatorId: 'load', terminalId: 'CS-1', preparedAt });
  const file = path.join(home, `${municipalityCode}-${fileNo}-${digest.slice(0, 8)}.txt`);
  await writeFile(file, `${head}\n${body}${endLine(options.statedRecords ?? records.length, digest)}\n`);
  return file;
}

async function anEmptyRegister(name: string) {
  const database = `first_load_${process.pid}_${name}`;
  databases.push(database);
  const schemas = [...kernelSchemas, ...definition.schemas];
  await provisionDatabase(adminUrl, { database, appPassword: 'load', schemas });
  const keysDirectory = path.join(home, name);
  const instance = 'tokyo/prefectural-juki';
  const load = (files: readonly string[], expected: number): Promise<FirstLoadOutcome> =>
    runFirstLoad({
      ...{ adminUrl, database, instance, keysDirectory, files, expected },
      municipalities: [meguro, setagaya],
      today: '2026-06-01',
      workers: 1,
    });
  const ask = <Row extends object>(statement: string): Promise<Row[]> =>
    withClient(at(adminUrl, database), async (client) => (await client.query(statement)).rows as Row[]);
  return { load, ask };
}

test('003 §4.1 初期移行: all files or no register; a load that stopped goes on, and a register that stands is not loaded again', async () => {
  const { load, ask } = await anEmptyRegister('whole');
  const [first, second] = [
    await aFile(meguro, 1, [aRecord(), aRecord()]),
    await aFile(setagaya, 1, [aRecord(), aRecord(), aRecord()]),
  ];
  assert.deepEqual(await load([first], 5), { ok: false, fault: 'records-missing', refused: [] });
  const done = await load([first, second], 5);
  assert.deepEqual(done, { ok: true, counts: { files: 2, records: 5, rows: 5, numbers: 5 } });
  assert.deepEqual(await load([first, second], 5), { ok: false, fault: 'already-loaded', refused: [] });

  assert.deepEqual(await ask('select municipality_code, records from prefectural_juki.loaded_file order by 1'), [
    { municipality_code: meguro, records: 2 },
    { municipality_code: setagaya, records: 3 },
  ]);
  // Each row gives the leaf that its file's event commits to, and each person's number stands under that person.
  assert.deepEqual(await ask(`select * from audit.fact_differences('prefectural_juki.identification')`), []);
  const [held] = await ask<{ n: number }>(
    'select count(*)::int as n from prefectural_juki.identification i join vault.number v using (number_ref) where v.owner_id::text = i.person_id::text',
  );
  assert.equal(held?.n, 5);
  const indexes = await ask<{ name: string }>(
    `select indexname as name from pg_indexes where schemaname = 'prefectural_juki' and tablename = 'identification'`,
  );
  for (const name of ['identification_pkey', 'identification_code', 'identification_kana', 'identification_grams'])
    assert.ok(indexes.some((index) => index.name === name));
});

test('003 §4.1 初期移行: a file is refused whole, with rows and fields and no value, and what stands twice is no register', async () => {
  const { load, ask } = await anEmptyRegister('refused');
  const [code, number] = [makeResidentRecordCode(random), makeIndividualNumber(random).digits()];
  const good = await aFile(meguro, 1, [aRecord({ code }), aRecord({ number })]);
  const faulty = aRecord().replace('1980-04-02', '1980-02-30');
  const outcome = await load(
    [
      good,
      await aFile(meguro, 1, [aRecord()]),
      await aFile(meguro, 2, [aRecord()], { statedDigest: 'ab'.repeat(32) }),
      await aFile(meguro, 3, [aRecord()], { statedRecords: 2 }),
      await aFile('141003', 1, [aRecord()]),
      await aFile(setagaya, 1, [aRecord(), faulty]),
    ],
    2,
  );
  assert.ok(!outcome.ok);
  assert.equal(outcome.fault, 'files-refused');
  assert.deepEqual(
    outcome.refused.map((o) => [path.basename(o.file).slice(0, 8), o.fault, o.faults]),
    [
      ['131105-1', 'file-number-used', []],
      ['131105-2', 'wrong-digest', []],
      ['131105-3', 'wrong-count', []],
      ['141003-1', 'wrong-municipality', []],
      ['131121-1', 'faulty-records', [{ row: 2, fields: ['birthDate'] }]],
    ],
  );
  assert.deepEqual(await ask('select count(*)::int as n from prefectural_juki.identification'), [{ n: 2 }]);

  const twice = await aFile(setagaya, 1, [aRecord({ code })]);
  assert.deepEqual(await load([good, twice], 3), { ok: false, fault: 'code-twice', refused: [] });
  const again = await aFile(setagaya, 2, [aRecord({ number })]);
  assert.deepEqual(await load([good, twice, again], 4), { ok: false, fault: 'number-twice', refused: [] });
});
