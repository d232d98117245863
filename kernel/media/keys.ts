import { createHash } from 'node:crypto';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { Tx } from '../db/sql.ts';
import { enforced } from '../enforcement/enforcement.ts';
import { err, ok, type Result } from '../result/result.ts';
import type { SealedId } from '../vault/sealed/sealed-store.ts';
import { type LentError, recordLoaded } from './ledger.ts';
import type { MediaDeps } from './media.ts';

/** Registers the age key that an office handed in on paper; the newest one stands. Fact: media.receiver_key. */
export async function registerReceiverKey(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly receiver: string; readonly recipientKey: string; readonly document: string; readonly by: string },
): Promise<Result<undefined, 'not-an-age-key' | 'document-missing'>> {
  if (!/^age1[a-z0-9]{30,3990}$/.test(command.recipientKey)) return err('not-an-age-key');
  if (command.document.trim() === '') return err('document-missing');
  await tx`
    insert into media.receiver_key (receiver, recipient_key, document, registered_by, registered_at, event_id)
    values (${command.receiver}, ${command.recipientKey}, ${command.document}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return ok(undefined);
}

/** The key that files for this receiver are encrypted to; undefined where its office has registered none. */
export async function receiverKeyOf(tx: Tx, receiver: string): Promise<string | undefined> {
  const [row] = await tx<{ key: string }>`
    select recipient_key as key from media.receiver_key where receiver = ${receiver} order by key_no desc limit 1`;
  return row?.key;
}

/** Makes a new key of our own; its secret never leaves the sealed store. Fact: media.receiving_key. */
export async function makeReceivingKey(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly by: string },
): Promise<{ recipient: string }> {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const { ref } = await deps.sealed.seal(tx, Buffer.from(identity), { kind: 'media-key', retentionClass: 'media-key' });
  await tx`
    insert into media.receiving_key (key_id, recipient, secret_ref, made_by, made_at, event_id)
    values (${deps.newId()}, ${recipient}, ${ref}, ${command.by}, ${deps.machineClock.now()}, ${tx.eventId})`;
  return { recipient };
}

/** To whom senders encrypt; undefined before the first key was made. */
export async function receivingKey(tx: Tx): Promise<string | undefined> {
  const [row] = await tx<{ recipient: string }>`
    select recipient from media.receiving_key order by made_at desc, key_id desc limit 1`;
  return row?.recipient;
}

export type ImportError = LentError | 'not-encrypted' | 'not-for-us-or-damaged' | 'imported-before';
export interface Imported {
  readonly importId: string;
  /** Of the container as it lay on the medium, hex. */
  readonly sha256: string;
  /** What was in it. The caller seals what it keeps. */
  readonly content: Uint8Array;
}

/**
 * Takes a container from a lent medium: it must be an age file for one of our keys, whole, and new here. Opening it uses our secret from the
 * sealed store, a recorded use. What it holds is the caller's to check. Facts: media.import, media.medium_step.
 */
export async function importContainer(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly serial: string; readonly department: string; readonly bytes: Uint8Array; readonly by: string },
): Promise<Result<Imported, ImportError>> {
  const { bytes } = command;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const loaded = await recordLoaded(tx, deps, { ...command, sha256 });
  if (!loaded.ok) return loaded;
  const isContainer = Buffer.from(bytes.subarray(0, 22)).toString('latin1') === 'age-encryption.org/v1\n';
  if (enforced('media.encryption') && !isContainer) return err('not-encrypted');
  const content = isContainer ? await decrypt(tx, deps, bytes) : bytes;
  if (content === undefined) return err('not-for-us-or-damaged');
  const importId = deps.newId();
  const first = await tx`
    insert into media.import (import_id, sha256, medium_id, department, bytes, imported_by, imported_at, event_id)
    values (${importId}, ${sha256}, ${loaded.value.mediumId}, ${command.department}, ${bytes.length}, ${command.by},
      ${deps.machineClock.now()}, ${tx.eventId})
    on conflict (sha256) do nothing returning 1`;
  return first.length === 0 ? err('imported-before') : ok({ importId, sha256, content });
}

/**
 * Opens again what was taken in before from the same medium lent to the same department: for a caller that had to pass it on at once, keeps
 * nothing of it, and could not. Facts: media.medium_step.
 */
export async function reopenContainer(
  tx: Tx,
  deps: MediaDeps,
  command: { readonly serial: string; readonly department: string; readonly bytes: Uint8Array; readonly by: string },
): Promise<Result<Imported, LentError | 'not-taken-in-before' | 'not-for-us-or-damaged'>> {
  const sha256 = createHash('sha256').update(command.bytes).digest('hex');
  const loaded = await recordLoaded(tx, deps, { ...command, sha256 });
  if (!loaded.ok) return loaded;
  const [before] = await tx<{ importId: string }>`
    select import_id as "importId" from media.import
     where sha256 = ${sha256} and medium_id = ${loaded.value.mediumId} and department = ${command.department}`;
  if (before === undefined) return err('not-taken-in-before');
  const content = await decrypt(tx, deps, command.bytes);
  return content === undefined ? err('not-for-us-or-damaged') : ok({ ...before, sha256, content });
}

async function decrypt(tx: Tx, deps: MediaDeps, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const keys = await tx<{
    ref: SealedId;
  }>`select secret_ref as ref from media.receiving_key order by made_at desc, key_id desc`;
  const decrypter = new Decrypter();
  for (const { ref } of keys) {
    const secret = await deps.sealed.open(tx, ref, 'media/import');
    if (secret.ok) decrypter.addIdentity(secret.value.toString());
  }
  try {
    return keys.length === 0 ? undefined : await decrypter.decrypt(bytes);
  } catch {
    // A foreign recipient, a byte changed, an end cut off: age does not tell them apart for us, and the remedy is the same.
    return undefined;
  }
}
