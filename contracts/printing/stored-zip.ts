import { crc32 } from 'node:zlib';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';

/* A ZIP without compression (PKWARE APPNOTE 4.3): what stands in it is found again by any unpacker, and by its digest. */

export interface Entry {
  /** ASCII. */
  readonly name: string;
  readonly content: Uint8Array;
}

// 1980-01-01, the format's first day: a package says when it was made in the register, not here.
const dosDate = 0x0021;
const localMark = 0x04034b50;
const centralMark = 0x02014b50;
const endMark = 0x06054b50;

/** The same bytes for the same entries. */
export function storedZip(entries: readonly Entry[]): Buffer {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const nameBytes = Buffer.from(name, 'ascii');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** Reads by the central directory, as an unpacker does; each entry's checksum is compared. Nothing but what `storedZip` writes is taken. */
export function readStoredZip(bytes: Uint8Array): Result<ReadonlyMap<string, Buffer>, 'not-a-zip' | 'damaged'> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = zip.length - 22;
  if (end < 0 || zip.readUInt32LE(end) !== endMark) return err('not-a-zip');
  const entries = new Map<string, Buffer>();
  const within = (from: number, length: number): boolean => from + length <= zip.length;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (!within(at, 46) || zip.readUInt32LE(at) !== centralMark) return err('damaged');
    const method = zip.readUInt16LE(at + 10);
    const [crc, size, nameLength] = [zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + nameLength;
    if (method !== 0 || !within(local, 30) || zip.readUInt32LE(local) !== localMark || !within(start, size))
      return err('damaged');
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString('ascii');
    const content = zip.subarray(start, start + size);
    if (crc32(content) !== crc || entries.has(name)) return err('damaged');
    entries.set(name, content);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return ok(entries);
}
