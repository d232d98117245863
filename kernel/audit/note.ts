import { createPublicKey, verify } from 'node:crypto';
import { type Hash, sha256 } from './merkle.ts';

/** The key of a log or of a witness. `publicKey` is the raw Ed25519 key, 32 bytes; the private one may stand in an HSM. */
export interface LogSigner {
  readonly name: string;
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
export interface NamedKey {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** @source C2SP tlog-checkpoint: origin, size, root; `text` is the note's text with its last newline, `signatures` its lines. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  readonly text: string;
  readonly signatures: readonly string[];
}

const logType = 0x01;
const cosignatureType = 0x04;

export const checkpointText = (origin: string, size: number, root: Uint8Array): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key). @source C2SP signed-note, tlog-cosignature */
const keyId = (key: NamedKey, type: number): Buffer =>
  sha256(Buffer.concat([Buffer.from(`${key.name}\n`), Buffer.from([type]), key.publicKey])).subarray(0, 4);

const signatureLine = (name: string, ...parts: Uint8Array[]): string =>
  `— ${name} ${Buffer.concat(parts).toString('base64')}\n`;

/** Signs a checkpoint as the log itself; gives the whole note. */
export async function signCheckpoint(signer: LogSigner, text: string): Promise<string> {
  const signature = await signer.sign(Buffer.from(text));
  return `${text}\n${signatureLine(signer.name, keyId(signer, logType), signature)}`;
}

/** A note that is not exactly a checkpoint gives undefined: one form only, as the signature is over bytes. */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const cut = note.indexOf('\n\n');
  if (cut < 0 || note.length > 100_000) return undefined;
  const text = note.slice(0, cut + 1);
  const signatures = note.slice(cut + 2).split('\n');
  if (signatures.pop() !== '' || signatures.some((line) => !/^— [^ +\n]+ [A-Za-z0-9+/]+={0,2}$/.test(line)))
    return undefined;
  const [origin, size, root, ...more] = text.slice(0, -1).split('\n');
  if (!origin || more.length > 0 || !/^(0|[1-9][0-9]{0,15})$/.test(size ?? '')) return undefined;
  const hash = Buffer.from(root ?? '', 'base64');
  if (hash.length !== 32 || hash.toString('base64') !== root || !Number.isSafeInteger(Number(size))) return undefined;
  return { origin, size: Number(size), root: hash, text, signatures: signatures.map((line) => `${line}\n`) };
}

function verifyEd25519(publicKey: Uint8Array, message: string, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, Buffer.from(message), createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}

/** The bytes after the key id in the lines of this key. Lines of other keys are ignored, as the note format asks. */
function signaturesOf(lines: readonly string[], key: NamedKey, type: number): Buffer[] {
  const prefix = `— ${key.name} `;
  const id = keyId(key, type);
  return lines
    .filter((line) => line.startsWith(prefix))
    .map((line) => Buffer.from(line.slice(prefix.length).trimEnd(), 'base64'))
    .filter((bytes) => bytes.subarray(0, 4).equals(id))
    .map((bytes) => bytes.subarray(4));
}

export const isSignedBy = (checkpoint: Checkpoint, key: NamedKey): boolean =>
  signaturesOf(checkpoint.signatures, key, logType).some(
    (s) => s.length === 64 && verifyEd25519(key.publicKey, checkpoint.text, s),
  );

const cosignedText = (text: string, seconds: bigint): string => `cosignature/v1\ntime ${seconds}\n${text}`;

/** A witness's line: the statement that this is the largest consistent tree that it saw of the log, as of `at`. */
export async function cosignatureLine(signer: LogSigner, text: string, at: Temporal.Instant): Promise<string> {
  const seconds = BigInt(Math.floor(at.epochMilliseconds / 1000));
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(seconds);
  const signature = await signer.sign(Buffer.from(cosignedText(text, seconds)));
  return signatureLine(signer.name, keyId(signer, cosignatureType), time, signature);
}

/** When the witness cosigned this checkpoint, or undefined where `line` is no good cosignature of `witness` on it. */
export function cosignedAt(line: string, text: string, witness: NamedKey): Temporal.Instant | undefined {
  for (const bytes of signaturesOf([line], witness, cosignatureType)) {
    if (bytes.length !== 72) continue;
    const seconds = bytes.readBigUInt64BE(0);
    if (
      seconds < 8_640_000_000_000n &&
      verifyEd25519(witness.publicKey, cosignedText(text, seconds), bytes.subarray(8))
    ) {
      return Temporal.Instant.fromEpochMilliseconds(Number(seconds) * 1000);
    }
  }
  return undefined;
}
