import { X509Certificate } from 'node:crypto';
import type { PersonRecord } from '@musubi/contracts/portal/records.ts';
import { type EventProof, eventProof, verifyEventProof } from '@musubi/kernel/audit/event-proof.ts';
import type { NamedKey } from '@musubi/kernel/audit/note.ts';
import { logOrigin } from '@musubi/kernel/audit/sequencer.ts';
import { witnessName } from '@musubi/kernel/serve/audit-loops.ts';
import type { Deps } from '../deps.ts';

export type ProofFault =
  | 'unreadable-proof'
  | 'not-a-checkpoint'
  | 'wrong-signature'
  | 'not-in-the-log'
  | 'wrong-opening'
  | 'other-record';

export type ProofVerdict =
  /** No checkpoint covers it yet. */
  | { readonly state: 'waiting' }
  /** The body's key could not be had: nothing was checked. */
  | { readonly state: 'unchecked' }
  | { readonly state: 'failed'; readonly fault: ProofFault }
  | {
      readonly state: 'proven';
      readonly proof: EventProof;
      readonly size: number;
      readonly logKey: NamedKey;
      readonly witnesses: readonly NamedKey[];
    };

/** Whether a record stands in its body's log, and is the event that the proof shows. Pure but for the keys of the PKI. */
export async function checkProof(deps: Pick<Deps, 'host' | 'bodies'>, record: PersonRecord): Promise<ProofVerdict> {
  if (record.proof === '') return { state: 'waiting' };
  const proof = readProof(record.proof);
  if (proof === undefined) return { state: 'failed', fault: 'unreadable-proof' };
  const ims = deps.bodies.get(record.toldBy)?.ims;
  const logKey = ims && (await keyOf(deps, ims, logOrigin(ims)));
  if (!ims || !logKey) return { state: 'unchecked' };
  const witnesses = await witnessKeys(deps, proof, record.toldBy);
  const verified = verifyEventProof(proof, logKey, witnesses);
  if (!verified.ok) return { state: 'failed', fault: verified.error };
  if (!speaksOf(verified.value.event, record, ims)) return { state: 'failed', fault: 'other-record' };
  const standing = witnesses.filter(({ name }) => verified.value.witnesses.includes(name));
  return { state: 'proven', proof, size: verified.value.size, logKey, witnesses: standing };
}

function readProof(text: string): EventProof | undefined {
  try {
    const read = eventProof.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

async function keyOf(deps: Pick<Deps, 'host'>, instance: string, name: string): Promise<NamedKey | undefined> {
  const [organisation = '', system = ''] = instance.split('/');
  try {
    const [leaf] = await deps.host.certificateOf({ organisation, system }, 'log');
    const { x } = new X509Certificate(leaf!).publicKey.export({ format: 'jwk' });
    return { name, publicKey: Buffer.from(x!, 'base64url') };
  } catch {
    return undefined;
  }
}

/** Keys of the witnesses that the proof names; only those of other organisations say anything. */
async function witnessKeys(deps: Pick<Deps, 'host'>, proof: EventProof, toldBy: string): Promise<NamedKey[]> {
  const prefix = witnessName('');
  const named = proof.cosignatures
    .map((line) => /^— ([^ +\n]+) /.exec(line)?.[1] ?? '')
    .filter((name) => name.startsWith(prefix) && /^[a-z0-9-]+\/[a-z0-9-]+$/.test(name.slice(prefix.length)))
    .filter((name) => !name.startsWith(`${prefix}${toldBy}/`));
  const keys = await Promise.all([...new Set(named)].map((name) => keyOf(deps, name.slice(prefix.length), name)));
  return keys.filter((key) => key !== undefined);
}

/** A true proof of another event proves nothing here: the event must say what the record says. */
function speaksOf(event: Readonly<Record<string, unknown>>, record: PersonRecord, ims: string): boolean {
  const detail = (event.detail ?? {}) as Readonly<Record<string, unknown>>;
  const items = Array.isArray(event.items) ? event.items.toSorted().join('\n') : undefined;
  const other = record.role === 'asker' ? record.provider : record.asker;
  return (
    event.instance === ims &&
    detail.inquiryNumber === record.inquiryNumber &&
    detail.procedure === record.procedure &&
    detail.informationCode === record.informationCode &&
    (detail.result ?? detail.refusal) === record.result &&
    items === record.items.toSorted().join('\n') &&
    (event.ground === undefined || event.ground === record.ground) &&
    event.recipient === other
  );
}
