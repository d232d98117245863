import { hashPassword } from '@musubi/kernel/access/password.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { findAccount, insertPassword } from '../store/accounts.ts';
import { townActor } from './actors.ts';
import { grant } from './grant.ts';
import { openAccount } from './open-account.ts';

export interface TownPerson {
  readonly staffId: string;
  readonly displayName: string;
  readonly position: string;
  readonly kind: 'employee' | 'contractor';
  readonly grants: readonly { readonly system: string; readonly role: string }[];
  readonly password: string;
}

export interface TownImport {
  readonly person: TownPerson;
  /** Last day of account and grants: the end of the fiscal year in which the town starts. */
  readonly validUntil: string;
}

/** One invented person of a town's list, with the password of the town's file. Known ones are left as they are. */
export const importTownPerson = act('staff-directory.import-town-person', {
  right: ['staff-directory', 'town', 'update'],
  async run(tx, deps: Deps, { person, validUntil }: TownImport): Promise<Result<'imported' | 'known', 'not-a-town'>> {
    if (!deps.town) return err('not-a-town');
    const { staffId } = person;
    if (await findAccount(tx, staffId)) {
      tx.record({ event: 'town.person-known', detail: { staffId } });
      return ok('known');
    }
    const by = townActor.kind === 'job' ? townActor.name : '';
    const payload = {
      staffId,
      staffNumber: staffId.toUpperCase(),
      kind: person.kind,
      ...(person.kind === 'contractor'
        ? { oath: { on: deps.civilClock.today().toString(), document: 'town-list' } }
        : {}),
      displayName: person.displayName,
      position: person.position,
      validUntil,
    } as const;
    const opened = await openAccount(tx, deps, { payload, by, approvalId: null, because: 'town-list' });
    if (!opened.ok) throw new Error(`the town's list: ${staffId}: ${opened.error}`);
    const today = deps.civilClock.today();
    await insertPassword(tx, {
      staffId,
      hash: await hashPassword(person.password, deps.random),
      setOn: today,
      issued: false,
      enrolUntil: null,
      at: deps.machineClock.now(),
    });
    const facts = new Set(['staff_directory.password', ...(opened.value.facts ?? [])]);
    for (const { system, role } of person.grants) {
      const given = await grant(tx, deps, {
        payload: { staffId, system, role, validFrom: today.toString(), validUntil },
        by,
        approvalId: null,
      });
      if (!given.ok) throw new Error(`the town's list: ${staffId} at ${system}: ${given.error}`);
      for (const fact of given.value.facts ?? []) facts.add(fact);
    }
    tx.record({ event: 'town.person-imported', facts: [...facts], detail: { staffId, grants: person.grants.length } });
    return ok('imported');
  },
});
