import type { MachineClock } from '../clocks/clock.ts';
import type { Random } from '../random/random.ts';

/** Makes an id: a UUIDv7 (RFC 9562 §5.7), text, lower case; ids made later sort later. */
export type NewId = () => string;

export function uuidV7Maker(clock: MachineClock, random: Random): NewId {
  return () => {
    const bytes = random.bytes(16);
    let ms = clock.now().epochMilliseconds;
    for (let i = 5; i >= 0; i--) {
      bytes[i] = ms % 256;
      ms = Math.trunc(ms / 256);
    }
    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

/** The form of an id as text: any UUID, lower case. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text from outside, a part of an address or a form, can be an id at all: a database refuses others loudly. */
export const isUuid = (text: string): boolean => uuidPattern.test(text);

/** The moment inside a UUIDv7, or undefined where the text is no UUIDv7. */
export function momentOfUuidV7(id: string): Temporal.Instant | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) return undefined;
  return Temporal.Instant.fromEpochMilliseconds(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** As above, for very many ids at once: one reading of the clock for each block of them, randomness drawn in blocks. */
export function uuidV7Blocks(clock: MachineClock, random: Random, block = 1_024): NewId {
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let moment = '';
  return () => {
    if (at === bytes.length) {
      bytes = random.bytes(block * 10);
      at = 0;
      const ms = clock.now().epochMilliseconds.toString(16).padStart(12, '0');
      moment = `${ms.slice(0, 8)}-${ms.slice(8)}-7`;
    }
    const [a, b, c, d, e, f, g, h, i, j] = bytes.subarray(at, at + 10) as unknown as readonly number[];
    at += 10;
    return (
      moment +
      (hex[a!]! + hex[b!]!).slice(1) +
      '-' +
      hex[(c! & 0x3f) | 0x80]! +
      hex[d!]! +
      '-' +
      hex[e!]! +
      hex[f!]! +
      hex[g!]! +
      hex[h!]! +
      hex[i!]! +
      hex[j!]!
    );
  };
}
const hex = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
