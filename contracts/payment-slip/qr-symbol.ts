import { create } from 'qrcode';

/*
 * The QR code of a slip. The library asks for each of the eight masks anew whether a module belongs to the data; a symbol differs from the
 * same symbol under another mask always in the same modules, so these are taken once from the library itself and the penalties counted
 * over plain bytes: the same mask is chosen in a quarter of the time.
 */

export interface QrSymbol {
  /** Modules of one side. */
  readonly size: number;
  /** Row by row, 1 is black. */
  readonly modules: Uint8Array;
}

const masks = 8;
const drawn = (digits: string, maskPattern: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7): QrSymbol => {
  const { modules } = create([{ data: digits, mode: 'numeric' }], {
    version: 6,
    errorCorrectionLevel: 'M',
    maskPattern,
  });
  return { size: modules.size, modules: Uint8Array.from(modules.data) };
};

/** Where a symbol under mask n differs from the one under mask 0, whatever it says. */
const differences: readonly Uint8Array[] = Array.from({ length: masks }, (_, n) => {
  const under = drawn('0', n as 0).modules;
  return drawn('0', 0).modules.map((module, i) => module ^ (under[i] as number));
});

/**
 * Version 6, error correction M, numeric, under the mask of the least penalty.
 * @param digits of `writeElQr`
 * @source JIS X 0510 (ISO/IEC 18004) §7.8.3
 */
export function qrSymbol(digits: string): QrSymbol {
  const { size, modules } = drawn(digits, 0);
  let best = { penalty: Number.POSITIVE_INFINITY, modules };
  for (const difference of differences) {
    const candidate = new Uint8Array(modules.length);
    for (let i = 0; i < candidate.length; i++) candidate[i] = (modules[i] as number) ^ (difference[i] as number);
    const penalty = penaltyOf(candidate, size);
    if (penalty < best.penalty) best = { penalty, modules: candidate };
  }
  return { size, modules: best.modules };
}

// No branches in what is done for each module: their colours are as good as chance.
function penaltyOf(modules: Uint8Array, size: number): number {
  let penalty = 0;
  for (let line = 0; line < size; line++)
    penalty += penaltyOfLine(modules, line * size, 1, size) + penaltyOfLine(modules, line, size, size);
  let dark = 0;
  for (let i = 0; i < modules.length; i++) dark += modules[i] as number;
  const share = Math.abs(Math.ceil((dark * 20) / modules.length) - 10);
  return penalty + 3 * blocksOf(modules, size) + 10 * share;
}

/** The last eleven modules of a line after a one, fewer at its beginning: what the newest of them adds to the penalty. */
const penaltyOfWindow: Uint8Array = Uint8Array.from({ length: 4096 }, (_, window) => {
  const [, ...seen] = window.toString(2);
  const same = seen.toReversed().findIndex((module) => module !== seen.at(-1));
  const run = same < 0 ? seen.length : same;
  // Five and more of one colour; 1:1:3:1:1 beside four light modules.
  const finder = seen.length === 11 && ['10111010000', '00001011101'].includes(seen.join(''));
  return (run === 5 ? 3 : run > 5 ? 1 : 0) + (finder ? 40 : 0);
});

function penaltyOfLine(modules: Uint8Array, start: number, step: number, size: number): number {
  let penalty = 0;
  let window = 1;
  for (let i = 0, at = start; i < size; i++, at += step) {
    window = (window << 1) | (modules[at] as number);
    if (window > 4095) window = (window & 0x7ff) | 0x800;
    penalty += penaltyOfWindow[window] as number;
  }
  return penalty;
}

/** Squares of two by two of one colour. */
function blocksOf(modules: Uint8Array, size: number): number {
  let blocks = 0;
  for (let y = 0; y + 1 < size; y++)
    for (let at = y * size; at < y * size + size - 1; at++) {
      const module = modules[at] as number;
      const [right, below, across] = [modules[at + 1], modules[at + size], modules[at + size + 1]] as [
        number,
        number,
        number,
      ];
      blocks += ((module ^ right) | (module ^ below) | (module ^ across)) ^ 1;
    }
  return blocks;
}
