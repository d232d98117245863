import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unwrap } from '../result/result.ts';
import { type CharsetPolicy, decodeBytes, encodeText } from './charset.ts';

const windows: CharsetPolicy = {
  charset: 'cp932',
  repertoire: 'cp932',
  lookalikes: 'map',
  variants: 'strip',
  outside: 'refuse',
};
const tax: CharsetPolicy = { ...windows, repertoire: 'jis-1-2', outside: 'reduce' };
const strict: CharsetPolicy = { ...windows, lookalikes: 'refuse', variants: 'refuse' };
const hex = (text: string, policy: CharsetPolicy): string =>
  Buffer.from(unwrap(encodeText(text, policy)).bytes).toString('hex');

test('characters §5 髙﨑①㈱∵ は Windows と同じバイト列になる', () => {
  assert.equal(hex('髙﨑①㈱∵', windows), 'fbfcfab18740878a81e6');
});
for (const [char, bytes] of [
  ['〜', '8160'],
  ['‖', '8161'],
  ['−', '817c'],
  ['¢', '8191'],
  ['£', '8192'],
  ['¬', '81ca'],
  ['—', '815c'],
  ['¥', '5c'],
] as const) {
  test(`characters §5 ${char} は ${bytes} に写すか、拒む`, () => {
    assert.equal(hex(char, windows), bytes);
    assert.deepEqual(encodeText(char, strict), { ok: false, error: { at: 0, word: 'outside-repertoire' } });
  });
}
test('characters §10 髙﨑①㈱ は第1・第2水準に縮退し、どの字かを記録する', () => {
  const encoded = unwrap(encodeText('髙橋﨑①㈱', tax));
  assert.equal(encoded.text, '高橋崎１（株）');
  assert.deepEqual(
    encoded.notes.map((n) => n.at),
    [0, 2, 3, 4],
  );
  assert.equal(hex('高', tax), '8d82');
});
test('characters §3 候補のない字は拒むか〓とし、? には決してしない', () => {
  assert.deepEqual(encodeText('𠮷', tax), { ok: false, error: { at: 0, word: 'outside-repertoire' } });
  assert.deepEqual(unwrap(encodeText('𠮷?', { ...tax, outside: 'reduce-or-geta' })).text, '〓?');
  const own = { ...tax, reductions: new Map([['𠮷', '吉']]) };
  assert.equal(unwrap(encodeText('𠮷田', own)).text, '吉田');
});
test('characters §10 異体字セレクタは注記して外すか、拒む', () => {
  assert.deepEqual(unwrap(encodeText('渡邉\u{e0102}', windows)).notes, [{ at: 2, word: 'variant-stripped' }]);
  assert.deepEqual(encodeText('渡邉\u{e0102}', strict), { ok: false, error: { at: 2, word: 'variation-selector' } });
});
test('characters C01 読めないバイトは位置を示して拒む', () => {
  for (const [bytes, offset] of [
    ['8d82fd', 2],
    ['8d8281', 2],
    ['418d82ff41', 3],
    ['a0', 0],
  ] as const) {
    assert.deepEqual(decodeBytes(Buffer.from(bytes, 'hex'), windows), {
      ok: false,
      error: { byteOffset: offset, word: 'bad-byte' },
    });
  }
  const utf8: CharsetPolicy = { ...windows, charset: 'utf-8', repertoire: 'any' };
  assert.deepEqual(decodeBytes(Buffer.from('e9ab9941c0', 'hex'), utf8), {
    ok: false,
    error: { byteOffset: 4, word: 'bad-byte' },
  });
});
test('characters C03 外字・制御文字は読まない、NEC選定IBM拡張の髙はCP932なら同じ字に読む', () => {
  assert.deepEqual(decodeBytes(Buffer.from('8d82f040', 'hex'), windows), {
    ok: false,
    error: { byteOffset: 2, word: 'private-use-character' },
  });
  assert.equal(unwrap(decodeBytes(Buffer.from('eee0', 'hex'), windows)), '髙');
  assert.deepEqual(decodeBytes(Buffer.from('fbfc', 'hex'), tax), {
    ok: false,
    error: { byteOffset: 0, word: 'outside-repertoire' },
  });
});
test('JIS (ISO-2022-JP) に書いて読むと同じ字に戻り、エスケープで始まり閉じる', () => {
  const jis: CharsetPolicy = { ...tax, charset: 'jis' };
  const { bytes } = unwrap(encodeText('東京A山−', jis));
  assert.equal(Buffer.from(bytes).toString('hex'), '1b2442456c357e1b2842411b24423b33215d1b2842');
  assert.equal(unwrap(decodeBytes(bytes, jis)), '東京A山−');
});
test('every JIS X 0208 character of rows 1 to 8 and 16 to 84 survives CP932 and JIS both ways', () => {
  const jis: CharsetPolicy = { ...tax, charset: 'jis' };
  let checked = 0;
  for (let lead = 0x81; lead <= 0xea; lead++) {
    if (lead >= 0x85 && lead <= 0x87) continue; // NEC row 13 repeats some of row 2 under other codes
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const read = decodeBytes(Uint8Array.of(lead, trail), tax);
      if (!read.ok || read.value.length !== 1) continue;
      checked++;
      assert.equal(hex(read.value, tax), Buffer.from([lead, trail]).toString('hex'));
      const back = unwrap(decodeBytes(unwrap(encodeText(read.value, jis)).bytes, jis));
      assert.equal(unwrap(encodeText(back, tax)).text, read.value);
    }
  }
  assert.equal(checked, 6879);
});
