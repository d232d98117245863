import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import type { FiledDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { checkCatalogue, readCatalogue } from '@musubi/kernel/db/catalogue.ts';
import { textOfPdf } from '@musubi/kernel/documents/testing.ts';
import { mechanismTest } from '@musubi/kernel/enforcement/testing.ts';
import { readCsvCells } from '@musubi/kernel/euc/output.ts';
import { findNumbers } from '@musubi/kernel/identifiers/number-forms.ts';
import { createPageApp } from '@musubi/kernel/pages/app.ts';
import { buildStylesheet } from '@musubi/kernel/pages/build-css.ts';
import { trainingTown } from '@musubi/kernel/pages/layout.ts';
import { expectAccessible, screenshot, screenshotPdf, withPage } from '@musubi/kernel/pages/testing.ts';
import { systemRandom } from '@musubi/kernel/random/random.ts';
import { type Result, unwrap } from '@musubi/kernel/result/result.ts';
import { convertReturns } from '../service/convert-returns.ts';
import { drawDocument, drawer, drawNext } from '../service/draw.ts';
import { findDocuments, openNumbers, provideImage, readDocument, readImage, readOpenedImage } from '../service/read.ts';
import type { DocumentQuery } from '../store/documents.ts';
import { taxDocumentsSchema } from '../store/schema-set.ts';
import { documentPages } from '../web/documents.ts';
import { type Archive, aFiling, anArchive, bring, staff, taxSystem, typesetter } from './an-archive.ts';

/** One archive for the file: each test looks at what it brought itself. */
const archive = await anArchive();
after(async () => {
  await archive[Symbol.asyncDispose]();
  typesetter.close();
});

const clerk = staff('document-clerk/1');
const viewer = staff('document-viewer/1');
const word = <V, E>(result: Result<V, E>): E | 'ok' => (result.ok ? 'ok' : result.error);
const anyone: DocumentQuery = { name: null, kana: null, bornOn: null, receptionNumber: null, incomeYear: null };
const count = async ({ t }: Archive, table: string): Promise<number> =>
  (await t.owner<{ n: number }>(`select count(*)::int as n from tax_documents.${table}`))[0]!.n;
const numbersOf = (filed: FiledDocument): Set<string> =>
  new Set([filed.individualNumber, ...filed.relatives.map((r) => r.individualNumber)].filter((n) => n !== null));

async function drawn(archive: Archive, filed: FiledDocument): Promise<string> {
  unwrap(await bring(archive, filed));
  assert.equal(unwrap(await drawDocument(archive.deps, drawer, { documentId: filed.documentId })), 'drawn');
  return filed.documentId;
}

test('002-IMG-F1 002-IMG-F2 データで提出された資料もイメージにし、まとめて一度だけ保管する', async () => {
  const filed = [1, 2, 3].map((rowNumber) => aFiling(archive, { rowNumber }));
  for (const one of filed) unwrap(await bring(archive, one));
  unwrap(await bring(archive, filed[0]!));
  assert.equal(await count(archive, 'document'), 3);
  assert.equal(await drawNext(archive.deps), 'idle');
  // Two at once and one again: one image a document.
  await Promise.all([1, 2].map(() => drawDocument(archive.deps, drawer, { documentId: filed[1]!.documentId })));
  assert.deepEqual([await count(archive, 'image'), await count(archive, 'document_image')], [3, 3]);

  // The very same pages under another id of the tax system: the same object.
  const same = { ...filed[2]!, documentId: archive.deps.newId() };
  unwrap(await bring(archive, same));
  await archive.t.owner(`update tax_documents.document set received_at =
    (select received_at from tax_documents.document where document_id = '${filed[2]!.documentId}') where document_id = '${same.documentId}'`);
  assert.equal(unwrap(await drawDocument(archive.deps, drawer, { documentId: same.documentId })), 'drawn');
  assert.deepEqual([await count(archive, 'image'), await count(archive, 'document_image')], [3, 4]);

  // A name that no font draws is never drawn as something else.
  const strange = aFiling(archive, { name: '目黒　\u{e000}子', rowNumber: 9 });
  unwrap(await bring(archive, strange));
  assert.equal(unwrap(await drawDocument(archive.deps, drawer, { documentId: strange.documentId })), 'undrawable');
  assert.equal(word(await readImage(archive.deps, viewer, { documentId: strange.documentId })), 'cannot-be-drawn');
  assert.equal(
    word(await drawDocument(archive.deps, drawer, { documentId: archive.deps.newId() })),
    'no-such-document',
  );

  // No number outside the sealed store, in whatever form.
  const numbers = new Set([...filed, strange].flatMap((one) => [...numbersOf(one)]));
  for (const table of [
    'tax_documents.document',
    'tax_documents.image',
    'tax_documents.document_image',
    'audit.intake_event',
  ])
    assert.deepEqual(
      findNumbers(
        Buffer.from(JSON.stringify(await archive.t.owner(`select to_jsonb(t) as row from ${table} t`))),
        numbers,
      ),
      [],
      table,
    );
});

test('002-IMG-F3 税の記録から参照するイメージには個人番号がなく、見るには目的が要り、本人だけが10分見られる', async () => {
  const { deps } = archive;
  const haruko = { name: '目黒　春子', kana: 'ﾒｸﾞﾛ ﾊﾙｺ', receptionNumber: '2026013100000002' };
  const filed = aFiling(archive, haruko);
  const waiting = aFiling(archive, { ...haruko, rowNumber: 2 });
  const documentId = await drawn(archive, filed);
  unwrap(await bring(archive, waiting));

  const provided = unwrap(await provideImage(deps, taxSystem, { documentId, lookedAtBy: 'm-2001' }));
  const shown = await textOfPdf(Buffer.from(provided.pdf, 'base64'));
  assert.match(shown, /給与支払報告書[\s\S]*目黒[\s\S]*4,000,000円/);
  const numbers = numbersOf(filed);
  const digitsIn = (text: string): string[] => [...numbers].filter((n) => text.replaceAll(/\s/g, '').includes(n));
  assert.deepEqual(digitsIn(shown), []);
  assert.equal(word(await provideImage(deps, viewer, { documentId, lookedAtBy: 'x' })), 'not-authorised');
  assert.equal(
    word(await provideImage(deps, taxSystem, { documentId: waiting.documentId, lookedAtBy: 'm' })),
    'not-drawn-yet',
  );
  assert.equal(
    word(await provideImage(deps, taxSystem, { documentId: deps.newId(), lookedAtBy: 'm' })),
    'no-such-document',
  );

  assert.equal(word(await openNumbers(deps, viewer, { documentId, purpose: '番号の確認' })), 'not-authorised');
  assert.equal(word(await openNumbers(deps, clerk, { documentId, purpose: '  確認 ' })), 'purpose-missing');
  const { lookId } = unwrap(await openNumbers(deps, clerk, { documentId, purpose: '番号の誤りの確認' }));
  const whole = await textOfPdf(unwrap(await readOpenedImage(deps, clerk, { documentId, lookId })).pdf);
  assert.deepEqual(digitsIn(whole).sort(), [...numbers].sort());
  assert.equal(word(await readOpenedImage(deps, staff('document-clerk/2'), { documentId, lookId })), 'look-over');
  archive.ahead = 11;
  assert.equal(word(await readOpenedImage(deps, clerk, { documentId, lookId })), 'look-over');
  archive.ahead = 0;
  const read = unwrap(await readDocument(deps, viewer, { documentId }));
  assert.deepEqual(
    read.looks.map((one) => [one.lookedBy, one.purpose]),
    [['document-clerk/1', '番号の誤りの確認']],
  );
  assert.deepEqual(digitsIn(JSON.stringify(read)), []);
  assert.ok(read.lines.some(({ label, text }) => label === '社会保険料等の金額' && text === '612,345円'));

  const found = async (query: Partial<DocumentQuery>) =>
    unwrap(await findDocuments(deps, viewer, { ...anyone, ...query })).rows.map((row) => row.state);
  assert.deepEqual(await found({ name: '目黒春子' }), ['drawn', 'waiting']);
  assert.deepEqual(await found({ kana: 'めぐろはる' }), ['drawn', 'waiting']);
  assert.deepEqual(await found({ receptionNumber: '2026013100000002', bornOn: '1999-01-01' }), []);
  assert.equal(word(await findDocuments(deps, viewer, anyone)), 'nothing-asked');
});

mechanismTest('input.source-bound', '002-III.2-R1A-07 資料はこの区の税システムからだけ受け入れる', async () => {
  const before = await count(archive, 'document');
  const other = await bring(archive, aFiling(archive), 'setagaya/resident-tax');
  assert.equal(word(other), 'other-sender');
  assert.equal(await count(archive, 'document'), before);
});

mechanismTest('vault.no-number-on-screen', '目的を示さずに開くイメージの個人番号欄は塗りつぶされている', async () => {
  const filed = aFiling(archive, { relatives: [] });
  const documentId = await drawn(archive, filed);
  const text = await textOfPdf(unwrap(await readImage(archive.deps, viewer, { documentId })).pdf);
  assert.ok(!text.replaceAll(/\s/g, '').includes(filed.individualNumber ?? '-'));
});

test('002-NTL-F4 国税の申告データを探し、印刷でき、XMLの項目を列とするCSVに変換できる: 目的が要り、個人番号はどこにもない', async () => {
  const { deps } = archive;
  const returned = (rowNumber: number, items: Readonly<Record<string, string>>) =>
    aFiling(archive, {
      kind: 'tax-return',
      name: `碑文谷　${rowNumber}`,
      kana: 'ﾋﾓﾝﾔ ﾋｶﾙ',
      rowNumber,
      receptionNumber: '2026031600000077',
      filedOn: '2026-03-16',
      columns: { items },
    });
  const both = [
    returned(1, { ABB00080: '4000000', ABY00190_2: '1950-01-02', ABB00040: '0' }),
    returned(2, { ABB00030: '7200000', ABF00000: '=令和4年3月15日' }),
  ];
  for (const one of [...both, aFiling(archive, { receptionNumber: '2026031600000077', rowNumber: 3 })])
    unwrap(await bring(archive, one));
  const query = { ...anyone, receptionNumber: '2026031600000077' };
  const rows = unwrap(await findDocuments(deps, viewer, { ...query, kind: 'tax-return' })).rows;
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['碑文谷　1', '碑文谷　2'],
  );
  // Printed: the form with its elements, its number boxes black.
  const documentId = both[0]!.documentId;
  assert.equal(unwrap(await drawDocument(deps, drawer, { documentId })), 'drawn');
  assert.match(await textOfPdf(unwrap(await readImage(deps, viewer, { documentId })).pdf), /4,000,000円/);

  const purpose = '申告内容の一覧での点検';
  assert.equal(word(await convertReturns(deps, viewer, { query, purpose })), 'not-authorised');
  assert.equal(word(await convertReturns(deps, clerk, { query, purpose: ' 点検 ' })), 'purpose-missing');
  const all = { ...anyone, incomeYear: 2025 };
  assert.equal(word(await convertReturns(deps, clerk, { query: all, purpose })), 'nothing-asked');
  const none = { ...anyone, receptionNumber: '2026013100000001' };
  assert.equal(word(await convertReturns(deps, clerk, { query: none, purpose })), 'no-returns');
  const { csv, returns } = unwrap(await convertReturns(deps, clerk, { query, purpose }));
  assert.equal(returns, 2);
  const [head, columns, ...lines] = readCsvCells(csv)!;
  assert.deepEqual(head?.slice(2), ['確定申告書データ', '2026-02-02現在', '2件']);
  // Elements in the order of the form, each with its code; what only the other return fills is empty.
  const codes = columns!.slice(9).map((label) => label.slice(0, 8));
  assert.deepEqual(codes, ['ABB00030', 'ABB00040', 'ABB00080', 'ABF00000', 'ABY00190']);
  assert.deepEqual(
    lines.map((line) => line.slice(9)),
    [
      ['', '0', '4000000', '', '1950-01-02'],
      // What a spreadsheet would run stays a text.
      ['7200000', '', '', "'=令和4年3月15日", ''],
    ],
  );
  const numbers = new Set(both.flatMap((one) => [...numbersOf(one)]));
  assert.deepEqual(findNumbers(csv, numbers), []);
  const logged = await archive.t.owner(
    `select 1 from audit.intake_event where body like '%tax-document.returns-converted%'`,
  );
  assert.equal(logged.length, 1);
});

test('002-IMG-F3 画面: 名前で探し、イメージと入力された内容を並べて見て、目的を書いて番号を開く', async () => {
  const documentId = await drawn(archive, aFiling(archive, { name: '目黒　夏子' }));
  const items = { ABB00080: '4000000' };
  unwrap(await bring(archive, aFiling(archive, { name: '目黒　夏子', kind: 'tax-return', columns: { items } })));
  const session = {
    actor: clerk,
    displayName: '賦課 一郎',
    position: '税務課',
    csrfSecret: new Uint8Array(32).fill(1),
  };
  const app = createPageApp({
    system: { id: 'tax-documents', name: '課税資料イメージ管理システム', gloss: 'Images of tax documents' },
    organisation: { id: 'meguro', name: '目黒区', gloss: 'Meguro City' },
    environment: trainingTown,
    session: { read: async () => session as never },
    mayOpen: (actor, right) => archive.deps.rights.allows(undefined as never, actor, right),
    stylesheet: await buildStylesheet(),
    random: systemRandom,
    nav: [],
    onError: (error) => console.error(error),
  });
  documentPages(app, archive.deps);
  const server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));
  const origin = `http://img.meguro.localhost:${(server.address() as AddressInfo).port}`;
  try {
    await withPage(async (page) => {
      await page.goto(origin);
      await page.getByLabel('資料の氏名').fill('目黒　夏子');
      await page.getByRole('button', { name: '検索する' }).click();
      await expectAccessible(page);
      await screenshot(page, 'tax-documents-found');
      await page.getByLabel('変換して持ち出す目的').fill('申告内容の一覧での点検');
      const download = page.waitForEvent('download');
      await page.getByLabel('変換して持ち出す目的').press('Enter');
      assert.match((await download).suggestedFilename(), /^returns-.*\.csv$/);
      await page.getByLabel('種類').selectOption('salary-payment-report');
      await page.getByRole('button', { name: '検索する' }).click();
      assert.equal(await page.getByLabel('変換して持ち出す目的').count(), 0);
      await page.getByRole('link', { name: '目黒　夏子' }).click();
      assert.match((await page.textContent('main')) ?? '', /入力された内容[\s\S]*4,000,000円/);
      await expectAccessible(page);
      await screenshot(page, 'tax-documents-one');
      const type = await page.evaluate(
        async (path) => (await fetch(path)).headers.get('content-type'),
        `/documents/${documentId}/image`,
      );
      assert.equal(type, 'application/pdf');
      await screenshotPdf(unwrap(await readImage(archive.deps, clerk, { documentId })).pdf, 'tax-document-image');
      await page.getByLabel('個人番号を見る目的').fill('番号の誤りの確認');
      await page.getByRole('button', { name: '個人番号を表示する' }).click();
      assert.match((await page.textContent('main')) ?? '', /個人番号を表示しています[\s\S]*番号の誤りの確認/);
    });
  } finally {
    server.close();
  }
});

test('design §2.7 課税資料イメージ: every column stands in the catalogue, and nothing else', async () => {
  const client = { query: async (text: string) => ({ rows: await archive.t.owner(text) }) };
  const faults = await checkCatalogue(client as never, await readCatalogue([taxDocumentsSchema]));
  assert.deepEqual(
    faults.filter((fault) => fault.startsWith('tax_documents.')),
    [],
  );
});
