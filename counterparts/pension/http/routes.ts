import {
  fetchPensionFile,
  givePensionFile,
  listPensionFiles,
  registerRecipients,
} from '@musubi/contracts/pension-collection/line.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { fetchFile, listFiles } from '../service/give-files.ts';
import { register } from '../service/register.ts';
import { takeFile } from '../service/take-file.ts';

/** The line to the municipalities. */
export const routes = (deps: Deps): readonly Route[] => [
  route(givePensionFile, ({ body, actor }) =>
    takeFile(deps, actor, { fileName: body.fileName, content: Buffer.from(body.content, 'utf8') }),
  ),
  route(listPensionFiles, ({ body, actor }) => listFiles(deps, actor, body)),
  route(fetchPensionFile, ({ body, actor }) => fetchFile(deps, actor, body)),
  route(registerRecipients, ({ body, actor }) => register(deps, actor, body)),
];
