import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { differences, type ParticularName, type Particulars } from './particulars.ts';

/** A person as the platform knows them now. */
export interface Candidate {
  readonly personId: string;
  readonly particulars: Particulars;
}

export interface Question {
  readonly incoming: Particulars;
  /** `register`: the municipality's register says so of its own person. `business`: a clerk typed it from papers. */
  readonly source: 'register' | 'business';
  /** Who has the sender's own 宛名番号 already. */
  readonly byAddressee: Candidate | undefined;
  /** Who holds the Individual Number now. */
  readonly byNumber: readonly Candidate[];
  /** Who held it before theirs was changed. */
  readonly formerHolders: readonly Candidate[];
  /** Who has all the same particulars. */
  readonly byParticulars: readonly Candidate[];
}

/** Why a clerk must look. */
export const heldReasons = {
  'particulars-differ': '同じ個人番号の方と4情報が一致しません',
  'too-much-changed': '氏名・生年月日・性別のうち二つ以上が一度に変わっています',
  'number-of-another': '個人番号が、別の宛名の方のものとして登録されています',
  'number-held-twice': '同じ個人番号が複数の方に登録されています',
  'former-number': '別の方が以前使っていた個人番号です',
  'same-particulars-other-number': '4情報がすべて同じ方が、別の個人番号で登録されています',
} as const;
export type HeldReason = keyof typeof heldReasons;

export type Identification =
  | { readonly kind: 'new' }
  /** Known under this number, all particulars agree. */
  | { readonly kind: 'same'; readonly personId: string }
  /** The register's own person, in a new state. */
  | { readonly kind: 'changed'; readonly personId: string }
  | { readonly kind: 'number-changed'; readonly personId: string }
  | {
      readonly kind: 'held';
      readonly why: HeldReason;
      readonly candidateId: string;
      readonly differing: readonly ParticularName[];
    };

/**
 * Whose record this is. The number and all particulars together make a person; a number alone, or particulars alone,
 * never do. Persons with the same name and birthday and different numbers stay two persons.
 *
 * @law 番号利用法 第16条 (本人確認の措置); @source incidents INC-50, INC-53, INC-54
 */
export function identify(q: Question): Identification {
  const held = (why: HeldReason, candidate: Candidate): Identification => ({
    kind: 'held',
    why,
    candidateId: candidate.personId,
    differing: differences(candidate.particulars, q.incoming),
  });
  const [holder, second] = q.byNumber;
  if (holder && second) return held('number-held-twice', holder);
  if (q.byAddressee) return identifyOwn(q, q.byAddressee, holder, held);
  if (holder) {
    const differing = differences(holder.particulars, q.incoming);
    if (enforced('matching.no-partial-link') && differing.length > 0) return held('particulars-differ', holder);
    return { kind: 'same', personId: holder.personId };
  }
  const [former] = q.formerHolders;
  if (former) return held('former-number', former);
  // The register vouches for two records with one set of particulars; a typed number may simply be wrong.
  const [twin] = q.source === 'business' ? q.byParticulars : [];
  return twin ? held('same-particulars-other-number', twin) : { kind: 'new' };
}

/** The sender has spoken of this person before. Addresses and readings change daily; who someone is does not. */
function identifyOwn(
  q: Question,
  own: Candidate,
  holder: Candidate | undefined,
  held: (why: HeldReason, candidate: Candidate) => Identification,
): Identification {
  if (holder && holder.personId !== own.personId) return held('number-of-another', holder);
  const former = q.formerHolders.find((f) => f.personId !== own.personId);
  if (former) return held('former-number', former);
  const changed = differences(own.particulars, q.incoming).filter((d) => d !== 'address' && d !== 'name-kana');
  if (changed.length > 1) return held('too-much-changed', own);
  if (holder) return { kind: 'changed', personId: own.personId };
  return changed.length > 0 ? held('particulars-differ', own) : { kind: 'number-changed', personId: own.personId };
}

/** What a clerk may decide about a held record. Two persons are never merged here. */
export const decisions = {
  'same-person': '同じ方と確認した（届いた内容で更新する）',
  'separate-person': '別の方と確認した（新しい宛名番号を付ける）',
  'return-to-source': '採用しない（送付元で訂正する）',
} as const;
export type HeldDecision = keyof typeof decisions;

/**
 * @param overridesRegister the held record came from papers, and the person is the register's: the register is right until
 *   it says otherwise
 */
export function possibleDecisions(why: HeldReason, overridesRegister: boolean): readonly HeldDecision[] {
  switch (why) {
    case 'particulars-differ':
    case 'too-much-changed':
      return overridesRegister ? ['return-to-source'] : ['same-person', 'return-to-source'];
    case 'same-particulars-other-number':
      return ['separate-person', 'return-to-source'];
    default:
      return ['return-to-source'];
  }
}
