import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serve } from '@hono/node-server';
import { payerParty } from '@musubi/contracts/eltax/submission.ts';
import type { FiledDocument } from '@musubi/contracts/tax-documents/filing.ts';
import { listReturnImages, stateReturnImage, taxAgencyNumber } from '@musubi/contracts/tax-return/return-image.ts';
import { handIn } from '@musubi/etax/client/images.ts';
import { anAgency } from '@musubi/etax/test/an-agency.ts';
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
import { openImage } from '../clients/national-tax.ts';
import { downloader, downloadImages, keepAgencyImage, readAgencyImage } from '../service/agency-images.ts';
import { formContentOf } from '../service/content.ts';
import { convertReturns } from '../service/convert-returns.ts';
import { drawDocument, drawer, drawNext } from '../service/draw.ts';
import { setPage } from '../service/form-page.ts';
import {
  findDocuments,
  openNumbers,
  provideImage,
  readDocument,
  readImage,
  readOpenedImage,
  readState,
} from '../service/read.ts';
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

test('002-NTL-F3 国税庁の申告書イメージを取り込み、申告書と結び付け、番号を見る目的を書いた本人だけに開く', async () => {
  const { deps } = archive;
  await using agency = await anAgency();
  const { organisation, system } = payerParty(taxAgencyNumber);
  const sender = await agency.line(organisation, system);
  const own = await agency.line('meguro', 'tax-documents');
  const other = await agency.line('setagaya', 'tax-documents');
  const agencyCertificate = agency.identity.encryption.chain[0]!;
  const office = { ...sender, agencyCertificate };
  const line = {
    ...{ peers: own.peers, identity: own.identity, trust: agency.trust },
    ...{ agency: 'eltax/etax', municipality: '131105', now: () => Temporal.Now.instant() },
  };
  const returnNumber = '2026031700000042';
  const filed = aFiling(archive, {
    ...{ kind: 'tax-return', name: '碑文谷　書子', kana: 'ﾋﾓﾝﾔ ｼｮｺ', returnNumber, relatives: [] },
    columns: { items: { ABB00080: '4000000' } },
  });
  unwrap(await bring(archive, filed));
  const { documentId } = filed;
  // The office's scan: a page with the number box filled in.
  const scanOf = async (of: FiledDocument): Promise<Buffer> => {
    const set = await setPage(
      deps,
      { receptionNumber: of.receptionNumber, rowNumber: 1, name: of.name, receivedAt: '2026-03-17T00:00:00Z' } as never,
      formContentOf(of),
      true,
    );
    return Buffer.from(unwrap(set as Result<{ pdf: Uint8Array }, unknown>).pdf);
  };
  const scan = await scanOf(filed);
  const about = { imageId: deps.newId(), municipality: '131105', incomeYear: 2025, returnNumber, pages: 1 };

  // Only an office of the agency hands in, signed by itself; the same again is one, another content is refused.
  assert.equal(word(await handIn({ ...own, agencyCertificate }, about, scan)), 'not-authorised');
  const another = await agency.line(`corp-9013201000015`, 'payer');
  assert.equal(word(await handIn({ ...another, agencyCertificate }, about, scan)), 'bad-signature');
  assert.equal(word(await handIn({ ...office, identity: another.identity }, about, scan)), 'bad-signature');
  assert.equal(
    word(await handIn({ ...office, agencyCertificate: own.identity.encryption.chain[0]! }, about, scan)),
    'package-unreadable',
  );
  for (const _ of [1, 2]) unwrap(await handIn(office, about, scan));
  assert.equal(word(await handIn(office, about, Buffer.from('%PDF-other'))), 'image-id-used');
  const alone = { ...about, imageId: deps.newId(), returnNumber: '2026031700000099' };
  unwrap(await handIn(office, alone, scan));
  const noPdf = { ...about, imageId: deps.newId() };
  unwrap(await handIn(office, noPdf, Buffer.from('GIF89a')));
  unwrap(await handIn(office, { ...about, imageId: deps.newId(), municipality: '131121' }, scan));

  // Another ward is not told of it, and no outcome stands before a fetch.
  const foreign = await other.peers.call(listReturnImages, 'eltax/etax', {}, { limit: 10 });
  assert.equal(unwrap(foreign).images.length, 1);
  const state = (peers: typeof own.peers, outcome: { outcome: 'received' } | { outcome: 'returned'; reason: string }) =>
    peers.call(stateReturnImage, 'eltax/etax', { imageId: about.imageId }, outcome);
  assert.equal(word(await state(other.peers, { outcome: 'received' })), 'no-such-image');
  assert.equal(word(await state(own.peers, { outcome: 'received' })), 'never-fetched');

  // The line breaks before the outcome is told: the image waits, comes again, and is one.
  let breaks = true;
  const broken: typeof line = {
    ...line,
    peers: {
      call: async (...a: Parameters<typeof own.peers.call>) =>
        breaks && a[0].id === stateReturnImage.id
          ? ({ ok: false, error: 'unreachable' } as never)
          : own.peers.call(...a),
    } as never,
  };
  const first = await downloadImages(deps, broken);
  assert.deepEqual([first.kept, first.returned], [2, 1]);
  breaks = false;
  const second = await downloadImages(deps, broken);
  assert.deepEqual([second.kept, second.returned, second.faults], [2, 1, [`${noPdf.imageId}: not-a-pdf`]]);
  assert.equal(await count(archive, 'agency_image'), 2);
  assert.deepEqual((await downloadImages(deps, line)).kept, 0);
  unwrap(await state(own.peers, { outcome: 'received' }));
  assert.equal(word(await state(own.peers, { outcome: 'returned', reason: 'not-a-pdf' })), 'outcome-already-stated');
  const outcomes = await agency.t.owner<{ o: string }>('select outcome as o from etax.return_image_outcome order by 1');
  assert.deepEqual(
    outcomes.map(({ o }) => o),
    ['received', 'received', 'returned'],
  );
  assert.equal(word(openImage(line, about.imageId, { cover: 'x', package: 'x' })), 'cover-not-signed');

  // Beside its return; the other waits for its own.
  assert.deepEqual(unwrap(await readState(deps, viewer, undefined)).agency, { images: 2, alone: 1 });
  const { agencyImages } = unwrap(await readDocument(deps, viewer, { documentId }));
  assert.deepEqual(
    agencyImages.map(({ imageId, pages }) => [imageId, pages]),
    [[about.imageId, 1]],
  );

  // The scan has the number in it: a purpose, this person, ten minutes.
  const { imageId } = about;
  assert.equal(word(await readAgencyImage(deps, clerk, { documentId, lookId: deps.newId(), imageId })), 'look-over');
  assert.equal(word(await openNumbers(deps, clerk, { documentId, purpose: ' ' })), 'purpose-missing');
  const { lookId } = unwrap(await openNumbers(deps, clerk, { documentId, purpose: '書面の申告書との照合' }));
  assert.deepEqual(unwrap(await readAgencyImage(deps, clerk, { documentId, lookId, imageId })).pdf, scan);
  const asked = { documentId, lookId, imageId: alone.imageId };
  assert.equal(word(await readAgencyImage(deps, clerk, asked)), 'no-such-image');
  assert.equal(word(await readAgencyImage(deps, viewer, { documentId, lookId, imageId })), 'not-authorised');
  const colleague = staff('document-clerk/2');
  assert.equal(word(await readAgencyImage(deps, colleague, { documentId, lookId, imageId })), 'look-over');
  archive.ahead = 11;
  assert.equal(word(await readAgencyImage(deps, clerk, { documentId, lookId, imageId })), 'look-over');
  archive.ahead = 0;
  const kept = JSON.stringify(await archive.t.owner('select to_jsonb(a) as row from tax_documents.agency_image a'));
  assert.deepEqual(findNumbers(Buffer.from(kept), numbersOf(filed)), []);
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

      // 002-NTL-F3: a scan by the tax agency is named, and opens by keyboard within a look alone.
      const returnNumber = '2026031700000055';
      const paper = aFiling(archive, { name: '目黒　紙子', kind: 'tax-return', returnNumber, columns: { items } });
      unwrap(await bring(archive, paper));
      const imageId = archive.deps.newId();
      const cover = { v: 1, imageId, municipality: '131105', incomeYear: 2025, returnNumber, pages: 2 } as const;
      const digest = { pdfSha256: '0'.repeat(64), pdfLength: 9 };
      unwrap(
        await keepAgencyImage(archive.deps, downloader, {
          cover: { ...cover, ...digest },
          pdf: Buffer.from('%PDF-scan'),
        }),
      );
      await page.goto(`${origin}/documents/${paper.documentId}`);
      assert.match((await page.textContent('main')) ?? '', /国税庁のイメージ[\s\S]*書面の申告書 1[\s\S]*2枚/);
      assert.equal(await page.getByRole('link', { name: '書面の申告書' }).count(), 0);
      await page.getByLabel('個人番号を見る目的').fill('書面の申告書との照合');
      await page.getByLabel('個人番号を見る目的').press('Enter');
      const scan = page.getByRole('link', { name: '書面の申告書 1（PDF）' });
      await scan.focus();
      await expectAccessible(page);
      await screenshot(page, 'tax-documents-agency-scan');
      const scanned = await page.evaluate(
        async (path) => [(await fetch(path)).status, await (await fetch(path)).text()],
        (await scan.getAttribute('href')) ?? '',
      );
      assert.deepEqual(scanned, [200, '%PDF-scan']);
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
