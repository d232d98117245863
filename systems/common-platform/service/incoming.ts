import type { PlatformResidentChange } from '@musubi/contracts/platform/persons.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { IndividualNumber } from '@musubi/kernel/identifiers/individual-number.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { SealedId } from '@musubi/kernel/vault/sealed/sealed-store.ts';
import type { Holder } from '@musubi/kernel/vault/vault.ts';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type Candidate, type Identification, identify } from '../domain/identify.ts';
import { differences } from '../domain/particulars.ts';
import { correctionsOf } from '../store/corrections.ts';
import { candidates, candidatesByName, findByAddressees, type PersonState } from '../store/persons.ts';

/** One record that says who somebody is: from the register's stream, or from a business system that registers a person. */
export interface Incoming {
  readonly changeId: string;
  /** The sending system: `resident-register`, `child-chronic`. */
  readonly source: string;
  readonly sourceKind: 'register' | 'business';
  readonly bulk: boolean;
  readonly reason: string;
  readonly changedOn: string;
  /** The sender's own 宛名番号, where it told one. */
  readonly addresseeNumber: string | null;
  readonly number: IndividualNumber;
  readonly state: PersonState;
}

/** Undefined where the number fails its check digit. */
export function fromRegister(change: PlatformResidentChange, source: string, bulk: boolean): Incoming | undefined {
  const number = IndividualNumber.parse(change.individualNumber);
  if (!number.ok) return undefined;
  const { birthDate, ...state } = change.state;
  return {
    changeId: change.changeId,
    source,
    sourceKind: 'register',
    bulk,
    reason: change.reason,
    changedOn: change.changedOn,
    addresseeNumber: change.addresseeNumber,
    number: number.value,
    state: { ...state, birthOn: birthDate },
  };
}

/** A person whom a business knows from papers: no resident, and no number of the business's own yet. */
export function fromBusiness(
  told: {
    readonly requestId: string;
    readonly system: string;
    readonly name: string;
    readonly nameKana: string;
    readonly birthDate: string;
    readonly sex: PersonState['sex'];
    readonly address: string;
    readonly municipalityCode?: string | null;
  },
  number: IndividualNumber,
  { reason, today }: { readonly reason: string; readonly today: Temporal.PlainDate },
): Incoming {
  const { requestId, system, name, nameKana, birthDate, sex, address, municipalityCode = null } = told;
  return {
    changeId: requestId,
    source: system,
    sourceKind: 'business',
    bulk: false,
    reason,
    changedOn: today.toString(),
    addresseeNumber: null,
    number,
    state: {
      status: 'unregistered',
      name,
      nameKana,
      birthOn: birthDate,
      sex,
      address,
      postalCode: null,
      municipalityCode,
      householdNumber: null,
      relationship: null,
      becameResidentOn: null,
      removedOn: null,
      addressProtected: false,
    },
  };
}

/** Asks vault and tables who this could be, and decides. Call after `lockIdentification`. */
export async function whoIs(tx: Tx, deps: Deps, incoming: Incoming): Promise<Identification> {
  return (await whoAre(tx, deps, [incoming]))[0]!;
}

/**
 * The same for many, in few round trips: each is decided alone, against what was known before all of them, and the answers
 * stand in the order asked.
 */
export async function whoAre(tx: Tx, { vault }: Deps, incoming: readonly Incoming[]): Promise<Identification[]> {
  const numbers = incoming.map((i) => i.number);
  const held = await holdersThatCount(tx, await vault.holdersOfMany(tx, numbers, 'identify-person'));
  const own = await findByAddressees(tx, incoming);
  const asked = incoming.map((one, i) => {
    const idsOf = (holds: boolean): string[] => held[i]!.filter((h) => h.holds === holds).map((h) => h.personId);
    const now = [...new Set(idsOf(true))];
    const former = [...new Set(idsOf(false))].filter((id) => !now.includes(id));
    return { one, now, former, own: own[i] };
  });
  const known = await candidates(tx, [
    ...new Set(asked.flatMap((a) => [...a.now, ...a.former, ...(a.own === undefined ? [] : [a.own])])),
  ]);
  const decided: Identification[] = [];
  for (const { one, now, former, own: addressee } of asked) {
    decided.push(
      identify({
        incoming: one.state,
        source: one.sourceKind,
        byAddressee: known.find((c) => c.personId === addressee),
        byNumber: known.filter((c) => now.includes(c.personId)),
        formerHolders: known.filter((c) => former.includes(c.personId)),
        byParticulars: one.sourceKind === 'business' ? await alike(tx, one) : [],
      }),
    );
  }
  return decided;
}

/** Only a typed number is doubted because of particulars; the register vouches for two records with the same ones. */
async function alike(tx: Tx, { state }: Incoming): Promise<Candidate[]> {
  const found = await candidatesByName(tx, kanjiSearchKey(state.name), state.birthOn);
  return found.filter((c) => differences(c.particulars, state).length === 0);
}

/**
 * Holders after corrections: who never was the number's holder (a wrong number, disclaimed) is left out, and a person who
 * ended in another counts as that one's former holder.
 */
export async function holdersThatCount(
  tx: Tx,
  held: readonly (readonly Holder[])[],
): Promise<{ readonly personId: string; readonly holds: boolean }[][]> {
  const all = held.flat();
  if (all.length === 0) return held.map(() => []);
  const { disclaimed, survivors } = await correctionsOf(
    tx,
    all.map((h) => personOf(h.owner)),
  );
  return held.map((holders) =>
    holders
      .filter((h) => !disclaimed.has(`${personOf(h.owner)} ${h.ref}`))
      .map((h) => {
        const personId = personOf(h.owner);
        const survivor = survivors.get(personId);
        return survivor === undefined ? { personId, holds: h.holds } : { personId: survivor, holds: false };
      }),
  );
}

/** Owner in the vault ↔ person. */
export const ownerOf = (personId: string): string => `person:${personId}`;
const personOf = (owner: string): string => owner.slice('person:'.length);

export const searchKeys = (state: Pick<PersonState, 'name' | 'nameKana'>) => ({
  nameKey: kanjiSearchKey(state.name),
  kanaKey: kanaSearchKey(state.nameKana),
});

/* ---- held records lie in the sealed store, because they hold a number ---- */

const sealedIncoming = z.strictObject({
  changeId: z.string(),
  source: z.string(),
  sourceKind: z.enum(['register', 'business']),
  bulk: z.boolean(),
  reason: z.string(),
  changedOn: z.string(),
  addresseeNumber: z.string().nullable(),
  number: z.string(),
  state: z.strictObject({
    status: z.enum(['resident', 'moving-out', 'removed', 'unregistered']),
    name: z.string(),
    nameKana: z.string(),
    birthOn: z.string(),
    sex: z.enum(['male', 'female', 'other']),
    address: z.string(),
    postalCode: z.string().nullable(),
    municipalityCode: z.string().nullable(),
    householdNumber: z.string().nullable(),
    relationship: z.string().nullable(),
    becameResidentOn: z.string().nullable(),
    removedOn: z.string().nullable(),
    addressProtected: z.boolean(),
  }),
});

export async function sealIncoming(tx: Tx, { sealed }: Deps, incoming: Incoming): Promise<string> {
  const text = JSON.stringify({ ...incoming, number: incoming.number.digits() });
  const { ref } = await sealed.seal(tx, Buffer.from(text), { kind: 'held-record', retentionClass: 'held-records-7y' });
  return ref;
}

export async function openIncoming(tx: Tx, { sealed }: Deps, ref: string, purpose: string): Promise<Incoming> {
  const opened = await sealed.open(tx, ref as SealedId, purpose);
  if (!opened.ok) throw new Error(`the held record ${ref} was erased while its case was open`);
  const { number: digits, ...rest } = sealedIncoming.parse(JSON.parse(opened.value.toString('utf8')));
  const number = IndividualNumber.parse(digits);
  if (!number.ok) throw new Error(`the held record ${ref} holds no number`);
  return { ...rest, number: number.value };
}
