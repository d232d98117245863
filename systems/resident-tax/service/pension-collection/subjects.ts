import { type PensionSubject, readPensionFile } from '@musubi/contracts/pension-collection/files.ts';
import { act } from '@musubi/kernel/db/act.ts';
import { err, ok } from '@musubi/kernel/result/result.ts';
import { addressKeyOf, nameKeyOf } from '../../domain/identity-keys.ts';
import * as store from '../../store/pension-collection.ts';
import { nameOf } from '../assessment/functions.ts';
import { type PensionDeps, pensionRead, pensionUpdate } from './functions.ts';

/**
 * 対象者情報の受入: whole or not at all, each subject once. Linked is who agrees in name, birth date and address with exactly one person;
 * the others are a clerk's, as the insurer's file names nobody by number.
 *
 * @law 地方税法 第321条の7の3
 */
export const receiveSubjects = act('resident-tax.receive-pension-subjects', {
  right: pensionUpdate,
  async run(
    tx,
    deps: PensionDeps,
    { fileName, content }: { readonly fileName: string; readonly content: Uint8Array },
    actor,
  ) {
    const read = readPensionFile(content, 'subjects');
    if (!read.ok || read.value.municipality !== deps.municipality) return err('file-unreadable');
    const { fiscalYear, rows } = read.value;
    await store.lockPensionFiles(tx);
    const at = deps.machineClock.now();
    const fresh = await store.insertSubjects(tx, fiscalYear, fileName, rows, at);
    const links = await certainLinks(tx, fresh);
    const linked = await store.insertSubjectLinks(tx, fiscalYear, links, nameOf(actor), at);
    tx.record({
      event: 'pension-subjects.received',
      ground: '地方税法 第321条の7の3',
      subjects: links.map((link) => link.personId),
      items: ['年金特別徴収対象者情報'],
      ...(fresh.length > 0
        ? {
            facts: ['resident_tax.pension_subject', ...(linked > 0 ? ['resident_tax.pension_subject_link'] : [])],
          }
        : {}),
      detail: { file: fileName, records: rows.length, new: fresh.length, linked },
    });
    return ok({ received: fresh.length, linked });
  },
});

async function certainLinks(
  tx: Parameters<typeof store.personsNamed>[0],
  subjects: readonly Pick<PensionSubject, 'pensionNumber' | 'pensionCode' | 'name' | 'bornOn' | 'address'>[],
) {
  const keyed = subjects.map((subject) => ({
    ...subject,
    nameKey: nameKeyOf(subject.name),
    addressKey: addressKeyOf(subject.address),
  }));
  const found = await store.personsNamed(
    tx,
    keyed.map(({ nameKey, bornOn }) => ({ nameKey, bornOn })),
  );
  const taken = Map.groupBy(keyed, ({ nameKey, bornOn }) => `${nameKey} ${bornOn}`);
  return keyed.flatMap(({ pensionNumber, pensionCode, nameKey, bornOn, addressKey }) => {
    const persons = new Set(
      found.filter((one) => one.nameKey === nameKey && one.bornOn === bornOn).map((o) => o.personId),
    );
    const at = found.filter((one) => one.nameKey === nameKey && one.bornOn === bornOn && one.addressKey === addressKey);
    const [only] = at;
    // Two of one name and day on either side, or a person with two pensions: nobody is guessed.
    const alone = persons.size === 1 && (taken.get(`${nameKey} ${bornOn}`)?.length ?? 0) === 1;
    return only !== undefined && alone ? [{ pensionNumber, pensionCode, personId: only.personId }] : [];
  });
}

/** 対象者の結付け by a clerk, who looked at the record of both. */
export const linkSubject = act('resident-tax.link-pension-subject', {
  right: pensionUpdate,
  async run(
    tx,
    deps: PensionDeps,
    command: {
      readonly fiscalYear: number;
      readonly pensionNumber: string;
      readonly pensionCode: string;
      readonly personId: string;
    },
    actor,
  ) {
    await store.lockPensionFiles(tx);
    const waiting = await store.unlinkedSubjects(tx, command.fiscalYear, 10_000);
    const subject = waiting.find(
      (one) => one.pensionNumber === command.pensionNumber && one.pensionCode === command.pensionCode,
    );
    if (subject === undefined) return err('no-such-subject');
    const [person] = (
      await store.personsNamed(tx, [{ nameKey: nameKeyOf(subject.name), bornOn: subject.bornOn }])
    ).filter(({ personId }) => personId === command.personId);
    // Name and birth date of the register: somebody else is never linked, whoever presses.
    if (person === undefined) return err('another-person');
    const linked = await store.insertSubjectLinks(
      tx,
      command.fiscalYear,
      [command],
      nameOf(actor),
      deps.machineClock.now(),
    );
    if (linked === 0) return err('has-a-pension-already');
    tx.record({
      event: 'pension-subject.linked',
      subject: command.personId,
      facts: ['resident_tax.pension_subject_link'],
      detail: { fiscalYear: command.fiscalYear },
    });
    return ok(undefined);
  },
});

/** 結付けを待つ対象者. Names persons. */
export const readUnlinked = act('resident-tax.read-unlinked-pension-subjects', {
  right: pensionRead,
  async run(tx, _deps: PensionDeps, { fiscalYear }: { readonly fiscalYear: number }) {
    const rows = await store.unlinkedSubjects(tx, fiscalYear, 200);
    tx.record({ event: 'pension-subjects.read', detail: { fiscalYear, shown: rows.length } });
    return ok({ rows, total: rows[0]?.total ?? 0 });
  },
});
