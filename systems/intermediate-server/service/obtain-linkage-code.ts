import { processingNumber } from '@musubi/contracts/exchange/endpoints.ts';
import { messageTypes, readSigned } from '@musubi/contracts/exchange/signed.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { networkPeer } from '../clients/network.ts';
import type { Deps } from '../deps.ts';
import {
  heldRequest,
  insertConflict,
  insertLinkage,
  insertRequest,
  type LinkageState,
  personOfRequest,
  statesOf,
} from '../store/linkages.ts';

interface Begin {
  readonly requestId: string;
  readonly orgPersonNumber: string;
}

const findHeld = act('linkage.find-held', {
  right: ['intermediate-server', 'linkage', 'update'],
  async run(tx, _deps: Deps, { orgPersonNumber }: Begin): Promise<Result<string | undefined, never>> {
    const signed = await heldRequest(tx, orgPersonNumber);
    tx.record({ event: 'linkage.looked-up', subject: orgPersonNumber, detail: { held: signed !== undefined } });
    return ok(signed);
  },
});

const noteRequest = act('linkage.begin', {
  right: ['intermediate-server', 'linkage', 'update'],
  async run(tx, deps: Deps, command: Begin & { readonly signedNumber: string }): Promise<Result<null, 'unavailable'>> {
    const at = deps.machineClock.now();
    const signed = readSigned(command.signedNumber, messageTypes.processingNumber, processingNumber, deps.trust, at);
    if (!signed.ok || partyId(signed.value.signer) !== deps.network) return err('unavailable');
    const { number, organisation, system } = signed.value.payload;
    if (organisation !== deps.self || system !== deps.identity.system) return err('unavailable');
    await insertRequest(tx, { ...command, processingNumber: number, at });
    tx.record({
      event: 'linkage.requested',
      subject: command.orgPersonNumber,
      facts: ['intermediate_server.linkage_request'],
      detail: { processingNumber: number },
    });
    return ok(null);
  },
});

/** 符号取得の開始: a processing number of the network, kept with the person number; what it is about is known here alone. */
export async function beginLinkage(
  deps: Deps,
  actor: Actor,
  command: Begin,
): Promise<Result<{ processingNumber: string; state: 'requested' | 'held' }, 'unavailable' | 'not-authorised'>> {
  const held = await findHeld(deps, actor, command);
  if (!held.ok) return held;
  if (held.value !== undefined) return ok({ processingNumber: held.value, state: 'held' });
  const obtained = await networkPeer(deps.peers, deps.network).obtainProcessingNumber(command.requestId);
  if (!obtained.ok) return err('unavailable');
  const signedNumber = obtained.value.processingNumber;
  const noted = await noteRequest(deps, actor, { ...command, signedNumber });
  return noted.ok ? ok({ processingNumber: signedNumber, state: 'requested' }) : noted;
}

/** 符号の受領 from the root process. The code stays in this database; nobody is told more than state and day. */
export const obtainLinkageCode = act('linkage.obtain', {
  right: ['intermediate-server', 'linkage-delivery', 'update'],
  async run(
    tx,
    deps: Deps,
    { processingNumber: number, linkageCode }: { processingNumber: string; linkageCode: string },
  ): Promise<Result<{ stored: true }, 'unknown-processing-number'>> {
    const person = await personOfRequest(tx, number);
    if (enforced('exchange.linkage-code-only') && person === undefined) return err('unknown-processing-number');
    if (person === undefined) throw new Error('a code for nobody');
    const on = deps.civilClock.today();
    const stored = await insertLinkage(tx, { person, code: linkageCode, processingNumber: number, on });
    if (typeof stored === 'object') {
      await insertConflict(tx, {
        processingNumber: number,
        person,
        heldBy: stored.conflict,
        at: deps.machineClock.now(),
      });
      tx.record({
        event: 'linkage.conflict',
        subject: person,
        facts: ['intermediate_server.linkage_conflict'],
        detail: { processingNumber: number },
      });
      return ok({ stored: true });
    }
    tx.record({
      event: stored === 'stored' ? 'linkage.obtained' : 'linkage.obtained-again',
      subject: person,
      facts: stored === 'stored' ? ['intermediate_server.linkage'] : [],
      detail: { processingNumber: number },
    });
    return ok({ stored: true });
  },
});

/** Which person numbers have a code: state and day. */
export const linkageStates = act('linkage.states', {
  right: ['intermediate-server', 'linkage', 'read'],
  async run(
    tx,
    _deps: Deps,
    { orgPersonNumbers }: { orgPersonNumbers: readonly string[] },
  ): Promise<Result<{ states: LinkageState[] }, never>> {
    const states = await statesOf(tx, orgPersonNumbers);
    tx.record({ event: 'linkage.states-told', subjects: orgPersonNumbers, detail: { count: states.length } });
    return ok({ states });
  },
});
