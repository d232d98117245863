import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey } from './address-key.ts';

for (const [one, other, same] of [
  ['東京都目黒区上目黒二丁目19番15号', '東京都目黒区上目黒2-19-15', true],
  ['東京都目黒区上目黒二丁目19番15号', '東京都目黒区上目黒２丁目１９番地１５', true],
  ['東京都港区三田十二丁目3番', '東京都港区三田12-3', true],
  ['東京都目黒区上目黒二丁目19番15号', '東京都目黒区上目黒二丁目19番1号', false],
  ['東京都千代田区三番町1番', '東京都千代田区四番町1番', false],
  ['東京都目黒区上目黒一丁目1番11号', '東京都目黒区上目黒一丁目11番1号', false],
] as const)
  test(`住所の照合: ${one} ${same ? '=' : '≠'} ${other}`, () => {
    assert.equal(addressKey(one) === addressKey(other), same);
  });
