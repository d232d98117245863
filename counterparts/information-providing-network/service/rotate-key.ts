import { rotateBodyKey } from '@musubi/contracts/exchange/linkage-life.ts';
import { type Actor, act } from '@musubi/kernel/db/act.ts';
import { err, ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

const order = act('key.order-rotation', {
  right: ['information-providing-network', 'body-key', 'update'],
  async run(
    tx,
    deps: Deps,
    { organisation }: { organisation: string },
  ): Promise<Result<{ requestId: string }, 'unknown-organisation'>> {
    if (!deps.bodies.has(organisation)) return err('unknown-organisation');
    const requestId = deps.newId();
    tx.record({ event: 'key.rotation-ordered', recipient: organisation, detail: { requestId } });
    return ok({ requestId });
  },
});

/** 団体の符号の鍵の更新, ordered here and done by the root process, which alone has the keys. */
export async function rotateKey(
  deps: Deps,
  actor: Actor,
  command: { readonly organisation: string },
): Promise<Result<{ version: number }, 'unknown-organisation' | 'unavailable' | 'not-authorised'>> {
  const ordered = await order(deps, actor, command);
  if (!ordered.ok) return ordered;
  const { requestId } = ordered.value;
  const rotated = await deps.peers.call(rotateBodyKey, deps.root, {}, { requestId, ...command });
  return rotated.ok ? rotated : err('unavailable');
}
