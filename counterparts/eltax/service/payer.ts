import { payerNumberOf } from '@musubi/contracts/eltax/submission.ts';
import type { Actor } from '@musubi/kernel/db/act.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { parseCorporateNumber } from '@musubi/kernel/identifiers/corporate-number.ts';
import type { LocalGovernmentCode } from '@musubi/kernel/identifiers/local-government-code.ts';
import { partyId } from '@musubi/kernel/pki/party.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/** The Corporate Number that the caller's certificate names: whoever files is who the certificate says, nobody else. */
export function payerOf(actor: Actor): Result<string, 'not-a-payer'> {
  const number = actor.kind === 'system' && actor.system === 'payer' ? payerNumberOf(actor.organisation) : undefined;
  return number !== undefined && parseCorporateNumber(number).ok ? ok(number) : err('not-a-payer');
}

/** The municipality for which the caller receives. */
export function destinationOf(actor: Actor, deps: Deps): Result<LocalGovernmentCode, 'not-a-destination'> {
  const code = actor.kind === 'system' ? deps.destinations.get(partyId(actor)) : undefined;
  return code === undefined ? err('not-a-destination') : ok(code);
}

/** The manifest's signer, the connection's certificate and the payer named in it are one. */
export function sameFiler(named: string, signedBy: string, sentBy: string): boolean {
  return !enforced('auth.filer-identity') || (named === signedBy && signedBy === sentBy);
}

export const idOf = (actor: Actor): string => (actor.kind === 'system' ? partyId(actor) : actor.kind);

/** Now, as the database keeps it: what is answered first and what is answered to a repeat must be the same text. */
export const storedNow = ({ machineClock }: Deps): Temporal.Instant =>
  machineClock.now().round({ smallestUnit: 'microsecond', roundingMode: 'trunc' });
