import { localGovernmentCheckDigit, modulus11CheckDigit } from '@musubi/kernel/identifiers/check-digits.ts';

/* Invented people by number: person `i` of `n` is the same in every run, so that whoever asks about them needs no list. */

export interface Person {
  readonly residentRecordCode: string;
  readonly individualNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
  readonly municipalityCode: string;
  readonly address: string;
  readonly azaCode: string;
  readonly becameResidentOn: string;
  readonly changedOn: string;
}

/** Tokyo's 62 municipalities: code without check digit, name, share in ten thousandths of all residents. */
const wards: readonly (readonly [string, string, number])[] = [
  ['13101', '千代田区', 48],
  ['13102', '中央区', 124],
  ['13103', '港区', 189],
  ['13104', '新宿区', 249],
  ['13105', '文京区', 166],
  ['13106', '台東区', 150],
  ['13107', '墨田区', 199],
  ['13108', '江東区', 381],
  ['13109', '品川区', 289],
  ['13110', '目黒区', 199],
  ['13111', '大田区', 524],
  ['13112', '世田谷区', 656],
  ['13113', '渋谷区', 164],
  ['13114', '中野区', 240],
  ['13115', '杉並区', 409],
  ['13116', '豊島区', 207],
  ['13117', '北区', 253],
  ['13118', '荒川区', 155],
  ['13119', '板橋区', 407],
  ['13120', '練馬区', 528],
  ['13121', '足立区', 494],
  ['13122', '葛飾区', 332],
  ['13123', '江戸川区', 491],
  ['13201', '八王子市', 400],
  ['13202', '立川市', 133],
  ['13203', '武蔵野市', 106],
  ['13204', '三鷹市', 136],
  ['13205', '青梅市', 92],
  ['13206', '府中市', 187],
  ['13207', '昭島市', 82],
  ['13208', '調布市', 171],
  ['13209', '町田市', 307],
  ['13210', '小金井市', 90],
  ['13211', '小平市', 141],
  ['13212', '日野市', 135],
  ['13213', '東村山市', 108],
  ['13214', '国分寺市', 93],
  ['13215', '国立市', 55],
  ['13218', '福生市', 40],
  ['13219', '狛江市', 60],
  ['13220', '東大和市', 60],
  ['13221', '清瀬市', 55],
  ['13222', '東久留米市', 83],
  ['13223', '武蔵村山市', 51],
  ['13224', '多摩市', 105],
  ['13225', '稲城市', 67],
  ['13227', '羽村市', 38],
  ['13228', 'あきる野市', 57],
  ['13229', '西東京市', 148],
  ['13303', '瑞穂町', 23],
  ['13305', '日の出町', 12],
  ['13307', '檜原村', 2],
  ['13308', '奥多摩町', 4],
  ['13361', '大島町', 5],
  ['13362', '利島村', 1],
  ['13363', '新島村', 2],
  ['13364', '神津島村', 1],
  ['13381', '三宅村', 2],
  ['13382', '御蔵島村', 1],
  ['13401', '八丈町', 5],
  ['13402', '青ヶ島村', 1],
  ['13421', '小笠原村', 2],
];

const firsts =
  '佐 鈴 高 田 渡 伊 山 中 小 加 吉 松 井 木 林 斎 清 森 池 橋 石 前 藤 後 長 村 遠 青 坂 福 西 太 三 岡 金 原 野 上 大 平 今 武 新 安 内 黒 白 河 宮 本 土 水 久 市 東 北 南 浅 荒 飯 岩 江 尾 片 川 菊 桑 古 桜 沢 柴 島'.split(
    ' ',
  );
const firstKana =
  'サ スズ タカ タ ワタ イ ヤマ ナカ コ カ ヨシ マツ イ キ ハヤシ サイ シ モリ イケ ハシ イシ マエ フジ ゴ ナガ ムラ エン アオ サカ フク ニシ オオ ミ オカ カネ ハラ ノ ウエ ダイ ヒラ イマ タケ シン アン ウチ クロ シロ カワ ミヤ モト ツチ ミズ ヒサ イチ ヒガシ キタ ミナミ アサ アラ イイ イワ エ オ カタ カワ キク クワ フル サクラ サワ シバ シマ'.split(
    ' ',
  );
const seconds =
  '藤 木 橋 中 辺 田 本 村 林 口 原 崎 川 島 野 井 山 上 下 沢 谷 岡 内 部 水 池 屋 瀬 倉 森 宮 松 塚 杉 場 浦 尾 津 浜 坂 岸 城 堀 戸 石 竹 武 平 見 越 笠 永 星 関 神 地 丸 葉 荷 根 柳 脇 賀 居 良 保 畑 寺 代 条 床 留'.split(
    ' ',
  );
const secondKana =
  'トウ キ ハシ ナカ ナベ ダ モト ムラ バヤシ グチ ハラ ザキ ガワ ジマ ノ イ ヤマ ガミ シタ ザワ タニ オカ ウチ ベ ミズ イケ ヤ セ クラ モリ ミヤ マツ ヅカ スギ バ ウラ オ ツ ハマ サカ ギシ シロ ホリ ド イシ タケ ブ ヒラ ミ コシ ガサ ナガ ボシ セキ ガミ チ マル バ ニ ネ ヤナギ ワキ ガ イ ラ ホ ハタ デラ シロ ジョウ トコ ドメ'.split(
    ' ',
  );
const male = [
  '太 タ|健 ケン|翔 ショウ|大 ダイ|拓 タク|直 ナオ|和 カズ|正 マサ|隆 タカ|博 ヒロ|誠 マコト|修 オサム|一 カズ|浩 ヒロ|雅 マサ|英 ヒデ|義 ヨシ|秀 ヒデ|俊 トシ|裕 ユウ|康 ヤス|信 ノブ|幸 ユキ|光 ミツ|勝 カツ|哲 テツ|昌 マサ|敏 トシ|清 キヨ|茂 シゲ',
  '郎 ロウ|太 タ|也 ヤ|樹 キ|輝 キ|人 ト|介 スケ|平 ヘイ|彦 ヒコ|夫 オ|男 オ|之 ユキ|司 ジ|一 イチ|二 ジ|三 ゾウ|志 シ|明 アキ|弘 ヒロ|雄 オ|斗 ト|真 マ|希 キ|馬 マ|生 オ|治 ジ|行 ユキ|次 ツグ|典 ノリ|史 フミ|純 ズミ|磨 マ|貴 タカ|則 ノリ|吾 ゴ',
];
const female = [
  '花 ハナ|陽 ヒ|結 ユ|美 ミ|愛 アイ|彩 アヤ|優 ユウ|由 ユ|真 マ|恵 エ|智 トモ|裕 ユウ|久 ク|和 カズ|幸 サチ|洋 ヨウ|良 リョウ|京 キョウ|節 セツ|千 チ|春 ハル|秋 アキ|冬 フユ|直 ナオ|純 ジュン|桃 モモ|菜 ナ|咲 サキ|凛 リン|葵 アオイ',
  '子 コ|美 ミ|菜 ナ|奈 ナ|香 カ|織 オリ|里 リ|恵 エ|代 ヨ|江 エ|枝 エ|花 カ|葉 ハ|音 ネ|月 ツキ|希 キ|帆 ホ|乃 ノ|衣 イ|穂 ホ|紀 キ|佳 カ|加 カ|梨 リ|沙 サ|絵 エ|緒 オ|海 ミ|世 ヨ|歩 ホ|泉 ミ|弥 ヤ|羽 ハ|々 リ|華 カ',
];
const given = [male, female].map(([a, b]) => {
  const pairs = (text: string) => text.split('|').map((p) => p.split(' ') as [string, string]);
  // Two thousand one hundred of each sex, with a third character in every second one.
  return pairs(a!).flatMap(([x, xk]) =>
    pairs(b!).flatMap(
      ([y, yk]) =>
        [
          [x + y, xk + yk],
          [`${x}${y}${y === '子' ? '' : '子'}`, `${xk}${yk}コ`],
        ] as const,
    ),
  );
});
const surnames = firsts.flatMap((x, i) => seconds.map((y, j) => [x + y, firstKana[i]! + secondKana[j]!] as const));
const towns =
  '本町 中央 栄町 緑町 東 西 南 北 若葉台 桜丘 富士見 松原 泉 上町 下町 新町 旭町 弥生 日の出 大和 花園 青葉 柏木 三田 白金 中目黒'.split(
    ' ',
  );
const digits = '０１２３４５６７８９';
const wide = (n: number): string => String(n).replace(/[0-9]/g, (d) => digits[Number(d)]!);

export interface Municipality {
  readonly code: string;
  readonly name: string;
  /** Persons `from` up to and without `to` live here. */
  readonly from: number;
  readonly to: number;
}

/** The municipalities of a register of `n`, persons numbered through. */
export function municipalitiesOf(n: number): readonly Municipality[] {
  const all = wards.reduce((sum, [, , share]) => sum + share, 0);
  let before = 0;
  return wards.map(([five, name, share]) => {
    const from = Math.floor((before / all) * n);
    before += share;
    return { code: `${five}${localGovernmentCheckDigit(five)}`, name, from, to: Math.floor((before / all) * n) };
  });
}

/** Whole 32-bit hash of a person and a purpose, evenly spread. */
function mix(i: number, purpose: number): number {
  let h = (Math.imul(i, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca77)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
/** Few names are many people's: a power law over the list. */
const popular = (i: number, purpose: number, length: number): number =>
  Math.floor(length * (mix(i, purpose) / 2 ** 32) ** 2);

const day = (daysBefore: number): string => {
  // Days before 2026-06-01, without a calendar of any library: fourteen million of them are made.
  const at = 20_605 - daysBefore + 719_468;
  const era = Math.floor(at / 146_097);
  const doe = at - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1;
  return `${year}-${month < 10 ? '0' : ''}${month}-${d < 10 ? '0' : ''}${d}`;
};

/** Steps through all values of `modulus` without meeting one twice. */
const spread = (i: number, step: number, modulus: number): number =>
  Number((BigInt(i) * BigInt(step) + 7_000_003n) % BigInt(modulus));

export function personOf(i: number, at: Municipality): Person {
  const isMale = mix(i, 1) % 1_000 < 491;
  const [surname, surnameKana] = surnames[popular(i, 2, surnames.length)]!;
  const names = given[isMale ? 0 : 1]!;
  const [first, firstRead] = names[popular(i, 3, names.length)]!;
  // Every hundredth person writes the name with a variant that clerks type in its common form.
  const written =
    mix(i, 4) % 100 === 0
      ? surname.replace('高', '髙').replace('崎', '﨑').replace('斎', '齋').replace('沢', '澤').replace('辺', '邊')
      : surname;
  const codeBody = String(spread(i, 7_368_787, 10_000_000_000)).padStart(10, '0');
  const numberBody = String(spread(i, 6_700_417, 100_000_000_000)).padStart(11, '0');
  const age = Math.floor(36_500 * (mix(i, 5) / 2 ** 32) ** 0.9);
  const livesHere = Math.min(age, mix(i, 6) % 9_000);
  const town = mix(i, 7) % towns.length;
  return {
    residentRecordCode: `${codeBody}${modulus11CheckDigit(codeBody)}`,
    individualNumber: `${numberBody}${modulus11CheckDigit(numberBody)}`,
    name: `${written}　${first}`,
    nameKana: `${surnameKana}　${firstRead}`,
    birthDate: day(age),
    sex: isMale ? 'male' : 'female',
    municipalityCode: at.code,
    address: `東京都${at.name}${towns[town]}${'一二三四五六'[mix(i, 8) % 6]}丁目${wide(1 + (mix(i, 9) % 40))}番${wide(1 + (mix(i, 10) % 30))}号`,
    azaCode: String(1_000 + town * 10 + (mix(i, 8) % 6)).padStart(7, '0'),
    becameResidentOn: day(livesHere),
    changedOn: day(Math.min(livesHere, mix(i, 11) % 4_000)),
  };
}
