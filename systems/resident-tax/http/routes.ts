import { confirmRecord as confirmEndpoint } from '@musubi/contracts/certificates/records.ts';
import { answerTransfer } from '@musubi/contracts/platform/transfers.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { confirmRecord, type RecordDeps } from '../service/certificates/records.ts';
import { answerWithLevies } from '../service/transfers/answer-transfer.ts';

export const routes = (deps: RecordDeps): readonly Route[] => [
  route(answerTransfer, ({ body, actor }) => answerWithLevies(deps, actor, body)),
  route(confirmEndpoint, ({ body, actor }) => confirmRecord(deps, actor, body)),
];
