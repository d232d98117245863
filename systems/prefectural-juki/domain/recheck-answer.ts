import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { addressKey } from '@musubi/kernel/text/address-key.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

/** What the asker holds about the person. */
export interface Stated {
  readonly name?: string | undefined;
  readonly nameKana?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly sex?: string | undefined;
  readonly address?: string | undefined;
}

/** Somebody of the file whom the key led to. */
export interface Candidate {
  readonly personId: string;
  readonly name: string;
  readonly nameKana: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  /** Addresses of earlier versions of this person's record. */
  readonly formerAddresses: readonly string[];
  readonly isRemoved: boolean;
}

/** For the record of provision and for those who review it; the asker learns `not-identified` alone. */
export type NotIdentified = 'nobody' | 'several' | 'disagrees' | 'removed';

/**
 * The four items of an inquiry must tell one person from another of the same name and birthday: name, birth date and
 * address (requirement 003 A14 asks for less of a search, which shows candidates and gives nothing away).
 *
 * @source incidents: persons of one name and one birthday taken for each other (京都市 2025, 那須町 2021)
 */
export const hasFourItems = (stated: Stated): boolean =>
  (stated.name !== undefined || stated.nameKana !== undefined) &&
  stated.birthDate !== undefined &&
  stated.address !== undefined;

/**
 * Whom an answer may be about: everything that was stated is held against the record again, whatever found it. An address
 * may also be one where the person lived before. Nobody, several, or somebody else is a status, never a guess.
 */
export function recheckAnswer<C extends Candidate>(
  candidates: readonly C[],
  stated: Stated,
  { includesRemoved }: { readonly includesRemoved: boolean },
): Result<C, NotIdentified> {
  const agreeing = enforced('juki.answer-rechecked') ? candidates.filter((c) => agrees(c, stated)) : candidates;
  const [only, ...others] = agreeing;
  if (only === undefined) return err(candidates.length === 0 ? 'nobody' : 'disagrees');
  if (enforced('juki.answer-rechecked') && others.length > 0) return err('several');
  return only.isRemoved && !includesRemoved ? err('removed') : ok(only);
}

function agrees(candidate: Candidate, stated: Stated): boolean {
  const same = (given: string | undefined, of: string, key: (text: string) => string): boolean =>
    given === undefined || key(given) === key(of);
  const addresses = [candidate.address, ...candidate.formerAddresses];
  return (
    same(stated.name, candidate.name, kanjiSearchKey) &&
    same(stated.nameKana, candidate.nameKana, kanaSearchKey) &&
    (stated.birthDate === undefined || stated.birthDate === candidate.birthDate) &&
    (stated.sex === undefined || stated.sex === candidate.sex) &&
    (stated.address === undefined || addresses.some((address) => same(stated.address, address, addressKey)))
  );
}
