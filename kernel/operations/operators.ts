import type { FunctionRight, RightsTable } from '../access/rights.ts';
import type { NavEntry } from '../pages/app.ts';
import { createOperations, type Operations, type OperationsDeps, type OperationsOptions } from './operations.ts';

const looksAfter: readonly FunctionRight[] = [
  ['operations', 'read'],
  ['alert', 'update'],
];
/** To whom an alert goes that no operator took up, where the system names nobody itself. */
const overseer = 'system-overseer';

/** Whether the system's own table says who looks after it while it runs. */
const namesItsOwn = (table: RightsTable): boolean =>
  Object.values(table.staff).some((may) => may.some(([fn]) => fn === 'operations'));

const isWatchedByKernel = (table: RightsTable): boolean => Object.keys(table.staff).length > 0 && !namesItsOwn(table);

/**
 * A table of rights with those who look after the program: 運用担当 (`system-operator`) and 運用責任者 (`system-overseer`). They see
 * counts, ages and codes and take alerts up; nobody's record. A system that names its own people for it keeps them; one without
 * staff (a stand-in without screens) has none.
 */
export const withOperators = (table: RightsTable): RightsTable =>
  isWatchedByKernel(table)
    ? { ...table, staff: { ...table.staff, 'system-operator': looksAfter, [overseer]: looksAfter } }
    : table;

/** The entry of the menu; none where the system has its own. */
export const operationsNav = (table: RightsTable): NavEntry[] =>
  isWatchedByKernel(table)
    ? [{ label: '運用の状況', href: '/operations', right: [table.system, 'operations', 'read'] }]
    : [];

/** The view of a system that does not make its own; undefined where it does or nobody works there. */
export const usualOperations = <D extends OperationsDeps>(
  table: RightsTable,
  told: Pick<OperationsOptions<D>, 'matters' | 'services'> = {},
): Operations<D> | undefined =>
  isWatchedByKernel(table) ? createOperations<D>({ ...told, system: table.system, escalateTo: overseer }) : undefined;
