import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesInCp932,
  cp932Bytes,
  findTextFault,
  firstGraphemes,
  graphemeLength,
  withoutVariationSelectors,
} from './graphemes.ts';
import { kanaSearchKey, kanjiSearchKey } from './search-keys.ts';
import { hiraganaToKatakana, toFullWidthAscii, toFullWidthKana, toHalfWidthAscii, toHalfWidthKana } from './width.ts';

for (const [half, full] of [
  ['ﾔﾏﾀﾞ ﾀﾛｳ', 'ヤマダ タロウ'],
  ['ｳﾞｧｲｵﾘﾝ', 'ヴァイオリン'],
  ['ﾊﾟﾊﾞｰ｡｢｣､･', 'パバー。「」、・'],
  ['ｱﾞ', 'ア゛'],
] as const) {
  test(`characters §6.1 半角カナ ${half} ⇔ 全角カナ ${full}`, () => {
    assert.equal(toFullWidthKana(half), full);
    assert.equal(toHalfWidthKana(full), half);
  });
}
test('characters §6.1 半角にないヮヵヶヰヱは近い字になる', () => {
  assert.equal(toHalfWidthKana('ヮヵヶヰヱ'), 'ﾜｶｹｲｴ');
  assert.equal(hiraganaToKatakana('ゔぁいおりん'), 'ヴァイオリン');
  assert.equal(toFullWidthAscii('A-1 b'), 'Ａ－１　ｂ');
  assert.equal(toHalfWidthAscii('Ａ－１　ｂ'), 'A-1 b');
});
for (const [name, key] of [
  ['ジョウガサキ　ユウイチロー', 'シヨウカサキユウイチロ'],
  ['ﾔﾏﾀﾞ ﾀﾛｳ', 'ヤマタタロウ'],
  ['ちぢみ・つづき', 'チチミツツキ'],
  ['ヴァヲヰヱ', 'ウアオイエ'],
] as const) {
  test(`characters §6.2 清音化 ${name} → ${key}`, () => assert.equal(kanaSearchKey(name), key));
}
test('characters §7 異体字は検索キーで一致し、縮退マップは引数で加わる', () => {
  assert.equal(kanjiSearchKey('渡邉\u{e0102}　髙﨑'), '渡辺高崎');
  assert.equal(kanjiSearchKey('大藏 齊藤 ㈱'), '大蔵斉藤(株)');
  assert.equal(kanjiSearchKey('麴町'), '麴町');
  assert.equal(kanjiSearchKey('麴町', new Map([['麴', '麹']])), '麹町');
});
test('characters §2 利用者に見える1文字は基底文字と異体字セレクタ', () => {
  assert.equal(graphemeLength('渡邉\u{e0102}'), 2);
  assert.equal(firstGraphemes('渡邉\u{e0102}太郎', 2), '渡邉\u{e0102}');
  assert.equal(firstGraphemes('太郎', 9), '太郎');
  assert.equal(withoutVariationSelectors('邉\u{e0102}'), '邉');
});
test('characters C03 孤立サロゲート・単独IVS・私用領域・制御文字を見つける', () => {
  assert.equal(findTextFault('\ud842'), 'unpaired-surrogate');
  assert.equal(findTextFault('\u{e0102}邉'), 'lone-variation-selector');
  assert.equal(findTextFault('a\ue000'), 'private-use-character');
  assert.equal(findTextFault('a\nb'), 'control-character');
  assert.equal(findTextFault('渡邉\u{e0102} 𠮷'), undefined);
});
test('characters §5 CP932でのバイト数; ない文字は undefined', () => {
  assert.equal(bytesInCp932('髙ｶa　'), 6);
  for (const char of ['〜', '¥', '𠮷', '\ue000']) assert.equal(cp932Bytes(char), undefined);
});
