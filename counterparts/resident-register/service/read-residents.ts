import { act } from '@musubi/kernel/db/act.ts';
import type { Tx } from '@musubi/kernel/db/sql.ts';
import { enforced } from '@musubi/kernel/enforcement/enforcement.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { openOf } from '../store/pending.ts';
import { type Hit, type Member, membersOf, searchResidents, type Version, versionsOf } from '../store/residents.ts';

const hitLimit = 50;

/** What stands in the place of an address under 支援措置. */
export const withheldAddress = '（支援措置：住所は表示しません）';

/** Lists never show a protected address: whoever has to see it opens the record of the person under the right for it. */
export const withoutProtectedAddress = <T extends { readonly address: string; readonly addressProtected: boolean }>(
  m: T,
): T => (m.addressProtected && enforced('access.support-measure-block') ? { ...m, address: withheldAddress } : m);

export interface ResidentSearch {
  readonly name?: string;
  readonly nameKana?: string;
  readonly birthDate?: string;
  readonly addresseeNumber?: string;
}

/** At the counter: by name, kana, birth date or 宛名番号. Nothing given finds nothing. */
export const searchRegister = act('resident-register.search', {
  right: ['resident-register', 'resident', 'read'],
  async run(
    tx,
    _deps: Deps,
    typed: ResidentSearch,
  ): Promise<Result<{ hits: Hit[]; tooMany: boolean }, 'nothing-given'>> {
    const keys = {
      nameKey: (typed.name && kanjiSearchKey(typed.name)) || null,
      kanaKey: (typed.nameKana && kanaSearchKey(typed.nameKana)) || null,
      birthDate: typed.birthDate ?? null,
      addresseeNumber: typed.addresseeNumber ?? null,
    };
    const items = Object.entries(keys).flatMap(([key, value]) => (value === null ? [] : [key]));
    if (items.length === 0) return err('nothing-given');
    const found = await searchResidents(tx, keys, hitLimit);
    const tooMany = found.length > hitLimit;
    const hits = tooMany ? [] : found.map(withoutProtectedAddress);
    tx.record({
      event: 'resident.searched',
      subjects: hits.map((h) => h.personId),
      ground: '住民基本台帳法第1条（住民異動届の受付）',
      items,
      detail: { hits: found.length, tooMany },
    });
    return ok({ hits, tooMany });
  },
});

export interface ResidentRecord {
  readonly versions: readonly Version[];
  readonly household: readonly Member[];
  /** 支援措置 stands, and this answer holds no address. */
  readonly withheld: boolean;
  /** Changes of this person that wait for a second person or for codes. */
  readonly waiting: readonly { readonly pendingId: string; readonly summary: string }[];
}

/** A person's record with every version, and who lives in the household; without any address of a protected person. */
export const readResident = act('resident-register.read-resident', {
  right: ['resident-register', 'resident', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  async run(
    tx,
    _deps: Deps,
    { personId }: { readonly personId: string },
  ): Promise<Result<ResidentRecord, 'no-such-person'>> {
    const versions = await versionsOf(tx, personId);
    const [now] = versions;
    if (!now) return err('no-such-person');
    return ok(await recordOf(tx, personId, versions, 'withhold'));
  },
});

/** 支援措置担当 alone: the record with the address of a protected person. */
export const readProtectedResident = act('resident-register.read-protected-resident', {
  right: ['resident-register', 'protection', 'read'],
  subjectOf: (command: { readonly personId: string }) => command.personId,
  async run(
    tx,
    _deps: Deps,
    { personId }: { readonly personId: string },
  ): Promise<Result<ResidentRecord, 'no-such-person'>> {
    const versions = await versionsOf(tx, personId);
    if (versions.length === 0) return err('no-such-person');
    return ok(await recordOf(tx, personId, versions, 'show'));
  },
});

async function recordOf(
  tx: Tx,
  personId: string,
  versions: readonly Version[],
  protectedAddress: 'show' | 'withhold',
): Promise<ResidentRecord> {
  const [now] = versions;
  const members = await membersOf(tx, now!.row.household_number);
  const withheld =
    now!.row.address_protected && protectedAddress === 'withhold' && enforced('access.support-measure-block');
  tx.record({
    event: withheld ? 'resident.read-without-address' : 'resident.read',
    subject: personId,
    ground: '住民基本台帳法第1条（住民異動届の受付）',
    items: ['residentRecord', 'history', 'household'],
    detail: { versions: versions.length },
  });
  return {
    versions: withheld ? versions.map(hidden) : versions,
    household: protectedAddress === 'show' ? members : members.map(withoutProtectedAddress),
    withheld,
    waiting: (await openOf(tx, personId)).map(({ pendingId, summary }) => ({ pendingId, summary })),
  };
}

const hidden = (v: Version): Version => ({
  ...v,
  row: { ...v.row, address: withheldAddress, postal_code: null, moved_to: null, moved_from: null },
});

export type { ResidentRow } from '../store/residents.ts';
