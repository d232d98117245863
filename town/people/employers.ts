import { makeAccount } from './banks.ts';
import type { DistinctNumbers } from './distinct.ts';
import { drawsOf } from './draws.ts';
import type { Employer } from './person.ts';
import { wardPlaces } from './places.ts';

const firsts = [
  ['みどり', 'ミドリ'],
  ['さくら', 'サクラ'],
  ['あおぞら野', 'アオゾラノ'],
  ['大空', 'オオゾラ'],
  ['星川', 'ホシカワ'],
  ['むさし野', 'ムサシノ'],
  ['東和', 'トウワ'],
  ['日の出', 'ヒノデ'],
  ['北斗', 'ホクト'],
  ['共栄', 'キョウエイ'],
  ['あさひ台', 'アサヒダイ'],
  ['泉', 'イズミ'],
] as const;
const seconds = [
  ['商事', 'ショウジ'],
  ['製作所', 'セイサクジョ'],
  ['運輸', 'ウンユ'],
  ['電機', 'デンキ'],
  ['食品', 'ショクヒン'],
  ['システムズ', 'システムズ'],
  ['印刷', 'インサツ'],
  ['建設', 'ケンセツ'],
  ['不動産', 'フドウサン'],
  ['介護サービス', 'カイゴサービス'],
  ['書店', 'ショテン'],
] as const;

/** Invented companies; the first one is large (`largeEmployerPercent`). Numbers are in a range that no registry has given out. */
export function makeEmployers(seed: string, residents: number, numbers: DistinctNumbers): Employer[] {
  const count = Math.min(50_000, Math.max(6, Math.ceil(residents / 120)));
  const wards = Object.values(wardPlaces);
  return Array.from({ length: count }, (_, index) => {
    const draws = drawsOf(`${seed}/employer/${index}`);
    const [first, firstKana] = firsts[index % firsts.length]!;
    const [second, secondKana] = seconds[Math.floor(index / firsts.length) % seconds.length]!;
    const series = Math.floor(index / (firsts.length * seconds.length));
    const ward = draws.pick(wards);
    const [place, chome] = draws.pick(ward.places);
    return {
      index,
      corporateNumber: numbers.corporateNumber(index),
      name: `株式会社${first}${second}${series === 0 ? '' : toWide(series + 1)}`,
      nameKana: `${firstKana}${secondKana}`,
      address: `${ward.name}${place}${draws.between(1, chome)}丁目${draws.between(1, 25)}番${draws.between(1, 20)}号`,
      phone: `03-5550-${String(draws.below(10_000)).padStart(4, '0')}`,
      designationNumber: String(10_000_000 + index),
      account: makeAccount(draws),
    };
  });
}

/** Of all who are employed, so many work for the first employer: its file has some hundred reports even in a small town. */
export const largeEmployerPercent = 45;

const toWide = (n: number): string => String(n).replace(/[0-9]/g, (d) => String.fromCodePoint(0xff10 + Number(d)));
