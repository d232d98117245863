/*
 * The one QR code that an eL-QR needs: model 2, version 6 (41 modules), level M, numeric mode, which 255 digits fill to the last bit.
 * A ward prints a million of them before each due date, and a general drawing library takes a hundred times as long for one.
 */

const size = 41;
const digitsHeld = 255;
const blocks = 4;
const dataPerBlock = 27;
const checkPerBlock = 16;

const exp = new Uint8Array(510);
const log = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  exp[i] = value;
  exp[i + 255] = value;
  log[value] = i;
  value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1;
}

/** Coefficients of Π (x − 2^i) after the leading 1, highest power first. */
const generator = ((): Uint8Array => {
  let poly = [1];
  for (let i = 0; i < checkPerBlock; i++) {
    const next = new Array<number>(poly.length + 1).fill(0);
    for (const [k, c] of poly.entries()) {
      next[k] = (next[k] as number) ^ c;
      if (c !== 0) next[k + 1] = (next[k + 1] as number) ^ (exp[(log[c] as number) + i] as number);
    }
    poly = next;
  }
  return Uint8Array.from(poly.slice(1));
})();

function checkWords(data: Uint8Array): Uint8Array {
  const rest = new Uint8Array(checkPerBlock);
  for (const word of data) {
    const factor = word ^ (rest[0] as number);
    rest.copyWithin(0, 1);
    rest[checkPerBlock - 1] = 0;
    if (factor === 0) continue;
    for (let i = 0; i < checkPerBlock; i++)
      rest[i] =
        (rest[i] as number) ^ (exp[(log[factor] as number) + (log[generator[i] as number] as number)] as number);
  }
  return rest;
}

/** Mode 0001, count in ten bits, groups of three digits in ten bits: 864 bits, 108 words, no room and no need for padding. */
function dataWords(digits: string): Uint8Array {
  const words = new Uint8Array(blocks * dataPerBlock);
  let bits = 0;
  const put = (value: number, length: number): void => {
    for (let i = length - 1; i >= 0; i--, bits++)
      if ((value >> i) & 1) words[bits >> 3] = (words[bits >> 3] as number) | (0x80 >> (bits & 7));
  };
  put(0b0001, 4);
  put(digitsHeld, 10);
  for (let i = 0; i < digitsHeld; i += 3) put(Number(digits.slice(i, i + 3)), 10);
  return words;
}

/** Words of all blocks in turn, data first. */
function interleaved(digits: string): Uint8Array {
  const data = dataWords(digits);
  const parts = Array.from({ length: blocks }, (_, i) => data.subarray(i * dataPerBlock, (i + 1) * dataPerBlock));
  const checks = parts.map(checkWords);
  const out = new Uint8Array(blocks * (dataPerBlock + checkPerBlock));
  for (let i = 0; i < dataPerBlock; i++) for (let b = 0; b < blocks; b++) out[i * blocks + b] = parts[b]?.[i] as number;
  for (let i = 0; i < checkPerBlock; i++)
    for (let b = 0; b < blocks; b++) out[(dataPerBlock + i) * blocks + b] = checks[b]?.[i] as number;
  return out;
}

/** Finders, separators, timing, the alignment pattern and the dark module: 1 dark, 0 light, 2 not of these; 3 for the format. */
const frame = ((): Uint8Array => {
  const modules = new Uint8Array(size * size).fill(2);
  const set = (x: number, y: number, value: number): void => {
    if (x >= 0 && y >= 0 && x < size && y < size) modules[y * size + x] = value;
  };
  const around = (cx: number, cy: number, radius: number, dark: (ring: number) => boolean): void => {
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++)
        set(cx + dx, cy + dy, dark(Math.max(Math.abs(dx), Math.abs(dy))) ? 1 : 0);
  };
  for (let i = 8; i < size - 8; i++) {
    set(i, 6, (i + 1) % 2);
    set(6, i, (i + 1) % 2);
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    around(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  around(34, 34, 2, (ring) => ring !== 1);
  for (const [x, y] of formatPlaces()) set(x, y, 3);
  set(8, size - 8, 1);
  return modules;
})();

/** Both copies of the fifteen bits, the lowest bit first. */
function formatPlaces(): readonly (readonly [number, number])[] {
  const first: [number, number][] = [];
  for (let i = 0; i <= 5; i++) first.push([8, i]);
  first.push([8, 7], [8, 8], [7, 8]);
  for (let i = 9; i < 15; i++) first.push([14 - i, 8]);
  const second: [number, number][] = [];
  for (let i = 0; i < 8; i++) second.push([size - 1 - i, 8]);
  for (let i = 8; i < 15; i++) second.push([8, size - 15 + i]);
  return [...first, ...second];
}

/** Level M is 00; BCH (15, 5), masked. */
function formatBits(mask: number): number {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  return ((mask << 10) | rest) ^ 0x5412;
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Modules that carry words, in the order in which they are filled: pairs of columns from the right, up and down in turn. */
const dataPlaces = ((): Uint16Array => {
  const places: number[] = [];
  for (let right = size - 1; right >= 1; right -= 2) {
    const column = right <= 6 ? right - 1 : right;
    const upward = ((size - 1 - right) / 2) % 2 === 0;
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step;
      for (const x of [column, column - 1]) if (frame[y * size + x] === 2) places.push(y * size + x);
    }
  }
  return Uint16Array.from(places);
})();

const masked = masks.map((mask) =>
  Uint8Array.from(dataPlaces, (place) => (mask(place % size, Math.floor(place / size)) ? 1 : 0)),
);

/**
 * @param digits exactly 255
 * @returns 41 × 41 modules by row, 1 dark
 * @source JIS X 0510 (ISO/IEC 18004)
 */
export function qrVersion6(digits: string): { readonly modules: Uint8Array; readonly size: number } {
  if (!/^[0-9]{255}$/.test(digits)) throw new RangeError('a code of 255 digits');
  const words = interleaved(digits);
  let best: { readonly modules: Uint8Array; readonly penalty: number } | undefined;
  for (const [number, mask] of masked.entries()) {
    const modules = Uint8Array.from(frame);
    for (const [i, place] of dataPlaces.entries()) {
      // The seven modules beyond the last word are remainder bits, 0 before the mask.
      const bit = i < words.length * 8 ? ((words[i >> 3] as number) >> (7 - (i & 7))) & 1 : 0;
      modules[place] = bit ^ (mask[i] as number);
    }
    const format = formatBits(number);
    for (const [i, [x, y]] of formatPlaces().entries()) modules[y * size + x] = (format >> (i % 15)) & 1;
    const penalty = penaltyOf(modules);
    if (best === undefined || penalty < best.penalty) best = { modules, penalty };
  }
  if (best === undefined) throw new Error('there are eight masks');
  return { modules: best.modules, size };
}

/** Runs of five and more, blocks of four, patterns that look like finders, and too much of one colour. */
function penaltyOf(modules: Uint8Array): number {
  let penalty = 0;
  let dark = 0;
  for (const rows of [true, false]) {
    for (let a = 0; a < size; a++) {
      let run = 0;
      let last = 2;
      let window = 0;
      for (let b = 0; b < size; b++) {
        const module = modules[rows ? a * size + b : b * size + a] as number;
        if (module === last) run++;
        else [run, last] = [1, module];
        if (run === 5) penalty += 3;
        else if (run > 5) penalty++;
        window = ((window << 1) | module) & 0x7ff;
        if (b >= 10 && (window === 0b10111010000 || window === 0b00001011101)) penalty += 40;
        if (rows) dark += module;
      }
    }
  }
  for (let y = 1; y < size; y++)
    for (let x = 1; x < size; x++) {
      const at = y * size + x;
      const sum =
        (modules[at] as number) +
        (modules[at - 1] as number) +
        (modules[at - size] as number) +
        (modules[at - size - 1] as number);
      if (sum === 0 || sum === 4) penalty += 3;
    }
  return penalty + Math.floor(Math.abs(dark * 20 - size * size * 10) / (size * size)) * 10;
}
