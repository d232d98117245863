import { createHash, randomBytes } from 'node:crypto';
import type { MachineClock } from '../../clocks/clock.ts';
import { openGcm, sealGcm } from '../../crypto/aead.ts';
import type { AuditSink } from '../../db/act.ts';
import type { Tx } from '../../db/sql.ts';
import type { Brand } from '../../ids/brand.ts';
import type { NewId } from '../../ids/uuid.ts';
import { err, ok, type Result } from '../../result/result.ts';
import { assertPurpose, VaultFault } from '../fault.ts';
import type { KeyStore, KeyUnit } from '../key-store/key-store.ts';
import { CHUNK_BYTES, inChunks, openChunk, sealChunk } from './chunks.ts';

/** Stands for a carrier in every table outside the sealed store (a uuid). */
export type SealedId = Brand<string, 'SealedId'>;

export interface SealedRef {
  readonly ref: SealedId;
  /** SHA-256 of the content, hex. For comparing with what a sender states; do not store it for short contents. */
  readonly sha256: string;
  /** Bytes of the content. */
  readonly length: number;
}

/** What is erased together. Without `person` and `month` the object is alone. */
export type SealUnit =
  | 'object'
  | { readonly person: string }
  /** Registers and logs: all of one retention class and month. */
  | { readonly month: Temporal.PlainYearMonth };

export interface SealOptions {
  /** `wage-report`, `outbox-message`: code of the carrier. */
  readonly kind: string;
  readonly retentionClass: string;
  readonly keyUnit?: SealUnit;
  readonly purpose?: string;
}

export interface SealedStoreDeps {
  readonly keyStore: KeyStore;
  readonly machineClock: MachineClock;
  readonly newId: NewId;
}

interface Use {
  readonly ref: string;
  readonly purpose: string;
  readonly at: Temporal.Instant;
}

interface Header {
  readonly kind: string;
  readonly retentionClass: string;
  readonly unit: KeyUnit;
  readonly length: number;
  readonly chunks: number;
}

/**
 * The only place for a file, message, image or payload that may hold an Individual Number (design §3, Carriers).
 * Inside `act` only: the transaction does not commit without the act's event.
 */
export class SealedStore {
  readonly #deps: SealedStoreDeps;
  readonly #uses = new WeakMap<Tx, Use[]>();

  constructor(deps: SealedStoreDeps) {
    this.#deps = deps;
  }

  /** Seals a content of any length. Throws where the unit was erased: nothing new may come under an erased person or month. */
  async seal(tx: Tx, content: Uint8Array | AsyncIterable<Uint8Array>, options: SealOptions): Promise<SealedRef> {
    const purpose = options.purpose ?? 'seal';
    assertPurpose(purpose);
    assertPurpose(options.kind);
    const ref = this.#deps.newId() as SealedId;
    const unit = unitOf(ref, options);
    const unitKey = await this.#deps.keyStore.obtain(unit);
    if (unitKey === 'erased') throw new VaultFault('no-such-object', unit);
    const dataKey = randomBytes(32);
    const plain = createHash('sha256');
    const outside = createHash('sha256');
    let length = 0;
    let chunks = 0;
    for await (const { no, last, bytes } of inChunks(content instanceof Uint8Array ? [content] : content)) {
      const sealed = sealChunk(dataKey, ref, no, last, bytes);
      plain.update(bytes);
      outside.update(sealed);
      length += bytes.length;
      chunks = no + 1;
      await tx`select sealed.add_chunks(${ref}::uuid, ${[no]}::integer[], ${[sealed]}::bytea[])`;
    }
    const header = { kind: options.kind, retentionClass: options.retentionClass, unit, length, chunks };
    const wrapped = sealGcm(unitKey, dataKey, identityOf(ref, header));
    const [row] = await tx<{ done: boolean }>`
      select sealed.put(${tx.eventId}::uuid, ${purpose}::text, ${this.#deps.machineClock.now()}::timestamptz, ${ref}::uuid,
        ${header.kind}::text, ${header.retentionClass}::text, ${unit}::text, ${length}::bigint, ${chunks}::integer,
        ${outside.digest()}::bytea, ${wrapped}::bytea) as "done"`;
    if (!row?.done) throw new VaultFault('no-such-object', unit);
    return { ref, sha256: plain.digest('hex'), length };
  }

  /** The whole content. A reveal with purpose: recorded, also where it answers `erased`. */
  async open(tx: Tx, ref: SealedId, purpose: string): Promise<Result<Buffer, 'erased'>> {
    const parts: Buffer[] = [];
    const opened = await this.openStream(tx, ref, purpose);
    if (!opened.ok) return opened;
    for await (const part of opened.value) parts.push(part);
    return ok(Buffer.concat(parts));
  }

  /**
   * As `open`, chunk by chunk, within the transaction. Throws `cannot-open` in the middle where a chunk was tampered with.
   * @param from byte of the content to begin at, 0 to its length: who goes on in a large file reads nothing of what stands before
   */
  async openStream(
    tx: Tx,
    ref: SealedId,
    purpose: string,
    from = 0,
  ): Promise<Result<AsyncGenerator<Buffer>, 'erased'>> {
    assertPurpose(purpose);
    const at = this.#deps.machineClock.now();
    const [row] = await tx<Header & { wrapped: Uint8Array; erased: boolean }>`
      select kind, retention_class as "retentionClass", unit, length_bytes as "length", chunks, wrapped_key as "wrapped", erased
        from sealed.open(${tx.eventId}::uuid, ${purpose}::text, ${at}::timestamptz, ${ref}::uuid)`;
    if (!row) throw new VaultFault('no-such-object', ref);
    this.#uses.set(tx, [...(this.#uses.get(tx) ?? []), { ref, purpose, at }]);
    if (row.erased) return err('erased');
    const unitKey = await this.#deps.keyStore.find(row.unit);
    if (unitKey === 'erased') return err('erased');
    if (unitKey === undefined) throw new VaultFault('key-missing', row.unit);
    const { kind, retentionClass, unit, length, chunks } = row;
    const dataKey = openGcm(unitKey, row.wrapped, identityOf(ref, { kind, retentionClass, unit, length, chunks }));
    if (!dataKey.ok) throw new VaultFault('cannot-open', ref);
    if (!Number.isSafeInteger(from) || from < 0 || from > length) throw new RangeError('outside the content');
    return ok(readChunks(tx, ref, dataKey.value, chunks, from));
  }

  /** As `Vault.audited`: what an act opened before it refused stays on record. */
  audited(sink: AuditSink): AuditSink {
    return {
      ...sink,
      write: async (tx, entry) => {
        if (entry.outcome === 'refused')
          for (const { ref, purpose, at } of this.#uses.get(tx) ?? [])
            await tx`select sealed.note_refused(${tx.eventId}::uuid, 'open', ${purpose}::text, ${ref}::uuid, ${at}::timestamptz)`;
        await sink.write(tx, entry);
      },
    };
  }
}

async function* readChunks(tx: Tx, ref: string, key: Uint8Array, count: number, from: number): AsyncGenerator<Buffer> {
  const first = Math.min(Math.trunc(from / CHUNK_BYTES), count - 1);
  for (let no = first; no < count; no++) {
    const [row] = await tx<{ bytes: Uint8Array }>`
      select bytes from sealed.chunks(${tx.eventId}::uuid, ${ref}::uuid, ${no}::integer, 1)`;
    const opened = row && openChunk(key, ref, no, no === count - 1, row.bytes);
    if (!opened) throw new VaultFault('cannot-open', ref);
    yield no === first ? opened.subarray(from - first * CHUNK_BYTES) : opened;
  }
}

/** The unit's name, as the key store knows it. */
export function unitOf(ref: SealedId, options: SealOptions): KeyUnit {
  const unit = options.keyUnit ?? 'object';
  if (unit === 'object') return `object:${ref}`;
  return 'person' in unit ? `person:${unit.person}` : `month:${options.retentionClass}:${unit.month.toString()}`;
}

/** Binds the data key to everything that the row outside says: none of it can be changed without notice. */
const identityOf = (ref: string, h: Header): Buffer =>
  Buffer.from(JSON.stringify(['musubi/sealed/1', ref, h.kind, h.retentionClass, h.unit, h.length, h.chunks]));
