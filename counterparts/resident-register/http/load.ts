import { loadPersons } from '@musubi/contracts/juki/load.ts';
import { type Route, route } from '@musubi/kernel/http/server.ts';
import { err } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';
import { loadTown } from '../service/load-town.ts';

/** First residents of a training town, from its conductor; a register in real use refuses. */
export const loadRoute = (deps: Deps, town: boolean): Route =>
  route(loadPersons, async ({ body, actor }) => {
    if (!town) return err('not-a-town');
    const loaded = await loadTown(deps, actor, body);
    if (!loaded.ok) return loaded;
    return { ok: true, value: { ...loaded.value, rejected: [...loaded.value.rejected] } };
  });
