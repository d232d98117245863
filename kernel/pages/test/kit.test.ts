import assert from 'node:assert/strict';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildStylesheet } from '../build-css.ts';
import { dateText, html, momentText, yenText } from '../html.ts';
import { chart } from '../kit/chart.ts';
import { type Field, readForm } from '../kit/form.ts';
import { readListQuery, type WorkListDefinition, workList } from '../kit/work-list.ts';

const list: WorkListDefinition<{ id: string }> = {
  caption: '一覧',
  defaultSort: { key: 'id', direction: 'asc' },
  sizes: [20, 50],
  filters: [
    { kind: 'select', name: 'state', label: '状態', options: [{ value: 'open', label: '未処理' }] },
    { kind: 'text', name: 'q', label: '語', maxLength: 10 },
    { kind: 'date', name: 'on', label: '日' },
  ],
  columns: [
    { key: 'id', label: '番号', sortable: true, heading: true, cell: (r) => r.id },
    { key: 'name', label: '氏名', cell: () => '' },
  ],
};

test('pages: nothing that a list does not declare comes through from the address', () => {
  const query = readListQuery(
    list,
    new URLSearchParams('state=x&q=123456789012345&on=yesterday&sort=name.desc&size=9999&page=-3&other=1'),
  );
  assert.deepEqual(query, {
    filters: { q: '1234567890' },
    sort: { key: 'id', direction: 'asc' },
    page: 1,
    size: 20,
    offset: 0,
  });
  assert.deepEqual(readListQuery(list, new URLSearchParams('state=open&sort=id.desc&size=50&page=3')), {
    filters: { state: 'open' },
    sort: { key: 'id', direction: 'desc' },
    page: 3,
    size: 50,
    offset: 100,
  });
});

test('pages: whatever an address holds, the list escapes it and keeps to its bounds', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('state', 'q', 'on', 'sort', 'size', 'page'),
        fc.oneof(fc.string(), fc.constant('"><script>')),
      ),
      (given) => {
        const query = readListQuery(list, new URLSearchParams(given));
        assert.ok(
          Number.isSafeInteger(query.offset) &&
            query.offset >= 0 &&
            [20, 50].includes(query.size) &&
            query.sort.key === 'id',
        );
        const shown = `${workList(list, { path: '/list', query, rows: [{ id: '<script>' }], total: 1 })}`;
        assert.doesNotMatch(shown, /<script>/);
      },
    ),
  );
});

const fields: readonly Field[] = [
  { kind: 'yen', name: 'amount', label: '金額', max: 1_000_000 },
  { kind: 'date', name: 'on', label: '日', required: false },
  { kind: 'radio', name: 'kind', label: '種類', required: false, options: [{ value: 'a', label: 'あ' }] },
  { kind: 'secret', name: 'password', label: 'パスワード', required: false },
  { kind: 'text', name: 'name', label: '氏名', required: false, maxLength: 2 },
];
const formOf = (values: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.append(name, value);
  return data;
};

test('pages: a form reads what it asked, with full-width digits and commas, and leaves out the rest', () => {
  assert.deepEqual(
    readForm(fields, formOf({ amount: ' １，２３４ ', on: '2026-04-01', kind: 'a', name: '𠮷田', other: 'x' })),
    {
      ok: true,
      value: { texts: { amount: '1234', on: '2026-04-01', kind: 'a', name: '𠮷田' }, lists: {}, files: {} },
    },
  );
});

test('pages: each wrong answer has its sentence, and a secret is never sent back', () => {
  const cases: [Record<string, string>, string, string][] = [
    [{}, 'amount', '金額を入力してください'],
    [{ amount: '1.5' }, 'amount', '金額は数字で入力してください'],
    [{ amount: '-1' }, 'amount', '金額は0円以上で入力してください'],
    [{ amount: '1000001' }, 'amount', '金額は1,000,000円以下で入力してください'],
    [{ amount: '1', on: '2026-02-29' }, 'on', '日は正しい日付を入力してください'],
    [{ amount: '1', kind: 'b' }, 'kind', '種類は一覧から選んでください'],
    [{ amount: '1', name: '三文字' }, 'name', '氏名は2文字以内で入力してください'],
  ];
  for (const [given, name, sentence] of cases) {
    const read = readForm(fields, formOf({ ...given, password: 'p' }));
    assert.ok(!read.ok);
    assert.deepEqual(read.error.errors, { [name]: sentence });
    assert.equal(read.error.values.password, undefined);
  }
  const doubled = formOf({ amount: '1' });
  doubled.append('amount', '2');
  assert.equal(readForm(fields, doubled).ok, false);
});

test('pages: dates are read in the era of the day, moments in Tokyo', () => {
  for (const [date, text] of [
    ['2019-04-30', '平成31年4月30日'],
    ['2019-05-01', '令和元年5月1日'],
    ['1989-01-07', '昭和64年1月7日'],
    ['1926-12-25', '昭和元年12月25日'],
    ['1900-01-01', '1900年1月1日'],
  ] as const) {
    assert.equal(dateText(Temporal.PlainDate.from(date)), text);
  }
  assert.equal(momentText(Temporal.Instant.from('2026-03-31T15:00:00Z')), '2026-04-01 00:00:00');
  assert.equal(yenText(1_234_567), '1,234,567円');
});

test('pages: a value is escaped in text and in attributes, whatever it holds', () => {
  fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(`${html`${text}`}`)));
});

test('pages: a chart draws a bar per value and says the same in a table', () => {
  const drawn = `${chart({
    title: '収納',
    description: '二期',
    unit: '円',
    labels: ['1期', '2期'],
    series: [
      { name: '調定', values: [10, 20] },
      { name: '収納', values: [5, 0] },
    ],
  })}`;
  assert.equal(drawn.match(/<rect class="bar(-2)?" x=/g)?.length, 4);
  assert.deepEqual(
    [...drawn.matchAll(/<td class="num">(.*?)<\/td>/g)].map((m) => m[1]),
    ['10', '5', '20', '0'],
  );
});

test('pages: the stylesheet is kept by what goes in, and its name changes with its content', async () => {
  const cacheFolder = await mkdtemp(path.join(tmpdir(), 'musubi-css-'));
  const first = await buildStylesheet({ cacheFolder });
  const [kept] = await readdir(cacheFolder);
  assert.match(kept ?? '', /^pages-[0-9a-f]{16}\.css$/);
  assert.deepEqual(await buildStylesheet({ cacheFolder }), first);
  assert.equal((await readdir(cacheFolder)).length, 1);
  assert.match(first.css, /\.data-table/);
  assert.doesNotMatch(first.css, /url\(http/);
});
