import { type ActDeps, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import { deceasedAmong, type HeirRepresentative, insertRepresentative } from '../../store/heirs.ts';
import { nameOf, noticeUpdate } from '../assessment/functions.ts';

export type { Deceased } from '../../store/heirs.ts';

export const representativeBases = { 'told-by-heirs': '相続人からの届出', designated: '区による指定' } as const;

export interface NoteRepresentative extends HeirRepresentative {
  readonly personId: string;
  /** What the clerk saw: 0 where there was nobody yet. */
  readonly seenVersion: number;
}

/**
 * 相続人代表者: from now on every paper of the dead person's tax goes to the one whom the heirs told of, or whom the ward designated. Without
 * one no notice is made: one in the name of somebody who died says nothing to anybody.
 *
 * @law 地方税法 第9条の2第1項・第2項
 */
export const noteRepresentative = act('resident-tax.note-heir-representative', {
  right: noticeUpdate,
  async run(
    tx,
    deps: ActDeps,
    command: NoteRepresentative,
    actor,
  ): Promise<
    Result<null, 'person-is-alive' | 'representative-incomplete' | 'evidence-missing' | 'representative-changed'>
  > {
    const [name, address, evidence] = [command.name.trim(), command.address.trim(), command.evidence.trim()];
    if (name === '' || address === '' || !/^[0-9]{7}$/.test(command.postalCode))
      return err('representative-incomplete');
    if (evidence === '') return err('evidence-missing');
    const dead = (await deceasedAmong(tx, [command.personId])).get(command.personId);
    if (dead === undefined) return err('person-is-alive');
    if ((dead.representative?.version ?? 0) !== command.seenVersion) return err('representative-changed');
    const row = { ...command, name, address, evidence, version: command.seenVersion + 1 };
    if (!(await insertRepresentative(tx, { ...row, by: nameOf(actor), on: deps.civilClock.today() })))
      return err('representative-changed');
    tx.record({
      event: 'heir-representative.noted',
      subject: command.personId,
      ground: '地方税法 第9条の2',
      facts: ['resident_tax.heir_representative'],
      detail: { basis: command.basis, version: row.version },
    });
    return ok(null);
  },
});

/** 死亡 and 相続人代表者 of one person, for its page; undefined while the person lives. */
export const readDeceased = act('resident-tax.read-heir-representative', {
  right: ['resident-tax', 'person', 'read'],
  async run(tx, _deps: ActDeps, { personId }: { readonly personId: string }) {
    const dead = (await deceasedAmong(tx, [personId])).get(personId);
    tx.record({ event: 'heir-representative.read', subject: personId });
    return ok(dead);
  },
});
