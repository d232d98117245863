import type { Tx } from '../db/sql.ts';

/** `organisation/system`, as the certificate names it. */
export type Peer = string;

/** Signs and encrypts what leaves, decrypts and verifies what comes (kernel/crypto, kernel/pki). */
export interface EnvelopeCodec {
  /** Signed by this instance, encrypted to `receiver`; compact text. */
  seal(bytes: Uint8Array, receiver: Peer): Promise<string>;
  /** Throws where the text is not for us, not signed by `sender`, or not canonical. */
  open(compact: string, sender: Peer): Promise<Uint8Array>;
}

/** Carries an envelope to the receiver and brings its answer; throws when there is none (time-out, cut, refused TLS). */
export interface Transport {
  send(receiver: Peer, envelope: string, signal: AbortSignal): Promise<string>;
}

/** Where payloads lie until they are sent: the sealed store. `open` is a reveal, inside an act. */
export interface PayloadStore {
  put(tx: Tx, bytes: Uint8Array): Promise<string>;
  open(tx: Tx, ref: string): Promise<Uint8Array>;
  /** Many at a time, answers in the order given; where it is missing they go one by one. */
  putMany?(tx: Tx, many: readonly Uint8Array[]): Promise<string[]>;
  openMany?(tx: Tx, refs: readonly string[]): Promise<Uint8Array[]>;
}

/** Tells people that something needs them. Codes and counts only. */
export interface Alarms {
  raise(code: string, detail: Readonly<Record<string, string | number>>): void;
}
