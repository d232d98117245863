import { hash } from 'node:crypto';

/** SHA-256 values are Buffers of 32 bytes throughout. */
export type Hash = Buffer;

export const sha256 = (data: string | Uint8Array): Hash => hash('sha256', data, 'buffer');

/** @source RFC 6962 §2.1: SHA-256(0x00 ‖ data) */
export function leafHash(data: string | Uint8Array): Hash {
  return sha256(typeof data === 'string' ? `\0${data}` : Buffer.concat([LEAF, data]));
}

/** @source RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right) */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  node.set(left, 1);
  node.set(right, 33);
  return sha256(node);
}
const LEAF = Buffer.from([0]);
/** Filled and read within one call; a hash object for each node costs twice as much as the hash. */
const node = Buffer.alloc(65, 1);

/** The tree's root as leaves arrive one by one; holds at most one hash per level. */
export class GrowingTree {
  readonly #complete: { readonly height: number; readonly hash: Hash }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    let node = { height: 0, hash: leaf };
    for (;;) {
      const last = this.#complete.at(-1);
      if (last === undefined || last.height !== node.height) break;
      this.#complete.pop();
      node = { height: node.height + 1, hash: nodeHash(last.hash, node.hash) };
    }
    this.#complete.push(node);
    this.#size += 1;
  }

  /** The root over what was appended so far; SHA-256 of nothing for the empty tree. */
  root(): Hash {
    const last = this.#complete.at(-1);
    if (last === undefined) return sha256('');
    return this.#complete.slice(0, -1).reduceRight((right, left) => nodeHash(left.hash, right), last.hash);
  }
}

/** @source RFC 6962 §2.1, over leaf hashes */
export function rootOf(leafHashes: Iterable<Hash>): Hash {
  const tree = new GrowingTree();
  for (const leaf of leafHashes) tree.append(leaf);
  return tree.root();
}

/** Gives the hash of the complete subtree with 2^height leaves at `index` (in units of its own width). */
export type SubtreeSource = (height: number, index: number) => Promise<Hash>;

/** Sizes stay below 2^53, so plain numbers are exact; bit operations would not be. */
const splitOf = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

async function rangeHash(source: SubtreeSource, start: number, end: number): Promise<Hash> {
  const size = end - start;
  const height = Math.log2(size);
  if (Number.isInteger(height) && start % size === 0) return source(height, start / size);
  const middle = start + splitOf(size);
  return nodeHash(await rangeHash(source, start, middle), await rangeHash(source, middle, end));
}

export async function treeRoot(source: SubtreeSource, size: number): Promise<Hash> {
  return size === 0 ? sha256('') : rangeHash(source, 0, size);
}

/** @source RFC 6962 §2.1.1 PATH(m, D[n]). Throws unless 0 <= index < size. */
export async function inclusionPath(source: SubtreeSource, index: number, size: number): Promise<Hash[]> {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) throw new RangeError('index outside the tree');
  const path = async (start: number, end: number): Promise<Hash[]> => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...(await path(start, middle)), await rangeHash(source, middle, end)]
      : [...(await path(middle, end)), await rangeHash(source, start, middle)];
  };
  return path(0, size);
}

/** @source RFC 6962 §2.1.2 PROOF(m, D[n]). Empty for m = 0 and m = n. Throws unless 0 <= m <= n. */
export async function consistencyPath(source: SubtreeSource, oldSize: number, size: number): Promise<Hash[]> {
  if (!(Number.isSafeInteger(oldSize) && oldSize >= 0 && oldSize <= size))
    throw new RangeError('old size outside the tree');
  if (oldSize === 0 || oldSize === size) return [];
  const proof = async (start: number, end: number, m: number, whole: boolean): Promise<Hash[]> => {
    if (m === end - start) return whole ? [] : [await rangeHash(source, start, end)];
    const split = splitOf(end - start);
    return m <= split
      ? [...(await proof(start, start + split, m, whole)), await rangeHash(source, start + split, end)]
      : [...(await proof(start + split, end, m - split, false)), await rangeHash(source, start, start + split)];
  };
  return proof(0, size, oldSize, true);
}

/** @source RFC 9162 §2.1.3.2 (the same tree as RFC 6962; the algorithm is only spelt out there) */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Hash,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return false;
  let fn = index;
  let sn = size - 1;
  let r: Hash = leaf;
  for (const p of path) {
    if (sn === 0 || p.length !== 32) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && r.equals(root);
}

/** @source RFC 9162 §2.1.4.2; a proof from size 0 is the empty one (C2SP tlog-witness) */
export function verifyConsistency(
  oldSize: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!(Number.isSafeInteger(oldSize) && Number.isSafeInteger(size) && oldSize >= 0 && oldSize <= size)) return false;
  if (oldSize === 0) return path.length === 0;
  if (oldSize === size) return path.length === 0 && Buffer.from(oldRoot).equals(root);
  const hashes = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...path] : [...path];
  const first = hashes.shift();
  if (first === undefined || first.length !== 32 || hashes.some((h) => h.length !== 32)) return false;
  let fn = oldSize - 1;
  let sn = size - 1;
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let fr: Hash = Buffer.from(first);
  let sr: Hash = fr;
  for (const c of hashes) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && fr.equals(oldRoot) && sr.equals(root);
}
