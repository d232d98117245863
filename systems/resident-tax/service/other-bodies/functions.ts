import type { BodiesLine } from '@musubi/contracts/eltax/between-bodies-client.ts';
import type { Actor, Right } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { Deps } from '../../deps.ts';

/* Functions: investigation (照会), network-inquiry (住基ネット照会), outside-person (住登外課税), outgoing (他団体への送付). */
export const investigationRead: Right = ['resident-tax', 'investigation', 'read'];
export const investigationUpdate: Right = ['resident-tax', 'investigation', 'update'];
export const networkInquiry: Right = ['resident-tax', 'network-inquiry', 'update'];
export const outsidePersonUpdate: Right = ['resident-tax', 'outside-person', 'update'];
export const outgoingRead: Right = ['resident-tax', 'outgoing', 'read'];
export const outgoingUpdate: Right = ['resident-tax', 'outgoing', 'update'];
/** A second look before a letter or a package leaves; who drafted it never has it. */
export const outgoingApproval: Right = ['resident-tax', 'outgoing-approval', 'update'];

/** What the ward's own work between bodies is done by. */
export const otherBodiesWorker: Actor = { kind: 'job', name: 'resident-tax.other-bodies' };

export interface OtherBodiesDeps extends Deps {
  readonly line: BodiesLine;
  readonly peers: Pick<PeerClient, 'call'>;
  /** Instance id of the ward's server of the resident register network. */
  readonly municipalJuki: string;
  readonly commonPlatform: string;
  /** 目黒区 */
  readonly wardName: string;
}
