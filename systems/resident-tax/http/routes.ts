import { confirmRecord as confirmEndpoint } from '@musubi/contracts/certificates/records.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { confirmRecord, type RecordDeps } from '../service/certificates/records.ts';

export const routes = (deps: RecordDeps): readonly Route[] => [
  route(confirmEndpoint, ({ body, actor }) => confirmRecord(deps, actor, body)),
];
