import { addressKey } from '@musubi/kernel/text/address-key.ts';
import { kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';

export interface Stated {
  readonly name?: string | undefined;
  readonly nameKana?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly sex?: string | undefined;
  readonly address?: string | undefined;
}

export interface Candidate {
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly address: string;
  readonly formerAddresses: readonly string[];
  readonly status: string;
}

/**
 * The one present person with whom all that was stated agrees, or nobody. Kana is no item of the national file: what is
 * known of a person by kana alone identifies nobody here. A removed namesake still is a namesake.
 */
export function identify<C extends Candidate>(candidates: readonly C[], stated: Stated): C | undefined {
  const agreeing = candidates.filter(
    (c) =>
      (stated.name === undefined
        ? stated.nameKana === undefined
        : kanjiSearchKey(stated.name) === kanjiSearchKey(c.name)) &&
      (stated.birthDate === undefined || stated.birthDate === c.birthDate) &&
      (stated.sex === undefined || stated.sex === c.sex) &&
      (stated.address === undefined ||
        [c.address, ...c.formerAddresses].some((address) => addressKey(address) === addressKey(stated.address!))),
  );
  const [only, ...others] = agreeing;
  return only !== undefined && others.length === 0 && only.status !== 'removed' ? only : undefined;
}
