import { erasePrintJob, givePrintJob, givePrintPart, readPrintReport } from '@musubi/contracts/printing/jobs.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { eraseJob, report } from '../service/report.ts';
import { takeJob, takePart } from '../service/take-job.ts';

/** The line to the bodies that have their notices printed here. */
export const routes = (deps: Deps): readonly Route[] => [
  route(givePrintJob, ({ body, actor }) => takeJob(deps, actor, body)),
  route(givePrintPart, ({ params, body, actor }) => takePart(deps, actor, { ...params, ...body })),
  route(readPrintReport, ({ params, actor }) => report(deps, actor, params)),
  route(erasePrintJob, ({ params, actor }) => eraseJob(deps, actor, params)),
];
