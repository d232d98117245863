import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { seededRandom } from '../random/random.ts';
import { unwrap } from '../result/result.ts';
import { masked, modulus11CheckDigit } from './check-digits.ts';
import { makeCorporateNumber, parseCorporateNumber } from './corporate-number.ts';
import { IndividualNumber, makeIndividualNumber } from './individual-number.ts';
import { fiveDigits, localGovernmentCodeFromFive, parseLocalGovernmentCode } from './local-government-code.ts';
import { makeResidentRecordCode, parseResidentRecordCode } from './resident-record-code.ts';

for (const digits of ['123456789018', '987654321093', '100000000005', '200000000000', '111111111118', '210987654320']) {
  test(`番号利用法施行令8条 検査用数字が合う個人番号を受け入れる: ${masked(digits)}`, () => {
    assert.equal(unwrap(IndividualNumber.parse(digits)).digits(), digits);
  });
}
for (const [text, word] of [
  ['123456789017', 'wrong-check-digit'],
  ['000000000000', 'all-digits-equal'],
  ['12345678901', 'not-12-digits'],
  ['0123456789018', 'not-12-digits'],
  ['１２３４５６７８９０１８', 'not-12-digits'],
  ['12345678901a', 'not-12-digits'],
  ['', 'not-12-digits'],
] as const) {
  test(`番号利用法施行令8条 個人番号でないものを拒む: ${word} (${text.length}文字)`, () => {
    assert.deepEqual(IndividualNumber.parse(text), { ok: false, error: word });
  });
}

test('I04 個人番号は文字列・検査表示・JSONのどれにも現れない', () => {
  const number = unwrap(IndividualNumber.parse('123456789018'));
  for (const shown of [
    `${number}`,
    inspect(number),
    inspect({ number }, { depth: 5, showHidden: true }),
    Object.keys(number).join(),
  ]) {
    assert.doesNotMatch(shown, /123456789018|9018/);
  }
  assert.throws(() => JSON.stringify({ number }), /sealed/);
  assert.equal(number.masked(), '********9018');
});

test('I03 伏せた表示は末尾4桁だけを見せ、短いものは全部を伏せる', () => {
  assert.equal(masked('123456789018'), '********9018');
  assert.equal(masked('1234'), '****');
});

test('検査用数字: 余り0と1が同じ数字になるため1桁誤りの約2%は通り、それより多くは通らない', () => {
  let passed = 0;
  let tried = 0;
  const random = seededRandom('single digit errors');
  for (let n = 0; n < 300; n++) {
    const digits = makeIndividualNumber(random).digits();
    for (let at = 0; at < 12; at++) {
      for (let other = 0; other < 10; other++) {
        if (String(other) === digits[at]) continue;
        tried++;
        if (IndividualNumber.parse(digits.slice(0, at) + other + digits.slice(at + 1)).ok) passed++;
      }
    }
  }
  assert.ok(passed / tried > 0.01 && passed / tried < 0.03, `${passed} of ${tried}`);
});

for (const code of ['12345678903', '00000000019', '13100000010']) {
  test(`住民票コード ${masked(code)} は先頭の0を保ったまま受け入れる`, () => {
    assert.equal(unwrap(parseResidentRecordCode(code)), code);
  });
}
test('住民票コード: 桁数と検査数字の誤りを別の語で拒む', () => {
  assert.deepEqual(parseResidentRecordCode('12345678904'), { ok: false, error: 'wrong-check-digit' });
  assert.deepEqual(parseResidentRecordCode('1234567890'), { ok: false, error: 'not-11-digits' });
});

for (const number of ['7000012050002', '8000020130001', '1000020131105', '7999901000001']) {
  test(`法人番号の指定等に関する省令2条 法人番号 ${number} を受け入れる`, () => {
    assert.equal(unwrap(parseCorporateNumber(number)), number);
  });
}
test('法人番号: 検査用数字の誤り、個人番号に0を付けたものを拒む', () => {
  assert.deepEqual(parseCorporateNumber('8000012050002'), { ok: false, error: 'wrong-check-digit' });
  assert.deepEqual(parseCorporateNumber('0123456789018'), { ok: false, error: 'wrong-check-digit' });
  assert.deepEqual(parseCorporateNumber('123456789018'), { ok: false, error: 'not-13-digits' });
});

for (const [five, six] of [
  ['13000', '130001'],
  ['13101', '131016'],
  ['13104', '131041'],
  ['13110', '131105'],
  ['01100', '011002'],
  ['14100', '141003'],
  ['27100', '271004'],
  ['40130', '401307'],
  ['47382', '473821'],
] as const) {
  test(`全国地方公共団体コード ${five} の検査数字付きは ${six}`, () => {
    assert.equal(unwrap(localGovernmentCodeFromFive(five)), six);
    assert.equal(fiveDigits(unwrap(parseLocalGovernmentCode(six))), five);
  });
}
test('全国地方公共団体コード: 検査数字・都道府県・桁数の誤りを拒む', () => {
  assert.deepEqual(parseLocalGovernmentCode('131106'), { ok: false, error: 'wrong-check-digit' });
  assert.deepEqual(parseLocalGovernmentCode('481009'), { ok: false, error: 'no-such-prefecture' });
  assert.deepEqual(parseLocalGovernmentCode('13110'), { ok: false, error: 'not-6-digits' });
  assert.deepEqual(localGovernmentCodeFromFive('00110'), { ok: false, error: 'no-such-prefecture' });
});

test('the makers give numbers that parse, the same ones for the same seed', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const made = makeIndividualNumber(seededRandom(seed));
      assert.ok(IndividualNumber.parse(made.digits()).ok);
      assert.ok(made.equals(makeIndividualNumber(seededRandom(seed))));
      assert.ok(parseResidentRecordCode(makeResidentRecordCode(seededRandom(seed))).ok);
      assert.ok(parseCorporateNumber(makeCorporateNumber(seededRandom(seed))).ok);
    }),
    { numRuns: 50 },
  );
  assert.equal(modulus11CheckDigit('12345678901'), 8);
});
