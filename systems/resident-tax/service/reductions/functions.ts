import type { Right } from '@musubi/kernel/db/act.ts';
import type { PeerClient } from '@musubi/kernel/http/client.ts';
import type { PartyId } from '@musubi/kernel/pki/party.ts';
import type { Trust } from '@musubi/kernel/pki/trust.ts';
import type { ChargeDeps } from '../charges/charge-decided.ts';

/** 減免 and 審査請求. */
export const reductionRead: Right = ['resident-tax', 'reduction', 'read'];
export const reductionUpdate: Right = ['resident-tax', 'reduction', 'update'];
export const reductionApproval: Right = ['resident-tax', 'reduction-approval', 'update'];
export const objectionRead: Right = ['resident-tax', 'objection', 'read'];
export const objectionUpdate: Right = ['resident-tax', 'objection', 'update'];
export const objectionRuling: Right = ['resident-tax', 'objection-ruling', 'update'];

/** A body that can be asked whether it gives a person public assistance. */
export interface InquiryBody {
  readonly organisation: string;
  readonly name: string;
  /** Instance that signs its answers. */
  readonly signer: string;
}

export interface ReductionDeps extends ChargeDeps {
  readonly peers: Pick<PeerClient, 'call'>;
  readonly trust: Trust;
  readonly commonPlatform: PartyId;
  /** Instance that signs permits. */
  readonly network: string;
  readonly inquiryBodies: readonly InquiryBody[];
}
