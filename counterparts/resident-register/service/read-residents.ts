import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { kanaSearchKey, kanjiSearchKey } from '@musubi/kernel/text/search-keys.ts';
import type { Deps } from '../deps.ts';
import { type Hit, type Member, membersOf, searchResidents, type Version, versionsOf } from '../store/residents.ts';

const hitLimit = 50;

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
    const hits = tooMany ? [] : found;
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
}

/** A person's record with every version, and who lives in the household. */
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
    const household = await membersOf(tx, now.row.household_number);
    tx.record({
      event: 'resident.read',
      subject: personId,
      ground: '住民基本台帳法第1条（住民異動届の受付）',
      items: ['residentRecord', 'history', 'household'],
      detail: { versions: versions.length },
    });
    return ok({ versions, household });
  },
});
