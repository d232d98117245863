import { readTaxImage } from '@musubi/contracts/tax-documents/filing.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import type { Deps } from '../deps.ts';
import { provideImage } from '../service/read.ts';

export const routes = (deps: Deps): readonly Route[] => [
  route(readTaxImage, ({ body, actor }) => provideImage(deps, actor, body)),
];
