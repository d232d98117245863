import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readCoverage } from '../coverage.ts';
import { createTypesetter, type DocumentRequest, subjectCheckCode } from '../typesetter.ts';
import { registered, unprintableIn } from '../unprintable.ts';

const typesetter = await createTypesetter({ templatesFolder: path.join(import.meta.dirname, 'templates'), workers: 2 });
after(() => typesetter.close());

const request = (name: string, more: Partial<DocumentRequest> = {}): DocumentRequest => ({
  template: 'plain.typ',
  data: { heading: '通知', name: registered(name) },
  documentId: 'DOC-1',
  subjectCheck: 'ABC123',
  title: '通知',
  issuedAt: Temporal.Instant.from('2026-06-10T00:00:00Z'),
  ...more,
});

const require = createRequire(import.meta.url);
const coverageOf = async (file: string) => readCoverage(await readFile(require.resolve(`@expo-google-fonts/${file}`)));
const serif = await coverageOf('noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf');
const gothic = await coverageOf('biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf');

test('design §10 documents: coverage is read from the font itself, beyond the basic plane too', () => {
  for (const character of '髙﨑栁德濵あア漢A') assert.equal(gothic.has(character.codePointAt(0) ?? 0), true, character);
  assert.equal(serif.has(0x20bb7), true);
  assert.equal(gothic.has(0x20bb7), false);
  assert.equal(serif.has(0xe000), false);
  assert.equal(gothic.has(0x10ffff), false);
});

test('design §10 documents: a variation sequence counts as drawn only where the font names it', () => {
  const selectors = Array.from({ length: 240 }, (_, i) => 0xe0100 + i);
  assert.ok(
    selectors.some((s) => serif.variant(0x845b, s) !== undefined),
    '葛 has a known shape in the serif',
  );
  assert.equal(serif.variant(0x845b, 0xe01ef), undefined);
});

test('design §10 documents: a character without a glyph refuses the document and is named with its place', async () => {
  for (const otherShapes of ['refuse', 'flag'] as const) {
    const result = await typesetter.render(request('山\u{e000}田', { otherShapes }));
    assert.deepEqual(result, {
      ok: false,
      error: {
        word: 'unprintable-character',
        characters: [{ path: 'name', index: 1, character: '\u{e000}', fault: 'no-glyph' }],
      },
    });
  }
});

test('design §10 documents: a registered shape that the fonts do not have refuses, or is printed and flagged, never silent', async () => {
  const name = '渡邉\u{e01ef}\u{845b}子';
  const characters = [{ path: 'name', index: 1, character: '邉\u{e01ef}', fault: 'other-shape' }];
  assert.deepEqual(await typesetter.render(request(name)), {
    ok: false,
    error: { word: 'unprintable-character', characters },
  });
  const flagged = await typesetter.render(request(name, { otherShapes: 'flag' }));
  assert.ok(flagged.ok);
  assert.deepEqual(flagged.value.otherShapes, characters);
});

test('design §10 documents: whatever text comes, it is found unprintable exactly where no font has the character', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('漢', 'あ', 'A', '\u{e000}', '\u{20bb7}', '髙')), (characters) => {
      const found = unprintableIn({ list: [{ text: characters.join('') }] }, { body: [gothic], registered: [] });
      const expected = characters.flatMap((c, i) => (c === '\u{e000}' || c === '\u{20bb7}' ? [i] : []));
      assert.deepEqual(
        found.map((u) => u.index),
        expected,
      );
      assert.ok(found.every((u) => u.path === 'list[0].text'));
    }),
  );
});

// Of the other characters of 練馬区・三田市 (incident 31) the fonts alone; reading drawn glyphs back is not there.
test('書体は版の一部: 別の書体、一字を欠く書体、一字を入れ替えた書体では一枚も印刷されない', async () => {
  const file = 'noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf';
  const real = await readFile(require.resolve(`@expo-google-fonts/${file}`));
  const folder = await mkdtemp(path.join(tmpdir(), 'musubi-fonts-'));
  const templatesFolder = path.join(import.meta.dirname, 'templates');
  const [shiba, other] = [0x829d, 0x658e]; // 芝, 斎
  const kinds = {
    another: await readFile(require.resolve('@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf')),
    lacking: withGlyph(real, shiba, undefined),
    exchanged: withGlyph(real, shiba, other),
  };
  try {
    for (const [kind, bytes] of Object.entries(kinds)) {
      const there = path.join(folder, `${kind}.ttf`);
      await writeFile(there, bytes);
      const fontFile = (name: string) => (name === file ? there : require.resolve(`@expo-google-fonts/${name}`));
      await assert.rejects(
        createTypesetter({ templatesFolder, fontFile }),
        /NotoSerifJP_400Regular\.ttf is not the one/,
        kind,
      );
    }
    // Overwritten while the typesetter runs: its threads go on drawing with what was compared.
    const there = path.join(folder, 'running.ttf');
    await writeFile(there, real);
    const fontFile = (name: string) => (name === file ? there : require.resolve(`@expo-google-fonts/${name}`));
    await using running = await createTypesetter({ templatesFolder, fontFile });
    await writeFile(there, kinds.exchanged);
    const drawn = await running.render(request('芝'));
    const wanted = await typesetter.render(request('芝'));
    assert.ok(drawn.ok && wanted.ok);
    assert.deepEqual(drawn.value.pdf, wanted.value.pdf);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The font with another character's glyph, or none, for a character that has a group of the `cmap` (format 12) for itself. */
function withGlyph(font: Buffer, character: number, other: number | undefined): Buffer {
  const altered = Buffer.from(font);
  const groupOf = (codePoint: number): number => {
    const wanted = Buffer.alloc(8);
    wanted.writeUInt32BE(codePoint, 0);
    wanted.writeUInt32BE(codePoint, 4);
    const found = altered.indexOf(wanted);
    assert.ok(found > 0, 'a group of one character');
    return found + 8;
  };
  const glyph = other === undefined ? 0 : altered.readUInt32BE(groupOf(other));
  altered.writeUInt32BE(glyph, groupOf(character));
  return altered;
}

test('documents: PDF/A-2a, PDF/A-2b and PDF/UA-1 are written as such', async () => {
  for (const [standard, mark] of [
    ['a-2a', '<pdfaid:conformance>A<'],
    ['a-2b', '<pdfaid:conformance>B<'],
    ['ua-1', '<pdfuaid:part>1<'],
  ] as const) {
    const result = await typesetter.render(request('青木', { standard }));
    assert.ok(result.ok);
    assert.ok(Buffer.from(result.value.pdf).includes(mark), standard);
  }
});

test('documents: many at once over two threads; each request gets its own document', async () => {
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, i) => typesetter.render(request('青木', { documentId: `DOC-${i}` }))),
  );
  const bytes = all.map((result) => (result.ok ? Buffer.from(result.value.pdf).toString('base64') : ''));
  assert.equal(new Set(bytes).size, 12);
  const again = await typesetter.render(request('青木', { documentId: 'DOC-7' }));
  assert.ok(again.ok);
  assert.equal(Buffer.from(again.value.pdf).toString('base64'), bytes[7]);
});

test('documents: bytes of the data are an image of that document alone', async () => {
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVQI12NgAAAAAgAB4iG8MwAAAABJRU5ErkJggg==';
  const picture = Buffer.from(dot, 'base64');
  const one = await createTypesetter({ templatesFolder: path.join(import.meta.dirname, 'templates') });
  await using _closed = one;
  const drawn = await one.render(request('青木', { template: 'image.typ', data: { picture } }));
  assert.ok(drawn.ok);
  assert.match(Buffer.from(drawn.value.pdf).toString('latin1'), /\/Subtype *\/Image/);
  await assert.rejects(one.render(request('青木', { template: 'image.typ', data: {} })), /image\.typ/);
});

test('design §10 documents: each page says n/N, and the file is the same whatever was set before it', async () => {
  const of = async (pages: number): Promise<Buffer> => {
    const result = await typesetter.render(request('', { template: 'pages.typ', data: { pages } }));
    assert.ok(result.ok);
    assert.equal(result.value.pages, pages);
    return Buffer.from(result.value.pdf);
  };
  const before = [await of(1), await of(3), await of(1), await of(1), await of(3)];
  for (const [one, again] of [
    [0, 2],
    [0, 3],
    [1, 4],
  ] as const)
    assert.deepEqual(before[one], before[again]);
});

test('documents: a faulty template throws, names the template and not the data, and the thread goes on', async () => {
  await assert.rejects(
    typesetter.render(request('青木', { template: 'faulty.typ' })),
    (error: Error) => /faulty\.typ/.test(error.message) && !error.message.includes('青木'),
  );
  assert.equal((await typesetter.render(request('青木'))).ok, true);
});

test('documents: the check code is the same for one person, differs between persons, and needs the key', () => {
  const key = new Uint8Array(32).fill(1);
  assert.equal(subjectCheckCode(key, 'D', 'p1'), subjectCheckCode(key, 'D', 'p1'));
  assert.notEqual(subjectCheckCode(key, 'D', 'p1'), subjectCheckCode(key, 'D', 'p2'));
  assert.notEqual(subjectCheckCode(key, 'D', 'p1'), subjectCheckCode(new Uint8Array(32), 'D', 'p1'));
  assert.match(subjectCheckCode(key, 'D', 'p1'), /^[0-9A-Z]{6}$/);
});
