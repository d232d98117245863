import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import {
  announceCopyFile,
  type CopyFile,
  copyFilePart,
  copyFileStatus,
  headerOf,
  putCopyFilePart,
  rowsPerPart,
} from '@musubi/contracts/exchange/copy-files.ts';
import { sha256Hex } from '@musubi/kernel/crypto/digest.ts';
import { formToken } from '@musubi/kernel/pages/security.ts';
import { err, unwrap } from '@musubi/kernel/result/result.ts';
import { checkFiles } from '../service/check-file.ts';
import { fetchList } from '../service/fetch-list.ts';
import { operations } from '../service/operations.ts';
import { exchangeWorld } from './exchange-world.ts';
import { depsOf } from './ims-deps.ts';

const world = await exchangeWorld();
after(() => world[Symbol.asyncDispose]());
const job = { kind: 'job', name: 'test' } as const;
for (const each of [world.meguro, world.tokyo]) unwrap(await fetchList(depsOf(world, each), job));
const deps = depsOf(world, world.meguro);
const platform = world.clients.meguroPlatform;
const server = 'meguro/intermediate-server';
const header = headerOf('TKX-0001');
const clerk = { kind: 'staff', organisation: 'meguro', staffId: 's-1', sessionId: 'x-1' } as const;
const session = { actor: clerk, displayName: '', csrfSecret: new Uint8Array(32) };

const line = (person: string, levy: number | string, more: Record<string, string> = {}): string => {
  const cells: Record<string, string> = {
    団体内統合宛名番号: person,
    有効開始: '2026-06-02',
    更新区分: '1',
    自動応答不可: '0',
    不開示: '0',
    課税区分: '課税',
    市町村民税所得割額: `${levy}`,
    ...more,
  };
  return header.map((name) => cells[name] ?? '').join(',');
};

/** Cuts rows into parts and gives the announcement that fits them. */
function aFile(rows: readonly string[], more: Partial<CopyFile> = {}) {
  const parts: string[] = [];
  const { informationCode = 'TKX-0001' } = more;
  for (let at = 0; at < rows.length; at += rowsPerPart)
    parts.push(copyFilePart(informationCode, rows.slice(at, at + rowsPerPart)));
  const announcement: CopyFile = {
    fileId: randomUUID(),
    system: 'resident-tax',
    kind: 'difference',
    informationCode: 'TKX-0001',
    condition: { taxYear: 2026 },
    validFrom: '2026-06-02',
    rows: rows.length,
    digest: sha256Hex(Buffer.from(parts.map((part) => sha256Hex(Buffer.from(part))).join(''))),
    ...more,
  };
  return { announcement, parts };
}
const announce = (announcement: CopyFile) => platform.call(announceCopyFile, server, {}, announcement);
const put = (fileId: string, part: number, content: string) =>
  platform.call(putCopyFilePart, server, {}, { fileId, part, content });
const status = async (fileId: string) => unwrap(await platform.call(copyFileStatus, server, {}, { fileId }));
async function lodge(rows: readonly string[], more: Partial<CopyFile> = {}): Promise<string> {
  const { announcement, parts } = aFile(rows, more);
  unwrap(await announce(announcement));
  for (const [i, part] of parts.entries()) unwrap(await put(announcement.fileId, i + 1, part));
  await checkFiles(deps, job);
  return announcement.fileId;
}
const levyOf = async (prefecture: string): Promise<unknown> => {
  const answer = unwrap(await world.ask(world.question(prefecture)));
  return answer.result === '00' ? answer.items.市町村民税所得割額 : answer.result;
};
async function decideOnPage(fileId: string, decision: 'release' | 'refuse'): Promise<string> {
  const path = `/copies/${fileId}`;
  const answer = await world.meguro.pages.fetch(
    new Request(`http://ims${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://ims',
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams({ _token: formToken(session), decision, reason: '件数を原簿と照合した' }).toString(),
    }),
  );
  return `${answer.status}`;
}

test('002 IMS-F6, 001 IMS-F3 副本ファイルは全件検査され、職員が公開するまで使われない', async () => {
  const [one, other] = [await world.person({ 課税区分: '課税', 市町村民税所得割額: 1_000 }), await world.person()];
  const fileId = await lodge([
    line(one.ward, 2_000),
    line(other.ward, 3_000),
    line(other.ward, 3_001),
    line('199', 1),
    line('100000000009999', 'x'),
    line('100000000009998', 1, { 有効開始: '2026-07-01' }),
  ]);
  assert.deepEqual(await status(fileId), {
    state: 'checked',
    accepted: 2,
    rejected: [
      { row: 3, code: 'row-repeated' },
      { row: 4, code: 'person-number-form' },
      { row: 5, code: 'item-value' },
      { row: 6, code: 'valid-from-in-future' },
    ],
    rejectedInAll: 4,
  });
  assert.equal(await levyOf(one.prefecture), 1_000, 'checked is not yet released');
  assert.equal(await levyOf(other.prefecture), '50');

  const list = await (await world.meguro.pages.fetch(new Request('http://ims/copies'))).text();
  assert.match(list, new RegExp(`${fileId}[\\s\\S]*公開待ち`));
  const shown = await (await world.meguro.pages.fetch(new Request(`http://ims/copies/${fileId}`))).text();
  assert.match(shown, /3,000|3000/);
  assert.match(shown, /置き換え/);
  assert.equal(await decideOnPage(fileId, 'release'), '303');
  assert.equal(await levyOf(one.prefecture), 2_000);
  assert.equal(await levyOf(other.prefecture), 3_000);
  assert.equal((await status(fileId)).state, 'released');
  await decideOnPage(fileId, 'refuse');
  assert.equal(await levyOf(one.prefecture), 2_000, 'decided once');
});

/** As H6 makes it: numbers in one list, what belongs to them in another, joined by position. */
test('INC-52 副本ファイルの行は番号と内容の組で確かめられ、並べ替えても変わらず、一行のずれ・一列の並べ替え・行の欠落はファイル全体が受け付けられない', async () => {
  const rows = Array.from({ length: 3_000 }, (_, i) => line(`16${String(i).padStart(13, '0')}`, 1_000 + i));
  const bodies = aFile(rows).parts.flatMap((part) => part.split('\r\n').slice(1, -1));
  const [numbers, contents] = [bodies.map((b) => b.slice(0, 15)), bodies.map((b) => b.slice(15))];
  const head = [...header, '照合値'].join(',');
  /** The announcement is made from what goes out, as any tool would make it. */
  const send = async (lines: readonly string[], announced = lines.length) => {
    const parts: string[] = [];
    for (let at = 0; at < lines.length; at += rowsPerPart)
      parts.push([head, ...lines.slice(at, at + rowsPerPart), ''].join('\r\n'));
    const digest = sha256Hex(Buffer.from(parts.map((part) => sha256Hex(Buffer.from(part))).join('')));
    const { announcement } = aFile(lines, { rows: announced, digest });
    unwrap(await announce(announcement));
    const words: string[] = [];
    for (const [i, part] of parts.entries()) {
      const answer = await put(announcement.fileId, i + 1, part);
      words.push(answer.ok ? 'taken' : answer.error);
    }
    await checkFiles(deps, job);
    return { fileId: announcement.fileId, words, state: await status(announcement.fileId) };
  };
  const join = (left: readonly string[], right: readonly string[]) => left.map((number, i) => `${number}${right[i]}`);
  const permuted = await send(bodies.toReversed());
  assert.deepEqual(permuted.words, ['taken', 'taken']);
  assert.deepEqual([permuted.state.state, permuted.state.accepted], ['checked', 3_000]);

  const refused = 'rows-not-of-their-persons';
  const dropped = [...contents.slice(0, 1_000), ...contents.slice(1_001), contents[1_000]!];
  const column = bodies.map((b, i) =>
    b
      .split(',')
      .with(header.indexOf('市町村民税所得割額'), `${4_000 - i}`)
      .join(','),
  );
  const before = (
    await world.meguro.t.owner<{ n: number }>(
      `select count(*)::int as n from audit.intake_event where body like '%bulk.refused%'`,
    )
  )[0]!.n;
  const wrong = [
    join(numbers, [...contents.slice(1), contents[0]!]), // shifted by a row
    join(numbers, dropped), // a line dropped from one of the two lists
    column, // one column sorted by itself
    [...bodies.slice(0, 2_999), `${numbers[0]}${contents[2_999]}`], // the last row alone
  ];
  for (const lines of wrong) {
    const { fileId, words, state } = await send(lines);
    assert.equal(words.at(-1), refused);
    assert.deepEqual([state.state, state.accepted], ['refused', 0]);
    const page = await (await world.meguro.pages.fetch(new Request(`http://ims/copies/${fileId}`))).text();
    assert.match(page, /番号と内容の組が一致しません（[0-9,]+件）/);
    assert.equal(await decideOnPage(fileId, 'release'), '303');
    assert.equal((await status(fileId)).state, 'refused', 'nobody releases it');
  }
  const [after] = await world.meguro.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.intake_event where body like '%bulk.refused%'`,
  );
  assert.equal(after!.n - before, wrong.length);
  // Both lists lost the line: the count is not the announced one.
  assert.equal((await send(bodies.slice(1), 3_000)).state.state, 'failed');
  const watching = unwrap(
    await operations.read(deps, world.sit('meguro/intermediate-server', 'op-1', ['ims-operator']), {}),
  );
  assert.match(JSON.stringify(watching), /番号と内容の組が一致しない副本ファイル/);
});

test('002 IMS-F6 公開しないと決めたファイルは使われず、全件ファイルにない人の副本は終わる', async () => {
  const [kept, gone] = [
    await world.person({ 課税区分: '課税', 市町村民税所得割額: 11 }),
    await world.person({ 課税区分: '課税', 市町村民税所得割額: 12 }),
  ];
  const refused = await lodge([line(kept.ward, 99)]);
  assert.equal(await decideOnPage(refused, 'refuse'), '303');
  assert.equal(await levyOf(kept.prefecture), 11);

  const full = await lodge([line(kept.ward, 21)], { kind: 'full' });
  const [check] = await world.meguro.t.owner<{ left_out: number }>(
    'select left_out from intermediate_server.copy_file_check where file_id = $1',
    [full],
  );
  assert.ok(check!.left_out >= 1, 'the clerk sees how many would lose their copy');
  assert.equal(await levyOf(gone.prefecture), 12);
  assert.equal(await decideOnPage(full, 'release'), '303');
  assert.equal(await levyOf(kept.prefecture), 21);
  assert.equal(await levyOf(gone.prefecture), '50', 'who is not in the full file has no copy from its day on');

  const later = await lodge([line(gone.ward, 31)]);
  assert.equal(await decideOnPage(later, 'release'), '303');
  assert.equal(await levyOf(gone.prefecture), 31, 'what comes after the full file counts again');
});

test('002 IMS-F6 同じ部分の再送は同じ結果、内容の異なる再送・欠け・すり替えは受け付けない', async () => {
  const rows = Array.from({ length: rowsPerPart + 3 }, (_, i) => line(`17${String(i).padStart(13, '0')}`, i));
  const { announcement, parts } = aFile(rows);
  assert.deepEqual(await announce({ ...announcement, system: 'child-chronic' }), err('not-your-information'));
  assert.deepEqual(
    await announce({ ...announcement, condition: { asOf: '2026-06-01' } }),
    err('condition-not-defined'),
  );
  assert.deepEqual(unwrap(await announce(announcement)), { parts: 2 });
  assert.deepEqual(unwrap(await announce(announcement)), { parts: 2 });
  assert.deepEqual(await announce({ ...announcement, rows: 1 }), err('file-repeated-with-other-content'));
  const { fileId } = announcement;
  assert.deepEqual(await put(randomUUID(), 1, parts[0]!), err('no-such-file'));
  assert.deepEqual(await put(fileId, 3, parts[0]!), err('no-such-part'));
  assert.deepEqual(unwrap(await put(fileId, 2, parts[1]!)), { missing: 1 });
  assert.deepEqual(await put(fileId, 2, parts[0]!), err('part-repeated-with-other-content'));
  assert.equal((await status(fileId)).state, 'receiving');
  assert.deepEqual(await put(fileId, 1, parts[1]!), err('file-differs-from-announced'), 'not the announced file');
  assert.deepEqual(unwrap(await put(fileId, 1, parts[0]!)), { missing: 0 });
  assert.deepEqual(unwrap(await put(fileId, 1, parts[0]!)), { missing: 0 });
  await Promise.all([checkFiles(deps, job), checkFiles(deps, job)]);
  const done = await status(fileId);
  assert.deepEqual([done.state, done.accepted, done.rejectedInAll], ['checked', rows.length, 0]);
  const [count] = await world.meguro.t.owner<{ n: number }>(
    'select count(*)::int as n from intermediate_server.lodged_copy where batch_id = $1',
    [fileId],
  );
  assert.equal(count!.n, rows.length, 'two at once check it once');
});

test('AC-23, 002 IMS-F6 期別の合計が年税額と一致しない一人は登録されず誤りの一覧に示され、千人のうち九百九十九人が登録される', async () => {
  const instalments = { 年税額: '250000', 第1期分: '64000', 第2期分: '62000', 第3期分: '62000', 第4期分: '62000' };
  const rows = Array.from({ length: 1_000 }, (_, i) =>
    line(`16${String(i).padStart(13, '0')}`, 250_000, i === 416 ? { ...instalments, 第4期分: '61000' } : instalments),
  );
  const fileId = await lodge(rows);
  assert.deepEqual(await status(fileId), {
    state: 'checked',
    accepted: 999,
    rejected: [{ row: 417, code: 'sum-differs' }],
    rejectedInAll: 1,
  });
  const shown = await (await world.meguro.pages.fetch(new Request(`http://ims/copies/${fileId}`))).text();
  assert.match(shown, /417行目[\s\S]*期別の合計が年税額と一致しません/);
  assert.match(shown, /999/);
  assert.equal(await decideOnPage(fileId, 'release'), '303');
  const [kept] = await world.meguro.t.owner<{ n: number; wrong: number }>(
    `select count(*)::int as n, count(*) filter (where org_person_number = $2)::int as wrong
       from intermediate_server.lodged_copy where batch_id = $1`,
    [fileId, `16${'416'.padStart(13, '0')}`],
  );
  assert.deepEqual(kept, { n: 999, wrong: 0 });
});

test('INC-26 三月分のファイルは五月分の後に受け付けられず、公開もできない。八つのうち一つの再送は全体を変えない', async () => {
  const taxYear = { condition: { taxYear: 2023 } };
  const who = (i: number): string => `15${String(i).padStart(13, '0')}`;
  const full = (validFrom: string, levy: number) =>
    aFile([line(who(1), levy, { 有効開始: validFrom })], { ...taxYear, kind: 'full', validFrom });
  const send = async ({ announcement, parts }: ReturnType<typeof aFile>): Promise<string> => {
    unwrap(await announce(announcement));
    unwrap(await put(announcement.fileId, 1, parts[0]!));
    await checkFiles(deps, job);
    return announcement.fileId;
  };
  const march = await send(full('2026-03-01', 3));
  const may = await send(full('2026-05-01', 5));
  assert.equal(await decideOnPage(may, 'release'), '303');
  // Beside it lies March's, announced before and once more.
  await decideOnPage(march, 'release');
  assert.equal((await status(march)).state, 'checked', 'the clerk is told that a later one counts');
  assert.deepEqual(await announce(full('2026-03-01', 3).announcement), err('older-generation'));
  const refused = await world.eventsOf(world.meguro, 'copies.announce-file.refused');
  assert.match(JSON.stringify(refused.at(-1)), /older-generation/);

  const rows = Array.from({ length: 7 * rowsPerPart + 1 }, (_, i) => line(who(i), 7));
  const eight = aFile(rows, { ...taxYear, validFrom: '2026-06-02' });
  const { fileId } = eight.announcement;
  unwrap(await announce(eight.announcement));
  for (const [i, part] of eight.parts.entries()) if (i !== 4) unwrap(await put(fileId, i + 1, part));
  // One is faulty; another set's part in its place, or the same with a changed value, makes no set.
  const faulty = eight.parts[4]!.replace(',7,', ',8,');
  for (const part of [faulty, eight.parts[3]!])
    assert.deepEqual(await put(fileId, 5, part), err('file-differs-from-announced'));
  assert.deepEqual(await put(fileId, 4, faulty), err('part-repeated-with-other-content'));
  await checkFiles(deps, job);
  assert.equal((await status(fileId)).state, 'receiving', 'the other seven are lodged with the eighth or not at all');
  const [effective] = await world.meguro.t.owner(
    'select count(*)::int as n from intermediate_server.lodged_copy where batch_id = $1',
    [fileId],
  );
  assert.deepEqual(effective, { n: 0 });
  assert.match(
    (await world.read(world.meguro, `/copies/${fileId}`)).text,
    /受領 7 \/ 8 部/,
    'the clerk sees the set that is not whole',
  );
});

test('規則による自動公開: 基準内のファイルだけが職員なしで公開される', async () => {
  const { ward, prefecture } = await world.person({ 課税区分: '課税', 市町村民税所得割額: 5 });
  const byRule = { ...deps, autoRelease: new Map([['TKX-0001', { rejectedAtMost: 0, leftOutAtMost: 0 }]]) };
  const send = async (rows: readonly string[]): Promise<string> => {
    const { announcement, parts } = aFile(rows);
    unwrap(await announce(announcement));
    unwrap(await put(announcement.fileId, 1, parts[0]!));
    await checkFiles(byRule, job);
    return (await status(announcement.fileId)).state;
  };
  assert.equal(await send([line(ward, 6), line('1', 7)]), 'checked', 'a rejected row waits for a clerk');
  assert.equal(await levyOf(prefecture), 5);
  assert.equal(await send([line(ward, 8)]), 'released');
  assert.equal(await levyOf(prefecture), 8);
});

test('design §2.7, §3 副本は暗号化されて保存され、平文・鍵はデータベースにない', async () => {
  const { ward, prefecture } = await world.person({ 課税区分: '課税', 市町村民税所得割額: 918_273_645 });
  assert.equal(await levyOf(prefecture), 918_273_645);
  const tables = await world.meguro.t.owner<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of tables) {
    const rows = await world.meguro.t.owner<{ row: string }>(`select to_jsonb(x)::text as row from ${name} x`);
    for (const { row } of rows) {
      assert.ok(!row.includes('918273645'), `a value of a copy stands in ${name}`);
      const bytes = [...row.matchAll(/\\\\x([0-9a-f]{8,})/g)].map(([, hex]) =>
        Buffer.from(hex!, 'hex').toString('latin1'),
      );
      assert.ok(!bytes.some((text) => text.includes('918273645')), `a value of a copy stands in ${name} as bytes`);
    }
  }
  const [row] = await world.meguro.t.owner<{ n: number }>(
    `select count(*)::int as n from audit.fact_differences('intermediate_server.lodged_copy')`,
  );
  assert.equal(row!.n, 0, 'what the log says of the copies is what stands');
  // Rows of a file are tied by a root that the program made: the database makes the same of what it holds.
  const [roots] = await world.meguro.t.owner<{ all: number; other: number }>(
    `select count(*)::int as all, (count(*) filter (where b.root is distinct from (
              select audit.merkle_root(array_agg(audit.fact_leaf(b.fact_table, l.fact_key, l.digest) order by l.fact_key collate "C"))
                from audit.batch_leaves(b.fact_table, b.event_id) as l)))::int as other
       from audit.fact_batch as b where b.fact_table = 'intermediate_server.lodged_copy'`,
  );
  assert.ok(roots!.all > 0);
  assert.equal(roots!.other, 0);
  // A copy moved to another person does not open for that person.
  const other = await world.person({ 課税区分: '課税', 市町村民税所得割額: 1 });
  await world.meguro.t.owner(
    `update intermediate_server.lodged_copy as a set sealed = b.sealed, commitment = b.commitment, page_id = b.page_id
       from intermediate_server.lodged_copy as b where a.org_person_number = $1 and b.org_person_number = $2`,
    [other.ward, ward],
  );
  assert.deepEqual(await world.ask(world.question(other.prefecture)), err('provider-unavailable'));
});
