import type { PersonChange } from '@musubi/contracts/platform/persons.ts';
import type { WageReportRecord } from '@musubi/contracts/wage-report/layout.ts';
import { modulus9CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';
import { makeIndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import type { NewId } from '@musubi/kernel/ids/uuid.ts';
import { seededRandom } from '@musubi/kernel/random/random.ts';
import { recordOf, type Someone } from '@musubi/resident-tax/test/an-intake.ts';

/** Kanji of names, each in the set of the files' character code. */
const first = [
  ...'青赤秋浅飯石市今上内江大岡小加金川神木北久黒高近斉坂佐塩島清杉鈴関高田竹谷千土寺中永西野橋長服浜林原平広福藤古星細本前牧松三水宮村森矢山横吉和',
];
const second = [...'井石岩江尾岡川木倉黒坂崎沢島下瀬園田谷津塚辻田中永西根野橋畑浜原部辺堀間松丸宮村本森屋山'];
const given = [
  ...'明彰葵亜愛朝和一恵佳夏花海香勝健浩光咲桜聡翔純真進誠清千大拓武直奈夏乃隼春久英仁博文雅真美充実優由陽良涼玲',
];
const last = [...'子男夫美代江介人也斗太郎志吾司一二平輔樹奈香織里佳恵音'];

/** Invented residents, the same every time. A name is borne by a handful of them, as in a ward. */
export function* residents(count: number): Generator<Someone> {
  const random = seededRandom('residents of the year bench');
  for (let i = 0; i < count; i++) {
    const of = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
    const surname = `${of(first, i * 7 + Math.trunc(i / 53))}${of(second, i * 11 + Math.trunc(i / 97))}`;
    yield {
      no: i + 1,
      number: makeIndividualNumber(random),
      name: `${surname}　${of(given, i * 13 + Math.trunc(i / 31))}${of(last, i * 3 + Math.trunc(i / 71))}`,
      kana: 'ﾔﾏﾀﾞ ﾀﾛｳ',
      bornOn: Temporal.PlainDate.from('1945-01-05')
        .add({ days: (i * 37) % 21_000 })
        .toString(),
      address: `東京都目黒区上目黒${(i % 5) + 1}－${(i % 20) + 1}－${(i % 9) + 1}`,
    };
  }
}

export const changeOf = (newId: NewId, who: Someone): PersonChange => ({
  changeId: newId(),
  reason: 'load',
  changedOn: '2020-04-01',
  orgPersonNumber: `${who.no}`.padStart(15, '0'),
  addresseeNumber: `${1_000_000 + who.no}`,
  individualNumber: who.number.digits(),
  state: {
    status: 'resident',
    name: who.name,
    nameKana: who.kana,
    birthDate: who.bornOn,
    sex: who.no % 2 === 0 ? 'female' : 'male',
    address: who.address,
    postalCode: '1530051',
    municipalityCode: '131105',
    householdNumber: `${Math.trunc(who.no / 2)}`,
    relationship: '世帯主',
    becameResidentOn: '2020-04-01',
    removedOn: null,
    addressProtected: false,
  },
});

/** What the sample's own family, loans and former payers would say of everybody. */
const cleared =
  /^(spouse|elderly|specified|other|specially|further|dependant|young|housingLoan|unpaid|nonResident|self|widow|working|employment|single|specificRelative|secondary|ordinary|remarks|income|basicDeduction)/;

const payers = Object.fromEntries(
  ['main', 'second', 'late'].map((kind, i) => {
    const body = `99990100000${i + 1}`;
    const name = `${['目黒', '品川', '大田'][i]}商事（株）`;
    return [
      kind,
      { payerNumber: `${modulus9CheckDigit(body)}${body}`, payerName: name, designationNumber: `00001234567${i}` },
    ];
  }),
) as Readonly<Record<'main' | 'second' | 'late', Partial<WageReportRecord>>>;

/** The first report of a resident: of the main payer; the second of another one, where the pay is small. */
export function reportOf(sample: WageReportRecord, who: Someone, kind: 'main' | 'second' | 'late'): WageReportRecord {
  const empty = Object.fromEntries(
    Object.keys(sample)
      .filter((name) => cleared.test(name) && !name.startsWith('incomeYear'))
      .map((name) => [name, undefined]),
  );
  const paidYen = kind === 'main' ? 2_000_000 + ((who.no * 7_919) % 900) * 10_000 : 300_000 + (who.no % 50) * 1_000;
  return recordOf(sample, who, {
    ...empty,
    paidYen,
    socialInsuranceYen: Math.trunc((paidYen * 14) / 100),
    recipientNumber: `${kind[0]}${who.no}`,
    ...payers[kind],
    // Two payers, one 年末調整: the others withhold by the second table and adjust nothing.
    ...(kind === 'main' ? {} : { secondaryWithholding: true, incomeAfterDeductionYen: undefined }),
  } as Partial<WageReportRecord>);
}

/** A record that nobody of the ward fits: its number is another one. */
export const isStranger = (no: number): boolean => no % 5_000 === 17;
