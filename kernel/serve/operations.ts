import type { RightsTable } from '../access/rights.ts';
import type { OperationsDeps } from '../operations/operations.ts';
import { usualOperations } from '../operations/operators.ts';
import { operationsPages } from '../operations/pages.ts';
import type { Host, Instance } from './host.ts';

/** The operators' view of a system that makes none itself: its page, and the loop that watches. */
export function mountOperations(
  host: Host,
  table: RightsTable,
  { pages, watched = {} }: Instance,
): ((signal: AbortSignal) => Promise<void>)[] {
  const { matters, services } = watched;
  const operations = usualOperations<OperationsDeps>(table, {
    ...(matters && { matters: (tx) => matters(tx) }),
    ...(services && { services: (tx, _deps, from) => services(tx, from) }),
  });
  if (operations === undefined || pages === undefined) return [];
  const { notifications, alarms, identity, onError } = host;
  const deps: OperationsDeps = { ...host.deps, identity };
  operationsPages(pages, deps, operations);
  return [
    (signal) =>
      operations.loop(deps, { notifications, alarms, signal, onError: (error) => onError(error, 'operations') }),
  ];
}
