import { act } from '@musubi/kernel/db/act.ts';
import { ok, type Result } from '@musubi/kernel/result/result.ts';
import type { Deps } from '../deps.ts';

/** The own platform's linkage request goes on to the national server (design §4.2); its content cannot be read here. */
export const noteLinkageRelay = act('municipal-juki.relay-linkage', {
  right: ['municipal-juki', 'linkage', 'update'],
  async run(tx, deps: Deps, { requestId }: { readonly requestId: string }): Promise<Result<undefined, never>> {
    tx.record({
      event: 'linkage.relayed',
      ground: '番号利用法第21条、同法施行令第20条',
      recipient: deps.nationalJuki,
      detail: { requestId },
    });
    return ok(undefined);
  },
});

/** The own register's request for new codes goes up; the answer is encrypted to the register. */
export const noteAssignmentRelay = act('municipal-juki.relay-assignment', {
  right: ['municipal-juki', 'assignment', 'update'],
  async run(tx, deps: Deps, { requestId }: { readonly requestId: string }): Promise<Result<undefined, never>> {
    tx.record({
      event: 'assignment.relayed',
      ground: '住民基本台帳法第30条の3',
      recipient: deps.prefecturalJuki,
      detail: { requestId },
    });
    return ok(undefined);
  },
});
