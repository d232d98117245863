import type { Reject } from '@musubi/kernel/jobs/definition.ts';
import { createMigration, type MigrationDeps, type MigrationTable } from '@musubi/kernel/migration/migration.ts';
import { nameKeyOf } from '../../domain/identity-keys.ts';
import {
  allMigratedLevies,
  allMigratedPersons,
  insertMigratedLevies,
  insertMigratedPersons,
  type MigratedLevy,
  migratedPersons,
  personsByAddressee,
} from '../../store/migrated-ledger.ts';

/** Persons come with the register; the old ledger's are tied to them by number, and only where name and birth date agree (INC-43). */
const persons: MigrationTable<MigrationDeps> = {
  id: 'persons',
  label: '宛名',
  columns: ['宛名番号', '氏名', '生年月日'],
  totals: [],
  facts: ['resident_tax.migrated_person'],
  async load(tx, _deps, migrationId, rows) {
    const numbers = rows.map(({ cells }) => cells.宛名番号 ?? '');
    const known = await personsByAddressee(tx, numbers);
    const before = await migratedPersons(tx, migrationId, numbers);
    const seen = new Set(before.keys());
    const rejects: Reject[] = [];
    const taken = [];
    for (const { rowNumber, cells } of rows) {
      const person = known.get(cells.宛名番号 ?? '');
      const code = !person
        ? 'unknown-person'
        : nameKeyOf(person.name) !== nameKeyOf(cells.氏名 ?? '') || person.birthDate !== cells.生年月日
          ? 'other-person'
          : seen.has(person.addresseeNumber)
            ? 'key-twice'
            : undefined;
      if (code !== undefined || !person) {
        rejects.push({ rowNumber, code: code ?? 'unknown-person' });
        continue;
      }
      seen.add(person.addresseeNumber);
      taken.push({ addresseeNumber: person.addresseeNumber, personId: person.personId });
    }
    await insertMigratedPersons(tx, migrationId, taken);
    return { rejects, subjects: taken.map(({ personId }) => personId) };
  },
  loaded: async (tx, migrationId) => (await allMigratedPersons(tx, migrationId)).map((key) => ({ key, totals: {} })),
};

const keyOf = (levy: Pick<MigratedLevy, 'addresseeNumber' | 'fiscalYear'>): string =>
  `${levy.addresseeNumber}/${levy.fiscalYear}`;
const wholeYen = (text: string | undefined): number | undefined =>
  /^(0|[1-9]\d{0,11})$/.test(text ?? '') ? Number(text) : undefined;

/** Levies of earlier years as the old system decided them. */
const levies: MigrationTable<MigrationDeps> = {
  id: 'levies',
  label: '課税台帳',
  columns: ['宛名番号', '課税年度', '区民税額', '都民税額', '収納済額'],
  totals: ['区民税額', '都民税額', '収納済額'],
  facts: ['resident_tax.migrated_levy'],
  async load(tx, _deps, migrationId, rows) {
    const numbers = rows.map(({ cells }) => cells.宛名番号 ?? '');
    const persons = await migratedPersons(tx, migrationId, numbers);
    const rejects: Reject[] = [];
    const taken = new Map<string, MigratedLevy>();
    for (const { rowNumber, cells } of rows) {
      const levy = {
        addresseeNumber: cells.宛名番号 ?? '',
        fiscalYear: /^(199\d|20\d\d)$/.test(cells.課税年度 ?? '') ? Number(cells.課税年度) : undefined,
        wardYen: wholeYen(cells.区民税額),
        metropolisYen: wholeYen(cells.都民税額),
        paidYen: wholeYen(cells.収納済額),
      };
      if (Object.values(levy).includes(undefined)) rejects.push({ rowNumber, code: 'not-a-figure' });
      else if (!persons.has(levy.addresseeNumber)) rejects.push({ rowNumber, code: 'person-not-taken-over' });
      else if (taken.has(keyOf(levy as MigratedLevy))) rejects.push({ rowNumber, code: 'key-twice' });
      else taken.set(keyOf(levy as MigratedLevy), levy as MigratedLevy);
    }
    await insertMigratedLevies(tx, migrationId, [...taken.values()]);
    return {
      rejects,
      subjects: [...taken.values()].flatMap(({ addresseeNumber }) => persons.get(addresseeNumber) ?? []),
    };
  },
  loaded: async (tx, migrationId) =>
    (await allMigratedLevies(tx, migrationId)).map((levy) => ({
      key: keyOf(levy),
      totals: { 区民税額: levy.wardYen, 都民税額: levy.metropolisYen, 収納済額: levy.paidYen },
    })),
};

/** @source 特定個人情報保護評価書 002 Ⅱ.6, Ⅱ.7; W29; AC-38 */
export const migration = createMigration<MigrationDeps>({
  system: 'resident-tax',
  tables: [persons, levies],
  eraseWithinDays: 30,
});
